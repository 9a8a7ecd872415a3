"""What happens in a run, told to whoever watches: the trace, the oracle, the coverage."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from tests.simulation.loop import Life
from tests.simulation.wires import COINSTORE, Wire
from trading_bridge.core.order import Side
from trading_bridge.sandbox.orders import SandboxOrder, SandboxTrade
from trading_bridge.sandbox.rules import Refusal

PLACE = "/trade/order/place"
CANCEL = "/trade/order/cancel"
CANCEL_ALL = "/trade/order/cancelAll"


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request of a server to the exchange; `cached_property` parses when somebody asks."""

    #: rises over the run
    number: int
    life: Life
    method: str
    #: in Coinstore's words, whatever exchange it goes to
    endpoint: str
    query: str
    body: bytes
    headers: Mapping[str, str]
    #: seconds since the beginning of the run, when the process handed it over; nothing holds it back after that
    begun_s: float = 0.0
    wire: Wire = COINSTORE

    @property
    def is_create(self) -> bool:
        return self.endpoint == PLACE

    @property
    def is_cancel(self) -> bool:
        return self.endpoint in (CANCEL, CANCEL_ALL)

    @property
    def api_key(self) -> str | None:
        return self.headers.get(self.wire.key_header)

    @cached_property
    def signed_ms(self) -> int | None:
        """Unix time that was signed; None: it is not signed."""
        return self.wire.signed_ms(self.headers, self.query, self.body)

    @cached_property
    def fields(self) -> Mapping[str, Any]:
        return self.wire.fields(self.method, self.query, self.body)

    @property
    def client_order_id(self) -> str:
        return str(self.fields["clOrdId"])

    @property
    def side(self) -> Side:
        return Side(str(self.fields["side"]).lower())

    @property
    def price(self) -> Decimal:
        return Decimal(str(self.fields["ordPrice"]))

    @property
    def amount(self) -> Decimal:
        return Decimal(str(self.fields["ordQty"]))

    @property
    def symbol_code(self) -> str:
        """Lower case, without a separator."""
        return str(self.fields["symbol"]).lower()


@dataclass(frozen=True, kw_only=True)
class Heard:
    """An answer as its caller got it."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    #: the connection broke after its head
    is_broken: bool = False

    @property
    def code(self) -> str | None:
        """The exchange's; None: the body has none."""
        try:
            return str(json.loads(self.body)["code"])
        except (ValueError, KeyError, TypeError):
            return None


@dataclass(frozen=True, kw_only=True)
class Push:
    """What the exchange tells by a websocket, unasked or not."""

    #: as those of calls
    number: int
    life: Life
    wire: Wire
    text: str
    #: seconds of the run
    made_s: float

    @cached_property
    def message(self) -> Any:
        return json.loads(self.text)


class Watcher:
    """Each method is told at once, before anything else happens."""

    def started(self, life: Life) -> None: ...

    def ended(self, life: Life, how: str) -> None:
        """`how`: `killed`, `stopped`, or the error that ended it."""

    def fault(self, fault_id: str, what: str, **more: object) -> None:
        """Something was made to go wrong, or well again (`what`: `begins`, `strikes`, `heals`)."""

    def did(self, actor: str, what: str, **more: object) -> None:
        """A person, or a script of one."""

    def departed(self, call: Call) -> None:
        """The process has written the request."""

    def arrived(self, call: Call) -> None:
        """The exchange is about to carry it out."""

    def heard(self, call: Call, answer: Heard) -> None:
        """The process has the answer."""

    def unheard(self, call: Call, error: BaseException) -> None:
        """It never will."""

    def pushing(self, push: Push) -> None:
        """The exchange has made it."""

    def pushed(self, push: Push) -> None:
        """It has come to the process, which may be standing still; what is lost never does."""

    def placed(self, order: SandboxOrder | Refusal, account: str, client_order_id: str) -> None: ...

    def canceled(self, order: SandboxOrder) -> None: ...

    def traded(self, trade: SandboxTrade, taker: SandboxOrder, maker: SandboxOrder) -> None: ...

    def transferred(self, account: str, currency: str, atoms: int) -> None: ...

    def committed(self, life: Life, kind: str) -> None: ...

    def served(self, life: Life, method: str, path: str, status: int, body: bytes) -> None:
        """An answer of the platform's own API."""

    def logged(self, life: Life | None, event: Mapping[str, Any]) -> None: ...

    def closes(self) -> None:
        """The run is over; the database can still be read."""


class Watchers(Watcher):
    """Tells all of them, in the order in which they were added."""

    def __init__(self) -> None:
        self.all: list[Watcher] = []
        #: of a watcher; whoever told it something may have taken it for its own
        self.error: BaseException | None = None
        self._listeners: dict[str, list[Callable[..., None]]] = {name: [] for name in _EVENTS}

    def add(self, watcher: Watcher) -> None:
        self.all.append(watcher)
        for name, listeners in self._listeners.items():
            if getattr(type(watcher), name) is not getattr(Watcher, name):
                listeners.append(getattr(watcher, name))

    def close(self) -> None:
        """Nobody is told anything more."""
        self.all.clear()
        for listeners in self._listeners.values():
            listeners.clear()


def _tell_all(name: str) -> Any:
    def tell(self: Watchers, *given: Any, **more: Any) -> None:
        try:
            for listener in self._listeners[name]:
                listener(*given, **more)
        except BaseException as error:
            self.error = self.error or error
            raise

    return tell


_EVENTS = tuple(name for name in vars(Watcher) if not name.startswith("_"))
for _name in _EVENTS:
    setattr(Watchers, _name, _tell_all(_name))
