from dataclasses import fields, replace
from decimal import Decimal

import pytest

from tests.factories import order
from trading_bridge.core.changed import changed
from trading_bridge.core.lifecycle import Life
from trading_bridge.core.order import Order, OrderState


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
