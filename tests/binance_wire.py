"""A bare Binance client, written from the reference alone: what it signs, what it sends, what comes back."""

import hmac
import json
from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256
from urllib.parse import quote

from tests.sandbox_exchange import ADDRESS, Answer, SandboxExchange
from trading_bridge.sandbox.accounts import ApiKey

ORDER, OPEN_ORDERS = "/api/v3/order", "/api/v3/openOrders"


def signed(secret: str, payload: str) -> str:
    return hmac.new(secret.encode(), payload.encode(), sha256).hexdigest()


def form(params: Mapping[str, object]) -> str:
    return "&".join(f"{name}={quote(str(value), safe='')}" for name, value in params.items())


class BareBinance:
    """Calls the sandbox without sockets; parameters go by query, those of a POST by body."""

    def __init__(self, exchange: SandboxExchange, key: ApiKey, *, address: str = ADDRESS) -> None:
        self.exchange = exchange
        self.key = key
        self.address = address

    async def public(self, path: str, **params: object) -> Answer:
        return await self.exchange.send("GET", f"/binance{path}", form(params), address=self.address)

    async def call(self, method: str, path: str, *, skew_ms: int = 0, **params: object) -> Answer:
        text = form({**params, "timestamp": self.exchange.engine.now_ms() + skew_ms})
        text += f"&signature={signed(self.key.secret, text)}"
        query, body = ("", text) if method == "POST" else (text, "")
        headers = {"X-MBX-APIKEY": self.key.api_key}
        return await self.exchange.send(method, f"/binance{path}", query, body, headers, self.address)

    async def place(self, **params: object) -> Answer:
        limit = {"symbol": "SHARPUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
        return await self.call("POST", ORDER, **{**limit, "quantity": "100", "price": "0.025", **params})

    async def ok(self, method: str, path: str, **params: object) -> object:
        answer = await self.call(method, path, **params)
        assert answer.status == 200, answer.text
        return json.loads(answer.text, parse_float=Decimal)


def refusal(answer: Answer) -> tuple[int, int, str]:
    """Status, code and text."""
    return answer.status, answer.json["code"], answer.json["msg"]
