"""The limits that people may set: their names, units and bounds, and which setting holds where."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from trading_bridge.core.restraint import ScopeKind
from trading_bridge.core.risk.limits import CLIENT_LIMITS, PLATFORM_LIMITS, Limits, ScopeLimits

#: limits of a bot that are set for a client or the platform hold for each bot there that has no value of its own
FOR_EACH_BOT = "bot."


class Unit(StrEnum):
    BPS = "bps"
    QUOTE = "quote"
    #: of the bot's worth
    SHARE = "share"
    COUNT = "count"
    PER_MINUTE = "per_minute"
    SECONDS = "seconds"


class Source(StrEnum):
    """Who set a value that holds."""

    DEFAULT = "default"
    PLATFORM = "platform"
    CLIENT = "client"
    BOT = "bot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """What is known of a limit, whatever its value."""

    unit: Unit
    lowest: Decimal
    highest: Decimal
    #: what people read
    text: str
    #: whether a higher value allows more
    looser_above: bool = True

    @property
    def whole(self) -> bool:
        return self.unit in (Unit.COUNT, Unit.PER_MINUTE, Unit.SECONDS)


def _name(unit: Unit, lowest: str, highest: str, text: str, *, looser_above: bool = True) -> Name:
    return Name(unit=unit, lowest=Decimal(lowest), highest=Decimal(highest), text=text, looser_above=looser_above)


_ORDER_RATE = _name(Unit.PER_MINUTE, "1", "100000", "Most new orders in a minute")
_CANCEL_RATE = _name(Unit.PER_MINUTE, "1", "100000", "Most cancels in a minute that make way for other orders")

BOT_NAMES: Mapping[str, Name] = {
    "collar_bps": _name(Unit.BPS, "1", "5000", "Furthest that an order may be priced from the reference"),
    "max_order_notional": _name(Unit.QUOTE, "0.01", "100000000", "Largest worth of one order"),
    "max_order_share": _name(Unit.SHARE, "0.0001", "1", "Largest worth of one order, of what the bot has"),
    "max_open_orders": _name(Unit.COUNT, "1", "1000", "Most orders that stand at once"),
    "max_exposure_share": _name(Unit.SHARE, "0.0001", "2", "Largest worth of all orders together, of what the bot has"),
    "orders_per_minute": _ORDER_RATE,
    "cancels_per_minute": _CANCEL_RATE,
    "refusals_in_row": _name(Unit.COUNT, "1", "1000", "Refusals for one cause after which the bot stops asking"),
    "max_inventory_share": _name(
        Unit.SHARE, "0", "1", "Furthest that own fills may move the inventory either way, of what the bot has"
    ),
    "execution_loss_share": _name(
        Unit.SHARE, "0.0001", "1", "Most that execution may cost in a day, of what the bot has"
    ),
    "fee_share": _name(Unit.SHARE, "0.0001", "1", "Most fees in a day, of what the bot has"),
    "drawdown_widen_share": _name(
        Unit.SHARE, "0.0001", "1", "Loss of the own net position from which quotes stand further out"
    ),
    "drawdown_shrink_share": _name(Unit.SHARE, "0.0001", "1", "Loss from which quotes are smaller as well"),
    "drawdown_bid_only_share": _name(Unit.SHARE, "0.0001", "1", "Loss from which only bids stand, inside the band"),
    "drawdown_hold_share": _name(Unit.SHARE, "0.0001", "1", "Loss at which the bot halts"),
    "shock_bps": _name(Unit.BPS, "10", "100000", "Move of the price within the window that trips the breaker"),
    "shock_window_s": _name(Unit.SECONDS, "5", "3600", "Window of the breaker", looser_above=False),
    "cool_down_s": _name(Unit.SECONDS, "10", "86400", "How long the breaker keeps quotes out", looser_above=False),
}
SCOPE_NAMES: Mapping[str, Name] = {
    "orders_per_minute": _ORDER_RATE,
    "cancels_per_minute": _CANCEL_RATE,
    "max_exposure_quote": _name(Unit.QUOTE, "0", "10000000000", "Largest worth of all orders together"),
    "execution_loss_quote": _name(Unit.QUOTE, "0", "10000000000", "Most that execution may cost in a day, all bots"),
}
#: of each other, from the smallest loss to the largest
DRAWDOWN_STEPS = (
    "drawdown_widen_share",
    "drawdown_shrink_share",
    "drawdown_bid_only_share",
    "drawdown_hold_share",
)

#: name -> value, as stored: decimals as strings
Settings = Mapping[str, str]


def names_of(kind: ScopeKind) -> dict[str, Name]:
    """What may be set there."""
    if kind is ScopeKind.BOT:
        return dict(BOT_NAMES)
    return dict(SCOPE_NAMES) | {f"{FOR_EACH_BOT}{name}": known for name, known in BOT_NAMES.items()}


def parsed(known: Name, text: str) -> Decimal | None:
    """None: it is no such number, or out of bounds."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    if not value.is_finite() or not known.lowest <= value <= known.highest:
        return None
    return None if known.whole and value != int(value) else value


def readable(kind: ScopeKind, settings: Settings) -> bool:
    """Each is a limit that may be set there, with a value that it may have."""
    names = names_of(kind)
    return all(name in names and parsed(names[name], text) is not None for name, text in settings.items())


def bot_limits(platform: Settings, client: Settings, bot: Settings) -> tuple[Limits, dict[str, Source]]:
    """The limits that hold for a bot, and who set each that is not a default: the nearest setting wins."""
    values: dict[str, Any] = {}
    sources: dict[str, Source] = {}
    for source, settings, prefix in (
        (Source.PLATFORM, platform, FOR_EACH_BOT),
        (Source.CLIENT, client, FOR_EACH_BOT),
        (Source.BOT, bot, ""),
    ):
        for name, known in BOT_NAMES.items():
            value = parsed(known, settings[prefix + name]) if prefix + name in settings else None
            if value is not None:
                values[name] = int(value) if known.whole else value
                sources[name] = source
    return replace(Limits(), **values), sources


def scope_limits(kind: ScopeKind, settings: Settings) -> ScopeLimits:
    """Of a client or of the platform."""
    default = PLATFORM_LIMITS if kind is ScopeKind.PLATFORM else CLIENT_LIMITS
    values: dict[str, Any] = {}
    for name, known in SCOPE_NAMES.items():
        value = parsed(known, settings[name]) if name in settings else None
        if value is not None:
            values[name] = int(value) if known.whole else value
    return replace(default, **values)


def values_of(limits: Limits | ScopeLimits) -> dict[str, Decimal | int | None]:
    return {one.name: getattr(limits, one.name) for one in fields(limits)}
