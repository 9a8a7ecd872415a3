"""BitMart's rows as ccxt's structures."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from ccxt.base.errors import BadResponse
from ccxt.base.precise import Precise

_ORDER_STATUS = {
    "new": "open",
    "partially_filled": "open",
    "filled": "closed",
    "canceled": "canceled",
    "partially_canceled": "canceled",
    "failed": "rejected",
}
#: 0 made, 1 submitted, 2 being worked on, 3 done, 4 canceled, 5 failed
_TRANSACTION_STATUS = {"0": "pending", "1": "pending", "2": "pending", "3": "ok", "4": "canceled", "5": "failed"}


def market(exchange: Any, row: Any) -> Any:
    #
    #     {"symbol":"LTC_USDT","symbol_id":1091,"base_currency":"LTC","quote_currency":"USDT","quote_increment":"0.001",
    #      "base_min_size":"0.001","price_min_precision":1,"price_max_precision":4,"expiration":"NA",
    #      "min_buy_amount":"5.000000000000000000000000000000","min_sell_amount":"5.000000000000000000000000000000",
    #      "trade_status":"trading"}
    #
    # quote_increment is the step of the quantity, in spite of its name
    #
    base_id = exchange.safe_string(row, "base_currency")
    quote_id = exchange.safe_string(row, "quote_currency")
    base, quote = exchange.safe_currency_code(base_id), exchange.safe_currency_code(quote_id)
    decimals = exchange.safe_string(row, "price_max_precision")
    costs = [exchange.safe_string(row, name) for name in ("min_buy_amount", "min_sell_amount")]
    known_costs = [cost for cost in costs if cost is not None]
    status = exchange.safe_string(row, "trade_status")
    return exchange.safe_market_structure(
        {
            "id": exchange.safe_string(row, "symbol"),
            "numericId": exchange.safe_integer(row, "symbol_id"),
            "symbol": base + "/" + quote,
            "base": base,
            "quote": quote,
            "baseId": base_id,
            "quoteId": quote_id,
            "type": "spot",
            "spot": True,
            "margin": False,
            "swap": False,
            "future": False,
            "option": False,
            "contract": False,
            "active": None if status is None else status == "trading",
            "precision": {
                "amount": exchange.safe_number(row, "quote_increment"),
                "price": exchange.parse_number(exchange.parse_precision(decimals)),
            },
            "limits": {
                "amount": {
                    "min": exchange.safe_number(row, "base_min_size"),
                    "max": exchange.safe_number(row, "base_max_size"),
                },
                "price": {"min": None, "max": None},
                # it differs by side; ccxt knows one
                "cost": {"min": exchange.parse_number(max(known_costs, key=_float, default=None)), "max": None},
                "leverage": {"min": None, "max": None},
            },
            "created": None,
            "info": row,
        }
    )


def levels(exchange: Any, given: Iterable[Any], *, best_is_highest: bool) -> list[Any]:
    """By value: text in the order of its characters would put 9 above 10."""
    found = [[exchange.parse_number(row[0]), exchange.parse_number(row[1])] for row in given]
    return sorted(found, key=lambda level: float(level[0]), reverse=best_is_highest)


def named(given: Iterable[Any]) -> list[Any]:
    """Public trades with the id that BitMart does not give them: what the trade was, and which of several alike,
    counted from the oldest, so that each answer that shows it gives it the same one."""
    alike: Counter[str] = Counter()
    found = []
    for row in sorted(reversed(list(given)), key=lambda row: int(row[1])):
        text = "-".join(str(part) for part in row[1:5])
        found.append({"id": f"{text}-{alike[text]}", "row": row})
        alike[text] += 1
    return found


def public_trade(exchange: Any, trade: Any, market: Any) -> Any:
    #
    #     ["BTC_USDT","1700000000000","67000.00","0.1500","buy"]
    #
    symbol, time, price, amount, side = trade["row"][:5]
    market = exchange.safe_market(symbol, market)
    return exchange.safe_trade(
        {
            "info": trade["row"],
            "id": trade["id"],
            "order": None,
            "timestamp": int(time),
            "datetime": exchange.iso8601(int(time)),
            "symbol": market["symbol"],
            "type": None,
            "side": _side(side),
            "takerOrMaker": None,
            "price": price,
            "amount": amount,
            "cost": None,
            "fee": None,
        },
        market,
    )


def own_trade(exchange: Any, trade: Any, market: Any) -> Any:
    #
    #     {"tradeId":"223456789012345678","orderId":"123456789012345678","clientOrderId":"123456789012345678",
    #      "symbol":"LTC_USDT","side":"buy","orderMode":"spot","type":"market","stpMode":"none","price":"70.2500",
    #      "size":"0.100","notional":"7.02500000","fee":"0.00702500","feeCoinName":"USDT","tradeRole":"taker",
    #      "createTime":1700000000697,"updateTime":1700000000697}
    #
    market = exchange.safe_market(exchange.safe_string(trade, "symbol"), market)
    time = exchange.safe_integer(trade, "createTime")
    role = exchange.safe_string_lower(trade, "tradeRole")
    fee = exchange.safe_string(trade, "fee")
    paid_in = exchange.safe_currency_code(exchange.safe_string(trade, "feeCoinName"))
    return exchange.safe_trade(
        {
            "info": trade,
            "id": exchange.safe_string(trade, "tradeId"),
            "order": exchange.safe_string(trade, "orderId"),
            "timestamp": time,
            "datetime": exchange.iso8601(time),
            "symbol": market["symbol"],
            "type": _type(exchange.safe_string(trade, "type")),
            "side": _side(exchange.safe_string(trade, "side")),
            "takerOrMaker": role if role in ("taker", "maker") else None,
            "price": exchange.safe_string(trade, "price"),
            "amount": exchange.safe_string(trade, "size"),
            "cost": exchange.safe_string(trade, "notional"),
            "fee": None if fee is None else {"cost": fee, "currency": paid_in},
        },
        market,
    )


def order(exchange: Any, row: Any, market: Any) -> Any:
    #
    #     {"orderId":"123456789012345678","clientOrderId":"123456789012345678","symbol":"LTC_USDT","side":"sell",
    #      "orderMode":"spot","type":"market","state":"filled","cancelSource":"","stpMode":"cancel_maker",
    #      "price":"0.0000","priceAvg":"70.2500","size":"0.200","filledSize":"0.200","notional":"0.00000000",
    #      "filledNotional":"14.05000000","createTime":1700000000644,"updateTime":1700000000697}
    #
    market = exchange.safe_market(exchange.safe_string(row, "symbol"), market)
    order_id, client_id = exchange.safe_string(row, "orderId"), exchange.safe_string(row, "clientOrderId")
    kind = exchange.safe_string(row, "type")
    created, updated = exchange.safe_integer(row, "createTime"), exchange.safe_integer(row, "updateTime")
    filled = exchange.safe_string(row, "filledSize")
    by_cost = kind == "market" and exchange.safe_string(row, "side") == "buy"  # its size says nothing
    return exchange.safe_order(
        {
            "info": row,
            "id": order_id,
            "clientOrderId": None if client_id == order_id else client_id,
            "timestamp": created,
            "datetime": exchange.iso8601(created),
            "lastTradeTimestamp": None,
            "lastUpdateTimestamp": updated,
            "symbol": market["symbol"],
            "type": _type(kind),
            "timeInForce": {"limit": "GTC", "limit_maker": "PO", "ioc": "IOC"}.get(kind or ""),
            "postOnly": None if kind is None else kind == "limit_maker",
            "side": _side(exchange.safe_string(row, "side")),
            "price": None if kind == "market" else exchange.safe_string(row, "price"),
            "amount": filled if by_cost else exchange.safe_string(row, "size"),
            "cost": exchange.safe_string(row, "filledNotional"),
            "average": exchange.omit_zero(exchange.safe_string(row, "priceAvg")),
            "filled": filled,
            "remaining": None,
            "status": status(exchange, row, market),
            "fee": None,
            "trades": None,
        },
        market,
    )


def status(exchange: Any, row: Any, market: Any) -> str | None:
    """A market buy ends as `partially_canceled` when it got all that it could buy: what is left of its notional is
    less than the market's smallest order."""
    state = exchange.safe_string(row, "state", "")
    if state == "partially_canceled" and exchange.safe_string(row, "type") == "market":
        rest = Precise.string_sub(exchange.safe_string(row, "notional"), exchange.safe_string(row, "filledNotional"))
        least = exchange.safe_string(exchange.safe_dict(exchange.safe_dict(market, "limits", {}), "cost", {}), "min")
        if exchange.safe_string(row, "side") == "buy" and rest is not None and least is not None:
            return "closed" if Precise.string_lt(rest, least) else "canceled"
    return _ORDER_STATUS.get(state)


def transaction(exchange: Any, row: Any, currency: Any) -> Any:
    #
    #     {"withdraw_id":"1679952","deposit_id":"","operation_type":"withdraw","currency":"USDT-TRC20",
    #      "apply_time":1588867374000,"arrival_amount":"59.000000000000","fee":"1.000000000000","status":3,
    #      "address":"..","address_memo":"","tx_id":".."}
    #
    kind = {"deposit": "deposit", "withdraw": "withdrawal"}.get(exchange.safe_string(row, "operation_type", ""))
    if kind is None:
        raise BadResponse(exchange.id + " answered with a record that is neither deposit nor withdrawal")
    name, _, network = (exchange.safe_string(row, "currency") or "").partition("-")
    code = exchange.safe_currency_code(name or None, currency)
    time = exchange.safe_integer(row, "apply_time")
    fee = exchange.safe_number(row, "fee")
    return {
        "info": row,
        "id": exchange.safe_string(row, "withdraw_id" if kind == "withdrawal" else "deposit_id"),
        "txid": exchange.safe_string(row, "tx_id") or None,
        "timestamp": time,
        "datetime": exchange.iso8601(time),
        "network": network.upper() or None,
        "address": exchange.safe_string(row, "address"),
        "addressTo": exchange.safe_string(row, "address"),
        "addressFrom": None,
        "tag": exchange.safe_string(row, "address_memo") or None,
        "tagTo": exchange.safe_string(row, "address_memo") or None,
        "tagFrom": None,
        "type": kind,
        "amount": exchange.safe_number(row, "arrival_amount"),
        "currency": code,
        "status": _TRANSACTION_STATUS.get(exchange.safe_string(row, "status", "")),
        "updated": None,
        "internal": None,
        "comment": None,
        "fee": None if fee is None else {"currency": code, "cost": fee},
    }


def on_step(step: Any, number: Any) -> str | None:
    """The text as it stands where it is a plain number above zero on the market's step, so that nothing rounds it."""
    if not isinstance(number, str) or not number.isascii() or not number.strip("0."):
        return None
    whole, _, fraction = number.partition(".")
    plain = whole.isdigit() and (fraction.isdigit() or not fraction)
    return number if plain and Precise.string_eq(Precise.string_mod(number, str(step)), "0") else None


def cut(step: Any, number: str) -> str:
    """Down to the step."""
    return str(Precise.string_sub(number, Precise.string_mod(number, str(step))))


def _type(kind: str | None) -> str | None:
    return {"limit": "limit", "limit_maker": "limit", "ioc": "limit", "market": "market"}.get(kind or "")


def _side(word: str | None) -> str | None:
    return word if word in ("buy", "sell") else None


def _float(text: str) -> float:
    """To compare, never to count."""
    return float(text)
