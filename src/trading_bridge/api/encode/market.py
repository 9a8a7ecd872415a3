"""Trades, orders and the chart."""

from datetime import datetime

from trading_bridge.api.encode.values import JsonObject, optional_amount
from trading_bridge.core.amount import readable
from trading_bridge.core.fill import Fill
from trading_bridge.core.order import Order
from trading_bridge.services.market_view import Chart


def trade(fill: Fill) -> JsonObject:
    one = fill.trade
    return {
        "id": one.trade_id,
        "time": one.exchange_time,
        "side": one.side.value,
        "price": readable(one.price),
        "amount": readable(one.amount),
        "cost": readable(one.cost),
        "fee": optional_amount(one.fee),
        "fee_currency": one.fee_currency,
        "role": None if one.is_maker is None else ("maker" if one.is_maker else "taker"),
    }


def order(one: Order) -> JsonObject:
    return {
        "id": one.client_order_id,
        "exchange_order_id": one.exchange_order_id,
        "time": one.decided_at,
        "side": one.side.value,
        "type": one.type.value,
        "price": optional_amount(one.price),
        "amount": readable(one.amount),
        "filled": readable(one.filled),
        "time_in_force": one.time_in_force.value,
        "post_only": one.post_only,
        "state": one.state.value,
        "refusal_code": one.refusal_code,
        "refusal_text": one.refusal_text,
    }


def chart(seen: Chart) -> JsonObject:
    return {
        "pair": seen.bot.symbol,
        "mids": [(_ms(at), readable(price)) for at, price in seen.mids],
        "orders": [
            {
                "id": one.client_order_id,
                "side": one.side.value,
                "price": optional_amount(one.price),
                "amount": readable(one.amount),
                "filled": readable(one.filled),
                "state": one.state.value,
            }
            for one in seen.orders
        ],
        "fills": [
            {
                "time_ms": _ms(fill.trade.exchange_time),
                "side": fill.trade.side.value,
                "price": readable(fill.trade.price),
                "amount": readable(fill.trade.amount),
            }
            for fill in seen.fills
        ],
    }


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
