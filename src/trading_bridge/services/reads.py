"""Many balances at once: asked for together, and one that hangs keeps nobody waiting."""

import asyncio
import math
from collections.abc import Collection

from trading_bridge.clock import within
from trading_bridge.core.balance import Balances
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.known import Known, Unknown
from trading_bridge.services.deps import Deps

#: a list answers after this with what is known of the slow ones
WAIT_S = 2.0
#: asking for the last good value takes no request, unless there never was one
PEEK_S = 0.1


async def balances_of(deps: Deps, connector_ids: Collection[str]) -> dict[str, Known[Balances]]:
    """connector_id -> what is known of it, read again where that is older than 5 s."""
    found: dict[str, Known[Balances]] = {}

    async def read(connector_id: str, max_age_s: float) -> None:
        found[connector_id] = await deps.manager.balances(connector_id, max_age_s=max_age_s)

    async def read_all(wanted: Collection[str], max_age_s: float) -> None:
        await asyncio.gather(*(read(connector_id, max_age_s) for connector_id in sorted(wanted)))

    if await within(deps.clock, WAIT_S, read_all(connector_ids, 5.0)):
        return found
    slow = [connector_id for connector_id in connector_ids if connector_id not in found]
    await within(deps.clock, PEEK_S, read_all(slow, math.inf))
    for connector_id in slow:
        if connector_id not in found:
            never = Finding(code="connector.not_synced", severity=Severity.WARNING, since=deps.clock.now())
            found[connector_id] = Unknown(finding=never)
    return found
