"""A config is what the type's model makes of it, as JSON values with every default filled in."""

import pytest

from trading_bridge.core.strategies.spread import SpreadParameters
from trading_bridge.errors import InvalidInput
from trading_bridge.services.config import validated_config


def test_defaults_are_filled_in() -> None:
    assert validated_config(" Spread ", {"spread_bps": 12.5}) == (
        "spread",
        SpreadParameters.model_validate({"spread_bps": "12.5"}).model_dump(mode="json"),
    )


def test_what_is_stored_is_read_back_as_the_same() -> None:
    _, stored = validated_config("spread", {"spread_bps": "0.50", "order_amount_quote": 1e3})
    assert validated_config("spread", stored)[1] == stored


@pytest.mark.parametrize("value", ["1e-31", "0." + "1" * 31, "1E+31", "-0", "Infinity", True, None, "", "ten", [], {}])
def test_absurd_numbers_are_refused(value: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        validated_config("spread", {"order_amount_quote": value})
    assert refused.value.field == "config.order_amount_quote"


@pytest.mark.parametrize("key", ["\x00", "a" * 500, "\ud800", "x"])
def test_a_key_that_no_setting_has_is_refused_in_words_that_can_be_shown(key: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        validated_config("spread", {key: 1})
    assert (refused.value.field or "").isprintable()
    assert len(refused.value.message) < 300


def test_deep_or_wrong_shapes_are_refused() -> None:
    with pytest.raises(InvalidInput):
        validated_config("spread", {"spread_bps": {"spread_bps": {"a": []}}})
