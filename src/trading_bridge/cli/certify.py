"""`trading-bridge certify`: a connector tried at its real exchange, and the record of it."""

import asyncio
import getpass
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from trading_bridge.accounts.host import host_label
from trading_bridge.cli.certification_run import Outside, Run, Wish
from trading_bridge.cli.demo_state import HOSTS, is_demo
from trading_bridge.cli.signals import cancel_on_signals
from trading_bridge.clock import SystemClock, SystemEntropy
from trading_bridge.core.certification import FieldRecord, StepResult
from trading_bridge.core.client import Connector
from trading_bridge.core.user import Asker, AskerKind
from trading_bridge.diagnosis.catalogue import describe
from trading_bridge.diagnosis.doctor import Doctor
from trading_bridge.diagnosis.egress import Egress
from trading_bridge.diagnosis.installation import secret_keys
from trading_bridge.errors import NotReady, SettingsError
from trading_bridge.exchanges.hosts import Hosts
from trading_bridge.exchanges.http_sessions import HttpSessions
from trading_bridge.exchanges.limiters import Limiters
from trading_bridge.exchanges.network import SystemNetwork
from trading_bridge.exchanges.registry import exchange_info
from trading_bridge.logs import configure_logs
from trading_bridge.settings import load_settings
from trading_bridge.storage.faults import FAILURES

#: the last one as a shell tells of Ctrl-C
WELL, FINDINGS, INTERRUPTED = 0, 1, 130
_RESULTS = {
    StepResult.PASSED: Text("passed", "green"),
    StepResult.FAILED: Text("failed", "bold red"),
    StepResult.SKIPPED: Text("left out", "dim"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    wish: Wish
    #: the order goes without a question
    yes: bool
    #: before the environment; None: as there
    state: Path | None


async def run_certify(asked: Asked) -> int:
    """The exit code. Raises InvalidInput for a connector or market that is not there, SettingsError for a database
    that cannot be used, NotReady where the record could not be stored."""
    configure_logs(json=False, level="ERROR")
    settings = load_settings(**({} if asked.state is None else {"state_dir": asked.state}))
    if is_demo(settings.state_dir) and settings.allow_private_hosts is None:
        settings = settings.model_copy(update={"allow_private_hosts": HOSTS})
    clock, entropy, hosts = SystemClock(), SystemEntropy(), Hosts(settings.private_hosts())
    keys, keyed = secret_keys(settings, clock.now())
    if keyed.finding is not None:
        raise SettingsError("settings.secret_keys", f"{keyed.sentence}; without them no stored key can be opened")
    http = HttpSessions.aiohttp(hosts=hosts)
    console = Console(highlight=False)

    def consents(words: Sequence[str], symbol: str) -> bool:
        agreed = _consents(console, words, symbol, yes=asked.yes)
        if agreed:
            cancel_on_signals()  # an order may stand: it goes first
        return agreed

    egress = Egress(settings.egress_url, settings.egress(), http, clock)
    doctor = Doctor(
        http=http, limiters=Limiters(clock), network=SystemNetwork(clock, hosts), clock=clock, egress=egress
    )
    outside = Outside(
        url=settings.resolved_database_url(),
        keys=keys,
        http=http,
        doctor=doctor,
        clock=clock,
        entropy=entropy,
        asker=Asker(kind=AskerKind.SYSTEM, user_id=None, name=f"{getpass.getuser()} (command line)"),
        consents=consents,
    )
    try:
        connector, record = await Run(outside).certify(asked.wish)
    except asyncio.CancelledError:
        return INTERRUPTED
    except FAILURES as error:
        cause = getattr(error, "orig", None) or error
        raise NotReady("storage.unwritable", f"The database did not take it: {cause}") from error
    finally:
        await http.close()
    _show(console, connector, record)
    return WELL if record.passed else FINDINGS


def _consents(console: Console, words: Sequence[str], symbol: str, *, yes: bool) -> bool:
    console.print(Text("One order would be placed:", "bold"))
    for line in words:
        console.print(Padding(Text(line), (0, 0, 0, 2)))
    console.print("It is looked up, cancelled, and seen gone; that takes a few seconds.")
    if yes:
        return True
    console.print(f"Type {symbol} to have it placed, anything else not to: ", end="")
    return sys.stdin.readline().strip().upper() == symbol


def _show(console: Console, connector: Connector, record: FieldRecord) -> None:
    info, host = exchange_info(connector.exchange), host_label(connector.base_url)
    where = (connector.exchange if info is None else info.label) + ("" if host is None else f" ({host})")
    console.print(Text(f"{connector.name} of {connector.account} at {where}", "bold"))
    table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False, padding=(0, 1), show_edge=False)
    for name in ("Step", "Result"):
        table.add_column(name, no_wrap=True)
    table.add_column("What was seen")
    for step in record.steps:
        table.add_row(step.name.replace("_", " "), _RESULTS[step.result], Text(step.detail))
    console.print(table)
    for finding in {one.finding.code: one.finding for one in record.steps if one.finding is not None}.values():
        text = describe(finding)
        console.print(Text(f"{text.title[:1].upper()}{text.title[1:]}", "bold").append(f"  [{finding.code}]", "dim"))
        for part in (text.cause, f"Do: {text.fix}" if text.fix else ""):
            console.print(Padding(Text(part), (0, 0, 0, 2)))
    console.print(Text(f"Kept as {record.id}: trading-bridge {record.build}, ccxt {record.ccxt}."))
    if record.passed:
        what = f"with an order in {record.symbol}" if record.symbol is not None else "without an order"
        console.print(Text(f"Field-checked {record.at:%Y-%m-%d}, {what}.", "green"))
    else:
        console.print(Text("Not certified.", "bold red"))
