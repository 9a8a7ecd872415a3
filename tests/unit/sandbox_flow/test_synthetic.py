"""The preset's statistics, as medians over seeds of six of the market's hours, which one hour at 6x is."""

import math
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from itertools import takewhile
from random import Random
from statistics import fmean, median, pstdev

import pytest

from tests.unit.sandbox_flow.market_model import (
    Seen,
    autocorrelation,
    fano,
    minute_volatility_bps,
    per_minute,
    response_bps,
    spread_bps,
    watch,
)
from trading_bridge.core.market import Lots
from trading_bridge.core.order import Side
from trading_bridge.sandbox.flow.events import Halt, SetLevel, Step, Take
from trading_bridge.sandbox.flow.preset import THIN, Preset
from trading_bridge.sandbox.flow.synthetic import Grid, SyntheticMarket

ANCHOR = Decimal("0.0256")
GRID = Grid(tick_size=Decimal("0.000001"), lot_size=Decimal("0.01"), min_lots=Lots(100))
SPEED = 6.0
SECOND_S = 1 / SPEED
MINUTE_S = 60 / SPEED


def market(seed: int, *, preset: Preset = THIN, speed: float = SPEED, start: Decimal | None = None) -> SyntheticMarket:
    return SyntheticMarket(preset, GRID, Random(seed), anchor=ANCHOR, start=start, speed=speed)


@pytest.fixture(scope="module")
def runs() -> list[Seen]:
    return [watch(market(seed).steps(), 3600.0, second_s=SECOND_S, unit=1e-8) for seed in range(5)]


def typical(runs: list[Seen], statistic: Callable[[Seen], float]) -> float:
    return median(statistic(run) for run in runs)


def test_orders_come_as_often_as_the_preset_says_times_the_speed(runs: list[Seen]) -> None:
    assert typical(runs, lambda run: len(run.times_s) / 60) == pytest.approx(1.9 * SPEED, rel=0.3)


def test_orders_cluster(runs: list[Seen]) -> None:
    assert 2.5 < typical(runs, lambda run: fano(per_minute(run, MINUTE_S))) < 10
    empty = typical(runs, lambda run: fmean(count == 0 for count in per_minute(run, MINUTE_S)))
    assert 0.25 < empty < 0.5


def test_sides_persist_and_then_forget(runs: list[Seen]) -> None:
    assert typical(runs, lambda run: autocorrelation(run.signs, 1)) == pytest.approx(0.33, abs=0.15)
    assert typical(runs, lambda run: autocorrelation(run.signs, 10)) == pytest.approx(0.0, abs=0.15)
    assert typical(runs, lambda run: fmean(run.signs)) == pytest.approx(0.0, abs=0.2)


def test_amounts_are_log_normal_with_a_heavy_tail(runs: list[Seen]) -> None:
    assert typical(runs, lambda run: median(run.values)) == pytest.approx(55, rel=0.3)
    assert typical(runs, lambda run: pstdev([math.log(value) for value in run.values])) == pytest.approx(2.0, rel=0.3)
    assert typical(runs, lambda run: fmean(run.values) / median(run.values)) > 4


def test_spread_and_volatility(runs: list[Seen]) -> None:
    assert typical(runs, spread_bps) == pytest.approx(7.2, rel=0.3)
    assert typical(runs, minute_volatility_bps) == pytest.approx(5.4, rel=0.3)


def test_the_price_responds_to_orders(runs: list[Seen]) -> None:
    """Without this a maker would earn the spread for nothing. Bounds in half-spreads, after ten seconds."""
    response = typical(runs, lambda run: response_bps(run, SECOND_S, 10) / (spread_bps(run) / 2))
    assert 0.2 < response < 1.5
    assert typical(runs, lambda run: response_bps(run, SECOND_S, 60)) > 2


def test_the_best_level_is_smaller_than_those_behind(runs: list[Seen]) -> None:
    second = typical(runs, lambda run: median(bids[1] / bids[0] for bids in run.bids if len(bids) > 4))
    fifth = typical(runs, lambda run: median(bids[4] / bids[0] for bids in run.bids if len(bids) > 4))
    assert 1.2 < second < 2.3
    assert 2.0 < fifth < 4.2


def test_without_impact_prices_do_not_respond() -> None:
    """The check of the checks: what is left is what an order eats from the book."""
    numb = replace(THIN, impact_bps=0.0)
    runs = [watch(market(seed, preset=numb).steps(), 3600.0, second_s=SECOND_S, unit=1e-8) for seed in range(3)]
    assert typical(runs, lambda run: response_bps(run, SECOND_S, 60)) < 1


def test_the_price_stays_in_its_band_for_days() -> None:
    """Three days at 6x. Quotes do not move the price, so few of them do."""
    still = replace(THIN, quotes=2, best_life_s=600.0, last_life_s=600.0, pull_s=600.0)
    for seed in range(4):
        synthetic = market(seed, preset=still)
        prices = [synthetic.fair_price for step in takewhile(lambda s: s.at_s < 3 * 86_400, synthetic.steps())]
        assert 0.80 * 0.0256 < min(prices)
        assert max(prices) < 1.25 * 0.0256
        assert max(prices) / min(prices) > 1.02


def test_it_goes_on_from_the_price_given() -> None:
    assert market(1, start=Decimal("0.0271")).fair_price == pytest.approx(0.0271)


@pytest.mark.parametrize("absurd", ["0.5", "0.001", "0"])
def test_an_absurd_price_to_go_on_from_is_not_believed(absurd: str) -> None:
    assert market(1, start=Decimal(absurd)).fair_price == pytest.approx(0.0256)


def test_one_seed_is_one_market() -> None:
    def first(seed: int) -> list[Step]:
        return list(takewhile(lambda step: step.at_s < 120, market(seed).steps()))

    assert first(3) == first(3)
    assert first(3) != first(4)


def test_every_amount_keeps_the_market_minimum() -> None:
    coarse = SyntheticMarket(THIN, replace(GRID, min_lots=Lots(100_000)), Random(5), anchor=ANCHOR, speed=SPEED)
    for step in takewhile(lambda step: step.at_s < 600, coarse.steps()):
        for event in step.events:
            assert not isinstance(event, Halt)
            assert event.amount >= 100_000 if isinstance(event, Take) else event.amount == 0 or event.amount >= 100_000


def test_quotes_follow_the_fair_price_late_but_soon() -> None:
    """A fair price beyond the best quote is where that quote is picked off: now and then, and not for long."""
    synthetic, beyond_s, before_s = market(6), 0.0, 0.0
    bids: set[int] = set()
    asks: set[int] = set()
    outside = False
    for step in takewhile(lambda step: step.at_s < 3600, synthetic.steps()):
        beyond_s += (step.at_s - before_s) * outside
        before_s = step.at_s
        for event in step.events:
            if isinstance(event, SetLevel):
                levels = bids if event.side is Side.BUY else asks
                (levels.add if event.amount else levels.discard)(event.price)
        fair_ticks = synthetic.fair_price / float(GRID.tick_size)
        outside = not max(bids) <= fair_ticks <= min(asks)
    assert 0 < beyond_s / 3600 < 0.03
