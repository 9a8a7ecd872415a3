"""How much faster than real time the simulator runs the platform: no faults, every bot decides once a second.

A run is one process on one core, so its CPU time is what it takes where nothing else runs. With the oracle all
invariants are looked at, as in a campaign; without it the platform and the exchange remain.
"""

import time

from tests.simulation.exchange import TOKENS
from tests.simulation.run import simulate
from tests.simulation.scenario import AccountPlan, BotPlan, Scenario

from benchmarks.rows import BenchRow, Direction, Rounds
from trading_bridge.app import calm_collector

#: bots of each account
LOADS = {"three bots on one account": (3,), "ten bots on three accounts": (4, 3, 3)}
LIMITS = {"three bots on one account": 60.0, "ten bots on three accounts": 15.0}
SIMULATED_S = 60.0
ROUNDS_MAX = 3


def rows(rounds: int) -> list[BenchRow]:
    found = _measure(min(rounds, ROUNDS_MAX))
    return [
        BenchRow(
            name=_name(load, judged),
            value=found.median(_name(load, judged)),
            unit="x time",
            limit=LIMITS[load] if judged else None,
            direction=Direction.AT_LEAST,
        )
        for load in LOADS
        for judged in (True, False)
    ]


def _name(load: str, judged: bool) -> str:
    return f"simulated / CPU time, {load}" if judged else f"  without the oracle, {load}"


def _measure(rounds: int) -> Rounds:
    """In turns, after a run that does not count. A run has a loop of its own."""
    _speed(_scenario((1,)), judged=True)
    calm_collector()
    measured: dict[str, list[float]] = {}
    for _ in range(rounds):
        for load, bots in LOADS.items():
            for judged in (True, False):
                measured.setdefault(_name(load, judged), []).append(_speed(_scenario(bots), judged=judged))
    return Rounds(measured)


def _speed(scenario: Scenario, *, judged: bool) -> float:
    """Simulated seconds in a second of this process's CPU."""
    began = time.process_time()
    outcome = simulate(scenario.seed, 0, scenario=scenario, judged=judged)
    assert not outcome.violations, outcome.violations
    return outcome.simulated_s / (time.process_time() - began)


def _scenario(bots: tuple[int, ...]) -> Scenario:
    """Each bot on a market of its own, so that none waits for another."""
    tokens = iter(TOKENS)
    accounts = []
    for place, count in enumerate(bots, start=1):
        mine = [next(tokens) for _ in range(count)]
        accounts.append(
            AccountPlan(
                client=f"client_{place}",
                exchange_account=f"account-{place}",
                connectors=("coinstore",),
                deposits={"USDT": "60000", **dict.fromkeys(mine, "500000")},
                bots=tuple(
                    BotPlan(
                        name=f"bot-{token.lower()}",
                        symbol=f"{token}/USDT",
                        connector="coinstore",
                        config={"spread_bps": "20", "order_amount_quote": "50"},
                        base="200000",
                        quote="6000",
                    )
                    for token in mine
                ),
            )
        )
    return Scenario(
        seed=1,
        fault_s=SIMULATED_S,
        accounts=tuple(accounts),
        servers=1,
        each_way_s=0.02,
        crowd_every_s=2.0,
        doses={},
    )
