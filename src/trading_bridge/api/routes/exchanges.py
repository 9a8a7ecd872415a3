"""The exchanges to choose from."""

from datetime import date

from fastapi import APIRouter, Response

from trading_bridge.api.call import Call, answer
from trading_bridge.api.schemas.exchanges import ExchangeList
from trading_bridge.exchanges.registry import ExchangeInfo, exchanges

router = APIRouter(prefix="/api/exchanges", tags=["exchanges"])


@router.get("", response_model=ExchangeList)
async def list_exchanges(call: Call) -> Response:
    return answer({"exchanges": [_exchange(info) for info in exchanges()]})


def _exchange(info: ExchangeInfo) -> dict[str, object]:
    return {
        "id": info.id,
        "label": info.label,
        "credential_fields": [
            {"name": field.name, "label": field.label, "required": field.required, "secret": field.secret}
            for field in info.credential_fields
        ],
        "features": dict(info.features),
        "life": {
            "state": info.life.state.value,
            "no_new_orders_since": _day(info.life.no_new_orders_since),
            "last_trading_day": _day(info.life.last_trading_day),
            "withdraw_by": _day(info.life.withdraw_by),
            "source": info.life.source,
        },
        "certification": info.certification.value,
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
