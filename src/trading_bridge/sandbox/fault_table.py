"""Which parameters each kind of fault takes and needs, and whether a fault makes sense at this exchange."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from http import HTTPStatus

from trading_bridge.errors import InvalidInput, NotFound
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.faults import Fault, FaultKind
from trading_bridge.sandbox.rules import MarketRules, to_atoms

PREFIX = "/api"
LONGEST_S = 86_400.0
#: longer than any client waits
LONGEST_DELAY_S = 60.0

_CALLER = frozenset({"account", "api_key", "family"})
_CALL = _CALLER | {"endpoint", "symbol"}
_MARKET = _CALLER | {"symbol"}
_MONEY = _CALLER | {"currency"}
_BOOK = frozenset({"family", "symbol"})
_STREAM = frozenset({"family", "endpoint"})


@dataclass(frozen=True, slots=True)
class Takes:
    """Besides `kind` and `seconds`."""

    scope: frozenset[str]
    needed: frozenset[str] = frozenset()
    more: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        return self.scope | self.needed | self.more


def _takes(scope: frozenset[str], *needed: str, more: tuple[str, ...] = ()) -> Takes:
    return Takes(scope, frozenset(needed), frozenset(more))


TABLE: Mapping[FaultKind, Takes] = {
    FaultKind.ADDRESS_REFUSED: _takes(_CALL),
    FaultKind.READ_MISSING: _takes(_CALL),
    FaultKind.TRADE_MISSING: _takes(_CALL),
    FaultKind.KEY_DELETED: _takes(_CALL),
    FaultKind.SECRET_WRONG: _takes(_CALL),
    FaultKind.CLOCK_SKEW: _takes(_CALL, "seconds_off"),
    FaultKind.MAINTENANCE: _takes(_CALL, more=("form",)),
    FaultKind.RATE_LIMITED: _takes(_CALL, more=("retry_after_s",)),
    FaultKind.SERVER_ERROR: _takes(_CALL, more=("status", "carried_out")),
    FaultKind.EMPTY_BODY: _takes(_CALL, more=("status", "carried_out")),
    FaultKind.HTML_BODY: _takes(_CALL, more=("status", "carried_out")),
    FaultKind.SLOW: _takes(_CALL, "delay_s"),
    FaultKind.HUNG: _takes(_CALL, more=("carried_out",)),
    FaultKind.DROPPED: _takes(_CALL, more=("carried_out",)),
    FaultKind.MARKET_HALTED: _takes(_MARKET),
    FaultKind.MARKET_RENAMED: _takes(_MARKET, "symbol", "to"),
    FaultKind.PRECISION_CHANGED: _takes(_MARKET, more=("tick_decimals", "lot_decimals")),
    FaultKind.MINIMUM_RAISED: _takes(_MARKET, "min_amount"),
    FaultKind.CURRENCY_MISSING: _takes(_MONEY, "currency"),
    FaultKind.OTHER_WALLET: _takes(_MONEY),
    FaultKind.ACCOUNT_MIGRATED: _takes(_CALLER),
    FaultKind.CURRENCY_RENAMED: _takes(_MONEY, "currency", "to"),
    FaultKind.BOOK_EMPTY: _takes(_BOOK),
    FaultKind.BOOK_CROSSED: _takes(_BOOK),
    FaultKind.BOOK_FROZEN: _takes(_BOOK),
    FaultKind.MESSAGES_LOST: _takes(_STREAM),
}
_ALWAYS = frozenset({"kind", "seconds"})


def checked(fault: Fault, engine: Engine) -> Fault:
    """With the names as the engine has them. Raises `InvalidInput` or `NotFound`, naming the field."""
    given = {field.name for field in fields(fault) if getattr(fault, field.name) is not None}
    _check_names(fault.kind, given)
    _check_numbers(fault)
    if fault.account is not None:
        engine.directory.account(fault.account)
    if fault.api_key is not None and engine.directory.key(fault.api_key) is None:
        raise NotFound("key.unknown", "there is no such key", field="api_key")
    markets = engine.markets
    meant = replace(
        fault,
        endpoint=None if fault.endpoint is None else fault.endpoint.removeprefix(PREFIX).rstrip("/"),
        symbol=None if fault.symbol is None else _symbol(fault.symbol, markets),
        currency=None if fault.currency is None else _currency(fault.currency, markets),
        to=None if fault.to is None else _new_name(fault.kind, fault.to, markets),
    )
    _check_decimals(meant, [rules for rules in markets if meant.symbol in (None, rules.symbol)])
    return meant


def _check_names(kind: FaultKind, given: set[str]) -> None:
    takes = TABLE[kind]
    if unknown := sorted(given - takes.names - _ALWAYS):
        raise InvalidInput("fault.parameter", f"{kind} takes no {unknown[0]}", field=unknown[0])
    if missing := sorted(takes.needed - given):
        raise InvalidInput("fault.parameter", f"{kind} needs {missing[0]}", field=missing[0])
    if kind is FaultKind.PRECISION_CHANGED and not given & takes.more:
        raise InvalidInput("fault.parameter", f"{kind} needs tick_decimals or lot_decimals", field="tick_decimals")


def _check_numbers(fault: Fault) -> None:
    _within("seconds", fault.seconds, 0, LONGEST_S, above=True)
    _within("delay_s", fault.delay_s, 0, LONGEST_DELAY_S, above=True)
    _within("seconds_off", fault.seconds_off, -LONGEST_S, LONGEST_S)
    _within("retry_after_s", fault.retry_after_s, 0, LONGEST_S)
    lowest = 500 if fault.kind is FaultKind.SERVER_ERROR else 200
    if fault.status is not None and not (lowest <= fault.status <= 599 and fault.status in set(HTTPStatus)):
        raise InvalidInput("fault.parameter", f"status is an HTTP status from {lowest} on", field="status")
    if fault.min_amount is not None and (fault.min_amount <= 0 or to_atoms(fault.min_amount) is None):
        raise InvalidInput("fault.parameter", "min_amount is above zero", field="min_amount")


def _within(name: str, value: float | None, low: float, high: float, *, above: bool = False) -> None:
    if value is not None and not (low < value <= high if above else low <= value <= high):
        told = f"above {low:g}" if above else f"at least {low:g}"
        raise InvalidInput("fault.parameter", f"{name} is {told} and at most {high:g}", field=name)


def _check_decimals(fault: Fault, markets: list[MarketRules]) -> None:
    """Matching goes on in the market's own ticks and lots, so orders can only become coarser."""
    for rules in markets:
        for name, value, own in (
            ("tick_decimals", fault.tick_decimals, rules.tick_decimals),
            ("lot_decimals", fault.lot_decimals, rules.lot_decimals),
        ):
            if value is not None and not 0 <= value <= own:
                raise InvalidInput("fault.parameter", f"{name} of {rules.symbol} is 0 to {own}", field=name)


def _symbol(symbol: str, markets: tuple[MarketRules, ...]) -> str:
    for rules in markets:
        if symbol.upper() in (rules.symbol, rules.base + rules.quote):
            return rules.symbol
    raise NotFound("market.unknown", f"there is no market {symbol}", field="symbol")


def _currency(currency: str, markets: tuple[MarketRules, ...]) -> str:
    if not any(currency.upper() in (rules.base, rules.quote) for rules in markets):
        raise InvalidInput("currency.unknown", f"no market trades {currency}", field="currency")
    return currency.upper()


def _new_name(kind: FaultKind, to: str, markets: tuple[MarketRules, ...]) -> str:
    parts = to.upper().split("/")
    wanted = 2 if kind is FaultKind.MARKET_RENAMED else 1
    if len(parts) != wanted or not all(part.isascii() and part.isalnum() and len(part) <= 20 for part in parts):
        told = "BASE/QUOTE" if wanted == 2 else "a currency's code"
        raise InvalidInput("fault.parameter", f"to is {told}", field="to")
    if any("/".join(parts) == rules.symbol for rules in markets):
        raise InvalidInput("fault.parameter", f"{to} is listed already", field="to")
    return "/".join(parts)
