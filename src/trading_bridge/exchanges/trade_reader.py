"""Own trades without gaps or repeats, by each of the ways in which exchanges page them."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any, Protocol

from trading_bridge.core.outcome import Answered, Outcome
from trading_bridge.core.trade import Trade
from trading_bridge.exchanges.convert import TradePage
from trading_bridge.exchanges.parsing import ordinal
from trading_bridge.exchanges.trace import unix_ms
from trading_bridge.exchanges.wire import FromId, OwnTradePaging, Pages, Windows

#: more pages than this are not read in one go
TRADE_PAGES_MAX = 50
#: where the reading goes on: at a page, a trade's id, or a time
Place = int | datetime
BEGIN: Place = 1
_TICK = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Own trades of some pages, oldest first."""

    trades: tuple[Trade, ...]
    #: where those go on that were not read; None: none that were asked for are left
    next_page: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Of one order all, else those after a trade, else all since a time, else the newest page."""

    exchange_order_id: str | None
    after_trade_id: str | None
    since: datetime | None

    @property
    def whole(self) -> bool:
        return self.after_trade_id is not None or self.exchange_order_id is not None or self.since is not None


class Asking(Protocol):
    async def page(self, *, since: datetime | None, rows: int, params: Mapping[str, Any]) -> Outcome[TradePage]: ...

    async def of_order(self, exchange_order_id: str) -> Outcome[TradePage] | None:
        """By a call of its own; None: the class has none."""
        ...


async def read_stretch(
    paging: OwnTradePaging, asking: Asking, wanted: Wanted, place: Place, now: Callable[[], datetime]
) -> Outcome[Stretch]:
    match paging:
        case Pages():
            return await _by_page(paging, asking, wanted, place)
        case FromId():
            return await _from_id(paging, asking, wanted, place, now)
        case Windows():
            return await _by_window(paging, asking, wanted, place, now)


Numbered = tuple[int, Trade]


async def _by_page(paging: Pages, asking: Asking, wanted: Wanted, place: Place) -> Outcome[Stretch]:
    """Pages shift while fills arrive, so they are read until one adds nothing new, and each trade counts once."""
    assert isinstance(place, int)
    found: dict[str, Numbered] = {}  # trade id -> the exchange's number of its match, the trade
    last_page = place + TRADE_PAGES_MAX - 1
    for page in range(place, last_page + 1):
        params: dict[str, Any] = {paging.page_param: page}
        if wanted.exchange_order_id is not None:
            params[paging.order_param] = wanted.exchange_order_id
        outcome = await asking.page(since=None, rows=paging.rows, params=params)
        if not isinstance(outcome, Answered):
            return outcome
        fresh = _by_trade_id(outcome.value)
        ended = len(outcome.value.trades) < paging.rows or fresh.keys() <= found.keys()
        found = fresh | found
        reached = wanted.after_trade_id in found or _begins_before(wanted.since, found.values())
        all_read = ended or (outcome.value.newest_first and (not wanted.whole or reached))
        if all_read or page == last_page:
            # the last page is read again: rows of it move on while new ones come, and may move back
            return _stretch(found, wanted, None if all_read else page, outcome)
    raise AssertionError("the last page returns")


async def _from_id(
    paging: FromId, asking: Asking, wanted: Wanted, place: Place, now: Callable[[], datetime]
) -> Outcome[Stretch]:
    """On from an id, oldest first. Where none is known the newest page is asked for; what began before it is looked for
    in spans of time, up to the first trade."""
    found: dict[str, Numbered] = {}
    of_order = {} if wanted.exchange_order_id is None else {paging.order_param: wanted.exchange_order_id}
    at: Place | None = place if place != BEGIN else _after_id(wanted)
    span = paging.window
    outcome: Outcome[TradePage] | None = None
    for _ in range(TRADE_PAGES_MAX):
        since, params = None, dict[str, Any](of_order)
        if isinstance(at, datetime):
            since, params["until"] = at, unix_ms(at + span - _TICK)
        elif at is not None:
            params[paging.id_param] = at
        outcome = await asking.page(since=since, rows=paging.rows, params=params)
        if not isinstance(outcome, Answered):
            return outcome
        page = outcome.value
        full = len(page.trades) >= paging.rows
        if isinstance(at, datetime) and full and span > _TICK:
            span = max(span / 2, _TICK)  # what was cut off is not told: ask for less at once
            continue
        fresh = _by_trade_id(page)
        found |= fresh
        if isinstance(at, datetime) and not fresh:
            at += span
            ended = at > now()
        elif at is None:
            ended = not full or not wanted.whole or _begins_before(wanted.since, found.values())
            at = wanted.since if wanted.exchange_order_id is None and wanted.since is not None else 0
        else:
            ended = not isinstance(at, datetime) and not full
            if isinstance(at, int) and min(map(itemgetter(0), fresh.values()), default=at) < at:
                break  # it was not asked for: nothing tells that the rest was
            at = max(map(itemgetter(0), fresh.values()), default=-1) + 1
        if ended:
            return _stretch(found, wanted, None, outcome)
    assert isinstance(outcome, Answered)
    return _stretch(found, wanted, at, outcome)


def _after_id(wanted: Wanted) -> int | None:
    after = None if wanted.exchange_order_id is not None else wanted.after_trade_id
    return None if after is None else ordinal(after) + 1


async def _by_window(
    paging: Windows, asking: Asking, wanted: Wanted, place: Place, now: Callable[[], datetime]
) -> Outcome[Stretch]:
    if wanted.exchange_order_id is not None:
        return await _of_order(paging, asking, wanted, wanted.exchange_order_id)
    found: dict[str, Numbered] = {}
    begin = wanted.since if wanted.since is not None else now() - paging.window
    at, span = place if isinstance(place, datetime) else begin, paging.window
    outcome: Outcome[TradePage] | None = None
    for _ in range(TRADE_PAGES_MAX):
        outcome = await asking.page(since=at, rows=paging.rows, params={"until": unix_ms(at + span - _TICK)})
        if not isinstance(outcome, Answered):
            return outcome
        if len(outcome.value.trades) >= paging.full:
            if span <= _TICK:
                break
            span = max(span / 2, _TICK)
            continue
        found |= _by_trade_id(outcome.value)
        at += span
        span = min(span * 2, paging.window)
        if at > now():
            known = wanted.since is not None or wanted.after_trade_id is None or wanted.after_trade_id in found
            return _stretch(found, wanted, None if known else begin, outcome, _by_time)
    assert isinstance(outcome, Answered)
    return _stretch(found, wanted, at, outcome, _by_time)


async def _of_order(paging: Windows, asking: Asking, wanted: Wanted, exchange_order_id: str) -> Outcome[Stretch]:
    outcome: Outcome[TradePage] | None
    if paging.order_param is None:
        outcome = await asking.of_order(exchange_order_id)
    else:
        outcome = await asking.page(since=None, rows=paging.rows, params={paging.order_param: exchange_order_id})
    if outcome is None:
        outcome = await asking.page(since=None, rows=paging.rows, params={})
        told = False
    else:
        told = isinstance(outcome, Answered) and len(outcome.value.trades) < paging.full
    if not isinstance(outcome, Answered):
        return outcome
    return _stretch(_by_trade_id(outcome.value), wanted, None if told else BEGIN, outcome, _by_time)


def _by_number(each: Numbered) -> Any:
    return each[0]


def _by_time(each: Numbered) -> Any:
    """Where ids may be no numbers."""
    return each[1].exchange_time, each[0]


def _stretch(
    found: Mapping[str, Numbered],
    wanted: Wanted,
    place: Place | None,
    outcome: Answered[TradePage],
    order: Callable[[Numbered], Any] = _by_number,
) -> Answered[Stretch]:
    ordered = [trade for _, trade in sorted(found.values(), key=order)]
    return Answered(
        value=Stretch(trades=_after(ordered, wanted.after_trade_id), next_page=place), evidence=outcome.evidence
    )


def _by_trade_id(page: TradePage) -> dict[str, Numbered]:
    return {trade.trade_id: (number, trade) for number, trade in page.trades}


def _begins_before(since: datetime | None, found: Collection[Numbered]) -> bool:
    """Whether the oldest match is from before then."""
    if since is None or not found:
        return False
    _, oldest = min(found, key=itemgetter(0))
    return oldest.exchange_time < since


def _after(trades: list[Trade], trade_id: str | None) -> tuple[Trade, ...]:
    """Those that follow it; all of them where it is not among them."""
    for index, trade in enumerate(trades):
        if trade.trade_id == trade_id:
            return tuple(trades[index + 1 :])
    return tuple(trades)
