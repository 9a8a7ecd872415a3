"""What every repository of one unit of work shares."""

from dataclasses import dataclass

from sqlalchemy import Insert, Update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from trading_bridge.clock import Clock, Entropy
from trading_bridge.errors import TradingBridgeError
from trading_bridge.storage.faults import is_duplicate
from trading_bridge.storage.secrets import Secrets

_ID_LENGTH = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    connection: AsyncConnection
    secrets: Secrets
    clock: Clock
    entropy: Entropy

    def new_id(self) -> str:
        return self.entropy.token(_ID_LENGTH)

    async def write(self, statement: Insert | Update, duplicate: TradingBridgeError) -> int:
        """Rows written; raises `duplicate` where a unique value exists already, and the unit of work goes on."""
        try:
            async with self.connection.begin_nested():
                return (await self.connection.execute(statement)).rowcount
        except IntegrityError as error:
            if is_duplicate(error):
                raise duplicate from None
            raise
