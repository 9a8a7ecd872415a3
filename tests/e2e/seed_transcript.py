"""The kept record of a walk: what a document asks, what was sent, what came back, and what that says.

Figures, times and ids differ from run to run, so they are written as what they are; a zero stays a zero.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

_AMOUNT = re.compile(r"-?\d+(?:\.\d+)?")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)")
_HOST = re.compile(r"http://127\.0\.0\.1:\d{4,5}\b")
_ID_FIELDS = frozenset({"id", "bot_id", "client_id", "connector_id", "request_id", "exchange_order_id", "trade_id"})
_PLACEHOLDERS = {"latency_ms": "<ms>", "key_last4": "<last four characters>", "age_seconds": "<seconds>"}
_COUNTS = frozenset({"trades", "buys", "sells", "uid", "accountId"})
WIDTH = 118


def steady(value: Any, field: str = "") -> Any:
    """The value with everything replaced that another run would have otherwise."""
    if isinstance(value, Mapping):
        return {key: steady(inner, key) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [steady(inner, field) for inner in value]
    if value is None or isinstance(value, bool):
        return value
    if field in _PLACEHOLDERS:
        return _PLACEHOLDERS[field]
    if field in _ID_FIELDS:
        return "<id>"
    if field in _COUNTS and value != 0:
        return "<count>"
    return _steady_text(value, field) if isinstance(value, str) else value


def _steady_text(text: str, field: str) -> str:
    if field in ("exchange_code", "code"):
        return text
    if _AMOUNT.fullmatch(text):
        return "0" if float(text) == 0 else "<amount>"
    if _TIME.fullmatch(text):
        return "<time>"
    return _HOST.sub("http://<sandbox>", text)


class Transcript:
    def __init__(self, title: str, opening: str) -> None:
        self._parts = [f"# {title}\n", f"{opening}\n"]

    def section(self, name: str) -> None:
        self._parts.append(f"## {name}\n")

    def step(self, quote: str, exchanges: Sequence[str], said: str) -> None:
        block = "\n".join(f"> {line}".rstrip() for line in _quoted(quote))
        sent = "\n".join(f"    {line}".rstrip() for part in exchanges for line in part.splitlines())
        self._parts.append("\n\n".join(part for part in (block, sent, said) if part) + "\n")

    def text(self) -> str:
        return "\n".join(self._parts)


def answered(status: int, body: Any) -> str:
    """Status and body; a body that is too long for one line gets a line for each key."""
    if body is None:
        return str(status)
    return f"{status} {_spread(steady(body))}"


def _spread(value: Any, indent: str = "") -> str:
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + len(indent) < WIDTH - 4 or not value or not isinstance(value, dict | list):
        return flat
    inner = indent + "  "
    if isinstance(value, dict):
        rows = [f"{inner}{json.dumps(key)}: {_spread(one, inner)}" for key, one in value.items()]
        return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
    return "[\n" + ",\n".join(f"{inner}{_spread(one, inner)}" for one in value) + f"\n{indent}]"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _quoted(quote: str) -> list[str]:
    """A heading or list mark would be set as one; the words stay as they are."""
    lines = quote.splitlines()
    if len(lines) > 1:
        return [f"    {line}" for line in lines]  # a command or a statement of several lines
    return [re.sub(r"^(#+ |- |\d+\. |-- )", "", lines[0].strip())]
