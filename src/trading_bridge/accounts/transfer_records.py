"""The exchange's own records of deposits and withdrawals, and which of them are booked."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from trading_bridge.clock import Clock
from trading_bridge.core.outcome import Answered, Outcome
from trading_bridge.core.transfer import Transfer, TransferLabel, TransferRecord, TransferSource

#: how far back of the opening records may explain a movement: what was asked for then may have moved the balance later
BACK = timedelta(days=7)


class TransferRecords:
    def __init__(self, ask: Callable[[], Awaitable[Outcome[tuple[TransferRecord, ...]]]], clock: Clock) -> None:
        self._ask = ask
        self._clock = clock
        self._asked: float | None = None
        #: ids of those that had moved the balance before the books were opened; None: not known yet
        self._history: frozenset[str] | None = None
        self._last: tuple[TransferRecord, ...] = ()
        self._is_news = False  # of the last answer

    @property
    def age_s(self) -> float:
        """Since they were asked for."""
        return float("inf") if self._asked is None else self._clock.monotonic() - self._asked

    async def read(self) -> Outcome[tuple[TransferRecord, ...]]:
        self._asked = self._clock.monotonic()
        answer = await self._ask()
        if isinstance(answer, Answered):
            self._last, self._is_news = answer.value, True
        return answer

    def news_since_line(self) -> bool:
        """Whether they have been read since this was asked last, and what is the account's past is known."""
        news = self._is_news and self._history is not None
        self._is_news = self._is_news and not news
        return news

    def draw_line(self, opened_at: datetime) -> None:
        """What is complete now, and was asked for before, is the account's past."""
        if self._history is None:
            self._history = frozenset(one.exchange_id for one in self._last if one.completed and one.at <= opened_at)

    def unbooked(self, booked: Iterable[Transfer], opened_at: datetime | None) -> tuple[TransferRecord, ...]:
        """Of the last answer, those that have moved the balance, and that no movement has yet."""
        known = {one.exchange_id for one in booked} | (self._history or frozenset())
        oldest = (opened_at or self._clock.now()) - BACK
        return tuple(one for one in self._last if one.completed and one.exchange_id not in known and one.at >= oldest)


def observed(record: TransferRecord, booked: Iterable[Transfer]) -> Transfer | None:
    """A movement that was booked without this record, and is of it; None: none is."""
    for one in booked:
        if one.exchange_id is None and one.source is TransferSource.OBSERVED and one.currency == record.currency:
            if one.amount in (record.amount, record.with_fee().amount) and abs(one.at - record.at) <= BACK:
                return one
    return None


def proved(transfer: Transfer, record: TransferRecord, now: datetime) -> Transfer:
    """With its record, which labels a deposit; that a withdrawal was meant is for a person to say."""
    found = replace(transfer, exchange_id=record.exchange_id, at=min(record.at, now))
    if transfer.amount > 0 and transfer.label is None:
        return replace(found, label=TransferLabel.DEPOSIT, labelled_at=now)
    return found
