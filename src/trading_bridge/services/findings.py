"""Findings: listed with the names of what they concern, and the operator's note on one."""

from collections.abc import Iterable
from dataclasses import dataclass

from trading_bridge.core.bot import Bot
from trading_bridge.core.client import Connector
from trading_bridge.core.finding import PLATFORM, RecordedFinding, Subject, SubjectKind, causes_first
from trading_bridge.core.user import Asker
from trading_bridge.diagnosis.bundle import bundle_of
from trading_bridge.services import bots, checks, clients
from trading_bridge.services.deps import Deps
from trading_bridge.services.facts import concerns
from trading_bridge.storage.page import Page
from trading_bridge.storage.unit_of_work import UnitOfWork

#: characters of an operator's note
NOTE_MAX = 280


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedFinding:
    recorded: RecordedFinding
    #: what it concerns, as people call it
    name: str
    #: None: it is of no single client
    client_id: str | None


async def page(
    asker: Asker, deps: Deps, *, resolved: bool, client_id: str | None, cursor: str | None
) -> Page[NamedFinding]:
    """Those that hold, what causes others first; or those that are over, newest first. Of one client, or of all."""
    position = checks.cursor(cursor)
    async with deps.database.unit_of_work(read_only=True) as uow:
        subjects = None
        if client_id is not None:
            client = await clients.found(uow, client_id)
            subjects = await _of_client(uow, deps, client.id, client.account)
        if not resolved:
            holding = [one for one in deps.findings.open() if subjects is None or one.subject in subjects]
            return Page(items=await _named(uow, holding), next=None)
        found = await uow.findings.list(subjects=subjects, resolved=True, cursor=position)
        return Page(items=await _named(uow, found.items), next=found.next)


async def of_bot(asker: Asker, deps: Deps, bot_id: str, *, cursor: str | None) -> Page[NamedFinding]:
    """Of the bot and of all that it rests on: on the first page those that hold come first, what causes others before
    the rest; then those that are over, newest first."""
    position = checks.cursor(cursor)
    async with deps.database.unit_of_work(read_only=True) as uow:
        subjects = concerns(deps, await bots.found(uow, bot_id))
        holding = [one for one in deps.findings.open() if one.subject in subjects] if cursor is None else []
        over = await uow.findings.list(subjects=subjects, resolved=True, cursor=position)
        return Page(items=await _named(uow, (*sorted(holding, key=causes_first), *over.items)), next=over.next)


async def set_note(asker: Asker, deps: Deps, finding_id: str, note: str | None) -> NamedFinding:
    """The client sees it beside the finding; None or empty removes it."""
    clean = checks.text(note, "note", max_length=NOTE_MAX) if note is not None and note.strip() else None
    await deps.findings.store()  # it is shown as soon as it is seen, and stored a moment later
    async with deps.database.unit_of_work() as uow:
        recorded = await uow.findings.set_note(checks.ident(finding_id, "finding"), clean, by=asker.name)
        await uow.audit.record(asker, "finding.note", "finding", recorded.id, {"note": clean})
        (named,) = await _named(uow, (recorded,))
    deps.findings.noted(recorded)
    deps.publish("finding", recorded.id)
    return named


async def evidence_text(asker: Asker, deps: Deps, finding_id: str) -> str:
    """For the support of an exchange; never a secret."""
    async with deps.database.unit_of_work(read_only=True) as uow:
        recorded = await uow.findings.get(checks.ident(finding_id, "finding"))
        if recorded is None:  # it is shown as soon as it is seen, and stored a moment later
            recorded = next((one for one in deps.findings.open() if one.id == finding_id), None)
        if recorded is None:
            raise checks.not_found("finding", finding_id)
        connector = None
        if recorded.subject.kind is SubjectKind.CONNECTOR:
            connector = await uow.connectors.get(recorded.subject.id)
        elif recorded.subject.kind is SubjectKind.BOT:
            bot = await uow.bots.get(recorded.subject.id)
            connector = None if bot is None else _connector_of(deps, bot)
    ladder = None if connector is None else deps.doctor.last(connector.id)
    return bundle_of(recorded, ladder, connector)


def _connector_of(deps: Deps, bot: Bot) -> Connector | None:
    connector_id = deps.manager.match(bot.account, bot.connector).connector_id
    return next((one for one in deps.manager.connectors(bot.account).values() if one.id == connector_id), None)


async def _of_client(uow: UnitOfWork, deps: Deps, client_id: str, account: str) -> frozenset[Subject]:
    """All that concerns a client: its bots, its connectors, and what those rest on."""
    found = {Subject(kind=SubjectKind.CONNECTOR, id=one.id) for one in await uow.connectors.list(client_id)}
    cursor = None
    while True:
        listed = await uow.bots.list(account, cursor)
        for bot in listed.items:
            found |= {subject for subject in concerns(deps, bot) if subject != PLATFORM}
        if listed.next is None:
            return frozenset(found)
        cursor = listed.next


async def _named(uow: UnitOfWork, recorded: Iterable[RecordedFinding]) -> tuple[NamedFinding, ...]:
    known: dict[Subject, tuple[str, str | None]] = {}
    named = []
    for one in recorded:
        if one.subject not in known:
            known[one.subject] = await _name(uow, one.subject)
        name, client_id = known[one.subject]
        named.append(NamedFinding(recorded=one, name=name, client_id=client_id))
    return tuple(named)


async def _name(uow: UnitOfWork, subject: Subject) -> tuple[str, str | None]:
    """As people call it, and whose it is; what is gone keeps its id."""
    match subject.kind:
        case SubjectKind.PLATFORM:
            return "the platform", None
        case SubjectKind.CONNECTOR:
            connector = await uow.connectors.get(subject.id)
            return (subject.id, None) if connector is None else (connector.name, connector.client_id)
        case SubjectKind.BOT:
            bot = await uow.bots.get(subject.id)
            return (subject.id, None) if bot is None else (bot.name, bot.client_id)
        case SubjectKind.EXCHANGE | SubjectKind.MARKET:
            return subject.id, None
