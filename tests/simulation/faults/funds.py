"""Money that comes and goes at the exchange, and orders there that are not the platform's."""

from collections.abc import Callable, Mapping
from typing import ClassVar

from tests.simulation.faults.fault import Fault, Stage
from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Side, TimeInForce
from trading_bridge.sandbox.orders import SandboxOrder

_ATOMS = 10**18


class Transfers:
    """Deposits and withdrawals in any order; what was withdrawn in all is put back at the end."""

    id: ClassVar[str] = "X18"

    def __init__(self) -> None:
        #: (account, currency) -> atoms that came, less those that left
        self._net: dict[tuple[str, str], int] = {}

    async def run(self, stage: Stage) -> None:
        rng = stage.rng
        while True:
            await stage.pause(45.0)
            plan = rng.choice(stage.scenario.accounts)
            for _ in range(rng.choice((1, 1, 2))):
                currency = rng.choice(sorted(plan.deposits))
                if rng.random() < 0.5:
                    self._deposit(stage, plan.exchange_account, currency)
                else:
                    self._withdraw(stage, plan.exchange_account, currency)

    async def heal(self, stage: Stage) -> None:
        for (account, currency), net in self._net.items():
            if net < 0:
                self._move(stage, account, currency, -net)

    def _deposit(self, stage: Stage, account: str, currency: str) -> None:
        rng = stage.rng
        amount = rng.choice((rng.randint(1, 99) * 10**12, rng.randint(1, 900) * _ATOMS, rng.randint(1, 5_000) * _ATOMS))
        self._move(stage, account, currency, amount)

    def _withdraw(self, stage: Stage, account: str, currency: str) -> None:
        free = stage.world.exchange.engine.directory.account(account).purse(currency).free
        wanted = free * stage.rng.randint(1, stage.rng.choice((5, 40))) // 100
        self._move(stage, account, currency, -(wanted - wanted % 10**12))

    def _move(self, stage: Stage, account: str, currency: str, atoms: int) -> None:
        engine = stage.world.exchange.engine
        if atoms == 0:
            return
        stage.world.watchers.fault(self.id, "strikes", account=account, currency=currency, atoms=atoms)
        if atoms > 0:
            engine.deposit(account, currency, atoms)
        else:
            engine.withdraw(account, currency, -atoms)
        engine.commit()
        self._net[account, currency] = self._net.get((account, currency), 0) + atoms


class ByHand:
    """A person places orders on the account at the exchange's own site, takes from others, and takes orders back."""

    id: ClassVar[str] = "X18"
    LOOKS: ClassVar[int] = 40
    LOOK_EVERY_S: ClassVar[float] = 0.25

    def __init__(self) -> None:
        self._placed: list[SandboxOrder] = []

    async def run(self, stage: Stage) -> None:
        rng = stage.rng
        while True:
            await stage.pause(60.0)
            account, symbol = _market(stage)
            if rng.random() < 0.5:
                await self._take(stage, account, symbol)
            else:
                self._rest(stage, account, symbol, None)
            if self._placed and rng.random() < 0.4:
                self._cancel(stage, self._placed.pop(0))

    async def heal(self, stage: Stage) -> None:
        for order in self._placed:
            self._cancel(stage, order)
        self._placed.clear()

    def _rest(self, stage: Stage, account: str, symbol: str, client_order_id: str | None) -> None:
        """3 to 8 % away from the best of its side, where no bot quotes."""
        rng, engine = stage.rng, stage.world.exchange.engine
        side = rng.choice((Side.BUY, Side.SELL))
        best = engine.book(symbol).best(side)
        if best is None:
            return
        away = 1_000 + (-1 if side is Side.BUY else 1) * rng.randint(30, 80)
        stage.world.watchers.fault(self.id, "strikes", account=account, symbol=symbol, side=side)
        made = engine.place(
            account,
            symbol,
            side,
            price=Ticks(best * away // 1_000),
            lots=Lots(rng.randint(10_000, 90_000)),
            client_order_id=client_order_id,
        )
        engine.commit()
        if isinstance(made, SandboxOrder):
            self._placed.append(made)

    async def _take(self, stage: Stage, account: str, symbol: str) -> None:
        """From one who is not of the account: a person does not trade with their own bots, and waits until another's
        price is the best."""
        rng, engine = stage.rng, stage.world.exchange.engine
        side = rng.choice((Side.BUY, Side.SELL))
        for _ in range(self.LOOKS):
            price = engine.book(symbol).best(side.opposite)
            if price is not None and _none_of_ours(stage, symbol, side.opposite, price):
                break
            await stage.world.clock.sleep(self.LOOK_EVERY_S)
        else:
            return
        stage.world.watchers.fault(self.id, "strikes", account=account, symbol=symbol, takes=side)
        engine.place(
            account, symbol, side, price=price, lots=Lots(rng.randint(5_000, 60_000)), time_in_force=TimeInForce.IOC
        )
        engine.commit()

    def _cancel(self, stage: Stage, order: SandboxOrder) -> None:
        stage.world.exchange.engine.cancel(order)
        stage.world.exchange.engine.commit()


class AnotherInstallation(ByHand):
    """The old platform, or a test with live keys: orders that look like ours and are not."""

    id: ClassVar[str] = "D6"

    async def run(self, stage: Stage) -> None:
        rng = stage.rng
        while True:
            await stage.pause(90.0)
            account, symbol = _market(stage)
            for _ in range(rng.randint(1, 3)):
                self._rest(stage, account, symbol, f"tbother{rng.randrange(36**12):012d}"[:32])
            if rng.random() < 0.6:
                await stage.world.clock.sleep(rng.uniform(1.0, 20.0))
                await self.heal(stage)


def _market(stage: Stage) -> tuple[str, str]:
    """An exchange account, and a market of its bots."""
    plan = stage.rng.choice(stage.scenario.accounts)
    return plan.exchange_account, stage.rng.choice([bot.symbol for bot in plan.bots])


def _none_of_ours(stage: Stage, symbol: str, side: Side, price: Ticks) -> bool:
    engine = stage.world.exchange.engine
    ours = sum(
        order.remaining
        for plan in stage.scenario.accounts
        for order in engine.open_orders(plan.exchange_account, symbol)
        if order.side is side and order.price == price
    )
    return ours == 0


FUNDS: Mapping[str, Callable[[], Fault]] = {
    "X18": Transfers,
    "X18-by-hand": ByHand,
    "D6": AnotherInstallation,
}
