"""Orders and trades of an exchange account that are not ours: people's, another installation's, or a thief's."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from trading_bridge.clock import Clock
from trading_bridge.core.amount import readable
from trading_bridge.core.client import Connector, ManualTrading, Strangers
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.order import OrderReport, Side, is_ours
from trading_bridge.core.trade import Trade

ORDER = "account.foreign_order"
TRADE = "account.foreign_trade"
SHARED = "account.shared"
#: the one that holds new orders, where there are several: what another system does is graver than what a person does
_GRAVEST = (SHARED, TRADE, ORDER)
#: a trade that people made as expected is told so long
TOLD_FOR = timedelta(minutes=10)
#: our pattern: `tb`, five of an installation, an epoch and a random part
_OF_A_PLATFORM = re.compile(r"tb[a-z0-9]{5}[a-z0-9]+")


class Foreign:
    def __init__(
        self,
        *,
        connector: Connector,
        installation_id: str,
        strangers: Strangers,
        clock: Clock,
        on_alarm: Callable[[Mapping[str, Finding]], None],
    ) -> None:
        """`strangers`: what an earlier process found. `on_alarm`: what is to be answered for has grown."""
        self._connector = connector
        self._installation_id = installation_id
        self._answered_at = strangers.answered_at
        self._alarms = dict(strangers.alarms)  # code -> what a person has to answer for
        self._clock = clock
        self._on_alarm = on_alarm
        self._orders: tuple[OrderReport, ...] = ()
        self._orders_since = clock.now()  # since when there is one at all
        self._told: tuple[datetime, Finding] | None = None  # the last trade that people were expected to make

    @property
    def held(self) -> Finding | None:
        """Why new orders of this account are held until a person answers; None: nothing asks for an answer."""
        return next((self._alarms[code] for code in _GRAVEST if code in self._alarms), None)

    def is_foreign(self, client_order_id: str | None) -> bool:
        return not is_ours(client_order_id, self._installation_id)

    def listed(self, reports: tuple[OrderReport, ...]) -> None:
        """The open orders that are not ours, as the exchange listed them at one time."""
        if not self._orders:
            self._orders_since = self._clock.now()
        self._orders = reports
        fresh = [report for report in reports if not self._is_answered(report.exchange_time)]
        shared = [report for report in fresh if self._is_another_platforms(report.client_order_id)]
        by_hand = [report for report in fresh if report not in shared]
        if shared:
            self._alarm(SHARED, _of_orders(shared))
        if by_hand and self._connector.manual_trading is ManualTrading.NONE:
            self._alarm(ORDER, _of_orders(by_hand))

    def traded(self, trade: Trade, client_order_id: str | None) -> None:
        """A fill of an order that is not ours; None: the exchange named no client order id."""
        if self._is_answered(trade.exchange_time):
            return
        parameters = _of_trade(trade)
        if self._is_another_platforms(client_order_id):
            self._alarm(SHARED, parameters)
        elif self._connector.manual_trading is ManualTrading.NONE:
            self._alarm(TRADE, parameters)
        else:
            self._told = self._clock.now(), self._finding(TRADE, Severity.INFO, parameters)

    def is_new(self, at: datetime) -> bool:
        """What happened before the key was entered is the account's past, of which nothing is asked."""
        return at >= (self._connector.key_set_at or self._connector.created_at)

    def orders(self, symbol: str | None = None) -> tuple[OrderReport, ...]:
        """Open ones in a market, or in all, as of the last look."""
        return tuple(report for report in self._orders if symbol is None or report.symbol == symbol)

    def findings(self) -> Iterator[Finding]:
        yield from self._alarms.values()
        if self._orders and not {ORDER, SHARED} & self._alarms.keys():
            found = self._finding(ORDER, Severity.INFO, _of_orders(self._orders))
            yield replace(found, since=self._orders_since)
        if self._told is not None and TRADE not in self._alarms:
            told_at, finding = self._told
            if self._clock.now() - told_at < TOLD_FOR:
                yield finding

    def _is_another_platforms(self, client_order_id: str | None) -> bool:
        """It has the pattern of our ids, and is not of this installation (faults D6)."""
        return client_order_id is not None and _OF_A_PLATFORM.fullmatch(client_order_id) is not None

    def _is_answered(self, at: datetime | None) -> bool:
        return at is not None and self._answered_at is not None and at < self._answered_at

    def _alarm(self, code: str, parameters: Mapping[str, str]) -> None:
        before = self._alarms.get(code)
        finding = self._finding(code, Severity.CRITICAL, parameters)
        self._alarms[code] = finding if before is None else replace(finding, since=before.since)
        if before is None:
            self._on_alarm(dict(self._alarms))

    def _finding(self, code: str, severity: Severity, parameters: Mapping[str, str]) -> Finding:
        told = {"connector": self._connector.name, **parameters}
        return Finding(code=code, severity=severity, since=self._clock.now(), parameters=told)


def _of_orders(reports: Sequence[OrderReport]) -> Mapping[str, str]:
    first = reports[0]
    words = _words(first.symbol, first.side, readable(first.amount), first.exchange_order_id)
    return {"orders": str(len(reports)), **words}


def _of_trade(trade: Trade) -> Mapping[str, str]:
    return _words(trade.symbol, trade.side, readable(trade.amount), trade.exchange_order_id)


def _words(symbol: str, side: Side, amount: str, exchange_order_id: str) -> Mapping[str, str]:
    return {"symbol": symbol, "side": side.value, "amount": amount, "exchange_order_id": exchange_order_id}
