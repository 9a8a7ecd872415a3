"""The exchanges to choose from."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response

from trading_bridge.accounts.host import is_sandbox
from trading_bridge.api.call import Call, answer
from trading_bridge.api.encode.findings import optional_finding
from trading_bridge.api.encode.values import optional_amount
from trading_bridge.api.schemas.exchanges import ExchangeList, MarketList
from trading_bridge.core.amount import readable
from trading_bridge.core.certification import FieldRecord
from trading_bridge.core.market import Market
from trading_bridge.exchanges.registry import ExchangeInfo, exchanges
from trading_bridge.services import exchanges as service

router = APIRouter(prefix="/api/exchanges", tags=["exchanges"])


@router.get("", response_model=ExchangeList)
async def list_exchanges(call: Call) -> Response:
    checked = await service.field_checked(call.deps)
    return answer({"exchanges": [_exchange(info, checked.get(info.id)) for info in exchanges()]})


@router.get("/{exchange_id}/markets", response_model=MarketList)
async def list_markets(
    exchange_id: str,
    call: Call,
    search: Annotated[str, Query(description="Part of the pair, in any spelling; empty: all.")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    """The exchange's pairs and their rules, read at its own host without a key and kept for ten minutes."""
    listed = await service.markets(call.deps, exchange_id, search, limit)
    status = "unknown" if listed.total is None else ("ok" if listed.fresh else "stale")
    return answer(
        {
            "exchange": listed.exchange.id,
            "status": status,
            "as_of": listed.as_of,
            "finding": optional_finding(listed.finding),
            "total": listed.total,
            "markets": [_market(one) for one in listed.markets],
        }
    )


def _market(one: Market) -> dict[str, object]:
    return {
        "pair": one.symbol,
        "base": one.base,
        "quote": one.quote,
        "price_step": readable(one.tick_size),
        "amount_step": readable(one.lot_size),
        "min_price": optional_amount(one.min_price),
        "min_amount": optional_amount(one.min_amount),
        "min_cost": optional_amount(one.min_cost),
        "maker_fee": optional_amount(one.maker_fee),
        "taker_fee": optional_amount(one.taker_fee),
        "closed": None if one.active else one.closed,
    }


def _exchange(info: ExchangeInfo, checked: FieldRecord | None) -> dict[str, object]:
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
        "field_checked": None if checked is None else _field_checked(checked),
    }


def _field_checked(record: FieldRecord) -> dict[str, object]:
    """Without the connector: whose it was is nobody else's business."""
    return {
        "at": record.at,
        "with_order": record.symbol is not None,
        "sandbox": is_sandbox(record.base_url),
        "build": record.build,
        "ccxt": record.ccxt,
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
