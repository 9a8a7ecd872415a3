"""K rows: keys that lose what they had, addresses that are not allowed, keys that are changed."""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import ClassVar

from tests.simulation.faults.fault import Stage
from tests.simulation.faults.spell import Spell, put_on_exchange, put_on_line
from tests.simulation.people import Member
from tests.simulation.trouble import Effect
from tests.simulation.watch import Call
from tests.simulation.wires import WIRES
from trading_bridge.exchanges.in_process_network import FOUR, SIX
from trading_bridge.sandbox.accounts import ApiKey
from trading_bridge.sandbox.faults import Fault, FaultKind

#: of nobody else (RFC 5737)
ANOTHER_ADDRESS = "192.0.2.77"


def a_key(stage: Stage) -> ApiKey:
    """One that is in use."""
    account = stage.rng.choice(stage.scenario.accounts).exchange_account
    keys = [key for key in stage.world.exchange.engine.directory.keys(account) if not key.revoked]
    return stage.rng.choice(keys)


class KeyFault(Spell):
    """The exchange judges one key otherwise than before."""

    kind: ClassVar[FaultKind]
    lasts_s = (3.0, 30.0)

    def begin(self, stage: Stage, undo: ExitStack) -> Mapping[str, object]:
        key = a_key(stage)
        put_on_exchange(stage, undo, Fault(kind=self.kind, api_key=key.api_key))
        return {"account": key.account}


class KeyDeleted(KeyFault):
    id = "K1"
    form = "deleted"
    kind = FaultKind.KEY_DELETED


class SecretWrong(KeyFault):
    id = "K1"
    form = "secret"
    kind = FaultKind.SECRET_WRONG


class TradeMissing(KeyFault):
    id = "K1"
    form = "trade"
    kind = FaultKind.TRADE_MISSING


class ReadMissing(KeyFault):
    id = "K1"
    form = "read"
    kind = FaultKind.READ_MISSING


class AddressRefused(KeyFault):
    """The key's list of addresses has changed."""

    id = "K2"
    form = "theirs"
    kind = FaultKind.ADDRESS_REFUSED


class AddressMoved(Spell):
    """Keys name our address, and we leave by another one."""

    id = "K2"
    form = "ours"
    lasts_s = (3.0, 30.0)

    def begin(self, stage: Stage, undo: ExitStack) -> Mapping[str, object]:
        directory = stage.world.exchange.engine.directory
        for plan in stage.scenario.accounts:
            for key in directory.keys(plan.exchange_account):
                directory.change_key(key.api_key, addresses=(FOUR, SIX))
                undo.callback(directory.change_key, key.api_key, addresses=key.addresses)
        stage.world.exchange.engine.commit()
        servers = [server.life.name for server in stage.world.servers if server.life.alive]
        server = stage.rng.choice((None, *servers))
        put_on_line(stage, undo, _Elsewhere(server))
        return {"server": server or "all"}


class _Elsewhere(Effect):
    def __init__(self, server: str | None) -> None:
        super().__init__()
        self._server = server

    def hits(self, call: Call) -> bool:
        return self._server in (None, call.life.name)

    def leaves_by(self, call: Call, address: str) -> str:
        return ANOTHER_ADDRESS


class Rotated:
    """A person makes a new key, enters it, and deletes the old one once the platform has taken the new one."""

    id: ClassVar[str] = "K4"

    def __init__(self) -> None:
        self._current: dict[tuple[str, str], str] = {}  # account, connector -> the key that was taken last

    async def run(self, stage: Stage) -> None:
        while True:
            await stage.pause(60.0)
            member = stage.rng.choice(stage.people.members)
            name = stage.rng.choice(sorted(member.connectors))
            await self._rotate(stage, member, name)

    async def heal(self, stage: Stage) -> None:
        """Old keys that were perhaps not replaced still open the account."""

    async def _rotate(self, stage: Stage, member: Member, name: str) -> None:
        account, exchange = member.plan.exchange_account, stage.world.exchange
        former = self._current.get((account, name)) or self._keys_of(stage, member)[name]
        made = exchange.key(account)
        stage.world.watchers.fault(self.id, "strikes", account=account, connector=name)
        path = f"/clients/{member.client_id}/connectors/{member.connectors[name]}"
        entered = WIRES[member.plan.exchange].credentials(made)
        fields = {**entered, "save_anyway": stage.rng.random() < 0.5}
        said = await stage.people.call("PUT", path, fields)
        if said is None or said.status >= 400:
            return  # perhaps it was taken all the same: both stay
        self._current[account, name] = made.api_key
        await stage.world.clock.sleep(stage.rng.uniform(0.0, 10.0))
        exchange.engine.directory.change_key(former, revoked=True)
        exchange.engine.commit()

    def _keys_of(self, stage: Stage, member: Member) -> Mapping[str, str]:
        """Keys were made in the order of the connectors."""
        keys = stage.world.exchange.engine.directory.keys(member.plan.exchange_account)
        return {name: key.api_key for name, key in zip(member.plan.connectors, keys, strict=False)}


KEYS: Mapping[str, type[Spell] | type[Rotated]] = {
    "K1-deleted": KeyDeleted,
    "K1-secret": SecretWrong,
    "K1-trade": TradeMissing,
    "K1-read": ReadMissing,
    "K2-theirs": AddressRefused,
    "K2-ours": AddressMoved,
    "K4": Rotated,
}
