"""Who is signed in: only hashes of tokens are stored."""

from datetime import datetime

from sqlalchemy import delete, insert, select

from trading_bridge.core.user import SignIn
from trading_bridge.storage.repositories.context import Context
from trading_bridge.storage.tables import sessions


class SignIns:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._connection = context.connection

    async def add(self, *, token_hash: str, user_id: str, expires_at: datetime) -> SignIn:
        """Also forgets those that have run out."""
        now = self._context.clock.now()
        await self._connection.execute(delete(sessions).where(sessions.c.expires_at <= now))
        await self._connection.execute(
            insert(sessions).values(token_hash=token_hash, user_id=user_id, created_at=now, expires_at=expires_at)
        )
        return SignIn(token_hash=token_hash, user_id=user_id, created_at=now, expires_at=expires_at)

    async def by_token_hash(self, token_hash: str) -> SignIn | None:
        """None also when it has run out."""
        found = await self._connection.execute(
            select(sessions).where(
                sessions.c.token_hash == token_hash, sessions.c.expires_at > self._context.clock.now()
            )
        )
        row = found.one_or_none()
        if row is None:
            return None
        return SignIn(
            token_hash=row.token_hash, user_id=row.user_id, created_at=row.created_at, expires_at=row.expires_at
        )

    async def delete(self, token_hash: str) -> None:
        await self._connection.execute(delete(sessions).where(sessions.c.token_hash == token_hash))
