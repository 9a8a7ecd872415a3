"""A client's connectors."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import SecretStr

from trading_bridge.api.call import Call, answer
from trading_bridge.api.encode import clients as encode
from trading_bridge.api.schemas.common import Done
from trading_bridge.api.schemas.connectors import (
    ConnectorBalances,
    ConnectorBody,
    ConnectorChange,
    ConnectorCheck,
    ConnectorList,
    SavedConnector,
)
from trading_bridge.services import connectors
from trading_bridge.services.connectors import ConnectorEdit, NewConnector

router = APIRouter(prefix="/api/clients/{client_id}/connectors", tags=["connectors"])


@router.get("", response_model=ConnectorList)
async def list_connectors(client_id: str, call: Call) -> Response:
    found = await connectors.of_client(call.asker, call.deps, client_id)
    return answer({"connectors": [encode.connector(one) for one in found]})


@router.post("", response_model=SavedConnector, status_code=HTTPStatus.CREATED)
async def create_connector(client_id: str, body: ConnectorBody, call: Call) -> Response:
    """The doctor examines the key first; one that fails is refused with the ladder, unless `save_anyway`."""
    new = NewConnector(
        name=body.name,
        exchange=body.exchange,
        api_key=body.api_key.get_secret_value(),
        secret=body.secret.get_secret_value(),
        memo=_revealed(body.memo),
        base_url=body.base_url,
        proxy_url=_revealed(body.proxy_url),
        ipv4_only=body.ipv4_only,
        timeout_s=body.timeout_s,
        key_label=body.key_label,
        manual_trading=body.manual_trading,
        save_anyway=body.save_anyway,
    )
    made = await connectors.create(call.asker, call.deps, client_id, new)
    return answer(encode.saved(made), HTTPStatus.CREATED)


@router.put("/{connector_id}", response_model=SavedConnector)
async def update_connector(client_id: str, connector_id: str, body: ConnectorChange, call: Call) -> Response:
    """A new key, host, proxy, address family or timeout is examined first, as at creation."""
    edit = ConnectorEdit(
        name=body.name,
        api_key=_revealed(body.api_key),
        secret=_revealed(body.secret),
        memo=_revealed(body.memo),
        base_url=body.base_url,
        proxy_url=_revealed(body.proxy_url),
        ipv4_only=body.ipv4_only,
        timeout_s=body.timeout_s,
        key_label=body.key_label,
        manual_trading=body.manual_trading,
        answers_for_strangers=body.answers_for_strangers,
        save_anyway=body.save_anyway,
    )
    changed = await connectors.update(call.asker, call.deps, client_id, connector_id, edit)
    return answer(encode.saved(changed))


@router.delete("/{connector_id}", response_model=Done)
async def delete_connector(client_id: str, connector_id: str, call: Call) -> Response:
    """Wipes the key. Refused while a bot of this connector runs or has live orders."""
    await connectors.delete(call.asker, call.deps, client_id, connector_id)
    return answer({"id": connector_id})


@router.get("/{connector_id}/balances", response_model=ConnectorBalances)
async def connector_balances(
    client_id: str, connector_id: str, call: Call, refresh: Annotated[bool, Query()] = False
) -> Response:
    """Everything the account holds; `refresh` forces one read that all waiting readers share."""
    known = await connectors.balances(call.asker, call.deps, client_id, connector_id, refresh=refresh)
    return answer(encode.connector_balances(connector_id, known, call.deps.clock.now()))


@router.post("/{connector_id}/check", response_model=ConnectorCheck)
async def check_connector(client_id: str, connector_id: str, call: Call) -> Response:
    """The doctor's ladder with this key, now. No probe can trade."""
    known, ladder = await connectors.check(call.asker, call.deps, client_id, connector_id)
    return answer(encode.connector_check(connector_id, known, ladder, call.deps.clock.now()))


def _revealed(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
