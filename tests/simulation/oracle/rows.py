"""Orders and fills as the platform's database has them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from trading_bridge.core.order import OrderState, Side, is_final

_COLUMNS = (
    "client_order_id, exchange_order_id, bot_id, connector_id, symbol, side, price, amount, filled, state, epoch,"
    " decided_at, signed_at, frozen"
)
LIVE = f"SELECT {_COLUMNS} FROM orders INDEXED BY ix_orders_live WHERE live"
ONE = f"SELECT {_COLUMNS} FROM orders WHERE client_order_id = ?"
FILLS = (
    "SELECT id, connector_id, bot_id, client_order_id, exchange_order_id, symbol, trade_id, side, price, amount, fee,"
    " fee_currency FROM trade_logs WHERE id > ?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An order as it is committed."""

    client_order_id: str
    exchange_order_id: str | None
    bot_id: str
    connector_id: str
    symbol: str
    side: Side
    price: Decimal
    amount: Decimal
    filled: Decimal
    state: OrderState
    epoch: int
    decided_at: datetime
    signed_at: datetime
    frozen: str | None
    #: seconds of the run at which its intent was committed
    since_s: float

    @property
    def live(self) -> bool:
        return not is_final(self.state)

    @property
    def remaining(self) -> Decimal:
        return self.amount - self.filled


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFill:
    id: int
    connector_id: str
    bot_id: str | None
    client_order_id: str | None
    exchange_order_id: str
    symbol: str
    trade_id: str
    side: Side
    price: Decimal
    amount: Decimal
    fee: Decimal | None
    fee_currency: str | None
    #: seconds of the run at which it was committed
    since_s: float

    @property
    def signed(self) -> Decimal:
        """What it added to the base held."""
        return self.amount if self.side is Side.BUY else -self.amount


def row_of(values: dict[str, Any], since_s: float) -> Row:
    """`since_s`: seconds of the run at which its intent was committed."""
    return Row(
        client_order_id=values["client_order_id"],
        exchange_order_id=values["exchange_order_id"],
        bot_id=values["bot_id"],
        connector_id=values["connector_id"],
        symbol=values["symbol"],
        side=Side(values["side"]),
        price=Decimal(values["price"]),
        amount=Decimal(values["amount"]),
        filled=Decimal(values["filled"]),
        state=OrderState(values["state"]),
        epoch=values["epoch"],
        decided_at=datetime.fromisoformat(values["decided_at"]),
        signed_at=datetime.fromisoformat(values["signed_at"]),
        frozen=values["frozen"],
        since_s=since_s,
    )


def fill_of(values: dict[str, Any], since_s: float) -> StoredFill:
    """`since_s`: seconds of the run at which it was committed."""
    return StoredFill(
        id=values["id"],
        connector_id=values["connector_id"],
        bot_id=values["bot_id"],
        client_order_id=values["client_order_id"],
        exchange_order_id=values["exchange_order_id"],
        symbol=values["symbol"],
        trade_id=values["trade_id"],
        side=Side(values["side"]),
        price=Decimal(values["price"]),
        amount=Decimal(values["amount"]),
        fee=None if values["fee"] is None else Decimal(values["fee"]),
        fee_currency=values["fee_currency"],
        since_s=since_s,
    )
