"""The way to two exchanges is gone for a while under bots that quote: a real proxy that ends, or that stands still.

The exchanges' own record and the platform's storage say afterwards what was sent, when, and what became of it.
`make outage` cuts for 30 s; in `make test` the cut is shorter.
"""

import os
import signal
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.e2e.running_demo import until
from tests.e2e.running_servers import UP_WITHIN_S, Exchange, ServerProcess, Servers, an_exchange, trade_at
from tests.e2e.sandbox_books import books, hold
from tests.e2e.socks_process import SocksProcess, a_socks_process

pytestmark = [pytest.mark.process, pytest.mark.timeout(600)]

CUT_S = float(os.environ.get("CUT_S", "10"))
#: design section 4: no decision on an older book
BOOK_AGE_MAX = timedelta(seconds=3)
#: on a busy machine: until each bot says that it does not trade, and until all is well again
NOTICED_WITHIN_S, WELL_WITHIN_S = 60.0, 120.0
EXCHANGES = ("coinstore", "binance")
DATABASE = "platform.db"


class Cut(NamedTuple):
    """By the machine's one clock. Nothing passed in between, so whatever book was used then is from before."""

    began: datetime
    noticed: datetime
    ended: datetime

    @property
    def stale_from(self) -> datetime:
        return self.began + BOOK_AGE_MAX


class Found(NamedTuple):
    code: str
    first_seen: datetime
    #: None: it is open
    resolved_at: datetime | None


@dataclass
class Stage:
    server: ServerProcess
    exchange: Exchange
    #: exchange -> bot
    bots: dict[str, str]

    def none_trades(self) -> bool | None:
        states = {self.server.get(f"/bots/{bot}")["state"]["code"] for bot in self.bots.values()}
        return None if "trading" in states else True

    def blames_both(self) -> bool | None:
        """What is found to be wrong is told on both bots."""
        told = [self.server.get(f"/bots/{bot}")["state"]["finding"] for bot in self.bots.values()]
        return True if all(finding is not None and finding["fix"] for finding in told) else None

    def quotes(self) -> bool | None:
        """Both bots say so, and each exchange has a bid and an ask of theirs."""
        said = {self.server.get(f"/bots/{bot}")["state"]["reason"] for bot in self.bots.values()}
        standing = [len(self.exchange.open_orders(at=name)) for name in EXCHANGES]
        return True if said == {"quoting"} and standing == [2, 2] else None

    def is_well(self) -> bool | None:
        return True if self.open_findings() == [] else None

    def open_findings(self) -> list[Any]:
        found: list[Any] = self.server.get("/api/findings?state=open")["findings"]
        return found

    def until_more_orders(self, more: int) -> None:
        before = {name: len(self.exchange.creates(at=name)) for name in EXCHANGES}

        def come() -> bool | None:
            return all(len(self.exchange.creates(at=name)) >= before[name] + more for name in EXCHANGES) or None

        until(come, within_s=90, what=f"{more} more orders at each exchange")


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Exchange]:
    with an_exchange(tmp_path / "sandbox", "--apart") as running:
        yield running


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    made = Servers(tmp_path, f"sqlite:///{tmp_path / DATABASE}")
    yield made
    made.end()


@pytest.fixture
def proxy() -> Iterator[SocksProcess]:
    with a_socks_process() as running:
        until(running.is_up, within_s=UP_WITHIN_S, what="the proxy listens")
        yield running


@pytest.mark.parametrize("how", ["ends", "stands still"])
def test_after_a_cut_no_order_is_lost_or_doubled_and_none_was_sent_on_an_old_book(
    servers: Servers, exchange: Exchange, proxy: SocksProcess, tmp_path: Path, how: str
) -> None:
    server = servers.start("server", on_stop="cancel")
    until(server.is_ready, within_s=UP_WITHIN_S, what="the server is ready")
    stage = Stage(server, exchange, trade_at(server, exchange, EXCHANGES, proxy_url=proxy.url))
    stage.until_more_orders(6)
    until(stage.is_well, within_s=90, what="nothing is found to be wrong")

    cut = _cut(stage, proxy, how)
    until(stage.quotes, within_s=WELL_WITHIN_S, what="both bots quote again")
    again = datetime.now(UTC)
    until(stage.is_well, within_s=WELL_WITHIN_S, what="what was found is over")
    stage.until_more_orders(4)
    server.send(signal.SIGTERM)
    assert server.ended(60) == 0
    creates = {name: exchange.creates(at=name) for name in EXCHANGES}
    exchange.process.terminate()
    exchange.process.wait(30)

    for name in EXCHANGES:
        signed = _signed(tmp_path / DATABASE, name)
        assert [one for one, at in signed.items() if cut.stale_from < at < cut.ended] == [], "no book was young enough"
        heard = [datetime.fromtimestamp(one.time_ms / 1000, UTC) for one in creates[name]]
        assert [at for at in heard if cut.began < at < cut.ended] == [], "nothing passes a cut"
        assert min(heard) < cut.began
        assert max(heard) > again
        found = books(tmp_path / "sandbox", tmp_path / DATABASE, name)
        hold(found)
        _say(f"{name}: {len(found.exchange_orders)} orders and {len(found.exchange_fills)} fills, both sides agree")
    findings = [one for one in _findings(tmp_path / DATABASE) if cut.began < one.first_seen < cut.ended]
    assert findings
    assert all(one.resolved_at is not None and one.resolved_at > cut.began for one in findings)
    _say(
        f"the proxy {how} for {_s(cut.began, cut.ended)}: noticed after {_s(cut.began, cut.noticed)},"
        f" both quote {_s(cut.ended, again)} after its end; {sorted({one.code for one in findings})}"
    )


def _cut(stage: Stage, proxy: SocksProcess, how: str) -> Cut:
    (proxy.stop if how == "ends" else proxy.freeze)()
    began = datetime.now(UTC)
    until(stage.none_trades, within_s=NOTICED_WITHIN_S, what="neither bot says that it trades")
    until(stage.blames_both, within_s=NOTICED_WITHIN_S, what="both bots say what is wrong and what mends it")
    noticed = datetime.now(UTC)
    time.sleep(max(0.0, CUT_S - (noticed - began).total_seconds()))  # real sockets: nothing here can move their time
    ended = datetime.now(UTC)
    (proxy.start if how == "ends" else proxy.thaw)()
    return Cut(began, noticed, ended)


def _signed(database: Path, exchange: str) -> dict[str, datetime]:
    """Of each order that may have left: when its request was made."""
    query = """
        SELECT client_order_id, signed_at FROM orders JOIN connectors ON connectors.id = connector_id
        WHERE exchange = ? AND signed_at IS NOT NULL"""
    with closing(sqlite3.connect(database)) as storage:
        return {one: datetime.fromisoformat(at) for one, at in storage.execute(query, (exchange,))}


def _findings(database: Path) -> list[Found]:
    with closing(sqlite3.connect(database)) as storage:
        rows = storage.execute("SELECT code, first_seen, resolved_at FROM findings").fetchall()
    return [
        Found(code, datetime.fromisoformat(first), None if over is None else datetime.fromisoformat(over))
        for code, first, over in rows
    ]


def _s(since: datetime, until: datetime) -> str:
    return f"{(until - since).total_seconds():.1f} s"


def _say(line: str) -> None:
    """Shown by `make outage`."""
    sys.stdout.write(f"{line}\n")
