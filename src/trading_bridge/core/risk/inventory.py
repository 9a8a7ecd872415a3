"""Inventory band: how far own fills may have moved what the bot holds."""

from dataclasses import replace
from decimal import Decimal

from trading_bridge.core.amount import readable
from trading_bridge.core.decision import Reason, Wanted
from trading_bridge.core.market import Market
from trading_bridge.core.order import Side


def within_band(
    wish: Wanted, market: Market, position: Decimal, band_quote: Decimal
) -> tuple[Wanted | None, Reason | None]:
    """The order cut down to what keeps the net position (base; below zero: sold) inside the band on its side, and why;
    None: nothing that the market takes is left. What brings the position back always passes."""
    price = market.price(wish.price)
    has = position * price if wish.side is Side.BUY else -position * price
    if has + market.cost(wish.price, wish.amount) <= band_quote:
        return wish, None
    note = Reason(
        code="limit.inventory",
        parameters={"side": wish.side.value, "position": readable(position), "allowed": readable(band_quote)},
    )
    amount = market.lots_down((band_quote - has) / price)
    if amount <= 0 or not market.allows(wish.price, amount):
        return None, note
    return replace(wish, amount=amount), note
