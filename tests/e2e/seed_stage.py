"""The running demo as the walk uses it: every request is noted with its answer."""

import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from decimal import Decimal
from typing import Any

from tests.e2e.running_demo import Answer, RunningDemo, until
from tests.e2e.seed_transcript import answered
from tests.e2e.taker import with_trades

SPREAD_BOTS = ("SHARP-SB-Coinstore", "ETH-SB-Coinstore")


def keep_coinstore_alone(demo: RunningDemo) -> None:
    """Takes away what the documents know nothing of: the bot on the second exchange, and the connectors that theirs is
    not."""
    for name, bot_id in demo.bots().items():
        if name not in SPREAD_BOTS:
            remove_bot(demo, bot_id)
    for name, known in demo.connectors().items():
        if name != "coinstore":
            assert demo.call("DELETE", f"/clients/{known['client_id']}/connectors/{known['id']}").status == 200


def remove_bot(demo: RunningDemo, bot_id: str) -> None:
    assert demo.call("POST", f"/bots/{bot_id}/stop").status == 200
    until(
        lambda: demo.get(f"/bots/{bot_id}")["state"]["code"] == "stopped" or None, within_s=90, what="the bot stopped"
    )
    assert demo.call("DELETE", f"/bots/{bot_id}").status == 200


def whole(body: Any) -> Any:
    return body


def keys(*names: str) -> Callable[[Any], Any]:
    """Only these of an answer, in this order."""
    return lambda body: {name: body[name] for name in names}


class Stage:
    def __init__(self, demo: RunningDemo) -> None:
        self.demo = demo
        self.noted: list[str] = []

    # -- requests, noted

    def ask(
        self, method: str, path: str, body: Any = None, *, show: Callable[[Any], Any] = whole, **ids: str
    ) -> Answer:
        """`path` with its `{...}` as the documents write it; `ids` fills them in."""
        answer = self.demo.call(method, path.format(**ids), body)
        self.note_answer(method, path, body, answer, show)
        return answer

    def get(
        self,
        path: str,
        *,
        show: Callable[[Any], Any] = whole,
        when: Callable[[Any], bool] = lambda _: True,
        note: str = "",
        **ids: str,
    ) -> Any:
        """The first answer for which `when` holds: between a fill and the next order a bot has a side less."""

        def look() -> Answer | None:
            answer = self.demo.call("GET", path.format(**ids))
            assert answer.status == 200, answer
            return answer if when(answer.body) else None

        answer = until(look, within_s=90, what=f"GET {path} as expected")
        self.note(f"GET {path}{note and f'   ({note})'}", answered(answer.status, show(answer.body)))
        return answer.body

    def control(self, method: str, path: str, body: Any = None, *, show: Callable[[Any], Any] = whole) -> Any:
        """At the sandbox exchange itself, which knows what its keys may do."""
        found = self.demo.sandbox(method, path, body)
        sent = "" if body is None else f" {json.dumps(body)}"
        self.note(f"sandbox: {method} /control/coinstore{path}{sent}", answered(200, show(found)))
        return found

    def sql(self, statement: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Columns and rows; the statement goes as it stands to the database file, opened read-only."""
        with closing(sqlite3.connect(f"file:{self.demo.state}/trading-bridge.sqlite3?mode=ro", uri=True)) as database:
            found = database.execute(statement)
            return [column[0] for column in found.description], found.fetchall()

    def log(self, *words: str) -> str:
        """The last line of the server's log that has all these words."""
        lines = (self.demo.state / "server.log").read_text().splitlines()
        return [line for line in lines if all(word in line for word in words)][-1]

    def note_answer(
        self, method: str, path: str, body: Any, answer: Answer, show: Callable[[Any], Any] = whole
    ) -> None:
        sent = "" if body is None else f" {json.dumps(_blotted(body))}"
        shown = show(answer.body) if answer.status < 400 else _problem(answer.body)
        self.note(f"{method} {path}{sent}", answered(answer.status, shown))

    def note(self, *lines: str) -> None:
        self.noted += lines

    def take_notes(self) -> list[str]:
        noted, self.noted = self.noted, []
        return noted

    # -- what the walk needs to know, not noted

    @property
    def client_id(self) -> str:
        clients = self.demo.get("/clients")["clients"]
        return next(str(one["id"]) for one in clients if one["account"] == "client_sharp")

    @property
    def connector_id(self) -> str:
        """The client's connector `coinstore`."""
        connectors = self.demo.get(f"/clients/{self.client_id}/connectors")["connectors"]
        return next(str(one["id"]) for one in connectors if one["name"] == "coinstore")

    def bot_id(self, name: str = SPREAD_BOTS[0]) -> str:
        return self.demo.bots()[name]

    @property
    def sandbox_address(self) -> str:
        return self.demo.sandbox_address

    def new_key(self, permissions: Sequence[str] = ("read", "trade"), addresses: Sequence[str] = ()) -> dict[str, Any]:
        """A further key of the demo's account at the sandbox."""
        made: dict[str, Any] = self.demo.sandbox(
            "POST",
            "/keys",
            {"account": "client_sharp", "permissions": list(permissions), "addresses": list(addresses)},
        )
        return made

    def connect(self, name: str, key: dict[str, Any], **more: object) -> Answer:
        body = {
            "name": name,
            "exchange": "coinstore",
            "api_key": key["api_key"],
            "secret": key["secret"],
            "base_url": f"{self.sandbox_address}/api",
            **more,
        }
        return self.demo.call("POST", f"/clients/{self.client_id}/connectors", body)

    def until_trading(self) -> None:
        """Both bots have traded, so that the last ten trades are theirs, and quote on both sides."""
        for name in SPREAD_BOTS:
            with_trades(self.demo, name, trades=5)
            self.until_quoting(self.bot_id(name))

    def until_quoting(self, bot_id: str) -> None:
        until(lambda: self._quotes(bot_id) or None, within_s=90, what="bid and ask are in the book")

    def _quotes(self, bot_id: str) -> bool:
        return bool(self.demo.get(f"/bots/{bot_id}")["state"]["reason"] == "quoting")


def above_zero(amounts: dict[str, str] | None) -> bool:
    return amounts is not None and all(Decimal(amount) > 0 for amount in amounts.values())


def _problem(body: dict[str, Any]) -> dict[str, Any]:
    """A problem without what every problem of its status says."""
    return {name: body[name] for name in ("code", "field", "detail", "remedy") if name in body}


def _blotted(body: dict[str, Any]) -> dict[str, Any]:
    return {name: "..." if name in ("api_key", "secret") and value else value for name, value in body.items()}
