"""A fill's fee that the exchange corrected: its row, and the audit row that goes with it (faults X8)."""

import json
from datetime import datetime

from sqlalchemy import bindparam, insert, update

from trading_bridge.core.user import AskerKind
from trading_bridge.storage.journal_group import Fee, FillKey
from trading_bridge.storage.tables import audit_log, trade_logs

CORRECT_FEE = update(trade_logs).where(
    trade_logs.c.exchange == bindparam("which_exchange"),
    trade_logs.c.exchange_account == bindparam("which_account"),
    trade_logs.c.symbol == bindparam("which_symbol"),
    trade_logs.c.trade_id == bindparam("which_trade_id"),
)
AUDIT = insert(audit_log)


def corrected(key: FillKey, fee: Fee) -> dict[str, object]:
    exchange, account, symbol, trade_id = key
    return {
        "which_exchange": exchange,
        "which_account": account,
        "which_symbol": symbol,
        "which_trade_id": trade_id,
        "fee": fee[0],
        "fee_currency": fee[1],
    }


def audited(key: FillKey, was: Fee, now: Fee, at: datetime) -> dict[str, object]:
    """Nobody asked for it, and nothing is changed silently: the asker is the exchange."""
    exchange, account, symbol, trade_id = key
    details = {"exchange_account": account, "symbol": symbol, "was": _told(was), "is": _told(now)}
    return {
        "at": at,
        "asker_kind": AskerKind.SYSTEM,
        "user_id": None,
        "asker_name": exchange,
        "verb": "trade.fee_corrected",
        "subject_kind": "trade",
        "subject_id": trade_id,
        "details": json.dumps(details),
    }


def _told(fee: Fee) -> list[str | None]:
    amount, currency = fee
    return [None if amount is None else f"{amount:f}", currency]
