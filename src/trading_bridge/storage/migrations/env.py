"""Run by Alembic with the connection that `storage.migrate` holds; configures no logging, prints nothing."""

from alembic import context
from sqlalchemy import Connection

from trading_bridge.storage.tables import metadata

connection: Connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
