"""Rows of Coinstore's answers (reference sections 6 to 8), with the odd types and omissions of the real ones.

Ours where the reference has no sample: the rows of deposits and withdrawals; `orderState` 40 on a fill that leaves its
order open; a market buy shows `ordQty` "0" and its `ordAmt`.
"""

from datetime import UTC, datetime
from decimal import ROUND_DOWN, Decimal

import orjson

from trading_bridge.core.order import OrderState, Side
from trading_bridge.sandbox.accounts import Account, Transfer
from trading_bridge.sandbox.matching import Book
from trading_bridge.sandbox.orders import Fill, SandboxOrder, SandboxTrade
from trading_bridge.sandbox.rules import MarketRules, from_atoms, plain, to_atoms
from trading_bridge.sandbox.wire.json_in import DATE_FORMAT

Row = dict[str, object]

DEPTH_LEVELS = (5, 10, 20, 50, 100)

_STATES = {
    OrderState.NEW: "SUBMITTED",
    OrderState.PARTIALLY_FILLED: "PARTIAL_FILLED",
    OrderState.FILLED: "FILLED",
    OrderState.CANCELED: "CANCELED",
}


def symbol_code(rules: MarketRules) -> str:
    return rules.base + rules.quote


def state_name(order: SandboxOrder) -> str:
    return _STATES[order.state]


def symbol_row(rules: MarketRules) -> Row:
    return {
        "symbolId": rules.market_id,
        "symbolCode": symbol_code(rules),
        "tradeCurrencyCode": rules.base.lower(),
        "quoteCurrencyCode": rules.quote.lower(),
        "openTrade": rules.open,
        "onLineTime": rules.listed_at_ms,
        "tickSz": rules.tick_decimals,
        "lotSz": rules.lot_decimals,
        "minLmtPr": plain(rules.min_price),
        "minLmtSz": plain(rules.min_amount),
        "minMktVa": plain(rules.min_market_cost),
        "minMktSz": plain(rules.min_market_amount),
        "makerFee": plain(rules.maker_fee),
        "takerFee": plain(rules.taker_fee),
    }


def currency_row(code: str) -> Row:
    """One chain, on which nothing moves: deposits and withdrawals are made by the sandbox's control."""
    chain = {
        "currencyCode": code.lower(),
        "chainName": "sandbox",
        "contractAddress": "",
        "depositOpen": 0,
        "withdrawOpen": 0,
        "withdrawFee": "0.00000000",
        "withdrawMin": "0.00000000",
        "withdrawMax": "0.00000000",
        "depositMin": "0.00000000",
        "withdrawFeePlatform": "0.00000000",
        "burningState": 0,
        "withdrawFeeOnChain": "0.00000000",
        "tagType": 0,
        "withdrawFeeMin": "0.00000000",
    }
    return {"name": code.lower(), "code": code.lower(), "showPrecision": 8, "chainDataList": [chain]}


def book_row(rules: MarketRules, book: Book[SandboxOrder], level: int) -> Row:
    asks, bids = (
        [[plain(rules.price(price)), plain(rules.amount(lots)), sign] for price, lots in book.depth(side, level)]
        for side, sign in ((Side.SELL, -1), (Side.BUY, 1))
    )
    return {
        "channel": f"{rules.market_id}@depth@{level}",
        "level": level,
        "a": asks,
        "b": bids,
        "symbol": symbol_code(rules),
        "instrumentId": rules.market_id,
    }


def trade_row(rules: MarketRules, trade: SandboxTrade) -> Row:
    return {
        "channel": f"{rules.market_id}@trade",
        "time": trade.time_ms // 1000,
        "volume": plain(rules.amount(trade.lots)),
        "price": plain(rules.price(trade.price)),
        "tradeId": trade.number,
        "takerSide": trade.taker_side.value.upper(),
        "seq": trade.number,
        "ts": trade.time_ms,
        "symbol": symbol_code(rules),
        "instrumentId": rules.market_id,
    }


def balance_rows(account: Account) -> list[Row]:
    """Frozen first, and only where something is frozen; a currency that the account never had has no row."""
    rows: list[Row] = []
    for currency, purse in sorted(account.purses.items()):
        head: Row = {"uid": account.uid, "accountId": account.account_id, "currency": currency}
        if purse.used:
            rows.append({**head, "balance": plain(from_atoms(purse.used)), "type": 4, "typeName": "FROZEN"})
        rows.append({**head, "balance": plain(from_atoms(purse.free)), "type": 1, "typeName": "AVAILABLE"})
    return rows


def order_row_v1_active(rules: MarketRules, order: SandboxOrder, account: Account) -> Row:
    """Id as text, price as a JSON number, no average; `ordAmt` and `leavesQty` say nothing."""
    return {
        "symbol": symbol_code(rules),
        "baseCurrency": rules.base,
        "quoteCurrency": rules.quote,
        "timestamp": order.created_ms,
        "side": order.side.value.upper(),
        "timeInForce": order.time_in_force.value,
        "accountId": account.account_id,
        "ordPrice": orjson.Fragment(_java_number(rules.price(order.price))),
        "cumAmt": plain(rules.cost(order.filled_cost)),
        "cumQty": plain(rules.amount(order.filled)),
        "leavesQty": "0",
        "clOrdId": order.client_order_id,
        "ordAmt": "0",
        "ordQty": plain(rules.amount(order.lots)),
        "ordId": str(order.id),
        "ordStatus": state_name(order),
        "ordType": _type_name(order),
    }


def order_row_v2(rules: MarketRules, order: SandboxOrder, account: Account) -> Row:
    return {
        "baseCurrency": rules.base,
        "quoteCurrency": rules.quote,
        "side": order.side.value.upper(),
        "cumQty": plain(rules.amount(order.filled)),
        "ordId": order.id,
        "clOrdId": order.client_order_id,
        "ordType": _type_name(order),
        "ordQty": plain(rules.amount(order.lots)),
        "cumAmt": plain(rules.cost(order.filled_cost)),
        "accountId": account.account_id,
        "timeInForce": order.time_in_force.value,
        "ordPrice": plain(rules.price(order.price)),
        "leavesQty": plain(rules.amount(order.remaining)),
        "avgPrice": _average(rules, order),
        "ordStatus": state_name(order),
        "symbol": symbol_code(rules),
        "timestamp": order.created_ms,
    }


def order_info_v2(rules: MarketRules, order: SandboxOrder, account: Account) -> Row:
    """The update time is in seconds once it traded, in milliseconds before."""
    updated = order.created_ms if order.traded_ms is None else order.traded_ms // 1000
    return {**order_row_v2(rules, order, account), "orderUpdateTime": updated}


def order_info_v1(rules: MarketRules, order: SandboxOrder, account: Account) -> Row:
    """State under another name; `leavesQty` says nothing."""
    amount = order.budget or order.price * order.lots
    return {
        "baseCurrency": rules.base,
        "quoteCurrency": rules.quote,
        "symbol": symbol_code(rules),
        "timestamp": order.created_ms,
        "side": order.side.value.upper(),
        "accountId": account.account_id,
        "ordId": order.id,
        "clOrdId": order.client_order_id,
        "ordType": _type_name(order),
        "ordState": state_name(order),
        "ordPrice": plain(rules.price(order.price)),
        "ordQty": plain(rules.amount(order.lots)),
        "ordAmt": plain(rules.cost(amount)),
        "cumAmt": plain(rules.cost(order.filled_cost)),
        "cumQty": plain(rules.amount(order.filled)),
        "leavesQty": "0",
        "avgPrice": _average(rules, order),
        "feeCurrency": rules.base if order.side is Side.BUY else rules.quote,
        "timeInForce": order.time_in_force.value,
    }


def match_row(rules: MarketRules, fill: Fill, account: Account, currency_ids: dict[str, int]) -> Row:
    """Amounts are JSON numbers with 18 decimals; the price is not given."""
    role = -1 if fill.is_maker else 1
    base_id, quote_id = currency_ids[rules.base], currency_ids[rules.quote]
    quantity = fill.lots * rules.atoms_per_lot
    rate = to_atoms(rules.maker_fee if fill.is_maker else rules.taker_fee)
    assert rate is not None, "a market's rates were checked when it was listed"
    return {
        "id": fill.id,
        "remainingQty": _number18(fill.remaining * rules.atoms_per_lot),
        "matchRole": role,
        "feeCurrencyId": base_id if fill.side is Side.BUY else quote_id,
        "acturalFeeRate": _number18(rate),
        "role": role,
        "accountId": account.account_id,
        "instrumentId": rules.market_id,
        "baseCurrencyId": base_id,
        "quoteCurrencyId": quote_id,
        "execQty": _number18(quantity),
        "orderState": 50 if fill.remaining == 0 else 40,
        "matchId": fill.match_id,
        "orderId": fill.order_id,
        "side": 1 if fill.side is Side.BUY else -1,
        "execAmt": _number18(fill.price * fill.lots * rules.atoms_per_unit),
        "selfDealingQty": _number18(quantity if fill.self_deal else 0),
        "tradeId": fill.number,
        "fee": _number18(fill.fee),
        "matchTime": fill.time_ms // 1000,
        "seq": None,
    }


def deposit_row(transfer: Transfer) -> Row:
    """Status 1: completed."""
    return {
        "id": transfer.id,
        "symbol": transfer.currency.lower(),
        "chainName": "sandbox",
        "chainProtocol": "sandbox",
        "amount": plain(from_atoms(transfer.amount)),
        "createdAt": _date(transfer.time_ms),
        "status": 1,
        "explorer": "",
        "txId": f"sandbox-{transfer.id}",
        "internalType": 0,
        "lockAccount": False,
    }


def withdrawal_row(transfer: Transfer) -> Row:
    """Status 5: completed."""
    return {
        "id": transfer.id,
        "symbol": transfer.currency,
        "amount": plain(from_atoms(-transfer.amount)),
        "fee": "0",
        "createdAt": _date(transfer.time_ms),
        "status": 5,
        "txId": f"sandbox-{transfer.id}",
        "addressTo": "outside",
        "tag": None,
        "chainName": "sandbox",
        "chainProtocol": "sandbox",
        "internalType": 0,
    }


def _date(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms // 1000, UTC).strftime(DATE_FORMAT)


def _type_name(order: SandboxOrder) -> str:
    return "MARKET" if order.is_market else "POST_ONLY" if order.post_only else "LIMIT"


def _average(rules: MarketRules, order: SandboxOrder) -> str:
    """At most 18 decimals, cut off."""
    if not order.filled:
        return "0"
    average = rules.cost(order.filled_cost) / rules.amount(order.filled)
    return plain(average.quantize(Decimal(1).scaleb(-18), ROUND_DOWN)) if average.adjusted() < 9 else plain(average)


def _number18(atoms: int) -> orjson.Fragment:
    """As Java writes a BigDecimal of scale 18: `0E-18`, `0.002000000000000000`, `3.40000000000E-7`."""
    return orjson.Fragment(str(from_atoms(atoms)))


def _java_number(value: Decimal) -> str:
    """`9.1E-10`, `60000.5`, `60000`."""
    value = value.normalize()
    exponent = value.as_tuple().exponent
    return format(value, "f") if isinstance(exponent, int) and exponent > 0 else str(value)
