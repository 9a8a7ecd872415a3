"""Orders that nobody can record are not left alone: after a while without storage they are cancelled, one by one."""

import asyncio

from trading_bridge.accounts.account import Account
from trading_bridge.accounts.manager import ExchangeManager
from trading_bridge.clock import Clock, within
from trading_bridge.logs import get_logger
from trading_bridge.storage.journal import Journal

#: without storage for so long (faults S2)
CANCEL_AFTER_S = 30.0
LOOK_EVERY_S = 1.0
#: for the exchange's answer; what is to be written about it waits for nobody here
CANCEL_WITHIN_S = 10.0

_log = get_logger("storage")


class StorageWatch:
    def __init__(self, *, journal: Journal, manager: ExchangeManager, clock: Clock) -> None:
        self._journal = journal
        self._manager = manager
        self._clock = clock

    async def run(self) -> None:
        """Never ends."""
        while True:
            await self._clock.sleep(LOOK_EVERY_S)
            if self._away():
                await asyncio.gather(*(self._clear(account) for account in self._manager.accounts()))

    def _away(self) -> bool:
        return self._journal.without_storage_s() >= CANCEL_AFTER_S

    async def _clear(self, account: Account) -> None:
        """By id, so that what was placed by hand, and what other programs placed, stays."""
        for order in account.tracker.live():
            if not self._away():
                return
            _log.warning("cancelled without storage", client_order_id=order.client_order_id)
            await within(self._clock, CANCEL_WITHIN_S, account.cancel(order.client_order_id))
