"""Where a look at own trades goes on: after what looks have told, and not before what may come late is in the list."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.factories import NOW, fill
from tests.unit.accounts.scripted import KeptJournal, OneMarket, ScriptedSession, answered
from trading_bridge.accounts.own_trades import LATE_WITHIN, PASSED_BY, OwnTrades
from trading_bridge.clock import ManualClock
from trading_bridge.core.client import Connector
from trading_bridge.core.finding import Finding
from trading_bridge.core.trade import Trade, TradeMark
from trading_bridge.exchanges.trade_reader import Stretch
from trading_bridge.storage.journal_rows import StoreTradeMark

SHARP = "SHARP/USDT"


def trade(number: int, seconds: float = 0) -> Trade:
    return fill(trade_id=str(number), exchange_time=NOW + timedelta(seconds=seconds))


def stretch(*trades: Trade, next_page: int | None = None) -> Any:
    return answered(Stretch(trades=trades, next_page=next_page))


def mark(of: Trade) -> TradeMark:
    return TradeMark(trade_id=of.trade_id, exchange_time=of.exchange_time)


@dataclass
class Storage:
    """Every trade is stored, but those whose order the exchange cannot name yet."""

    stored: Mapping[str, TradeMark] = field(default_factory=dict)
    untold: set[Trade] = field(default_factory=set)

    async def marks(self, symbols: Collection[str]) -> Mapping[str, TradeMark]:
        return {symbol: self.stored[symbol] for symbol in symbols if symbol in self.stored}

    async def unstored(self, trades: Sequence[Trade]) -> tuple[Trade, ...]:
        return tuple(trade for trade in trades if trade in self.untold)

    async def book(self, trades: Iterable[Trade]) -> tuple[Trade, ...]:
        return ()


class Looking:
    def __init__(self, *answers: Any, stored: TradeMark | None = None) -> None:
        self.clock = ManualClock(NOW)
        self.session = ScriptedSession({"trades_back": list(answers)})
        self.journal = KeptJournal()
        self.storage = Storage(stored={} if stored is None else {SHARP: stored})
        parts: dict[str, Any] = {
            "connector": Connector(
                id="connector1",
                client_id="client1",
                account="client_sharp",
                name="coinstore",
                exchange="coinstore",
                base_url=None,
                ipv4_only=False,
                proxy_url=None,
                key_last4=None,
                exchange_account=None,
                version=1,
                created_at=NOW,
                updated_at=NOW,
            ),
            "session": self.session,
            "rules": OneMarket(),
            "tracker": self.storage,
            "foreign": None,
            "shelf": self.storage,
            "journal": self.journal,
            "clock": self.clock,
        }
        self.trades = OwnTrades(**parts, is_anothers=lambda _: False, on_fill=lambda bot_id, fill: None)

    async def look(self) -> Finding | None:
        return await self.trades.read([SHARP])

    @property
    def asked(self) -> dict[str, Any]:
        return self.session.asked[-1][1]

    @property
    def stored(self) -> list[TradeMark]:
        return [row.mark for row in self.journal.rows if isinstance(row, StoreTradeMark)]


async def test_what_a_look_told_is_read_again_for_a_minute_and_then_marked() -> None:
    one, two = trade(1), trade(2)
    looking = Looking(stretch(one), stretch(one, two), stretch(one, two), stretch(two))
    await looking.look()
    assert looking.asked == {"after_trade_id": None, "since": NOW, "from_page": 1}
    await looking.clock.advance(LATE_WITHIN.total_seconds() - 1)
    await looking.look()
    assert looking.stored == []
    await looking.clock.advance(1)
    await looking.look()
    assert looking.stored == [mark(one)]
    await looking.look()
    assert looking.asked == {"after_trade_id": "1", "since": one.exchange_time - PASSED_BY, "from_page": 1}
    assert looking.stored == [mark(one)]


async def test_a_start_reads_on_from_the_stored_mark() -> None:
    looking = Looking(stretch(), stored=mark(trade(7)))
    assert await looking.look() is None
    assert (looking.asked["after_trade_id"], looking.stored) == ("7", [])


async def test_a_look_that_could_not_tell_all_marks_nothing() -> None:
    one, two, three = trade(1), trade(2), trade(3)
    looking = Looking(stretch(one), stretch(one, two, three), stretch(one, two, three))
    await looking.look()
    looking.storage.untold = {two}
    for _ in range(3):
        await looking.clock.advance(60)
        await looking.look()
    assert looking.stored == []
    looking.storage.untold = set()
    await looking.look()
    assert looking.stored == [mark(one)]


async def test_a_quiet_market_is_marked_once() -> None:
    looking = Looking(stretch(trade(1)), stretch(trade(1)), stretch())
    for _ in range(6):
        await looking.look()
        await looking.clock.advance(60)
    assert looking.stored == [mark(trade(1))]


async def test_more_than_one_look_reads_is_read_by_several_and_told_meanwhile() -> None:
    newest = trade(9, 300), trade(10, 330), trade(11, 331)
    looking = Looking(
        stretch(*newest, next_page=50),
        stretch(trade(5, 200), next_page=99),
        stretch(trade(1, 100)),
        stretch(trade(10, 330), trade(11, 331), trade(12, 360)),
    )
    found = await looking.look()
    assert found is not None
    assert (found.code, found.parameters["back_to"]) == ("volume.incomplete", "2026-01-01T00:05:00Z")
    found = await looking.look()
    assert looking.asked["from_page"] == 50
    assert found is not None
    assert found.parameters["back_to"] == "2026-01-01T00:03:20Z"
    assert looking.stored == []
    assert await looking.look() is None
    assert looking.asked["from_page"] == 99
    assert looking.stored == [mark(newest[0])], "what may have come late is read again"
    assert await looking.look() is None
    assert (looking.asked["after_trade_id"], looking.asked["from_page"]) == ("9", 1)


async def test_what_cannot_be_told_is_read_again_before_older_ones() -> None:
    looking = Looking(stretch(trade(9), next_page=50), stretch(trade(5), next_page=99), stretch(trade(1)))
    await looking.look()
    looking.storage.untold = {trade(5)}
    found = await looking.look()
    assert found is not None, "the market is not known up to now"
    looking.storage.untold = set()
    await looking.look()
    assert [named["from_page"] for _, named in looking.session.asked] == [1, 50, 50]
