"""What an exchange is asked about single orders of ours: how one stands, what filled, whether it never had one."""

from collections.abc import Collection
from datetime import datetime, timedelta

from trading_bridge.accounts.absence import may_have_traded, outlived, window_closed
from trading_bridge.accounts.rules import Rules
from trading_bridge.core.finding import Finding
from trading_bridge.core.known import Unknown
from trading_bridge.core.market import Market
from trading_bridge.core.order import Order, OrderReport
from trading_bridge.core.outcome import Answered
from trading_bridge.core.trade import Trade
from trading_bridge.exchanges.session import Session


class OrderLooks:
    """A finding is why the exchange could not be asked. None: its market is not listed, and never was as far as this
    process knows, so nothing can be asked."""

    def __init__(self, session: Session, rules: Rules, signature_window: timedelta) -> None:
        self._session = session
        self._rules = rules
        self._signature_window = signature_window

    async def report(self, order: Order) -> OrderReport | Finding | None:
        """None also where the exchange does not know it, or not yet."""
        market = await self._market(order.symbol)
        if not isinstance(market, Market):
            return market
        if order.exchange_order_id is not None:
            answer = await self._session.order_report(market, exchange_order_id=order.exchange_order_id)
        else:
            answer = await self._session.order_report(market, client_order_id=order.client_order_id)
        return answer.value if isinstance(answer, Answered) else answer.finding

    async def report_of(self, exchange_order_id: str, symbol: str) -> OrderReport | Finding | None:
        """The same for an order that may be anybody's."""
        market = await self._market(symbol)
        if not isinstance(market, Market):
            return market
        answer = await self._session.order_report(market, exchange_order_id=exchange_order_id)
        return answer.value if isinstance(answer, Answered) else answer.finding

    async def fills(self, order: Order) -> tuple[Trade, ...] | Finding | None:
        market = await self._market(order.symbol)
        if not isinstance(market, Market):
            return market
        answer = await self._session.my_trades(market, exchange_order_id=order.exchange_order_id)
        if not isinstance(answer, Answered):
            return answer.finding
        return tuple(trade for trade in answer.value if trade.exchange_order_id == order.exchange_order_id)

    async def is_absent(
        self, order: Order, began_at: datetime | None, age_s: float, known: Collection[str]
    ) -> bool | Finding:
        """Whether an order that neither the open list nor a look-up shows was never there. They began `age_s` after
        this process opened it or took it over; `began_at`: when, where an earlier process opened it, whose clock may
        have been ahead of ours; `known` are exchange ids of other orders of ours in its market."""
        window = self._signature_window
        closed = outlived(age_s, window) or (began_at is not None and window_closed(order, began_at, window))
        if order.exchange_order_id is not None or not closed:
            return False
        market = await self._market(order.symbol)
        if not isinstance(market, Market):
            return False
        traded = await may_have_traded(self._session, market, order, known, window)
        return traded if isinstance(traded, Finding) else not traded

    async def _market(self, symbol: str) -> Market | Finding | None:
        rules = await self._rules.market(symbol)
        if isinstance(rules, Unknown):
            return rules.finding
        market = rules.value or self._rules.once(symbol)
        if market is None:
            self._rules.recheck()  # what became of an order waits for it, whatever its bot waits for
        return market
