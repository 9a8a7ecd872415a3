"""What the catalogue says about one code: words for each reader, what it does to orders, whether it wakes somebody."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Actor(StrEnum):
    """Who must act, as the client reads it."""

    #: the client itself
    YOU = "you"
    OPERATOR = "operator"
    EXCHANGE = "exchange"
    NOBODY = "nobody"


class Effect(StrEnum):
    """What holds for the orders of the bots concerned while it lasts, at the least."""

    #: orders are placed, moved and cancelled as without it
    TRADING_GOES_ON = "trading_goes_on"
    #: nothing new is placed; what stands may stay, and may trade
    ORDERS_HELD = "orders_held"
    #: nothing new is placed, and what stands is being cancelled
    ORDERS_CANCELLED = "orders_cancelled"
    #: everything was cancelled, and only a person may start again
    KILLED = "killed"
    #: the code has no row
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """The operator's words. `{name}` stands for a parameter; `[...]` is left out unless every parameter in it is
    stated."""

    title: str
    cause: str
    #: empty: nothing needs to be done
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientText:
    """Without addresses and internals."""

    #: what it means for the client
    text: str
    #: whether its money is safe
    money: str
    who_acts: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What is different where the finding's parameter `stage` says so."""

    text: Text
    #: None: as the row says; so are the others
    who_acts: Actor | None = None
    #: with who acts
    client: ClientText | None = None
    effect: Effect | None = None
    unattended: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    text: Text
    client: ClientText
    effect: Effect
    #: whether it should wake somebody at night
    wakes: bool
    #: what happens if nobody comes
    unattended: str
    #: False: a decision's or state's word that is no problem
    is_finding: bool = True
    stages: Mapping[str, Stage] = field(default_factory=dict)


#: what a client reads about its money; each is true for orders as the row's effect says
SAFE = "Your money is safe: it lies in your account at the exchange, and this does not touch it."
STANDING = f"{SAFE} Orders that already stand there can still trade at their prices."
LEAVING = (
    f"{SAFE} What stands there is being cancelled; until the exchange confirms it, an order can still trade at its"
    " price."
)


def text(title: str, cause: str, fix: str = "") -> Text:
    return Text(title=title, cause=cause, fix=fix)


def client(words: str, money: str, who_acts: Actor) -> ClientText:
    return ClientText(text=words, money=money, who_acts=who_acts)


def reason(title: str, cause: str, fix: str = "", *, effect: Effect = Effect.TRADING_GOES_ON) -> Row:
    """A word that is no problem: nobody needs to act."""
    return Row(
        text=text(title, cause, fix),
        client=client(f"{title[:1].upper()}{title[1:]}.", SAFE, Actor.NOBODY),
        effect=effect,
        wakes=False,
        unattended="It goes on by itself.",
        is_finding=False,
    )
