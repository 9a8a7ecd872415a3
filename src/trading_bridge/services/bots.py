"""Bots: made, listed, changed, archived. Starting and stopping is in `running`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from trading_bridge.bot_types import bot_types
from trading_bridge.core.amount import readable
from trading_bridge.core.bot import Bot, BotStatus, Budget
from trading_bridge.core.client import Client, Connector, connector_key
from trading_bridge.core.known import Ok, Unknown
from trading_bridge.core.market import Market
from trading_bridge.core.user import Asker
from trading_bridge.errors import Conflict, InvalidInput
from trading_bridge.exchanges.registry import described, exchanges, ids
from trading_bridge.services import budgets, checks, lives
from trading_bridge.services.config import validated_config
from trading_bridge.services.deps import Deps
from trading_bridge.services.meaning import connector_of, exchange_of
from trading_bridge.storage.page import Page
from trading_bridge.storage.unit_of_work import UnitOfWork

#: characters of an operator's note
NOTE_MAX = 280


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBot:
    name: str
    account: str
    connector: str
    pair: str
    bot_type: str
    #: None: the defaults of the type
    config: Mapping[str, object] | None
    #: the operator's words to the client
    note: str | None = None
    #: None: the whole account
    budget: Budget | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BotEdit:
    """None leaves a value as it is; an empty note removes it, `unbudgeted` the budget."""

    name: str | None = None
    config: Mapping[str, object] | None = None
    connector: str | None = None
    pair: str | None = None
    note: str | None = None
    budget: Budget | None = None
    unbudgeted: bool = False


async def create(asker: Asker, deps: Deps, new: NewBot) -> Bot:
    """Stored stopped, also before its connector exists and before its pair could be verified."""
    name = checks.text(new.name, "name")
    symbol = checks.pair(new.pair)
    note = _note(new.note)
    bot_type, config = validated_config(new.bot_type, new.config)
    account = checks.text(new.account, "account", max_length=checks.ACCOUNT_MAX)
    connector = checks.text(new.connector, "connector", max_length=checks.CONNECTOR_NAME_MAX)
    async with deps.database.unit_of_work(read_only=True) as uow:
        client = await _client_of(uow, account)
        existing = await uow.connectors.list(client.id)
    exchange = _exchange(connector, client, existing)
    lives.refuse_barred(connector, existing, deps.clock.now())
    market = await _listed(deps, client.account, connector, symbol, exchange)
    _refuse_misfit(bot_type, config, market)
    holds = None if new.budget is None else await budgets.held(deps, client.account, connector)
    async with deps.placing, deps.database.unit_of_work() as uow:
        await refuse_other_client(uow, client.id, exchange, symbol)
        bot = await uow.bots.add(
            client_id=client.id,
            name=name,
            connector=connector,
            symbol=symbol,
            bot_type=bot_type,
            config=config,
            market_verified=market is not None,
            note=note,
            budget=new.budget,
        )
        await budgets.refuse_excess(uow, deps, bot, holds)
        await uow.audit.record(asker, "bot.create", "bot", bot.id, _details(bot))
    deps.publish("bot", bot.id)
    return bot


async def page(asker: Asker, deps: Deps, *, account: str | None, cursor: str | None) -> Page[Bot]:
    """Of one client, or of all; raises NotFound for an account that no client has."""
    position = checks.cursor(cursor)
    async with deps.database.unit_of_work(read_only=True) as uow:
        if account is None:
            return await uow.bots.list(cursor=position)
        client = await uow.clients.by_account(account) if checks.showable(account) else None
        if client is None:
            raise checks.not_found("client", account, field="account")
        return await uow.bots.list(client.account, position)


async def get(asker: Asker, deps: Deps, bot_id: str) -> Bot:
    async with deps.database.unit_of_work(read_only=True) as uow:
        return await found(uow, bot_id)


async def update(asker: Asker, deps: Deps, bot_id: str, edit: BotEdit) -> Bot:
    """Name, config, note and budget at any time; connector and pair only on a stopped bot with nothing live."""
    async with deps.database.unit_of_work(read_only=True) as uow:
        bot = await found(uow, bot_id)
        wished = _edited(bot, edit)
        moved = wished.symbol != bot.symbol or connector_key(wished.connector) != connector_key(bot.connector)
        exchange = ""
        if moved:
            client = await uow.clients.get(bot.client_id)
            assert client is not None, "a bot that is not archived has its client"
            existing = await uow.connectors.list(client.id)
            exchange = _exchange(wished.connector, client, existing)
            lives.refuse_barred(wished.connector, existing, deps.clock.now())
    verified = bot.market_verified
    if moved:
        market = await _listed(deps, bot.account, wished.connector, wished.symbol, exchange)
        verified = market is not None
    else:
        market = deps.manager.known_market(bot.account, bot.connector, bot.symbol)
    if moved or wished.config != bot.config:
        _refuse_misfit(bot.bot_type, wished.config, market)
    _refuse_budget_of_other_pair(bot, wished, edit)
    counted = moved or wished.budget != bot.budget
    holds = await budgets.held(deps, bot.account, wished.connector) if counted else None
    async with deps.placing, deps.database.unit_of_work() as uow:
        if moved:
            await _refuse_while_live(uow, deps, bot, "pair" if wished.symbol != bot.symbol else "connector")
            await refuse_other_client(uow, bot.client_id, exchange, wished.symbol)
        if counted:
            await budgets.refuse_excess(uow, deps, wished, holds)
        if edit.unbudgeted and bot.status is BotStatus.RUNNING:
            await budgets.refuse_unbudgeted(uow, deps, wished)
        changed = await uow.bots.update(
            bot_id,
            name=wished.name,
            connector=wished.connector,
            symbol=wished.symbol,
            bot_type=bot.bot_type,
            config=wished.config,
            market_verified=verified,
            note=bot.note if edit.note is None else _note(edit.note),
            budget=wished.budget,
        )
        await uow.audit.record(asker, "bot.update", "bot", bot_id, _details(changed))
    deps.runner.wake()
    deps.publish("bot", bot_id)
    return changed


def _note(note: str | None) -> str | None:
    """None: none; an empty one is none."""
    if note is None or not note.strip():
        return None
    return checks.text(note, "note", max_length=NOTE_MAX)


async def archive(asker: Asker, deps: Deps, bot_id: str) -> None:
    """Of a stopped bot with nothing live; its orders and trades stay."""
    async with deps.placing, deps.database.unit_of_work() as uow:
        bot = await found(uow, bot_id)
        await _refuse_while_live(uow, deps, bot, None)
        await uow.bots.archive(bot_id)
        await uow.audit.record(asker, "bot.archive", "bot", bot_id, {"name": bot.name})
    deps.runner.wake()
    deps.publish("bot", bot_id)


async def found(uow: UnitOfWork, bot_id: str) -> Bot:
    bot = await uow.bots.get(checks.ident(bot_id, "bot"))
    if bot is None:
        raise checks.not_found("bot", bot_id)
    return bot


async def refuse_other_client(uow: UnitOfWork, client_id: str, exchange: str, symbol: str) -> None:
    """One client per market per exchange, so that no two of the platform ever trade with each other."""
    for other in await uow.bots.on_market(symbol):
        if other.client_id == client_id:
            continue
        if exchange_of(other.connector, await uow.connectors.list(other.client_id)) == exchange:
            raise Conflict(
                "market.taken",
                f"Another client has a bot on {symbol} at {exchange}; only one client may trade a market.",
                field="pair",
                remedy="Choose another pair, or remove the other client's bot.",
            )


def _refuse_misfit(bot_type: str, config: Mapping[str, object], market: Market | None) -> None:
    """What no order of the market could follow; without its rules nothing is known of that."""
    found = bot_types()[bot_type]
    misfit = None if market is None else found.misfit(found.parameters.model_validate(dict(config)), market)
    if misfit is not None:
        field = f"config.{misfit.field}"
        description = found.parameters.model_fields[misfit.field].description
        raise InvalidInput("config.invalid", f"{field}: {misfit.words}.", field=field, remedy=description)


async def _listed(deps: Deps, account: str, connector: str, symbol: str, exchange: str) -> Market | None:
    """None: it could not be verified yet. Raises InvalidInput where the exchange is known not to list it."""
    connector_id = deps.manager.match(account, connector).connector_id
    if connector_id is None:
        await deps.manager.sync(account)
        connector_id = deps.manager.match(account, connector).connector_id
    if connector_id is None:
        return None
    market = await deps.manager.market(connector_id, symbol)
    if isinstance(market, Ok) and market.value is None:
        raise InvalidInput(
            "market.unknown",
            f"{exchange} does not list {symbol}.",
            field="pair",
            remedy="Look up how the exchange spells the pair.",
        )
    return None if isinstance(market, Unknown) else market.value


def _edited(bot: Bot, edit: BotEdit) -> Bot:
    """The bot as the edit wishes it, each part checked."""
    wished = bot
    if edit.name is not None:
        wished = replace(wished, name=checks.text(edit.name, "name"))
    if edit.config is not None:
        wished = replace(wished, config=validated_config(bot.bot_type, edit.config)[1])
    if edit.connector is not None:
        connector = checks.text(edit.connector, "connector", max_length=checks.CONNECTOR_NAME_MAX)
        wished = replace(wished, connector=connector)
    if edit.pair is not None:
        wished = replace(wished, symbol=checks.pair(edit.pair))
    if edit.budget is not None or edit.unbudgeted:
        return replace(wished, budget=edit.budget)
    return wished


def _refuse_budget_of_other_pair(bot: Bot, wished: Bot, edit: BotEdit) -> None:
    if wished.symbol != bot.symbol and bot.budget is not None and edit.budget is None and not edit.unbudgeted:
        raise InvalidInput(
            "budget.other_pair",
            f"The budget of {bot.name} is in the currencies of {bot.symbol}.",
            field="budget",
            remedy="Give it a budget for the new pair in the same change.",
        )


async def _refuse_while_live(uow: UnitOfWork, deps: Deps, bot: Bot, field: str | None) -> None:
    """`field` is what would change; None: the bot would go."""
    now = await found(uow, bot.id)
    if now.status is BotStatus.RUNNING:
        raise Conflict("bot.running", f"{bot.name} runs.", field=field, remedy="Stop it first.")
    live = await uow.orders.live_ids(bot_id=bot.id)
    if live or not await deps.runner.stopped(bot.id, 0):
        raise Conflict(
            "bot.orders_live",
            f"{len(live)} orders of {bot.name} may still live at the exchange.",
            field=field,
            remedy="Wait until they are confirmed as gone; the bot's orders show their state.",
        )


def _exchange(connector: str, client: Client, existing: tuple[Connector, ...]) -> str:
    """The exchange that the value means; raises InvalidInput where it means none, or several keys."""
    exchange = exchange_of(connector, existing)
    names = [one.name for one in existing]
    if exchange is None:
        raise InvalidInput(
            "connector.unknown",
            f"{client.account} has no connector {connector}. No exchange is called so.",
            field="connector",
            remedy=checks.nearest(connector, {*names, *ids(described())}, ids(exchanges())),
        )
    at_exchange = [one.name for one in existing if one.exchange == exchange]
    if connector_of(connector, existing) is None and len(at_exchange) > 1:
        raise InvalidInput(
            "connector.ambiguous",
            f"{client.account} has several keys at {exchange}.",
            field="connector",
            remedy=f"Name one of them: {', '.join(at_exchange)}.",
        )
    return exchange


async def _client_of(uow: UnitOfWork, account: str) -> Client:
    client = await uow.clients.by_account(account)
    if client is None:
        known = [one.account for one in (await uow.clients.list()).items]
        raise InvalidInput(
            "account.unknown",
            f"There is no client with the account {account}.",
            field="account",
            remedy=checks.nearest(account, known),
        )
    return client


def _details(bot: Bot) -> dict[str, object]:
    return {
        "name": bot.name,
        "account": bot.account,
        "connector": bot.connector,
        "pair": bot.symbol,
        "bot_type": bot.bot_type,
        "config": dict(bot.config),
        "budget": None
        if bot.budget is None
        else {"base": readable(bot.budget.base), "quote": readable(bot.budget.quote)},
    }
