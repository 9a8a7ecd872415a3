"""The sandbox's control API: who may, what it makes, and the ledger as proof of what a client was told."""

from decimal import Decimal

import pytest

from tests.sandbox_exchange import SandboxExchange
from trading_bridge.core.order import Side
from trading_bridge.sandbox.directory import FEES, MARKET_MAKER, MARKET_TAKER

BUY, SELL = Side.BUY, Side.SELL


@pytest.fixture
def exchange() -> SandboxExchange:
    return SandboxExchange()


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer ", "Bearer wrong", "control-token", "bearer control-token"]
)
@pytest.mark.parametrize("path", ["/control/status", "/control/accounts", "/control/nothing"])
async def test_nothing_without_the_token(exchange: SandboxExchange, authorization: str | None, path: str) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = await exchange.send("GET", path, headers=headers)
    assert (answer.status, answer.json["code"]) == (401, "control.token")


async def test_an_exchange_key_does_not_open_it(exchange: SandboxExchange) -> None:
    exchange.account()
    answer = await exchange.send("GET", "/control/accounts", headers=exchange.headers(exchange.key(), ""))
    assert answer.status == 401


async def test_accounts(exchange: SandboxExchange) -> None:
    made = await exchange.control("POST", "/accounts", {"account": "client_sharp", "uid": 7, "account_id": 99})
    assert made.json == {
        "account": "client_sharp",
        "kind": "regular",
        "uid": 7,
        "account_id": 99,
        "active_order_limit": 50,
        "created_ms": exchange.engine.now_ms(),
    }
    maker = await exchange.control("POST", "/accounts", {"account": "maker", "active_order_limit": None})
    assert maker.json["active_order_limit"] is None
    again = await exchange.control("POST", "/accounts", {"account": "client_sharp"})
    assert (again.status, again.json["code"], again.json["field"]) == (409, "account.exists", "account")
    names = [row["account"] for row in (await exchange.control("GET", "/accounts")).json["accounts"]]
    assert names == [FEES, MARKET_MAKER, MARKET_TAKER, "client_sharp", "maker"]


async def test_keys_their_permissions_and_addresses(exchange: SandboxExchange) -> None:
    exchange.account("alice", USDT="5")
    made = await exchange.control(
        "POST", "/keys", {"account": "alice", "permissions": ["read"], "addresses": ["198.51.100.7"]}
    )
    assert made.json["permissions"] == ["read"]
    key = exchange.engine.directory.key(made.json["api_key"])
    assert key is not None
    assert key.secret == made.json["secret"]
    assert (await exchange.signed(key, "POST", "/spot/accountList")).data[0]["balance"] == "5"
    await exchange.control("POST", "/keys/change", {"api_key": key.api_key, "permissions": ["trade"]})
    assert (await exchange.signed(key, "POST", "/spot/accountList")).json["code"] == 1401
    await exchange.control("POST", "/keys/change", {"api_key": key.api_key, "permissions": ["read"], "addresses": []})
    assert (await exchange.signed(key, "POST", "/spot/accountList", address="203.0.113.1")).data
    revoked = await exchange.control("POST", "/keys/revoke", {"api_key": key.api_key})
    assert revoked.json["revoked"] is True
    assert (await exchange.signed(key, "POST", "/spot/accountList")).status == 401
    listed = (await exchange.control("GET", "/keys", {"account": "alice"})).json["keys"]
    assert listed == [revoked.json]
    assert key.secret not in (await exchange.control("GET", "/keys", {"account": "alice"})).text


async def test_a_key_reads_and_trades_unless_told_otherwise(exchange: SandboxExchange) -> None:
    exchange.account()
    made = await exchange.control("POST", "/keys", {"account": "alice", "api_key": "own-key", "secret": "own-secret"})
    assert made.json == {
        "api_key": "own-key",
        "secret": "own-secret",
        "account": "alice",
        "permissions": ["read", "trade"],
        "addresses": [],
        "revoked": False,
    }


@pytest.mark.parametrize(
    ("method", "path", "fields", "status", "code"),
    [
        ("POST", "/keys", {"account": "nobody"}, 404, "account.unknown"),
        ("POST", "/keys", {"account": "alice", "permissions": ["fly"]}, 400, "permission.unknown"),
        ("POST", "/keys", {"account": "alice", "addresses": "127.0.0.1"}, 400, "request.malformed"),
        ("POST", "/keys", {"account": "alice", "addresses": ["a b"]}, 400, "request.malformed"),
        ("POST", "/keys", {}, 400, "request.malformed"),
        ("POST", "/keys/revoke", {"api_key": "nope"}, 404, "key.unknown"),
        ("POST", "/accounts", {"account": " padded"}, 400, "account.name"),
        ("POST", "/deposits", {"account": "alice", "currency": "NOPE", "amount": "1"}, 400, "currency.unknown"),
        ("POST", "/deposits", {"account": "alice", "currency": "USDT", "amount": "0"}, 400, "amount.invalid"),
        ("POST", "/deposits", {"account": "alice", "currency": "USDT", "amount": "-1"}, 400, "amount.invalid"),
        ("POST", "/deposits", {"account": "alice", "currency": "USDT", "amount": "1E-19"}, 400, "amount.invalid"),
        ("POST", "/deposits", {"account": "alice", "currency": "USDT", "amount": "x"}, 400, "request.malformed"),
        (
            "POST",
            "/withdrawals",
            {"account": "alice", "currency": "USDT", "amount": "11"},
            400,
            "withdrawal.insufficient",
        ),
        ("GET", "/ledger", {"account": "nobody"}, 404, "account.unknown"),
        ("GET", "/ledger", {"account": "alice", "until_sequence": "x"}, 400, "request.malformed"),
        ("GET", "/nothing", {}, 404, "control.path"),
    ],
)
async def test_bad_requests_name_the_reason_and_change_nothing(
    exchange: SandboxExchange, method: str, path: str, fields: dict[str, object], status: int, code: str
) -> None:
    exchange.account("alice", USDT="10")
    before = exchange.engine.sequence
    answer = await exchange.control(method, path, fields)
    assert (answer.status, answer.json["code"]) == (status, code)
    assert exchange.engine.sequence == before


async def test_money_comes_and_goes_to_the_last_digit(exchange: SandboxExchange) -> None:
    exchange.account()
    exact = "171690026.123456789012345678"
    await exchange.control("POST", "/deposits", {"account": "alice", "currency": "usdt", "amount": exact})
    gone = await exchange.control(
        "POST", "/withdrawals", {"account": "alice", "currency": "USDT", "amount": "0.000000000000000008"}
    )
    assert gone.json["sequence"] == 2
    ledger = (await exchange.control("GET", "/ledger", {"account": "alice"})).json
    assert ledger["balances"] == {"USDT": {"free": "171690026.12345678901234567", "used": "0"}}
    assert [(e["sequence"], e["kind"], e["amount"]) for e in ledger["entries"]] == [
        (1, "deposit", exact),
        (2, "withdrawal", "-0.000000000000000008"),
    ]


async def test_the_flow_is_paused_and_resumed(exchange: SandboxExchange) -> None:
    assert (await exchange.control("GET", "/status")).json["flow"] == "running"
    assert (await exchange.control("POST", "/flow/pause")).json["flow"] == "paused"
    assert exchange.flow.paused
    assert (await exchange.control("POST", "/flow/resume")).json["flow"] == "running"
    assert not exchange.flow.paused


async def test_every_answer_about_money_equals_the_ledger_at_its_number(exchange: SandboxExchange) -> None:
    exchange.account("alice", USDT="1000", SHARP="1000")
    key = exchange.key()
    told: list[tuple[str, dict[str, dict[str, Decimal]]]] = []

    async def ask() -> None:
        answer = await exchange.signed(key, "POST", "/spot/accountList")
        balances: dict[str, dict[str, Decimal]] = {}
        for row in answer.data:
            held = balances.setdefault(row["currency"], {"free": Decimal(0), "used": Decimal(0)})
            held["free" if row["type"] == 1 else "used"] = Decimal(row["balance"])
        told.append((answer.headers["x-request-id"], balances))

    await ask()
    bid = exchange.limit(BUY, 25_000, 10_000)
    await ask()
    exchange.limit(SELL, 26_000, 10_000)
    exchange.take(SELL, 25_000, 3_333)
    await ask()
    exchange.take(BUY, 26_000, 1)
    exchange.take(BUY, 26_000, 9_999)
    await ask()
    exchange.engine.cancel(bid)
    await ask()
    for number, balances in told:
        fields = {"account": "alice", "until_sequence": number}
        proof = (await exchange.control("GET", "/ledger", fields)).json
        assert proof["until_sequence"] == int(number)
        assert {
            currency: {kind: Decimal(amount) for kind, amount in held.items()}
            for currency, held in proof["balances"].items()
        } == balances
        for currency, held in balances.items():
            booked = sum(Decimal(e["amount"]) for e in proof["entries"] if e["currency"] == currency)
            assert held["free"] + held["used"] == booked  # deposits plus trades minus fees
    assert len({number for number, _ in told}) == len(told)


async def test_pages_of_the_ledger_tear_no_event_apart(exchange: SandboxExchange) -> None:
    exchange.account("alice", USDT="1000")
    for _ in range(5):
        exchange.limit(BUY, 25_000, 100)
        exchange.take(SELL, 25_000, 100)
    whole = (await exchange.control("GET", "/ledger", {"account": "alice"})).json
    for account in ("alice", MARKET_TAKER):
        whole = (await exchange.control("GET", "/ledger", {"account": account})).json
        assert whole["next"] is None
        for limit in (1, 2, 3, 7):
            entries, after = [], 0
            while after is not None:
                page = (
                    await exchange.control(
                        "GET", "/ledger", {"account": account, "limit": limit, "after_sequence": after}
                    )
                ).json
                assert {e["sequence"] for e in page["entries"]}.isdisjoint(e["sequence"] for e in entries)
                entries += page["entries"]
                after = page["next"]
            assert entries == whole["entries"]


async def test_books_of_the_market_and_the_house_are_open_too(exchange: SandboxExchange) -> None:
    exchange.account("alice", USDT="1000")
    exchange.limit(BUY, 25_000, 10_000)
    exchange.take(SELL, 25_000, 10_000)
    taker = (await exchange.control("GET", "/ledger", {"account": MARKET_TAKER})).json
    assert [(e["kind"], e["currency"]) for e in taker["entries"]] == [
        ("market_deposit", "SHARP"),
        ("trade", "SHARP"),
        ("trade", "USDT"),
    ]
    assert taker["balances"] == {"SHARP": {"free": "999900", "used": "0"}, "USDT": {"free": "2.5", "used": "0"}}
    house = (await exchange.control("GET", "/ledger", {"account": FEES})).json
    assert house["balances"] == {"SHARP": {"free": "0.2", "used": "0"}}


async def test_orders_open_and_all_by_pages(exchange: SandboxExchange) -> None:
    exchange.account("alice", USDT="1000")
    orders = [exchange.limit(BUY, 25_000 + n, 100, client_order_id=f"tb{n}") for n in range(3)]
    exchange.engine.cancel(orders[1])
    opened = (await exchange.control("GET", "/orders", {"account": "alice", "state": "open"})).json
    assert [order["client_order_id"] for order in opened["orders"]] == ["tb2", "tb0"]
    page = (await exchange.control("GET", "/orders", {"account": "alice", "limit": 2})).json
    assert [(o["client_order_id"], o["state"]) for o in page["orders"]] == [("tb2", "new"), ("tb1", "canceled")]
    rest = (await exchange.control("GET", "/orders", {"account": "alice", "before_id": page["next"]})).json
    assert rest == {
        "orders": [
            {
                "id": orders[0].id,
                "client_order_id": "tb0",
                "symbol": "SHARP/USDT",
                "side": "buy",
                "price": "0.025",
                "amount": "1",
                "cost": None,
                "filled": "0",
                "filled_cost": "0",
                "state": "new",
                "created_ms": orders[0].created_ms,
                "traded_ms": None,
            }
        ],
        "next": None,
    }


async def test_every_request_to_create_is_on_record(exchange: SandboxExchange) -> None:
    exchange.account("alice", USDT="1000")
    key = exchange.key()
    order = {
        "symbol": "SHARPUSDT",
        "side": "BUY",
        "ordType": "LIMIT",
        "ordPrice": "0.025",
        "ordQty": "100",
        "clOrdId": "tb1",
    }
    await exchange.signed(key, "POST", "/trade/order/place", order)
    await exchange.clock.advance(1)
    await exchange.signed(key, "POST", "/trade/order/place", order)
    await exchange.signed(key, "POST", "/trade/order/place", order | {"clOrdId": "tb2", "ordQty": "100000"})
    await exchange.control("POST", "/keys/change", {"api_key": key.api_key, "permissions": ["read"]})
    await exchange.signed(key, "POST", "/trade/order/place", order | {"clOrdId": "tb3"})
    creates = (await exchange.control("GET", "/creates", {"account": "alice"})).json["creates"]
    assert [(c["client_order_id"], c["outcome"], c["order_id"]) for c in creates] == [
        ("tb3", "1401", None),
        ("tb2", "3113", None),
        ("tb1", "3111", None),
        ("tb1", "accepted", exchange.engine.open_orders("alice")[0].id),
    ]
    assert creates[2]["time_ms"] - creates[3]["time_ms"] == 1000
