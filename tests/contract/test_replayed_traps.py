"""What MEXC, Gate and KuCoin do otherwise than others, one test a trap; docs/exchanges tells each."""

import json
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.factories import NOW, balances, order, sources
from tests.recorded_session import Reply
from tests.replayed import CLASSIC, GATE, KUCOIN, MEXC, NO_ROWS, Opened, recorded
from trading_bridge.core.decision import Decision
from trading_bridge.core.known import Ok
from trading_bridge.core.order import OrderState
from trading_bridge.core.outcome import Answered, Refused, Unresolved
from trading_bridge.core.view import observe


def response(exchange: str, method: str, words: str = "") -> str:
    rows = recorded(exchange, "responses")
    return json.dumps(next(one["raw"] for one in rows if one["method"] == method and words in one["description"]))


def asked(opened: Opened) -> tuple[str, str, dict[str, Any]]:
    """Method, path and parameters of the last request, without time and signature."""
    last = opened.wire.sent[-1]
    address = urlsplit(last.url)
    named: dict[str, Any] = dict(parse_qsl(address.query)) if last.body is None else json.loads(last.body)
    for signed in ("timestamp", "recvWindow", "signature"):
        named.pop(signed, None)
    return last.method, address.path, named


def intent(opened: Opened, **changed: Any) -> Any:
    market = opened.market
    return order(symbol=market.symbol, price=market.tick_size * 100, amount=market.lot_size * 100, **changed)


# -- MEXC


async def test_mexc_lists_a_market_that_programs_may_not_trade() -> None:
    """`status` is 1 and `permissions` are as ever: `isSpotTradingAllowed` alone says it."""
    opened = await MEXC.opened()
    closed = opened.markets["BTC/USDT"]
    assert (closed.active, closed.closed) == (False, "market.no_api")
    assert opened.market.active
    decision = observe(sources(rules=Ok(value=closed, as_of=NOW)), "BTC/USDT", NOW)
    assert isinstance(decision, Decision)
    assert decision.reason.code == "market.no_api"


async def test_mexc_a_pair_in_the_assessment_zone_is_not_in_the_list() -> None:
    opened = await MEXC.opened()
    assert "ZONE/USDT" not in opened.markets


async def test_mexc_asks_for_the_spot_markets_alone() -> None:
    opened = await MEXC.opened()
    assert [urlsplit(sent.url).path for sent in opened.wire.sent] == ["/api/v3/exchangeInfo"]


async def test_mexc_open_orders_are_told_of_one_market_at_a_time() -> None:
    opened = await MEXC.opened("[]", "[]", symbol="ONE/USDT")
    opened.session.follows = lambda: {"BTC/USDT", "ONE/USDT"}
    assert await said(opened) == ()
    assert [dict(parse_qsl(urlsplit(one.url).query))["symbol"] for one in opened.wire.sent[-2:]] == [
        "BTCUSDT",
        "ONEUSDT",
    ]


async def test_mexc_one_market_without_an_answer_leaves_all_open_orders_unknown() -> None:
    opened = await MEXC.opened("[]", TimeoutError(), symbol="ONE/USDT")
    opened.session.follows = lambda: {"BTC/USDT", "ONE/USDT"}
    assert isinstance(await opened.session.open_orders(), Unresolved)


async def test_where_no_market_is_followed_no_open_orders_are_asked_for() -> None:
    opened = await MEXC.opened()
    opened.session.follows = tuple
    sent = len(opened.wire.sent)
    assert await said(opened) == ()
    assert len(opened.wire.sent) == sent


async def test_mexc_post_only_is_an_order_type() -> None:
    opened = await MEXC.opened(response("mexc", "createOrder", "shortest"))
    outcome = await opened.session.create_order(opened.market, intent(opened, post_only=True))
    assert isinstance(outcome, Answered)
    method, path, named = asked(opened)
    assert (method, path, named["type"]) == ("POST", "/api/v3/order", "LIMIT_MAKER")
    assert named["newClientOrderId"] == intent(opened).client_order_id


# -- Gate


async def test_gate_says_which_wallet_orders_use_before_anything_is_read() -> None:
    opened = await GATE.opened(response("gate", "fetchBalance", "spot wallet"))
    assert isinstance(await opened.session.balances(), Answered)
    assert [urlsplit(sent.url).path for sent in opened.wire.sent[-2:]] == [
        "/api/v4/account/detail",
        "/api/v4/spot/accounts",
    ]


async def test_gate_a_unified_account_is_read_and_traded_as_one() -> None:
    unified = CLASSIC.replace('"mode": 1', '"mode": 2')
    placed = response("gate", "createOrder")
    opened = await GATE.opened(unified, response("gate", "fetchBalance", "unified"), placed, signed=False)
    outcome = await opened.session.balances()
    assert isinstance(outcome, Answered)
    assert outcome.value.by_currency["USDT"].free == Decimal("0.00000062023")
    assert isinstance(await opened.session.create_order(opened.market, intent(opened)), Answered)
    assert asked(opened)[2]["account"] == "unified"


async def test_gate_a_key_without_the_account_right_names_it_and_no_wallet_is_guessed() -> None:
    """ccxt's class would take the account for a classic one, and read an empty wallet."""
    (row,) = (one for one in recorded("gate", "errors") if one["raw"]["label"] == "FORBIDDEN")
    opened = await GATE.opened(Reply(json.dumps(row["raw"]), 403), TimeoutError(), signed=False)
    refused = await opened.session.balances()
    assert isinstance(refused, Refused)
    assert refused.finding.code == "permission.read_missing"
    assert isinstance(await opened.session.balances(), Unresolved)
    assert {urlsplit(sent.url).path for sent in opened.wire.sent[-2:]} == {"/api/v4/account/detail"}


async def test_gate_a_key_bound_to_other_pairs() -> None:
    said = '{"label":"FORBIDDEN","message":"Request API key does not allow this currency pair"}'
    opened = await GATE.opened(Reply(said, 403))
    refused = await opened.session.create_order(opened.market, intent(opened))
    assert isinstance(refused, Refused)
    assert refused.finding.code == "permission.market_missing"


async def test_gate_client_order_ids_begin_otherwise_there_and_come_back_as_ours() -> None:
    ours = "tbabcde1000012345678901ab"
    back = json.loads(response("gate", "fetchOrder")) | {"text": "t-abcde1000012345678901ab"}
    opened = await GATE.opened(json.dumps(back), json.dumps(back))
    assert isinstance(await opened.session.create_order(opened.market, intent(opened, client_order_id=ours)), Answered)
    assert asked(opened)[2]["text"] == "t-abcde1000012345678901ab"
    report = await opened.session.order_report(opened.market, client_order_id=ours)
    assert isinstance(report, Answered)
    assert report.value is not None
    assert report.value.client_order_id == ours
    assert asked(opened)[1] == "/api/v4/spot/orders/t-abcde1000012345678901ab"


async def test_gate_an_order_is_cancelled_by_its_t_id_too() -> None:
    opened = await GATE.opened(response("gate", "cancelOrder"))
    outcome = await opened.session.cancel_order(opened.market, "t-abcde1000012345678901ab")
    assert isinstance(outcome, Answered)
    assert outcome.value is OrderState.CANCELED
    assert asked(opened)[:2] == ("DELETE", "/api/v4/spot/orders/t-abcde1000012345678901ab")


async def test_gate_a_market_that_trades_on_margin_alone_is_not_open() -> None:
    rows = [recorded("gate", "markets")[0]["raw"] | {"trade_status": "untradable"}]
    opened = await GATE.opened(signed=False)
    opened.wire.replies.extend(["[]", json.dumps(rows)])
    outcome = await opened.session.markets()
    assert isinstance(outcome, Answered)
    assert not outcome.value["BTC/USDT"].active


async def test_gate_an_address_that_is_refused_is_told_with_what_the_exchange_saw() -> None:
    (row,) = (one for one in recorded("gate", "errors") if one["raw"]["label"] == "IP_FORBIDDEN")
    opened = await GATE.opened(Reply(json.dumps(row["raw"]), 401), signed=False)
    refused = await opened.session.balances()
    assert isinstance(refused, Refused)
    assert refused.finding.code == "ip.not_allowed"
    assert refused.finding.evidence is not None
    assert refused.finding.evidence.exchange_text == "Request IP not in whitelist: 203.0.113.7"


# -- KuCoin


@pytest.mark.parametrize("wallet", ["trade", "main"])
async def test_kucoin_money_in_another_wallet_is_told_and_never_zero(wallet: str) -> None:
    """An empty success: the account is funded, and not where orders are paid from."""
    row = {"currency": "USDT", "type": wallet, "balance": "14.34", "available": "14.34", "holds": "0", "id": "1"}
    held = json.dumps({"code": "200000", "data": [row]})
    opened = await KUCOIN.opened(NO_ROWS, *((held, NO_ROWS) if wallet == "trade" else (NO_ROWS, held)))
    outcome = await opened.session.balances()
    assert isinstance(outcome, Answered)
    assert outcome.value.of("USDT") is None
    misplaced = outcome.value.misplaced("USDT", NOW)
    assert misplaced is not None
    assert (misplaced.code, misplaced.parameters["wallet"]) == ("balance.other_wallet", wallet)


async def test_kucoin_an_empty_success_alone_is_unknown() -> None:
    opened = await KUCOIN.opened(NO_ROWS, NO_ROWS, NO_ROWS)
    outcome = await opened.session.balances()
    assert isinstance(outcome, Answered)
    assert outcome.value.of("USDT") is None
    types = [dict(parse_qsl(urlsplit(sent.url).query))["type"] for sent in opened.wire.sent[-3:]]
    assert types == ["trade_hf", "trade", "main"]


async def test_kucoin_a_wallet_without_an_answer_leaves_the_balance_without_one() -> None:
    """Money that is on its way from one to another has not left the account."""
    opened = await KUCOIN.opened(response("kucoin", "fetchBalance", "trade_hf wallet"), NO_ROWS, TimeoutError())
    assert isinstance(await opened.session.balances(), Unresolved)


async def test_kucoin_a_unified_trading_account_is_not_read_as_empty() -> None:
    opened = await KUCOIN.opened(response("kucoin", "fetchBalance", "unified"))
    assert isinstance(await opened.session.balances(), Unresolved)


async def test_kucoin_the_passphrase_is_signed_with_the_key() -> None:
    opened = await KUCOIN.opened(NO_ROWS, NO_ROWS, NO_ROWS)
    await opened.session.balances()
    headers = opened.wire.sent[-1].headers
    assert headers["KC-API-PASSPHRASE"]
    assert headers["KC-API-PASSPHRASE"] != "a-phrase"


async def test_kucoin_orders_go_to_the_high_frequency_wallet() -> None:
    opened = await KUCOIN.opened(response("kucoin", "createOrder", "hf limit buy"))
    outcome = await opened.session.create_order(opened.market, intent(opened, post_only=True))
    assert isinstance(outcome, Answered)
    method, path, named = asked(opened)
    assert (method, path) == ("POST", "/api/v1/hf/orders")
    assert (named["postOnly"], named["clientOid"]) == (True, intent(opened).client_order_id)


async def said(opened: Opened) -> tuple[Any, ...]:
    outcome = await opened.session.open_orders()
    assert isinstance(outcome, Answered)
    return outcome.value


def test_no_balance_of_theirs_proves_a_zero() -> None:
    assert not any(one.info.complete_balances for one in (MEXC, GATE, KUCOIN))
    assert balances(complete=False).of("USDT") is None
