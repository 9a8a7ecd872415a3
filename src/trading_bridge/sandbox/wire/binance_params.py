"""A request's parameters, read one by one: malformed, missing, sent twice and never read are errors of their own."""

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from urllib.parse import unquote_plus

from trading_bridge.sandbox.wire.binance_errors import BinanceError, empty, illegal, invalid, missing

SYMBOL = "^[A-Z0-9-_.]{1,20}$"
CLIENT_ID = "^[a-zA-Z0-9-_]{1,36}$"
DECIMAL = "^([0-9]{1,20})(\\.[0-9]{1,20})?$"
WHOLE = "^[0-9]{1,20}$"
_WORD = "^[a-zA-Z0-9_]{1,40}$"
#: a moment with so many digits is in microseconds
_MICROSECONDS_FROM = 10**14
_AT_MOST = 100


class Params:
    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._sent = dict(pairs)
        self._read: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self._sent

    def pairs(self) -> list[tuple[str, str]]:
        return list(self._sent.items())

    def peek(self, name: str) -> str | None:
        """As it was sent, not counted as read."""
        return self._sent.get(name)

    def done(self) -> None:
        """To be called once all that an endpoint takes was read, before it does anything."""
        if unread := set(self._sent) - self._read:
            read, sent = len(self._sent) - len(unread), len(self._sent)
            raise BinanceError(
                -1104, f"Not all sent parameters were read; read '{read}' parameter(s) but was sent '{sent}'."
            )

    def optional_text(self, name: str, legal: str = _WORD) -> str | None:
        """None: it was not sent."""
        value = self._sent.get(name)
        self._read.add(name)
        if value is None:
            return None
        if value == "":
            raise empty(name)
        if re.fullmatch(legal, value) is None:
            raise illegal(name, legal)
        return value

    def text(self, name: str, legal: str = _WORD) -> str:
        if self._sent.get(name) == "":
            raise missing(name)
        value = self.optional_text(name, legal)
        if value is None:
            raise missing(name)
        return value

    def optional_decimal(self, name: str) -> Decimal | None:
        value = self.optional_text(name, DECIMAL)
        return None if value is None else Decimal(value)

    def decimal(self, name: str) -> Decimal:
        value = self.optional_decimal(name)
        if value is None:
            raise missing(name)
        return value

    def optional_whole(self, name: str) -> int | None:
        value = self.optional_text(name, WHOLE)
        if value is None:
            return None
        if int(value) >= 2**63:
            raise BinanceError(-1108, f"Parameter '{name}' overflowed.")
        return int(value)

    def optional_moment(self, name: str) -> int | None:
        """Unix milliseconds, of milliseconds or microseconds."""
        value = self.optional_whole(name)
        return value // 1000 if value is not None and value >= _MICROSECONDS_FROM else value

    def limit(self, usual: int, most: int) -> int:
        """More than the most is the most, as at the exchange."""
        value = self.optional_whole("limit")
        if value == 0:
            raise invalid("limit")
        return usual if value is None else min(value, most)

    def optional_truth(self, name: str) -> bool | None:
        value = self.optional_text(name)
        if value is None:
            return None
        if value.lower() not in ("true", "false"):
            raise invalid(name)
        return value.lower() == "true"

    def optional_list(self, name: str) -> list[str] | None:
        """A list in JSON, or one word."""
        value = self._sent.get(name)
        self._read.add(name)
        if value is None:
            return None
        if not value.startswith("["):
            return [value]
        try:
            found = json.loads(value)
        except ValueError as error:
            raise illegal(name, '^\\["[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}")*\\]$') from error
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found) or not found:
            raise invalid(name)
        return found

    def ignore(self, *names: str) -> None:
        """Counts them as read."""
        self._read.update(names)


def params_of(query: bytes, body: bytes) -> Params:
    """Of a query and of a form; what is in both counts as in the query."""
    in_query, in_body = _pairs(query), _pairs(body)
    return Params([*(pair for pair in in_body if pair[0] not in dict(in_query)), *in_query])


def _pairs(text: bytes) -> list[tuple[str, str]]:
    try:
        parts = [part.partition("=") for part in text.decode("ascii").split("&") if part]
        pairs = [
            (unquote_plus(name, errors="strict"), unquote_plus(value, errors="strict")) for name, _, value in parts
        ]
    except ValueError as error:
        raise BinanceError(-1100, "Illegal characters found in a parameter.") from error
    if len(pairs) > _AT_MOST:
        raise BinanceError(-1101, f"Too many parameters; expected '{_AT_MOST}' and received '{len(pairs)}'.")
    if len(dict(pairs)) < len(pairs):
        raise BinanceError(-1101, "Duplicate values for a parameter detected.")
    return pairs
