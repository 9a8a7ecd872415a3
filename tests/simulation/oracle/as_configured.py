"""Every accepted order is what its bot is configured for: no larger, and its half of the spread away from others."""

import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import ClassVar

from tests.simulation.loop import Life
from tests.simulation.oracle.delivered import DEPTH, Delivered
from tests.simulation.oracle.freshness import BOOK_AGE_S
from tests.simulation.oracle.invariant import Facts
from tests.simulation.oracle.limits import OfLimits, Placed
from tests.simulation.oracle.ours import shared
from tests.simulation.watch import Call, Heard, Push
from trading_bridge.core.crossing import REPRICE_WITHIN_BPS
from trading_bridge.core.order import Side
from trading_bridge.core.strategies.spread import SpreadParameters
from trading_bridge.sandbox.orders import SandboxOrder, SandboxTrade

_Own = tuple[Side, Decimal, Decimal]

_HALF_BPS = Decimal(20_000)
#: no price has more decimals
_FINEST = Decimal("1E-12")
#: seconds for which the platform may not know that an order of its own has ended
ENDED_FOR_S = 30.0
#: a request may arrive so long after it was signed
BOOKS_FOR_S = 80.0


class AsConfigured(OfLimits):
    id: ClassVar[str] = "I6"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self.delivered = shared(facts, Delivered)
        self._ended: dict[str, deque[tuple[float, _Own]]] = {}  # symbol -> own orders that ended, oldest first
        #: symbol -> when it was heard, lowest and highest mid of others; oldest first
        self._mids: dict[str, deque[tuple[float, Decimal, Decimal]]] = {}
        #: bot id -> since when, as what; oldest first
        self._configs: dict[str, list[tuple[float, SpreadParameters]]] = {}
        self._texts: dict[str, str] = {}  # bot id -> its config as it is stored

    def committed(self, life: Life, kind: str) -> None:
        if kind == "write":
            self._read()

    def fault(self, fault_id: str, what: str, **more: object) -> None:
        if fault_id == "S5" and what == "strikes":
            self._read()

    def check(self, placed: Placed) -> None:
        row, configs = placed.row, list(self._since(placed.row.bot_id, placed.decided_s))
        cost, most = row.price * row.amount, max(one.order_amount_quote for one in configs)
        #: a sell that would meet an own order goes behind it as it is, at a higher price
        if cost > (most if row.side is Side.BUY else most * (1 + REPRICE_WITHIN_BPS / 10_000)):
            self.broken(f"{row.client_order_id} is worth {cost}, its bot is configured for {most}")
        first_s = placed.decided_s - BOOK_AGE_S
        mids = [book for book in self._mids.get(row.symbol, ()) if first_s <= book[0] <= placed.signed_s]
        half = min(one.spread_bps for one in configs) / _HALF_BPS
        if not mids:
            return
        if row.side is Side.BUY:
            nearest = max(high for _, _, high in mids) * (1 - half)
            near = row.price > nearest
        else:
            nearest = min(low for _, low, _ in mids) * (1 + half)
            near = row.price < nearest
        if near:
            self.broken(f"{row.client_order_id} {row.side}@{row.price} is nearer to others than {nearest:.8f}")

    def heard(self, call: Call, answer: Heard) -> None:
        if not call.endpoint.startswith(DEPTH):
            return
        self._told(call.life, call.endpoint.removeprefix(DEPTH).lower(), call.number)

    def pushed(self, push: Push) -> None:
        code = push.wire.book_of(push.message)
        if code is not None:
            self._told(push.life, code, push.number)

    def _told(self, life: Life, code: str, number: int) -> None:
        key = life.name, code
        books = self.delivered.books.get(key)
        if not books or books[-1].call != number or books[-1].mid is None:
            return
        _, told_below, told_above = self.delivered.last[key]
        symbol = self._symbol(code)
        if symbol is None:
            return
        #: what may be ours of it: the platform takes out all that it may have there
        certain, possible = self._standing(symbol), self._maybe(symbol)
        bids, asks = [], []
        #: by rules that are coarser than its prices, as these were told (X14), a book is read away from the mid
        for tick in self._ticks(key):
            told_bids, told_asks = _whole(told_below, tick, ROUND_FLOOR), _whole(told_above, tick, ROUND_CEILING)
            bids += [best for own in (certain, possible) if (best := _best(told_bids, Side.BUY, own)) is not None]
            asks += [best for own in (certain, possible) if (best := _best(told_asks, Side.SELL, own)) is not None]
        now_s = self.world.loop.time()
        kept = self._mids.setdefault(symbol, deque())
        if bids and asks:
            kept.append((now_s, (min(bids) + min(asks)) / 2, (max(bids) + max(asks)) / 2))
        while kept and now_s - kept[0][0] > BOOKS_FOR_S:
            kept.popleft()

    def canceled(self, order: SandboxOrder) -> None:
        self._end(order)

    def traded(self, trade: SandboxTrade, taker: SandboxOrder, maker: SandboxOrder) -> None:
        for order in (taker, maker):
            if self.ours.is_ours(order.client_order_id):
                self._end(order)

    def _end(self, order: SandboxOrder) -> None:
        now_s, price = self.world.loop.time(), self.ours.price(order)
        ended = self._ended.setdefault(order.symbol, deque())
        ended.append((now_s, (order.side, price, self.ours.amount(order))))
        while now_s - ended[0][0] > ENDED_FOR_S:
            ended.popleft()

    def _ticks(self, key: tuple[str, str]) -> list[Decimal]:
        """Of the market, as this server was told; `key`: the server's name and the market's code."""
        life, code = key
        rows = [answer.rows[code] for answer in self.delivered.rules.get(life, ()) if code in answer.rows]
        return sorted({_FINEST, *(Decimal(1).scaleb(-int(row["tickSz"])) for row in rows)})

    def _symbol(self, code: str) -> str | None:
        """None: the exchange calls a market so that has another name (X15)."""
        markets = self.world.exchange.engine.markets
        return next((one.symbol for one in markets if one.symbol.replace("/", "").lower() == code), None)

    def _standing(self, symbol: str) -> list[_Own]:
        orders = [order for order in self.ours.standing.values() if order.symbol == symbol]
        return [(order.side, self.ours.price(order), self.ours.remaining(order)) for order in orders]

    def _maybe(self, symbol: str) -> list[_Own]:
        now_s = self.world.loop.time()
        live = [(row.side, row.price, row.amount) for row in self.ours.live.values() if row.symbol == symbol]
        ended = [own for at_s, own in self._ended.get(symbol, ()) if now_s - at_s <= ENDED_FOR_S]
        return [*self._standing(symbol), *live, *ended]

    def _since(self, bot_id: str, moment_s: float) -> Iterator[SpreadParameters]:
        for since_s, config in reversed(self._configs[bot_id]):
            yield config
            if since_s <= moment_s:
                return

    def _read(self) -> None:
        for bot in self.facts.stored.rows("SELECT id, config FROM bots"):
            if self._texts.get(bot["id"]) == bot["config"]:
                continue
            self._texts[bot["id"]] = bot["config"]
            config = SpreadParameters.model_validate(json.loads(bot["config"]))
            self._configs.setdefault(bot["id"], []).append((self.world.loop.time(), config))


def _whole(levels: Iterable[Sequence[str]], tick: Decimal, rounding: str) -> dict[Decimal, Decimal]:
    """Price in whole ticks -> amount; the best first, as they are told."""
    told: dict[Decimal, Decimal] = {}
    for level in levels:
        price = tick * (Decimal(str(level[0])) / tick).to_integral_value(rounding)
        told[price] = told.get(price, Decimal(0)) + Decimal(str(level[1]))
    return told


def _best(levels: Mapping[Decimal, Decimal], side: Side, own: Iterable[_Own]) -> Decimal | None:
    """The first price at which others may have something."""
    ours: dict[Decimal, Decimal] = {}
    for own_side, price, amount in own:
        if own_side is side:
            ours[price] = ours.get(price, Decimal(0)) + amount
    return next((price for price, amount in levels.items() if amount > ours.get(price, Decimal(0))), None)
