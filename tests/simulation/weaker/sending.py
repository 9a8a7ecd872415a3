"""Weaker parts of a send: what is stored, checked and signed before it, and what is kept of it."""

import asyncio
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any

from trading_bridge.accounts.listing import ListingSession
from trading_bridge.core.decision import Reason, Wanted
from trading_bridge.core.market import Market
from trading_bridge.core.order import Order
from trading_bridge.core.outcome import Outcome, Unresolved
from trading_bridge.execution.executor import Executor
from trading_bridge.execution.work import Applied, Work
from trading_bridge.runner.runner import Runner
from trading_bridge.storage.database import Database
from trading_bridge.storage.journal import Journal, OpenIntent, Row, UpdateOrder, Written
from trading_bridge.storage.journal_group import Under


class IntentWithAnswer(Journal):
    """Stores an intent once something is known of its order, and lets the send go on at once."""

    def __init__(self, database: Database, under: Under | None = None) -> None:
        super().__init__(database, under)
        self._kept: dict[str, OpenIntent] = {}  # client_order_id -> not stored yet

    def write(self, *rows: Row) -> "asyncio.Future[tuple[Written, ...]]":
        if len(rows) == 1 and isinstance(rows[0], OpenIntent):
            self._kept[rows[0].order.client_order_id] = rows[0]
            done: asyncio.Future[tuple[Written, ...]] = asyncio.get_running_loop().create_future()
            done.set_result((Written(state=rows[0].order.state),))
            return done
        for row in rows:
            if isinstance(row, UpdateOrder) and row.client_order_id in self._kept:
                super().write(self._kept.pop(row.client_order_id)).add_done_callback(_forgotten)
        return super().write(*rows)


def _forgotten(writing: "asyncio.Future[tuple[Written, ...]]") -> None:
    if not writing.cancelled():
        writing.exception()


class Resending(ListingSession):
    """Sends a create again that was not answered, as ccxt does where its retries are on."""

    async def create_order(self, market: Market, order: Order) -> Outcome[str]:
        answer = await super().create_order(market, order)
        return await super().create_order(market, order) if isinstance(answer, Unresolved) else answer


class CheckedBeforehand(Executor):
    """Looks at the lease, and at all else that forbids a send, before the intent is stored, and not again."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self._checked: dict[str, Reason | None] = {}  # decision_id -> what was found

    def _intent(self, work: Work, wish: Wanted, signed_at: datetime) -> Order:
        self._checked[work.decision_id] = super()._barred(work, signed_at)
        return super()._intent(work, wish, signed_at)

    def _barred(self, work: Work, signed_at: datetime) -> Reason | None:
        return self._checked.get(work.decision_id)


class SignedAtLast(ListingSession):
    """Signs the time at which the request leaves."""

    async def create_order(self, market: Market, order: Order) -> Outcome[str]:
        return await super().create_order(market, replace(order, signed_at=None))


class _Counting:
    def __init__(self) -> None:
        self._numbers = count(1)

    def token(self, length: int) -> str:
        return f"{next(self._numbers):0{length}d}"


class CountedIds(Executor):
    """Client order ids end in a number that counts from 1 in each process."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**{**parts, "entropy": _Counting()})


class SendInCycle(Executor):
    """A send ends with the task that asked for it."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self._sends: dict[str, list[asyncio.Task[None]]] = {}  # bot_id -> of its cycle

    async def apply(self, work: Work) -> Applied:
        self._sends[work.bot.id] = []
        try:
            return await super().apply(work)
        except asyncio.CancelledError:
            for send in self._sends[work.bot.id]:
                send.cancel()
            raise

    def _begin(self, work: Work, wish: Wanted, applied: Applied) -> "asyncio.Task[None]":
        send = super()._begin(work, wish, applied)
        self._sends[work.bot.id].append(send)
        return send


class KillUnasked(Runner):
    """Kills and holds end a bot's task, and no send asks about them, nor about a stop."""

    def _gate(self, bot_id: str) -> Reason | None:
        return Reason(code="runner.stopping") if self._closing else self._barred(bot_id)
