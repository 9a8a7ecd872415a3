"""A bot's type and configuration, checked by the type's own parameter model."""

from collections.abc import Mapping
from decimal import Decimal

from pydantic import BaseModel, ValidationError

from trading_bridge.bot_types import bot_types
from trading_bridge.errors import InvalidInput
from trading_bridge.services import checks

#: a number with more digits, or further from 1, is a slip of the keyboard and would be written out in full
DIGITS_MAX = 30


def validated_config(bot_type: str, config: Mapping[str, object] | None) -> tuple[str, dict[str, object]]:
    """The type's id and the config with every default filled in, as JSON values."""
    wanted = bot_type.strip().lower()
    known = bot_types()
    if wanted not in known:
        shown = f" {bot_type.strip()}" if checks.showable(bot_type) and len(bot_type) <= checks.NAME_MAX else ""
        raise InvalidInput(
            "bot_type.unknown",
            f"There is no bot type{shown}.",
            field="bot_type",
            remedy=checks.nearest(bot_type, known),
        )
    model = known[wanted].parameters
    try:
        parameters = model.model_validate({} if config is None else dict(config))
    except ValidationError as error:
        raise _refused(error, model) from None
    stored = parameters.model_dump(mode="json")
    for name, value in parameters:
        if not isinstance(value, Decimal):
            continue
        if _absurd(value):
            raise InvalidInput(
                "config.invalid",
                f"config.{name} has more than {DIGITS_MAX} digits.",
                field=f"config.{name}",
                remedy="Round it.",
            )
        stored[name] = f"{value:f}"
    return wanted, stored


def _refused(error: ValidationError, model: type[BaseModel]) -> InvalidInput:
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    path = [str(part) for part in first["loc"]]
    field = ".".join(["config", *path])
    if not checks.showable(field) or len(field) > checks.NAME_MAX:
        field = "config"
    if first["type"] == "extra_forbidden":
        return InvalidInput(
            "config.invalid",
            f"{field} is no setting of this type.",
            field=field,
            remedy=checks.nearest(path[-1], model.model_fields),
        )
    description = model.model_fields[path[0]].description if path and path[0] in model.model_fields else None
    reason = first["msg"].removeprefix("Value error, ")
    return InvalidInput("config.invalid", f"{field}: {reason}.", field=field, remedy=description)


def _absurd(value: Decimal) -> bool:
    _, digits, exponent = value.as_tuple()
    return not isinstance(exponent, int) or len(digits) > DIGITS_MAX or abs(exponent) > DIGITS_MAX
