"""What people do to bots and connectors: races, names that are in use, orders cancelled by hand."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import ClassVar

from tests.simulation.faults.desk import answered, everything_well, members
from tests.simulation.faults.fault import Fault, Stage
from tests.simulation.faults.slips import SLIPS
from tests.simulation.people import Member
from tests.simulation.server import Reply

MOST_BOTS = 4

Action = Callable[[Stage, Member, str], Awaitable[object]]


class Raced:
    """Start, stop, edit, delete and create, at once and again."""

    id: ClassVar[str] = "O2"

    def __init__(self) -> None:
        self._made = 0

    async def run(self, stage: Stage) -> None:
        rng = stage.rng
        while True:
            await stage.pause(30.0)
            member = rng.choice(members(stage))
            bot_id = rng.choice(list(member.bots.values()))
            actions = rng.choices((start, stop, edit, budget, self._delete, self._create), (5, 3, 4, 1, 1, 2), k=3)
            chosen = actions[: rng.choice((1, 2, 3))]
            stage.world.watchers.fault(self.id, "strikes", actions=",".join(one.__name__.strip("_") for one in chosen))
            await asyncio.gather(*(action(stage, member, bot_id) for action in chosen))

    async def heal(self, stage: Stage) -> None:
        """What was stopped stays so; where nothing would run any more something does."""
        await everything_well(stage)
        for member in members(stage):
            if "running" not in member.wishes.values():
                await start(stage, member, next(iter(member.bots.values())))

    async def _delete(self, stage: Stage, member: Member, bot_id: str) -> None:
        """The last bot stays."""
        if len(member.bots) > 1:
            await stop(stage, member, bot_id)
            await stage.people.change(member, bot_id, "DELETE")

    async def _create(self, stage: Stage, member: Member, bot_id: str) -> None:
        if len(member.bots) >= MOST_BOTS:
            return
        rng = stage.rng
        self._made += 1
        wanted = {
            "name": f"more-{self._made}",
            "account": member.plan.client,
            "connector": rng.choice(member.plan.connectors),
            "pair": rng.choice([bot.symbol for bot in member.plan.bots]),
            "bot_type": "spread",
            "config": sane_config(stage),
            "budget": {"base": "20000", "quote": "400"},
        }
        made = await stage.people.call("POST", "/bots/create", wanted)
        await stage.people.read_back(member)
        if made is not None and made.status < 400:
            await start(stage, member, made.json["id"])


class Misnamed:
    """A connector under running bots is deleted or renamed, which is refused; or its case changes, which is nothing."""

    id: ClassVar[str] = "O5"

    async def run(self, stage: Stage) -> None:
        rng = stage.rng
        while True:
            await stage.pause(40.0)
            member = rng.choice(members(stage))
            name = rng.choice(list(member.connectors))
            if not await self._is_in_use(stage, member, name):
                continue
            path = f"/clients/{member.client_id}/connectors/{member.connectors[name]}"
            asked: tuple[str, object] = rng.choice(
                (("DELETE", None), ("PUT", {"name": f"{name}-2"}), ("PUT", {"name": name.upper()}))
            )
            stage.world.watchers.fault(self.id, "strikes", method=asked[0], connector=name)
            said = await stage.people.call(asked[0], path, asked[1])
            same = asked[1] == {"name": name.upper()}
            refused = said is None or said.status >= 400
            assert refused or same, f"O5: {asked} was done to the connector of a bot that runs"

    async def heal(self, stage: Stage) -> None:
        """Nothing of it was done."""

    async def _is_in_use(self, stage: Stage, member: Member, name: str) -> bool:
        """By a bot that runs, which nobody else stops."""
        if "O2" in stage.scenario.doses:
            return False
        shown = (await answered(stage, f"/bots?account={member.plan.client}"))["bots"]
        return any(bot["connector_id"] == member.connectors[name] and bot["status"] == "running" for bot in shown)


class CancelledByHand:
    """Somebody cancels the bots' orders at the exchange's site, and again when they come back."""

    id: ClassVar[str] = "O6"

    async def run(self, stage: Stage) -> None:
        rng, engine = stage.rng, stage.world.exchange.engine
        while True:
            await stage.pause(90.0)
            plan = rng.choice(stage.scenario.accounts)
            for _ in range(rng.choice((1, 2, 5))):
                orders = engine.open_orders(plan.exchange_account)
                chosen = orders if rng.random() < 0.5 else orders[: rng.randint(0, len(orders))]
                stage.world.watchers.fault(self.id, "strikes", account=plan.exchange_account, orders=len(chosen))
                for order in chosen:
                    engine.cancel(order)
                engine.commit()
                await stage.world.clock.sleep(rng.uniform(2.0, 12.0))

    async def heal(self, stage: Stage) -> None:
        await everything_well(stage)


async def start(stage: Stage, member: Member, bot_id: str) -> None:
    await stage.people.change(member, bot_id, "POST", "/start")


async def stop(stage: Stage, member: Member, bot_id: str) -> None:
    await stage.people.change(member, bot_id, "POST", "/stop")


async def edit(stage: Stage, member: Member, bot_id: str) -> Reply | None:
    return await stage.people.call("PUT", f"/bots/{bot_id}", {"config": sane_config(stage)})


async def budget(stage: Stage, member: Member, bot_id: str) -> Reply | None:
    """A smaller one than any bot begins with."""
    rng = stage.rng
    smaller = {"base": str(rng.randint(60_000, 150_000)), "quote": str(rng.randint(1_500, 5_000))}
    return await stage.people.call("PUT", f"/bots/{bot_id}", {"budget": smaller})


def sane_config(stage: Stage) -> dict[str, str]:
    rng = stage.rng
    return {"spread_bps": str(rng.choice((10, 20, 35, 60))), "order_amount_quote": str(rng.choice((15, 40, 120)))}


OPERATORS: Mapping[str, Callable[[], Fault]] = {
    **SLIPS,
    "O2": Raced,
    "O5": Misnamed,
    "O6": CancelledByHand,
}
