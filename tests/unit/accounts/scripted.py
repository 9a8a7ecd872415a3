"""A session whose answers the test writes, a stream of what it pushes, a journal that keeps what it is given."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.factories import NOW, market
from trading_bridge.clock import ManualClock
from trading_bridge.core.finding import Evidence, Finding, Severity
from trading_bridge.core.known import Known, Ok
from trading_bridge.core.market import Market
from trading_bridge.core.outcome import Answered, Unresolved
from trading_bridge.errors import StorageRefused
from trading_bridge.exchanges.order_stream import Pushed
from trading_bridge.exchanges.streaming import StreamBroken
from trading_bridge.storage.journal_rows import StoreFill, Written


def answered(value: Any) -> Answered[Any]:
    return Answered(value=value, evidence=Evidence(call="test"))


def failed(code: str = "exchange.no_answer") -> Unresolved:
    return Unresolved(finding=Finding(code=code, severity=Severity.WARNING, since=NOW))


@dataclass
class ScriptedSession:
    """Each call takes the next of its answers, the last one for ever; what was asked is kept."""

    answers: dict[str, list[Any]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    #: called while a request is under way
    during: Callable[[str], None] = lambda _: None

    def __getattr__(self, call: str) -> Any:
        if call.startswith("__"):
            raise AttributeError(call)

        async def ask(*_: Any, **named: Any) -> Any:
            self.asked.append((call, named))
            self.during(call)
            await asyncio.sleep(0)
            script = self.answers[call]
            return script.pop(0) if len(script) > 1 else script[0]

        return ask

    def count(self, call: str) -> int:
        return sum(1 for name, _ in self.asked if name == call)


class OneMarket:
    """Rules that know the one market."""

    def __init__(self) -> None:
        self.listed: Market | None = market()

    async def market(self, symbol: str, *, force: bool = False) -> Known[Market | None]:
        return self.known(symbol)

    def known(self, symbol: str) -> Known[Market | None]:
        return Ok(value=self.listed, as_of=NOW)


class KeptJournal:
    def __init__(self) -> None:
        self.rows: list[Any] = []
        #: the code for which a row, and its call with it, is refused
        self.refusing: Callable[[Any], str | None] = lambda _: None
        self._fills: set[str] = set()

    def write(self, *rows: Any) -> "asyncio.Future[tuple[Written, ...]]":
        code = next((code for row in rows if (code := self.refusing(row)) is not None), None)
        if code is not None:
            refused: asyncio.Future[tuple[Written, ...]] = asyncio.get_running_loop().create_future()
            refused.set_exception(StorageRefused(code, "not taken"))
            return refused
        self.rows.extend(rows)
        written = tuple(Written(duplicate=self._seen(row), state=None) for row in rows)
        done: asyncio.Future[tuple[Written, ...]] = asyncio.get_running_loop().create_future()
        done.set_result(written)
        return done

    def _seen(self, row: Any) -> bool:
        if not isinstance(row, StoreFill):
            return False
        seen = row.trade.trade_id in self._fills
        self._fills.add(row.trade.trade_id)
        return seen


class ScriptedStream:
    """Tells what the test pushes, until the test breaks it."""

    def __init__(self) -> None:
        self.begun = 0
        self.ended = 0
        #: why it cannot be subscribed to
        self.refused: str | None = None
        self._said: asyncio.Queue[Pushed | str] = asyncio.Queue()

    def push(self, pushed: Pushed) -> None:
        self._said.put_nowait(pushed)

    def break_off(self, words: str = "cut") -> None:
        self._said.put_nowait(words)

    async def begin(self) -> None:
        self.begun += 1
        if self.refused is not None:
            raise StreamBroken(self.refused)

    async def run(self, hear: Callable[[Pushed], None]) -> None:
        while not isinstance(said := await self._said.get(), str):
            hear(said)
        raise StreamBroken(said)

    async def end(self) -> None:
        self.ended += 1


def spawn(coroutine: Any) -> "asyncio.Task[Any]":
    return asyncio.ensure_future(coroutine)


__all__ = [
    "KeptJournal",
    "ManualClock",
    "OneMarket",
    "ScriptedSession",
    "ScriptedStream",
    "answered",
    "failed",
    "spawn",
]
