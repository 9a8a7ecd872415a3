"""X rows: how fills come, what is told of them, and their fees."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from decimal import Decimal
from random import Random
from typing import ClassVar

from tests.simulation.crowd import EVERYTHING
from tests.simulation.faults import effects
from tests.simulation.faults.envelopes import Rows, account_of, order_of_row, with_rows
from tests.simulation.faults.fault import Fault, Stage
from tests.simulation.faults.on_line import OnLine
from tests.simulation.faults.spell import Spell
from tests.simulation.faults.states import a_symbol
from tests.simulation.faults.target import ACTIVE, INFO, MATCHES, Target
from tests.simulation.trouble import Effect
from tests.simulation.watch import Call, Heard
from trading_bridge.core.market import Lots
from trading_bridge.core.order import TimeInForce
from trading_bridge.sandbox.directory import FEES, MARKET_TAKER

#: of the newest trades of a page
PAGE_HEAD = 10
#: how client order ids of platforms begin; people's orders have others
OF_PLATFORM = "tb"


class Nibbled:
    """An order is taken bit by bit, and a rest remains that is less than the least order."""

    id: ClassVar[str] = "X7"

    async def run(self, stage: Stage) -> None:
        while True:
            await stage.pause(25.0)
            await self._nibble(stage)

    async def heal(self, stage: Stage) -> None:
        """What was taken is taken."""

    async def _nibble(self, stage: Stage) -> None:
        rng, engine = stage.rng, stage.world.exchange.engine
        plan = rng.choice(stage.scenario.accounts)
        orders = engine.open_orders(plan.exchange_account)
        if not orders:
            return
        order = rng.choice(orders)
        rest = rng.randint(1, 99)
        stage.world.watchers.fault(self.id, "strikes", order=order.id, rest=rest)
        for _ in range(rng.randint(5, 40)):
            if not order.is_open or order.remaining <= rest:
                return
            bit = min(order.remaining - rest, rng.randint(1, order.lots // 10 + 1))
            ahead = engine.book(order.symbol).takeable(order.side.opposite, order.price, EVERYTHING)
            at_price = engine.book(order.symbol).amount_at(order.side, order.price)
            if at_price == order.remaining:
                engine.place(
                    MARKET_TAKER,
                    order.symbol,
                    order.side.opposite,
                    price=order.price,
                    lots=Lots(ahead - at_price + bit),
                    time_in_force=TimeInForce.IOC,
                )
                engine.commit()
            await stage.world.clock.sleep(rng.uniform(0.0, 0.3))


class PagesShift(OnLine):
    """Own trades lag behind, come twice, or in another order, and now and then one is missing."""

    id = "X8"
    endpoints = (MATCHES,)
    share = (0.3, 1.0)
    lasts_s = (10.0, 40.0)

    def __init__(self) -> None:
        super().__init__()
        self._missed: set[object] = set()  # ids of trades that were left out once

    def effect(self, stage: Stage, target: Target) -> Effect:
        lag_s = stage.rng.choice((0, 2, 6, 9))
        engine = stage.world.exchange.engine

        def change(rng: Random, call: Call, heard: Heard) -> Heard | None:
            name, traded_ms = call.wire.name("id"), call.wire.traded_ms

            def shifted(rows: Rows) -> Rows:
                # some say whole seconds
                known = [row for row in rows if traded_ms(row) < engine.now_ms() - lag_s * 1000]
                known.sort(key=traded_ms, reverse=True)
                if known and rng.random() < 0.5:
                    newest = rng.randrange(min(len(known), 4))
                    if rng.random() < 0.7:
                        newest = next(self._of_people(stage, call, known), newest)
                    if known[newest][name] not in self._missed:  # the next look has it
                        self._missed.add(known.pop(newest)[name])
                if known and rng.random() < 0.3:
                    known.insert(rng.randrange(len(known)), rng.choice(known))
                if rng.random() < 0.3:
                    known.reverse()
                return known

            return with_rows(call, heard, shifted)

        return effects.Changed(stage, self, target, change)

    def _of_people(self, stage: Stage, call: Call, rows: Rows) -> Iterator[int]:
        """Places of their trades behind a newer one, newest first: no look at an order of a bot tells of them."""
        account = account_of(stage.world, call)
        for place, row in enumerate(rows[:PAGE_HEAD]):
            if place == 0 or account is None or row[call.wire.name("id")] in self._missed:
                continue
            order = order_of_row(stage.world, account, row)
            if order is not None and not order.client_order_id.startswith(OF_PLATFORM):
                yield place


class IdLeftOut(OnLine):
    """Lists and looks do not say the client order id."""

    id = "X10"
    endpoints = (ACTIVE, INFO)
    share = (0.5, 1.0)

    def effect(self, stage: Stage, target: Target) -> Effect:
        forms: tuple[tuple[object, ...], ...] = ((), (None,), ("",))
        instead = stage.rng.choice(forms)

        def change(rng: Random, call: Call, heard: Heard) -> Heard | None:
            own = call.wire.name("clOrdId")
            missing = dict(zip((own,), instead, strict=False))

            def anonymous(rows: Rows) -> Rows:
                return [{name: value for name, value in row.items() if name != own} | missing for row in rows]

            return with_rows(call, heard, anonymous)

        return effects.Changed(stage, self, target, change)


class FeeNotSaid(OnLine):
    """Own trades come without their fee; later they have it."""

    id = "X23"
    form = "absent"
    endpoints = (MATCHES,)
    share = (0.3, 1.0)

    def effect(self, stage: Stage, target: Target) -> Effect:
        whole = stage.rng.choice((True, False))

        def change(rng: Random, call: Call, heard: Heard) -> Heard | None:
            left = call.wire.fee_fields if whole else call.wire.fee_fields[:1]

            def silent(rows: Rows) -> Rows:
                return [{name: value for name, value in row.items() if name not in left} for row in rows]

            return with_rows(call, heard, silent)

        return effects.Changed(stage, self, target, change)


class OtherRates(Spell):
    """Fees are higher, nothing, or paid to the maker."""

    id = "X23"
    form = "rates"
    lasts_s = (10.0, 60.0)
    #: that the exchange has to give, in atoms
    HOUSE: ClassVar[int] = 10**26

    def begin(self, stage: Stage, undo: ExitStack) -> Mapping[str, object]:
        symbol, rate = a_symbol(stage), stage.rng.choice(("-0.0005", "0", "0.004"))
        exchange = stage.world.exchange
        rules = exchange.engine.rules(symbol)
        house = exchange.engine.directory.account(FEES)
        for currency in (rules.base, rules.quote):
            if house.purse(currency).free < self.HOUSE:
                exchange.engine.ledger.supply(house, currency, self.HOUSE, exchange.engine.now_ms())
        exchange.engine.commit()
        undo.callback(exchange.engine.set_maker_fee, symbol, rules.maker_fee)
        exchange.engine.set_maker_fee(symbol, Decimal(rate))
        return {"symbol": symbol, "maker": rate}


FILLS: Mapping[str, Callable[[], Fault]] = {
    "X7": Nibbled,
    "X8": PagesShift,
    "X10": IdLeftOut,
    "X23-absent": FeeNotSaid,
    "X23-rates": OtherRates,
}
