"""Whatever fails for one client, bots on another account and address decide as if it had not (I26)."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest

from tests.simulation import run as simulation
from tests.simulation.oracle.invariant import Stored
from tests.simulation.people import People
from tests.simulation.scenario import AccountPlan, BotPlan, Scenario
from tests.simulation.watch import Watcher
from tests.simulation.world import World
from trading_bridge.core.bot import Bot
from trading_bridge.runner import bot_worker
from trading_bridge.sandbox.faults import Fault, FaultKind
from trading_bridge.sandbox.orders import SandboxOrder
from trading_bridge.sandbox.rules import Refusal

FAILING, OTHER = "account-1", "account-2"
BEGINS_S, LASTS_S, ENDS_S = 15.0, 35.0, 60.0


class InOrder(Random):
    """Ready tasks go in the order in which they were made: what one client does takes no chance from another."""

    def _randbelow(self, below: int) -> int:
        return 0


class Disturbed(Scenario):
    @property
    def calm(self) -> bool:
        return False


class Settlers(People):
    """The other client's keys leave by another address, with a rate of its own."""

    async def insist(self, method: str, path: str, fields: Any = None, *, attempts: int = 600) -> Any:
        if path.endswith("/connectors"):
            key = self._world.exchange.engine.directory.key(fields["api_key"])
            assert key is not None
            fields = {**fields, "ipv4_only": key.account == OTHER}
        return await super().insist(method, path, fields, attempts=attempts)


class Nobody:
    """A person waits for one client's page before opening the next, and each page reads a balance: nobody looks."""

    def __init__(self, *given: object) -> None: ...

    async def run(self) -> None: ...


@dataclass(frozen=True)
class Failure:
    name: str
    #: of the catalogue
    row: str = "R2"
    fault: Fault | None = None
    weaker: Callable[[], AbstractContextManager[Any]] = nullcontext


@contextmanager
def crashing() -> Iterator[None]:
    """A few cycles of one client's bots raise, fewer in a row than take a bot out."""
    run_cycle, crashes = bot_worker.run_cycle, 0

    async def cycle(bot: Bot, *given: Any, **more: Any) -> Any:
        nonlocal crashes
        if bot.account == "client_1" and asyncio.get_running_loop().time() > BEGINS_S and crashes < 3:
            crashes += 1
            raise RuntimeError("a fault of the program")
        return await run_cycle(bot, *given, **more)

    bot_worker.run_cycle = cycle
    try:
        yield
    finally:
        bot_worker.run_cycle = run_cycle


FAILURES = (
    Failure("key deleted", "K1", Fault(kind=FaultKind.KEY_DELETED, account=FAILING)),
    Failure("exchange hangs", "N7", Fault(kind=FaultKind.HUNG, account=FAILING)),
    Failure("server error", "X1", Fault(kind=FaultKind.SERVER_ERROR, account=FAILING, status=502)),
    Failure("throttled", "N12", Fault(kind=FaultKind.RATE_LIMITED, account=FAILING)),
    Failure("cycles raise", weaker=crashing),
)


class Other(Watcher):
    """What the client that nothing happens to does: its orders as the exchange got them, its decisions as stored."""

    def __init__(self, world: World, failure: Failure) -> None:
        self._world = world
        self.orders: list[tuple[object, ...]] = []
        self.decisions: list[tuple[object, ...]] = []
        self.failed = 0
        world.loop.spawn(None, self._disturb(failure), name="fault")

    async def _disturb(self, failure: Failure) -> None:
        faults, watchers = self._world.exchange.faults, self._world.watchers
        await self._world.clock.sleep(BEGINS_S)
        watchers.fault(failure.row, "begins", account=FAILING)
        number = None if failure.fault is None else faults.add(failure.fault)
        await self._world.clock.sleep(LASTS_S)
        if number is not None:
            faults.clear(number)
        watchers.fault(failure.row, "heals", account=FAILING)
        stored = Stored(str(self._world.path))
        query = (
            "SELECT decisions.* FROM decisions JOIN bots ON bots.id = bot_id WHERE bots.name LIKE ? ORDER BY decided_at"
        )
        for row in stored.rows(query, "bot-2%"):
            kept = ("decided_at", "reason", "notes", "finding_code", "wanted", "ended_at", "cycles")
            self.decisions.append(tuple(row[name] for name in kept))
        found = stored.rows("SELECT count(*) AS n FROM findings")
        self.failed = found[0]["n"]
        stored.close()

    def placed(self, order: SandboxOrder | Refusal, account: str, client_order_id: str) -> None:
        if account == OTHER and isinstance(order, SandboxOrder):
            now_s = self._world.loop.time()
            self.orders.append((now_s, order.symbol, order.side, order.price, order.lots, order.state))


def plan(place: int, symbols: tuple[str, ...]) -> AccountPlan:
    bots = tuple(
        BotPlan(
            name=f"bot-{place}-{number + 1}",
            symbol=symbol,
            connector="coinstore",
            config={"spread_bps": "20", "order_amount_quote": "50"},
            base="200000",
            quote="6000",
        )
        for number, symbol in enumerate(symbols)
    )
    return AccountPlan(
        client=f"client_{place}",
        exchange_account=f"account-{place}",
        connectors=("coinstore",),
        deposits={"USDT": "20000", **{symbol.partition("/")[0]: "500000" for symbol in symbols}},
        bots=bots,
    )


def run(failure: Failure) -> Other:
    seen: list[Other] = []

    def watch(world: World) -> Watcher:
        seen.append(Other(world, failure))
        return seen[0]

    scenario = Disturbed(
        seed=7,
        fault_s=60.0,
        accounts=(plan(1, ("SHARP/USDT",)), plan(2, ("KITE/USDT", "LOOM/USDT"))),
        servers=1,
        each_way_s=0.02,
        crowd_every_s=1.0,
        doses={},
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulation, "Looker", Nobody)
        patch.setattr(simulation, "Clerk", Nobody)
        patch.setattr(simulation, "People", Settlers)
        outcome = simulation.simulate(
            7, 1, watch=watch, weaker=failure.weaker, scenario=scenario, order=InOrder(), until_s=ENDS_S
        )
    assert outcome.violations == ()
    return seen[0]


@pytest.fixture(scope="module")
def well() -> Other:
    return run(Failure("nothing"))


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.name)
def test_another_account_decides_the_same(failure: Failure, well: Other) -> None:
    other = run(failure)
    assert well.orders
    assert (other.failed > 0, well.failed) == (True, 0)
    assert other.orders == well.orders
    assert other.decisions == well.decisions
