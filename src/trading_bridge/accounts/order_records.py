"""Own orders and their fills on their way to storage: together in one transaction, and never the end of a task."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from trading_bridge.accounts.tracked import Tracked
from trading_bridge.clock import Clock
from trading_bridge.core.contradiction import Wrong
from trading_bridge.core.fill import exact_sum
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.lifecycle import Doubted, Stored, Update
from trading_bridge.core.order import Order, OrderState, is_final
from trading_bridge.core.trade import Trade
from trading_bridge.errors import NotReady, StorageRefused
from trading_bridge.logs import get_logger
from trading_bridge.storage.journal import Journal
from trading_bridge.storage.journal_rows import Row, StoreFill, UpdateOrder, Written

_Writing = asyncio.Future[tuple[Written, ...]]

_log = get_logger("orders")


class OrderRecords:
    def __init__(
        self,
        *,
        exchange: str,
        connector_id: str,
        journal: Journal,
        clock: Clock,
        take: Callable[[Tracked, Update], object],
        on_fill: Callable[[str, Trade], None],
        on_corrected: Callable[[Trade, Trade], None],
    ) -> None:
        """`on_corrected` hears a stored fill whose fee has changed: as it was, as it is."""
        self._exchange = exchange
        self._connector_id = connector_id
        self._journal = journal
        self._clock = clock
        #: moves an order by what storage said
        self._take = take
        self._on_fill = on_fill
        self._on_corrected = on_corrected

    async def write(self, tracked: Tracked, fills: tuple[Trade, ...] = ()) -> Finding | None:
        """Stores an order and its fills; why that is not possible now. What storage refuses for good freezes the order.
        Whoever waits may be cancelled: what was handed over is counted all the same."""
        order, fresh = tracked.order, tuple(fill for fill in fills if is_news(fill, tracked.life.stored))
        owed = _owes(tracked)
        failed = await self._write(tracked, fresh, order.bot_id)
        news = tracked.order is not order and tracked.unwritten
        if failed is None and (news or (owed and not _owes(tracked))):
            failed = await self._write(tracked, (), order.bot_id)  # only storage knew which fills were new
        return failed

    def note(self, tracked: Tracked) -> None:
        """Hands an order over, and waits for nothing; what storage cannot take now is written with its next change."""
        order = tracked.order
        self._journal.write(self._update(tracked)).add_done_callback(partial(self._written, tracked, order, ()))

    async def _write(self, tracked: Tracked, fills: tuple[Trade, ...], bot_id: str | None) -> Finding | None:
        order = tracked.order
        writing = self._journal.write(*self._fills(order, fills, bot_id), self._update(tracked))
        try:
            # who is cancelled here hears no answer: an order is then written once more, fills would never be counted
            await (asyncio.shield(writing) if fills else writing)
        except NotReady as error:
            return self._finding(error)
        except StorageRefused as refused:
            if refused.code == "bot.unknown" and bot_id is not None:
                return await self._write(tracked, fills, None)  # its bot is gone, its money is not
            if refused.code == "lease.lost":
                return self._finding(refused)  # whoever has it now reads them from the exchange
            if refused.code == "order.unknown" and order.state is OrderState.NOT_SENT:
                tracked.stored = order  # it reached neither the exchange nor storage
                return None
            return await self._freeze(tracked, fills, refused)
        except asyncio.CancelledError:
            writing.add_done_callback(partial(self._written, tracked, order, fills))
            raise
        self._written(tracked, order, fills, writing)
        return None

    async def _freeze(self, tracked: Tracked, fills: tuple[Trade, ...], refused: StorageRefused) -> Finding | None:
        """The fills are kept where that is possible, and so is the mark; neither is tried for ever."""
        code = refused.code.removeprefix("order.")
        self._take(tracked, Doubted(wrong=Wrong(code=code, detail=refused.message)))
        order = tracked.order
        mark = UpdateOrder(client_order_id=order.client_order_id, state=tracked.stored.state, frozen=order.frozen)
        for rows, stored in ((self._fills(order, fills, order.bot_id), fills), ([mark], ())):
            if not rows:
                continue
            writing = self._journal.write(*rows)
            try:
                await asyncio.shield(writing)
            except NotReady as error:
                return self._finding(error)
            except StorageRefused as again:
                _log.error("not stored", client_order_id=order.client_order_id, code=again.code, detail=again.message)
            else:
                self._written(tracked, order, stored, writing)
        tracked.stored = tracked.order
        return None

    def _written(self, tracked: Tracked, order: Order, fills: tuple[Trade, ...], writing: _Writing) -> None:
        if writing.cancelled() or writing.exception() is not None:
            return
        tracked.stored = order
        if not fills:
            return
        rows = tuple(zip(fills, writing.result(), strict=False))
        new = tuple(fill for fill, row in rows if not row.duplicate)
        self._take(tracked, Stored(trades=fills, new=new))
        for fill in new:
            self._on_fill(order.bot_id, fill)
        for fill, row in rows:
            if row.corrected is not None:
                fee, currency = row.corrected
                was = replace(fill, fee=fee, fee_currency=currency)
                self._on_corrected(was, replace(fill, fee_currency=fill.fee_currency or currency))

    def _fills(self, order: Order, fills: Sequence[Trade], bot_id: str | None) -> list[Row]:
        return [
            StoreFill(
                trade=fill,
                exchange=self._exchange,
                connector_id=self._connector_id,
                bot_id=bot_id,
                client_order_id=order.client_order_id,
            )
            for fill in fills
        ]

    def _update(self, tracked: Tracked) -> UpdateOrder:
        """An end that owes fills is stored as open until they are there."""
        order = tracked.order
        return UpdateOrder(
            client_order_id=order.client_order_id,
            state=OrderState.PARTIALLY_FILLED if _owes(tracked) else order.state,
            exchange_order_id=order.exchange_order_id,
            filled=order.filled,
            refusal_code=order.refusal_code,
            refusal_text=order.refusal_text,
            frozen=order.frozen,
        )

    def _finding(self, error: NotReady | StorageRefused) -> Finding:
        return Finding(
            code=error.code, severity=Severity.CRITICAL, since=self._clock.now(), parameters={"detail": error.message}
        )


def is_news(fill: Trade, stored: Mapping[str, Trade]) -> bool:
    """It is not stored, or with another fee."""
    before = stored.get(fill.trade_id)
    return before is None or (before.fee, before.fee_currency) != (fill.fee, fill.fee_currency)


def _owes(tracked: Tracked) -> bool:
    """It has ended, and fills of it are missing."""
    life = tracked.life
    order = life.order
    if not is_final(order.state) or order.frozen is not None:
        return False
    return max(life.booked, exact_sum(*life.told.values())) < order.filled
