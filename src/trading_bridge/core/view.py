"""What is true for one bot at one moment: everything that a strategy may look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from trading_bridge.core.balance import Balances
from trading_bridge.core.book import FROZEN, Book, without_own
from trading_bridge.core.decision import Decision, Reason
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.known import Known, Ok, Stale, Unknown
from trading_bridge.core.market import Lots, Market, Ticks
from trading_bridge.core.order import OrderState, Side
from trading_bridge.core.quoting.volatility import Volatility
from trading_bridge.core.swift import swift

if TYPE_CHECKING:
    from trading_bridge.core.risk.limits import Purse

BOOK_AGE_MAX = timedelta(seconds=3)
BALANCE_AGE_MAX = timedelta(seconds=10)
RULES_AGE_MAX = timedelta(hours=1)
#: numbers of before, because those that came are not believed: no blip that may pass
DOUBTED = frozenset({"balance.currency_missing", "balance.other_wallet", "currency.name_mismatch"})
#: the exchange answered and does not list the market
UNKNOWN_MARKET = "market.unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An own order that may trade at the exchange."""

    client_order_id: str
    exchange_order_id: str | None
    side: Side
    price: Ticks
    remaining: Lots
    state: OrderState
    #: when its request was made; None: that is not known
    opened_at: datetime | None = None

    @property
    def settled(self) -> bool:
        """The exchange has confirmed it, and nothing about it is under way."""
        return self.state in (OrderState.NEW, OrderState.PARTIALLY_FILLED)


@swift
@dataclass(frozen=True, slots=True, kw_only=True)
class MarketView:
    now: datetime
    market: Market
    #: what others offer: own amounts are taken out
    book: Book
    #: what the bot may have in orders: free, and what its own standing orders hold
    spendable_base: Decimal
    spendable_quote: Decimal
    #: what the bot has in all, in orders or not: its purse where it has a budget, else the account's
    held_base: Decimal
    held_quote: Decimal
    standing: tuple[Standing, ...]
    #: price around which the collar lies: the median of recent mids of others' orders; None: too few yet
    reference: Decimal | None
    #: of the mids of others' orders; None: none was seen yet
    volatility: Volatility | None = None
    #: when an own order of each side was last filled, by the exchange's time and never in the future; None: never
    bought_at: datetime | None = None
    sold_at: datetime | None = None


@swift
@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What was read for one cycle, each with its case and time."""

    rules: Known[Market | None]
    book: Known[Book]
    balances: Known[Balances]
    #: taken from the free balance since it was read, by currency: base, quote
    promised_base: Decimal
    promised_quote: Decimal
    standing: tuple[Standing, ...]
    #: own amounts that the book contains: what stood when it was read, gone since or not
    own_in_book: tuple[tuple[Side, Ticks, Lots], ...]
    reference: Decimal | None
    #: what the bot has of a shared account; None: the whole account
    purse: "Purse | None" = None
    volatility: Volatility | None = None
    #: last fills, as in the view
    bought_at: datetime | None = None
    sold_at: datetime | None = None


def observe(sources: Sources, symbol: str, now: datetime) -> MarketView | Decision:
    """The view, or the decision that its absence makes: quotes leave a book that cannot be trusted (faults M1, X15),
    and stay where they are while only the balance is not known (nothing new is promised)."""
    rules = sources.rules
    if isinstance(rules, Unknown):
        return _held(rules.finding, Reason(code="market.unverified", parameters={"symbol": symbol}))
    if rules.value is None:
        return _unknown_market(rules.finding, symbol, now)
    market = rules.value
    if not market.active:
        return _pulled(Reason(code=market.closed, parameters={"symbol": symbol}), since=now)
    if now - rules.as_of > RULES_AGE_MAX:
        finding = rules.finding if isinstance(rules, Stale) else None
        return _held(finding, Reason(code="market.rules_stale", parameters={"symbol": symbol}))
    book = _usable_book(sources.book, symbol, now)
    if isinstance(book, Decision):
        return book
    if isinstance(sources.balances, Unknown):
        return _held(sources.balances.finding, Reason(code="balance.unknown"))
    if now - sources.balances.as_of > BALANCE_AGE_MAX:
        finding = sources.balances.finding if isinstance(sources.balances, Stale) else None
        return _held(finding, Reason(code="balance.stale"))
    if isinstance(sources.balances, Stale) and sources.balances.finding.code in DOUBTED:
        return _held(sources.balances.finding, Reason(code="balance.stale"))  # answered, and not believed
    held = sources.balances.value
    base, quote = _free(held, market.base), _free(held, market.quote)
    for currency, free in ((market.base, base), (market.quote, quote)):
        doubt = held.misnamed(currency, now) or (held.misplaced(currency, now) if free is None else None)
        if doubt is not None:
            return _held(doubt, Reason(code=doubt.code, parameters=doubt.parameters))
    if base is None or quote is None:
        missing = market.base if base is None else market.quote
        return _held(None, Reason(code="balance.unlisted", parameters={"currency": missing}))
    standing = sources.standing
    spendable_base = base - sources.promised_base + _held_by(standing, Side.SELL, market)
    spendable_quote = quote - sources.promised_quote + _held_by(standing, Side.BUY, market)
    if sources.purse is not None:
        spendable_base = _at_most(spendable_base, sources.purse.base, standing, Side.SELL, market)
        spendable_quote = _at_most(spendable_quote, sources.purse.quote, standing, Side.BUY, market)
    held_base, held_quote = _held_in_all(held, market, sources.purse)
    return MarketView(
        now=now,
        market=market,
        book=without_own(book, sources.own_in_book),
        spendable_base=spendable_base,
        spendable_quote=spendable_quote,
        held_base=held_base,
        held_quote=held_quote,
        standing=standing,
        reference=sources.reference,
        volatility=sources.volatility,
        bought_at=sources.bought_at,
        sold_at=sources.sold_at,
    )


def fresh_for(sources: Sources, now: datetime) -> timedelta:
    """How much longer an order may be signed by what was read: the first of it is too old after that."""
    ages = ((sources.rules, RULES_AGE_MAX), (sources.book, BOOK_AGE_MAX), (sources.balances, BALANCE_AGE_MAX))
    return min(
        (oldest - (now - known.as_of) for known, oldest in ages if not isinstance(known, Unknown)), default=timedelta(0)
    )


def _unknown_market(finding: Finding | None, symbol: str, now: datetime) -> Decision:
    """`finding` may know which market was probably meant."""
    reason = Reason(code=UNKNOWN_MARKET, parameters={"symbol": symbol})
    if finding is None or finding.code != UNKNOWN_MARKET:
        return _pulled(reason, since=now)
    return Decision(reason=reason, wanted=(), finding=finding)


def _usable_book(book: Known[Book], symbol: str, now: datetime) -> Book | Decision:
    match book:
        case Unknown(finding=finding):
            return Decision(
                reason=Reason(code="book.unknown", parameters={"symbol": symbol}), wanted=(), finding=finding
            )
        case Stale(finding=finding) if finding.code == FROZEN:
            return Decision(reason=Reason(code=FROZEN, parameters={"symbol": symbol}), wanted=(), finding=finding)
        case Stale(as_of=as_of, finding=finding) if now - as_of > BOOK_AGE_MAX:
            return Decision(reason=_stale_book(symbol), wanted=(), finding=finding)
        case Ok(as_of=as_of) if now - as_of > BOOK_AGE_MAX:
            return _pulled(_stale_book(symbol), since=as_of)
    refused = book.value.refused
    if refused is not None:
        return _pulled(Reason(code=refused, parameters={"symbol": symbol}), since=now)
    return book.value


def _stale_book(symbol: str) -> Reason:
    return Reason(code="book.stale", parameters={"symbol": symbol})


def _pulled(reason: Reason, *, since: datetime) -> Decision:
    finding = Finding(code=reason.code, severity=Severity.WARNING, since=since, parameters=reason.parameters)
    return Decision(reason=reason, wanted=(), finding=finding)


def _held(finding: Finding | None, reason: Reason) -> Decision:
    return Decision(reason=reason, wanted=None, finding=finding)


def _free(balances: Balances, currency: str) -> Decimal | None:
    held = balances.of(currency)
    return None if held is None else held.free


def _held_in_all(balances: Balances, market: Market, purse: "Purse | None") -> tuple[Decimal, Decimal]:
    """Base and quote."""
    base, quote = (
        Decimal(0) if (one := balances.of(name)) is None else one.total for name in (market.base, market.quote)
    )
    if purse is None:
        return base, quote
    return max(Decimal(0), min(base, purse.base)), max(Decimal(0), min(quote, purse.quote))


def _at_most(spendable: Decimal, purse: Decimal, standing: Sequence[Standing], side: Side, market: Market) -> Decimal:
    """Nor more than the bot's purse has, less what its orders under way may take of it."""
    for own in standing:
        if own.side is side and not own.settled:
            purse -= market.cost(own.price, own.remaining) if side is Side.BUY else market.amount(own.remaining)
    return max(Decimal(0), min(spendable, purse))


def _held_by(standing: Sequence[Standing], side: Side, market: Market) -> Decimal:
    """What settled orders lock; one under way counts as neither free nor freed."""
    held = Decimal(0)
    for own in standing:
        if own.side is side and own.settled:
            held += market.cost(own.price, own.remaining) if side is Side.BUY else market.amount(own.remaining)
    return held
