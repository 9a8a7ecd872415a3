"""What exchanges list, for whoever chooses a pair."""

from dataclasses import dataclass
from datetime import datetime

from trading_bridge.core.finding import Finding
from trading_bridge.core.known import Ok, Unknown
from trading_bridge.core.market import Market
from trading_bridge.errors import NotFound
from trading_bridge.exchanges.registry import ExchangeInfo, exchange_info
from trading_bridge.services import checks
from trading_bridge.services.deps import Deps

SEARCH_MAX = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    exchange: ExchangeInfo
    #: in the order of their symbols, as many as were asked for
    markets: tuple[Market, ...]
    #: that fit the search; None: the list could not be read
    total: int | None
    #: when the list was read; None: never
    as_of: datetime | None
    #: why it is old, or not there; None: it is as the exchange answered
    finding: Finding | None
    fresh: bool


async def markets(deps: Deps, exchange_id: str, search: str, limit: int) -> Listed:
    """Raises NotFound. Fitting is what holds the search in its symbol, however it is spelled."""
    info = exchange_info(exchange_id)
    if info is None:
        raise NotFound("exchange.not_found", f"There is no exchange {checks.text(exchange_id, 'exchange')}.")
    known = await deps.manager.markets(info.id)
    if isinstance(known, Unknown):
        return Listed(exchange=info, markets=(), total=None, as_of=None, finding=known.finding, fresh=False)
    wanted = _plain(checks.text(search, "search", max_length=SEARCH_MAX)) if search.strip() else ""
    fitting = [one for symbol, one in sorted(known.value.items()) if wanted in _plain(symbol)]
    return Listed(
        exchange=info,
        markets=tuple(fitting[:limit]),
        total=len(fitting),
        as_of=known.as_of,
        finding=known.finding,
        fresh=isinstance(known, Ok),
    )


def _plain(symbol: str) -> str:
    return "".join(letter for letter in symbol.upper() if letter.isalnum())
