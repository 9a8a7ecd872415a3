"""The addresses that must be allowed at the exchange."""

from trading_bridge.accounts.host import is_loopback
from trading_bridge.core.finding import Finding
from trading_bridge.diagnosis.egress import Egress, Way
from trading_bridge.diagnosis.ladder import EgressAddress, StepOutcome
from trading_bridge.diagnosis.probes.probed import Probed, passed, skipped
from trading_bridge.diagnosis.probes.route import NAMES
from trading_bridge.exchanges.family import Family, family_of
from trading_bridge.exchanges.network import Addresses

_SETTINGS = (
    "set TRADING_BRIDGE_EGRESS_URL to a service that answers with the caller's address, "
    "or TRADING_BRIDGE_EGRESS_ADDRESSES to the addresses of this host"
)


async def egress_addresses(
    egress: Egress, way: Way, resolved: Addresses | None, *, sandbox: bool
) -> Probed[tuple[EgressAddress, ...]]:
    """`resolved`: the addresses of what is connected to first, which is the proxy where there is one. `sandbox`: the
    connector is at the sandbox, which alone sees this host by its loopback."""
    seen = await egress.addresses(way)
    if not seen and way.proxy_url is not None:
        seen = _of_proxy(resolved or {})
    found = tuple(one for one in seen if sandbox or not is_loopback(one.address))
    changing = egress.changing(way)
    if changing is not None:
        return _changing(found, changing)
    if found:
        return passed(f"requests leave from {_told(found)}", found)
    if seen:
        return skipped(f"only the loopback of this host was seen, which no exchange outside it sees: {_SETTINGS}")
    if egress.asks:
        return skipped("the service of TRADING_BRIDGE_EGRESS_URL gave no address")
    return skipped(f"it is not known from where requests leave: {_SETTINGS}")


def _of_proxy(resolved: Addresses) -> tuple[EgressAddress, ...]:
    """What stands in where nobody outside was asked: most proxies leave from where they are reached."""
    return tuple(
        EgressAddress(family=family.value, address=address, source="proxy", first_seen=None, last_seen=None)
        for family, addresses in resolved.items()
        for address in addresses
        if family_of(address) is family
    )


def _told(addresses: tuple[EgressAddress, ...]) -> str:
    return ", ".join(f"{one.address} ({NAMES[Family(one.family)]}, {one.source})" for one in addresses)


def _changing(found: tuple[EgressAddress, ...], finding: Finding) -> Probed[tuple[EgressAddress, ...]]:
    said = finding.parameters
    return Probed(
        outcome=StepOutcome.FAIL,
        detail=f"the {said['family']} address changes: {said['before']} before, {said['now']} now",
        value=found,
        finding=finding,
    )
