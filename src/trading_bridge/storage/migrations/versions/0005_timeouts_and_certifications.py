"""How long a connector's answers are waited for, and what was certified in the field

The version before works on with this schema: it reads neither, and waits as long as it always did.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("connectors", sa.Column("timeout_s", sa.Integer()))
    op.create_table(
        "certifications",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("connector_id", sa.String(), nullable=False),
        sa.Column("exchange", sa.String(), nullable=False),
        sa.Column("base_url", sa.String()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("symbol", sa.String()),
        sa.Column("build", sa.String(), nullable=False),
        sa.Column("ccxt", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["connector_id"], ["connectors.id"], name=op.f("fk_certifications_connector_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certifications")),
    )
