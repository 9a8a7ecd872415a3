"""A kill that was pressed while storage was away does not go with its process, however that ends (faults O3, O4)."""

import asyncio
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

import pytest
import structlog

from tests.simulation.disk import ALL, UNITS, Mishap, Moment, unreachable
from tests.simulation.loop import Life, SimLoop, run_simulated
from tests.simulation.oracle.invariant import Stored
from tests.simulation.server import Server
from tests.simulation.watch import Watcher
from tests.simulation.world import World
from trading_bridge.core.restraint import Scope, ScopeKind
from trading_bridge.core.user import Asker, AskerKind
from trading_bridge.runner.restraints import LAST_WRITE_S

PERSON = Asker(kind=AskerKind.SYSTEM, user_id=None, name="ops@example.com")
PLATFORM = Scope(kind=ScopeKind.PLATFORM, id="")
#: the old server's lease ends, and the new one takes it
TAKEN_OVER_S = 15.0


class Endings(Watcher):
    """In their order: the kill is stored, the lease is released, a process ends."""

    def __init__(self, world: World) -> None:
        self._stored = Stored(str(world.path))
        self._released = False
        self.happened: list[str] = []

    def committed(self, life: Life, kind: str) -> None:
        if self.kills() and "stored" not in self.happened:
            self.happened.append("stored")
        released = bool(self._stored.rows("SELECT 1 FROM leases WHERE expires_at IS NULL"))
        if released and not self._released:
            self.happened.append("released")
        self._released = released

    def ended(self, life: Life, how: str) -> None:
        self.happened.append(f"{life.name} ends")

    def kills(self) -> list[str]:
        return [row["id"] for row in self._stored.rows("SELECT id FROM kills")]

    def close(self) -> None:
        self._stored.close()


@pytest.fixture
def world() -> Iterator[World]:
    loop = SimLoop(Random(1))
    made = World(loop, 1, markets=1)
    yield made
    made.close()
    loop.close()


@pytest.fixture
def endings(world: World) -> Iterator[Endings]:
    made = Endings(world)
    world.watchers.add(made)
    yield made
    made.close()


def away(kinds: frozenset[str], *, life: Life | None = None) -> Mishap:
    return Mishap(kinds=kinds, moment=Moment.BEFORE, error=unreachable, life=life)


async def a_server(world: World) -> Server:
    server = world.start()
    while not server.trades:
        await world.clock.sleep(0.05)
    return server


async def pressed(server: Server) -> str:
    assert server.platform is not None
    restraints = server.platform.runner.restraints
    kill = restraints.press(PLATFORM, "Key may be stolen", PERSON)
    assert not await restraints.write()
    return kill.id


def test_fault_O4_a_server_that_is_stopped_before_its_next_attempt_stores_the_kill_before_it_gives_its_lease_away(
    world: World, endings: Endings
) -> None:
    async def story() -> None:
        server, outage = await a_server(world), away(ALL)
        world.disk.add(outage)
        kill_id = await pressed(server)
        world.disk.remove(outage)
        server.stop()
        await server.task
        assert endings.kills() == [kill_id]

    run_simulated(world.loop, story())
    assert endings.happened == ["stored", "released", "server-1 ends"]


def test_fault_O4_a_server_that_is_stopped_waits_for_storage_and_the_next_one_obeys_before_it_trades(
    world: World, endings: Endings
) -> None:
    async def story() -> None:
        server, outage = await a_server(world), away(ALL)
        world.disk.add(outage)
        kill_id = await pressed(server)
        server.stop()
        await world.clock.sleep(LAST_WRITE_S / 2)
        assert not server.task.done()
        world.disk.remove(outage)
        await server.task
        after = await a_server(world)
        assert after.platform is not None
        assert [kill.id for kill in after.platform.runner.restraints.kills()] == [kill_id]

    run_simulated(world.loop, story())
    assert endings.happened == ["stored", "released", "server-1 ends"]


def test_fault_O4_a_server_that_lost_its_lease_stores_the_kill_before_it_ends(world: World, endings: Endings) -> None:
    async def story() -> None:
        old = await a_server(world)
        cut, lease_cut = away(UNITS | {"read"}, life=old.life), away(frozenset({"lease"}), life=old.life)
        world.disk.add(cut)
        world.disk.add(lease_cut)
        kill_id = await pressed(old)
        new = world.start()
        await world.clock.sleep(TAKEN_OVER_S)
        assert new.trades
        world.disk.remove(lease_cut)
        while old.carrier.app is not None:
            await world.clock.sleep(0.05)
        world.disk.remove(cut)
        await asyncio.wait([old.task])
        assert "LeaseLost" in repr(old.task.exception())
        assert endings.kills() == [kill_id]
        await world.clock.sleep(3)
        assert new.platform is not None
        assert [kill.id for kill in new.platform.runner.restraints.kills()] == [kill_id]

    run_simulated(world.loop, story())
    assert endings.happened == ["stored", "server-1 ends"]


def test_fault_O4_a_server_that_could_not_store_the_kill_ends_all_the_same_and_says_which_it_was(
    world: World, endings: Endings
) -> None:
    async def story() -> tuple[str, float]:
        server = await a_server(world)
        world.disk.add(away(ALL))
        kill_id = await pressed(server)
        server.stop()
        began_s = world.loop.time()
        await server.task
        return kill_id, world.loop.time() - began_s

    with structlog.testing.capture_logs() as said:
        kill_id, took_s = run_simulated(world.loop, story())
    (lost,) = [line for line in said if line["event"] == "kill lost"]
    assert _words(lost) == {"kill": kill_id, "scope": "platform", "scope_id": "", "reason": "Key may be stolen"}
    assert LAST_WRITE_S <= took_s < 2 * LAST_WRITE_S
    assert endings.kills() == []


def _words(line: Mapping[str, Any]) -> dict[str, Any]:
    return {name: line[name] for name in ("kill", "scope", "scope_id", "reason")}
