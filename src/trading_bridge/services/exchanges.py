"""The exchanges to choose from, how far each is proved, and what each lists."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from trading_bridge.accounts.host import is_sandbox
from trading_bridge.core.certification import FieldRecord
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


async def field_checked(deps: Deps) -> Mapping[str, FieldRecord]:
    """Exchange id -> the certification that proves most of those that passed on this installation: at the exchange
    rather than in its sandbox, with an order rather than without one, the newest of those."""
    async with deps.database.unit_of_work(read_only=True) as uow:
        passed = await uow.certifications.passed()
    best: dict[str, FieldRecord] = {}
    for record in passed:  # the newest first
        if record.exchange not in best or _proves(record) > _proves(best[record.exchange]):
            best[record.exchange] = record
    return best


def _proves(record: FieldRecord) -> tuple[bool, bool]:
    return not is_sandbox(record.base_url), record.symbol is not None


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
