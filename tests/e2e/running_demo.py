"""A demo as a person starts it: the real command in a child process, spoken to over HTTP only."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from tests.e2e import explained

T = TypeVar("T")

READY_WITHIN_S = 180.0


@dataclass
class Answer:
    status: int
    body: Any
    headers: dict[str, str]


@dataclass
class RunningDemo:
    state: Path
    process: subprocess.Popen[str]
    #: every line of its standard output so far
    lines: list[str]
    address: str
    email: str
    password: str
    token: str = field(default="", repr=False)

    def call(self, method: str, path: str, body: Any = None, *, token: str | None = None) -> Answer:
        return http(method, f"{self.address}{path}", body, self.token if token is None else token)

    def get(self, path: str) -> Any:
        answer = self.call("GET", path)
        assert answer.status == 200, (path, answer)
        return answer.body

    def sign_in(self) -> None:
        answer = self.call("POST", "/auth/login", {"email": self.email, "password": self.password}, token="")
        assert answer.status == 200, answer
        self.token = answer.body["token"]

    @property
    def sandbox_address(self) -> str:
        port = json.loads((self.state / "sandbox" / "process.json").read_text())["port"]
        return f"http://127.0.0.1:{port}"

    def sandbox(self, method: str, path: str, body: Any = None, *, exchange: str = "coinstore") -> Any:
        """The control API of one of the demo's exchanges."""
        token = json.loads((self.state / "demo.json").read_text())["sandbox_token"]
        answer = http(method, f"{self.sandbox_address}/control/{exchange}{path}", body, token)
        assert answer.status == 200, (path, answer)
        return answer.body

    def bots(self) -> dict[str, str]:
        """Name -> id of the demo's client."""
        return {bot["name"]: bot["id"] for bot in self.get("/bots?account=client_sharp")["bots"]}

    def story(self) -> str:
        """What its bots did and why, from what it has stored, and the end of its log."""
        ended = self.process.poll()
        told = [f"--- demo in {self.state}, {'running' if ended is None else f'ended with {ended}'}", *self.lines[-1:]]
        told += explained.stored(self.state / "trading-bridge.sqlite3")
        return "\n".join([*told, *explained.end_of(self.state / "server.log")])

    def connectors(self) -> dict[str, dict[str, Any]]:
        """By name, those of the demo's client."""
        (client,) = [one for one in self.get("/clients")["clients"] if one["account"] == "client_sharp"]
        return {one["name"]: one for one in self.get(f"/clients/{client['id']}/connectors")["connectors"]}

    def interrupt(self, timeout_s: float = 60) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout_s)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def end(self) -> None:
        """Whatever happened before, nothing stays behind."""
        explained.over(self)
        if self.process.poll() is None:
            try:
                self.interrupt()
            except subprocess.TimeoutExpired:
                self.process.kill()
        left = self.state / "sandbox" / "process.json"
        pid = json.loads(left.read_text())["pid"] if left.exists() else None
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def start_demo(state: Path, *options: str) -> RunningDemo:
    process = subprocess.Popen(
        [sys.executable, "-m", "trading_bridge.cli.main", "demo", "--port", "0", "--state", str(state), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines, arriving = _read_lines(process)
    deadline = time.monotonic() + READY_WITHIN_S
    while True:
        try:
            line = arriving.get(timeout=max(0.1, deadline - time.monotonic()))
        except queue.Empty:
            line = None
        if line is None:
            process.kill()
            raise AssertionError(f"the demo was not ready in time: {lines}")
        if line == "ready":
            break
    found = {line.split(": ", 1)[0]: line.split(": ", 1)[1] for line in lines if ": " in line}
    demo = RunningDemo(
        state=state,
        process=process,
        lines=lines,
        address=found["Address"],
        email=found["E-mail"],
        password=found["Password"],
    )
    explained.explain(demo, demo.story)
    demo.sign_in()
    return demo


def until(look: Callable[[], T | None], *, within_s: float, what: str, every_s: float = 0.2) -> T:
    """The first answer that is not None; a failure tells what was going on."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        time.sleep(every_s)
    raise AssertionError(f"not within {within_s} s: {what}\n{explained.all_stories()}")


def http(method: str, url: str, body: Any, token: str) -> Answer:
    request = urllib.request.Request(url, method=method)
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    data = None
    if body is not None:
        request.add_header("Content-Type", "application/json")
        data = json.dumps(body).encode()
    try:
        with urllib.request.urlopen(request, data, timeout=30) as answer:
            return Answer(answer.status, _json(answer.read()), dict(answer.headers))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, _json(error.read()), dict(error.headers))


def _json(text: bytes) -> Any:
    return json.loads(text) if text else None


def _read_lines(process: "subprocess.Popen[str]") -> "tuple[list[str], queue.Queue[str | None]]":
    lines: list[str] = []
    arriving: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                lines.append(line.rstrip("\n"))
                arriving.put(lines[-1])
        arriving.put(None)

    threading.Thread(target=read, daemon=True).start()
    return lines, arriving
