"""What a demo shows: one client, its Coinstore connector in the sandbox, and two bots that trade."""

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
CONNECTOR = "coinstore"
DEPOSITS = {"SHARP": "2000000", "USDT": "100000", "ETH": "20"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoBot:
    name: str
    pair: str
    note: str
    config: dict[str, str]
    #: both trade on one exchange account
    budget: Budget


#: the sandbox's flow trades many times of what real markets would, with fees as real ones ask them
LIMITS = {"execution_loss_share": "0.15", "fee_share": "0.15"}
BOTS = (
    DemoBot(
        name="SHARP-SB-Coinstore",
        pair="SHARP/USDT",
        note="A sandbox market with synthetic order flow, preset thin at 6x.",
        config={"spread_bps": "6", "order_amount_quote": "60", "refresh_tolerance_bps": "2"},
        budget=Budget(base=Decimal(1_000_000), quote=Decimal(40_000)),
    ),
    DemoBot(
        name="ETH-SB-Coinstore",
        pair="ETH/USDT",
        note="A sandbox market that replays recorded ETH/USDT of 2024-08-08.",
        config={"spread_bps": "5", "order_amount_quote": "250"},
        budget=Budget(base=Decimal(15), quote=Decimal(40_000)),
    ),
)


async def seed(platform: Platform, control: SandboxControl, sandbox_address: str) -> None:
    """Makes what is missing and leaves what is there, so that a second start continues from it."""
    client = await _client(platform)
    await _connector(platform, client, control, f"{sandbox_address}/api")
    for wanted in BOTS:
        await _bot(platform, wanted)


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


async def _connector(platform: Platform, client: Client, control: SandboxControl, base_url: str) -> None:
    for known in await connectors.of_client(SYSTEM, platform.deps, client.id):
        if known.connector.name != CONNECTOR:
            continue
        if known.connector.base_url != base_url:
            await _move(platform, known.connector, base_url)
        return
    key = await _exchange_account(control)
    new = NewConnector(
        name=CONNECTOR,
        exchange=CONNECTOR,
        api_key=key["api_key"],
        secret=key["secret"],
        memo=None,
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
        )
        await uow.audit.record(SYSTEM, "connector.update", "connector", connector.id, {"base_url": base_url})
    await platform.manager.sync(connector.account)


async def _exchange_account(control: SandboxControl) -> dict[str, Any]:
    """An account at the sandbox with money in it, and a key that may read and trade."""
    accounts = {one["account"] for one in (await control.get("/accounts"))["accounts"]}
    if ACCOUNT not in accounts:
        await control.post("/accounts", account=ACCOUNT)
        for currency, amount in DEPOSITS.items():
            await control.post("/deposits", account=ACCOUNT, currency=currency, amount=amount)
    return await control.post("/keys", account=ACCOUNT, permissions=["read", "trade"])


async def _bot(platform: Platform, wanted: DemoBot) -> None:
    made = next((bot for bot in await _bots(platform) if bot.name == wanted.name), None)
    if made is not None:
        if made.budget is None:
            await bots.update(SYSTEM, platform.deps, made.id, BotEdit(budget=wanted.budget))
        return
    new = NewBot(
        name=wanted.name,
        account=ACCOUNT,
        connector=CONNECTOR,
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
