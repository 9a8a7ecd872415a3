"""Figures of a bot: balances as the exchange said them, volume as its own trades make it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from trading_bridge.accounts.locked import Locked
from trading_bridge.accounts.volume import VolumeRead
from trading_bridge.core.balance import Balance, Balances
from trading_bridge.core.bot import Bot
from trading_bridge.core.fill import Fill
from trading_bridge.core.finding import Finding, RecordedFinding, Severity
from trading_bridge.core.known import Known, Ok, Stale, Unknown
from trading_bridge.core.user import Asker
from trading_bridge.services import bots
from trading_bridge.services.deps import Deps
from trading_bridge.services.facts import concerns

RECENT_TRADES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class PairBalance:
    """What a bot's exchange account holds of its two currencies."""

    wallet: str
    base: Balance
    quote: Balance


@dataclass(frozen=True, slots=True, kw_only=True)
class BotFigures:
    bot: Bot
    balance: Known[PairBalance]
    #: row of the balance's finding; None: it has none, or it is not recorded (yet)
    recorded: RecordedFinding | None
    volume: VolumeRead
    #: currency of the pair -> whose orders hold it; None: not known
    locked_by: Mapping[str, Locked] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BotStats:
    figures: BotFigures
    #: newest first
    recent: tuple[Fill, ...]


async def balance_and_volume(asker: Asker, deps: Deps, bot_id: str, *, refresh: bool) -> BotFigures:
    """`refresh` forces one read, which all who wait share."""
    return await of_bot(deps, await bots.get(asker, deps, bot_id), refresh=refresh)


async def stats(asker: Asker, deps: Deps, bot_id: str) -> BotStats:
    """From the same read as `balance_and_volume`."""
    async with deps.database.unit_of_work(read_only=True) as uow:
        bot = await bots.found(uow, bot_id)
        recent = await uow.trades.list(bot_id, limit=RECENT_TRADES)
    return BotStats(figures=await of_bot(deps, bot, refresh=False), recent=recent.items)


async def of_bot(deps: Deps, bot: Bot, *, refresh: bool) -> BotFigures:
    """Running or stopped alike."""
    match = deps.manager.match(bot.account, bot.connector)
    if match.connector_id is None:
        await deps.manager.sync(bot.account)
        match = deps.manager.match(bot.account, bot.connector)
    if match.connector_id is None:
        known: Known[Balances] = Unknown(finding=match.finding or _missing(deps, bot))
    else:
        known = await deps.manager.balances(match.connector_id, force=refresh)
    balance = of_pair(known, bot)
    split = None if match.connector_id is None else deps.manager.locked_by(match.connector_id, bot)
    return BotFigures(
        bot=bot,
        balance=balance,
        recorded=recorded_of(deps, bot, balance),
        volume=deps.volumes.of(bot),
        locked_by=None if isinstance(balance, Unknown) else split,
    )


def recorded_of(deps: Deps, bot: Bot, balance: Known[PairBalance]) -> RecordedFinding | None:
    """The row of a balance's finding, of whatever the bot rests on."""
    finding = balance.finding
    return None if finding is None else deps.findings.of(concerns(deps, bot), finding)


def of_pair(known: Known[Balances], bot: Bot) -> Known[PairBalance]:
    """Unknown where the exchange said nothing about one of the two, where it lies in another wallet or goes by another
    name, and where it left one out of a pair that it was never seen to list: none of these is zero."""
    if isinstance(known, Unknown):
        return known
    base, _, quote = bot.symbol.partition("/")
    held, pair = known.value, (base, quote)
    for currency in pair:
        doubt = _doubt(held, currency, known.as_of)
        if doubt is not None:
            return Unknown(finding=doubt)
    if not bot.market_verified:
        left_out = [currency for currency in pair if currency not in held.by_currency]
        if left_out:
            return Unknown(finding=_unlisted("currency.unverified", left_out[0], known.as_of))
    base_held, quote_held = held.of(base), held.of(quote)
    assert base_held is not None
    assert quote_held is not None
    value = PairBalance(wallet=held.wallet, base=base_held, quote=quote_held)
    misplaced = (held.misplaced(currency, known.as_of) for currency in pair)
    notice = next((one for one in misplaced if one is not None), None)
    if isinstance(known, Stale):
        return Stale(value=value, as_of=known.as_of, finding=notice or known.finding)
    return Ok(value=value, as_of=known.as_of, finding=notice)


def _doubt(held: Balances, currency: str, since: datetime) -> Finding | None:
    """Why nothing is known of a currency; None: something is."""
    misnamed = held.misnamed(currency, since)
    if misnamed is not None or held.of(currency) is not None:
        return misnamed
    return held.misplaced(currency, since) or _unlisted("balance.unlisted", currency, since)


def _unlisted(code: str, currency: str, since: datetime) -> Finding:
    return Finding(code=code, severity=Severity.WARNING, since=since, parameters={"currency": currency})


def _missing(deps: Deps, bot: Bot) -> Finding:
    return Finding(
        code="connector.missing",
        severity=Severity.WARNING,
        since=deps.clock.now(),
        parameters={"connector": bot.connector, "account": bot.account, "existing": "none"},
    )
