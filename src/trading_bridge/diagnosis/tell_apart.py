"""Which cause a refused key has, told from how several calls ended: pure, one table.

Exchanges say one thing for several causes, each in its way. Coinstore says `1401 Unauthorized` for an address that the
key does not list, for a permission that it lacks and for a signature, and `401` for a key, a secret or a clock that are
wrong; Binance says `-2015` for an address, a permission and a key that it does not know. One call tells nothing;
several together do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from trading_bridge.diagnosis.ladder import Rung
from trading_bridge.exchanges.causes import CLOCK_OFFSET_MAX_S


class Said(StrEnum):
    """How a signed call ended, as far as it says something about the key."""

    #: answered, or refused for a reason that only an accepted key gets to hear
    ACCEPTED = "accepted"
    #: a refusal that stands for several causes: `access.refused`
    REFUSED = "refused"
    #: key or signature are not accepted: `credentials.rejected`
    REJECTED = "rejected"
    #: not asked, or no answer that says anything about the key
    UNTOLD = "untold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    #: the balance
    signed_read: Said
    #: an order that never was
    read_permission: Said
    #: a cancel of an order that never was
    trade_permission: Said
    #: the balance once more by each address family that can be taken; empty: there is no choice
    by_family: Mapping[str, Said] = field(default_factory=dict)
    #: the exchange's clock less ours, in seconds; None: not known
    offset_s: float | None = None
    #: this key, unchanged, was accepted before
    worked_before: bool = False
    #: a refused call was refused for its time, in the exchange's own words
    clock_refused: bool = False
    #: what the exchange's one answer may stand for besides address and permissions
    conflated: frozenset[str] = frozenset({"signature.refused"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    code: str
    #: whose call decided it
    rung: Rung
    parameters: Mapping[str, str] = field(default_factory=dict)
    #: codes of causes that the calls leave possible, the most likely first
    remaining: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """Each of the three calls ended in one of these ways."""

    read: frozenset[Said]
    order: frozenset[Said]
    trade: frozenset[Said]
    code: str
    remaining: tuple[str, ...]
    rung: Rung


_A, _X, _J, _U = (frozenset({said}) for said in Said)
_ADDRESS, _READ, _TRADE, _SIGNATURE = (
    "ip.not_allowed",
    "permission.read_missing",
    "permission.trade_missing",
    "signature.refused",
)
#: stands for what the exchange conflates besides
_CONFLATED = ""

#: the first row that fits counts; none fits: the calls say nothing about the key
TABLE: tuple[Row, ...] = (
    # an accepted call knows key and secret, so what is rejected is this one signature
    Row(_A, _A | _X | _U, _J, _SIGNATURE, ("clock.skewed",), Rung.TRADE_PERMISSION),
    Row(_A, _J, _A | _J | _X | _U, _SIGNATURE, ("clock.skewed",), Rung.READ_PERMISSION),
    Row(_J, _A, _A | _J | _X | _U, _SIGNATURE, ("clock.skewed",), Rung.SIGNED_READ),
    Row(_J, _J | _X | _U, _A, _SIGNATURE, ("clock.skewed",), Rung.SIGNED_READ),
    Row(_J, _J | _X | _U, _J | _X | _U, "credentials.rejected", (_SIGNATURE,), Rung.SIGNED_READ),
    Row(_X | _U, _J, _A | _J | _X | _U, "credentials.rejected", (_SIGNATURE,), Rung.READ_PERMISSION),
    Row(_X | _U, _A | _X | _U, _J, "credentials.rejected", (_SIGNATURE,), Rung.TRADE_PERMISSION),
    # reads pass
    Row(_A, _A | _U, _X, _TRADE, (), Rung.TRADE_PERMISSION),
    Row(_U, _A, _X, _TRADE, (), Rung.TRADE_PERMISSION),
    # both calls about orders are refused: the permission, or an address that changes from call to call
    Row(_A, _X, _X, _TRADE, (_ADDRESS,), Rung.TRADE_PERMISSION),
    Row(_A, _X, _A | _U, _ADDRESS, (_READ,), Rung.READ_PERMISSION),
    # some call passes, so the address is allowed, unless it changes from call to call
    Row(_X, _X | _U, _A, _READ, (), Rung.SIGNED_READ),
    Row(_U, _X, _A, _READ, (_ADDRESS,), Rung.READ_PERMISSION),
    Row(_X, _A, _X, _READ, (_TRADE, _ADDRESS), Rung.SIGNED_READ),
    Row(_X, _A, _A | _U, _READ, (_ADDRESS,), Rung.SIGNED_READ),
    # nothing passes: the address, since a key without any permission is rare
    Row(_X, _X | _U, _X | _U, _ADDRESS, (_READ, _CONFLATED), Rung.SIGNED_READ),
    Row(_U, _X, _X | _U, _ADDRESS, (_READ, _CONFLATED), Rung.READ_PERMISSION),
    Row(_U, _U, _X, _TRADE, (_ADDRESS, _CONFLATED), Rung.TRADE_PERMISSION),
)


def tell_apart(signs: Signs) -> Verdict | None:
    """None: no call was refused for its key, and the clock is right."""
    skewed = signs.offset_s is not None and abs(signs.offset_s) > CLOCK_OFFSET_MAX_S
    row = next((row for row in TABLE if _fits(row, signs)), None)
    of_key = row is None or row.code in ("credentials.rejected", _SIGNATURE)
    if of_key and (skewed or (row is not None and signs.clock_refused)):
        return _skewed(signs, row)
    refused = [name for name, said in signs.by_family.items() if said is Said.REFUSED]
    if refused and Said.ACCEPTED in signs.by_family.values():
        # the same call passes by the other family: key, permissions and signature are fine
        return Verdict(code=_ADDRESS, rung=Rung.SIGNED_READ, parameters={"family": ", ".join(refused)})
    if row is None:
        return None
    named = (code for each in row.remaining for code in (sorted(signs.conflated) if each == _CONFLATED else (each,)))
    remaining = tuple(code for code in named if code != _SIGNATURE or not signs.worked_before)
    return Verdict(code=row.code, rung=row.rung, remaining=remaining)


def _fits(row: Row, signs: Signs) -> bool:
    return signs.signed_read in row.read and signs.read_permission in row.order and signs.trade_permission in row.trade


def _skewed(signs: Signs, row: Row | None) -> Verdict:
    """A refused signature and a clock that is off: the clock, and whatever is left once it is right."""
    return Verdict(
        code="clock.skewed",
        rung=Rung.CLOCK if row is None else row.rung,
        parameters={} if signs.offset_s is None else {"offset_s": f"{signs.offset_s:.0f}"},
        remaining=() if row is None or signs.worked_before else ("credentials.rejected",),
    )
