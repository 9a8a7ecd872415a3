"""Money that came or left other than by trading: listed, and labelled by people."""

from dataclasses import dataclass

from trading_bridge.core.amount import readable
from trading_bridge.core.transfer import CAME_ONLY, LEFT_ONLY, Transfer, TransferLabel
from trading_bridge.core.user import Asker
from trading_bridge.errors import InvalidInput
from trading_bridge.services import checks
from trading_bridge.services.deps import Deps
from trading_bridge.storage.page import Page
from trading_bridge.storage.unit_of_work import UnitOfWork

#: characters of the note beside a label
NOTE_MAX = 280


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedTransfer:
    transfer: Transfer
    #: name of the connector through which it was seen
    connector: str


async def page(
    asker: Asker, deps: Deps, *, connector_id: str | None, unlabelled: bool, cursor: str | None
) -> Page[NamedTransfer]:
    """Newest first; of the exchange account that a connector opens, or of all."""
    position = checks.cursor(cursor)
    async with deps.database.unit_of_work(read_only=True) as uow:
        if connector_id is not None and await uow.connectors.get(checks.ident(connector_id, "connector")) is None:
            raise checks.not_found("connector", connector_id)
        found = await uow.transfers.list(connector_id=connector_id, unlabelled=unlabelled, cursor=position)
    items = tuple(NamedTransfer(transfer=transfer, connector=name) for transfer, name in found.items)
    return Page(items=items, next=found.next)


async def label(asker: Asker, deps: Deps, transfer_id: str, said: TransferLabel, note: str | None) -> NamedTransfer:
    """What it was, which lifts what waits for that word; no label makes it profit or loss."""
    clean = checks.text(note, "note", max_length=NOTE_MAX) if note is not None and note.strip() else None
    async with deps.database.unit_of_work() as uow:
        before = await _found(uow, transfer_id)
        _refuse_other_way(before.transfer, said)
        await uow.transfers.label(before.transfer.id, said, clean, by=asker.name)
        labelled = await _found(uow, transfer_id)
        was = before.transfer.label
        details = {"label": said.value, "note": clean, "before": None if was is None else was.value}
        await uow.audit.record(asker, "transfer.label", "transfer", before.transfer.id, details)
    deps.manager.labelled(labelled.transfer)
    deps.publish("connector", labelled.transfer.connector_id)
    return labelled


def _refuse_other_way(transfer: Transfer, said: TransferLabel) -> None:
    """A slip of the hand would lift what waits for a true word."""
    way, wrong = ("came", LEFT_ONLY) if transfer.amount > 0 else ("left", CAME_ONLY)
    if said in wrong:
        raise InvalidInput(
            "label.other_way",
            f"{readable(abs(transfer.amount))} {transfer.currency} {way}; {said.value} is the other way.",
            field="label",
            remedy="Say what it was, or other.",
        )


async def _found(uow: UnitOfWork, transfer_id: str) -> NamedTransfer:
    found = await uow.transfers.get(checks.ident(transfer_id, "transfer"))
    if found is None:
        raise checks.not_found("transfer", transfer_id)
    transfer, connector = found
    return NamedTransfer(transfer=transfer, connector=connector)
