from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from tests.storage.conftest import CREDENTIALS, World, make
from trading_bridge.clock import ManualClock
from trading_bridge.core.bot import BotStatus, Budget
from trading_bridge.core.client import Credentials
from trading_bridge.core.user import Asker, AskerKind
from trading_bridge.errors import Conflict, InvalidInput, NotFound
from trading_bridge.storage.database import Database
from trading_bridge.storage.secrets import Undecryptable

DEMO = Asker(kind=AskerKind.SYSTEM, user_id=None, name="demo")


@pytest.mark.parametrize("typed", ["client_sharp", "CLIENT_SHARP", "  Client_Sharp  "])
async def test_a_client_is_found_whatever_the_case(database: Database, world: World, typed: str) -> None:
    async with database.unit_of_work(read_only=True) as uow:
        assert await uow.clients.by_account(typed) == world.client
        assert [bot.id for bot in (await uow.bots.list(typed)).items] == [world.bot.id]


async def test_a_second_client_of_the_same_account_is_refused_and_nothing_is_lost(
    database: Database, world: World
) -> None:
    async with database.unit_of_work() as uow:
        before = await uow.clients.add(name="Before", account="before")
        with pytest.raises(Conflict) as raised:
            await uow.clients.add(name="Other", account=" CLIENT_sharp")
        after = await uow.clients.add(name="After", account="after")
        with pytest.raises(Conflict):
            await uow.clients.update(after.id, name="After", account="BEFORE")
    assert (raised.value.code, raised.value.field) == ("client.exists", "account")
    async with database.unit_of_work(read_only=True) as uow:
        assert {client.id for client in (await uow.clients.list()).items} == {world.client.id, before.id, after.id}


async def test_an_error_takes_everything_back(database: Database) -> None:
    async def failing() -> None:
        async with database.unit_of_work() as uow:
            await uow.clients.add(name="Sharp", account="client_sharp")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await failing()
    async with database.unit_of_work(read_only=True) as uow:
        assert (await uow.clients.list()).items == ()


async def test_a_client_with_bots_stays_and_a_deleted_one_takes_its_keys_with_it(
    database: Database, world: World
) -> None:
    async with database.unit_of_work() as uow:
        with pytest.raises(Conflict) as raised:
            await uow.clients.delete(world.client.id)
        await uow.bots.archive(world.bot.id)
        await uow.clients.delete(world.client.id)
    assert raised.value.code == "client.has_bots"
    async with database.unit_of_work() as uow:
        assert await uow.clients.get(world.client.id) is None
        assert await uow.connectors.list() == ()
        assert await uow.connectors.credentials(world.connector.id) is None
        with pytest.raises(NotFound):
            await uow.clients.delete(world.client.id)
        again = await uow.clients.add(name="Sharp", account="client_sharp")
    assert again.id != world.client.id
    assert await _secrets(database) == [(None, None)]


async def test_connector_names_are_stored_in_lower_case_and_are_unique_per_client(
    database: Database, world: World
) -> None:
    assert world.connector.name == "coinstore"
    async with database.unit_of_work() as uow:
        for name in ("coinstore", "COINSTORE", " Coinstore "):
            with pytest.raises(Conflict) as raised:
                await uow.connectors.add(
                    client_id=world.client.id, name=name, exchange="coinstore", credentials=CREDENTIALS
                )
            assert raised.value.field == "name"
        other = await uow.clients.add(name="Other", account="other")
        theirs = await uow.connectors.add(
            client_id=other.id, name="Coinstore", exchange="coinstore", credentials=CREDENTIALS
        )
    async with database.unit_of_work(read_only=True) as uow:
        assert await uow.connectors.list(world.client.id) == (world.connector,)
        assert set(await uow.connectors.list()) == {world.connector, theirs}


async def test_credentials_are_encrypted_in_the_table_and_read_back(database: Database, world: World) -> None:
    async with database.unit_of_work() as uow:
        assert await uow.connectors.credentials(world.connector.id) == CREDENTIALS
        empty = await uow.connectors.add(
            client_id=world.client.id, name="empty", exchange="coinstore", credentials=None
        )
        assert await uow.connectors.credentials(empty.id) is None
    assert (world.connector.key_last4, empty.key_last4) == ("1a2b", None)
    for row in await _secrets(database):
        assert CREDENTIALS.api_key not in str(row)
        assert CREDENTIALS.secret not in str(row)


async def test_every_change_of_a_connector_makes_a_new_version(database: Database, world: World) -> None:
    changed = Credentials(api_key="another-9z8y", secret="another", memo="memo")
    async with database.unit_of_work() as uow:
        await uow.connectors.set_exchange_account(world.connector.id, "1134971")
        known = await uow.connectors.get(world.connector.id)
        rotated = await uow.connectors.replace_credentials(world.connector.id, changed)
        moved = await uow.connectors.update(
            world.connector.id,
            name="Main",
            exchange="coinstore",
            base_url="http://127.0.0.1:9000/api",
            proxy_url="http://user:hunter2@proxy:3128",
            ipv4_only=True,
            timeout_s=12,
        )
        assert await uow.connectors.credentials(world.connector.id) == changed
    assert known is not None
    assert (known.version, known.exchange_account) == (1, "1134971")
    assert (rotated.version, rotated.key_last4, rotated.exchange_account) == (2, "9z8y", None)
    assert (moved.version, moved.name, moved.ipv4_only) == (3, "main", True)
    assert moved.proxy_url == "http://user:hunter2@proxy:3128"
    assert "hunter2" not in str(await _secrets(database))


async def test_a_deleted_connector_leaves_no_secret_and_frees_its_name(database: Database, world: World) -> None:
    async with database.unit_of_work() as uow:
        await uow.connectors.delete(world.connector.id)
        with pytest.raises(NotFound):
            await uow.connectors.delete(world.connector.id)
        with pytest.raises(NotFound):
            await uow.connectors.replace_credentials(world.connector.id, CREDENTIALS)
        assert await uow.connectors.list() == ()
    assert await _secrets(database) == [(None, None)]
    async with database.unit_of_work() as uow:
        await uow.connectors.add(
            client_id=world.client.id, name="coinstore", exchange="coinstore", credentials=CREDENTIALS
        )


async def test_fault_S9_one_undecryptable_connector_hides_no_other(url: str, clock: ManualClock) -> None:
    database = make(url, clock)
    await database.open()
    async with database.unit_of_work() as uow:
        client = await uow.clients.add(name="Sharp", account="client_sharp")
        good, bad, misled = [
            await uow.connectors.add(
                client_id=client.id,
                name=name,
                exchange="coinstore",
                credentials=CREDENTIALS,
                proxy_url="http://proxy:3128",
            )
            for name in ("good", "bad", "misled")
        ]
    await _run(database, f"UPDATE connectors SET credentials = 'gibberish' WHERE id = '{bad.id}'")
    await _run(database, f"UPDATE connectors SET proxy_url = 'gibberish' WHERE id = '{misled.id}'")
    async with database.unit_of_work(read_only=True) as uow:
        assert len(await uow.connectors.list()) == 3
        assert await uow.connectors.credentials(good.id) == CREDENTIALS
        for connector in (bad, misled):
            with pytest.raises(Undecryptable):
                await uow.connectors.credentials(connector.id)
    for proxy_url in (None, "http://another:3128"):
        async with database.unit_of_work() as uow:
            renamed = await uow.connectors.update(
                misled.id,
                name="renamed",
                exchange="coinstore",
                base_url=None,
                proxy_url=proxy_url,
                ipv4_only=False,
                timeout_s=None,
            )
            assert (renamed.name, renamed.proxy_url) == ("renamed", proxy_url)
            if proxy_url is None:
                with pytest.raises(Undecryptable):
                    await uow.connectors.credentials(misled.id)
            else:
                assert await uow.connectors.credentials(misled.id) == CREDENTIALS
    async with database.unit_of_work() as uow:
        direct = await uow.connectors.update(
            misled.id,
            name="renamed",
            exchange="coinstore",
            base_url=None,
            proxy_url=None,
            ipv4_only=False,
            timeout_s=None,
        )
        assert direct.proxy_url is None
        assert await uow.connectors.credentials(misled.id) == CREDENTIALS
    await database.close()


async def test_a_key_of_another_row_does_not_open(database: Database, world: World) -> None:
    async with database.unit_of_work() as uow:
        other = await uow.connectors.add(
            client_id=world.client.id, name="other", exchange="coinstore", credentials=CREDENTIALS
        )
    await _run(
        database,
        "UPDATE connectors SET credentials ="
        f" (SELECT credentials FROM connectors WHERE id = '{world.connector.id}') WHERE id = '{other.id}'",
    )
    async with database.unit_of_work(read_only=True) as uow:
        with pytest.raises(Undecryptable):
            await uow.connectors.credentials(other.id)


async def test_bots_are_stored_stopped_changed_and_archived(database: Database, world: World) -> None:
    assert world.bot.status is BotStatus.STOPPED
    assert world.bot.account == "client_sharp"
    assert world.bot.config == {"spread_bps": "40"}
    async with database.unit_of_work() as uow:
        running = await uow.bots.set_status(world.bot.id, BotStatus.RUNNING)
        verified = await uow.bots.set_market_verified(world.bot.id, True)
        assert await uow.bots.running() == (verified,)
        assert await uow.bots.on_market("SHARP/USDT") == (verified,)
        assert await uow.bots.on_market("ETH/USDT") == ()
        changed = await uow.bots.update(
            world.bot.id,
            name="New name",
            connector="Main",
            symbol="ETH/USDT",
            bot_type="volume",
            config={},
            market_verified=False,
            note=None,
            budget=Budget(base=Decimal("5"), quote=Decimal(0)),
        )
        assert changed.budget == Budget(base=Decimal(5), quote=Decimal(0))
        assert (changed.name, changed.connector, changed.symbol) == ("New name", "Main", "ETH/USDT")
        await uow.bots.archive(world.bot.id)
        assert await uow.bots.get(world.bot.id) is None
        assert await uow.bots.running() == ()
        assert (await uow.bots.list()).items == ()
        assert await uow.bots.on_market("ETH/USDT") == ()
        with pytest.raises(NotFound):
            await uow.bots.set_status(world.bot.id, BotStatus.RUNNING)
    assert running.status is BotStatus.RUNNING


async def test_lists_come_in_pages_without_gaps(database: Database, clock: ManualClock) -> None:
    async with database.unit_of_work() as uow:
        client = await uow.clients.add(name="Sharp", account="client_sharp")
        made = []
        for number in range(7):
            if number % 3 == 0:
                await clock.advance(1)
            bot = await uow.bots.add(
                client_id=client.id,
                name=str(number),
                connector="c",
                symbol="SHARP/USDT",
                bot_type="spread",
                config={},
            )
            made.append(bot)
            await uow.audit.record(DEMO, "bot.create", "bot", bot.id, {"name": bot.name})
    async with database.unit_of_work(read_only=True) as uow:
        seen, cursor = [], None
        while True:
            page = await uow.bots.list("client_sharp", cursor, limit=2)
            assert len(page.items) <= 2
            seen += page.items
            if (cursor := page.next) is None:
                break
        assert seen == made
        first = await uow.audit.list(limit=4)
        rest = await uow.audit.list(first.next, limit=4)
    assert [entry.subject_id for entry in (*first.items, *rest.items)] == [bot.id for bot in reversed(made)]
    assert rest.next is None
    assert first.items[0].asker == DEMO
    assert first.items[0].details == '{"name": "6"}'


@pytest.mark.parametrize("cursor", ["", "x", "1", "-", "1e3-a", "9" * 30 + "-1", "12-"])
async def test_a_cursor_that_no_list_gave_is_refused(database: Database, cursor: str) -> None:
    async with database.unit_of_work(read_only=True) as uow:
        with pytest.raises(InvalidInput) as raised:
            await uow.audit.list(cursor)
    assert raised.value.field == "cursor"


async def test_users_are_unique_by_email_whatever_its_case(database: Database) -> None:
    async with database.unit_of_work() as uow:
        assert await uow.users.count() == 0
        user = await uow.users.add(email=" Admin@Example.org", password_hash="argon2")
        with pytest.raises(Conflict) as raised:
            await uow.users.add(email="admin@example.ORG", password_hash="argon2")
        assert await uow.users.count() == 1
        assert await uow.users.by_email("ADMIN@example.org ") == user
        assert await uow.users.get(user.id) == user
        assert await uow.users.by_email("nobody@example.org") is None
    assert raised.value.field == "email"
    assert "argon2" not in repr(user)


async def test_a_sign_in_ends_by_itself_and_by_sign_out(database: Database, clock: ManualClock) -> None:
    async with database.unit_of_work() as uow:
        user = await uow.users.add(email="admin@example.org", password_hash="argon2")
        until = clock.now() + timedelta(hours=1)
        kept = await uow.sessions.add(token_hash="a", user_id=user.id, expires_at=until)
        await uow.sessions.add(token_hash="b", user_id=user.id, expires_at=until)
        assert await uow.sessions.by_token_hash("a") == kept
        await uow.sessions.delete("b")
        assert await uow.sessions.by_token_hash("b") is None
    await clock.advance(3600)
    async with database.unit_of_work() as uow:
        assert await uow.sessions.by_token_hash("a") is None
        await uow.sessions.add(token_hash="c", user_id=user.id, expires_at=clock.now() + timedelta(hours=1))
    assert await _run(database, "SELECT token_hash FROM sessions") == [("c",)]


async def _secrets(database: Database) -> list[tuple[object, ...]]:
    return await _run(database, "SELECT credentials, proxy_url FROM connectors")


async def _run(database: Database, statement: str) -> list[tuple[object, ...]]:
    def run(connection):  # type: ignore[no-untyped-def]
        result = connection.execute(text(statement))
        return [tuple(row) for row in result] if result.returns_rows else []

    rows: list[tuple[object, ...]] = await database.transact(run)
    return rows
