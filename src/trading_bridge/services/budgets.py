"""What each bot may use of an exchange account that several share: the sum, and who lacks one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from trading_bridge.core.amount import plain, readable
from trading_bridge.core.balance import Balances
from trading_bridge.core.bot import Bot, BotStatus, Budget
from trading_bridge.core.client import Connector
from trading_bridge.core.fill import exact_sum
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.known import Unknown
from trading_bridge.core.risk.basis import purse_of
from trading_bridge.core.risk.limits import Purse
from trading_bridge.errors import Blocked, InvalidInput
from trading_bridge.services.deps import Deps
from trading_bridge.services.meaning import connector_of
from trading_bridge.services.reads import balances_of
from trading_bridge.storage.unit_of_work import UnitOfWork

#: no exchange account holds so much of anything
_MOST = Decimal("1e24")
#: digits after the point that exchanges keep
_DECIMALS = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one bot may have of its exchange account now."""

    bot: Bot
    purse: Purse

    def of(self, currency: str) -> Decimal:
        base, _, quote = self.bot.symbol.partition("/")
        return exact_sum(
            *(amount for one, amount in ((base, self.purse.base), (quote, self.purse.quote)) if one == currency)
        )


def parsed(base: str, quote: str) -> Budget:
    """From what people typed; raises InvalidInput."""
    budget = Budget(base=_amount(base, "base"), quote=_amount(quote, "quote"))
    if budget.base == 0 and budget.quote == 0:
        raise InvalidInput(
            "budget.empty",
            "A budget of nothing lets the bot do nothing.",
            field="budget",
            remedy="Fill in an amount of the base or of the quote currency; leave the budget out for none.",
        )
    return budget


async def held(deps: Deps, account: str, connector: str) -> Balances | None:
    """What the exchange account holds that a bot's connector value means; None: that is not known, or nothing yet."""
    connector_id = deps.manager.match(account, connector).connector_id
    if connector_id is None:
        return None
    known = (await balances_of(deps, (connector_id,)))[connector_id]
    return None if isinstance(known, Unknown) else known.value


async def refuse_excess(uow: UnitOfWork, deps: Deps, wished: Bot, holds: Balances | None) -> None:
    """Raises Blocked where the budgets of the bots on one exchange account, `wished` as it would be, come to more than
    the account holds; what is not known refuses nothing: it is looked at again at each start."""
    if wished.budget is None or holds is None:
        return
    others = [bot for bot in await beside(uow, wished) if bot.id != wished.id]
    finding = excess(await shares(uow, (*others, wished)), holds, deps.clock.now())
    if finding is None:
        return
    told = finding.parameters
    raise Blocked(
        finding,
        f"The budgets of {told['bots']} come to {told['sum']} {told['currency']}; the account holds {told['has']}.",
        field="budget",
        remedy="Lower a budget, or deposit what is missing.",
    )


async def refuse_unbudgeted(uow: UnitOfWork, deps: Deps, starting: Bot) -> None:
    """Raises Blocked where bots would share an exchange account and one of them has no budget."""
    running = [
        bot
        for bot in await beside(uow, starting)
        if bot.id != starting.id and (bot.status is BotStatus.RUNNING or await uow.orders.live_ids(bot_id=bot.id))
    ]
    without = [bot.name for bot in (*running, starting) if bot.budget is None]
    if not running or not without:
        return
    names = ", ".join(without)
    finding = _finding("budget.missing", deps.clock.now(), {"bots": names})
    raise Blocked(
        finding,
        f"Several bots would trade on one exchange account; {names} without a budget.",
        field="budget",
        remedy="Give each of them a budget.",
    )


async def beside(uow: UnitOfWork, bot: Bot) -> tuple[Bot, ...]:
    """Every bot on the bot's exchange account, whichever key it uses; without it where it is not stored yet."""
    by_client = _by_client(await uow.connectors.list())
    wanted = _exchange_account(bot, by_client)
    if wanted is None:
        return ()
    return tuple(one for one in await uow.bots.all() if _exchange_account(one, by_client) == wanted)


async def sharing(uow: UnitOfWork) -> Mapping[str, tuple[Bot, ...]]:
    """id of a connector, one for each exchange account -> the bots with a budget on that account."""
    by_client = _by_client(await uow.connectors.list())
    found: dict[tuple[str, str], tuple[str, list[Bot]]] = {}
    for bot in await uow.bots.all():
        account = _exchange_account(bot, by_client)
        connector = connector_of(bot.connector, by_client.get(bot.client_id, ()))
        if bot.budget is not None and account is not None and connector is not None:
            found.setdefault(account, (connector.id, []))[1].append(bot)
    return {connector_id: tuple(bots) for connector_id, bots in found.values()}


async def shares(uow: UnitOfWork, bots: Iterable[Bot]) -> tuple[Share, ...]:
    """Of those that have a budget, as their stored fills have moved it."""
    found: list[Share] = []
    for bot in bots:
        if bot.budget is not None:
            purse = purse_of(await uow.risk.of(bot.id), bot.budget)
            assert purse is not None, "there is a budget"
            found.append(Share(bot=bot, purse=purse))
    return tuple(found)


def excess(of: Sequence[Share], holds: Balances, now: datetime) -> Finding | None:
    """The first currency, by name, of which the bots may use more than there is; None: there is none."""
    currencies = sorted({currency for share in of for currency in share.bot.symbol.split("/")})
    for currency in currencies:
        balance, total = holds.of(currency), exact_sum(*(share.of(currency) for share in of))
        if balance is not None and total > balance.total:
            names = ", ".join(share.bot.name for share in of if share.of(currency) > 0)
            parameters = {"currency": currency, "sum": readable(total), "has": readable(balance.total), "bots": names}
            return _finding("budget.exceeds_account", now, parameters)
    return None


def _by_client(connectors: Iterable[Connector]) -> Mapping[str, Sequence[Connector]]:
    by_client: dict[str, list[Connector]] = {}
    for connector in connectors:
        by_client.setdefault(connector.client_id, []).append(connector)
    return by_client


def _exchange_account(bot: Bot, by_client: Mapping[str, Sequence[Connector]]) -> tuple[str, str] | None:
    """None: the bot has no connector."""
    connector = connector_of(bot.connector, by_client.get(bot.client_id, ()))
    if connector is None:
        return None
    if connector.exchange_account is None:
        return "connector", connector.id
    return connector.exchange, connector.exchange_account


def _amount(value: str, part: str) -> Decimal:
    field = f"budget.{part}"
    malformed = InvalidInput(
        f"{field}.malformed",
        f"The {field} is not an amount.",
        field=field,
        remedy="Write a number of at least 0 with a point, such as 2500.5.",
    )
    amount = plain(value)
    if amount is None or amount < 0 or amount > _MOST:
        raise malformed
    exponent = amount.normalize().as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -_DECIMALS:
        raise malformed
    return abs(amount)


def _finding(code: str, now: datetime, parameters: Mapping[str, str]) -> Finding:
    return Finding(code=code, severity=Severity.WARNING, since=now, parameters=parameters)
