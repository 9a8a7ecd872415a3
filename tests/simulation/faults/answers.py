"""X rows: answers that lag, leave something out, or come in another form."""

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any, ClassVar

import orjson

from tests.simulation.faults import effects
from tests.simulation.faults.envelopes import (
    Rows,
    account_of,
    opened,
    order_asked_for,
    order_of_row,
    refused,
    with_data,
    with_rows,
)
from tests.simulation.faults.fault import Stage
from tests.simulation.faults.on_line import OnLine
from tests.simulation.faults.spell import Spell
from tests.simulation.faults.target import ACTIVE, BALANCES, CREATES, DEPTH, INFO, MATCHES, SYMBOLS, Target
from tests.simulation.trouble import Effect
from tests.simulation.watch import Call, Heard
from tests.simulation.wires.wire import Nothing, Said, Wire
from trading_bridge.core.lifecycle import READ_LAG_S

#: less than what the platform takes for the longest
_LAG_S = (1.0, READ_LAG_S - 1)


class ReadsLag(OnLine):
    """What was accepted a moment ago is known to no list, look-up or trade yet."""

    id = "X3"
    endpoints = (ACTIVE, INFO, MATCHES)
    share = (1.0, 1.0)
    lasts_s = (10.0, 40.0)

    def effect(self, stage: Stage, target: Target) -> Effect:
        return _Lag(stage, self, replace(target, endpoints=self.endpoints), stage.rng.uniform(*_LAG_S))


class _Lag(effects.Struck):
    def __init__(self, stage: Stage, spell: Spell, target: Target, lag_s: float) -> None:
        super().__init__(stage, spell, target)
        self._lag_ms = int(lag_s * 1000)

    def hits(self, call: Call) -> bool:
        return self._is_meant(call)

    def altered(self, call: Call, heard: Heard) -> Heard:
        world = self._stage.world
        account = account_of(world, call)
        if account is None:
            return heard
        since_ms = world.exchange.engine.now_ms() - self._lag_ms

        def known(rows: Rows) -> Rows:
            orders = [(row, order_of_row(world, account, row)) for row in rows]
            return [row for row, order in orders if order is None or order.created_ms < since_ms]

        other: Heard | None
        if call.endpoint == INFO:
            order = order_asked_for(world, call)
            young = order is not None and order.created_ms >= since_ms
            other = refused(call, Said.NOT_FOUND) if young and opened(call, heard) is not None else None
        else:
            other = with_rows(call, heard, known)
        if other is None:
            return heard
        self.tell(call)
        return other


class LeavesTheList(OnLine):
    """Some open orders are missing in the list of open orders."""

    id = "X4"
    endpoints = (ACTIVE,)
    share = (1.0, 1.0)

    def effect(self, stage: Stage, target: Target) -> Effect:
        hidden: dict[str, bool] = {}  # order id -> whether it is missing
        share = stage.rng.uniform(0.2, 1.0)

        def change(rng: Random, call: Call, heard: Heard) -> Heard | None:
            name = call.wire.name("ordId")

            def left(rows: Rows) -> Rows:
                return [row for row in rows if not hidden.setdefault(str(row[name]), rng.random() < share)]

            return with_rows(call, heard, left)

        return effects.Changed(stage, self, target, change)


# -- X11: the same said in another form


class OtherForms(OnLine):
    """Numbers as exponents or JSON numbers, ids as text or numbers, the code as text or number."""

    id = "X11"
    form = "numbers"
    endpoints = (ACTIVE, INFO, BALANCES, DEPTH, SYMBOLS, *CREATES)
    share = (0.5, 1.0)

    def effect(self, stage: Stage, target: Target) -> Effect:
        return effects.Changed(stage, self, target, _other_forms)


class Unparsable(OnLine):
    """A number that is none, here and there; or in every look at a single order, for so long that the account's trades
    tell of fills before any of these does."""

    id = "X11"
    form = "unparsable"
    endpoints = (ACTIVE, INFO, MATCHES, BALANCES, DEPTH)
    share = (0.3, 1.0)
    INFO_S: ClassVar[tuple[float, float]] = (40.0, 60.0)

    def __init__(self) -> None:
        super().__init__()
        self._of_single_orders = False

    def effect(self, stage: Stage, target: Target) -> Effect:
        self._of_single_orders = stage.rng.random() < 0.25
        whom = Target(endpoints=(INFO,)) if self._of_single_orders else target
        return effects.Changed(stage, self, whom, _unparsable)

    def seconds(self, stage: Stage) -> float:
        return stage.rng.uniform(*self.INFO_S) if self._of_single_orders else super().seconds(stage)


def _other_forms(rng: Random, call: Call, heard: Heard) -> Heard | None:
    """Fractions that came as JSON numbers come as text."""
    if opened(call, heard) is None:
        return None
    answer = json.loads(heard.body, parse_float=str)
    if isinstance(answer, dict) and "code" in answer:
        answer["code"] = str(answer["code"]) if isinstance(answer["code"], int) else int(answer["code"])
    as_ = rng.choice(("exponent", "number"))
    return replace(heard, body=orjson.dumps(_reformed(answer, call.wire, as_)))


def _reformed(value: Any, wire: Wire, as_: str) -> Any:
    if isinstance(value, list):
        return [_reformed(one, wire, as_) for one in value]
    if not isinstance(value, dict):
        return value
    made = {name: _reformed(one, wire, as_) for name, one in value.items()}
    for name in wire.number_fields:
        if name in made:
            number = Decimal(str(made[name]))
            made[name] = f"{number:E}" if as_ == "exponent" else orjson.Fragment(f"{number:f}")
    for name in wire.id_fields:
        if name in made:
            made[name] = str(made[name]) if isinstance(made[name], int) else int(made[name])
    for side in ("a", "b", "asks", "bids"):
        if side in made:
            made[side] = [_level(one, as_) for one in made[side]]
    return made


def _level(level: list[Any], as_: str) -> list[Any]:
    price, amount, *rest = level
    numbers = (Decimal(str(price)), Decimal(str(amount)))
    return [*(f"{one:E}" if as_ == "exponent" else orjson.Fragment(f"{one:f}") for one in numbers), *rest]


def _unparsable(rng: Random, call: Call, heard: Heard) -> Heard | None:
    word: object = rng.choice(("NaN", "", None, "1,5", {}, "Infinity"))
    asks = call.wire.name("a")

    def spoiled(data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get(asks), list) and data[asks]:
            return {**data, asks: [[word, *data[asks][0][1:]], *data[asks][1:]]}
        rows = data if isinstance(data, list) else [data]
        if not rows or not isinstance(row := rows[place := rng.randrange(len(rows))], dict):
            return data
        other = {**row, **{name: word for name in call.wire.amount_fields if name in row}}
        return [*rows[:place], other, *rows[place + 1 :]] if isinstance(data, list) else other

    return with_data(call, heard, spoiled)


class LargeIds(Spell):
    """From now on the exchange's ids are beyond what a double can hold."""

    id = "X11"
    form = "ids"
    between_s = 20.0

    def begin(self, stage: Stage, undo: Any) -> Mapping[str, object]:
        counters = stage.world.exchange.engine.store.counters
        counters["order"] = max(counters["order"], 2**53) + stage.rng.randrange(1, 1000, 2)
        return {"ids": f"from {counters['order']}"}


# -- X12, X13: what is not said is not zero


class NoData(OnLine):
    """`data` is null, an empty list, or not there."""

    id = "X12"
    form = "nothing"
    lasts_s = (2.0, 12.0)
    share = (0.4, 1.0)

    def effect(self, stage: Stage, target: Target) -> Effect:
        # of one at a time: an exchange that denies an order in every answer for a minute says that there is none
        endpoint = stage.rng.choice((ACTIVE, INFO, MATCHES, BALANCES, DEPTH, SYMBOLS))
        form = stage.rng.choice(tuple(Nothing))

        def change(rng: Random, call: Call, heard: Heard) -> Heard | None:
            return None if opened(call, heard) is None else replace(heard, body=call.wire.nothing(form))

        return effects.Changed(stage, self, replace(target, endpoints=(endpoint,), symbol_code=None), change)


class Unsettled(OnLine):
    """A balance was read in the middle of a settlement: what one row has left the other has not got yet."""

    id = "X13"
    endpoints = (BALANCES,)
    share = (0.2, 0.6)

    def effect(self, stage: Stage, target: Target) -> Effect:
        return effects.Changed(stage, self, target, _unsettled)


def _unsettled(rng: Random, call: Call, heard: Heard) -> Heard | None:
    """No two answers are wrong by the same amount."""

    def halfway(rows: Rows) -> Rows:
        if not rows:
            return rows
        place = rng.randrange(len(rows))
        row, name = rows[place], rng.choice(call.wire.balance_fields)
        changed = Decimal(str(row[name])) * Decimal(rng.randint(300_000, 999_999)) / 1_000_000
        return [*rows[:place], {**row, name: f"{changed:f}"}, *rows[place + 1 :]]

    return with_rows(call, heard, halfway)


ANSWERS: Mapping[str, type[Spell]] = {
    "X3": ReadsLag,
    "X4-hidden": LeavesTheList,
    "X11-numbers": OtherForms,
    "X11-unparsable": Unparsable,
    "X11-ids": LargeIds,
    "X12-nothing": NoData,
    "X13": Unsettled,
}
