"""One certification: what is asked of the exchange, the order by consent, and the record that is kept of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version

from trading_bridge import __version__
from trading_bridge.accounts.host import host_label
from trading_bridge.accounts.life import life_finding
from trading_bridge.cli.doctor_look import Key, Stored, draft_of, narrowed, read
from trading_bridge.cli.lone_sender import lone_sender
from trading_bridge.clock import Clock, Entropy
from trading_bridge.core.amount import readable
from trading_bridge.core.balance import Balances
from trading_bridge.core.certification import (
    FarOrder,
    FieldRecord,
    FieldStep,
    StepResult,
    described,
    far_order,
)
from trading_bridge.core.client import Connector
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.market import Market
from trading_bridge.core.outcome import Answered
from trading_bridge.core.restraint import Scope, ScopeKind
from trading_bridge.core.risk.limits import Limits
from trading_bridge.core.risk.settings import bot_limits
from trading_bridge.core.user import Asker
from trading_bridge.diagnosis.doctor import Doctor
from trading_bridge.diagnosis.ladder import Step, StepOutcome
from trading_bridge.errors import Conflict, InvalidInput, SettingsError
from trading_bridge.exchanges.http_sessions import HttpSessions
from trading_bridge.exchanges.limiters import Limiters
from trading_bridge.exchanges.registry import usable
from trading_bridge.exchanges.session import Session
from trading_bridge.services import bots, checks
from trading_bridge.storage.beside import DatabaseBeside
from trading_bridge.storage.database import Database
from trading_bridge.storage.read_only import ReadOnlyDatabase

#: what the order's bot is called in storage, where no list shows it
BOT_NAME, BOT_TYPE = "certification", "certify"
_RESULTS = {
    StepOutcome.PASS: StepResult.PASSED,
    StepOutcome.FAIL: StepResult.FAILED,
    StepOutcome.SKIPPED: StepResult.SKIPPED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    #: by id or name
    connector: str
    place_order: bool = False
    #: of the order; None: that of the connector's bots, where there is one
    market: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What a run stands on."""

    url: str
    keys: Sequence[str] = field(repr=False)
    http: HttpSessions
    doctor: Doctor
    clock: Clock
    entropy: Entropy
    asker: Asker
    #: what would be placed, and the word that a person must type for it; False: it was not
    consents: Callable[[Sequence[str], str], bool]


class Run:
    def __init__(self, outside: Outside) -> None:
        self._at = outside
        self._clock = outside.clock
        self._steps: list[FieldStep] = []

    async def certify(self, wish: Wish) -> tuple[Connector, FieldRecord]:
        """Raises InvalidInput for a connector that does not exist, or a market that is not said; SettingsError where
        the database cannot be used."""
        beside = DatabaseBeside(self._at.url, clock=self._clock, entropy=self._at.entropy)
        try:
            await beside.check()
            stored = await self._stored()
            connector = _one(stored, wish.connector)
            market = checks.pair(wish.market, "market") if wish.market is not None else None
            symbol = await self._tried(connector, stored, wish, market, beside)
            record = FieldRecord(
                id=self._at.entropy.token(16),
                connector_id=connector.id,
                exchange=connector.exchange,
                base_url=connector.base_url,
                at=self._clock.now(),
                symbol=symbol,
                build=__version__,
                ccxt=version("ccxt"),
                asked_by=self._at.asker.name,
                steps=tuple(self._steps),
            )
            async with beside.unit_of_work() as uow:
                await uow.certifications.add(record)
                details = {"passed": record.passed, "order": symbol}
                await uow.audit.record(self._at.asker, "connector.certify", "connector", connector.id, details)
            return connector, record
        finally:
            await beside.close()

    async def _stored(self) -> Stored:
        database = ReadOnlyDatabase(
            self._at.url, secret_keys=self._at.keys, clock=self._clock, entropy=self._at.entropy
        )
        try:
            async with database.unit_of_work() as uow:
                return await read(uow, self._clock)
        finally:
            await database.close()

    async def _tried(
        self, connector: Connector, stored: Stored, wish: Wish, market: str | None, beside: DatabaseBeside
    ) -> str | None:
        """Market of the order that was placed; None: none was."""
        key = stored.keys[connector.id]
        ladder = await self._at.doctor.examine_draft(draft_of(connector, key))
        self._steps += [_rung(step) for step in ladder.steps]
        if not ladder.passed or key.credentials is None:
            self._skip("balances", "not asked, since the ladder did not pass")
            self._skip("order", "not placed, since the ladder did not pass")
            return None
        session = self._session(connector, key)
        try:
            balances = await self._balances(session)
            if not wish.place_order:
                self._skip("order", "none was asked for")
                return None
            if balances is None:
                self._skip("order", "not placed, since the balances are not known")
                return None
            symbol = market or _market_of(connector, stored)
            agreed = await self._agreed(session, connector, symbol, balances, beside)
        finally:
            await session.close()
        return None if agreed is None else await self._placed(connector, symbol, agreed)

    def _session(self, connector: Connector, key: Key) -> Session:
        info = usable(connector.exchange)
        assert info is not None, "its ladder passed"
        return Session(
            info=info,
            credentials=key.credentials,
            base_url=connector.base_url,
            proxy_url=connector.proxy_url,
            ipv4_only=connector.ipv4_only,
            timeout_s=connector.timeout_s,
            clock=self._clock,
            http=self._at.http,
            limiters=Limiters(self._clock),
        )

    async def _balances(self, session: Session) -> Balances | None:
        markets = await session.markets()  # so that names of currencies are judged as a server does
        answer = await session.balances() if isinstance(markets, Answered) else markets
        if not isinstance(answer, Answered):
            self._fail("balances", "they could not be read", answer.finding)
            return None
        told = answer.value
        held = [f"{readable(one.total)} {name}" for name, one in sorted(told.by_currency.items()) if one.total != 0]
        others = [f"{readable(one.amount)} {one.currency} in {one.wallet}" for one in told.elsewhere]
        elsewhere = f"; elsewhere: {', '.join(others)}" if others else "; of other wallets nothing is told"
        self._pass("balances", f"{told.wallet}: {', '.join(held) or 'nothing'}{elsewhere}")
        return told

    async def _agreed(
        self, session: Session, connector: Connector, symbol: str, balances: Balances, beside: DatabaseBeside
    ) -> FarOrder | None:
        """The order that may be placed, told and consented to; None: there is none."""
        server = await beside.server()
        if server is not None:
            self._fail("order", "not placed", self._served(server))
            return None
        ends = life_finding(connector.exchange, connector.base_url, self._clock.now())
        if ends is not None and host_label(connector.base_url) != "sandbox":
            self._fail("order", "not placed", ends)
            return None
        try:
            async with beside.unit_of_work(read_only=True) as uow:
                await bots.refuse_other_client(uow, connector.client_id, connector.exchange, symbol)
                set_by_people = await uow.limits.all()
        except Conflict as taken:
            self._fail("order", "not placed", self._odd("a market that this client alone trades", taken.message))
            return None
        client = Scope(kind=ScopeKind.CLIENT, id=connector.client_id)
        wider = set_by_people.get(Scope(kind=ScopeKind.PLATFORM, id=""), {}), set_by_people.get(client, {})
        limits, _ = bot_limits(*wider, {})
        market, order = await self._chosen(session, symbol, balances, limits)
        if market is None or not isinstance(order, FarOrder):
            assert isinstance(order, Finding), "no order without a market"
            self._fail("order", "not placed", order)
            return None
        if not self._at.consents(described(order, market), symbol):
            self._skip("order", "not placed: nobody agreed to it")
            return None
        return order

    async def _chosen(
        self, session: Session, symbol: str, balances: Balances, limits: Limits
    ) -> tuple[Market | None, FarOrder | Finding]:
        listed = await session.markets()
        if not isinstance(listed, Answered):
            return None, listed.finding
        market = listed.value.get(symbol)
        if market is None:
            return None, self._finding("market.unknown", symbol=symbol, nearest="none")
        book = await session.order_book(market)
        if not isinstance(book, Answered):
            return None, book.finding
        return market, far_order(market, book.value, balances, limits, self._clock.now())

    async def _placed(self, connector: Connector, symbol: str, order: FarOrder) -> str | None:
        at = self._at
        database = Database(at.url, secret_keys=at.keys, clock=self._clock, entropy=at.entropy)
        try:
            await database.open()
        except SettingsError as refused:
            self._fail("order", "not placed", self._served(refused.message))
            return None
        try:
            async with database.unit_of_work() as uow:
                bot = await uow.bots.add(
                    client_id=connector.client_id,
                    name=BOT_NAME,
                    connector=connector.name,
                    symbol=symbol,
                    bot_type=BOT_TYPE,
                    config={},
                    archived=True,
                )
            live = lone_sender(database, connector, bot, http=at.http, clock=self._clock, entropy=at.entropy)
            async with live as sender:
                why_not = sender if isinstance(sender, Finding) else sender.barred
                if isinstance(sender, Finding) or why_not is not None:
                    assert why_not is not None
                    self._fail("order", "not placed", why_not)
                    return None
                try:
                    await sender.check.run(order)
                finally:
                    self._steps += sender.check.steps
        except Conflict as held:
            self._fail("order", "not placed", self._served(held.message))
            return None
        finally:
            await database.close()
        placed = any(step.name == "order" and step.result is StepResult.PASSED for step in self._steps)
        return symbol if placed else None

    # words

    def _served(self, server: str) -> Finding:
        return self._finding("certification.server_running", server=server)

    def _odd(self, expected: str, found: str) -> Finding:
        return self._finding("certification.failed", step="order", expected=expected, found=found)

    def _finding(self, code: str, **parameters: str) -> Finding:
        return Finding(code=code, severity=Severity.WARNING, since=self._clock.now(), parameters=parameters)

    def _pass(self, name: str, detail: str) -> None:
        self._steps.append(FieldStep(name=name, result=StepResult.PASSED, detail=detail))

    def _skip(self, name: str, detail: str) -> None:
        self._steps.append(FieldStep(name=name, result=StepResult.SKIPPED, detail=detail))

    def _fail(self, name: str, detail: str, finding: Finding) -> None:
        self._steps.append(FieldStep(name=name, result=StepResult.FAILED, detail=detail, finding=finding))


def _one(stored: Stored, wanted: str) -> Connector:
    """Raises InvalidInput where none is called so, or several."""
    found = narrowed(stored, None, wanted).connectors
    if len(found) > 1:
        ids = ", ".join(f"{one.id} (of {one.account})" for one in found)
        raise InvalidInput(
            "connector.ambiguous", f"several connectors are called {wanted}: take an id of {ids}", field="connector"
        )
    return found[0]


def _market_of(connector: Connector, stored: Stored) -> str:
    """Where its bots trade; raises InvalidInput where that is not one market."""
    bots_of = narrowed(stored, None, connector.id).bots
    symbols = sorted({bot.symbol for bot in bots_of})
    if len(symbols) != 1:
        among = f": one of {', '.join(symbols)}, or another" if symbols else ", such as SHARP/USDT"
        raise InvalidInput("market.missing", f"say by --market where the order goes{among}", field="market")
    return symbols[0]


def _rung(step: Step) -> FieldStep:
    return FieldStep(name=step.rung.value, result=_RESULTS[step.outcome], detail=step.detail, finding=step.finding)
