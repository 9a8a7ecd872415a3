"""Recorded refusals of exchanges that have no dialect here: how a create ends, and by which finding."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.factories import order
from tests.recorded_session import Reply
from tests.replayed import REPLAYED, Replayed, Row, recorded
from trading_bridge.core.outcome import Answered, Refused, Unresolved
from trading_bridge.diagnosis.catalogue import codes as catalogued

MISSING_MONEY = "balance.insufficient"
Table = Mapping[tuple[str, str], str]
#: exchange -> (code, what its words hold; "" where the code alone counts) -> finding; "?" stands before what proves
#: nothing about the order
FINDINGS: dict[str, Table] = {
    "mexc": {
        ("700002", ""): "signature.refused",
        ("700006", ""): "ip.not_allowed",
        ("700004", ""): "order.refused",
        ("10007", ""): "market.no_api",
        ("30051", ""): "order.refused",
        ("30019", ""): "order.refused",
        ("703", ""): "permission.read_missing",
        ("26", ""): "market.no_api",
        ("10101", ""): MISSING_MONEY,
        ("33333", ""): "order.refused",
        ("400", ""): "order.refused",
        ("70011", ""): "permission.market_missing",
        ("88013", ""): "order.too_small",
        ("88015", ""): MISSING_MONEY,
        ("700003", ""): "clock.skewed",
        ("30018", ""): "account.restricted",
        ("30087", ""): "order.refused",
        ("500", ""): "?exchange.maintenance",
    },
    "gate": {
        ("INVALID_KEY", ""): "credentials.rejected",
        ("IP_FORBIDDEN", ""): "ip.not_allowed",
        ("INVALID_SIGNATURE", ""): "signature.refused",
        ("REQUEST_EXPIRED", ""): "clock.skewed",
        ("FORBIDDEN", ""): "permission.read_missing",
        ("INVALID_PARAM_VALUE", "too small"): "order.too_small",
        ("INVALID_PARAM_VALUE", "Candlestick"): "order.refused",
        ("POC_FILL_IMMEDIATELY", ""): "order.would_take",
        ("ORDER_POC_IMMEDIATE", ""): "order.would_take",
        ("NO_CHANGE", ""): "order.refused",
        ("PRICE_THRESHOLD_EXCEEDED", ""): "order.refused",
    },
    "kucoin": {
        ("400001", ""): "credentials.rejected",
        ("400004", ""): "passphrase.refused",
        ("400005", ""): "signature.refused",
        ("400006", ""): "ip.not_allowed",
        ("400007", ""): "access.refused",
        ("300000", ""): "order.refused",
        ("400100", "increment invalid"): "order.precision",
        ("600100", "increment invalid"): "order.precision",
        ("400100", "below the minimum"): "order.too_small",
        ("600100", "below the minimum"): "order.too_small",
        ("600101", ""): "order.too_small",
        ("400100", "order_not_exist"): "order.not_found",
        ("order_not_exist", ""): "order.not_found",
        ("100001", ""): "order.not_found",
        ("100004", ""): "order.not_found",
        ("400100", "Unsupported trading pair"): "market.unknown",
        ("400600", ""): "market.unknown",
        ("400100", "account.available.amount"): MISSING_MONEY,
        **dict.fromkeys((("200004", ""), ("210021", ""), ("230003", ""), ("260100", "")), MISSING_MONEY),
        ("400100", "not in the given range"): "order.refused",
        ("400100", "pageSize"): "order.refused",
        **dict.fromkeys((("400330", ""), ("400350", ""), ("400370", ""), ("400760", "")), "order.refused"),
        **dict.fromkeys((("401000", ""), ("415000", "")), "order.refused"),
        ("200000", "Unsuccessful"): "order.refused",
        ("200000", ""): "?exchange.no_answer",  # success without an order is no answer
        ("400200", ""): "permission.trade_missing",
        ("400303", ""): "account.restricted",
        ("400500", ""): "permission.market_missing",
        ("429000", ""): "rate.limited",
        ("500000", ""): "?exchange.no_answer",
    },
}


def expected(table: Table, raw: dict[str, Any]) -> str:
    code = str(raw.get("label") or raw["code"])
    words = str(raw.get("msg") or raw.get("message") or raw.get("detail") or "")
    return next(found for (known, held), found in table.items() if known == code and held in words)


ROWS = [
    pytest.param(venue, row, id=f"{venue.id} {expected(FINDINGS[venue.id], row['raw'])} {index}")
    for venue in REPLAYED
    for index, row in enumerate(recorded(venue.id, "errors"))
]


@pytest.mark.parametrize(("venue", "row"), ROWS)
async def test_each_recorded_refusal_ends_as_it_proves(venue: Replayed, row: Row) -> None:
    opened = await venue.opened(Reply(json.dumps(row["raw"]), row.get("http", 400)))
    market = opened.market
    intent = order(symbol=market.symbol, price=market.tick_size * 100, amount=market.lot_size * 100)
    sent = len(opened.wire.sent) + len(venue.first) + 1
    outcome = await opened.session.create_order(market, intent)
    finding = expected(FINDINGS[venue.id], row["raw"])
    kind = Unresolved if finding.startswith("?") else Refused
    assert not isinstance(outcome, Answered)
    assert (type(outcome), outcome.finding.code) == (kind, finding.removeprefix("?"))
    assert outcome.finding.code in catalogued()
    assert len(opened.wire.sent) == sent


def test_every_row_of_the_table_is_recorded() -> None:
    for venue in REPLAYED:
        rows = [row["raw"] for row in recorded(venue.id, "errors")]
        told = {expected(FINDINGS[venue.id], raw) for raw in rows}
        assert told == set(FINDINGS[venue.id].values())


@pytest.mark.parametrize("venue", REPLAYED, ids=lambda venue: venue.id)
async def test_an_order_is_not_known_only_by_the_exchanges_own_word(venue: Replayed) -> None:
    said = {
        "mexc": '{"code":-2013,"msg":"Order does not exist."}',
        "gate": '{"label":"ORDER_NOT_FOUND","message":"Order not found"}',
        "kucoin": '{"code":"400100","msg":"order_not_exist_or_not_allow_to_cancel"}',
    }[venue.id]
    opened = await venue.opened(Reply(said, 400), Reply(said, 502), Reply("Not Found", 404), TimeoutError())
    known = await opened.session.order_report(opened.market, client_order_id="tbx")
    assert isinstance(known, Answered)
    assert known.value is None
    for _ in range(3):
        assert isinstance(await opened.session.order_report(opened.market, client_order_id="tbx"), Unresolved)
