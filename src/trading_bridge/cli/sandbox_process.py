"""The sandbox as a child that stays up when the server dies, and is found again by the next start."""

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from trading_bridge.cli.private_file import write_private
from trading_bridge.cli.sandbox_control import SandboxControl
from trading_bridge.clock import Clock
from trading_bridge.errors import NotReady

FILE = "process.json"
TOKEN_VARIABLE = "TRADING_BRIDGE_SANDBOX_TOKEN"  # noqa: S105 - a variable's name
_UP_WITHIN_S = 60.0
_LOOK_EVERY_S = 0.1
_ENDS_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxProcess:
    #: None: it ended in good order
    pid: int | None
    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def known_process(folder: Path) -> SandboxProcess | None:
    """What an earlier start left; whether it still runs is another question."""
    try:
        return SandboxProcess(**json.loads((folder / FILE).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def start_process(folder: Path, token: str, wished_port: int | None) -> SandboxProcess:
    """In a session of its own, so that Ctrl-C ends the server first; its log goes to a file of the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    port = _free_port(wished_port)
    with (folder / "sandbox.log").open("ab") as log:
        child = subprocess.Popen(  # noqa: S603 - this very interpreter and package
            [
                *(sys.executable, "-m", "trading_bridge.cli.main", "sandbox"),
                *("--state", str(folder), "--port", str(port), "--apart"),
            ],
            env={**os.environ, TOKEN_VARIABLE: token},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    started = SandboxProcess(pid=child.pid, port=port)
    write_private(folder / FILE, json.dumps({"pid": started.pid, "port": started.port}))
    return started


async def wait_until_up(control: SandboxControl, process: SandboxProcess, folder: Path, clock: Clock) -> None:
    deadline = clock.monotonic() + _UP_WITHIN_S
    while not await control.answers():
        if clock.monotonic() > deadline or not _runs(process.pid):
            raise NotReady("sandbox.down", f"the sandbox did not come up; see {folder / 'sandbox.log'}")
        await clock.sleep(_LOOK_EVERY_S)


async def end_process(process: SandboxProcess, folder: Path, clock: Clock) -> None:
    if process.pid is not None:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGTERM)
    deadline = clock.monotonic() + _ENDS_WITHIN_S
    while _runs(process.pid) and clock.monotonic() < deadline:
        await clock.sleep(_LOOK_EVERY_S)
    write_private(folder / FILE, json.dumps({"pid": None, "port": process.port}))  # the next start asks for this port


def _runs(pid: int | None) -> bool:
    if pid is None:
        return False
    try:
        if os.waitpid(pid, os.WNOHANG) != (0, 0):
            return False
    except ChildProcessError:
        pass  # a child of an earlier start
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _free_port(wished: int | None) -> int:
    for port in (wished, 0):
        if port is None:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            taken: int = probe.getsockname()[1]
            return taken
    raise NotReady("sandbox.port", "no free port for the sandbox on 127.0.0.1")
