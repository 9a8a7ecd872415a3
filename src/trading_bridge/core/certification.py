"""Certification in the field: what was tried at a real exchange, what came of it, and the one order that it takes."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum

from trading_bridge.core.amount import readable
from trading_bridge.core.balance import Balances
from trading_bridge.core.book import Book
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.market import Lots, Market, Ticks
from trading_bridge.core.order import Side
from trading_bridge.core.risk.limits import Limits

#: from the mid, as far as the price collar lets an order go: exchanges refuse what is much further
FAR_BPS = Decimal(1_000)
#: of the collar: the market may move towards its edge before the order is sent
_WITHIN_COLLAR = Decimal("0.8")
#: the market may come so much nearer until the order is sent, or it is not
_STILL_FAR = Decimal("0.5")
_BPS = Decimal(10_000)


class StepResult(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldStep:
    #: a rung of the doctor's ladder, or `balances`, `order`, `by_client_order_id`, `by_exchange_id`, `open_orders`,
    #: `cancel`, `gone`, `trades`
    name: str
    result: StepResult
    #: one sentence: what was seen, or why it was left out
    detail: str
    #: why it failed; None unless it did
    finding: Finding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRecord:
    """One run, kept as it went."""

    id: str
    connector_id: str
    exchange: str
    #: where its calls went; None: to the exchange's own host
    base_url: str | None
    at: datetime
    #: market of the order; None: none was placed
    symbol: str | None
    #: versions of this program and of ccxt
    build: str
    ccxt: str
    #: a name for people
    asked_by: str
    steps: tuple[FieldStep, ...]

    @property
    def passed(self) -> bool:
        return all(step.result is not StepResult.FAILED for step in self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class FarOrder:
    """A post-only order of the market's smallest size, far from where it trades."""

    side: Side
    price: Ticks
    amount: Lots
    #: best price of its side, and the mid, when it was chosen
    touch: Ticks
    mid: Decimal

    def is_far_from(self, book: Book, market: Market, limits: Limits) -> bool:
        """It may be sent still: the market has neither come near, nor gone so far that the collar forbids it."""
        bid, ask = book.best_bid, book.best_ask
        if bid is None or ask is None or book.refused is not None:
            return False
        touch, mid = (bid if self.side is Side.BUY else ask), _mid(market, bid, ask)
        away = (touch - self.price) if self.side is Side.BUY else (self.price - touch)
        before = abs(self.touch - self.price)
        return away >= before * _STILL_FAR and abs(market.price(self.price) - mid) <= mid * limits.collar_bps / _BPS


def far_order(market: Market, book: Book, balances: Balances, limits: Limits, now: datetime) -> FarOrder | Finding:
    """A buy where the account has the quote for it, else a sell; a finding says why there is neither."""
    bid, ask = book.best_bid, book.best_ask
    if not market.active:
        return _finding(market.closed, now, symbol=market.symbol)
    if bid is None or ask is None or book.refused is not None:
        return _finding(book.refused or "book.empty", now, symbol=market.symbol)
    mid = _mid(market, bid, ask)
    away = mid * min(FAR_BPS, limits.collar_bps * _WITHIN_COLLAR) / _BPS
    held = {side: balances.of(market.quote if side is Side.BUY else market.base) for side in Side}
    for side, touch in ((Side.BUY, bid), (Side.SELL, ask)):
        price = market.ticks_up(mid - away) if side is Side.BUY else market.ticks_down(mid + away)
        if price <= 0 or (price >= bid if side is Side.BUY else price <= ask):
            continue
        amount = _smallest(market, price)
        has, needs = held[side], market.cost(price, amount) if side is Side.BUY else market.amount(amount)
        if has is not None and has.free >= needs:
            if market.cost(price, amount) > limits.max_order_notional:
                most = readable(limits.max_order_notional)
                return _finding("risk.notional", now, side=side.value, maximum=most, symbol=market.symbol)
            return FarOrder(side=side, price=price, amount=amount, touch=touch, mid=mid)
    quote = held[Side.BUY]
    if quote is None or held[Side.SELL] is None:
        return _finding("balance.unknown", now, symbol=market.symbol)
    least = readable(market.cost(bid, _smallest(market, bid)))
    told = {"side": Side.BUY.value, "currency": market.quote, "has": readable(quote.free), "needs": least}
    return _finding("balance.insufficient", now, symbol=market.symbol, **told)


def described(order: FarOrder, market: Market) -> tuple[str, str]:
    """What would be placed, and what it would cost if it filled: two sentences."""
    price, amount = market.price(order.price), market.amount(order.amount)
    cost, buys = price * amount, order.side is Side.BUY
    touch = market.price(order.touch)
    share = abs(touch - price) / touch * 100
    fee = "and the exchange's fee, which it does not state"
    if market.maker_fee is not None:
        fee = f"and a maker's fee of {readable(market.maker_fee * 100)} %"
    where = f"{share:.1f} % {'below the best bid' if buys else 'above the best ask'} of {readable(touch)}"
    placed = (
        f"{'BUY' if buys else 'SELL'} {readable(amount)} {market.base} at {readable(price)} {market.quote}"
        f" ({market.symbol}): limit, post-only, {where}."
    )
    word = "pay" if buys else "bring"
    return placed, f"If it filled before its cancel, it would {word} {readable(cost)} {market.quote}, {fee}."


def _smallest(market: Market, price: Ticks) -> Lots:
    """The smallest amount that the market takes at this price."""
    least = market.lot_size if market.min_amount is None else max(market.lot_size, market.min_amount)
    if market.min_cost is not None:
        least = max(least, market.min_cost / market.price(price))
    return Lots(int((least / market.lot_size).to_integral_value(ROUND_CEILING)))


def _mid(market: Market, bid: Ticks, ask: Ticks) -> Decimal:
    return (market.price(bid) + market.price(ask)) / 2


def _finding(code: str, now: datetime, **parameters: str) -> Finding:
    return Finding(code=code, severity=Severity.WARNING, since=now, parameters=parameters)
