"""What one bot needs of its connector: the market, and money for its orders."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from difflib import get_close_matches

from trading_bridge.bot_types import bot_types
from trading_bridge.core.amount import readable
from trading_bridge.core.balance import Balances
from trading_bridge.core.book import Book
from trading_bridge.core.bot import Bot
from trading_bridge.core.finding import Evidence, Finding, Severity
from trading_bridge.core.market import Market
from trading_bridge.core.order import Side
from trading_bridge.core.outcome import Answered
from trading_bridge.diagnosis.probes.probed import Probed, failed, passed, skipped
from trading_bridge.diagnosis.probes.public import Public
from trading_bridge.exchanges.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    side: Side
    currency: str
    #: None: any amount above zero, since no price tells how much
    amount: Decimal | None


def market_rules(bot: Bot, public: Public, now: datetime) -> Probed[Market]:
    market = public.markets.get(bot.symbol)
    if market is None:
        close = get_close_matches(bot.symbol, public.markets, n=1)
        nearest = close[0] if close else "none"
        finding = _finding("market.unknown", now, public.evidence, symbol=bot.symbol, nearest=nearest)
        return failed(f"{bot.name}: {bot.symbol} is not listed; the nearest that is: {nearest}", finding)
    if not market.active:
        finding = _finding(market.closed, now, public.evidence, symbol=bot.symbol)
        return failed(f"{bot.name}: {bot.symbol} is listed, and not open for trading", finding)
    steps = f"price in steps of {market.tick_size:f}, amount in steps of {market.lot_size:f}"
    return passed(f"{bot.name}: {bot.symbol} is open for trading, {steps}", market, public.evidence)


async def price_of(session: Session, market: Market) -> Decimal | None:
    """The mid of the book now, or the only side that it has; None: it tells no price."""
    outcome = await session.order_book(market)
    return _mid(outcome.value, market) if isinstance(outcome, Answered) else None


def balance_for(bot: Bot, market: Market, price: Decimal | None, balances: Balances, now: datetime) -> Probed[None]:
    """Free and locked money against one order on each side: what the bot's own orders lock is its own."""
    needs = needs_of(bot, market, price)
    if not needs:
        return skipped(f"{bot.name}: bots of type {bot.bot_type} do not trade yet, so none needs money")
    for need in needs:
        unknown = _unknown(need.currency, balances, now)
        if unknown is not None:
            return failed(f"{bot.name}: how much {need.currency} there is, is not known", unknown)
    for need in needs:
        short = _short(need, balances, now)
        if short is not None:
            has, wants = short.parameters["has"], short.parameters["needs"]
            return failed(f"{bot.name}: has {has} {need.currency}, an order needs {wants}", short)
    held = ", ".join(f"{readable(_held(balances, need.currency))} {need.currency}" for need in needs)
    return passed(f"{bot.name}: has {held}, enough for its orders", None)


def needs_of(bot: Bot, market: Market, price: Decimal | None) -> tuple[Need, ...]:
    """Empty: a bot of this type sends no orders. Raises for a config that its type cannot read."""
    bot_type = bot_types().get(bot.bot_type)
    if bot_type is None or bot_type.decide is None:
        return ()
    first = bot_type.first_orders(bot_type.parameters.model_validate(dict(bot.config)), market, price)
    return (
        Need(side=Side.BUY, currency=market.quote, amount=first.buy),
        Need(side=Side.SELL, currency=market.base, amount=first.sell),
    )


def _unknown(currency: str, balances: Balances, now: datetime) -> Finding | None:
    doubt = balances.misplaced(currency, now) or balances.misnamed(currency, now)
    if doubt is None and balances.of(currency) is None:
        return _finding("balance.unlisted", now, None, currency=currency)
    return doubt


def _short(need: Need, balances: Balances, now: datetime) -> Finding | None:
    has = _held(balances, need.currency)
    if has > 0 and (need.amount is None or has >= need.amount):
        return None
    wants = "more than 0" if need.amount is None else readable(need.amount)
    said: Mapping[str, str] = {"side": need.side.value, "currency": need.currency, "has": readable(has), "needs": wants}
    return _finding("balance.insufficient", now, None, **said)


def _held(balances: Balances, currency: str) -> Decimal:
    held = balances.of(currency)
    assert held is not None, "what is unknown was told before"
    return held.total


def _mid(book: Book, market: Market) -> Decimal | None:
    sides = [side for side in (book.best_bid, book.best_ask) if side is not None]
    return market.tick_size * sum(sides) / len(sides) if sides else None


def _finding(code: str, now: datetime, evidence: Evidence | None, **parameters: str) -> Finding:
    return Finding(code=code, severity=Severity.WARNING, since=now, parameters=parameters, evidence=evidence)
