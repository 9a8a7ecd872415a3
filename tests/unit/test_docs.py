"""The reference is complete: what the code has and no page tells fails here."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from pydantic import AliasChoices
from pydantic_core import PydanticUndefined

from tests.bot_types_page import bot_types_page
from tests.findings_page import findings_page
from tests.provoked import PROVOKED
from tests.tested import texts_of
from trading_bridge import errors
from trading_bridge.api.rules import RULES, Rule
from trading_bridge.cli.main import app
from trading_bridge.cli.sandbox_process import TOKEN_VARIABLE
from trading_bridge.core.bot import StateCode
from trading_bridge.diagnosis.catalogue import codes, row_of
from trading_bridge.sandbox.markets import DEFAULT_MARKETS
from trading_bridge.settings import Settings

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SOURCE = ROOT / "src" / "trading_bridge"
PAGES = sorted([*DOCS.glob("**/*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])


def page(name: str) -> str:
    return (DOCS / name).read_text()


def kept_as(file: Path, written: str) -> None:
    """The page is as it was written last; if not, it is written, and the test fails once."""
    before = file.read_text() if file.exists() else ""
    if written != before:
        file.write_text(written)
    assert written == before, f"what {file.name} is made of has changed: keep it as it is now"


# -- settings and commands


def variables() -> Iterator[tuple[str, object]]:
    """Each environment variable with its default."""
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        variable = alias.choices[0] if isinstance(alias, AliasChoices) else f"TRADING_BRIDGE_{name.upper()}"
        yield str(variable), field.default


@pytest.mark.parametrize(("variable", "default"), list(variables()), ids=[name for name, _ in variables()])
def test_every_setting_is_told_with_its_default(variable: str, default: object) -> None:
    rows = [line.split("|") for line in page("settings.md").splitlines() if line.startswith(f"| `{variable}` |")]
    assert len(rows) == 1, f"docs/settings.md has no row for {variable}"
    told = rows[0][2].strip()
    assert default is not PydanticUndefined
    if default is not None:
        assert told == f"`{str(default).lower() if isinstance(default, bool) else default}`"


def test_no_setting_is_told_that_does_not_exist() -> None:
    told = set(re.findall(r"`(TRADING_BRIDGE_[A-Z_]+)`", "".join(one.read_text() for one in PAGES)))
    assert told <= {name for name, _ in variables()} | {TOKEN_VARIABLE}


def commands() -> Iterator[tuple[str, typer.core.TyperCommand]]:
    def below(group: object, path: str) -> Iterator[tuple[str, typer.core.TyperCommand]]:
        for name, command in group.commands.items():  # type: ignore[attr-defined]
            if hasattr(command, "commands"):
                yield from below(command, f"{path} {name}")
            else:
                yield f"{path} {name}", command

    return below(typer.main.get_command(app), "trading-bridge")


@pytest.mark.parametrize(("name", "command"), list(commands()), ids=[name for name, _ in commands()])
def test_every_command_is_told_with_its_options(name: str, command: typer.core.TyperCommand) -> None:
    rows = [line for line in page("settings.md").splitlines() if line.startswith(f"| `{name}` |")]
    assert len(rows) == 1, f"docs/settings.md has no row for {name}"
    options = {option for parameter in command.params for option in parameter.opts}
    assert options == set(re.findall(r"--[a-z-]+", rows[0]))


# -- routes


@pytest.mark.parametrize(("method", "path"), list(RULES))
def test_every_route_is_told(method: str, path: str) -> None:
    rows = [line for line in page("api.md").splitlines() if line.startswith(f"| `{method} {path}` |")]
    assert len(rows) == 1, f"docs/api.md has no row for {method} {path}"
    assert ("open to strangers" in rows[0]) is (RULES[method, path] is Rule.OPEN)


def test_no_route_is_told_that_does_not_exist() -> None:
    told = set(re.findall(r"^\| `([A-Z]+) (/api/[^`]*)` \|", page("api.md"), re.MULTILINE))
    assert told == set(RULES)


def test_every_control_route_of_the_sandbox_is_told() -> None:
    routes = set(
        re.findall(r'\("(GET|POST)", "(/[a-z/]+)"\): self\._', (SOURCE / "sandbox" / "control.py").read_text())
    )
    which = re.findall(r'== \("(GET)", "(/[a-z]+)"\)', (SOURCE / "sandbox" / "controls.py").read_text())
    routes.update(which)
    told = set(re.findall(r"^\| `([A-Z]+) /control(/[a-z/]+)` \|", page("sandbox.md"), re.MULTILINE))
    assert len(routes) > 10
    assert told == routes


def test_every_market_of_the_sandbox_is_told() -> None:
    for market in DEFAULT_MARKETS:
        numbers = f"{market.price(1):f}, {market.amount(1):f}, {market.min_amount:f} {market.base}"
        row = next(line for line in page("sandbox.md").splitlines() if line.startswith(f"| `{market.symbol}` |"))
        assert numbers in row
        assert f"| {market.maker_fee} maker and taker |" in row
        assert market.maker_fee == market.taker_fee


# -- the spread bot


def test_the_page_of_bot_types_is_what_the_api_serves() -> None:
    """Made anew by this test: a change of a setting changes the page, to be kept with it."""
    kept_as(DOCS / "bot-types.md", bot_types_page())


def test_every_state_and_reason_of_the_spread_bot_is_told() -> None:
    told = set(re.findall(r"`([a-z_.]+)`", page("spread.md")))
    files = ("core/strategies/spread.py", "core/quoting", "core/risk", "core/view.py", "execution/executor.py")
    used = {code for name in files for file in _files(SOURCE / name) for code, _ in _codes(file)}
    # the platform's own end, not the bot's
    assert {*(used - {"runner.stopping", "bot.stopping"}), *(state.value for state in StateCode)} <= told


# -- findings


def test_the_page_of_findings_is_the_catalogue() -> None:
    """Made anew by this test: a change of the catalogue changes the page, to be kept with it."""
    kept_as(DOCS / "findings.md", findings_page())


@pytest.mark.parametrize(("code", "test"), list(PROVOKED.items()), ids=list(PROVOKED))
def test_a_finding_is_provoked_by_the_test_that_is_named(code: str, test: str) -> None:
    """It exists, and it is about this code: the code stands in it or in the table of its parameters."""
    path, name = test.removesuffix("]").split("[")[0].split("::")
    assert row_of(code).is_finding
    assert any(text == code or text.startswith(f"{code} (") for text in texts_of(ROOT / path, name))


def test_every_finding_is_provoked_by_a_test() -> None:
    assert sorted(code for code in codes() if row_of(code).is_finding and code not in PROVOKED) == []


def test_every_code_has_its_text() -> None:
    """A code that a finding or a reason can have, wherever in the source, is a row of the catalogue."""
    used = {code: f"{file.relative_to(ROOT)}:{line}" for file in _files(SOURCE) for code, line in _codes(file)}
    assert len(used) > 50
    assert {code: where for code, where in used.items() if code not in codes()} == {}


def test_every_text_has_its_code() -> None:
    used = {code for file in _files(SOURCE) for code, _ in _codes(file)}
    assert sorted(codes() - used) == []


#: not the name of a key file
_CODE = re.compile(r"(?!.*\.key$)[a-z_]+(\.[a-z_]+)+")
#: their codes are those of problems, not of findings; what the journal refuses becomes a finding
_PROBLEMS = {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type)
    and issubclass(kind, errors.TradingBridgeError)
    and name not in ("StorageRefused", "Blocked")
}
#: packages whose dotted words are codes; elsewhere they are names of files, modules, columns and messages
_SPEAKING = (
    "core",
    "exchanges",
    "accounts",
    "cli/certif",
    "cli/doctor",
    "diagnosis",
    "execution",
    "runner",
    "services",
    "storage/journal",
    "storage/secrets",
)
_VALUES = {"Finding", "Reason", "BotState", "Cause", "Halt"}


def _files(place: Path) -> list[Path]:
    return [place] if place.is_file() else sorted(place.glob("**/*.py"))


def _codes(file: Path) -> Iterator[tuple[str, int]]:
    """Codes of findings and reasons that are written in the file, with their lines."""
    if file.parent.name == "catalogue" or file.name == "lean_ccxt.py":  # whose dotted words are modules
        return
    speaking = str(file.relative_to(SOURCE)).startswith(_SPEAKING)
    journal = file.name.startswith("journal")
    tree = ast.parse(file.read_text())
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        call, named = _call_around(node, parents)
        if call in _VALUES and named in ("code", "reason"):
            yield node.value, node.lineno
        elif speaking and _CODE.fullmatch(node.value) and _is_a_code(call, named, journal=journal):
            yield node.value, node.lineno


def _is_a_code(call: str | None, named: str | None, *, journal: bool) -> bool:
    if call in ("record", "getLogger", "get_logger"):
        return False  # a verb of the audit log, a name of a logger
    if call == "__init__" or (call == "Blocked" and named == "code"):
        return False  # a problem's own, not its finding's
    return call not in _PROBLEMS or (journal and call == "NotReady")


def _call_around(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> tuple[str | None, str | None]:
    """The function that this is an argument of, and the argument's name."""
    named = None
    around = parents.get(node)
    while isinstance(around, ast.keyword | ast.IfExp):
        named = around.arg if isinstance(around, ast.keyword) else named
        around = parents.get(around)
    if not isinstance(around, ast.Call):
        return None, None
    function = around.func
    return (function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", None)), named


# -- links


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_link_leads_somewhere(file: Path) -> None:
    # not pictures: those are made by the browser's tests
    links = re.findall(r"(?<!!)\[[^\]]*\]\(([^)#]+)(?:#[^)]*)?\)", file.read_text())
    missing = [link for link in links if "://" not in link and not (file.parent / link).exists()]
    assert missing == []
