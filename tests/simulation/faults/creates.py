"""X rows: what the exchange says to a create."""

from collections.abc import Mapping
from contextlib import ExitStack
from random import Random
from typing import ClassVar

from tests.simulation.faults import effects
from tests.simulation.faults.envelopes import odd, refused
from tests.simulation.faults.fault import Stage
from tests.simulation.faults.on_line import OnLine
from tests.simulation.faults.spell import Spell, put_on_exchange
from tests.simulation.faults.target import CREATES, Target
from tests.simulation.trouble import Effect
from tests.simulation.watch import Call, Heard
from tests.simulation.wires import WIRES
from tests.simulation.wires.wire import Said
from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Side
from trading_bridge.sandbox.faults import Fault, FaultKind
from trading_bridge.sandbox.orders import SandboxOrder


class ServerError(Spell):
    """A 5xx on creates; the exchange has carried it out, or not."""

    id = "X1"
    carried_out: ClassVar[bool]

    def begin(self, stage: Stage, undo: ExitStack) -> Mapping[str, object]:
        status = stage.rng.choice((500, 502, 503, 504))
        account = stage.rng.choice((None, *(plan.exchange_account for plan in stage.scenario.accounts)))
        hit = (plan.exchange for plan in stage.scenario.accounts if account in (None, plan.exchange_account))
        for exchange in dict.fromkeys(hit):
            fault = Fault(
                kind=FaultKind.SERVER_ERROR,
                endpoint=WIRES[exchange].create,
                account=account,
                status=status,
                carried_out=self.carried_out,
            )
            put_on_exchange(stage, undo, fault)
        return {"status": status, "account": account or "all"}


class ServerErrorDone(ServerError):
    form = "done"
    carried_out = True


class ServerErrorNotDone(ServerError):
    form = "not-done"
    carried_out = False


class UnknownCode(OnLine):
    """A code that no table knows; the exchange has carried it out, or not."""

    id = "X1"
    form = "code"
    endpoints = CREATES

    def effect(self, stage: Stage, target: Target) -> Effect:
        number = stage.rng.randint(7_000, 7_999)
        if stage.rng.random() < 0.5:
            return effects.Instead(stage, self, target, lambda rng, call: odd(call, number))
        return effects.Changed(stage, self, target, lambda rng, call, heard: odd(call, number))


class TooManyOrders(Spell):
    """The account may have fewer orders than before."""

    id = "X2"
    form = "limit"

    def begin(self, stage: Stage, undo: ExitStack) -> Mapping[str, object]:
        name = stage.rng.choice(stage.scenario.accounts).exchange_account
        account, limit = stage.world.exchange.engine.directory.account(name), stage.rng.randint(0, 3)
        undo.callback(setattr, account, "active_order_limit", account.active_order_limit)
        account.active_order_limit = limit
        return {"account": name, "limit": limit}


class Refused(OnLine):
    """In words that prove it, with a code of the table."""

    id = "X2"
    form = "refused"
    endpoints = CREATES
    share = (0.2, 1.0)
    SAID: ClassVar[tuple[tuple[Said, str | None], ...]] = (
        (Said.BAD_REQUEST, None),
        (Said.BAD_REQUEST, "bad request of {key}"),  # some exchanges repeat the key that they refuse
        (Said.PRECISION, None),
        (Said.TOO_SMALL, None),
    )

    def effect(self, stage: Stage, target: Target) -> Effect:
        said, words = stage.rng.choice(self.SAID)

        def answer(rng: Random, call: Call) -> Heard:
            return refused(call, said, None if words is None else words.format(key=call.api_key))

        return effects.Instead(stage, self, target, answer)


class FundsMissing(OnLine):
    """Refused for lack of money that every other answer shows."""

    id = "X19"
    form = "refused"
    endpoints = CREATES
    share = (0.2, 1.0)

    def effect(self, stage: Stage, target: Target) -> Effect:
        return effects.Instead(stage, self, target, lambda rng, call: refused(call, Said.FUNDS))


class FundsHeld(Spell):
    """A person's order, far from where anybody trades, holds nearly all that is free."""

    id = "X19"
    form = "held"

    def begin(self, stage: Stage, undo: ExitStack) -> Mapping[str, object]:
        engine, rng = stage.world.exchange.engine, stage.rng
        plan = rng.choice(stage.scenario.accounts)
        rules, side = engine.rules(rng.choice(plan.bots).symbol), rng.choice((Side.BUY, Side.SELL))
        purse = engine.directory.account(plan.exchange_account).purse(rules.quote if side is Side.BUY else rules.base)
        best = engine.book(rules.symbol).best(side)
        if best is None:
            return {"held": "nothing"}
        price = Ticks(best // 2 if side is Side.BUY else best * 2)
        units = purse.free // (price * rules.atoms_per_unit if side is Side.BUY else rules.atoms_per_lot)
        made = engine.place(
            plan.exchange_account, rules.symbol, side, price=price, lots=Lots(units * rng.randint(900, 999) // 1_000)
        )
        engine.commit()
        if isinstance(made, SandboxOrder):
            undo.callback(engine.commit)
            undo.callback(engine.cancel, made)
        return {"account": plan.exchange_account, "symbol": rules.symbol, "side": side}


class WouldTake(OnLine):
    """The best of the other side moves up to its price while it is under way."""

    id = "X20"
    endpoints = CREATES
    share = (0.2, 0.9)

    def effect(self, stage: Stage, target: Target) -> Effect:
        return _Meets(stage, self, target)


class _Meets(effects.Struck):
    def before_it_is_done(self, call: Call) -> None:
        exchange = self._stage.world.exchange
        rules = next(one for one in exchange.engine.markets if (one.base + one.quote).lower() == call.symbol_code)
        price = int(call.price.scaleb(rules.tick_decimals))
        maker_side = Side.SELL if call.side is Side.BUY else Side.BUY
        crowd = next(one for one in exchange.crowds if one.symbol == rules.symbol)
        crowd.stand(maker_side, price, lots=100_000)


class ReusesIds(Spell):
    """A client order id is free again once its order is over."""

    id = "X9"

    def begin(self, stage: Stage, undo: ExitStack) -> Mapping[str, object]:
        engine = stage.world.exchange.engine
        engine.reuses_ids = True
        undo.callback(setattr, engine, "reuses_ids", False)
        return {}


CREATING: Mapping[str, type[Spell]] = {
    "X1-done": ServerErrorDone,
    "X1-not-done": ServerErrorNotDone,
    "X1-code": UnknownCode,
    "X2-limit": TooManyOrders,
    "X2-refused": Refused,
    "X9": ReusesIds,
    "X19-refused": FundsMissing,
    "X19-held": FundsHeld,
    "X20": WouldTake,
}
