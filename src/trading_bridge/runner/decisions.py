"""What each bot decides, and why: stored when it changes, counted in between."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from trading_bridge.clock import Clock, Entropy
from trading_bridge.core.decision import Decision, StoredDecision, Wanted, WantedOrder
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.market import Market
from trading_bridge.core.order import Side
from trading_bridge.errors import StorageRefused, TradingBridgeError
from trading_bridge.logs import get_logger
from trading_bridge.storage.journal import Journal
from trading_bridge.storage.journal_rows import StoreDecision, Written

DECISION_ID_LENGTH = 16
#: what the storage did not take is offered again so often
RETRY_EVERY_S = 1.0
#: and so many decisions are kept for it; the oldest go first
UNWRITTEN_MAX = 500

_log = get_logger("decisions")

#: codes of the reason, of the notes and of the finding; sides of the orders that should stand, None: what stands stays;
#: version of the config
_Said = tuple[str, frozenset[str], str | None, frozenset[Side] | None, str | None]


@dataclass(slots=True, kw_only=True)
class _Standing:
    """Cycles in a row that said the same."""

    said: _Said
    #: with the first cycle's numbers
    first: StoredDecision
    #: of the newest cycle
    decision: Decision
    market: Market | None
    cycles: int = 1
    ended_at: datetime | None = None
    #: offers to the journal that it has not answered
    under_way: int = 0

    def row(self) -> StoredDecision:
        """As it is to be stored."""
        return self.first if self.ended_at is None else replace(self.first, ended_at=self.ended_at, cycles=self.cycles)


class DecisionLog:
    def __init__(self, journal: Journal, entropy: Entropy, clock: Clock) -> None:
        self._journal = journal
        self._entropy = entropy
        self._clock = clock
        self._standing: dict[str, _Standing] = {}  # bot_id -> what its cycles say now
        self._configs: dict[str, str] = {}  # bot_id -> version of the config that it decides with
        self._unwritten: dict[str, _Standing] = {}  # decision_id -> one that the storage did not take yet
        self._retry_at = 0.0
        #: why something that was decided is not stored; None: all of it is, or is under way
        self.failure: Finding | None = None

    def configured(self, bot_id: str, config: str) -> None:
        """The version of the config that the bot decides with from here on (faults O2)."""
        self._configs[bot_id] = config

    def record(self, bot_id: str, decision: Decision, at: datetime, market: Market | None) -> str:
        """One cycle, of which orders name the id that comes back. Writes only when it says another thing than the
        one before it, and waits for nothing. `market` may be None where no order is wanted."""
        self.retry()
        config = self._configs.get(bot_id)
        said = _said(decision, config)
        standing = self._standing.get(bot_id)
        if standing is not None and standing.said == said:
            standing.cycles += 1
            standing.decision, standing.market = decision, market
            return standing.first.id
        if standing is not None:
            self._end(standing, at)
        stored = _stored(self._entropy.token(DECISION_ID_LENGTH), bot_id, at, decision, market)
        first = replace(stored, config=config)
        begun = self._standing[bot_id] = _Standing(said=said, first=first, decision=decision, market=market)
        self._write(begun)
        return first.id

    def current(self, bot_id: str) -> StoredDecision | None:
        """What stands, with the numbers of the newest cycle and the count so far; None: nothing was decided, or the
        bot has ended."""
        standing = self._standing.get(bot_id)
        if standing is None:
            return None
        first = standing.first
        newest = _stored(first.id, bot_id, first.decided_at, standing.decision, standing.market)
        return replace(newest, cycles=standing.cycles, config=first.config)

    def end(self, bot_id: str) -> None:
        """The bot's worker is gone: nothing is decided for it any more."""
        self._configs.pop(bot_id, None)
        standing = self._standing.pop(bot_id, None)
        if standing is not None:
            self._end(standing, self._clock.now())

    def retry(self) -> None:
        """Offers what the storage did not take once more, where the last time is a while ago."""
        if not self._unwritten or (now := self._clock.monotonic()) < self._retry_at:
            return
        self._retry_at = now + RETRY_EVERY_S
        for standing in tuple(self._unwritten.values()):
            if not standing.under_way:
                self._write(standing)

    def _end(self, standing: _Standing, at: datetime) -> None:
        standing.ended_at = max(at, standing.first.decided_at)  # a wall clock may step back
        self._write(standing)

    def _write(self, standing: _Standing) -> None:
        row = standing.row()
        standing.under_way += 1
        self._journal.write(StoreDecision(decision=row)).add_done_callback(partial(self._heard, standing, row))

    def _heard(self, standing: _Standing, row: StoredDecision, writing: "asyncio.Future[tuple[Written, ...]]") -> None:
        """A full journal refuses an end at once, while the beginning is still on its way."""
        standing.under_way -= 1
        if writing.cancelled():
            return
        error = writing.exception()
        if error is not None:
            assert isinstance(error, TradingBridgeError)
            self._failed(standing, error)
            return
        if row.ended_at == standing.ended_at:
            self._unwritten.pop(row.id, None)
        if not self._unwritten:
            self.failure = None

    def _failed(self, standing: _Standing, error: TradingBridgeError) -> None:
        """What was refused would be refused again; what the storage could not take is offered again."""
        first, before = standing.first, self.failure
        _log.warning("decision not stored", bot=first.bot_id, decision=first.id, code=error.code, error=error.message)
        since = self._clock.now() if before is None or before.code != error.code else before.since
        parameters = {"detail": error.message}
        self.failure = Finding(code=error.code, severity=Severity.CRITICAL, since=since, parameters=parameters)
        if isinstance(error, StorageRefused):
            self._unwritten.pop(first.id, None)
            return
        self._unwritten[first.id] = standing
        if len(self._unwritten) > UNWRITTEN_MAX:
            del self._unwritten[next(iter(self._unwritten))]


def _said(decision: Decision, config: str | None) -> _Said:
    return (
        decision.reason.code,
        frozenset([note.code for note in decision.notes]),
        None if decision.finding is None else decision.finding.code,
        None if decision.wanted is None else frozenset([order.side for order in decision.wanted]),
        config,
    )


def _stored(
    decision_id: str, bot_id: str, decided_at: datetime, decision: Decision, market: Market | None
) -> StoredDecision:
    return StoredDecision(
        id=decision_id,
        bot_id=bot_id,
        decided_at=decided_at,
        reason=decision.reason,
        notes=decision.notes,
        finding_code=None if decision.finding is None else decision.finding.code,
        wanted=None if decision.wanted is None else tuple([_order(wish, market) for wish in decision.wanted]),
    )


def _order(wish: Wanted, market: Market | None) -> WantedOrder:
    assert market is not None, "nobody wants orders on a market whose rules are not known"
    return WantedOrder(side=wish.side, price=market.price(wish.price), amount=market.amount(wish.amount))
