"""Run by Alembic with the connection that `storage.migrate` holds; configures no logging, prints nothing."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

from trading_bridge.storage.tables import metadata
from trading_bridge.storage.types import Amount, UtcTime, Word


def frozen_type(kind: str, item: object, autogen: AutogenContext) -> str | Literal[False]:
    """A migration says what a column is in the database, and follows no later change of our types."""
    if isinstance(item, Amount):
        return 'sa.Text().with_variant(sa.Numeric(), "postgresql")'
    if isinstance(item, UtcTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, Word):
        return "sa.String()"
    return False


connection: Connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, compare_type=True, render_item=frozen_type)
with context.begin_transaction():
    context.run_migrations()
