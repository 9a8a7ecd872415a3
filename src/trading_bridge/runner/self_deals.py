"""A trade of a client with itself, as the exchange reports it: what must never happen ends the client's trading."""

from collections.abc import Callable, Iterator

from trading_bridge.clock import Clock
from trading_bridge.core.amount import readable
from trading_bridge.core.client import Connector
from trading_bridge.core.finding import Finding, Held, Severity, Subject, SubjectKind
from trading_bridge.core.order import Side
from trading_bridge.core.restraint import Scope, ScopeKind
from trading_bridge.core.trade import Trade


class SelfDeals:
    def __init__(self, clock: Clock, kill: Callable[[Scope, str], None], is_killed: Callable[[Scope], bool]) -> None:
        self._clock = clock
        self._kill = kill
        self._is_killed = is_killed
        self._found: dict[str, tuple[Scope, Finding]] = {}  # connector_id -> whose, the last one
        self._halves: set[tuple[object, ...]] = set()  # sides of matches whose other side was not told yet

    def happened(self, connector: Connector, fill: Trade) -> None:
        """Once for each such fill that is stored. A match has two sides, each a fill of its own; the one that is told
        later, maybe after a person has re-armed the client, tells nothing new."""
        if _half(connector, fill, fill.side.opposite) in self._halves:
            self._halves.remove(_half(connector, fill, fill.side.opposite))
            return
        self._halves.add(_half(connector, fill, fill.side))
        client = Scope(kind=ScopeKind.CLIENT, id=connector.client_id)
        parameters = {
            "connector": connector.name,
            "symbol": fill.symbol,
            "amount": readable(fill.amount),
            "price": readable(fill.price),
            "trade_id": fill.trade_id,
        }
        finding = Finding(
            code="self_trade.happened", severity=Severity.CRITICAL, since=self._clock.now(), parameters=parameters
        )
        self._found[connector.id] = client, finding
        self._kill(client, f"The client traded with itself: trade {fill.trade_id} in {fill.symbol}")

    def findings(self) -> Iterator[Held]:
        """Until a person has re-armed the client."""
        for connector_id, (client, finding) in tuple(self._found.items()):
            if self._is_killed(client):
                yield Held(subject=Subject(kind=SubjectKind.CONNECTOR, id=connector_id), finding=finding)
            else:
                del self._found[connector_id]


def _half(connector: Connector, fill: Trade, side: Side) -> tuple[object, ...]:
    """What both sides of a match have in common, and one of them."""
    account = connector.client_id if fill.exchange_account is None else fill.exchange_account
    return connector.exchange, account, fill.symbol, fill.exchange_time, fill.price, fill.amount, side
