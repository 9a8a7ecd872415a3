"""Clients."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Response

from trading_bridge.api.call import Call, answer
from trading_bridge.api.encode.clients import client
from trading_bridge.api.schemas.clients import ClientBody, ClientChange, ClientList, ClientOut
from trading_bridge.api.schemas.common import Done
from trading_bridge.services import clients

router = APIRouter(prefix="/api/clients", tags=["clients"])


@router.get("", response_model=ClientList)
async def list_clients(call: Call, cursor: Annotated[str | None, Query()] = None) -> Response:
    page = await clients.page(call.asker, call.deps, cursor=cursor)
    return answer({"clients": [client(one) for one in page.items], "next": page.next})


@router.post("", response_model=ClientOut, status_code=HTTPStatus.CREATED)
async def create_client(body: ClientBody, call: Call) -> Response:
    made = await clients.create(call.asker, call.deps, name=body.name, account=body.account)
    return answer(client(made), HTTPStatus.CREATED)


@router.get("/{client_id}", response_model=ClientOut)
async def get_client(client_id: str, call: Call) -> Response:
    return answer(client(await clients.get(call.asker, call.deps, client_id)))


@router.put("/{client_id}", response_model=ClientOut)
async def update_client(client_id: str, body: ClientChange, call: Call) -> Response:
    changed = await clients.update(call.asker, call.deps, client_id, name=body.name, account=body.account)
    return answer(client(changed))


@router.delete("/{client_id}", response_model=Done)
async def delete_client(client_id: str, call: Call) -> Response:
    """Refused while the client has bots or connectors."""
    await clients.delete(call.asker, call.deps, client_id)
    return answer({"id": client_id})
