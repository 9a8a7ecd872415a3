"""Up to where looks at own trades have told everything

The version before works on with this schema: it does not read the table. Where it holds nothing of a market yet, the
market's trades are read again since the connector was made.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trade_marks",
        sa.Column("connector_id", sa.String(), nullable=False),
        sa.Column("symbol", sa.String(), nullable=False),
        sa.Column("trade_id", sa.String(), nullable=False),
        sa.Column("exchange_time", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["connector_id"], ["connectors.id"], name=op.f("fk_trade_marks_connector_id")),
        sa.PrimaryKeyConstraint("connector_id", "symbol", name=op.f("pk_trade_marks")),
    )
