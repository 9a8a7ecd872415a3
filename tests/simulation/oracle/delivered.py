"""What each server was told by the exchange of books, balances and rules, and when: nothing else can it decide by."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from tests.simulation.oracle.invariant import Facts
from tests.simulation.oracle.ours import Ours, crossing, shared
from tests.simulation.watch import Call, Heard, Push, Watcher
from tests.simulation.wires.kept import Kept, finite
from trading_bridge.core.order import Side

DEPTH = "/v1/market/depth/"
BALANCES = "/spot/accountList"
SYMBOLS = "/v2/public/config/spot/symbols"
#: the medians that a collar may lie around, also after a restart, are of no longer
BOOKS_FOR_S = 200.0
BALANCES_KEPT = 20
RULES_KEPT = 20

#: rows of price and amount, the best first
Levels = Any
Own = tuple[tuple[Side, Decimal, Decimal], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Times are seconds of the run."""

    #: its number
    call: int
    #: when the exchange made it
    made_s: float
    heard_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BookAnswer(Answer):
    #: of others' orders; None: one side is empty, or it is crossed
    mid: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceAnswer(Answer):
    #: currency -> free and used together
    totals: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesAnswer(Answer):
    #: symbol code in lower case -> row
    rows: Mapping[str, Mapping[str, Any]]


A = TypeVar("A", bound=Answer)


class Delivered(Watcher):
    def __init__(self, facts: Facts) -> None:
        self._world = facts.world
        self._ours = shared(facts, Ours)
        #: (life, symbol code in lower case) -> oldest first
        self.books: dict[tuple[str, str], deque[BookAnswer]] = {}
        #: (life, API key) -> oldest first
        self.balances: dict[tuple[str, str | None], deque[BalanceAnswer]] = {}
        #: as the last of `books` was told: its number, bids, asks
        self.last: dict[tuple[str, str], tuple[int, Levels, Levels]] = {}
        self._kept: dict[str, Kept] = {}  # life -> the books that are pushed to it in parts
        #: life -> oldest first
        self.rules: dict[str, deque[RulesAnswer]] = {}
        self._made: dict[int, tuple[float, Own]] = {}  # number of a read under way -> made at, our orders then

    def arrived(self, call: Call) -> None:
        endpoint = call.endpoint
        if endpoint.startswith(DEPTH):
            self._made[call.number] = self._world.loop.time(), tuple(self._own(endpoint.removeprefix(DEPTH).lower()))
        elif endpoint in (BALANCES, SYMBOLS):
            self._made[call.number] = self._world.loop.time(), ()

    def unheard(self, call: Call, error: BaseException) -> None:
        self._made.pop(call.number, None)

    def heard(self, call: Call, answer: Heard) -> None:
        made = self._made.pop(call.number, None)
        if made is None or answer.status != 200:
            return
        with suppress(InvalidOperation, ValueError, KeyError, TypeError):  # what cannot be read tells of nothing
            self._take(call, made, call.wire.data(answer.body))

    def _take(self, call: Call, made: tuple[float, Own], data: Any) -> None:
        heard_s = self._world.loop.time()
        if call.endpoint.startswith(DEPTH) and isinstance(data, dict):
            code = call.endpoint.removeprefix(DEPTH).lower()
            if call.wire.is_snapshot(call.fields):
                self._kept.setdefault(call.life.name, Kept()).snapshot(code, data)
            self._told((call.life.name, code), call.number, made, data)
        elif call.endpoint == BALANCES and isinstance(data, list):
            told = BalanceAnswer(call=call.number, made_s=made[0], heard_s=heard_s, totals=_totals(data))
            self.balances.setdefault((call.life.name, call.api_key), deque(maxlen=BALANCES_KEPT)).append(told)
        elif call.endpoint == SYMBOLS and isinstance(data, list):
            rows = {str(row["symbolCode"]).lower(): row for row in data if isinstance(row, dict)}
            rules = self.rules.setdefault(call.life.name, deque(maxlen=RULES_KEPT))
            rules.append(RulesAnswer(call=call.number, made_s=made[0], heard_s=heard_s, rows=rows))

    def pushing(self, push: Push) -> None:
        code = push.wire.book_of(push.message)
        if code is not None:
            self._made[push.number] = self._world.loop.time(), tuple(self._own(code))

    def pushed(self, push: Push) -> None:
        made = self._made.pop(push.number, None)
        code = push.wire.book_of(push.message)
        if made is None or code is None:
            return
        book = push.wire.pushed_book(self._kept.setdefault(push.life.name, Kept()), push.message)
        if book is not None:
            self._told((push.life.name, code), push.number, made, book)

    def _told(self, key: tuple[str, str], number: int, made: tuple[float, Own], data: Mapping[str, Any]) -> None:
        heard_s = self._world.loop.time()
        told = BookAnswer(call=number, made_s=made[0], heard_s=heard_s, mid=_mid(data, made[1]))
        books = self.books.setdefault(key, deque())
        books.append(told)
        self.last[key] = number, data.get("b"), data.get("a")
        while heard_s - books[0].heard_s > BOOKS_FOR_S:
            books.popleft()

    def _own(self, symbol_code: str) -> Iterator[tuple[Side, Decimal, Decimal]]:
        for order in self._ours.standing.values():
            if order.symbol.replace("/", "").lower() == symbol_code:
                yield order.side, self._ours.price(order), self._ours.remaining(order)


def last_before(answers: Sequence[A] | None, moment_s: float) -> A | None:
    """The newest that was heard by then; None: none was."""
    for answer in reversed(answers or ()):
        if answer.heard_s <= moment_s:
            return answer
    return None


def _mid(data: Mapping[str, Any], own: Own) -> Decimal | None:
    bid, ask = _best(data.get("b"), Side.BUY, own), _best(data.get("a"), Side.SELL, own)
    if bid is None or ask is None or crossing(Side.BUY, bid, Side.SELL, ask):
        return None
    return (bid + ask) / 2


def _best(levels: Any, side: Side, own: Own) -> Decimal | None:
    for level in levels or ():
        price, amount = finite(level[0]), finite(level[1])
        for own_side, own_price, own_amount in own:
            if own_side is side and own_price == price:
                amount -= own_amount
        if amount > 0:
            return price
    return None


def _totals(rows: list[Mapping[str, Any]]) -> dict[str, Decimal]:
    totals: dict[str, Decimal] = {}
    for row in rows:
        currency = str(row.get("currency"))
        totals[currency] = totals.get(currency, Decimal(0)) + finite(row.get("balance"))
    return totals
