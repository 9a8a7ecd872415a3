import sqlite3
from pathlib import Path

import pytest

from tests.sandbox_exchange import SHARP, SandboxExchange, atoms
from trading_bridge.core.order import OrderState, Side
from trading_bridge.errors import SettingsError
from trading_bridge.sandbox.directory import FEES, MARKET_MAKER, MARKET_TAKER
from trading_bridge.sandbox.store import Store

BUY, SELL = Side.BUY, Side.SELL


def state_of(exchange: SandboxExchange) -> dict[str, object]:
    """All that a client can know."""
    accounts = exchange.engine.directory.accounts()
    return {
        "accounts": [(a.name, a.kind, a.uid, a.account_id, a.active_order_limit) for a in accounts],
        "purses": {(a.name, currency): (p.free, p.used) for a in accounts for currency, p in a.purses.items()},
        "keys": exchange.engine.directory.keys("alice"),
        "orders": [repr(order) for order in exchange.store.orders("alice", before_id=None, limit=100)],
        "open": [order.id for order in exchange.engine.open_orders("alice")],
        "fills": exchange.store.fills("alice", SHARP, order_id=None, side=None, offset=0, limit=100),
        "entries": exchange.store.entries("alice", after=0, until=10**9, limit=1000),
        "trades": exchange.engine.public_trades(SHARP, 100),
        "deposits": exchange.store.transfers("alice", None, deposits=True, since_ms=0, until_ms=2**62, limit=100),
        "sequence": exchange.engine.sequence,
        "counters": dict(exchange.store.counters),
    }


def busy(path: Path) -> SandboxExchange:
    exchange = SandboxExchange(path)
    exchange.account("alice", USDT="1000", SHARP="1000")
    exchange.key("alice", api_key="key-1", secret="secret-1", addresses=("192.0.2.1", "192.0.2.2"))
    exchange.quote(SELL, 26_000, 5_000)
    exchange.limit(BUY, 25_000, 10_000, client_order_id="first")
    exchange.limit(BUY, 25_000, 10_000, client_order_id="second")
    exchange.limit(SELL, 27_000, 10_000, client_order_id="third")
    gone = exchange.limit(BUY, 24_000, 10_000, client_order_id="gone")
    exchange.engine.cancel(gone)
    exchange.limit(BUY, 26_000, 3_000, client_order_id="taker")
    exchange.take(SELL, 25_000, 4_000)
    return exchange


def test_a_new_start_knows_everything_and_continues_the_numbers(tmp_path: Path) -> None:
    exchange = busy(tmp_path / "s.db")
    exchange.engine.commit()
    before = state_of(exchange)
    exchange.store.close()
    again = SandboxExchange(tmp_path / "s.db")
    assert state_of(again) == before
    newest = again.limit(BUY, 20_000, 100)
    assert newest.id > max(order.id for order in again.store.orders("alice", before_id=newest.id, limit=100))


def test_the_markets_liquidity_leaves_and_own_orders_keep_their_queue(tmp_path: Path) -> None:
    exchange = busy(tmp_path / "s.db")
    exchange.quote(BUY, 24_500, 100)
    exchange.engine.commit()
    exchange.store.close()
    again = SandboxExchange(tmp_path / "s.db")
    assert again.engine.book(SHARP).depth(BUY, 9) == [(25_000, 16_000)]
    assert again.engine.book(SHARP).depth(SELL, 9) == [(27_000, 10_000)]
    again.take(SELL, 25_000, 6_000)
    first = again.engine.order_by_client_id("alice", "first")
    second = again.engine.order_by_client_id("alice", "second")
    assert first is not None
    assert second is not None
    assert (first.state, second.state, second.filled) == (OrderState.FILLED, OrderState.NEW, 0)


def test_what_was_not_committed_never_happened(tmp_path: Path) -> None:
    exchange = busy(tmp_path / "s.db")
    exchange.engine.commit()
    before = state_of(exchange)
    exchange.engine.cancel(exchange.engine.open_orders("alice")[0])
    exchange.take(SELL, 25_000, 4_000)
    exchange.engine.deposit("alice", "USDT", atoms("5"))
    exchange.store.close()  # as in a crash: nothing waits for anything
    assert state_of(SandboxExchange(tmp_path / "s.db")) == before


def test_revoked_keys_stay_revoked(tmp_path: Path) -> None:
    exchange = busy(tmp_path / "s.db")
    exchange.engine.directory.change_key("key-1", revoked=True)
    exchange.engine.commit()
    exchange.store.close()
    key = SandboxExchange(tmp_path / "s.db").engine.directory.key("key-1")
    assert key is not None
    assert key.revoked
    assert key.addresses == {"192.0.2.1", "192.0.2.2"}


def test_books_of_market_accounts_and_house_survive(tmp_path: Path) -> None:
    exchange = busy(tmp_path / "s.db")
    exchange.engine.commit()
    purses = {name: exchange.held(name, "USDT") for name in (FEES, MARKET_MAKER, MARKET_TAKER)}
    exchange.store.close()
    again = SandboxExchange(tmp_path / "s.db")
    assert {name: again.held(name, "USDT") for name in purses} == purses


def test_a_second_process_on_one_file_is_refused(tmp_path: Path) -> None:
    exchange = SandboxExchange(tmp_path / "s.db")
    with pytest.raises(SettingsError, match="another sandbox"):
        Store(tmp_path / "s.db")
    exchange.store.close()
    Store(tmp_path / "s.db").close()


def test_another_versions_file_is_refused(tmp_path: Path) -> None:
    Store(tmp_path / "s.db").close()
    with sqlite3.connect(tmp_path / "s.db") as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(SettingsError, match="another version"):
        Store(tmp_path / "s.db")


def test_nothing_is_answered_after_a_commit_failed() -> None:
    exchange = SandboxExchange()
    exchange.account("alice", USDT="1000")
    exchange.engine.commit()
    exchange.store._database.execute("DROP TABLE entries")
    exchange.limit(BUY, 25_000, 10_000)
    with pytest.raises(sqlite3.OperationalError):
        exchange.engine.commit()
    with pytest.raises(sqlite3.OperationalError, match="restart"):
        exchange.engine.commit()


def test_a_commit_without_news_writes_nothing() -> None:
    exchange = SandboxExchange()
    exchange.account("alice", USDT="1000")
    exchange.engine.commit()
    before = exchange.store._database.total_changes
    exchange.quote(SELL, 26_000, 5_000)  # resting market orders are not stored
    exchange.engine.commit()
    assert exchange.store._database.total_changes == before


def test_an_open_order_on_a_market_that_is_gone_stops_the_start(tmp_path: Path) -> None:
    exchange = busy(tmp_path / "s.db")
    exchange.engine.commit()
    exchange.store.close()
    with pytest.raises(SettingsError, match="not listed"):
        SandboxExchange(tmp_path / "s.db", markets=())


def test_a_crash_in_the_middle_of_a_commit_tears_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.db")
    pragma = store._database.execute
    assert pragma("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert pragma("PRAGMA synchronous").fetchone()[0] == 1  # NORMAL
    store.close()


def test_a_file_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    """`version_1.sql` is a dump of what `busy` left behind under the first version."""
    path = tmp_path / "s.db"
    database = sqlite3.connect(path)
    database.executescript((Path(__file__).parent / "version_1.sql").read_text())
    database.execute("PRAGMA user_version = 1")
    database.commit()
    database.close()
    again, fresh = SandboxExchange(path), busy(tmp_path / "fresh.db")
    before, now = state_of(fresh), state_of(again)
    assert {name: now[name] for name in now if name != "orders"} == {
        name: before[name] for name in before if name != "orders"
    }
    assert [o.updated_ms for o in again.store.orders("alice", before_id=None, limit=9)] == [
        o.traded_ms or o.created_ms for o in again.store.orders("alice", before_id=None, limit=9)
    ]
    assert again.store.history.candles(SHARP, 0, 2**62) == fresh.store.history.candles(SHARP, 0, 2**62) != []
    again.take(SELL, 25_000, 100)
    again.engine.commit()
    again.store.close()
    assert state_of(SandboxExchange(path))["trades"] != now["trades"]
