"""The sandbox's Binance dialect: who may ask, what a request must look like, and how often."""

import json

import pytest

from tests.binance_wire import ORDER, BareBinance, form, refusal, signed
from tests.sandbox_exchange import SandboxExchange
from trading_bridge.sandbox.accounts import Permission
from trading_bridge.sandbox.wire.binance import BinanceOptions
from trading_bridge.sandbox.wire.binance_auth import signature

# the example key, secret and payloads of rest-api.md, "SIGNED Endpoint Examples for POST /api/v3/order"
DOCS_KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
DOCS_SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
PLAIN = "&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559"
WIDE = "%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96"

REFUSED = (401, -2015, "Invalid API-key, IP, or permissions for action.")
MALFORMED = (401, -2014, "API-key format invalid.")
UNSIGNED = (400, -1022, "Signature for this request is not valid.")


@pytest.fixture
def exchange() -> SandboxExchange:
    made = SandboxExchange()
    made.account("alice", USDT="1000", SHARP="1000")
    return made


@pytest.fixture
def client(exchange: SandboxExchange) -> BareBinance:
    return BareBinance(exchange, exchange.key("alice", api_key=DOCS_KEY, secret=DOCS_SECRET))


def mandatory(name: str) -> tuple[int, int, str]:
    return 400, -1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."


# -- signatures


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (f"symbol=LTCBTC{PLAIN}", "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"),
        (f"symbol={WIDE}{PLAIN}", "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3"),
    ],
)
def test_the_documents_vectors(payload: str, expected: str) -> None:
    assert signature(DOCS_SECRET, payload.encode()) == expected
    assert signed(DOCS_SECRET, payload) == expected


async def test_a_signature_counts_over_query_and_body_without_anything_between(
    exchange: SandboxExchange, client: BareBinance
) -> None:
    now_ms = exchange.engine.now_ms()
    query = "symbol=SHARPUSDT&side=BUY&type=LIMIT&timeInForce=GTC"
    body = f"quantity=100&price=0.025&recvWindow=5000&timestamp={now_ms}"
    good, joined = signed(DOCS_SECRET, query + body), signed(DOCS_SECRET, f"{query}&{body}")
    headers = {"X-MBX-APIKEY": DOCS_KEY}
    for place in (
        (f"{query}&signature={good}", body),
        (query, f"{body}&signature={good.upper()}"),
        (f"signature={good}&{query}", body),
    ):
        answer = await exchange.send("POST", f"/binance{ORDER}", *place, headers)
        assert answer.status == 200, answer.text
    for place in ((query, f"{body}&signature={joined}"), (f"{query}&signature={good}", body.replace("100", "101"))):
        assert refusal(await exchange.send("POST", f"/binance{ORDER}", *place, headers)) == UNSIGNED


async def test_what_is_in_query_and_body_counts_as_in_the_query(exchange: SandboxExchange, client: BareBinance) -> None:
    body = form({"symbol": "ETHUSDT", "orderId": 1, "timestamp": exchange.engine.now_ms()})
    query = "symbol=NONEUSDT"
    body += f"&signature={signed(DOCS_SECRET, query + body)}"
    headers = {"X-MBX-APIKEY": DOCS_KEY}
    answer = await exchange.send("DELETE", f"/binance{ORDER}", query, body, headers)
    assert refusal(answer) == (400, -1121, "Invalid symbol.")


# -- time


@pytest.mark.parametrize(
    ("skew_ms", "window", "expected"),
    [
        (0, None, None),
        (-5_000, None, None),
        (-5_001, None, "Timestamp for this request is outside of the recvWindow."),
        (-50_000, 60_000, None),
        (-1_001, "1000.999", "Timestamp for this request is outside of the recvWindow."),
        (999, None, None),
        (1_000, None, "Timestamp for this request was 1000ms ahead of the server's time."),
    ],
)
async def test_the_age_of_a_request(client: BareBinance, skew_ms: int, window: object, expected: str | None) -> None:
    params = {} if window is None else {"recvWindow": window}
    answer = await client.call("GET", "/api/v3/account", skew_ms=skew_ms, **params)
    assert (refusal(answer) if answer.status != 200 else None) == (None if expected is None else (400, -1021, expected))


async def test_a_window_of_more_than_a_minute_and_a_time_in_microseconds(client: BareBinance) -> None:
    answer = await client.call("GET", "/api/v3/account", recvWindow=60_001)
    assert refusal(answer) == (400, -1131, "recvWindow must be less than 60000.")
    micros = form({"timestamp": client.exchange.engine.now_ms() * 1000})
    query = f"{micros}&signature={signed(DOCS_SECRET, micros)}"
    answer = await client.exchange.send("GET", "/binance/api/v3/account", query, "", {"X-MBX-APIKEY": DOCS_KEY})
    assert answer.status == 200


# -- keys


async def test_keys_addresses_and_permissions(exchange: SandboxExchange) -> None:
    reader = BareBinance(exchange, exchange.key("alice", (Permission.READ,)))
    trader = BareBinance(exchange, exchange.key("alice", (Permission.TRADE,)))
    bound = BareBinance(exchange, exchange.key("alice", addresses=("192.0.2.1",)))
    gone = BareBinance(exchange, exchange.key("alice"))
    exchange.engine.directory.change_key(gone.key.api_key, revoked=True)
    assert (await reader.call("GET", "/api/v3/account")).status == 200
    assert refusal(await reader.place()) == REFUSED
    assert refusal(await trader.call("GET", "/api/v3/account")) == REFUSED
    assert (await trader.place()).status == 200
    assert refusal(await bound.call("GET", "/api/v3/account")) == REFUSED
    bound.address = "192.0.2.1"
    assert (await bound.call("GET", "/api/v3/account")).status == 200
    assert refusal(await gone.call("GET", "/api/v3/account")) == REFUSED
    assert [row.outcome for row in exchange.store.creates("alice", limit=9)] == ["accepted", "-2015"]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [({}, MALFORMED), ({"X-MBX-APIKEY": "with space"}, MALFORMED), ({"X-MBX-APIKEY": "nobodys"}, REFUSED)],
)
async def test_keys_that_are_none(client: BareBinance, headers: dict[str, str], expected: tuple) -> None:
    answer = await client.exchange.send("GET", "/binance/api/v3/account", "timestamp=1", "", headers)
    assert refusal(answer) == expected


@pytest.mark.parametrize(("query", "name"), [("", "timestamp"), ("timestamp={now}", "signature")])
async def test_what_a_signed_request_must_have(client: BareBinance, query: str, name: str) -> None:
    query = query.format(now=client.exchange.engine.now_ms())
    answer = await client.exchange.send("GET", "/binance/api/v3/account", query, "", {"X-MBX-APIKEY": DOCS_KEY})
    assert refusal(answer) == mandatory(name)


# -- parameters


@pytest.mark.parametrize(
    ("params", "code", "text"),
    [
        ({"symbol": "SHARPUSDT", "other": 1}, -1104, "read '1' parameter(s) but was sent '2'."),
        ({"symbol": "sharpusdt"}, -1100, "Illegal characters found in parameter 'symbol'; legal range is"),
        ({"symbol": ""}, -1102, "Mandatory parameter 'symbol'"),
        ({}, -1102, "Mandatory parameter 'symbol'"),
        ({"symbol": "NONEUSDT"}, -1121, "Invalid symbol."),
        ({"symbol": "SHARPUSDT", "limit": ""}, -1105, "Parameter 'limit' was empty."),
        ({"symbol": "SHARPUSDT", "limit": "-1"}, -1100, "in parameter 'limit'; legal range is '^[0-9]{1,20}$'."),
        ({"symbol": "SHARPUSDT", "limit": 10**19}, -1108, "Parameter 'limit' overflowed."),
        ({"symbol": "SHARPUSDT", "limit": 0}, -1130, "Data sent for parameter 'limit' is not valid."),
    ],
)
async def test_parameters_that_make_no_sense(client: BareBinance, params: dict, code: int, text: str) -> None:
    status, found, message = refusal(await client.public("/api/v3/depth", **params))
    assert (status, found) == (400, code)
    assert text in message


@pytest.mark.parametrize("query", ["symbol=SHARPUSDT&symbol=SHARPUSDT", "symbol=%FF", "%zz=1&x=\xff"])
async def test_queries_that_cannot_be_read(client: BareBinance, query: str) -> None:
    answer = await client.exchange.send("GET", "/binance/api/v3/depth", query.encode().decode("latin-1"))
    assert answer.status == 400
    assert answer.json["code"] in (-1100, -1101)


async def test_a_path_that_does_not_exist(client: BareBinance) -> None:
    assert (await client.public("/api/v3/nothing")).status == 404
    assert (await client.exchange.send("PUT", f"/binance{ORDER}")).status == 404


# -- limits


async def test_weight_is_told_and_counted_by_address_until_the_minute_ends() -> None:
    exchange = SandboxExchange(binance=BinanceOptions(weight_per_minute=50))
    client = BareBinance(exchange, exchange.key(exchange.account("alice")))
    header = "x-mbx-used-weight-1m"
    for path, params, used in (
        ("/api/v3/ping", {}, 1),
        ("/api/v3/depth", {"symbol": "SHARPUSDT"}, 6),
        ("/api/v3/depth", {"symbol": "SHARPUSDT", "limit": 500}, 31),
        ("/api/v3/ticker/price", {"symbol": "SHARPUSDT"}, 33),
        ("/api/v3/ticker/price", {}, 37),
        ("/api/v3/nothing/else", {}, 37),
        ("/api/v3/klines", {"symbol": "SHARPUSDT"}, 39),
    ):
        answer = await client.public(path, **params)
        assert int(answer.headers.get(header, 37)) == used
    refused = await client.call("GET", "/api/v3/account")
    assert refusal(refused)[:2] == (429, -1003)
    assert "Too much request weight used; current limit is 50 request weight per 1 MINUTE." in refused.text
    assert refused.headers["retry-after"] == "60"
    client.address = "192.0.2.9"
    assert (await client.public("/api/v3/ping")).headers[header] == "1"
    client.address = "198.51.100.7"
    await exchange.clock.advance(60)
    assert (await client.public("/api/v3/ping")).headers[header] == "1"


async def test_who_goes_on_after_429_is_banned_for_a_while() -> None:
    exchange = SandboxExchange(binance=BinanceOptions(weight_per_minute=1))
    client = BareBinance(exchange, exchange.key(exchange.account("alice")))
    statuses = [(await client.public("/api/v3/ping")).status for _ in range(22)]
    assert statuses == [200, *[429] * 19, 418, 418]
    await exchange.clock.advance(119)
    banned = await client.public("/api/v3/ping")
    assert refusal(banned)[:2] == (418, -1003)
    assert "Way too much request weight used; IP banned until" in banned.text
    assert banned.headers["retry-after"] == "1"
    await exchange.clock.advance(2)
    assert (await client.public("/api/v3/ping")).status == 200


async def test_orders_are_counted_by_account() -> None:
    exchange = SandboxExchange(binance=BinanceOptions(orders_per_10s=2))
    exchange.account("alice", USDT="1000")
    client, other = (BareBinance(exchange, exchange.key("alice")) for _ in range(2))
    assert refusal(await client.place(price="1000"))[1] == -2010  # refused ones do not count
    for count in (1, 2):
        answer = await client.place()
        assert answer.headers["x-mbx-order-count-10s"] == str(count)
        assert answer.headers["x-mbx-order-count-1d"] == str(count)
    refused = await other.place()
    assert refusal(refused) == (429, -1015, "Too many new orders; current limit is 2 orders per 10 SECOND.")
    assert refused.headers["retry-after"] == "10"
    counts = json.loads((await client.call("GET", "/api/v3/rateLimit/order")).text)
    assert [(row["intervalNum"], row["limit"], row["count"]) for row in counts] == [(10, 2, 2), (1, 200_000, 2)]
    await exchange.clock.advance(10)
    assert (await other.place()).status == 200
