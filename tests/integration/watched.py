"""A bot that trades under the eyes of the doctor, with the API in front: what people are told when something breaks."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher

from tests.integration.world import ACCOUNT, STEP_S, World, a_world, quiet
from tests.private_hosts import PRIVATE_TOO
from tests.unit.api.asgi import Client
from trading_bridge.accounts.volume import Volumes
from trading_bridge.api.app import create_api
from trading_bridge.api.events import Hub
from trading_bridge.core.bot import Bot, Budget
from trading_bridge.diagnosis.doctor import Doctor
from trading_bridge.diagnosis.duty import DoctorOnDuty
from trading_bridge.diagnosis.egress import Egress
from trading_bridge.diagnosis.findings import Findings
from trading_bridge.exchanges.family import Family
from trading_bridge.exchanges.in_process_network import FOUR, SIX, InProcessNetwork
from trading_bridge.services import auth
from trading_bridge.services.deps import Deps
from trading_bridge.services.sign_in import SignInDesk

LOOK_EVERY_S = 0.6
EMAIL, PASSWORD = "admin@example.com", "correct horse battery"


@dataclass
class Watched:
    world: World
    client: Client
    bot: Bot
    network: InProcessNetwork
    #: an amount of zero that an answer held
    zeros: list[str] = field(default_factory=list)

    @property
    def faults(self) -> Any:
        return self.world.exchange.faults

    async def ask(self, path: str) -> Any:
        asking = asyncio.ensure_future(self.client.get(path))
        await quiet()
        while not asking.done():
            await self.world.pass_time(STEP_S)
        answer = asking.result()
        assert answer.status == 200, answer.body
        return answer.json

    async def open_codes(self) -> list[str]:
        """Of the bot and what it rests on, causes first; with the stage, where a code has several."""
        found = await self.ask(f"/bots/{self.bot.id}/findings")
        return [labelled(one["finding"]) for one in found["findings"] if one["resolved_at"] is None]

    async def look_for_zeros(self) -> None:
        bot = await self.ask(f"/bots/{self.bot.id}")
        for path in (
            f"/bots/{self.bot.id}/balance-and-volume",
            f"/bots/{self.bot.id}/stats",
            "/bots?include=balance",
            f"/clients/{bot['client_id']}/connectors/{bot['connector_id']}/balances",
        ):
            self.zeros += [f"{path}: {where}" for where in zeros_in(await self.ask(path))]

    async def until(
        self, true: Callable[[list[str]], bool], *, seconds: float, stir: Callable[[], None] = lambda: None
    ) -> float | None:
        """Seconds until what is open satisfies `true`, looking twice a second; None: it never did."""
        began = self.world.clock.monotonic()
        while (passed := self.world.clock.monotonic() - began) <= seconds:
            await self.look_for_zeros()
            if true(await self.open_codes()):
                return passed
            await self.world.pass_time(LOOK_EVERY_S, stir)
        return None


def labelled(finding: dict[str, Any]) -> str:
    stage = finding["parameters"].get("stage")
    return finding["code"] if stage is None else f"{finding['code']} ({stage})"


def zeros_in(answer: Any, path: str = "") -> list[str]:
    """Where Available or Locked of a currency is a zero that its owner never had."""
    found: list[str] = []
    if isinstance(answer, dict):
        for key, value in answer.items():
            if key == "available":
                held = value.items() if isinstance(value, dict) else [("", value)]
                found += [f"{path}.{key}.{name}" for name, amount in held if amount is not None and float(amount) == 0]
            found += zeros_in(value, f"{path}.{key}")
    if isinstance(answer, list):
        for place, value in enumerate(answer):
            found += zeros_in(value, f"{path}[{place}]")
    return found


@asynccontextmanager
async def a_watched_bot(folder: Path) -> AsyncIterator[Watched]:
    async with a_world(folder) as world:
        yield await watch(world)


async def watch(world: World, *, budget: Budget | None = None) -> Watched:
    """The composition of `app`, without sockets: findings, doctor, API."""
    server, clock, entropy, hub = world.server, world.clock, world.entropy, Hub()
    bot = await world.bot(budget=budget)
    network = InProcessNetwork({Family.IPV4: (FOUR,), Family.IPV6: (SIX,)})
    doctor = DoctorOnDuty(
        Doctor(
            http=server.http,
            limiters=server.manager.limiters,
            network=network,
            clock=clock,
            egress=Egress(None, (), server.http, clock),
        ),
        clock,
        accounts=server.manager.accounts,
        bots_of=server.runner.bots_on,
        on_change=lambda connector_id: hub.publish("connector", connector_id),
    )
    findings = Findings(
        database=server.database,
        clock=clock,
        entropy=entropy,
        held=lambda: chain(server.manager.findings(), server.runner.findings()),
        on_change=lambda one: hub.publish("finding", one.id),
    )
    deps = Deps(
        database=server.database,
        manager=server.manager,
        volumes=Volumes(clock, server.manager.complete_as_of),
        runner=server.runner,
        restraints=server.runner.restraints,
        findings=findings,
        doctor=doctor,
        clock=clock,
        entropy=entropy,
        publish=hub.publish,
        desk=SignInDesk(clock, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)),
        hosts=PRIVATE_TOO,
    )
    await auth.ensure_admin(deps, email=EMAIL, password=PASSWORD)
    client = Client(create_api(deps, hub))
    client.token = (await client.post("/auth/login", {"email": EMAIL, "password": PASSWORD})).json["token"]
    await findings.load()
    server.begin(findings.run())
    server.begin(doctor.run())
    await world.run(bot)
    await world.quoting(bot)
    await world.pass_time(8)
    await quiet()
    return Watched(world, client, bot, network)


__all__ = ["ACCOUNT", "Watched", "a_watched_bot", "labelled", "watch", "zeros_in"]
