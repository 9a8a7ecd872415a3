"""The sandbox as the simulated world has it: its engine tells what it does, its books move by a seed."""

from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

from tests.simulation.clock import SimClock, SimEntropy
from tests.simulation.crowd import Crowd
from tests.simulation.watch import Watcher
from trading_bridge.sandbox.accounts import Account as ExchangeAccount
from trading_bridge.sandbox.accounts import ApiKey, EntryKind, Permission, Transfer
from trading_bridge.sandbox.app import create_app
from trading_bridge.sandbox.control import StillFlow
from trading_bridge.sandbox.directory import MARKET_MAKER, MARKET_TAKER
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.listing import Listing
from trading_bridge.sandbox.markets import SHARP_USDT
from trading_bridge.sandbox.matching import Match
from trading_bridge.sandbox.orders import SandboxOrder
from trading_bridge.sandbox.rules import MarketRules, Refusal, to_atoms
from trading_bridge.sandbox.store import Store
from trading_bridge.sandbox.venue import create_faults

CONTROL_TOKEN = "control"
TOKENS = ("SHARP", "KITE", "LOOM", "MOSS", "NOVA", "OPAL", "PINE", "QUAY", "REEF", "SAGE")


def market_rules(count: int) -> tuple[MarketRules, ...]:
    return tuple(
        replace(SHARP_USDT, symbol=f"{base}/USDT", base=base, market_id=place + 1)
        for place, base in enumerate(TOKENS[:count])
    )


class ForgetfulStore(Store):
    def __init__(self) -> None:
        super().__init__(None)

    def rename(self, order_id: int, client_order_id: str) -> None:
        """Of an order that is over."""
        self.commit()
        self._database.execute("UPDATE orders SET client_order_id = ? WHERE id = ?", (client_order_id, order_id))


class WatchedEngine(Engine):
    store: ForgetfulStore

    def __init__(
        self, clock: SimClock, entropy: SimEntropy, markets: tuple[MarketRules, ...], watcher: Watcher
    ) -> None:
        self._watcher = watcher
        #: a client order id is free again once its order is over
        self.reuses_ids = False
        super().__init__(ForgetfulStore(), clock, entropy, markets)

    def place(
        self, account: str, *what: Any, client_order_id: str | None = None, **more: Any
    ) -> SandboxOrder | Refusal:
        if self.reuses_ids and client_order_id is not None:
            self._free(account, client_order_id)
        outcome = super().place(account, *what, client_order_id=client_order_id, **more)
        if account not in (MARKET_MAKER, MARKET_TAKER):
            self._watcher.placed(outcome, account, client_order_id or "")
        return outcome

    def set_maker_fee(self, symbol: str, rate: Decimal) -> None:
        """From now on; the list of markets keeps what it says."""
        listing = self._listings[symbol]
        listing.rules = replace(listing.rules, maker_fee=rate)

    def _free(self, account: str, client_order_id: str) -> None:
        former = self.order_by_client_id(account, client_order_id)
        if former is not None and not former.is_open:
            self.store.rename(former.id, f"{client_order_id}~{former.id}")

    def cancel(self, order: SandboxOrder, request_id: str | None = None) -> bool:
        done = super().cancel(order, request_id)
        if done and order.account not in (MARKET_MAKER, MARKET_TAKER):
            self._watcher.canceled(order)
        return done

    def _settle(self, listing: Listing, taker: SandboxOrder, match: Match[SandboxOrder]) -> None:
        super()._settle(listing, taker, match)
        self._watcher.traded(listing.trades[-1], taker, match[0])

    def _transfer(self, account: ExchangeAccount, currency: str, kind: EntryKind, atoms: int) -> Transfer:
        done = super()._transfer(account, currency, kind, atoms)
        self._watcher.transferred(account.name, currency, atoms)
        return done


class Exchange:
    def __init__(self, clock: SimClock, rng: Random, markets: int, watcher: Watcher) -> None:
        self.clock = clock
        self.engine = WatchedEngine(clock, SimEntropy(rng), market_rules(markets), watcher)
        self.faults = create_faults(self.engine, clock)
        self.app = create_app(
            self.engine, control_token=CONTROL_TOKEN, clock=clock, flow=StillFlow(), faults=self.faults
        )
        self.crowds = [Crowd(self.engine, rules, Random(f"{rng.random()}")) for rules in self.engine.markets]

    def account(self, name: str, deposits: dict[str, str], *, uid: int | None = None) -> None:
        self.engine.directory.create(name, self.engine.now_ms(), uid=uid)
        for currency, amount in deposits.items():
            self.deposit(name, currency, amount)

    def deposit(self, account: str, currency: str, amount: str) -> None:
        self.engine.deposit(account, currency, _atoms(amount))
        self.engine.commit()

    def withdraw(self, account: str, currency: str, amount: str) -> bool:
        """False: it does not have so much free."""
        done = not isinstance(self.engine.withdraw(account, currency, _atoms(amount)), Refusal)
        self.engine.commit()
        return done

    def key(self, account: str, permissions: tuple[Permission, ...] = (Permission.READ, Permission.TRADE)) -> ApiKey:
        key = self.engine.directory.create_key(account, permissions, ())
        self.engine.commit()
        return key

    async def run(self, every_s: float) -> None:
        """The market goes on for ever."""
        while True:
            for crowd in self.crowds:
                crowd.move()
            self.engine.commit()
            await self.clock.sleep(every_s)


def _atoms(amount: str) -> int:
    atoms = to_atoms(Decimal(amount))
    assert atoms is not None
    return atoms
