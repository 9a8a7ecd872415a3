"""What a demo shows: one client with a token on two exchanges of the sandbox, bots that trade there, and what it still
has on a third one, which is closing."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from trading_bridge.app import Platform
from trading_bridge.cli.sandbox_control import SandboxControl
from trading_bridge.core.bot import Bot, BotStatus, Budget
from trading_bridge.core.client import Client, Connector, account_key
from trading_bridge.core.restraint import Scope, ScopeKind
from trading_bridge.errors import Blocked
from trading_bridge.services import bots, clients, connectors, limits, running
from trading_bridge.services.asker import SYSTEM
from trading_bridge.services.bots import BotEdit, NewBot
from trading_bridge.services.connectors import NewConnector

ACCOUNT = "client_sharp"
#: a memo is a secret, which logs mask wherever it stands: not the client's own name
BITMART_ACCOUNT = "sharp_at_bitmart"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoConnector:
    """At an exchange whose name it bears."""

    exchange: str
    #: currency -> what its account there begins with
    deposits: dict[str, str]
    #: what the exchange calls it
    account: str = ACCOUNT
    memo: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoBot:
    name: str
    connector: str
    pair: str
    note: str
    config: dict[str, str]
    #: None: it is alone on its exchange account
    budget: Budget | None = None


CONNECTORS = (
    DemoConnector(exchange="coinstore", deposits={"SHARP": "2000000", "USDT": "100000", "ETH": "20"}),
    DemoConnector(exchange="binance", deposits={"SHARP": "1500000", "USDT": "60000"}),
    # at the sandbox a memo is the name of its account
    DemoConnector(
        exchange="bitmart",
        deposits={"SHARP": "250000", "USDT": "4000"},
        account=BITMART_ACCOUNT,
        memo=BITMART_ACCOUNT,
    ),
)
#: the sandbox's flow trades many times of what real markets would, with fees as real ones ask them
LIMITS = {"execution_loss_share": "0.15", "fee_share": "0.15"}
SYNTHETIC = "synthetic order flow, preset thin at 6x"
BOTS = (
    DemoBot(
        name="SHARP-SB-Coinstore",
        connector="coinstore",
        pair="SHARP/USDT",
        note=f"A sandbox market with {SYNTHETIC}.",
        config={"spread_bps": "6", "order_amount_quote": "60", "refresh_tolerance_bps": "2"},
        budget=Budget(base=Decimal(1_000_000), quote=Decimal(40_000)),
    ),
    DemoBot(
        name="ETH-SB-Coinstore",
        connector="coinstore",
        pair="ETH/USDT",
        note="A sandbox market that replays recorded ETH/USDT of 2024-08-08.",
        config={"spread_bps": "5", "order_amount_quote": "250"},
        budget=Budget(base=Decimal(15), quote=Decimal(40_000)),
    ),
    DemoBot(
        name="SHARP-SB-Binance",
        connector="binance",
        pair="SHARP/USDT",
        note=f"A second sandbox market of the token, with {SYNTHETIC}, apart from the first.",
        config={"spread_bps": "6", "order_amount_quote": "60", "refresh_tolerance_bps": "2"},
    ),
)


async def seed(platform: Platform, control: SandboxControl, sandbox_address: str) -> None:
    """Makes what is missing and leaves what is there, so that a second start continues from it."""
    client, paths = await _client(platform), await control.paths()
    for wanted in CONNECTORS:
        base_url = f"{sandbox_address}{paths[wanted.exchange]}"
        await _connector(platform, client, control.at(wanted.exchange), wanted, base_url)
    for bot in BOTS:
        await _bot(platform, bot)


async def start_bots(platform: Platform) -> None:
    for bot in await _bots(platform):
        if bot.status is BotStatus.STOPPED:
            await _start_when_possible(platform, bot.id)


async def _start_when_possible(platform: Platform, bot_id: str) -> None:
    for attempt in range(20):
        try:
            await running.start(SYSTEM, platform.deps, bot_id)
        except Blocked:
            if attempt == 19:
                raise
            await platform.deps.clock.sleep(0.5)
        else:
            return


async def _client(platform: Platform) -> Client:
    async with platform.database.unit_of_work(read_only=True) as uow:
        found = await uow.clients.by_account(ACCOUNT)
    if found is not None:
        return found
    return await clients.create(SYSTEM, platform.deps, name="SHARP", account=ACCOUNT)


async def _connector(
    platform: Platform, client: Client, control: SandboxControl, wanted: DemoConnector, base_url: str
) -> None:
    for known in await connectors.of_client(SYSTEM, platform.deps, client.id):
        if known.connector.name != wanted.exchange:
            continue
        if known.connector.base_url != base_url:
            await _move(platform, known.connector, base_url)
        return
    key = await _exchange_account(control, wanted)
    new = NewConnector(
        name=wanted.exchange,
        exchange=wanted.exchange,
        api_key=key["api_key"],
        secret=key["secret"],
        memo=wanted.memo,
        base_url=base_url,
        proxy_url=None,
        ipv4_only=False,
        key_label="demo",
        save_anyway=True,
    )
    await connectors.create(SYSTEM, platform.deps, client.id, new)


async def _move(platform: Platform, connector: Connector, base_url: str) -> None:
    """The same exchange, with the same books, listens on another port: its running bots move with it."""
    async with platform.database.unit_of_work() as uow:
        await uow.connectors.update(
            connector.id,
            name=connector.name,
            exchange=connector.exchange,
            base_url=base_url,
            proxy_url=connector.proxy_url,
            ipv4_only=connector.ipv4_only,
            timeout_s=connector.timeout_s,
        )
        await uow.audit.record(SYSTEM, "connector.update", "connector", connector.id, {"base_url": base_url})
    await platform.manager.sync(connector.account)


async def _exchange_account(control: SandboxControl, wanted: DemoConnector) -> dict[str, Any]:
    """An account at the exchange with money in it, and a key that may read and trade."""
    accounts = {one["account"] for one in (await control.get("/accounts"))["accounts"]}
    if wanted.account not in accounts:
        await control.post("/accounts", account=wanted.account)
        for currency, amount in wanted.deposits.items():
            await control.post("/deposits", account=wanted.account, currency=currency, amount=amount)
    return await control.post("/keys", account=wanted.account, permissions=["read", "trade"])


async def _bot(platform: Platform, wanted: DemoBot) -> None:
    made = next((bot for bot in await _bots(platform) if bot.name == wanted.name), None)
    if made is not None:
        if made.budget is None and wanted.budget is not None:
            await bots.update(SYSTEM, platform.deps, made.id, BotEdit(budget=wanted.budget))
        return
    new = NewBot(
        name=wanted.name,
        account=ACCOUNT,
        connector=wanted.connector,
        pair=wanted.pair,
        bot_type="spread",
        config=wanted.config,
        note=wanted.note,
        budget=wanted.budget,
    )
    bot = await bots.create(SYSTEM, platform.deps, new)
    scope = Scope(kind=ScopeKind.BOT, id=bot.id)
    await limits.change(SYSTEM, platform.deps, scope, LIMITS, confirmed=False)


async def _bots(platform: Platform) -> tuple[Bot, ...]:
    async with platform.database.unit_of_work(read_only=True) as uow:
        return tuple(bot for bot in await uow.bots.all() if account_key(bot.account) == ACCOUNT)
