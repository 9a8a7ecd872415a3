"""A database that an earlier version left is brought up with everything in it, also while that version still runs."""

import pytest
from sqlalchemy import Connection, text

from tests.storage.conftest import make
from trading_bridge.core.client import ManualTrading
from trading_bridge.storage.migrate import drift, migrate, revisions

#: what each release writes, in the columns that it had
WRITES = {
    "0001": (
        "INSERT INTO installation VALUES ('abcde', '2026-01-01 00:00:00.000000+00:00')",
        "INSERT INTO clients (id, name, account, account_key, created_at)"
        " VALUES ('c{n}', 'Sharp', 'client_{n}', 'client_{n}', '2026-01-01 00:00:00.000000+00:00')",
        "INSERT INTO connectors (id, client_id, name, exchange, ipv4_only, version, created_at, updated_at)"
        " VALUES ('k{n}', 'c{n}', 'coinstore', 'coinstore', false, 1, '2026-01-01 00:00:00.000000+00:00',"
        " '2026-01-01 00:00:00.000000+00:00')",
        "INSERT INTO bots (id, client_id, name, connector, symbol, bot_type, config, status, market_verified,"
        " created_at, updated_at) VALUES ('b{n}', 'c{n}', 'SHARP-SB', 'coinstore', 'SHARP/USDT', 'spread', '{{}}',"
        " 'running', true, '2026-01-01 00:00:00.000000+00:00', '2026-01-01 00:00:00.000000+00:00')",
    ),
    "0002": (
        "INSERT INTO installation VALUES ('abcde', '2026-01-01 00:00:00.000000+00:00')",
        "INSERT INTO leases (shard, epoch, taken_at) VALUES ({n}, 1, '2026-01-01 00:00:00.000000+00:00')",
        "INSERT INTO clients (id, name, account, account_key, created_at)"
        " VALUES ('c{n}', 'Sharp', 'client_{n}', 'client_{n}', '2026-01-01 00:00:00.000000+00:00')",
        "INSERT INTO connectors (id, client_id, name, exchange, ipv4_only, version, created_at, updated_at, key_label)"
        " VALUES ('k{n}', 'c{n}', 'coinstore', 'coinstore', false, 1, '2026-01-01 00:00:00.000000+00:00',"
        " '2026-01-01 00:00:00.000000+00:00', NULL)",
        "INSERT INTO bots (id, client_id, name, connector, symbol, bot_type, config, status, market_verified,"
        " created_at, updated_at) VALUES ('b{n}', 'c{n}', 'SHARP-SB', 'coinstore', 'SHARP/USDT', 'spread', '{{}}',"
        " 'running', true, '2026-01-01 00:00:00.000000+00:00', '2026-01-01 00:00:00.000000+00:00')",
        "INSERT INTO orders (client_order_id, bot_id, connector_id, symbol, side, type, price, amount, filled,"
        " time_in_force, post_only, state, live, epoch, decision_id, decided_at, created_at, updated_at)"
        " VALUES ('tb{n}', 'b{n}', 'k{n}', 'SHARP/USDT', 'buy', 'limit', '0.04', '10', '0', 'GTC', true, 'new', true,"
        " 1, 'd', '2026-01-01 00:00:00.000000+00:00', '2026-01-01 00:00:00.000000+00:00',"
        " '2026-01-01 00:00:00.000000+00:00')",
    ),
    "0003": (
        "INSERT INTO installation VALUES ('abcde', '2026-01-01 00:00:00.000000+00:00')",
        "INSERT INTO leases (shard, epoch, taken_at, holder, build) VALUES ({n}, 1, '2026-01-01 00:00:00.000000+00:00',"
        " 'host:1', '0.1')",
        "INSERT INTO clients (id, name, account, account_key, created_at)"
        " VALUES ('c{n}', 'Sharp', 'client_{n}', 'client_{n}', '2026-01-01 00:00:00.000000+00:00')",
        "INSERT INTO connectors (id, client_id, name, exchange, ipv4_only, version, created_at, updated_at,"
        " manual_trading) VALUES ('k{n}', 'c{n}', 'coinstore', 'coinstore', false, 1,"
        " '2026-01-01 00:00:00.000000+00:00', '2026-01-01 00:00:00.000000+00:00', 'none')",
        "INSERT INTO bots (id, client_id, name, connector, symbol, bot_type, config, status, market_verified,"
        " created_at, updated_at) VALUES ('b{n}', 'c{n}', 'SHARP-SB', 'coinstore', 'SHARP/USDT', 'spread', '{{}}',"
        " 'running', true, '2026-01-01 00:00:00.000000+00:00', '2026-01-01 00:00:00.000000+00:00')",
        "INSERT INTO trade_logs (exchange, exchange_account, symbol, trade_id, exchange_order_id, connector_id, side,"
        " price, amount, cost, exchange_time, created_at) VALUES ('coinstore', '1134971', 'SHARP/USDT', '{n}', '17',"
        " 'k{n}', 'buy', '0.04', '10', '0.4', '2026-01-01 00:00:00.000000+00:00', '2026-01-01 00:00:00.000000+00:00')",
    ),
    "0004": (
        "INSERT INTO installation VALUES ('abcde', '2026-01-01 00:00:00.000000+00:00')",
        "INSERT INTO clients (id, name, account, account_key, created_at)"
        " VALUES ('c{n}', 'Sharp', 'client_{n}', 'client_{n}', '2026-01-01 00:00:00.000000+00:00')",
        "INSERT INTO connectors (id, client_id, name, exchange, ipv4_only, version, created_at, updated_at,"
        " manual_trading) VALUES ('k{n}', 'c{n}', 'coinstore', 'coinstore', false, 1,"
        " '2026-01-01 00:00:00.000000+00:00', '2026-01-01 00:00:00.000000+00:00', 'none')",
        "INSERT INTO bots (id, client_id, name, connector, symbol, bot_type, config, status, market_verified,"
        " created_at, updated_at) VALUES ('b{n}', 'c{n}', 'SHARP-SB', 'coinstore', 'SHARP/USDT', 'spread', '{{}}',"
        " 'running', true, '2026-01-01 00:00:00.000000+00:00', '2026-01-01 00:00:00.000000+00:00')",
        "INSERT INTO trade_marks VALUES ('k{n}', 'SHARP/USDT', '17', '2026-01-01 00:00:00.000000+00:00')",
    ),
}
#: of those, what a version may do again after the schema has moved on under it
WRITTEN_ON = {release: statements[1:] for release, statements in WRITES.items()}


@pytest.fixture
def url(bare_url: str) -> str:
    return bare_url


def test_every_schema_but_the_newest_has_its_rows_here() -> None:
    assert tuple(WRITES) == revisions()[:-1]


@pytest.mark.parametrize("release", WRITES)
async def test_a_database_of_every_release_is_brought_up_and_keeps_what_it_holds(url: str, release: str) -> None:
    database = make(url)
    await database.transact(lambda connection: migrate(connection, release))
    await database.transact(lambda connection: write(connection, WRITES[release], 1))
    await database.open()
    assert await database.transact(drift) == []
    assert database.installation_id == "abcde"
    await database.transact(lambda connection: write(connection, WRITTEN_ON[release], 2))
    async with database.unit_of_work(read_only=True) as uow:
        assert [bot.name for bot in await uow.bots.running()] == ["SHARP-SB", "SHARP-SB"]
        assert {bot.budget for bot in await uow.bots.running()} == {None}
        for connector in await uow.connectors.list():
            assert (connector.manual_trading, connector.timeout_s) == (ManualTrading.NONE, None)
            assert (connector.key_label, connector.key_set_at, connector.key_last_success_at) == (None, None, None)
    await database.close()


def write(connection: Connection, statements: tuple[str, ...], number: int) -> None:
    for statement in statements:
        connection.execute(text(statement.format(n=number)))
