"""docs/bot-types.md, made from the JSON Schemas that the API serves."""

from collections.abc import Iterator, Mapping
from typing import Any

from trading_bridge.bot_types import BUILT_IN
from trading_bridge.core.strategies.bot_type import BotType

INTRODUCTION = """\
# Bot types and their settings

Made by `tests/unit/test_docs.py` from the JSON Schemas that `GET /api/bot-types` serves and that the form on the page
is built from. A setting that is left out takes its default; `none` is no value. Numbers may be sent as text, so that no
digit is lost. What contradicts itself, or what no order of the market could follow, is refused with the field named and
the nearest value that is possible.

How the spread bot works is told in [its own page](spread.md); [adding a bot type](adding-a-bot-type.md) says how a
package brings another.
"""

HEAD = """
### {group}

| setting | unit | default | allowed | meaning |
|---|---|---|---|---|
"""


def bot_types_page() -> str:
    return INTRODUCTION + "".join(_type(one) for one in BUILT_IN.values())


def _type(one: BotType) -> str:
    lines = [f"\n## {one.label}\n\n`bot_type`: `{one.id}`.\n"]
    groups: dict[str, list[str]] = {}
    for name, schema in one.parameters.model_json_schema().get("properties", {}).items():
        groups.setdefault(schema["group"], []).append(_row(name, schema))
    if not groups:
        lines.append("\nIt has no settings.\n")
    lines += [HEAD.format(group=group) + "".join(rows) for group, rows in groups.items()]
    return "".join(lines)


def _row(name: str, schema: Mapping[str, Any]) -> str:
    default = schema["default"]
    told = "none" if default is None else f"`{default}`"
    unit = schema["unit"] or "-"
    return f"| `{name}` | {unit} | {told} | {', '.join(_allowed(schema)) or '-'} | {schema['description']} |\n"


def _allowed(schema: Mapping[str, Any]) -> Iterator[str]:
    for choice in schema.get("enum", ()):
        yield f"`{choice}`"
    for one in (schema, *schema.get("anyOf", ())):
        low = f"from {one['minimum']:g}" if "minimum" in one else None
        above = f"above {one['exclusiveMinimum']:g}" if "exclusiveMinimum" in one else None
        high = f"to {one['maximum']:.16g}" if "maximum" in one else None
        if low or above or high:
            yield " ".join(part for part in (low, above, high) if part is not None)
