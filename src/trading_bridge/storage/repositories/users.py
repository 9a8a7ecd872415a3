"""People who may sign in."""

from sqlalchemy import func, insert, select

from trading_bridge.core.user import Role, User, email_key
from trading_bridge.errors import Conflict
from trading_bridge.storage.repositories.context import Context
from trading_bridge.storage.tables import users
from trading_bridge.storage.types import AnyRow


class Users:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._connection = context.connection

    async def add(self, *, email: str, password_hash: str, role: Role = Role.ADMIN) -> User:
        """Raises Conflict where the e-mail address exists, in whatever letter case."""
        user = User(
            id=self._context.new_id(),
            email=email.strip(),
            password_hash=password_hash,
            role=role,
            created_at=self._context.clock.now(),
        )
        await self._context.write(
            insert(users).values(
                id=user.id,
                email=user.email,
                email_key=email_key(email),
                password_hash=password_hash,
                role=role,
                created_at=user.created_at,
            ),
            Conflict("user.exists", "a user with this e-mail address exists", field="email"),
        )
        return user

    async def get(self, user_id: str) -> User | None:
        found = await self._connection.execute(select(users).where(users.c.id == user_id))
        return _optional(found.one_or_none())

    async def by_email(self, email: str) -> User | None:
        found = await self._connection.execute(select(users).where(users.c.email_key == email_key(email)))
        return _optional(found.one_or_none())

    async def count(self) -> int:
        return (await self._connection.execute(select(func.count()).select_from(users))).scalar_one()


def _optional(row: AnyRow | None) -> User | None:
    if row is None:
        return None
    return User(id=row.id, email=row.email, password_hash=row.password_hash, role=row.role, created_at=row.created_at)
