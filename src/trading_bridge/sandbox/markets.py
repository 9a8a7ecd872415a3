"""The markets that the sandbox lists by default, and its currencies, as data."""

from decimal import Decimal

from trading_bridge.sandbox.rules import MarketRules

SHARP_USDT = MarketRules(
    symbol="SHARP/USDT",
    market_id=1,
    base="SHARP",
    quote="USDT",
    tick_decimals=6,
    lot_decimals=2,
    min_price=Decimal("0.000001"),
    min_amount=Decimal("1"),
    min_market_cost=Decimal("1"),
    min_market_amount=Decimal("1"),
)

#: tick and lot of Binance's ETH/USDT, whose recorded market trades here
ETH_USDT = MarketRules(
    symbol="ETH/USDT",
    market_id=2,
    base="ETH",
    quote="USDT",
    tick_decimals=2,
    lot_decimals=4,
    min_price=Decimal("0.01"),
    min_amount=Decimal("0.0001"),
    min_market_cost=Decimal("1"),
    min_market_amount=Decimal("0.0001"),
)

DEFAULT_MARKETS = (SHARP_USDT, ETH_USDT)


def currency_ids(markets: tuple[MarketRules, ...]) -> dict[str, int]:
    """Numeric ids by currency, the same whatever the order of the markets: USDT is 30, as at Coinstore."""
    names = sorted({name for market in markets for name in (market.base, market.quote)} - {"USDT"})
    return {"USDT": 30} | {name: 101 + place for place, name in enumerate(names)}
