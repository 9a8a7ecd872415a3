"""What is judged at the moment of a send with what became known since the decision."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from tests.factories import NOW, bot, market, order
from tests.unit.accounts.scripted import ManualClock
from trading_bridge.accounts.own_orders import OwnOrders
from trading_bridge.core.decision import Wanted
from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import OrderState, Side
from trading_bridge.core.reconcile import Plan
from trading_bridge.core.risk.assess import Caps, Stance
from trading_bridge.core.view import Standing
from trading_bridge.execution.screening import Screening, default_limits, unknown_worth
from trading_bridge.execution.work import Work

#: of quote; the wish below is worth half of it
BAND = Decimal(50)
WISH = Wanted(side=Side.SELL, price=Ticks(25_000), amount=Lots(100_000))


def account(filled: str) -> Any:
    """On which the order that is replaced has traded so much of its 1,000."""
    replaced = order(
        client_order_id="replaced",
        side=Side.SELL,
        amount=Decimal(1_000),
        filled=Decimal(filled),
        state=OrderState.CANCELED,
    )
    tracker = SimpleNamespace(order=lambda client_order_id: replaced, live_in=lambda symbol: ())
    return SimpleNamespace(
        tracker=tracker,
        connector=SimpleNamespace(id="connector1", client_id="client1", exchange="coinstore", name="coinstore"),
        foreign_orders=lambda symbol=None: (),
        spendable=lambda side, market: Decimal(10**9),
    )


@pytest.mark.parametrize(
    ("sold", "filled", "refused"),
    [
        (0, "0", None),
        (1_000, "0", None),
        (1_000, "1", "limit.inventory"),
        (0, "1000", None),
        (500, "501", "limit.inventory"),
        (-5_000, "1000", None),
    ],
)
def test_fault_X6_what_the_replaced_order_traded_since_the_decision_is_in_the_band(
    sold: int, filled: str, refused: str | None
) -> None:
    stood = Standing(
        client_order_id="replaced",
        exchange_order_id="1",
        side=Side.SELL,
        price=Ticks(25_100),
        remaining=Lots(100_000),
        state=OrderState.NEW,
    )
    work = Work(
        bot=bot(),
        account=account(filled),
        market=market(),
        plan=Plan(cancel=(stood,), place=(WISH,)),
        decision_id="d",
        decided_at=NOW,
        stance=Stance(caps=Caps(order=Decimal(1_000), band=BAND), position=Decimal(-sold)),
    )
    screening = Screening(OwnOrders(), ManualClock(NOW), scope_limits=default_limits, worth=unknown_worth)
    clear = screening.cleared(work, WISH)
    assert (None if clear.note is None else clear.note.code) == refused
    assert (clear.wish is None) == (refused is not None)
