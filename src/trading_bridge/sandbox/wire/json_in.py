"""Reading a client's JSON and query without losing a digit; what cannot be read is a malformed request."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from urllib.parse import parse_qsl

from trading_bridge.sandbox.rules import is_sane

DATE_FORMAT = "%Y-%m-%d %H:%M:%S"


class Malformed(Exception):
    """The client's request makes no sense; the text says what was expected."""


class Missing(Malformed):
    """A field that is required is not there."""


Fields = Mapping[str, object]


def json_object(body: bytes) -> Fields:
    """Numbers with a point or exponent are Decimals, others ints."""
    try:
        value = json.loads(body, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError, InvalidOperation) as error:
        raise Malformed("the body is not JSON") from error
    if not isinstance(value, dict):
        raise Malformed("the body is not a JSON object")
    return value


def query_fields(query: bytes) -> Fields:
    """The first of repeated names counts."""
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, max_num_fields=100, errors="strict")
    except ValueError as error:
        raise Malformed("the query cannot be read") from error
    return dict(reversed(pairs))


def text(fields: Fields, name: str) -> str:
    value = optional_text(fields, name)
    if value is None:
        raise Missing(name)
    return value


def optional_text(fields: Fields, name: str) -> str | None:
    """None: absent, null or empty."""
    value = fields.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str) and len(value) <= 100:
        return value
    raise Malformed(f"{name} is not a short text")


def amount(fields: Fields, name: str) -> Decimal:
    """A number, or a number as text; scientific notation too."""
    value = fields.get(name)
    if value is None or value == "":
        raise Missing(name)
    if isinstance(value, str) and len(value) <= 100 and value.isascii():
        try:
            value = Decimal(value)
        except InvalidOperation as error:
            raise Malformed(f"{name} is not a number") from error
    elif isinstance(value, int) and not isinstance(value, bool):
        value = Decimal(value)
    if not isinstance(value, Decimal) or not (value == 0 or is_sane(value)):
        raise Malformed(f"{name} is not a number")
    return value


def optional_whole(fields: Fields, name: str) -> int | None:
    """An int, or one as text, of at most 18 digits; None: absent, null or empty."""
    value = fields.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.removeprefix("-").isascii() or len(value) > 18:
        raise Malformed(f"{name} is not a whole number")
    if not value.removeprefix("-").isdigit():
        raise Malformed(f"{name} is not a whole number")
    return int(value)


def optional_date(fields: Fields, name: str) -> int | None:
    """Unix seconds of `2026-01-31 23:59:59`, which is UTC; None: absent, null or empty."""
    value = optional_text(fields, name)
    if value is None:
        return None
    try:
        return int(datetime.strptime(value, DATE_FORMAT).replace(tzinfo=UTC).timestamp())
    except ValueError as error:
        raise Malformed(f"{name} is not a date like 2026-01-31 23:59:59") from error


def _no_constant(name: str) -> object:
    raise ValueError(name)
