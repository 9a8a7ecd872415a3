"""What should stand against what stands: the least that must be done."""

from dataclasses import dataclass

from trading_bridge.core.decision import Wanted
from trading_bridge.core.market import Ticks
from trading_bridge.core.view import Standing

#: a resting order that still offers this share of the wanted amount keeps its queue place
KEEP_ABOVE = 0.5
#: and one that offers more than this share of it is replaced
KEEP_BELOW = 1.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    keep: tuple[Standing, ...] = ()
    cancel: tuple[Standing, ...] = ()
    place: tuple[Wanted, ...] = ()


def reconcile(wanted: tuple[Wanted, ...] | None, standing: tuple[Standing, ...], tolerance: Ticks) -> Plan:
    """Keeps orders within `tolerance` of where they should be; an order under way blocks its side."""
    if wanted is None:
        return Plan(keep=standing)
    keep: list[Standing] = []
    open_wishes: list[Wanted] = []
    free = [own for own in standing if own.settled]
    for wish in wanted:
        match = next((own for own in free if _fits(own, wish, tolerance)), None)
        if match is None:
            open_wishes.append(wish)
        else:
            free.remove(match)
            keep.append(match)
    under_way = [own for own in standing if not own.settled]
    blocked = {own.side for own in under_way}
    return Plan(
        keep=(*keep, *under_way),
        cancel=tuple(free),
        place=tuple(wish for wish in open_wishes if wish.side not in blocked),
    )


def _fits(own: Standing, wish: Wanted, tolerance: Ticks) -> bool:
    return (
        own.side is wish.side
        and abs(own.price - wish.price) <= tolerance
        and wish.amount * KEEP_ABOVE <= own.remaining <= wish.amount * KEEP_BELOW
    )
