"""Those who use the platform: they set it up, and ask again when nobody answers."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.scenario import AccountPlan, Scenario
from tests.simulation.server import EMAIL, PASSWORD, Reply
from tests.simulation.wires import WIRES
from tests.simulation.world import HOST, World

#: between two attempts
AGAIN_AFTER_S = 1.0


@dataclass(slots=True, kw_only=True)
class Member:
    """A client of the platform, as it was set up."""

    plan: AccountPlan
    client_id: str
    #: connector's name -> its id
    connectors: dict[str, str]
    #: bot's name -> its id; bots come and go
    bots: dict[str, str]
    #: bot's id -> what its people want, `running` or `stopped`; left out: somebody is asking, and it is not known yet
    wishes: dict[str, str] = field(default_factory=dict)


class People:
    def __init__(self, world: World) -> None:
        self._world = world
        self._token: str | None = None
        self.members: list[Member] = []
        #: bot's id -> calls that change it: how many were made, and how many are under way
        self._asked: Counter[str] = Counter()
        self._asking: Counter[str] = Counter()

    async def call(self, method: str, path: str, fields: object = None, *, patience_s: float = 30.0) -> Reply | None:
        """One attempt at whoever trades, signed in; None: nobody answered, and whether it was done is not known."""
        server = self._world.trading
        if server is None:
            return None
        if self._token is None:
            said = await server.call("POST", "/auth/login", {"email": EMAIL, "password": PASSWORD})
            if said is None or said.status != 200:
                return None
            self._token = said.json["token"]
        self._world.watchers.did("people", f"{method} {path}")
        said = await server.call(method, path, fields, token=self._token, patience_s=patience_s)
        if said is not None:
            self._world.watchers.served(server.life, method, path, said.status, said.body)
            if said.status == 401:
                self._token = None
        return said

    async def insist(self, method: str, path: str, fields: object = None, *, attempts: int = 600) -> Any:
        """The answer's body, asked for until it is a good one."""
        last: Reply | None = None
        for _ in range(attempts):
            last = await self.call(method, path, fields)
            if last is not None and last.status < 400:
                return last.json
            await self._world.clock.sleep(AGAIN_AFTER_S)
        raise AssertionError(f"{method} {path} was never answered well; the last: {last}")

    async def change(self, member: Member, bot_id: str, method: str, what: str = "") -> Reply | None:
        """Starts (`POST`, `start`), stops or deletes a bot. What is wished of it is known again once nobody asks any
        more and it was read back."""
        member.wishes.pop(bot_id, None)
        self._asked[bot_id] += 1
        self._asking[bot_id] += 1
        try:
            said = await self.call(method, f"/bots/{bot_id}{what}")
        finally:
            self._asking[bot_id] -= 1
        while not self._asking[bot_id] and bot_id in member.bots.values() and bot_id not in member.wishes:
            if not await self.read_back(member):
                await self._world.clock.sleep(AGAIN_AFTER_S)
        return said

    async def read_back(self, member: Member) -> bool:
        """What bots there are, and what is wished of them; False: nobody answered."""
        asked = dict(self._asked)
        said = await self.call("GET", f"/bots?account={member.plan.client}")
        if said is None or said.status != 200:
            return False
        there = {bot["id"]: bot for bot in said.json["bots"]}
        member.bots = {bot["name"]: bot_id for bot_id, bot in there.items()}
        for gone in [bot_id for bot_id in member.wishes if bot_id not in there]:
            del member.wishes[gone]
        for bot_id, bot in there.items():
            if not self._asking[bot_id] and self._asked[bot_id] == asked.get(bot_id, 0):
                member.wishes[bot_id] = bot["status"]
        return True

    async def set_up(self, scenario: Scenario) -> None:
        """Clients, keys, connectors and bots, all started. On a calm world."""
        for plan in scenario.accounts:
            self._world.exchange.account(plan.exchange_account, plan.deposits)
            client = await self.insist("POST", "/clients", {"name": plan.client, "account": plan.client})
            member = Member(plan=plan, client_id=client["id"], connectors={}, bots={})
            self.members.append(member)
            for name in plan.connectors:
                key, wire = self._world.exchange.key(plan.exchange_account), WIRES[plan.exchange]
                wanted = {
                    "name": name,
                    "exchange": plan.exchange,
                    **wire.credentials(key),
                    "base_url": f"{HOST}{wire.prefix}",
                }
                made = await self.insist("POST", f"/clients/{client['id']}/connectors", wanted)
                member.connectors[name] = made["connector"]["id"] if "connector" in made else made["id"]
            for bot in plan.bots:
                wanted_bot = {
                    "name": bot.name,
                    "account": plan.client,
                    "connector": bot.connector,
                    "pair": bot.symbol,
                    "bot_type": "spread",
                    "config": bot.config,
                    "budget": {"base": bot.base, "quote": bot.quote},
                }
                member.bots[bot.name] = (await self.insist("POST", "/bots/create", wanted_bot))["id"]
        for member in self.members:
            for bot_id in member.bots.values():
                await self.insist("POST", f"/bots/{bot_id}/start")
                member.wishes[bot_id] = "running"
