"""Which order flow the sandbox's own markets have."""

from decimal import Decimal
from random import Random

from trading_bridge.clock import Entropy
from trading_bridge.core.market import Lots
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.flow.driver import Flow
from trading_bridge.sandbox.flow.events import Steps
from trading_bridge.sandbox.flow.preset import THIN
from trading_bridge.sandbox.flow.recording import ethusdt_20240808
from trading_bridge.sandbox.flow.replay import replay
from trading_bridge.sandbox.flow.synthetic import Grid, SyntheticMarket
from trading_bridge.sandbox.rules import MarketRules

SYNTHETIC_SYMBOL = "SHARP/USDT"
SYNTHETIC_SPEED = 6.0
#: of the synthetic price, in quote
SYNTHETIC_ANCHOR = Decimal("0.0256")
RECORDED_SYMBOL = "ETH/USDT"

#: symbol -> where its prices and counterparties come from, for people
DESCRIPTIONS = {
    SYNTHETIC_SYMBOL: f"synthetic order flow, preset {THIN.name} at {SYNTHETIC_SPEED:g}x",
    RECORDED_SYMBOL: "recorded order flow: Binance ETH/USDT of 2024-08-08, replayed without end",
}


def default_flow(engine: Engine, entropy: Entropy) -> Flow:
    """For those of the engine's markets that have one; the synthetic price goes on from the last trade in the store."""
    sources: dict[str, Steps] = {}
    for rules in engine.markets:
        if rules.symbol == SYNTHETIC_SYMBOL:
            sources[rules.symbol] = _synthetic(engine, rules, entropy)
        elif rules.symbol == RECORDED_SYMBOL:
            recording = ethusdt_20240808(tick_decimals=rules.tick_decimals, lot_decimals=rules.lot_decimals)
            sources[rules.symbol] = replay(recording)
    return Flow(engine, sources)


def _synthetic(engine: Engine, rules: MarketRules, entropy: Entropy) -> Steps:
    smallest = rules.lots(rules.min_amount)
    if not isinstance(smallest, int):
        raise ValueError(f"{rules.symbol}: its smallest amount {rules.min_amount} is not on its own grid")
    traded = engine.public_trades(rules.symbol, 1)
    market = SyntheticMarket(
        THIN,
        Grid(tick_size=rules.price(1), lot_size=rules.amount(1), min_lots=Lots(smallest)),
        Random(entropy.token(16)),  # noqa: S311 - a model of a market, not a secret
        anchor=SYNTHETIC_ANCHOR,
        start=rules.price(traded[0].price) if traded else None,
        speed=SYNTHETIC_SPEED,
    )
    return market.steps()
