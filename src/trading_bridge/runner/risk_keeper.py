"""What bots' limits remember, on its way to storage."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from trading_bridge.clock import Clock
from trading_bridge.core.risk.state import RiskState
from trading_bridge.errors import TradingBridgeError
from trading_bridge.logs import get_logger
from trading_bridge.runner.risk_seat import Seat
from trading_bridge.storage.journal import Journal
from trading_bridge.storage.journal_rows import StoreRisk, Written
from trading_bridge.storage.repositories.risk import written

#: a bot's is written at most so often, but a halt at once
EVERY_S = 1.0

_log = get_logger("risk")


class Keeper:
    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock

    def keep(self, bot_id: str, seat: Seat) -> None:
        """Hands over what changed, where nothing of the bot is under way; waits for nothing."""
        state, stored = seat.state, seat.stored
        if state is stored or seat.still or seat.writing is not None or state.basis is None:
            return
        halted = stored is None or state.halt is not stored.halt
        if not halted and self._clock.monotonic() < seat.written_next:
            return
        seat.written_next = self._clock.monotonic() + EVERY_S
        seat.writing = self._journal.write(StoreRisk(bot_id=bot_id, state=written(state)))
        seat.writing.add_done_callback(partial(_heard, bot_id, seat, state))

    async def kept(self, bot_id: str, seat: Seat) -> None:
        """Waits where what the bot's shares are of was never stored. Raises NotReady."""
        self.keep(bot_id, seat)
        if (seat.stored is None or seat.stored.basis is None) and seat.writing is not None:
            await asyncio.shield(seat.writing)

    @asynccontextmanager
    async def still(self, seat: Seat) -> AsyncIterator[None]:
        """Nothing of the bot is under way, and nothing is handed over."""
        seat.still += 1
        try:
            if seat.writing is not None:
                await asyncio.wait([seat.writing])
            yield
        finally:
            seat.still -= 1


def _heard(bot_id: str, seat: Seat, state: RiskState, writing: "asyncio.Future[tuple[Written, ...]]") -> None:
    seat.writing = None
    if writing.cancelled():
        return
    error = writing.exception()
    if error is None:
        seat.stored = state
        return
    assert isinstance(error, TradingBridgeError)
    _log.warning("limits of a bot not stored", bot=bot_id, code=error.code, error=error.message)
