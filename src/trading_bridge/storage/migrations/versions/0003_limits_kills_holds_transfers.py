"""Limits and their counters, kills, holds, transfers, budgets, leases with an expiry

The version before works on with this schema: it names its columns, and those that are new may be empty.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
AMOUNT = sa.Text().with_variant(sa.Numeric(), "postgresql")


def _partial(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def upgrade() -> None:
    op.create_table(
        "holds",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("scope_kind", sa.String(), nullable=False),
        sa.Column("scope_id", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("orders", sa.String(), nullable=False),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=True),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("lifted_at", TIME, nullable=True),
        sa.Column("lifted_by", sa.String(), nullable=True),
        sa.Column("lift_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
    _partial("ix_holds_active", "holds", ["starts_at"], "lifted_at IS NULL")
    op.create_table(
        "kills",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("scope_kind", sa.String(), nullable=False),
        sa.Column("scope_id", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.Column("done_at", TIME, nullable=True),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("rearmed_at", TIME, nullable=True),
        sa.Column("rearmed_by", sa.String(), nullable=True),
        sa.Column("rearm_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kills")),
    )
    _partial("ix_kills_active", "kills", ["asked_at"], "rearmed_at IS NULL")
    op.create_table(
        "limit_settings",
        sa.Column("scope_kind", sa.String(), nullable=False),
        sa.Column("scope_id", sa.String(), nullable=False),
        sa.Column("limits", sa.Text(), nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("scope_kind", "scope_id", name=op.f("pk_limit_settings")),
    )
    op.create_table(
        "bot_risk",
        sa.Column("bot_id", sa.String(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["bot_id"], ["bots.id"], name=op.f("fk_bot_risk_bot_id")),
        sa.PrimaryKeyConstraint("bot_id", name=op.f("pk_bot_risk")),
    )
    op.create_table(
        "transfers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("exchange", sa.String(), nullable=False),
        sa.Column("exchange_account", sa.String(), nullable=False),
        sa.Column("connector_id", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("amount", AMOUNT, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("exchange_id", sa.String(), nullable=True),
        sa.Column("label", sa.String(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("labelled_by", sa.String(), nullable=True),
        sa.Column("labelled_at", TIME, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["connector_id"], ["connectors.id"], name=op.f("fk_transfers_connector_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfers")),
    )
    op.create_index("ix_transfers_connector_id_at", "transfers", ["connector_id", "at"], unique=False)
    _partial("ix_transfers_unlabelled", "transfers", ["connector_id"], "label IS NULL")
    _partial(
        "uq_transfers_exchange_exchange_account_exchange_id",
        "transfers",
        ["exchange", "exchange_account", "exchange_id"],
        "exchange_id IS NOT NULL",
        unique=True,
    )
    op.create_index("ix_trade_logs_bot_id_id", "trade_logs", ["bot_id", "id"], unique=False)
    op.add_column("bots", sa.Column("budget_base", AMOUNT, nullable=True))
    op.add_column("bots", sa.Column("budget_quote", AMOUNT, nullable=True))
    op.add_column("balance_snapshots", sa.Column("booked", sa.Text(), nullable=True))
    op.add_column("connectors", sa.Column("manual_trading", sa.String(), server_default="none", nullable=False))
    op.add_column("connectors", sa.Column("strangers", sa.Text(), nullable=True))
    op.add_column("connectors", sa.Column("strangers_answered_at", TIME, nullable=True))
    op.add_column("leases", sa.Column("holder", sa.String(), nullable=True))
    op.add_column("leases", sa.Column("expires_at", TIME, nullable=True))
    op.add_column("leases", sa.Column("build", sa.String(), nullable=True))
    op.add_column("decisions", sa.Column("config", sa.String(), nullable=True))
    op.add_column("orders", sa.Column("frozen", sa.String(), nullable=True))
