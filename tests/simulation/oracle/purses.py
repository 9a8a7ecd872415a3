"""What each account at the exchange held at each time, by the exchange's own ledger."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from decimal import Decimal

from tests.simulation.watch import Watcher
from tests.simulation.world import World
from trading_bridge.sandbox.directory import MARKET_MAKER, MARKET_TAKER
from trading_bridge.sandbox.orders import SandboxOrder, SandboxTrade
from trading_bridge.sandbox.rules import ATOM_DECIMALS, Refusal

#: the crowd's, of which nobody asks
_OTHERS = (MARKET_MAKER, MARKET_TAKER)


@dataclass(frozen=True, slots=True)
class Held:
    free: Decimal
    used: Decimal


NOTHING = Held(Decimal(0), Decimal(0))


@dataclass(slots=True)
class _History:
    """From each of `since` on it was the one of `held` at the same place."""

    since: list[float]
    held: list[Held]


class Purses(Watcher):
    def __init__(self, world: World) -> None:
        self._world = world
        self._histories: dict[tuple[str, str], _History] = {}  # account, currency -> its history

    def placed(self, order: SandboxOrder | Refusal, account: str, client_order_id: str) -> None:
        self._note(account)

    def canceled(self, order: SandboxOrder) -> None:
        self._note(order.account)

    def traded(self, trade: SandboxTrade, taker: SandboxOrder, maker: SandboxOrder) -> None:
        for account in (trade.buyer, trade.seller):
            if account not in _OTHERS:
                self._note(account)

    def transferred(self, account: str, currency: str, atoms: int) -> None:
        self._note(account)

    def between(self, account: str, currency: str, began_s: float, ended_s: float) -> list[Held]:
        """Each that was true at some time from `began_s` to `ended_s`; of one instant whatever came before or after."""
        history = self._histories.get((account, currency))
        if history is None:
            return [NOTHING]
        first = bisect_left(history.since, began_s) - 1
        last = bisect_right(history.since, ended_s)
        return ([NOTHING] if first < 0 else []) + history.held[max(first, 0) : last]

    def _note(self, account: str) -> None:
        now_s = self._world.loop.time()
        for currency, purse in self._world.exchange.engine.directory.account(account).purses.items():
            history = self._histories.setdefault((account, currency), _History([], []))
            held = Held(_amount(purse.free), _amount(purse.used))
            if not history.held or history.held[-1] != held:
                history.since.append(now_s)
                history.held.append(held)


def held_now(world: World, account: str, currency: str) -> Held:
    purse = world.exchange.engine.directory.account(account).purse(currency)
    return Held(_amount(purse.free), _amount(purse.used))


def _amount(atoms: int) -> Decimal:
    return Decimal(atoms).scaleb(-ATOM_DECIMALS)
