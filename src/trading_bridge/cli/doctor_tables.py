"""The doctor's report for a terminal: narrow or wide, with colours or without."""

from collections.abc import Callable
from datetime import UTC, datetime

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from trading_bridge.api.encode.ladder import LABELS
from trading_bridge.cli.doctor_look import Examined, Homeless
from trading_bridge.cli.doctor_report import Report, heard
from trading_bridge.core.finding import Finding
from trading_bridge.diagnosis.catalogue import describe, title_of
from trading_bridge.diagnosis.ladder import Ladder, Step, StepOutcome
from trading_bridge.diagnosis.outside import WINDOW_S, Outside, Target, curl, known, request_of, without_password
from trading_bridge.diagnosis.probes.probed import answered
from trading_bridge.exchanges.registry import exchange_info

#: from this width on the exchange's answer has a column of its own
WIDE = 110
_RESULTS = {
    StepOutcome.PASS: Text("pass", "green"),
    StepOutcome.FAIL: Text("FAIL", "bold red"),
    StepOutcome.SKIPPED: Text("skipped", "dim"),
}
_FAMILIES = {"ipv4": "IPv4", "ipv6": "IPv6"}


def show(report: Report, console: Console, now: Callable[[], datetime], *, outside: bool) -> None:
    """`now` signs the commands of `outside` as they are printed."""
    _installation(report, console)
    for one in report.connectors:
        _connector(one, console)
        if outside:
            _outside(one, console, now)
    for bot in report.homeless:
        _homeless(bot, console)
    _result(report, console)


def _installation(report: Report, console: Console) -> None:
    console.print(Text("Installation", "bold"))
    table = _table("Check", "What was seen")
    for check in report.checks:
        table.add_row(check.name, _RESULTS[check.outcome], Text(check.sentence))
    console.print(table)
    console.print()
    findings = [check.finding for check in report.checks if check.finding is not None]
    for finding in {describe(one): one for one in findings}.values():  # each remedy once
        _remedy(finding, console)
        console.print()
    if report.unread is not None:
        console.print(Text(f"Connectors and bots were not looked at: {report.unread}."))
        console.print()


def _connector(one: Examined, console: Console) -> None:
    connector, ladder = one.connector, one.ladder
    info = exchange_info(connector.exchange)
    key = "no key" if connector.key_last4 is None else f"key ...{connector.key_last4}"
    console.print(Text(f"{connector.name} of {connector.account}", "bold"))
    about = [connector.exchange if info is None else info.label, connector.base_url, key]
    if connector.proxy_url is not None:
        about.append(f"proxy {without_password(connector.proxy_url)}")
    if connector.ipv4_only:
        about.append("IPv4 only")
    if connector.timeout_s is not None:
        about.append(f"answers waited for {connector.timeout_s} s")
    console.print(Text(", ".join(word for word in about if word is not None)))
    console.print(Text("Bots: " + (", ".join(f"{bot.name} ({bot.symbol})" for bot in one.bots) or "none")))
    console.print()
    console.print(_ladder(ladder, wide=console.width >= WIDE))
    console.print()
    if ladder.diagnosis is None:
        console.print(Text(f"Nothing wrong was found ({ladder.requests} requests, {ladder.took_ms} ms)."))
    else:
        _remedy(ladder.diagnosis, console)
    if one.ends is not None:
        _remedy(one.ends, console)
    for code in ladder.remaining:
        console.print(Text(f"Could also be {code}: {title_of(code)}"))
    if ladder.egress:
        console.print(Text("Addresses to allow for this key at the exchange:"))
        for address in ladder.egress:
            told = f"{_FAMILIES.get(address.family, address.family)} {address.address} ({address.source})"
            console.print(Padding(Text(told), (0, 0, 0, 2)))
    console.print()


def _ladder(ladder: Ladder, *, wide: bool) -> Table:
    table = _table("Rung", "What was seen", *(("The exchange said",) if wide else ()))
    table.add_column("ms", justify="right", no_wrap=True)
    for step in ladder.steps:
        seen, said = _seen(step) if wide else (step.detail, None)
        cells = [Text(seen)] if said is None else [Text(seen), Text(said)]
        table.add_row(LABELS[step.rung], _RESULTS[step.outcome], *cells, str(step.took_ms))
    return table


def _seen(step: Step) -> tuple[str, str]:
    """The detail without the answer that stands beside it."""
    return step.detail.removesuffix(f"; {answered(step.evidence)}"), heard(step.evidence)


def _remedy(finding: Finding, console: Console) -> None:
    text = describe(finding)
    console.print(Text(f"{text.title[:1].upper()}{text.title[1:]}", "bold").append(f"  [{finding.code}]", "dim"))
    console.print(Padding(Text(text.cause), (0, 0, 0, 2)))
    if text.fix:
        console.print(Padding(Text(f"Do: {text.fix}"), (0, 0, 0, 2)))


def _outside(one: Examined, console: Console, now: Callable[[], datetime]) -> None:
    console.print(Text("Outside this program, by another signer and another HTTP client", "bold"))
    if not known(one.target.exchange):
        console.print(Text(f"There is no second signer for {one.connector.exchange}."))
        console.print()
    elif not one.outside:
        console.print(Text("Nothing failed that a call could repeat."))
        console.print()
    for again in one.outside:
        console.print(Text(_again(again)))
        console.print()
        if again.refused is None:
            _command(again, one.target, console, now())


def _again(again: Outside) -> str:
    if again.refused is not None:
        ended = f"not sent: {describe(again.refused).title} ({again.error}) [{again.refused.code}]"
    elif again.http_status is None:
        ended = f"no answer: {again.error}"
    else:
        said = " ".join(word for word in (again.code, again.text) if word)
        ended = f"HTTP {again.http_status}" + (f", {said}" if said else "")
    rungs = ", ".join(dict.fromkeys(LABELS[rung] for rung in again.rungs))
    return f"{rungs}: {again.method} {again.endpoint}: {ended} ({again.took_ms} ms){_meaning(again)}"


def _meaning(again: Outside) -> str:
    match again.same:
        case True:
            return ". The same answer as to this program, so the cause is not in it."
        case False:
            return ". Another answer than to this program: report both."
        case None:
            return ""


def _command(again: Outside, target: Target, console: Console, now: datetime) -> None:
    request = request_of(again.rungs[0], target, now)
    if request is None:
        return
    # as one copies it: not wrapped, nothing read as markup
    console.print(curl(request, target), soft_wrap=True, markup=False, highlight=False)
    if request.signed_at is not None:
        signed = f"{request.signed_at.astimezone(UTC):%H:%M:%S} UTC"
        console.print(
            Text(
                f"Signed at {signed}; the exchange takes it for about {WINDOW_S} s. X-CS-APIKEY is your API key; the "
                "secret is not in it."
            )
        )
    if target.proxy_url is not None and without_password(target.proxy_url) != target.proxy_url:
        console.print(Text("The proxy's password is left out: put it in place of ***."))
    console.print()


def _homeless(one: Homeless, console: Console) -> None:
    console.print(Text(f"Bot {one.bot.name} of {one.bot.account} ({one.bot.symbol})", "bold"))
    _remedy(one.finding, console)
    console.print()


def _result(report: Report, console: Console) -> None:
    failed = sum(check.finding is not None for check in report.checks) + len(report.homeless)
    failed += sum(not one.well for one in report.connectors)
    if report.well:
        console.print(Text("All is well.", "green"))
    else:
        console.print(Text("1 thing is wrong." if failed == 1 else f"{failed} things are wrong.", "bold red"))


def _table(subject: str, *seen: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False, padding=(0, 1), show_edge=False)
    table.add_column(subject, no_wrap=True)
    table.add_column("Result", no_wrap=True)
    for name in seen:
        table.add_column(name, ratio=3, overflow="fold")
    return table
