from importlib.resources import files
from pathlib import Path

import pytest

from tests.unit.sandbox_flow.exchange import ETH, SHARP, Exchange
from trading_bridge.clock import CountingEntropy, ManualClock
from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Side
from trading_bridge.sandbox.directory import MARKET_MAKER, MARKET_TAKER
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.flow.sources import DESCRIPTIONS, default_flow
from trading_bridge.sandbox.markets import DEFAULT_MARKETS
from trading_bridge.sandbox.store import Store


def mid(engine: Engine, symbol: str) -> float:
    book = engine.book(symbol)
    bid, ask = book.best(Side.BUY), book.best(Side.SELL)
    assert bid is not None
    assert ask is not None
    return (bid + ask) / 2


def test_each_default_market_has_a_flow_and_says_which() -> None:
    exchange = Exchange()
    default_flow(exchange.engine, CountingEntropy()).advance(0.0)
    assert mid(exchange.engine, SHARP) == pytest.approx(25_600, rel=0.005)
    assert mid(exchange.engine, ETH) == pytest.approx(268_311.5)
    assert set(DESCRIPTIONS) == {rules.symbol for rules in DEFAULT_MARKETS}
    assert "thin at 6x" in DESCRIPTIONS[SHARP]


def test_the_synthetic_price_goes_on_from_the_last_trade_in_the_store(tmp_path: Path) -> None:
    def start() -> tuple[Engine, Store]:
        store = Store(tmp_path / "sandbox.sqlite")
        return Engine(store, ManualClock(), CountingEntropy(), DEFAULT_MARKETS), store

    engine, store = start()
    engine.place(MARKET_MAKER, SHARP, Side.SELL, price=Ticks(27_500), lots=Lots(1000))
    engine.place(MARKET_TAKER, SHARP, Side.BUY, price=Ticks(27_500), lots=Lots(1000))
    engine.commit()
    store.close()
    engine, store = start()
    default_flow(engine, CountingEntropy()).advance(0.0)
    assert mid(engine, SHARP) == pytest.approx(27_500, rel=0.005)
    store.close()


def test_a_market_without_a_flow_is_left_alone() -> None:
    store = Store(None)
    engine = Engine(store, ManualClock(), CountingEntropy(), (DEFAULT_MARKETS[1],))
    default_flow(engine, CountingEntropy()).advance(0.0)
    assert mid(engine, ETH) > 0
    store.close()


def test_what_travels_in_the_package_carries_its_licence() -> None:
    folder = files("trading_bridge.sandbox.flow").joinpath("recorded")
    names = {entry.name for entry in folder.iterdir()}
    notice = folder.joinpath("NOTICE").read_text()
    assert "MIT License" in notice
    assert all(name in notice for name in names - {"NOTICE"})
