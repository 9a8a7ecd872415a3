"""One climb: the probes in their order, side by side where none waits for another, each in a boundary of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from trading_bridge.accounts.host import is_sandbox
from trading_bridge.clock import Clock
from trading_bridge.core.bot import Bot
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.market import Market
from trading_bridge.diagnosis.diagnose import diagnose
from trading_bridge.diagnosis.egress import Egress
from trading_bridge.diagnosis.ladder import EgressAddress, Ladder, Rung, Step, StepOutcome
from trading_bridge.diagnosis.patient import Patient
from trading_bridge.diagnosis.probes import addresses, bots, public, route, signed
from trading_bridge.diagnosis.probes.probed import Probed, failed, failed_call, skipped
from trading_bridge.diagnosis.tell_apart import Signs
from trading_bridge.exchanges.family import Family
from trading_bridge.exchanges.heard import HEARD, Heard
from trading_bridge.exchanges.http_sessions import HttpSessions
from trading_bridge.exchanges.network import Addresses, Network
from trading_bridge.exchanges.session import Session
from trading_bridge.logs import get_logger

#: books that are read for the prices of the bots' pairs; bots of further pairs must only have some of each currency
BOOKS_MAX = 4
_ORDER = tuple(Rung)

T = TypeVar("T")
Probe = Callable[[], Probed[T] | Awaitable[Probed[T]]]

_log = get_logger("doctor")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reached:
    families: tuple[Family, ...]
    #: the rung that is in the way of every call; None: calls can be made
    blocked: Rung | None


class Climb:
    def __init__(self, patient: Patient, *, http: HttpSessions, network: Network, clock: Clock, egress: Egress) -> None:
        self._patient = patient
        self._session = patient.session
        self._http = http
        self._network = network
        self._clock = clock
        self._egress = egress
        self._steps: list[Step] = []
        self._heard: list[Heard] = []

    async def to_the_top(self, served: Sequence[Bot]) -> tuple[Ladder, Finding | None]:
        """The ladder, and what is wrong with the connector itself, whatever its bots lack."""
        started_at, began = self._clock.now(), self._clock.monotonic()
        token = HEARD.set(self._heard)
        try:
            signs, egress = await self._climb(served)
        finally:
            HEARD.reset(token)
        places = {bot.id: place for place, bot in enumerate(served)}
        steps = sorted(self._steps, key=lambda step: (_ORDER.index(step.rung), places.get(step.bot_id or "", 0)))
        found = diagnose(steps, signs, egress)
        ladder = Ladder(
            started_at=started_at,
            took_ms=self._since(began),
            steps=found.steps,
            diagnosis=found.finding,
            remaining=found.remaining,
            egress=egress,
            requests=sum(1 for one in self._heard if one.arrived),
        )
        return ladder, found.of_connector

    async def _climb(self, served: Sequence[Bot]) -> tuple[Signs, tuple[EgressAddress, ...]]:
        keys = await self._probe(Rung.CREDENTIALS, lambda: signed.credentials(self._patient))
        resolved = (await self._probe(Rung.RESOLVE, self._resolve)).value
        reached, leaving = await asyncio.gather(
            self._reach(resolved),
            self._probe(Rung.EGRESS, lambda: self._leaving(resolved)),
        )
        barred = reached.blocked or (Rung.CREDENTIALS if keys.outcome is StepOutcome.FAIL else None)
        (listed, offset_s), read = await asyncio.gather(
            self._listing(reached.blocked), self._signed_read(reached.families, barred)
        )
        market = None if listed is None else listed.any_open([bot.symbol for bot in served])
        order, trade, _ = await asyncio.gather(
            self._of_orders(Rung.READ_PERMISSION, signed.read_permission, market, barred),
            self._of_orders(Rung.TRADE_PERMISSION, signed.trade_permission, market, barred),
            self._serve(served, listed, read),
        )
        await self._probe(Rung.WITHDRAW_PERMISSION, lambda: signed.withdraw_permission(self._session.info))
        of_key = read.value or signed.UNREAD
        signs = Signs(
            signed_read=of_key.said,
            by_family=of_key.by_family,
            read_permission=signed.said(order),
            trade_permission=signed.said(trade),
            offset_s=offset_s,
            worked_before=self._patient.worked_before,
            clock_refused=any(
                one.finding is not None and one.finding.code == "clock.skewed" for one in (read, order, trade)
            ),
            conflated=self._session.info.conflated,
        )
        return signs, leaving.value or ()

    # the way

    async def _resolve(self) -> Probed[Addresses]:
        return await route.resolve(
            self._patient.endpoint, ipv4_only=self._patient.ipv4_only, network=self._network, clock=self._clock
        )

    async def _reach(self, resolved: Addresses | None) -> _Reached:
        if resolved is None:
            self._skip(Rung.RESOLVE, Rung.CONNECT, Rung.TLS)
            return _Reached(families=(), blocked=Rung.RESOLVE)
        connected = await self._probe(
            Rung.CONNECT, lambda: route.connect(self._patient.endpoint, resolved, self._network, self._clock)
        )
        answering = connected.value
        if answering is None:
            self._skip(Rung.CONNECT, Rung.TLS)
            return _Reached(families=(), blocked=Rung.CONNECT)
        secured = await self._probe(
            Rung.TLS, lambda: route.tls(self._patient.endpoint, answering, self._network, self._http, self._clock)
        )
        blocked = Rung.TLS if secured.outcome is StepOutcome.FAIL else None
        return _Reached(families=tuple(answering), blocked=blocked)

    async def _leaving(self, resolved: Addresses | None) -> Probed[tuple[EgressAddress, ...]]:
        return await addresses.egress_addresses(
            self._egress, self._patient.way, resolved, sandbox=is_sandbox(self._session.base_url)
        )

    # calls

    async def _listing(self, blocked: Rung | None) -> tuple[public.Public | None, float | None]:
        """The markets, and the clock's offset."""
        if blocked is not None:
            self._skip(blocked, Rung.PUBLIC, Rung.CLOCK)
            return None, None
        listed = (await self._probe(Rung.PUBLIC, lambda: public.public_call(self._session, self._patient.listed))).value
        if listed is None:
            self._skip(Rung.PUBLIC, Rung.CLOCK)
            return None, None
        offset = await self._probe(Rung.CLOCK, lambda: public.clock_offset(self._heard, listed))
        return listed, offset.value

    async def _signed_read(self, families: tuple[Family, ...], barred: Rung | None) -> Probed[signed.Read]:
        if barred is not None:
            return self._skip(barred, Rung.SIGNED_READ)
        # behind a proxy the choice is the proxy's
        choice = families if self._patient.proxy_url is None and len(families) > 1 else ()
        return await self._probe(Rung.SIGNED_READ, lambda: signed.signed_read(self._patient, choice))

    async def _of_orders(
        self,
        rung: Rung,
        probe: Callable[[Session, Market], Awaitable[Probed[None]]],
        market: Market | None,
        barred: Rung | None,
    ) -> Probed[None]:
        """Calls about orders name a market."""
        if barred is not None:
            return self._skip(barred, rung)
        if market is None:
            return self._skip(Rung.PUBLIC, rung)
        return await self._probe(rung, lambda: probe(self._session, market))

    # bots

    async def _serve(self, served: Sequence[Bot], listed: public.Public | None, read: Probed[signed.Read]) -> None:
        markets = {bot.id: (await self._market(bot, listed)).value for bot in served}
        pairs = {market.symbol: market for market in markets.values() if market is not None}
        prices = {
            symbol: asyncio.ensure_future(bots.price_of(self._session, market))
            for symbol, market in tuple(pairs.items())[:BOOKS_MAX]
        }
        await asyncio.gather(*(self._balance(bot, markets[bot.id], prices.get(bot.symbol), read) for bot in served))

    async def _market(self, bot: Bot, listed: public.Public | None) -> Probed[Market]:
        if listed is None:
            return self._skip(Rung.PUBLIC, Rung.MARKET, bot=bot)
        return await self._probe(Rung.MARKET, lambda: bots.market_rules(bot, listed, self._clock.now()), bot)

    async def _balance(
        self, bot: Bot, market: Market | None, price: asyncio.Future[Decimal | None] | None, read: Probed[signed.Read]
    ) -> None:
        async def probe() -> Probed[None]:
            mid = None if price is None else await price
            estranged = self._patient.estranged(bot)
            if estranged is not None:
                return failed(f"{bot.name}: it has no connector any more", estranged)
            balances = None if read.value is None else read.value.balances
            if balances is None and read.finding is not None:
                return failed_call(f"{bot.name}: its balance is not known", read.finding)
            if balances is None or market is None:
                return skipped(f"{bot.name}: {_after(Rung.SIGNED_READ if balances is None else Rung.MARKET)}")
            return bots.balance_for(bot, market, mid, balances, self._clock.now())

        await self._probe(Rung.BALANCE, probe, bot)

    # the boundary

    async def _probe(self, rung: Rung, probe: Probe[T], bot: Bot | None = None) -> Probed[T]:
        began = self._clock.monotonic()
        try:
            probing = probe()
            probed = await probing if isinstance(probing, Awaitable) else probing
        except Exception as bug:  # noqa: BLE001 - a supervising boundary: a probe that raises is a failed probe
            _log.error("probe failed", rung=rung.value, error=type(bug).__name__, exc_info=bug)
            probed = failed(f"the probe itself failed: {type(bug).__name__}", self._broken(rung, bug))
        self._note(rung, probed, self._since(began), bot)
        return probed

    def _skip(self, because: Rung, *rungs: Rung, bot: Bot | None = None) -> Probed[T]:
        whose = "" if bot is None else f"{bot.name}: "
        probed: Probed[T] = skipped(whose + _after(because))
        for rung in rungs:
            self._note(rung, probed, 0, bot)
        return probed

    def _note(self, rung: Rung, probed: Probed[T], took_ms: int, bot: Bot | None) -> None:
        self._steps.append(
            Step(
                rung=rung,
                outcome=probed.outcome,
                detail=probed.detail,
                took_ms=took_ms,
                finding=probed.finding,
                evidence=probed.evidence,
                bot_id=None if bot is None else bot.id,
            )
        )

    def _broken(self, rung: Rung, bug: Exception) -> Finding:
        return Finding(
            code="probe.failed",
            severity=Severity.WARNING,
            since=self._clock.now(),
            parameters={"rung": rung.value, "error": type(bug).__name__},
        )

    def _since(self, began: float) -> int:
        return round((self._clock.monotonic() - began) * 1000)


def _after(rung: Rung) -> str:
    return f"not asked, since the rung {rung.value.replace('_', ' ')} did not pass"
