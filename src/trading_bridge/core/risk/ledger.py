"""A fill taken into what a bot's limits remember."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from trading_bridge.core.fill import exact_sum
from trading_bridge.core.order import Side
from trading_bridge.core.risk.fees import fee_in_quote, worst_rate
from trading_bridge.core.risk.limits import Purse
from trading_bridge.core.risk.state import Markout, RiskState
from trading_bridge.core.trade import Trade

#: what a share of an entry is rounded to, in quote
_FINEST = Decimal("1E-18")


def with_fill(state: RiskState, number: int, trade: Trade, now: datetime) -> RiskState:
    """Fills come in the order of their numbers in storage; one that was taken in already changes nothing."""
    if number <= state.fills_through:
        return state
    worst = worst_rate(state.worst_fee, trade)
    held = _traded(state.position, state.entry, trade)
    at = min(trade.exchange_time, now)
    taken = replace(
        state,
        moved=moved_by(state.moved, trade),
        position=held.position,
        entry=held.entry,
        pending=(*state.pending, Markout(at=at, side=trade.side, price=trade.price, amount=trade.amount)),
        worst_fee=worst,
        fills_through=number,
        bought_at=_later(state.bought_at, at) if trade.side is Side.BUY else state.bought_at,
        sold_at=_later(state.sold_at, at) if trade.side is Side.SELL else state.sold_at,
    )
    return taken.in_hour(at, fees=fee_in_quote(trade, worst), realised=held.realised)


def moved_by(purse: Purse, trade: Trade) -> Purse:
    """With what the fill brought and took, to the last digit; a fee that the exchange did not say is not in it."""
    base, _, quote = trade.symbol.partition("/")
    bought = trade.side is Side.BUY
    fee = trade.fee if trade.fee is not None else Decimal(0)
    return Purse(
        base=exact_sum(
            purse.base, trade.amount if bought else -trade.amount, -fee if trade.fee_currency == base else Decimal(0)
        ),
        quote=exact_sum(
            purse.quote, -trade.cost if bought else trade.cost, -fee if trade.fee_currency == quote else Decimal(0)
        ),
    )


def _later(before: datetime | None, at: datetime) -> datetime:
    return at if before is None else max(before, at)


class _Held(NamedTuple):
    position: Decimal
    entry: Decimal
    #: by the part of the position that the fill closed
    realised: Decimal


def _traded(position: Decimal, entry: Decimal, trade: Trade) -> _Held:
    """At average cost: what is closed leaves with its share of the entry; what is beyond opens at the fill's price."""
    signed = trade.amount if trade.side is Side.BUY else -trade.amount
    after = exact_sum(position, signed)
    if position == 0 or (position > 0) == (signed > 0):
        return _Held(after, entry + trade.cost, Decimal(0))
    closed = min(trade.amount, abs(position))
    leaves = entry if closed == abs(position) else (entry * closed / abs(position)).quantize(_FINEST)
    brought = closed * trade.price
    realised = brought - leaves if position > 0 else leaves - brought
    if trade.amount > abs(position):
        return _Held(after, abs(after) * trade.price, realised)
    return _Held(after, entry - leaves, realised)
