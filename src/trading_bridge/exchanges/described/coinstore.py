"""Coinstore (spot), through a ccxt class of our own. Its pages: coinstore-openapi.github.io/en."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from trading_bridge.core.balance import Elsewhere
from trading_bridge.core.finding import Severity
from trading_bridge.core.order import OrderState
from trading_bridge.exchanges.cause import NO_ANSWER, UNRECOGNISED, refused, unresolved
from trading_bridge.exchanges.description import (
    API_KEY,
    API_SECRET,
    Certification,
    ExchangeInfo,
    RateLimit,
)
from trading_bridge.exchanges.parsing import Unreadable, optional, ordinal, required, text
from trading_bridge.exchanges.wire import Envelope, Pages, Wire

_CAUSES = {
    "400": refused("order.refused", Severity.WARNING),
    "401": refused("credentials.rejected"),
    # address not allowed, a permission missing, or the signature: only a probe can tell
    "1401": refused("access.refused"),
    "3005": refused("signature.refused"),
    "3011": refused("market.unknown"),
    "3012": refused("market.halted"),
    "3013": refused("permission.trade_missing"),
    "3014": refused("permission.trade_missing"),
    "3015": refused("permission.trade_missing"),
    "6001": refused("permission.trade_missing"),
    "3103": refused("order.not_found", Severity.WARNING),
    "3104": refused("order.precision", Severity.WARNING),
    "3106": refused("order.precision", Severity.WARNING),
    # proves that an earlier request arrived
    "3111": unresolved("order.duplicate"),
    "3113": refused("balance.insufficient", Severity.WARNING),
    "429": refused("rate.limited", Severity.WARNING),
    "500": unresolved(NO_ANSWER, stage="server error"),
    # of transfers between wallets, which nothing here asks for
    "102150400": UNRECOGNISED,
    "101040502": UNRECOGNISED,
    "102150808": UNRECOGNISED,
}

_STATES = {
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

#: types of balance rows that are of the wallet which orders use: free, used
_TRADING_WALLET = ("1", "4")


def _rows(raw: Any) -> list[Any]:
    """Of an envelope."""
    rows = raw.get("data") if isinstance(raw, dict) else raw
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _account(raw: Any) -> str | None:
    """Of an answer's rows, or of one row; None where they do not agree."""
    rows = _rows(raw) or [raw]
    named = {str(row["accountId"]) for row in rows if isinstance(row, dict) and row.get("accountId") is not None}
    return named.pop() if len(named) == 1 else None


def _elsewhere(raw: Any) -> tuple[Elsewhere | None, ...]:
    return tuple(_other_wallet(row) for row in _rows(raw) if str(row.get("type")) not in _TRADING_WALLET)


def _other_wallet(row: Any) -> Elsewhere | None:
    wallet = row.get("typeName") or row.get("type")
    try:
        return Elsewhere(
            wallet=text(None if wallet is None else str(wallet), "wallet"),
            currency=text(row.get("currency"), "currency").upper(),
            amount=required(row.get("balance"), "balance"),
            how="move it to the spot account on the exchange's Assets page",
        )
    except Unreadable:
        return None


def _self_dealt(row: Any) -> bool:
    amount = optional(row.get("selfDealingQty"), "selfDealingQty")
    return amount is not None and amount > 0


def _match_number(row: Any) -> int:
    return ordinal(str(row.get("matchId") or row.get("id")))


def _addresses(urls: Mapping[str, Any], base: str) -> dict[str, Any]:
    """Every call goes to `base` itself. Books are pushed from its neighbour: `api.<domain>/api` has `ws.<domain>/s/ws`;
    another host has them below `base`."""
    host = urlsplit(base).netloc
    stream = f"wss://ws.{host[4:]}" if host.startswith("api.") else base.replace("http", "ws", 1)
    return {name: f"{stream}/s/ws" if name == "ws" else base for name in urls}


INFO = ExchangeInfo(
    id="coinstore",
    label="Coinstore",
    credential_fields=(API_KEY, API_SECRET),
    features={
        "limit_orders": True,
        "post_only": True,
        "market_orders": True,
        "client_order_ids": True,
        "own_trades": True,
        "deposits_and_withdrawals": True,
        "streams": True,
        "dead_mans_switch": False,
    },
    user_limits=(RateLimit(calls=120, per_s=3.0),),
    address_limits=(RateLimit(calls=300, per_s=3.0),),
    signature_window_s=60.0,
    complete_balances=True,
    balances_source="Coinstore API, POST /spot/accountList: with code 0, a currency without any row has no balance "
    "on this account; one that has a row of only one kind has zero of the other",
    wallet="spot",
    unused_order_id="1",  # its ids have 16 or 17 digits
    implementation="trading_bridge.exchanges.coinstore:coinstore",
    streaming="trading_bridge.exchanges.coinstore_stream:coinstore",
    conflated=frozenset({"signature.refused"}),
    certification=Certification.SANDBOXED,
    wire=Wire(
        envelope=Envelope(code=("code",), text=("message", "msg"), success=frozenset({"0"})),
        causes=_CAUSES,
        all_causes=True,
        state_fields=("ordStatus", "ordState", "state"),
        states=_STATES,
        account=_account,
        elsewhere=_elsewhere,
        self_dealt=_self_dealt,
        own_trades=Pages(page_param="pageNum", order_param="ordId"),
        trade_number=_match_number,
        trade_rows=_rows,
        urls=_addresses,
        streamed_number=str,
        balances_need_markets=False,
    ),
)
