"""Balance, volume and stats of a bot."""

from collections.abc import Mapping
from datetime import datetime

from trading_bridge.accounts.locked import Locked
from trading_bridge.accounts.volume import VolumeRead
from trading_bridge.api.encode.findings import optional_finding
from trading_bridge.api.encode.market import trade
from trading_bridge.api.encode.values import JsonObject, age_seconds, optional_amount
from trading_bridge.core.amount import readable
from trading_bridge.core.bot import Bot
from trading_bridge.core.finding import RecordedFinding
from trading_bridge.core.known import Known, Ok, Unknown
from trading_bridge.services.figures import BotFigures, BotStats, PairBalance


def balance_and_volume(figures: BotFigures, now: datetime) -> JsonObject:
    known = figures.balance
    age = None if isinstance(known, Unknown) else age_seconds(known.as_of, now)
    shown = without_age(figures.bot, known, figures.recorded, figures.volume)
    return {**shown, "locked_by": _locked_by(figures.locked_by), "age_seconds": age}


def without_age(
    bot: Bot, known: Known[PairBalance], recorded: RecordedFinding | None, volume_read: VolumeRead
) -> JsonObject:
    """The part that stays the same until something is read or traded."""
    return {
        "bot_id": bot.id,
        "pair": bot.symbol,
        "connector": bot.connector,
        "status": _status(known),
        "available": _of_pair(bot, known, locked=False),
        "locked": _of_pair(bot, known, locked=True),
        "wallet": None if isinstance(known, Unknown) else known.value.wallet,
        "as_of": None if isinstance(known, Unknown) else known.as_of,
        "finding": optional_finding(known.finding, recorded),
        "volume": volume(volume_read),
    }


def volume(read: VolumeRead) -> JsonObject:
    total = read.total
    maker, taker = (None, None) if total is None else total.by_role or (None, None)
    return {
        "status": read.status.value,
        "since": read.since,
        "as_of": read.as_of,
        "finding": optional_finding(read.finding),
        "currency": read.currency,
        "today": optional_amount(read.today),
        "last_24h": optional_amount(read.last_24h),
        "total": None if total is None else readable(total.volume),
        "maker": optional_amount(maker),
        "taker": optional_amount(taker),
        "trades": None if total is None else total.trades,
        "buys": None if total is None else total.buys,
        "sells": None if total is None else total.sells,
    }


def stats(read: BotStats) -> JsonObject:
    bot, known, traded = read.figures.bot, read.figures.balance, read.figures.volume
    sides = traded.last_24h_traded
    return {
        "bot_id": bot.id,
        "pair": bot.symbol,
        "available": _of_pair(bot, known, locked=False),
        "locked": _of_pair(bot, known, locked=True),
        "volume_24h": optional_amount(traded.last_24h),
        "trades_24h": {
            "buys": None if sides is None else sides.buys,
            "sells": None if sides is None else sides.sells,
        },
        "recent_trades": [trade(one) for one in read.recent],
        "status": _status(known),
        "as_of": None if isinstance(known, Unknown) else known.as_of,
        "finding": optional_finding(known.finding, read.figures.recorded),
    }


def _locked_by(split: Mapping[str, Locked] | None) -> JsonObject | None:
    if split is None:
        return None
    return {
        "this_bot": {currency: readable(one.this_bot) for currency, one in split.items()},
        "other_bots": {currency: readable(one.other_bots) for currency, one in split.items()},
        "by_hand": {currency: readable(one.by_hand) for currency, one in split.items()},
    }


def _status(known: Known[PairBalance]) -> str:
    if isinstance(known, Unknown):
        return "unknown"
    return "ok" if isinstance(known, Ok) else "stale"


def _of_pair(bot: Bot, known: Known[PairBalance], *, locked: bool) -> dict[str, str] | None:
    if isinstance(known, Unknown):
        return None
    base, _, quote = bot.symbol.partition("/")
    held = known.value
    return {
        base: readable(held.base.used if locked else held.base.free),
        quote: readable(held.quote.used if locked else held.quote.free),
    }
