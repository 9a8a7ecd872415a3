import copy
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from decimal import Decimal

import pytest

from tests.factories import order
from trading_bridge.core.lifecycle import Life
from trading_bridge.core.order import Order, OrderState
from trading_bridge.core.swift import changed, swift


@swift
@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    first: str
    second: int = 7
    third: dict[str, int] = field(default_factory=dict)


def test_a_value_is_what_the_dataclass_would_make() -> None:
    value = Value(first="a", third={"x": 1})
    assert (value.first, value.second, value.third) == ("a", 7, {"x": 1})
    assert type(value) is Value
    assert value == Value(first="a", second=7, third={"x": 1}) != Value(first="b", third={"x": 1})
    assert repr(value) == "Value(first='a', second=7, third={'x': 1})"
    assert copy.copy(value) == pickle.loads(pickle.dumps(value)) == replace(value) == value


def test_what_a_factory_makes_is_each_values_own() -> None:
    assert Value(first="a").third is not Value(first="a").third


def test_it_cannot_be_written() -> None:
    for value in (Value(first="a"), changed(Value(first="a"), second=8)):
        with pytest.raises(FrozenInstanceError):
            value.second = 9  # type: ignore[misc]
        with pytest.raises(FrozenInstanceError):
            del value.second


def test_a_wrong_call_is_an_error() -> None:
    with pytest.raises(TypeError, match="first"):
        Value()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="fourth"):
        Value(first="a", fourth=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="positional"):
        Value("a")  # type: ignore[misc]


def test_a_class_that_is_made_in_another_way_is_refused() -> None:
    @dataclass(frozen=True, slots=True)
    class Positional:
        first: str

    @dataclass(frozen=True, kw_only=True)
    class Slotless:
        first: str

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Judging:
        first: str

        def __post_init__(self) -> None: ...

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Derived(Value):
        fourth: str

    for kind in (Positional, Slotless, Judging, Derived):
        with pytest.raises(TypeError, match=kind.__name__):
            swift(kind)


def test_a_changed_value_is_what_replace_makes_of_it() -> None:
    made = order(frozen="overfilled", refusal_code="1401")
    values = {"state": OrderState.NEW, "exchange_order_id": "77", "filled": Decimal("0.5")}
    then = changed(made, **values)
    assert then == replace(made, **values)  # type: ignore[arg-type]
    assert type(then) is Order
    assert made == order(frozen="overfilled", refusal_code="1401")
    life = Life(order=made, changed_at=1.0, told={"1": Decimal(2)}, detail="x")
    assert changed(life, order=then) == replace(life, order=then)


def test_every_field_is_copied_as_it_is() -> None:
    made = order()
    copied = changed(made)
    assert copied is not made
    assert all(getattr(copied, field.name) is getattr(made, field.name) for field in fields(made))


def test_a_field_that_is_not_there_is_an_error() -> None:
    with pytest.raises(TypeError, match="no field 'fillled'"):
        changed(order(), fillled=Decimal(1))
