"""Rows of the store's tables and back; a column's place is fixed by the schema in `store`."""

import sqlite3

from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import OrderState, Side, TimeInForce
from trading_bridge.sandbox.accounts import Account, AccountKind, ApiKey, Entry, EntryKind, Permission, Transfer
from trading_bridge.sandbox.candles import Candle
from trading_bridge.sandbox.matching import SelfTrade
from trading_bridge.sandbox.orders import Fill, SandboxOrder, SandboxTrade

Row = tuple[str | int | None, ...]


def account_row(account: Account) -> Row:
    return (
        account.name,
        account.kind.value,
        account.uid,
        account.account_id,
        account.active_order_limit,
        account.created_ms,
    )


def key_row(key: ApiKey) -> Row:
    permissions = " ".join(sorted(key.permissions))
    return (key.api_key, key.secret, key.account, permissions, " ".join(sorted(key.addresses)), int(key.revoked))


def order_row(order: SandboxOrder) -> Row:
    return (
        order.id,
        order.account,
        order.client_order_id,
        order.symbol,
        order.side.value,
        order.price,
        order.lots,
        str(order.budget),
        order.remaining,
        order.filled,
        str(order.filled_cost),
        order.state.value,
        int(order.is_market),
        int(order.post_only),
        order.time_in_force.value,
        order.created_ms,
        order.traded_ms,
        order.updated_ms,
        order.self_trade.value,
        order.prevented,
        order.prevented_id,
    )


def trade_row(trade: SandboxTrade) -> Row:
    return (
        trade.match_id,
        trade.sequence,
        trade.number,
        trade.symbol,
        trade.price,
        trade.lots,
        trade.taker_side.value,
        trade.buyer,
        trade.seller,
        str(trade.buyer_fee),
        str(trade.seller_fee),
        trade.time_ms,
    )


def fill_row(fill: Fill) -> Row:
    return (
        fill.id,
        fill.match_id,
        fill.number,
        fill.account,
        fill.symbol,
        fill.order_id,
        fill.side.value,
        fill.price,
        fill.lots,
        int(fill.is_maker),
        str(fill.fee),
        fill.remaining,
        int(fill.self_deal),
        fill.time_ms,
    )


def entry_row(entry: Entry) -> Row:
    return (
        entry.sequence,
        entry.account,
        entry.currency,
        entry.kind.value,
        str(entry.amount),
        str(entry.free),
        str(entry.used),
        entry.reference,
        entry.time_ms,
    )


def transfer_row(transfer: Transfer) -> Row:
    return (transfer.id, transfer.account, transfer.currency, str(transfer.amount), transfer.time_ms)


def read_account(row: sqlite3.Row) -> Account:
    return Account(
        name=row["name"],
        kind=AccountKind(row["kind"]),
        uid=row["uid"],
        account_id=row["account_id"],
        active_order_limit=row["active_order_limit"],
        created_ms=row["created_ms"],
    )


def read_key(row: sqlite3.Row) -> ApiKey:
    return ApiKey(
        api_key=row["api_key"],
        secret=row["secret"],
        account=row["account"],
        permissions=frozenset(Permission(name) for name in row["permissions"].split()),
        addresses=frozenset(row["addresses"].split()),
        revoked=bool(row["revoked"]),
    )


def read_order(row: sqlite3.Row) -> SandboxOrder:
    return SandboxOrder(
        id=row["id"],
        account=row["account"],
        client_order_id=row["client_order_id"],
        symbol=row["symbol"],
        side=Side(row["side"]),
        price=Ticks(row["price"]),
        lots=Lots(row["lots"]),
        budget=int(row["budget"]),
        remaining=Lots(row["remaining"]),
        filled=Lots(row["filled"]),
        filled_cost=int(row["filled_cost"]),
        state=OrderState(row["state"]),
        is_market=bool(row["is_market"]),
        post_only=bool(row["post_only"]),
        time_in_force=TimeInForce(row["time_in_force"]),
        created_ms=row["created_ms"],
        traded_ms=row["traded_ms"],
        updated_ms=row["updated_ms"],
        self_trade=SelfTrade(row["self_trade"]),
        prevented=Lots(row["prevented"]),
        prevented_id=row["prevented_id"],
    )


def read_trade(row: sqlite3.Row) -> SandboxTrade:
    return SandboxTrade(
        sequence=row["sequence"],
        match_id=row["match_id"],
        number=row["number"],
        symbol=row["symbol"],
        price=Ticks(row["price"]),
        lots=Lots(row["lots"]),
        taker_side=Side(row["taker_side"]),
        buyer=row["buyer"],
        seller=row["seller"],
        buyer_fee=int(row["buyer_fee"]),
        seller_fee=int(row["seller_fee"]),
        time_ms=row["time_ms"],
    )


def read_fill(row: sqlite3.Row) -> Fill:
    return Fill(
        id=row["id"],
        match_id=row["match_id"],
        number=row["number"],
        account=row["account"],
        symbol=row["symbol"],
        order_id=row["order_id"],
        side=Side(row["side"]),
        price=Ticks(row["price"]),
        lots=Lots(row["lots"]),
        is_maker=bool(row["is_maker"]),
        fee=int(row["fee"]),
        remaining=Lots(row["remaining"]),
        self_deal=bool(row["self_deal"]),
        time_ms=row["time_ms"],
    )


def read_entry(row: sqlite3.Row) -> Entry:
    return Entry(
        sequence=row["sequence"],
        account=row["account"],
        currency=row["currency"],
        kind=EntryKind(row["kind"]),
        amount=int(row["amount"]),
        free=int(row["free"]),
        used=int(row["used"]),
        reference=row["reference"],
        time_ms=row["time_ms"],
    )


def read_transfer(row: sqlite3.Row) -> Transfer:
    return Transfer(
        id=row["id"],
        account=row["account"],
        currency=row["currency"],
        amount=int(row["amount"]),
        time_ms=row["time_ms"],
    )


def candle_row(candle: Candle) -> Row:
    return (
        candle.symbol,
        candle.minute_ms,
        candle.open,
        candle.high,
        candle.low,
        candle.close,
        str(candle.lots),
        str(candle.cost),
        candle.first_number,
        candle.last_number,
        str(candle.bought_lots),
        str(candle.bought_cost),
        candle.traded_ms,
    )


def read_candle(row: sqlite3.Row) -> Candle:
    return Candle(
        symbol=row["symbol"],
        minute_ms=row["minute_ms"],
        open=Ticks(row["open"]),
        high=Ticks(row["high"]),
        low=Ticks(row["low"]),
        close=Ticks(row["close"]),
        lots=int(row["lots"]),
        cost=int(row["cost"]),
        first_number=row["first_number"],
        last_number=row["last_number"],
        bought_lots=int(row["bought_lots"]),
        bought_cost=int(row["bought_cost"]),
        traded_ms=row["traded_ms"],
    )
