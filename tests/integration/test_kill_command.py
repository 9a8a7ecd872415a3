"""The commands write beside a running server, which obeys, and say so where none runs."""

import pytest

from tests.integration.files import rows_of
from tests.integration.test_kill import in_force, state
from tests.integration.world import World
from trading_bridge.cli.beside import Covered
from trading_bridge.cli.hold import run_hold, run_lift
from trading_bridge.cli.kill import run_kill, run_rearm
from trading_bridge.core.bot import StateCode
from trading_bridge.core.restraint import StandingOrders
from trading_bridge.errors import InvalidInput, NotFound, SettingsError


@pytest.fixture(autouse=True)
def _settings(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{world.path}")


async def test_a_kill_by_command_is_obeyed_by_the_server_and_rearmed_by_command(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    await run_kill(Covered(client="CLIENT_SHARP"), "Stolen key", by_hand=False, state=None)
    told = capsys.readouterr().out
    assert "Killed: client_sharp." in told
    assert "The server (process " in told
    sent = len(world.server.wire.arrivals)
    await world.pass_time(8)
    assert state(world, bot) is StateCode.KILLED
    assert world.open_orders() == []
    assert in_force(world).done_at is not None
    await run_kill(Covered(client="client_sharp"), "Again", by_hand=False, state=None)
    assert len(rows_of(world.path, "SELECT * FROM kills")) == 1
    await run_rearm(Covered(client="client_sharp"), "New key", state=None)
    await world.pass_time(5)
    await world.quoting(bot)
    assert len(world.server.wire.arrivals) > sent
    audit = [(str(one["verb"]), str(one["asker_name"])) for one in rows_of(world.path, "SELECT * FROM audit_log")]
    verbs = [verb for verb, _ in audit]
    assert verbs == ["kill.press", "kill.done", "kill.press", "kill.rearm"]
    assert all(name.endswith("(command line)") for verb, name in audit if verb != "kill.done")
    with pytest.raises(NotFound):
        await run_rearm(Covered(client="client_sharp"), "New key", state=None)


async def test_a_kill_while_no_server_runs_is_obeyed_by_the_next_before_it_trades(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    bot = await world.bot()
    await world.run(bot)
    await world.quoting(bot)
    await world.server.kill()
    await run_kill(Covered(bot=bot.name), "Host died", by_hand=False, state=None)
    assert "No server works with this database now" in capsys.readouterr().out
    assert len(world.open_orders()) == 2
    await world.start()
    world.server.begin(world.server.runner.run())
    await world.pass_time(8)
    assert world.open_orders() == []
    assert world.server.wire.arrivals == []
    assert state(world, bot) is StateCode.KILLED


async def test_a_hold_by_command_is_placed_and_lifted(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    covered = Covered(market="coinstore sharp/usdt")
    later = {"starts_at": "2999-01-01T00:00:00Z", "ends_at": "2999-01-02T00:00:00Z"}
    await run_hold(covered, "Migration", orders=StandingOrders.KEEP, **later, state=None)
    assert "Held: SHARP/USDT at coinstore from 2999-01-01T00:00:00+00:00" in capsys.readouterr().out
    (row,) = rows_of(world.path, "SELECT * FROM holds")
    assert (row["scope_id"], row["orders"], row["lifted_at"]) == ("coinstore SHARP/USDT", "keep", None)
    await run_lift(covered, "Postponed", state=None)
    assert "Lifted: 1 of SHARP/USDT at coinstore" in capsys.readouterr().out
    with pytest.raises(NotFound):
        await run_lift(covered, "Postponed", state=None)


@pytest.mark.parametrize("covered", [Covered(), Covered(bot="a", all=True)])
async def test_exactly_one_thing_is_named(world: World, covered: Covered) -> None:
    with pytest.raises(InvalidInput):
        await run_kill(covered, "Why", by_hand=False, state=None)


async def test_what_is_not_there_is_named_with_what_is(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.bot("SHARP-SB")
    with pytest.raises(NotFound, match="There are: SHARP-SB"):
        await run_kill(Covered(bot="sharp-sb2"), "Why", by_hand=False, state=None)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{world.folder / 'other.db'}")
    with pytest.raises(SettingsError, match="there is no database"):
        await run_kill(Covered(all=True), "Why", by_hand=False, state=None)
    assert not (world.folder / "other.db").exists()
