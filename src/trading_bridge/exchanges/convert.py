"""The only reader of ccxt's dicts: what they say as values of ours, or an error; never a default in its place."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from trading_bridge.core.balance import Balance, Balances, Elsewhere
from trading_bridge.core.book import Book, Level
from trading_bridge.core.market import Lots, Market, Ticks
from trading_bridge.core.order import OrderReport, OrderState, Side
from trading_bridge.core.trade import PublicTrade, Trade
from trading_bridge.core.transfer import TransferRecord
from trading_bridge.exchanges.description import ExchangeInfo
from trading_bridge.exchanges.parsing import (
    ZERO,
    Unreadable,
    moment,
    optional,
    optional_nonzero,
    ordinal,
    required,
    side,
    text,
)
from trading_bridge.exchanges.wire import OtherWallet

#: ccxt's `status` -> state, where no word of the exchange's own says more
_STATUSES = {
    "open": OrderState.NEW,
    "closed": OrderState.FILLED,
    "canceled": OrderState.CANCELED,
    "expired": OrderState.EXPIRED,
    "rejected": OrderState.REJECTED,
}


def markets(info: ExchangeInfo, rows: Any) -> dict[str, Market]:
    """By symbol. A market whose steps cannot be read is left out; if none can, the answer is none."""
    found: dict[str, Market] = {}
    for row in rows:
        if row["spot"] is False:
            continue
        try:
            market = _market(info, row)
        except Unreadable:
            continue
        found[market.symbol] = market
    if rows and not found:
        raise Unreadable("no market of the list can be read")
    return found


def _market(info: ExchangeInfo, row: Any) -> Market:
    tick_size = required(row["precision"]["price"], "price step")
    lot_size = required(row["precision"]["amount"], "amount step")
    if tick_size <= 0 or lot_size <= 0:
        raise Unreadable("a market's step is not above zero")
    closed = info.wire.closed(row["info"])
    return Market(
        exchange=info.id,
        symbol=row["symbol"],
        base=row["base"],
        quote=row["quote"],
        tick_size=tick_size,
        lot_size=lot_size,
        min_price=optional_nonzero(row["limits"]["price"]["min"], "smallest price"),
        min_amount=optional_nonzero(row["limits"]["amount"]["min"], "smallest amount"),
        min_cost=optional_nonzero(row["limits"]["cost"]["min"], "smallest cost"),
        maker_fee=_rate(row["maker"], "maker fee"),
        taker_fee=_rate(row["taker"], "taker fee"),
        active=row["active"] is True and closed is None,
        closed=closed or "market.halted",
    )


def _rate(value: Any, name: str) -> Decimal | None:
    """None also for what ccxt's class assumes where the exchange says nothing: those are floats, answers are text."""
    return None if isinstance(value, float) else optional(value, name)


def balances(info: ExchangeInfo, answer: Any, traded: frozenset[str] = frozenset()) -> Balances:
    """`traded`: the currencies of the exchange's markets; empty: not known."""
    if not info.wire.is_balance(answer["info"]):
        raise Unreadable("the answer holds no balances")
    held = {
        currency: Balance(
            free=required(answer["free"][currency], f"free {currency}"),
            used=required(answer["used"][currency], f"used {currency}"),
        )
        for currency in answer["total"]
    }
    elsewhere = info.wire.elsewhere(answer["info"])
    return Balances(
        wallet=info.wallet,
        exchange_account=info.wire.account(answer["info"]),
        by_currency=held,
        # a row that cannot be read may be of any currency
        complete=info.complete_balances and None not in elsewhere,
        elsewhere=tuple(one for one in elsewhere if one is not None and one.amount > 0),
        traded=traded or None,
        unsettled=frozenset(c for c, one in held.items() if required(answer["total"][c], f"total {c}") != one.total),
    )


def elsewhere(info: ExchangeInfo, wallet: OtherWallet, answer: Any) -> tuple[Elsewhere, ...]:
    """What there is in a wallet that was read by a call of its own."""
    if not info.wire.is_balance(answer["info"]):
        raise Unreadable("the answer holds no balances")
    amounts = {currency: required(total, f"total {currency}") for currency, total in answer["total"].items()}
    return tuple(
        Elsewhere(wallet=wallet.name, currency=currency, amount=amount, how=wallet.how)
        for currency, amount in amounts.items()
        if amount > 0
    )


def book(market: Market, answer: Any, observed_at: datetime, depth: int) -> Book:
    """Prices off the tick move away from the mid: never a better book than the exchange's."""
    bids = _levels(market, answer["bids"], market.ticks_down)
    asks = _levels(market, answer["asks"], market.ticks_up)
    return Book(
        symbol=market.symbol,
        bids=tuple(Level(price, bids[price]) for price in sorted(bids, reverse=True)[:depth]),
        asks=tuple(Level(price, asks[price]) for price in sorted(asks)[:depth]),
        observed_at=observed_at,
    )


def _levels(market: Market, rows: Any, ticks: Any) -> dict[Ticks, Lots]:
    found: dict[Ticks, Lots] = {}
    for row in rows:
        price = ticks(required(row[0], "price"))
        amount = market.lots_down(required(row[1], "amount"))
        if price > 0 and amount > 0:
            found[price] = Lots(found.get(price, 0) + amount)
    return found


def public_trades(info: ExchangeInfo, market: Market, rows: Iterable[Any]) -> tuple[PublicTrade, ...]:
    """Oldest first; a trade whose side is a word unknown to us is left out."""
    found = [
        PublicTrade(
            trade_id=text(row["id"] or info.wire.public_trade_id(row["info"]), "trade id"),
            symbol=market.symbol,
            side=Side(row["side"]),
            price=required(row["price"], "price"),
            amount=required(row["amount"], "amount"),
            exchange_time=moment(row["timestamp"]),
        )
        for row in rows
        if row["side"] is not None
    ]
    found.sort(key=lambda trade: (trade.exchange_time, ordinal(trade.trade_id)))
    return tuple(found)


def order_id(answer: Any) -> str:
    return text(answer["id"], "order id")


def order_state(info: ExchangeInfo, order: Any) -> OrderState | None:
    """None: the exchange said none, or a word unknown to us."""
    wire = info.wire
    if not wire.states:
        return _STATUSES.get(str(order["status"]))
    raw = order["info"]
    word = next((raw[name] for name in wire.state_fields if raw.get(name) is not None), None)
    return wire.states.get(str(word).upper())


def order_report(info: ExchangeInfo, order: Any) -> OrderReport:
    filled = required(order["filled"], "filled")
    amount = optional(order["amount"], "amount")
    stamp = order["lastUpdateTimestamp"] or order["timestamp"]
    state = order_state(info, order)
    if state is OrderState.NEW and filled > 0:
        state = OrderState.PARTIALLY_FILLED
    return OrderReport(
        exchange_order_id=order_id(order),
        client_order_id=info.wire.client_id_read(order["clientOrderId"]),
        symbol=text(order["symbol"], "symbol"),
        side=side(order["side"]),
        price=optional_nonzero(order["price"], "price"),
        amount=filled if amount is None else amount,  # a market buy names its quote only
        filled=filled,
        state=state,
        exchange_time=None if stamp is None else moment(stamp),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TradePage:
    #: with the exchange's number of the match, which orders them
    trades: tuple[tuple[int, Trade], ...]
    #: on the wire; the order is not documented
    newest_first: bool


def trade_page(info: ExchangeInfo, market: Market, rows: Any, response: Any, account: str | None = None) -> TradePage:
    """`response` is the answer as it came: ccxt sorts the rows by time, which may have whole seconds only. `account`
    where a row names none."""
    number = info.wire.trade_number
    wire = [number(row) for row in info.wire.trade_rows(response)]
    return TradePage(
        trades=tuple((number(row["info"]), trade(info, row, account, market.symbol)) for row in rows),
        newest_first=not wire or wire[0] >= wire[-1],
    )


def trade(info: ExchangeInfo, row: Any, account: str | None, symbol: str | None = None) -> Trade:
    """`account` where the row names none; `symbol` None: the row's own."""
    fee = row["fee"] or {}
    role = row["takerOrMaker"]
    return Trade(
        trade_id=text(row["id"], "trade id"),
        exchange_account=info.wire.account(row["info"]) or account,
        exchange_order_id=text(row["order"], "order id"),
        symbol=text(row["symbol"], "symbol") if symbol is None else symbol,
        side=side(row["side"]),
        price=required(row["price"], "price"),
        amount=required(row["amount"], "amount"),
        cost=required(row["cost"], "cost"),
        fee=optional(fee.get("cost"), "fee"),
        fee_currency=fee.get("currency"),
        is_maker=None if role is None else role == "maker",
        exchange_time=moment(row["timestamp"]),
        self_deal=info.wire.self_dealt(row["info"]),
    )


def transfer_records(rows: Any, *, sign: int) -> tuple[TransferRecord, ...]:
    """`sign` 1: deposits; -1: withdrawals."""
    return tuple(_transfer_record(row, sign) for row in rows)


def _transfer_record(row: Any, sign: int) -> TransferRecord:
    fee = optional((row["fee"] or {}).get("cost"), "fee")
    return TransferRecord(
        exchange_id=f"{row['type']}-{text(row['id'] or row.get('txid'), 'record id')}",
        currency=text(row["currency"], "currency"),
        amount=sign * abs(required(row["amount"], "amount")),
        fee=ZERO if fee is None else abs(fee),
        at=moment(row["timestamp"]),
        completed=row["status"] == "ok",
    )
