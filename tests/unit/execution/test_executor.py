"""What an answer to a create does beside closing its intent."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from tests.factories import NOW, bot, finding, market
from tests.unit.accounts.scripted import KeptJournal, ManualClock, ScriptedSession, answered
from trading_bridge.clock import CountingEntropy
from trading_bridge.core.decision import Wanted
from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import Order, Side
from trading_bridge.core.outcome import NotSent, Refused, Unresolved
from trading_bridge.core.reconcile import Plan
from trading_bridge.execution.executor import Executor, Work


@dataclass
class Orders:
    """The tracker's part in a send."""

    recorded: list[str] = field(default_factory=list)

    def opened(self, order: Order) -> None: ...

    def live(self, bot_id: str | None = None) -> tuple[()]:
        return ()

    def live_in(self, symbol: str) -> tuple[()]:
        return ()

    async def record(self, client_order_id: str, state: str, **facts: object) -> None:
        self.recorded.append(state)


async def expired_by(outcome: Any) -> int:
    """How often a create that ended so had the rules read anew."""
    expired: list[bool] = []
    session: Any = ScriptedSession({"create_order": [outcome], "grant": [None]})
    account: Any = SimpleNamespace(
        session=session,
        tracker=Orders(),
        route=SimpleNamespace(rules=SimpleNamespace(expire=lambda: expired.append(True))),
        connector=SimpleNamespace(id="connector1", client_id="client1", exchange="coinstore", name="coinstore"),
        closed=False,
        withheld_in=lambda symbol: None,
        foreign_orders=lambda symbol=None: (),
        spendable=lambda side, market: 10**9,
    )
    executor = Executor(
        journal=KeptJournal(),  # type: ignore[arg-type]
        clock=ManualClock(NOW),
        entropy=CountingEntropy(),
        installation_id="abcde",
        shard=0,
        epoch=1,
        gate=lambda _: None,
    )
    wish = Wanted(side=Side.BUY, price=Ticks(25_000), amount=Lots(10_000))
    plan = Plan(place=(wish,))
    work = Work(bot=bot(), account=account, market=market(), plan=plan, decision_id="d", decided_at=NOW)
    await executor.apply(work)
    assert session.count("create_order") == 1
    return len(expired)


@pytest.mark.parametrize(
    ("outcome", "times"),
    [
        (Refused(finding=finding("order.precision")), 1),
        (Refused(finding=finding("order.too_small")), 1),
        (Refused(finding=finding("market.unknown")), 1),
        (Refused(finding=finding("market.halted")), 1),
        (Unresolved(finding=finding("exchange.unrecognised")), 1),
        (NotSent(finding=finding("order.precision")), 1),
        (Refused(finding=finding("balance.insufficient")), 0),
        (Unresolved(finding=finding("exchange.no_answer")), 0),
        (answered("1"), 0),
    ],
    ids=lambda one: one.finding.code if hasattr(one, "finding") else None,
)
async def test_fault_X14_what_may_be_said_of_changed_rules_has_them_read_anew(outcome: Any, times: int) -> None:
    assert await expired_by(outcome) == times
