"""Rows of Binance's answers. Amounts are text with eight decimals, and with more where a market or a fee needs them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Context, Decimal

from trading_bridge.core.order import OrderState, Side, TimeInForce
from trading_bridge.sandbox.accounts import Purse, Transfer
from trading_bridge.sandbox.candles import Span
from trading_bridge.sandbox.matching import SelfTrade
from trading_bridge.sandbox.orders import Fill, SandboxOrder, SandboxTrade
from trading_bridge.sandbox.rules import MAX_UNITS, MarketRules, from_atoms
from trading_bridge.sandbox.wire.binance_markets import Market

Row = dict[str, object]

DECIMALS = 8
MOST_NOTIONAL = Decimal(9_000_000)
AVERAGE_MINUTES = 5
NO_LIST = -1
#: a market's own mode, where a request names none
SELF_TRADE = SelfTrade.EXPIRE_MAKER
ZERO = "0." + "0" * DECIMALS
_WIDE = Context(prec=60)
_RATE_DECIMALS = Decimal("0.00000001")

_STATES = {
    OrderState.NEW: "NEW",
    OrderState.PARTIALLY_FILLED: "PARTIALLY_FILLED",
    OrderState.FILLED: "FILLED",
    OrderState.CANCELED: "CANCELED",
}
_EXPIRY = {
    TimeInForce.IOC: "UNFILLED_IOC_QUANTITY_EXPIRED",
    TimeInForce.FOK: "UNFILLED_FOK_ORDER_EXPIRED",
}


def text(value: Decimal) -> str:
    """At least eight decimals, and none lost."""
    exponent = value.as_tuple().exponent
    short = isinstance(exponent, int) and -exponent < DECIMALS
    found = format(value.quantize(_RATE_DECIMALS, context=_WIDE) if short else value, "f")
    whole, _, fraction = found.partition(".")
    return f"{whole}.{fraction.rstrip('0'):0<{DECIMALS}}"


def status_of(order: SandboxOrder) -> str:
    if order.state is not OrderState.CANCELED:
        return _STATES[order.state]
    if order.prevented:
        return "EXPIRED_IN_MATCH"
    return "EXPIRED" if expiry_of(order) is not None else "CANCELED"


def expiry_of(order: SandboxOrder) -> str | None:
    """Why it ended without a cancel; None: it did not."""
    if order.state is not OrderState.CANCELED or order.prevented:
        return None
    return "INSUFFICIENT_LIQUIDITY" if order.is_market else _EXPIRY.get(order.time_in_force)


def type_of(order: SandboxOrder) -> str:
    if order.is_market:
        return "MARKET"
    return "LIMIT_MAKER" if order.post_only else "LIMIT"


def price_of(market: Market, order: SandboxOrder) -> str:
    return ZERO if order.is_market else text(market.own.price(order.price))


def quantity_of(market: Market, order: SandboxOrder) -> str:
    """Of a market order for a quote amount: what it bought or sold."""
    return text(market.own.amount(order.lots or order.filled))


def quote_quantity_of(market: Market, order: SandboxOrder) -> str:
    """The quote amount that was asked for; zero on orders by quantity."""
    by_quote = order.budget and (order.side is Side.SELL or not order.lots)
    return text(market.own.cost(order.budget)) if by_quote else ZERO


def _amounts(market: Market, order: SandboxOrder) -> Row:
    row: Row = {
        "price": price_of(market, order),
        "origQty": quantity_of(market, order),
        "executedQty": text(market.own.amount(order.filled)),
        "origQuoteOrderQty": quote_quantity_of(market, order),
        "cummulativeQuoteQty": text(market.own.cost(order.filled_cost)),
        "status": status_of(order),
        "timeInForce": order.time_in_force.value,
        "type": type_of(order),
        "side": order.side.value.upper(),
        "selfTradePreventionMode": order.self_trade.value,
    }
    if order.prevented:
        row["preventedMatchId"] = order.prevented_id
        row["preventedQuantity"] = text(market.own.amount(order.prevented))
    if (reason := expiry_of(order)) is not None:
        row["expiryReason"] = reason
    return row


def order_ack(market: Market, order: SandboxOrder) -> Row:
    return {
        "symbol": market.code,
        "orderId": order.id,
        "orderListId": NO_LIST,
        "clientOrderId": order.client_order_id,
        "transactTime": order.created_ms,
    }


def order_result(market: Market, order: SandboxOrder) -> Row:
    return {**order_ack(market, order), **_amounts(market, order), "workingTime": order.created_ms}


def order_full(market: Market, order: SandboxOrder, fills: Iterable[Fill]) -> Row:
    rows = [
        {
            "price": text(market.own.price(fill.price)),
            "qty": text(market.own.amount(fill.lots)),
            "commission": text(from_atoms(fill.fee)),
            "commissionAsset": fee_asset(market, fill),
            "tradeId": fill.number,
        }
        for fill in fills
    ]
    return {**order_result(market, order), "fills": rows}


def order_row(market: Market, order: SandboxOrder) -> Row:
    return {
        "symbol": market.code,
        "orderId": order.id,
        "orderListId": NO_LIST,
        "clientOrderId": order.client_order_id,
        **_amounts(market, order),
        "stopPrice": ZERO,
        "icebergQty": ZERO,
        "time": order.created_ms,
        "updateTime": order.updated_ms,
        "isWorking": True,
        "workingTime": order.created_ms,
    }


def cancel_row(market: Market, order: SandboxOrder, cancel_id: str) -> Row:
    return {
        "symbol": market.code,
        "origClientOrderId": order.client_order_id,
        "orderId": order.id,
        "orderListId": NO_LIST,
        "clientOrderId": cancel_id,
        "transactTime": order.updated_ms,
        **_amounts(market, order),
    }


def fee_asset(market: Market, fill: Fill) -> str:
    return market.shown.base if fill.side is Side.BUY else market.shown.quote


def fill_row(market: Market, fill: Fill) -> Row:
    return {
        "symbol": market.code,
        "id": fill.number,
        "orderId": fill.order_id,
        "orderListId": NO_LIST,
        "price": text(market.own.price(fill.price)),
        "qty": text(market.own.amount(fill.lots)),
        "quoteQty": text(market.own.cost(fill.price * fill.lots)),
        "commission": text(from_atoms(fill.fee)),
        "commissionAsset": fee_asset(market, fill),
        "time": fill.time_ms,
        "isBuyer": fill.side is Side.BUY,
        "isMaker": fill.is_maker,
        "isBestMatch": True,
    }


def trade_row(rules: MarketRules, trade: SandboxTrade) -> Row:
    return {
        "id": trade.number,
        "price": text(rules.price(trade.price)),
        "qty": text(rules.amount(trade.lots)),
        "quoteQty": text(rules.cost(trade.price * trade.lots)),
        "time": trade.time_ms,
        "isBuyerMaker": trade.taker_side is Side.SELL,
        "isBestMatch": True,
    }


def aggregate_row(rules: MarketRules, trade: SandboxTrade) -> Row:
    return {
        "a": trade.number,
        "p": text(rules.price(trade.price)),
        "q": text(rules.amount(trade.lots)),
        "f": trade.number,
        "l": trade.number,
        "T": trade.time_ms,
        "m": trade.taker_side is Side.SELL,
        "M": True,
    }


def candle_row(rules: MarketRules, span: Span) -> list[object]:
    """A time without a trade stands at the price before it."""
    candle, close = span.candle, text(rules.price(span.close))
    times = span.open_ms, span.next_ms - 1
    if candle is None:
        return [times[0], close, close, close, close, ZERO, times[1], ZERO, 0, ZERO, ZERO, "0"]
    prices = (candle.open, candle.high, candle.low, candle.close)
    return [
        times[0],
        *(text(rules.price(price)) for price in prices),
        text(rules.amount(candle.lots)),
        times[1],
        text(rules.cost(candle.cost)),
        candle.trades,
        text(rules.amount(candle.bought_lots)),
        text(rules.cost(candle.bought_cost)),
        "0",
    ]


def level(rules: MarketRules, price_and_lots: tuple[int, int] | None) -> list[str]:
    """A side without orders has zeros where one level is told."""
    price, lots = (0, 0) if price_and_lots is None else price_and_lots
    return [text(rules.price(price)), text(rules.amount(lots))]


def symbol_row(market: Market) -> Row:
    own, rules = market.own, market.shown
    fee_decimals = max(_decimals(rules.maker_fee), _decimals(rules.taker_fee))
    base_decimals = max(DECIMALS, own.lot_decimals)
    quote_decimals = max(DECIMALS, own.tick_decimals + own.lot_decimals)
    return {
        "symbol": market.code,
        "status": "TRADING" if rules.open else "BREAK",
        "baseAsset": rules.base,
        "baseAssetPrecision": base_decimals,
        "quoteAsset": rules.quote,
        "quotePrecision": quote_decimals,
        "quoteAssetPrecision": quote_decimals,
        "baseCommissionPrecision": max(DECIMALS, own.lot_decimals + fee_decimals),
        "quoteCommissionPrecision": max(DECIMALS, own.tick_decimals + own.lot_decimals + fee_decimals),
        "orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET"],
        "icebergAllowed": False,
        "ocoAllowed": False,
        "otoAllowed": False,
        "opoAllowed": False,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": False,
        "cancelReplaceAllowed": False,
        "amendAllowed": False,
        "pegInstructionsAllowed": False,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": [
            {
                "filterType": "PRICE_FILTER",
                "minPrice": text(rules.min_price),
                "maxPrice": text(rules.price(MAX_UNITS)),
                "tickSize": text(rules.price(1)),
            },
            {
                "filterType": "LOT_SIZE",
                "minQty": text(rules.min_amount),
                "maxQty": text(rules.amount(MAX_UNITS)),
                "stepSize": text(rules.amount(1)),
            },
            {
                "filterType": "NOTIONAL",
                "minNotional": text(rules.min_market_cost),
                "applyMinToMarket": True,
                "maxNotional": text(MOST_NOTIONAL),
                "applyMaxToMarket": False,
                "avgPriceMins": AVERAGE_MINUTES,
            },
        ],
        "permissions": [],
        "permissionSets": [["SPOT"]],
        "defaultSelfTradePreventionMode": SELF_TRADE.value,
        "allowedSelfTradePreventionModes": [mode.value for mode in SelfTrade],
    }


def balance_rows(purses: Mapping[str, Purse]) -> list[Row]:
    return [
        {"asset": name, "free": text(from_atoms(purse.free)), "locked": text(from_atoms(purse.used))}
        for name, purse in purses.items()
    ]


def deposit_row(transfer: Transfer) -> Row:
    """Money that came from outside comes from no chain: it is told as a transfer inside of the exchange."""
    return {
        "id": str(transfer.id),
        "amount": text(from_atoms(transfer.amount)),
        "coin": transfer.currency,
        "network": transfer.currency,
        "status": 1,
        "address": "",
        "addressTag": "",
        "txId": f"Internal transfer {transfer.id}",
        "insertTime": transfer.time_ms,
        "completeTime": transfer.time_ms,
        "transferType": 1,
        "confirmTimes": "1/1",
        "unlockConfirm": 0,
        "walletType": 0,
    }


def withdrawal_row(transfer: Transfer) -> Row:
    applied = datetime.fromtimestamp(transfer.time_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return {
        "id": str(transfer.id),
        "amount": text(from_atoms(-transfer.amount)),
        "transactionFee": "0",
        "coin": transfer.currency,
        "status": 6,
        "address": "",
        "txId": f"Internal transfer {transfer.id}",
        "applyTime": applied,
        "completeTime": applied,
        "network": transfer.currency,
        "transferType": 1,
        "info": "",
        "confirmNo": 1,
        "walletType": 0,
        "txKey": "",
    }


def coin_row(currency: str, purse: Purse) -> Row:
    return {
        "coin": currency,
        "depositAllEnable": True,
        "withdrawAllEnable": True,
        "name": currency,
        "free": text(from_atoms(purse.free)),
        "locked": text(from_atoms(purse.used)),
        "freeze": "0",
        "withdrawing": "0",
        "ipoing": "0",
        "ipoable": "0",
        "storage": "0",
        "isLegalMoney": False,
        "trading": True,
        "networkList": [],
    }


def rates(market: Market) -> Row:
    rules = market.shown
    return {
        "maker": text(rules.maker_fee),
        "taker": text(rules.taker_fee),
        "buyer": ZERO,
        "seller": ZERO,
    }


def no_rates() -> Row:
    return dict.fromkeys(("maker", "taker", "buyer", "seller"), ZERO)


def no_discount() -> Row:
    return {"enabledForAccount": False, "enabledForSymbol": False, "discountAsset": "BNB", "discount": ZERO}


def rate_points(rate: Decimal) -> int:
    """In hundredths of a percent."""
    return int(rate * 10_000)


def funding_row(currency: str, purse: Purse) -> Row:
    return {
        "asset": currency,
        "free": text(from_atoms(purse.free)),
        "locked": ZERO,
        "freeze": ZERO,
        "withdrawing": ZERO,
        "btcValuation": ZERO,
    }


def _decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
