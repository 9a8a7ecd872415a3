"""What people at the platform's desk put in order again, and how they are asked about what they do."""

from typing import Any

from tests.simulation.faults.fault import Stage
from tests.simulation.faults.fleet import answer_again, living, revive, running
from tests.simulation.people import Member
from trading_bridge.core.order import Side

BECAUSE = "simulated"
LOOK_EVERY_S = 0.25
#: (kind, id) of what has limits of its own
LimitScope = tuple[str, str]


def members(stage: Stage) -> list[Member]:
    """Those who have bots."""
    return [member for member in stage.people.members if member.bots]


def scope_of(stage: Stage, kind: str) -> dict[str, str]:
    """A kind with an id of it, as bodies name it."""
    member = stage.rng.choice(members(stage))
    match kind:
        case "platform":
            return {"kind": "platform", "id": ""}
        case "client":
            return {"kind": "client", "id": member.client_id}
        case "market":
            symbol = stage.rng.choice([bot.symbol for bot in member.plan.bots])
            return {"kind": "market", "id": f"{member.plan.exchange} {symbol}"}
        case _:
            return {"kind": "bot", "id": stage.rng.choice(list(member.bots.values()))}


async def all_stand(stage: Stage, within_s: float) -> None:
    """Until each exchange account has orders on both sides of each of its markets, or so long."""
    engine, clock = stage.world.exchange.engine, stage.world.clock
    ends_s = clock.monotonic() + within_s
    wanted = {
        (plan.exchange_account, bot.symbol, side)
        for plan in stage.scenario.accounts
        for bot in plan.bots
        for side in Side
    }
    while clock.monotonic() < ends_s:
        accounts = [plan.exchange_account for plan in stage.scenario.accounts]
        orders = [order for account in accounts for order in engine.open_orders(account)]
        if wanted <= {(order.account, order.symbol, order.side) for order in orders}:
            return
        await clock.sleep(LOOK_EVERY_S)


async def rearm_all(stage: Stage) -> None:
    for kill in (await answered(stage, "/kills?active=true"))["kills"]:
        await done(stage, "POST", f"/kills/{kill['id']}/rearm", {"reason": BECAUSE})


async def lift_all(stage: Stage) -> None:
    for hold in (await answered(stage, "/holds?active=true"))["holds"]:
        await done(stage, "POST", f"/holds/{hold['id']}/lift", {"reason": BECAUSE})


async def clear_limits(stage: Stage) -> None:
    """What anybody has set is taken away again."""
    scopes = [("platform", "-")]
    for member in stage.people.members:
        scopes += [("client", member.client_id), *(("bot", bot_id) for bot_id in member.bots.values())]
    for kind, scope_id in scopes:
        shown = await answered(stage, f"/limits/{kind}/{scope_id}")
        theirs: dict[str, None] = {one["name"]: None for one in shown["limits"] if one["source"] == kind}
        if theirs:
            await done(stage, "PUT", f"/limits/{kind}/{scope_id}", {"limits": theirs})


async def resume_halted(stage: Stage) -> None:
    for member in stage.people.members:
        for bot in (await answered(stage, f"/bots?account={member.plan.client}"))["bots"]:
            if bot["state"]["code"] == "halted":
                await done(stage, "POST", f"/bots/{bot['id']}/resume", {"reason": BECAUSE})


async def know_wishes(stage: Stage) -> None:
    for member in stage.people.members:
        while not await stage.people.read_back(member):
            await answer_again(stage)


async def everything_well(stage: Stage) -> None:
    """Somebody answers, nothing is killed, held, halted or limited by people, and what they wish is known."""
    for server in living(stage.world):
        if server.life.paused:
            stage.world.loop.resume(server.life)
    if not running(stage.world):
        revive(stage)
    await rearm_all(stage)
    await lift_all(stage)
    await clear_limits(stage)
    await resume_halted(stage)
    await know_wishes(stage)


async def answered(stage: Stage, path: str) -> Any:
    """The body of a good answer, asked for until it comes."""
    while True:
        said = await stage.people.call("GET", path)
        if said is not None and said.status < 400:
            return said.json
        await answer_again(stage)


async def done(stage: Stage, method: str, path: str, fields: object) -> None:
    """Asked for until it is done, or refused because somebody else has done it."""
    while True:
        said = await stage.people.call(method, path, fields)
        if said is not None and (said.status < 400 or said.status in (404, 409)):
            return
        await answer_again(stage)
