"""The only reader of ccxt's dicts: what they say as values of ours, or an error; never a default in its place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from trading_bridge.core.balance import Balance, Balances, Elsewhere
from trading_bridge.core.book import Book, Level
from trading_bridge.core.market import Lots, Market, Ticks
from trading_bridge.core.order import OrderReport, OrderState, Side
from trading_bridge.core.trade import PublicTrade, Trade
from trading_bridge.core.transfer import TransferRecord
from trading_bridge.exchanges.registry import ExchangeInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ZERO = Decimal(0)

#: exchange -> the field of a raw row that names the exchange account
_ACCOUNT_FIELD = {"coinstore": "accountId"}
#: exchange -> types of its balance rows that are of the wallet which orders use: free, used
_TRADING_WALLET = {"coinstore": ("1", "4")}
#: exchange -> how people bring money from its other wallets into that one
_HOW_TO_MOVE = {"coinstore": "move it to the spot account on the exchange's Assets page"}
#: exchange -> the field of a raw own trade that holds how much of it was with the same account
_SELF_DEAL_FIELDS = {"coinstore": "selfDealingQty"}
#: exchange -> the fields of a raw order that hold its state
_STATE_FIELDS = {"coinstore": ("ordStatus", "ordState", "state")}
#: exchange -> its word -> state; ccxt's own `status` is too coarse
_STATES: Mapping[str, Mapping[str, OrderState]] = {
    "coinstore": {
        "SUBMITTING": OrderState.NEW,  # accepted, not in the book yet
        "SUBMITTED": OrderState.NEW,
        "PARTIAL_FILLED": OrderState.PARTIALLY_FILLED,
        "CANCELING": OrderState.PENDING_CANCEL,
        "FILLED": OrderState.FILLED,
        "CANCELED": OrderState.CANCELED,  # cumQty may be above zero
        "STOPPED": OrderState.CANCELED,
        "REJECTED": OrderState.REJECTED,
        "EXPIRED": OrderState.EXPIRED,
    }
}


class Unreadable(ValueError):
    """An answer lacks what it must have, or has it in a form that is not known."""


def required(value: Any, name: str) -> Decimal:
    """A number that must be there; zero counts."""
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise Unreadable(f"{name} is {value!r}, expected a number as text")
    try:
        number = Decimal(value if isinstance(value, int) or "." not in value else _trimmed(value))
    except InvalidOperation:
        raise Unreadable(f"{name} is {value!r}, expected a number") from None
    if not number.is_finite():
        raise Unreadable(f"{name} is {value!r}, expected a number")
    return number if number else _ZERO


def optional(value: Any, name: str) -> Decimal | None:
    """A number that may be missing; zero counts."""
    return None if value is None else required(value, name)


def optional_nonzero(value: Any, name: str) -> Decimal | None:
    """A number that may be missing, where the exchange writes zero for "none"."""
    number = optional(value, name)
    return None if number == _ZERO else number


def markets(info: ExchangeInfo, rows: Any) -> dict[str, Market]:
    """By symbol. A market whose steps cannot be read is left out; if none can, the answer is none."""
    found: dict[str, Market] = {}
    for row in rows:
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
        maker_fee=optional(row["maker"], "maker fee"),
        taker_fee=optional(row["taker"], "taker fee"),
        active=row["active"] is True,
    )


def balances(info: ExchangeInfo, answer: Any, traded: frozenset[str] = frozenset()) -> Balances:
    """`traded`: the currencies of the exchange's markets; empty: not known."""
    held = {
        currency: Balance(
            free=required(answer["free"][currency], f"free {currency}"),
            used=required(answer["used"][currency], f"used {currency}"),
        )
        for currency in answer["total"]
    }
    rows = _raw_rows(answer)
    others = [row for row in rows if str(row.get("type")) not in _TRADING_WALLET[info.id]]
    elsewhere = [_elsewhere(info, row) for row in others]
    return Balances(
        wallet=info.wallet,
        exchange_account=_account(info, rows),
        by_currency=held,
        # a row that cannot be read may be of any currency
        complete=info.complete_balances and None not in elsewhere,
        elsewhere=tuple(one for one in elsewhere if one is not None and one.amount > 0),
        traded=traded or None,
        unsettled=frozenset(c for c, one in held.items() if required(answer["total"][c], f"total {c}") != one.total),
    )


def _elsewhere(info: ExchangeInfo, row: Any) -> Elsewhere | None:
    """None: it cannot be read."""
    wallet = row.get("typeName") or row.get("type")
    try:
        return Elsewhere(
            wallet=_text(None if wallet is None else str(wallet), "wallet"),
            currency=_text(row.get("currency"), "currency").upper(),
            amount=required(row.get("balance"), "balance"),
            how=_HOW_TO_MOVE[info.id],
        )
    except Unreadable:
        return None


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


def public_trades(market: Market, rows: Iterable[Any]) -> tuple[PublicTrade, ...]:
    """Oldest first; a trade whose side is a word unknown to us is left out."""
    found = [
        PublicTrade(
            trade_id=_text(row["id"], "trade id"),
            symbol=market.symbol,
            side=Side(row["side"]),
            price=required(row["price"], "price"),
            amount=required(row["amount"], "amount"),
            exchange_time=_time(row["timestamp"]),
        )
        for row in rows
        if row["side"] is not None
    ]
    found.sort(key=lambda trade: (trade.exchange_time, _ordinal(trade.trade_id)))
    return tuple(found)


def order_id(answer: Any) -> str:
    return _text(answer["id"], "order id")


def order_state(info: ExchangeInfo, order: Any) -> OrderState | None:
    """None: the exchange said none, or a word unknown to us."""
    raw = order["info"]
    word = next((raw[name] for name in _STATE_FIELDS[info.id] if raw.get(name) is not None), None)
    return _STATES[info.id].get(str(word).upper())


def order_report(info: ExchangeInfo, order: Any) -> OrderReport:
    filled = required(order["filled"], "filled")
    amount = optional(order["amount"], "amount")
    moment = order["lastUpdateTimestamp"] or order["timestamp"]
    state = order_state(info, order)
    if state is OrderState.NEW and filled > 0:
        state = OrderState.PARTIALLY_FILLED
    return OrderReport(
        exchange_order_id=order_id(order),
        client_order_id=order["clientOrderId"],
        symbol=_text(order["symbol"], "symbol"),
        side=_side(order["side"]),
        price=optional_nonzero(order["price"], "price"),
        amount=filled if amount is None else amount,  # a market buy names its quote only
        filled=filled,
        state=state,
        exchange_time=None if moment is None else _time(moment),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TradePage:
    #: with the exchange's number of the match, which orders them
    trades: tuple[tuple[int, Trade], ...]
    #: on the wire; the order is not documented
    newest_first: bool


def trade_page(info: ExchangeInfo, market: Market, rows: Any, response: Any) -> TradePage:
    """`response` is the answer as it came: ccxt sorts the rows by time, which has whole seconds only."""
    wire = [_match_number(row) for row in _raw_rows({"info": response})]
    return TradePage(
        trades=tuple((_match_number(row["info"]), _trade(info, market, row)) for row in rows),
        newest_first=not wire or wire[0] >= wire[-1],
    )


def _trade(info: ExchangeInfo, market: Market, row: Any) -> Trade:
    fee = row["fee"] or {}
    role = row["takerOrMaker"]
    return Trade(
        trade_id=_text(row["id"], "trade id"),
        exchange_account=_account(info, [row["info"]]),
        exchange_order_id=_text(row["order"], "order id"),
        symbol=market.symbol,
        side=_side(row["side"]),
        price=required(row["price"], "price"),
        amount=required(row["amount"], "amount"),
        cost=required(row["cost"], "cost"),
        fee=optional(fee.get("cost"), "fee"),
        fee_currency=fee.get("currency"),
        is_maker=None if role is None else role == "maker",
        exchange_time=_time(row["timestamp"]),
        self_deal=_self_deal(info, row["info"]),
    )


def _self_deal(info: ExchangeInfo, row: Any) -> bool:
    """False where the exchange does not say."""
    name = _SELF_DEAL_FIELDS.get(info.id)
    amount = None if name is None else optional(row.get(name), name)
    return amount is not None and amount > 0


def _match_number(row: Any) -> int:
    return _ordinal(str(row.get("matchId") or row.get("id")))


def _raw_rows(answer: Any) -> list[Any]:
    info = answer["info"]
    rows = info.get("data") if isinstance(info, dict) else info
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _account(info: ExchangeInfo, rows: Iterable[Any]) -> str | None:
    named = {str(row[_ACCOUNT_FIELD[info.id]]) for row in rows if row.get(_ACCOUNT_FIELD[info.id]) is not None}
    return named.pop() if len(named) == 1 else None


def transfer_records(rows: Any, *, sign: int) -> tuple[TransferRecord, ...]:
    """`sign` 1: deposits; -1: withdrawals."""
    return tuple(_transfer_record(row, sign) for row in rows)


def _transfer_record(row: Any, sign: int) -> TransferRecord:
    fee = optional((row["fee"] or {}).get("cost"), "fee")
    return TransferRecord(
        exchange_id=f"{row['type']}-{_text(row['id'], 'record id')}",
        currency=_text(row["currency"], "currency"),
        amount=sign * abs(required(row["amount"], "amount")),
        fee=_ZERO if fee is None else abs(fee),
        at=_time(row["timestamp"]),
        completed=row["status"] == "ok",
    )


def _side(word: Any) -> Side:
    if word not in ("buy", "sell"):
        raise Unreadable(f"side is {word!r}, expected buy or sell")
    return Side(word)


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise Unreadable(f"{name} is {value!r}, expected text")
    return value


def _time(milliseconds: Any) -> datetime:
    if not isinstance(milliseconds, int) or isinstance(milliseconds, bool):
        raise Unreadable(f"time is {milliseconds!r}, expected milliseconds")
    return _EPOCH + timedelta(milliseconds=milliseconds)


def _trimmed(text: str) -> str:
    """Without the zeros that pad a fraction to 18 decimals; an exponent stays as it is."""
    return text.rstrip("0").rstrip(".") if text.replace(".", "", 1).isdecimal() else text


def _ordinal(text: str) -> int:
    return int(text) if text.isdecimal() else 0
