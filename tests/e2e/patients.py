"""A client with a connector and a trading bot for one cause: what its people are told while it is on, and after."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.site import LOOK_EVERY_S, Answer, Site
from tests.e2e.transport_causes import Cause, Proxies, Way
from tests.integration.watched import labelled, zeros_in

#: waits, for busy machines; each ends as soon as it may
TRADES_WITHIN_S = 60.0
KNOWN_WITHIN_S = 60.0
STALE_WITHIN_S = 60.0
OVER_WITHIN_S = 60.0
TICK_S = 0.05
CONFIG = {"spread_bps": "40", "order_amount_quote": "50"}


@dataclass
class Observed:
    """Seconds are of being switched on, `over_after` of being switched off; None: it never was so."""

    #: the code that stood first, at last just before the switching off
    diagnosed: str = "nothing"
    #: that finding, as people read it
    finding: dict[str, Any] = field(default_factory=dict)
    #: anything at all was told
    effect_after: float | None = None
    known_after: float | None = None
    #: of the time until it was known: by how much the machine was late with what takes no time
    late_s: float = 0.0
    #: the balance was told with the time that it is of
    stale_after: float | None = None
    over_after: float | None = None
    #: to a second connector that would go the same way
    saved: Answer | None = None
    #: the live connector, on request
    checked: dict[str, Any] = field(default_factory=dict)
    #: codes after the switching off that did not go
    left: list[str] = field(default_factory=list)
    zeros: list[str] = field(default_factory=list)


class Patient:
    def __init__(self, cause: Cause, site: Site, base: str) -> None:
        """Of the market of `base` in USDT."""
        self.cause = cause
        self.observed = Observed()
        self._site = site
        self._base = base
        self._account = f"client_{base.lower()}"
        self._client_id = ""
        self._connector_id = ""
        self._bot_id = ""
        self._balance: dict[str, Any] = {}
        self._key: dict[str, str] = {}

    async def live(self, proxies: Proxies) -> None:
        """Trades, falls ill, and is well again."""
        way = await self._trading(proxies)
        await self._switched_on(way)
        self.observed.saved = await self._save("spare", way)
        self.observed.stale_after = await self._when(self._balance_is_old, seconds=STALE_WITHIN_S)
        await self._asked_in_full()
        await way.off()
        self.observed.over_after = await self._when(self._trades, seconds=OVER_WITHIN_S)
        self.observed.left = [labelled(one["finding"]) for one in await self._open()]

    async def _trading(self, proxies: Proxies) -> Way:
        exchange, api = self._site.exchange, self._site.api
        exchange.account(self._account, **{"USDT": "10000", self._base: "1000000"})
        key = exchange.key(self._account)
        self._key = {"api_key": key.api_key, "secret": key.secret}
        way = await self.cause.way(self._site, proxies, key.api_key)
        client = await api.made("/clients", {"name": self.cause.name, "account": self._account})
        self._client_id = client["id"]
        saved = await self._save("coinstore", way)
        assert saved.status == 201, saved
        self._connector_id = saved.body["id"]
        named = {"name": f"{self._base}-SB", "account": self._account, "connector": "coinstore"}
        trade = {"pair": f"{self._base}/USDT", "bot_type": "spread", "config": CONFIG}
        bot = await api.made("/bots/create", {**named, **trade})
        self._bot_id = bot["id"]
        await api.made(f"/bots/{self._bot_id}/start", {})
        assert await self._when(self._trades, seconds=TRADES_WITHIN_S) is not None, await self._open()
        return way

    async def _switched_on(self, way: Way) -> None:
        await way.on()
        told: list[float] = []
        clock = self._site.clock
        began = clock.monotonic()

        async def named() -> bool:
            found = await self._open()
            if found and not told:
                told.append(clock.monotonic() - began)
            self._note_the_first(found)
            return self.observed.diagnosed == self.cause.expected

        ticking = asyncio.ensure_future(self._count_lateness())
        self.observed.known_after = await self._when(named, seconds=KNOWN_WITHIN_S)
        ticking.cancel()
        self.observed.effect_after = told[0] if told else None

    async def _count_lateness(self) -> None:
        clock = self._site.clock
        while True:
            began = clock.monotonic()
            await asyncio.sleep(TICK_S)
            self.observed.late_s += clock.monotonic() - began - TICK_S

    async def _asked_in_full(self) -> None:
        """Everything that could be told of it, the evidence for the exchange's support too."""
        api, found = self._site.api, await self._open()
        for one in found:
            await api.get(f"/findings/{one['id']}/evidence")
        await api.get(f"/bots/{self._bot_id}/balance-debug")
        self.observed.zeros += zeros_in(await api.get(f"/bots/{self._bot_id}/stats"))
        self.observed.checked = await api.made(f"/clients/{self._client_id}/connectors/{self._connector_id}/check", {})
        self._note_the_first(await self._open())

    def _note_the_first(self, found: list[dict[str, Any]]) -> None:
        self.observed.finding = found[0]["finding"] if found else {}
        self.observed.diagnosed = labelled(self.observed.finding) if found else "nothing"

    async def _save(self, name: str, way: Way) -> Answer:
        body = {"name": name, "exchange": "coinstore", **self._key, **way.fields}
        return await self._site.api.call("POST", f"/clients/{self._client_id}/connectors", body)

    async def _when(self, true: Callable[[], Any], *, seconds: float) -> float | None:
        clock = self._site.clock
        began = clock.monotonic()
        while (passed := clock.monotonic() - began) <= seconds:
            await self._look_at_the_balance()
            if await true():
                return passed
            await asyncio.sleep(LOOK_EVERY_S)
        return None

    async def _look_at_the_balance(self) -> None:
        if self._bot_id:
            self._balance = await self._site.api.get(f"/bots/{self._bot_id}/balance-and-volume")
            self.observed.zeros += zeros_in(self._balance)

    async def _open(self) -> list[dict[str, Any]]:
        """What holds of the bot and of what it rests on, causes first; but that a proxy lets no websocket through to an
        exchange without TLS, whose books are polled then."""
        found = await self._site.api.get(f"/bots/{self._bot_id}/findings")
        left = [one for one in found["findings"] if one["resolved_at"] is None]
        return [one for one in left if one["finding"]["code"] != "stream.broken"]

    async def _balance_is_old(self) -> bool:
        told = self._balance
        return told["status"] == "stale" and told["as_of"] is not None and told["finding"] is not None

    async def _trades(self) -> bool:
        bot = await self._site.api.get(f"/bots/{self._bot_id}")
        orders = self._site.exchange.engine.open_orders(self._account)
        return bot["state"]["code"] == "trading" and len(orders) == 2 and not await self._open()
