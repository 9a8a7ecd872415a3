"""Binance with something wrong: what a request meets of the faults that are on. Consulted only while one is on.

Maintenance, pages in HTML and errors of what stands in front of the exchange have no sample in the reference: these
texts are ours. By symbol a fault of requests hits those that name it alone, in query or body.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import NamedTuple

from trading_bridge.clock import Clock
from trading_bridge.core.market import Lots, Ticks
from trading_bridge.sandbox.accounts import Purse
from trading_bridge.sandbox.addresses import family_of
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.faults import ActiveFault, Call, Fault, FaultKind, Faults, Form
from trading_bridge.sandbox.wire.binance_errors import BinanceError
from trading_bridge.sandbox.wire.binance_limits import too_many
from trading_bridge.sandbox.wire.binance_markets import Markets
from trading_bridge.sandbox.wire.binance_params import Params
from trading_bridge.sandbox.wire.fault_answers import (
    Hits,
    body_instead,
    delivery,
    front_error,
    instead,
    is_carried_out,
    page,
    skewed_date,
    status_of,
)
from trading_bridge.sandbox.wire.fault_purses import faults_of
from trading_bridge.sandbox.wire.http import Request, Response

PREFIX = "/binance"
KEY_HEADER = "x-mbx-apikey"
_LEVELS = 5000
_NOTHING = Response(body=b"")
_MAINTENANCE = "System maintenance."

Level = tuple[Ticks, Lots]


class Depth(NamedTuple):
    #: rises with every change of the book
    update_id: int
    #: best first
    bids: list[Level]
    asks: list[Level]


class BinanceFaults:
    def __init__(self, faults: Faults, engine: Engine, clock: Clock, depth: Callable[[str, int], Depth]) -> None:
        """`depth` gives the true book of a symbol, with so many levels."""
        self._faults = faults
        self._engine = engine
        self._clock = clock
        self._depth = depth
        self._frozen: dict[int, dict[str, Depth]] = {}  # fault id -> symbol -> book
        faults.when_added(self._freeze)

    def hitting(self, request: Request, params: Params) -> Hits:
        if not self._faults:
            return ()
        api_key = request.headers.get(KEY_HEADER, params.peek("apiKey"))
        key = self._engine.directory.key(api_key) if api_key is not None else None
        call = Call(
            account=None if key is None else key.account,
            api_key=api_key,
            endpoint=PREFIX + request.path,
            family=family_of(request.address),
            symbol=self._symbol_of(params),
        )
        return self._faults.hitting(call)

    def hitting_path(self, request: Request, code: str | None) -> Hits:
        """Those that hit everybody who speaks to that path, about that market."""
        return self.hitting(request, Params([] if code is None else [("symbol", code)]))

    def refusal(self, request: Request) -> Response | None:
        """Of a connection; None: it is taken."""
        other = instead(self.hitting_path(request, None), _answer_instead)
        return None if other is None else other.answer

    def answer(self, hits: Hits, carry_out: Callable[[], Response]) -> Response:
        """What leaves instead of what `carry_out` answers, and how it travels."""
        other = instead(hits, _answer_instead)
        done = is_carried_out(hits) and (other is None or other.carried_out)
        answer = carry_out() if done else _NOTHING
        if other is not None:
            answer = other.answer
        headers = {**answer.headers, **skewed_date(hits, self._clock.now())}
        return replace(answer, headers=headers, delivery=delivery(hits, self._clock.monotonic()))

    def depth(self, hits: Hits, symbol: str, limit: int) -> Depth:
        """The book as the public sees it."""
        book = self._depth(symbol, limit)
        for active in hits:
            if active.fault.symbol in (None, symbol):
                book = _depth_seen(active.fault.kind, book, self._frozen.get(active.id, {}).get(symbol), limit)
        return book

    def _freeze(self, added: ActiveFault) -> None:
        if added.fault.kind is not FaultKind.BOOK_FROZEN:
            return
        standing = {active.id for active in self._faults.active()}
        self._frozen = {fault_id: books for fault_id, books in self._frozen.items() if fault_id in standing}
        self._frozen[added.id] = {rules.symbol: self._depth(rules.symbol, _LEVELS) for rules in self._engine.markets}

    def _symbol_of(self, params: Params) -> str | None:
        market = Markets(self._engine.markets).find(str(params.peek("symbol")))
        return None if market is None else market.own.symbol


def purses_elsewhere(hits: Hits, purses: Mapping[str, Purse]) -> dict[str, Purse]:
    """The funding wallet, which is empty but for what a fault moves there."""
    kinds = [fault for fault in faults_of(hits) if fault.kind is FaultKind.OTHER_WALLET]
    return {
        currency: Purse(purse.free + purse.used)
        for currency, purse in purses.items()
        if any(fault.currency in (None, currency) for fault in kinds)
    }


def _depth_seen(kind: FaultKind, book: Depth, frozen: Depth | None, limit: int) -> Depth:
    match kind:
        case FaultKind.BOOK_EMPTY:
            return book._replace(bids=[], asks=[])
        case FaultKind.BOOK_CROSSED if book.bids and book.asks:
            # the two best change sides, so that a bid stands above an ask
            return book._replace(bids=[book.asks[0], *book.bids[1:]], asks=[book.bids[0], *book.asks[1:]])
        case FaultKind.BOOK_FROZEN if frozen is not None:
            return frozen._replace(bids=frozen.bids[:limit], asks=frozen.asks[:limit])
    return book


def _answer_instead(fault: Fault) -> Response | None:
    match fault.kind:
        case FaultKind.MAINTENANCE:
            if fault.form is Form.HTML:
                return page(HTTPStatus.SERVICE_UNAVAILABLE, _MAINTENANCE)
            status = HTTPStatus.OK if fault.form is Form.CODE else HTTPStatus.SERVICE_UNAVAILABLE
            return BinanceError(-1016, "This service is no longer available.", status).response()
        case FaultKind.RATE_LIMITED:
            return too_many("Too many requests queued.", fault.retry_after_s).response()
        case FaultKind.SERVER_ERROR:
            status = status_of(fault, HTTPStatus.INTERNAL_SERVER_ERROR)
            if status is not HTTPStatus.INTERNAL_SERVER_ERROR:
                return front_error(status)
            message = "Internal error; unable to process your request. Please try again."
            return BinanceError(-1001, message, status).response()
    return body_instead(fault)
