"""What the two seed documents ask: their questions, requests and SQL statements, each by its line."""

import json
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

FOLDER = Path(__file__).parent / "seed_documents"

_REQUEST = re.compile(r"\b(?:GET|POST|PUT|DELETE) /[a-z]|`/[a-z][^`]*`")


class Kind(StrEnum):
    QUESTION = "question"
    REQUEST = "request"
    CURL = "curl"
    SQL = "sql"


@dataclass(frozen=True)
class Item:
    kind: Kind
    #: index of its first line
    line: int
    #: the whole of it, as it stands
    text: str


@dataclass(frozen=True)
class Document:
    name: str
    lines: tuple[str, ...]

    def items(self) -> tuple[Item, ...]:
        return tuple(sorted((*_items(self.lines),), key=lambda item: item.line))

    def item(self, line: int, kind: Kind) -> Item:
        return next(item for item in self.items() if (item.line, item.kind) == (line, kind))

    def body(self) -> dict[str, object]:
        """The one JSON body, without the comment that the document adds to a line of it."""
        (found,) = re.findall(r"```json\n(.*?)```", "\n".join(self.lines), re.DOTALL)
        body: dict[str, object] = json.loads(re.sub(r"\s*// .*", "", found))
        return body


def document(name: str) -> Document:
    return Document(name, tuple((FOLDER / name).read_text().splitlines()))


def curl_arguments(command: str) -> list[str]:
    return shlex.split(command.replace("\\\n", " "))


def _items(lines: tuple[str, ...]) -> Iterator[Item]:
    fence: str | None = None  # None outside, else the language of the block
    for number, line in enumerate(lines):
        bare = line.strip()
        if bare.startswith("```"):
            fence = bare[3:] if fence is None else None
        elif fence == "bash" and bare.startswith("curl "):
            yield Item(Kind.CURL, number, _until(lines, number, lambda part: not part.endswith("\\")))
        elif fence == "sql" and not bare.startswith("--") and bare and _opens(lines, number):
            yield Item(Kind.SQL, number, _until(lines, number, lambda part: part.endswith(";")))
        elif ("?" in _without_queries(bare) and (fence is None or bare.startswith("--"))) or bare.startswith("- ❓"):
            yield Item(Kind.QUESTION, number, bare)
        elif _REQUEST.search(bare):
            yield Item(Kind.REQUEST, number, bare)


def _opens(lines: tuple[str, ...], number: int) -> bool:
    """The line before ends a statement, is a comment, or opens the block."""
    before = lines[number - 1].strip()
    return not before or before.endswith(";") or before.startswith(("--", "```"))


def _until(lines: tuple[str, ...], first: int, is_last: Callable[[str], bool]) -> str:
    last = next(number for number in range(first, len(lines)) if is_last(lines[number].strip()))
    return "\n".join(lines[first : last + 1])


def _without_queries(line: str) -> str:
    """The `?` of a URL asks nothing."""
    return re.sub(r"\?[a-z_]+=", "", line)
