"""Money that came and went, by the API: listed newest first, labelled with an audit row."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.factories import NOW, transfer
from tests.unit.api.conftest import Api
from trading_bridge.core.transfer import TransferLabel, TransferSource
from trading_bridge.storage.journal import Journal, StoreTransfer

DEPOSIT = TransferLabel.DEPOSIT


@pytest.fixture
async def stored(api: Api) -> tuple[str, str]:
    """Two connectors' ids: with three movements, and with one of a second key that opens the same account."""
    client_id = await api.make_client()
    first = await api.make_connector(client_id)
    second = await api.make_connector(client_id, "second", exchange="coinstore")
    async with api.world.database.unit_of_work() as uow:
        for one in (first, second):
            await uow.connectors.set_exchange_account(one, "1134971")
    rows = [
        transfer(
            id="t1",
            connector_id=first,
            label=TransferLabel.DEPOSIT,
            source=TransferSource.EXCHANGE,
            exchange_id="deposit-7",
        ),
        transfer(id="t2", connector_id=first, amount=Decimal("-12.50"), at=NOW + timedelta(seconds=1)),
        transfer(id="t3", connector_id=second, currency="SHARP", at=NOW + timedelta(seconds=2)),
        transfer(id="t4", connector_id=second, exchange_account="other", at=NOW - timedelta(seconds=1)),
    ]
    journal = Journal(api.world.database)
    for row in rows:
        journal.write(StoreTransfer(transfer=row))
    journal.close()
    await journal.run()
    return first, second


async def ids(api: Api, query: str) -> list[str]:
    listed = await api.client.get(f"/api/transfers{query}")
    assert listed.status == 200, listed.body
    return [one["id"] for one in listed.json["transfers"]]


async def test_they_are_listed_newest_first_and_by_the_account_that_a_connector_opens(
    api: Api, stored: tuple[str, str]
) -> None:
    assert await ids(api, "") == ["t3", "t2", "t1", "t4"]
    assert await ids(api, f"?connector={stored[0]}") == ["t3", "t2", "t1"]
    assert await ids(api, f"?connector={stored[0]}&unlabelled=true") == ["t3", "t2"]
    assert (await api.client.get("/api/transfers?connector=nobody")).status == 404
    listed = await api.client.get("/api/transfers?unlabelled=true")
    assert listed.json["transfers"][1] == {
        "id": "t2",
        "connector_id": stored[0],
        "connector": "coinstore",
        "exchange": "coinstore",
        "currency": "USDT",
        "amount": "-12.5",
        "at": "2026-01-01T00:00:01Z",
        "source": "observed",
        "exchange_id": None,
        "label": None,
        "note": None,
        "labelled_by": None,
        "labelled_at": None,
    }


async def test_a_label_is_stored_with_its_person_and_one_audit_row(api: Api, stored: tuple[str, str]) -> None:
    said = await api.client.post("/api/transfers/t2/label", {"label": "withdrawal", "note": " asked for by them "})
    assert said.status == 200, said.body
    assert (said.json["label"], said.json["note"], said.json["labelled_by"]) == (
        "withdrawal",
        "asked for by them",
        "admin@example.com",
    )
    assert await ids(api, f"?connector={stored[0]}&unlabelled=true") == ["t3"]
    assert [(one.id, one.label) for one in api.world.manager.said] == [("t2", TransferLabel.WITHDRAWAL)]
    async with api.world.database.unit_of_work(read_only=True) as uow:
        entries = [one for one in (await uow.audit.list()).items if one.verb == "transfer.label"]
    assert [(one.subject_id, one.asker.name) for one in entries] == [("t2", "admin@example.com")]


async def test_what_cannot_be_labelled(api: Api, stored: tuple[str, str]) -> None:
    assert (await api.client.post("/api/transfers/nothing/label", {"label": "deposit"})).status == 404
    assert (await api.client.post("/api/transfers/t2/label", {"label": "profit"})).status == 422
    assert (await api.client.post("/api/transfers/t2/label", {"label": "fee", "note": "x" * 281})).status == 400
    assert (await api.stranger().get("/api/transfers")).status == 401
    assert api.world.manager.said == []


@pytest.mark.parametrize(("transfer_id", "label"), [("t2", "deposit"), ("t2", "airdrop"), ("t1", "withdrawal")])
async def test_a_label_that_says_the_other_way_is_refused(
    transfer_id: str, label: str, api: Api, stored: tuple[str, str]
) -> None:
    answer = await api.client.post(f"/api/transfers/{transfer_id}/label", {"label": label})
    assert (answer.status, answer.json["code"], answer.json["field"]) == (400, "label.other_way", "label")
    assert await ids(api, "?unlabelled=true") == ["t3", "t2", "t4"]
