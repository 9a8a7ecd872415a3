"""A connector as the doctor examines it: live, or before it is saved."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from trading_bridge.accounts.account import Account
from trading_bridge.clock import Clock
from trading_bridge.core.balance import Balances
from trading_bridge.core.bot import Bot
from trading_bridge.core.client import Credentials, account_key, connector_key
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.market import Market
from trading_bridge.core.outcome import Answered
from trading_bridge.diagnosis.egress import Way
from trading_bridge.exchanges.heard import HEARD, Heard
from trading_bridge.exchanges.http_sessions import HttpSessions
from trading_bridge.exchanges.limiters import Limiters
from trading_bridge.exchanges.registry import ExchangeInfo
from trading_bridge.exchanges.session import Session
from trading_bridge.exchanges.socks import PORT, SCHEMES


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """What is connected to first: the exchange's host, or the proxy's."""

    host: str
    port: int
    secure: bool
    proxy: bool
    socks: bool = False

    @property
    def unreachable(self) -> str:
        """Code of the finding when it cannot be reached."""
        return "proxy.unreachable" if self.proxy else "exchange.unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    session: Session
    proxy_url: str | None = field(repr=False)
    ipv4_only: bool
    #: why there is no key to ask with; None: there is one
    keyless: Finding | None
    #: the markets as all share them; None: nobody has them
    listed: Callable[[], Awaitable[Mapping[str, Market] | None]]
    #: reads the balance, once for all who want it
    balances: Callable[[], Awaitable[Answered[Balances] | Finding]]
    #: this key, unchanged, was accepted before
    worked_before: bool
    #: why a bot cannot trade through it at all; None: it can
    estranged: Callable[[Bot], Finding | None]

    @property
    def way(self) -> Way:
        return Way(proxy_url=self.proxy_url, ipv4_only=self.ipv4_only)

    @property
    def endpoint(self) -> Endpoint:
        proxy = self.proxy_url is not None
        address = urlsplit(self.session.base_url if self.proxy_url is None else self.proxy_url)
        secure, socks = address.scheme == "https", address.scheme in SCHEMES
        usual = PORT if socks else 443 if secure else 80
        return Endpoint(
            host=address.hostname or "", port=address.port or usual, secure=secure, proxy=proxy, socks=socks
        )


def of_account(account: Account, clock: Clock) -> Patient:
    """Its own session and its own reader, so that what is asked for anyway is asked once."""
    good = account.reader.good
    return Patient(
        session=account.session,
        proxy_url=account.connector.proxy_url,
        ipv4_only=account.connector.ipv4_only,
        keyless=None,
        listed=account.route.rules.listed,
        balances=lambda: _shared_read(account),
        worked_before=good is not None and good.started is not None,
        estranged=lambda bot: _estranged(account, bot, clock),
    )


def of_draft(
    info: ExchangeInfo,
    *,
    credentials: Credentials | None,
    base_url: str | None,
    proxy_url: str | None,
    ipv4_only: bool,
    keyless: Finding | None,
    clock: Clock,
    http: HttpSessions,
    limiters: Limiters,
    timeout_s: int | None = None,
) -> Patient:
    """With a session of its own, which whoever asks for it closes."""
    session = Session(
        info=info,
        credentials=credentials,
        base_url=base_url,
        proxy_url=proxy_url,
        ipv4_only=ipv4_only,
        clock=clock,
        http=http,
        limiters=limiters,
        timeout_s=timeout_s,
    )

    async def read() -> Answered[Balances] | Finding:
        outcome = await session.balances()
        return outcome if isinstance(outcome, Answered) else outcome.finding

    return Patient(
        session=session,
        proxy_url=proxy_url,
        ipv4_only=ipv4_only,
        keyless=keyless,
        listed=_nobody_knows,
        balances=read,
        worked_before=False,
        estranged=lambda _: keyless,
    )


async def _nobody_knows() -> None:
    return None


async def _shared_read(account: Account) -> Answered[Balances] | Finding:
    """A refusal as the exchange said it: the reader's own word for it may be that of an earlier diagnosis."""
    around, own = HEARD.get(), list[Heard]()
    token = HEARD.set(own)
    try:
        await account.reader.read(max_age_s=0, force=True)
    finally:
        HEARD.reset(token)
        if around is not None:
            around.extend(own)
    refused = next((one.finding for one in own if one.evidence.call == "fetch_balance" and one.finding), None)
    if refused is not None:
        return refused
    failure, good = account.reader.failure, account.reader.good
    if failure is None and good is not None and good.evidence is not None:
        return Answered(value=good.balances, evidence=good.evidence)
    if failure is not None and own:
        return failure  # it was answered, and the numbers are not believed
    outcome = await account.session.balances()  # the read was somebody else's, who heard why it failed
    return outcome if isinstance(outcome, Answered) else outcome.finding


def _estranged(account: Account, bot: Bot, clock: Clock) -> Finding | None:
    connector = account.connector
    serves = connector_key(bot.connector) in (connector.name, connector.exchange)
    if serves and account_key(bot.account) == account_key(connector.account) and not account.closed:
        return None
    return Finding(
        code="connector.missing",
        severity=Severity.WARNING,
        since=clock.now(),
        parameters={
            "connector": bot.connector,
            "account": bot.account,
            "existing": "none" if account.closed else connector.name,
        },
    )
