"""Clients, by id and by the identifier they are known by."""

from sqlalchemy import insert, select, update

from trading_bridge.core.client import Client, account_key
from trading_bridge.errors import Conflict, NotFound
from trading_bridge.storage.page import PAGE_SIZE, Page, after, compared
from trading_bridge.storage.repositories.context import Context
from trading_bridge.storage.tables import bots, clients, connectors
from trading_bridge.storage.types import AnyRow

_LIVING = select(clients).where(clients.c.deleted_at.is_(None))


class Clients:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._connection = context.connection

    async def add(self, *, name: str, account: str) -> Client:
        """Raises Conflict where the account exists, in whatever letter case."""
        client = Client(id=self._context.new_id(), name=name, account=account, created_at=self._context.clock.now())
        await self._context.write(
            insert(clients).values(
                id=client.id, name=name, account=account, account_key=account_key(account), created_at=client.created_at
            ),
            _taken(account),
        )
        return client

    async def get(self, client_id: str) -> Client | None:
        found = await self._connection.execute(_LIVING.where(clients.c.id == client_id))
        return _optional(found.one_or_none())

    async def by_account(self, account: str) -> Client | None:
        found = await self._connection.execute(_LIVING.where(clients.c.account_key == account_key(account)))
        return _optional(found.one_or_none())

    async def list(self, cursor: str | None = None, limit: int = PAGE_SIZE) -> Page[Client]:
        """Oldest first."""
        wanted = _LIVING.order_by(clients.c.created_at, clients.c.id).limit(limit + 1)
        if cursor is not None:
            rows, last = compared(clients.c.created_at, clients.c.id, cursor, str)
            wanted = wanted.where(rows > last)
        found = tuple(_client(row) for row in await self._connection.execute(wanted))
        more = after(found[limit - 1].created_at, found[limit - 1].id) if len(found) > limit else None
        return Page(items=found[:limit], next=more)

    async def update(self, client_id: str, *, name: str, account: str) -> Client:
        """Raises NotFound, or Conflict where another client has the account."""
        changed = await self._context.write(
            update(clients)
            .where(clients.c.id == client_id, clients.c.deleted_at.is_(None))
            .values(name=name, account=account, account_key=account_key(account)),
            _taken(account),
        )
        if changed == 0:
            raise _missing(client_id)
        client = await self.get(client_id)
        assert client is not None
        return client

    async def delete(self, client_id: str) -> None:
        """Its connectors go with it, and their secrets for good. Raises NotFound; Conflict while it has bots."""
        kept = await self._connection.execute(
            select(bots.c.name).where(bots.c.client_id == client_id, bots.c.archived_at.is_(None)).limit(1)
        )
        if (bot := kept.scalar_one_or_none()) is not None:
            raise Conflict(
                "client.has_bots",
                f"The client still has bots, such as {bot}.",
                field="client_id",
                remedy="Delete its bots first.",
            )
        now = self._context.clock.now()
        gone = await self._connection.execute(
            update(clients).where(clients.c.id == client_id, clients.c.deleted_at.is_(None)).values(deleted_at=now)
        )
        if gone.rowcount == 0:
            raise _missing(client_id)
        await self._connection.execute(
            update(connectors)
            .where(connectors.c.client_id == client_id, connectors.c.deleted_at.is_(None))
            .values(deleted_at=now, updated_at=now, credentials=None, proxy_url=None, version=connectors.c.version + 1)
        )


def _client(row: AnyRow) -> Client:
    return Client(id=row.id, name=row.name, account=row.account, created_at=row.created_at)


def _optional(row: AnyRow | None) -> Client | None:
    return None if row is None else _client(row)


def _taken(account: str) -> Conflict:
    return Conflict(
        "client.exists",
        f"a client with the account {account.strip()!r} exists; letter case does not tell two apart",
        field="account",
        remedy="Choose another account, or use the client that has it.",
    )


def _missing(client_id: str) -> NotFound:
    return NotFound("client.not_found", f"there is no client {client_id!r}")
