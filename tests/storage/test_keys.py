"""What is known about a connector's key, beside the key."""

from datetime import timedelta

from sqlalchemy import text

from tests.storage.conftest import CREDENTIALS, World
from trading_bridge.clock import ManualClock
from trading_bridge.core.client import Connector, Credentials, KeyState
from trading_bridge.storage.database import Database

ANOTHER = Credentials(api_key="another-9z8y", secret="another")


async def test_a_key_tells_when_and_by_whom_it_was_entered(
    database: Database, world: World, clock: ManualClock
) -> None:
    async with database.unit_of_work() as uow:
        made = await uow.connectors.add(
            client_id=world.client.id,
            name="main",
            exchange="coinstore",
            credentials=CREDENTIALS,
            set_by="ops@example.org",
            label="trading key",
        )
        empty = await uow.connectors.add(
            client_id=world.client.id, name="empty", exchange="coinstore", credentials=None, set_by="ops@example.org"
        )
    assert facts(made) == ("trading key", clock.now(), "ops@example.org", None)
    assert facts(empty) == (None, None, None, None)
    await clock.advance(60)
    async with database.unit_of_work() as uow:
        await uow.connectors.key_succeeded(made.id, clock.now())
        await uow.connectors.set_key_label(made.id, "old key")
        used = await uow.connectors.get(made.id)
        assert used is not None
        assert facts(used) == ("old key", made.key_set_at, "ops@example.org", clock.now())
        assert (used.version, used.updated_at) == (made.version, made.updated_at)
        moved = await uow.connectors.update(
            made.id, name="main", exchange="coinstore", base_url=None, proxy_url=None, ipv4_only=True, timeout_s=None
        )
        assert facts(moved) == facts(used)
        rotated = await uow.connectors.replace_credentials(made.id, ANOTHER, set_by="admin@example.org")
    assert facts(rotated) == (None, clock.now(), "admin@example.org", None)


async def test_a_success_counts_for_the_key_that_had_it_and_never_goes_back(
    database: Database, world: World, clock: ManualClock
) -> None:
    async def after(seconds: int) -> object:
        async with database.unit_of_work() as uow:
            await uow.connectors.key_succeeded(world.connector.id, start + timedelta(seconds=seconds))
            found = await uow.connectors.get(world.connector.id)
        assert found is not None
        return None if found.key_last_success_at is None else (found.key_last_success_at - start).total_seconds()

    start = clock.now()
    assert [await after(seconds) for seconds in (5, 9, 7, 0)] == [5, 9, 9, 9]
    await clock.advance(20)
    async with database.unit_of_work() as uow:
        await uow.connectors.replace_credentials(world.connector.id, ANOTHER)
    assert [await after(seconds) for seconds in (19, 20)] == [None, 20]
    async with database.unit_of_work() as uow:
        await uow.connectors.delete(world.connector.id)
        await uow.connectors.key_succeeded(world.connector.id, start)
        await uow.connectors.key_succeeded("none", start)


async def test_a_key_is_there_or_missing_or_cannot_be_read(database: Database, world: World) -> None:
    async with database.unit_of_work() as uow:
        bad, misled = [
            await uow.connectors.add(
                client_id=world.client.id, name=name, exchange="coinstore", credentials=CREDENTIALS
            )
            for name in ("bad", "misled")
        ]
        empty = await uow.connectors.add(
            client_id=world.client.id, name="empty", exchange="coinstore", credentials=None
        )

    for column, connector in (("credentials", bad), ("proxy_url", misled)):
        spoil = text(f"UPDATE connectors SET {column} = 'gibberish' WHERE id = '{connector.id}'")
        await database.transact(lambda connection, spoil=spoil: connection.execute(spoil))
    async with database.unit_of_work(read_only=True) as uow:
        states = [await uow.connectors.key_state(one.id) for one in (world.connector, empty, bad, misled)]
    assert states == [KeyState.PRESENT, KeyState.MISSING, KeyState.UNDECRYPTABLE, KeyState.UNDECRYPTABLE]


def facts(connector: Connector) -> tuple[object, ...]:
    return connector.key_label, connector.key_set_at, connector.key_set_by, connector.key_last_success_at
