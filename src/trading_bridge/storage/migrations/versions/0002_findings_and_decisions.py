"""Findings, decisions, egress addresses, facts about keys

The version before works on with this schema: it names its columns, and those that are new may be empty.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("connectors", sa.Column("key_label", sa.String(), nullable=True))
    op.add_column("connectors", sa.Column("key_set_at", TIME, nullable=True))
    op.add_column("connectors", sa.Column("key_set_by", sa.String(), nullable=True))
    op.add_column("connectors", sa.Column("key_last_success_at", TIME, nullable=True))
    op.create_table(
        "findings",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("first_seen", TIME, nullable=False),
        sa.Column("last_seen", TIME, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("resolved_at", TIME, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("note_by", sa.String(), nullable=True),
        sa.Column("note_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
    )
    op.create_index("ix_findings_first_seen_id", "findings", ["first_seen", "id"], unique=False)
    op.create_index(
        "ix_findings_open",
        "findings",
        ["first_seen"],
        unique=False,
        sqlite_where=sa.text("resolved_at IS NULL"),
        postgresql_where=sa.text("resolved_at IS NULL"),
    )
    op.create_index(
        "ix_findings_subject_kind_subject_id_first_seen",
        "findings",
        ["subject_kind", "subject_id", "first_seen"],
        unique=False,
    )
    op.create_table(
        "decisions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("bot_id", sa.String(), nullable=False),
        sa.Column("decided_at", TIME, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("finding_code", sa.String(), nullable=True),
        sa.Column("wanted", sa.Text(), nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("cycles", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["bot_id"], ["bots.id"], name=op.f("fk_decisions_bot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index("ix_decisions_bot_id_decided_at", "decisions", ["bot_id", "decided_at"], unique=False)
    op.create_table(
        "egress_addresses",
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("first_seen", TIME, nullable=False),
        sa.Column("last_seen", TIME, nullable=False),
        sa.PrimaryKeyConstraint("route", "family", "address", name=op.f("pk_egress_addresses")),
    )
