"""A sandbox exchange for tests that is spoken to as BitMart."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from tests.sandbox_exchange import ADDRESS, Answer, SandboxExchange
from trading_bridge.clock import ManualClock
from trading_bridge.sandbox.accounts import ApiKey
from trading_bridge.sandbox.markets import DEFAULT_MARKETS
from trading_bridge.sandbox.rules import MarketRules
from trading_bridge.sandbox.wire.bitmart import BitmartOptions
from trading_bridge.sandbox.wire.bitmart_auth import signature


@dataclass
class Said:
    """An answer of BitMart's."""

    answer: Answer

    @property
    def status(self) -> int:
        return self.answer.status

    @property
    def code(self) -> int:
        return int(self.answer.json["code"])

    @property
    def data(self) -> Any:
        assert (self.status, self.code) == (200, 1000), self.answer.text
        return self.answer.json["data"]


class BitmartSandbox(SandboxExchange):
    def __init__(
        self,
        *,
        rate_limits: bool = False,
        markets: tuple[MarketRules, ...] = DEFAULT_MARKETS,
        clock: ManualClock | None = None,
    ) -> None:
        super().__init__(markets=markets, bitmart=BitmartOptions(rate_limits=rate_limits), clock=clock)

    async def public(self, path: str, query: str = "") -> Said:
        return Said(await self.send("GET", "/bitmart" + path, query))

    async def keyed(self, key: ApiKey, path: str, address: str = ADDRESS, **fields: object) -> Said:
        headers = {"X-BM-KEY": key.api_key}
        return Said(await self.send("GET", "/bitmart" + path, urlencode(fields), headers=headers, address=address))

    async def post(
        self,
        key: ApiKey,
        path: str,
        *,
        skew_ms: int = 0,
        address: str = ADDRESS,
        body: str | None = None,
        changed: dict[str, str] | None = None,
        **fields: object,
    ) -> Said:
        """`changed`: headers that are other than they should be; an empty one is left out."""
        text = json.dumps(fields) if body is None else body
        time = str(self.engine.now_ms() + skew_ms)
        headers = {
            "X-BM-KEY": key.api_key,
            "X-BM-TIMESTAMP": time,
            "X-BM-SIGN": signature(key.secret, key.account, time, text.encode()),
        } | (changed or {})
        sent = {name: value for name, value in headers.items() if value}
        return Said(await self.send("POST", "/bitmart" + path, body=text, headers=sent, address=address))

    async def order(self, key: ApiKey, order_id: str) -> dict[str, Any]:
        return (await self.post(key, "/spot/v4/query/order", orderId=order_id)).data

    async def placed(self, key: ApiKey, **fields: object) -> str:
        wanted = {"symbol": "SHARP_USDT", "side": "buy", "type": "limit", "size": "300", "price": "0.025"} | fields
        said = await self.post(
            key, "/spot/v2/submit_order", **{name: value for name, value in wanted.items() if value is not None}
        )
        return str(said.data["order_id"])


def amounts(row: dict[str, Any], *names: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(row[name]) for name in names)
