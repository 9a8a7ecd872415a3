"""After all faults are over: platform and exchange agree (I30), and each bot does what is wished of it (I31)."""

import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from tests.simulation.oracle.invariant import Facts, Invariant
from tests.simulation.oracle.purses import Held, held_now
from tests.simulation.oracle.standing import Standing
from tests.simulation.people import Member

#: what is on its way is looked at again so often, and so many times
LOOK_EVERY_S = 0.25
LOOKS = 40
#: an answer that nobody waits for any more after this
ANSWER_S = 20.0


class Healed(Invariant):
    """One server trades, nothing is unresolved, and storage, API and exchange say the same of orders and balances."""

    id = "I30"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._standing = Standing(facts)

    async def at_end(self) -> None:
        trading = [server.life.name for server in self.world.servers if server.trades]
        if len(trading) != 1:
            self.broken(f"{len(trading)} servers trade: {', '.join(trading)}")
            return
        for look, what in (
            (self._unresolved, "is unresolved in storage"),
            (self._only_stored, "is live in storage and not at the exchange"),
            (self._only_at_exchange, "stands at the exchange and is not live in storage"),
        ):
            left = await lasting(self, look)
            if left:
                self.broken(f"{', '.join(left)} {what}")
                return
        for member in self.facts.people.members:
            for name in member.connectors:
                await self._balances(member, name)

    def _unresolved(self) -> list[str]:
        query = "SELECT client_order_id FROM orders WHERE live AND state IN ('pending_new', 'unresolved')"
        return [row["client_order_id"] for row in self.facts.stored.rows(query)]

    def _stored(self) -> list[str]:
        return [
            row["client_order_id"] for row in self.facts.stored.rows("SELECT client_order_id FROM orders WHERE live")
        ]

    def _at_exchange(self) -> list[str]:
        return [order.client_order_id for _, order in self._standing.everywhere()]

    def _only_stored(self) -> list[str]:
        there = self._at_exchange()
        return [one for one in self._stored() if one not in there]

    def _only_at_exchange(self) -> list[str]:
        stored = self._stored()
        return [one for one in self._at_exchange() if one not in stored]

    async def _balances(self, member: Member, connector: str) -> None:
        """What a forced read shows is what the exchange holds, once nothing moves in between."""
        path = f"/clients/{member.client_id}/connectors/{member.connectors[connector]}/balances?refresh=true"
        wrong = "nobody answers"
        for _ in range(LOOKS):
            reply = await self.facts.people.call("GET", path, patience_s=ANSWER_S)
            if reply is not None and reply.status == 404:
                return  # people have removed it
            if reply is not None and reply.status == 200:
                found = self._wrong(member.plan.exchange_account, reply.json)
                if found is None:
                    return
                wrong = found
            await self.world.clock.sleep(LOOK_EVERY_S)
        self.broken(f"balances of {connector} of {member.plan.client}: {wrong}")

    def _wrong(self, account: str, said: dict[str, Any]) -> str | None:
        if said["status"] != "ok":
            return f"{said['status']}, {said['finding']['code']}"
        for currency, held in said["balances"].items():
            shown, true = (
                Held(Decimal(held["available"]), Decimal(held["locked"])),
                held_now(self.world, account, currency),
            )
            if shown != true:
                return f"{currency} is shown as {shown}, and is {true}"
        return None


class Wished(Invariant):
    """A bot wished running has orders standing, or a reason that is true; one wished stopped has none."""

    id = "I31"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._standing = Standing(facts)

    async def at_end(self) -> None:
        for member in self.facts.people.members:
            for bot_id, wish in member.wishes.items():
                if wish == "running":
                    await self._runs(member, bot_id)
                else:
                    await self._rests(member, bot_id)

    async def _rests(self, member: Member, bot_id: str) -> None:
        def left() -> list[str]:
            return [order.client_order_id for order in self._standing.of_bot(member, bot_id)]

        standing = await lasting(self, left)
        if standing:
            self.broken(f"{bot_id} is wished stopped, and {', '.join(standing)} stands at the exchange")

    async def _runs(self, member: Member, bot_id: str) -> None:
        states: list[str] = []
        for _ in range(LOOKS):
            if self._standing.of_bot(member, bot_id):
                return
            reply = await self.facts.people.call("GET", f"/bots/{bot_id}", patience_s=ANSWER_S)
            if reply is not None and reply.status == 200:
                state = reply.json["state"]
                states.append(f"{state['code']} {state['reason']}")
                if reply.json["status"] != "running":
                    self.broken(f"{bot_id} is wished running, and the platform says {reply.json['status']}")
                    return
                if self._is_true(member, bot_id, state):
                    return
            await self.world.clock.sleep(LOOK_EVERY_S)
        self.broken(f"{bot_id} is wished running and has no order; it says {states[-1] if states else 'nothing'}")

    def _is_true(self, member: Member, bot_id: str, state: dict[str, Any]) -> bool:
        """Whether what it says of why it has no order is so."""
        rows, code = self.facts.stored.rows, state["code"]
        if code == "killed":
            return any(
                row["scope_id"] in ("", member.client_id, bot_id)
                for row in rows("SELECT scope_id FROM kills WHERE rearmed_at IS NULL")
            )
        if code == "held":
            return bool(rows("SELECT 1 FROM holds WHERE lifted_at IS NULL")) or state["reason"] == "hold.resume_blocked"
        if code == "halted":
            risk = rows("SELECT state FROM bot_risk WHERE bot_id = ?", bot_id)
            return bool(risk) and json.loads(risk[0]["state"]).get("halt") is not None
        match state["reason"]:
            case "funds.left":
                return bool(rows("SELECT 1 FROM transfers WHERE label IS NULL AND amount LIKE '-%'"))
            case _:
                return False


async def lasting(invariant: Invariant, look: Callable[[], Sequence[str]]) -> list[str]:
    """What each of several looks finds, so that nothing which is only under way counts."""
    left = list(look())
    for _ in range(LOOKS):
        if not left:
            break
        await invariant.world.clock.sleep(LOOK_EVERY_S)
        found = look()
        left = [one for one in left if one in found]
    return left
