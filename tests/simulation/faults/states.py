"""X rows: a market or the whole exchange is in another state."""

from collections.abc import Mapping
from contextlib import ExitStack
from decimal import Decimal
from random import Random
from typing import ClassVar

from tests.simulation.faults import effects
from tests.simulation.faults.envelopes import with_data
from tests.simulation.faults.fault import Stage
from tests.simulation.faults.spell import Spell, put_on_exchange, put_on_line
from tests.simulation.faults.target import SYMBOLS, Target
from tests.simulation.watch import Call, Heard
from trading_bridge.sandbox.faults import Fault, FaultKind, Form


class OfExchange(Spell):
    """One of the sandbox's own faults."""

    def begin(self, stage: Stage, undo: ExitStack) -> Mapping[str, object]:
        fault = self.fault(stage)
        put_on_exchange(stage, undo, fault)
        named = {"account": fault.account, "symbol": fault.symbol, "currency": fault.currency, "to": fault.to}
        return {name: value for name, value in named.items() if value is not None}

    def fault(self, stage: Stage) -> Fault:
        raise NotImplementedError


def a_symbol(stage: Stage) -> str:
    return stage.rng.choice(stage.rng.choice(stage.scenario.accounts).bots).symbol


def a_currency(stage: Stage) -> str:
    return stage.rng.choice((*a_symbol(stage).split("/"),))


class PrecisionChanged(OfExchange):
    id = "X14"
    form = "precision"
    lasts_s = (5.0, 40.0)

    def fault(self, stage: Stage) -> Fault:
        ticks = stage.rng.random() < 0.6
        return Fault(
            kind=FaultKind.PRECISION_CHANGED,
            symbol=a_symbol(stage),
            tick_decimals=stage.rng.choice((4, 5)) if ticks else None,
            lot_decimals=None if ticks else stage.rng.choice((0, 1)),
        )


class MinimumRaised(OfExchange):
    id = "X14"
    form = "minimum"
    lasts_s = (5.0, 40.0)

    def fault(self, stage: Stage) -> Fault:
        least = Decimal(stage.rng.choice((500, 1_000, 3_000, 50_000)))
        return Fault(kind=FaultKind.MINIMUM_RAISED, symbol=a_symbol(stage), min_amount=least)


class MarketHalted(OfExchange):
    id = "X15"
    form = "halted"
    lasts_s = (5.0, 40.0)

    def fault(self, stage: Stage) -> Fault:
        return Fault(kind=FaultKind.MARKET_HALTED, symbol=stage.rng.choice((None, a_symbol(stage))))


class MarketRenamed(OfExchange):
    id = "X15"
    form = "renamed"
    lasts_s = (5.0, 40.0)

    def fault(self, stage: Stage) -> Fault:
        symbol = a_symbol(stage)
        base, _, quote = symbol.partition("/")
        return Fault(kind=FaultKind.MARKET_RENAMED, symbol=symbol, to=f"{base}2/{quote}")


class MarketDelisted(Spell):
    """It is missing in the list of markets."""

    id = "X15"
    form = "delisted"
    lasts_s = (5.0, 60.0)

    def begin(self, stage: Stage, undo: ExitStack) -> Mapping[str, object]:
        code = a_symbol(stage).replace("/", "")

        def change(rng: Random, call: Call, heard: Heard) -> Heard | None:
            def left(data: object) -> object:
                listed = isinstance(data, list)
                return [row for row in data if row is None or call.wire.code_of(row) != code] if listed else data

            return with_data(call, heard, left)

        put_on_line(stage, undo, effects.Changed(stage, self, Target(endpoints=(SYMBOLS,)), change))
        return {"symbol": code}


class Maintenance(Spell):
    """Everything is refused; afterwards all orders may be gone."""

    id = "X16"
    kind: ClassVar[Form]
    between_s = 50.0
    lasts_s = (5.0, 45.0)

    def begin(self, stage: Stage, undo: ExitStack) -> Mapping[str, object]:
        gone = stage.rng.random() < 0.5
        if gone:
            undo.callback(self._lose_orders, stage)
        put_on_exchange(stage, undo, Fault(kind=FaultKind.MAINTENANCE, form=self.kind))
        return {"orders": "gone" if gone else "kept"}

    def _lose_orders(self, stage: Stage) -> None:
        engine = stage.world.exchange.engine
        for plan in stage.scenario.accounts:
            engine.cancel_all(plan.exchange_account)
        engine.commit()


class MaintenanceByStatus(Maintenance):
    form = "json"
    kind = Form.JSON


class MaintenanceByPage(Maintenance):
    form = "html"
    kind = Form.HTML


class MaintenanceByCode(Maintenance):
    """HTTP 200 with a code."""

    form = "code"
    kind = Form.CODE


class TooManyRequests(OfExchange):
    id = "N12"
    form = "429"
    lasts_s = (2.0, 12.0)

    def fault(self, stage: Stage) -> Fault:
        account = stage.rng.choice((None, *(plan.exchange_account for plan in stage.scenario.accounts)))
        return Fault(
            kind=FaultKind.RATE_LIMITED, account=account, retry_after_s=stage.rng.choice((None, None, 1, 5, 10, 30))
        )


class Hangs(OfExchange):
    id = "N7"
    form = "hung"

    def fault(self, stage: Stage) -> Fault:
        return Fault(kind=FaultKind.HUNG, carried_out=stage.rng.choice((None, True, False)))


class Drops(OfExchange):
    id = "N4"
    form = "dropped"

    def fault(self, stage: Stage) -> Fault:
        return Fault(kind=FaultKind.DROPPED, carried_out=stage.rng.choice((None, True, False)))


class EmptyBody(OfExchange):
    id = "N4"
    form = "empty"

    def fault(self, stage: Stage) -> Fault:
        return Fault(kind=FaultKind.EMPTY_BODY, carried_out=stage.rng.random() < 0.5)


class ErrorsEverywhere(OfExchange):
    """A 5xx to every request, carried out or not."""

    id = "X1"
    form = "everywhere"

    def fault(self, stage: Stage) -> Fault:
        status = stage.rng.choice((500, 502, 503, 504))
        return Fault(kind=FaultKind.SERVER_ERROR, status=status, carried_out=stage.rng.random() < 0.5)


class PageOfExchange(OfExchange):
    """Of what protects the exchange, with whatever status."""

    id = "N4"
    form = "page"

    def fault(self, stage: Stage) -> Fault:
        status = stage.rng.choice((200, 403, 502))
        return Fault(kind=FaultKind.HTML_BODY, status=status, carried_out=stage.rng.random() < 0.5)


class SlowExchange(OfExchange):
    id = "N7"
    form = "slow"

    def fault(self, stage: Stage) -> Fault:
        return Fault(kind=FaultKind.SLOW, delay_s=stage.rng.uniform(0.5, 4.5))


class CurrencyMissing(OfExchange):
    id = "X12"
    form = "missing"

    def fault(self, stage: Stage) -> Fault:
        return Fault(kind=FaultKind.CURRENCY_MISSING, currency=a_currency(stage))


class CurrencyRenamed(OfExchange):
    id = "X12"
    form = "renamed"

    def fault(self, stage: Stage) -> Fault:
        currency = a_currency(stage)
        return Fault(kind=FaultKind.CURRENCY_RENAMED, currency=currency, to=f"{currency}2")


class OtherWallet(OfExchange):
    id = "X12"
    form = "wallet"

    def fault(self, stage: Stage) -> Fault:
        return Fault(kind=FaultKind.OTHER_WALLET, currency=stage.rng.choice((None, a_currency(stage))))


class AccountMigrated(OfExchange):
    id = "X12"
    form = "migrated"

    def fault(self, stage: Stage) -> Fault:
        return Fault(kind=FaultKind.ACCOUNT_MIGRATED)


STATES: Mapping[str, type[Spell]] = {
    "N4-dropped": Drops,
    "N4-empty": EmptyBody,
    "N4-page": PageOfExchange,
    "N7-hung": Hangs,
    "N7-slow": SlowExchange,
    "N12-429": TooManyRequests,
    "X1-everywhere": ErrorsEverywhere,
    "X12-missing": CurrencyMissing,
    "X12-renamed": CurrencyRenamed,
    "X12-wallet": OtherWallet,
    "X12-migrated": AccountMigrated,
    "X14-precision": PrecisionChanged,
    "X14-minimum": MinimumRaised,
    "X15-halted": MarketHalted,
    "X15-renamed": MarketRenamed,
    "X15-delisted": MarketDelisted,
    "X16-json": MaintenanceByStatus,
    "X16-html": MaintenanceByPage,
    "X16-code": MaintenanceByCode,
}
