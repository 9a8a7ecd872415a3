"""Money that came or left other than by trading, and what people say it was."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from trading_bridge.api.call import Call, answer
from trading_bridge.api.encode import transfers as encode
from trading_bridge.api.schemas.transfers import LabelBody, TransferList, TransferOut
from trading_bridge.core.transfer import TransferLabel
from trading_bridge.services import transfers

router = APIRouter(prefix="/api/transfers", tags=["transfers"])


@router.get("", response_model=TransferList)
async def list_transfers(
    call: Call,
    connector: Annotated[str | None, Query(description="Id of a connector: of the account that it opens.")] = None,
    unlabelled: Annotated[bool, Query(description="Only those that nobody has labelled yet.")] = False,
    cursor: Annotated[str | None, Query()] = None,
) -> Response:
    """Newest first. None of them is profit or loss."""
    page = await transfers.page(call.asker, call.deps, connector_id=connector, unlabelled=unlabelled, cursor=cursor)
    return answer({"transfers": [encode.transfer(one) for one in page.items], "next": page.next})


@router.post("/{transfer_id}/label", response_model=TransferOut)
async def label_transfer(transfer_id: str, body: LabelBody, call: Call) -> Response:
    """Says what it was. New orders of an account that money left are held until every such transfer is labelled."""
    said = await transfers.label(call.asker, call.deps, transfer_id, TransferLabel(body.label), body.note)
    return answer(encode.transfer(said))
