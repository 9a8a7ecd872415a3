"""Conservation: what was there, plus fills, fees and transfers, is what is there; and what a difference may be."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import accumulate, combinations

from trading_bridge.core.fill import exact_sum
from trading_bridge.core.order import Side
from trading_bridge.core.trade import Trade
from trading_bridge.core.transfer import TransferRecord

_ZERO = Decimal(0)
#: of what was there: what an exchange's rounding may leave, which is carried on until it is more
DUST = Decimal("0.00001")
#: balances may be told with 8 decimals where fills have 18
GRAIN = Decimal("0.00000001")
#: fills of which a read may have seen any part; with more of them it is of no use
MAYBE_MAX = 12
#: the newest fills that may have been taken back together
TAKEN_BACK_MAX = 50
#: records of one currency of which any may have moved a balance together
RECORDS_MAX = 10
#: the most that a fill may cost whose fee the exchange does not state, of its amount
FEE_MAX = Decimal("0.01")

Changes = Mapping[str, Decimal]  # currency -> above zero: more of it


def changes_of(fill: Trade) -> dict[str, Decimal]:
    """What a fill and its fee did to each currency."""
    base, _, quote = fill.symbol.partition("/")
    sign = 1 if fill.side is Side.BUY else -1
    changes = {base: sign * fill.amount, quote: -sign * fill.cost}
    if fill.fee is not None and fill.fee_currency is not None:
        changes[fill.fee_currency] = exact_sum(changes.get(fill.fee_currency, _ZERO), -fill.fee)
    return changes


def key_of(fill: Trade) -> str:
    """Tells the fills of one exchange account apart."""
    return f"{fill.symbol} {fill.trade_id}"


def dust_of(total: Decimal) -> Decimal:
    """A difference up to so much is not taken for a movement of its own."""
    return max(abs(total) * DUST, GRAIN)


def differences(read: Decimal, expected: Decimal, maybe: Sequence[Decimal]) -> frozenset[Decimal] | None:
    """What may be unexplained of a currency, of which a read may have seen each of some changes already, or not.
    `expected` has none of them. None: there are too many ways."""
    sums = {_ZERO}
    for change in maybe:
        sums |= {exact_sum(one, change) for one in sums}
        if len(sums) > 2**MAYBE_MAX:
            return None
    return frozenset(exact_sum(read, -expected, -one) for one in sums)


def renamed(differences: Mapping[str, frozenset[Decimal]], traded: frozenset[str]) -> Mapping[str, str]:
    """Name that no market trades -> the one that markets do trade, of a coin that goes by both: all that one has more
    is what the other has less. A name that fits several is nobody's."""
    found: dict[str, str] = {}
    for wrong in sorted(differences.keys() - traded):
        moved = next(iter(differences[wrong]))
        if len(differences[wrong]) > 1 or abs(moved) <= GRAIN:
            continue
        fits = [right for right in differences if right in traded and _offsets(differences[right], moved)]
        if len(fits) == 1:
            found[wrong] = fits[0]
    return found


def _offsets(possible: frozenset[Decimal], moved: Decimal) -> bool:
    return any(abs(exact_sum(one, moved)) <= dust_of(moved) for one in possible)


def takes_back(differences: Changes, fills: Sequence[Trade], dust: Changes) -> tuple[Trade, ...]:
    """The recorded fills, newest last, whose effect the differences undo, or whose fee they charge again or give back;
    empty: they contradict none."""
    newest = list(reversed(fills))
    for fill in newest:
        if _undoes(differences, changes_of(fill), dust) or _is_fee(differences, fill, dust):
            return (fill,)
    for count, changes in enumerate(accumulate(map(changes_of, newest[:TAKEN_BACK_MAX]), _added), 1):
        if _undoes(differences, changes, dust):
            return tuple(reversed(newest[:count]))
    return ()


def recorded(difference: Decimal, records: Collection[TransferRecord], dust: Decimal) -> tuple[TransferRecord, ...]:
    """The records that together come nearest to the difference, of such ones the fewest, each with the amount that
    really moved; empty: none come as near as dust."""
    fitting = (found for found in _together(records) if abs(_rest(difference, found)) <= dust)
    return min(fitting, key=lambda found: (abs(_rest(difference, found)), len(found)), default=())


def unseen(difference: Decimal, records: Collection[TransferRecord]) -> tuple[TransferRecord, ...]:
    """The most of the records that moved money and left no difference by it: as much came as left, or it was dust.
    `difference`: what the books leave unexplained; these do not make it more. Empty: there are none."""
    most = max(abs(difference), GRAIN)
    fitting = (found for found in _together(records) if abs(_rest(difference, found)) <= most)
    return max(fitting, key=lambda found: (len(found), -abs(_rest(difference, found))), default=())


def beside_a_fee(
    difference: Decimal, currency: str, records: Collection[TransferRecord], fills: Iterable[Trade]
) -> tuple[TransferRecord, ...]:
    """The records that leave the least of a difference, where that may be a fee which the exchange did not state.

    Empty: there are no such ones, or all of it may be the fee."""
    short = [found for found in ((), *_together(records)) if _rest(difference, found) < 0]
    least = max(short, key=lambda found: _rest(difference, found), default=())
    return least if unstated_fees(_rest(difference, least), currency, fills) else ()


def unstated_fees(difference: Decimal, currency: str, fills: Iterable[Trade]) -> tuple[Trade, ...]:
    """The fills without a stated fee which a small decrease may be the fees of; empty: it is more than they may cost.
    A fee is usually taken from what a fill brought."""
    silent = [(fill, changes_of(fill).get(currency, _ZERO)) for fill in fills if fill.fee is None]
    brought = [(fill, moved) for fill, moved in silent if moved > 0]
    touched = [(fill, moved) for fill, moved in silent if moved != 0]
    for possible in (brought, touched):
        if _ZERO < -difference <= sum(abs(moved) for _, moved in possible) * FEE_MAX:
            return tuple(fill for fill, _ in possible)
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What an exchange account must hold, by all that is known of it at a time."""

    #: since when; what moved before is not accounted for
    opened_at: datetime
    totals: Mapping[str, Decimal]
    #: what was counted in during the last minute: fills (`SHARP/USDT 3984987`) and ids of transfers
    counted: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A difference of one currency that reads show, and nothing explains yet."""

    candidates: frozenset[Decimal]
    #: monotonic time at which the first read that shows it began
    since: float
    reads: int = 1

    def seen_again(self, candidates: frozenset[Decimal], started: float) -> "Doubt":
        """After a further read; where it shows another difference, that one is the first."""
        both = self.candidates & candidates
        if not both:
            return Doubt(candidates=candidates, since=started)
        return Doubt(candidates=both, since=self.since, reads=self.reads + 1)

    @property
    def agreed(self) -> Decimal | None:
        """What two reads agree on; None: they do not yet, or leave several possible."""
        return next(iter(self.candidates)) if self.reads >= 2 and len(self.candidates) == 1 else None


def _undoes(differences: Changes, changes: Changes, dust: Changes) -> bool:
    """To a thousandth of each change; no other currency moved beyond dust."""
    effect = {currency: change for currency, change in changes.items() if change != 0}
    if any(abs(moved) > dust[currency] for currency, moved in differences.items() if currency not in effect):
        return False
    return bool(effect) and all(
        abs(exact_sum(differences.get(currency, _ZERO), change)) <= max(abs(change) / 1000, GRAIN)
        for currency, change in effect.items()
    )


def _is_fee(differences: Changes, fill: Trade, dust: Changes) -> bool:
    """The fee of the fill, charged a second time or given back, and nothing else."""
    if fill.fee is None or fill.fee == 0 or fill.fee_currency is None:
        return False
    others = (abs(moved) > dust[currency] for currency, moved in differences.items() if currency != fill.fee_currency)
    moved = abs(differences.get(fill.fee_currency, _ZERO))
    return not any(others) and moved > dust[fill.fee_currency] and abs(moved - abs(fill.fee)) <= GRAIN


def _added(left: dict[str, Decimal], right: dict[str, Decimal]) -> dict[str, Decimal]:
    return {
        currency: exact_sum(left.get(currency, _ZERO), right.get(currency, _ZERO)) for currency in {**left, **right}
    }


def _rest(difference: Decimal, records: Iterable[TransferRecord]) -> Decimal:
    return exact_sum(difference, *(-one.amount for one in records))


def _together(records: Collection[TransferRecord]) -> Iterator[tuple[TransferRecord, ...]]:
    """Each choice of the newest, the smallest first; where there are more, also all up to a time."""
    in_time = sorted(records, key=lambda one: one.at)
    newest = in_time[-RECORDS_MAX:]
    for count in range(1, len(newest) + 1):
        for chosen in combinations(newest, count):
            yield from _with_fees(chosen)
    if len(in_time) > RECORDS_MAX:
        for count in range(1, len(in_time) + 1):
            yield from _with_fees(in_time[:count])


def _with_fees(records: Sequence[TransferRecord]) -> Iterator[tuple[TransferRecord, ...]]:
    """The fee of a withdrawal is within its amount, or comes on top."""
    yield tuple(records)
    if any(one.fee for one in records):
        yield tuple(one.with_fee() for one in records)
