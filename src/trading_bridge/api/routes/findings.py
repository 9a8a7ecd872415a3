"""What is wrong, what was, and the operator's words about it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from trading_bridge.api.call import Call, answer
from trading_bridge.api.encode import findings as encode
from trading_bridge.api.schemas.findings import EvidenceText, FindingList, NoteBody, RecordedFindingOut
from trading_bridge.services import findings

router = APIRouter(prefix="/api/findings", tags=["findings"])


@router.get("", response_model=FindingList)
async def list_findings(
    call: Call,
    state: Annotated[Literal["open", "resolved"], Query()] = "open",
    client_id: Annotated[str | None, Query()] = None,
    cursor: Annotated[str | None, Query()] = None,
) -> Response:
    """Those that hold, what causes others first; or those that are over, newest first."""
    page = await findings.page(call.asker, call.deps, resolved=state == "resolved", client_id=client_id, cursor=cursor)
    return answer({"findings": [encode.named(one) for one in page.items], "next": page.next})


@router.put("/{finding_id}/note", response_model=RecordedFindingOut)
async def note_finding(finding_id: str, body: NoteBody, call: Call) -> Response:
    """Pins a note that the client sees."""
    return answer(encode.named(await findings.set_note(call.asker, call.deps, finding_id, body.note)))


@router.get("/{finding_id}/evidence", response_model=EvidenceText)
async def finding_evidence(finding_id: str, call: Call) -> Response:
    """As text for the support of an exchange; never a secret."""
    return answer({"text": await findings.evidence_text(call.asker, call.deps, finding_id)})
