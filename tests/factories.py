"""Small values for tests; each call names only what its test is about."""

from datetime import UTC, datetime
from decimal import Decimal

from trading_bridge.core.balance import Balance, Balances, Elsewhere
from trading_bridge.core.book import Book, Level
from trading_bridge.core.bot import Bot, BotStatus
from trading_bridge.core.decision import Reason, StoredDecision, WantedOrder
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.known import Known, Ok
from trading_bridge.core.market import Lots, Market, Ticks
from trading_bridge.core.order import Order, OrderState, OrderType, Side, TimeInForce
from trading_bridge.core.trade import Trade
from trading_bridge.core.transfer import Transfer, TransferSource
from trading_bridge.core.view import MarketView, Sources, Standing

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def market(**changed: object) -> Market:
    values: dict[str, object] = {
        "exchange": "coinstore",
        "symbol": "SHARP/USDT",
        "base": "SHARP",
        "quote": "USDT",
        "tick_size": Decimal("0.000001"),
        "lot_size": Decimal("0.01"),
        "min_price": Decimal("0.000001"),
        "min_amount": Decimal("10"),
        "min_cost": None,
        "maker_fee": Decimal("0.002"),
        "taker_fee": Decimal("0.002"),
        "active": True,
    }
    return Market(**(values | changed))  # type: ignore[arg-type]


def book(
    bids: tuple[tuple[int, int], ...] = ((25590, 500_000),),
    asks: tuple[tuple[int, int], ...] = ((25610, 500_000),),
    observed_at: datetime = NOW,
) -> Book:
    return Book(
        symbol="SHARP/USDT",
        bids=tuple(Level(Ticks(price), Lots(amount)) for price, amount in bids),
        asks=tuple(Level(Ticks(price), Lots(amount)) for price, amount in asks),
        observed_at=observed_at,
    )


def balances(*, complete: bool = True, **free: str) -> Balances:
    return Balances(
        wallet="spot",
        exchange_account="1134971",
        by_currency={name: Balance(free=Decimal(amount), used=Decimal(0)) for name, amount in free.items()},
        complete=complete,
    )


def elsewhere(currency: str, amount: str, wallet: str = "FUNDING") -> Elsewhere:
    return Elsewhere(wallet=wallet, currency=currency, amount=Decimal(amount), how="move it")


def standing(
    side: Side,
    price: int,
    remaining: int,
    state: OrderState = OrderState.NEW,
    name: str = "a",
    opened_at: datetime | None = None,
) -> Standing:
    return Standing(
        client_order_id=f"tbxxxxx1{side.value}{price}{name}",
        exchange_order_id="1",
        side=side,
        price=Ticks(price),
        remaining=Lots(remaining),
        state=state,
        opened_at=opened_at,
    )


def view(**changed: object) -> MarketView:
    values: dict[str, object] = {
        "now": NOW,
        "market": market(),
        "book": book(),
        "spendable_base": Decimal(1_000_000),
        "spendable_quote": Decimal(10_000),
        "held_base": Decimal(1_000_000),
        "held_quote": Decimal(10_000),
        "standing": (),
        "reference": Decimal("0.0256"),
    }
    return MarketView(**(values | changed))  # type: ignore[arg-type]


def sources(**changed: object) -> Sources:
    rules: Known[Market | None] = Ok(value=market(), as_of=NOW)
    values: dict[str, object] = {
        "rules": rules,
        "book": Ok(value=book(), as_of=NOW),
        "balances": Ok(value=balances(SHARP="1000000", USDT="10000"), as_of=NOW),
        "promised_base": Decimal(0),
        "promised_quote": Decimal(0),
        "standing": (),
        "own_in_book": (),
        "reference": Decimal("0.0256"),
    }
    return Sources(**(values | changed))  # type: ignore[arg-type]


def finding(code: str = "exchange.unreachable") -> Finding:
    return Finding(code=code, severity=Severity.WARNING, since=NOW)


def bot(**changed: object) -> Bot:
    values: dict[str, object] = {
        "id": "bot1",
        "name": "SHARP-SB-Coinstore",
        "client_id": "client1",
        "account": "client_sharp",
        "connector": "coinstore",
        "symbol": "SHARP/USDT",
        "bot_type": "spread",
        "config": {},
        "status": BotStatus.RUNNING,
        "market_verified": True,
        "note": None,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Bot(**(values | changed))  # type: ignore[arg-type]


def order(**changed: object) -> Order:
    values: dict[str, object] = {
        "client_order_id": "tbxxxxx1000000000001",
        "exchange_order_id": None,
        "bot_id": "bot1",
        "connector_id": "connector1",
        "symbol": "SHARP/USDT",
        "side": Side.BUY,
        "type": OrderType.LIMIT,
        "price": Decimal("0.025590"),
        "amount": Decimal("2000.00"),
        "filled": Decimal(0),
        "time_in_force": TimeInForce.GTC,
        "post_only": True,
        "state": OrderState.PENDING_NEW,
        "epoch": 1,
        "decision_id": "decision1",
        "decided_at": NOW,
        "signed_at": NOW,
    }
    return Order(**(values | changed))  # type: ignore[arg-type]


def decision(**changed: object) -> StoredDecision:
    values: dict[str, object] = {
        "id": "decision1",
        "bot_id": "bot1",
        "decided_at": NOW,
        "reason": Reason(code="quoting", parameters={"levels": "1"}),
        "notes": (Reason(code="balance.insufficient", parameters={"side": "sell", "has": "0"}),),
        "finding_code": None,
        "wanted": (WantedOrder(side=Side.BUY, price=Decimal("0.025590"), amount=Decimal("2000.00")),),
    }
    return StoredDecision(**(values | changed))  # type: ignore[arg-type]


def fill(**changed: object) -> Trade:
    values: dict[str, object] = {
        "trade_id": "1",
        "exchange_account": "1134971",
        "exchange_order_id": "1722183748419690",
        "symbol": "SHARP/USDT",
        "side": Side.BUY,
        "price": Decimal("0.02559"),
        "amount": Decimal(100),
        "cost": Decimal("2.559"),
        "fee": Decimal("0.2"),
        "fee_currency": "SHARP",
        "is_maker": True,
        "exchange_time": NOW,
    }
    return Trade(**(values | changed))  # type: ignore[arg-type]


def transfer(**changed: object) -> Transfer:
    values: dict[str, object] = {
        "id": "transfer1",
        "exchange": "coinstore",
        "exchange_account": "1134971",
        "connector_id": "connector1",
        "currency": "USDT",
        "amount": Decimal(500),
        "at": NOW,
        "source": TransferSource.OBSERVED,
        "exchange_id": None,
    }
    return Transfer(**(values | changed))  # type: ignore[arg-type]
