"""BitMart with something wrong: what a request meets of the faults that are on. Consulted only while one is on.

The reference has no sample of maintenance, of a page in HTML or of an error of the server: these texts are ours.
"""

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus

from trading_bridge.clock import Clock
from trading_bridge.sandbox.addresses import family_of
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.faults import ActiveFault, Call, Fault, FaultKind, Faults, Form
from trading_bridge.sandbox.wire.bitmart_answers import Refused, refusal
from trading_bridge.sandbox.wire.bitmart_markets import Book, Markets, true_book
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
from trading_bridge.sandbox.wire.http import Request, Response
from trading_bridge.sandbox.wire.json_in import Malformed, json_object, query_fields

PREFIX = "/bitmart"
_LEVELS = 50
_MAINTENANCE = "The system is under maintenance"
_NOTHING = Response(body=b"")


class BitmartFaults:
    def __init__(self, faults: Faults, engine: Engine, clock: Clock) -> None:
        self._faults = faults
        self._engine = engine
        self._clock = clock
        self._markets = Markets(engine.markets)
        self._frozen: dict[int, dict[str, Book]] = {}  # fault id -> symbol -> book
        faults.when_added(self._freeze)

    def hitting(self, request: Request) -> Hits:
        if not self._faults:
            return ()
        api_key = request.headers.get("x-bm-key")
        key = self._engine.directory.key(api_key) if api_key is not None else None
        call = Call(
            account=None if key is None else key.account,
            api_key=api_key,
            endpoint=PREFIX + request.path,
            family=family_of(request.address),
            symbol=self._symbol_of(request),
        )
        return self._faults.hitting(call)

    def answer(self, hits: Hits, carry_out: Callable[[], Response]) -> Response:
        """What leaves instead of what `carry_out` answers, and how it travels."""
        other = instead(hits, _answer_instead)
        done = is_carried_out(hits) and (other is None or other.carried_out)
        answer = carry_out() if done else _NOTHING
        if other is not None:
            answer = other.answer
        headers = {**answer.headers, **skewed_date(hits, self._clock.now())}
        return replace(answer, headers=headers, delivery=delivery(hits, self._clock.monotonic()))

    def book(self, hits: Hits, symbol: str, levels: int) -> Book:
        """As the public sees it."""
        book = true_book(self._engine, symbol, levels)
        for active in hits:
            if active.fault.symbol in (None, symbol):
                book = _book_seen(active.fault.kind, book, self._frozen.get(active.id, {}).get(symbol), levels)
        return book

    def _freeze(self, added: ActiveFault) -> None:
        if added.fault.kind is not FaultKind.BOOK_FROZEN:
            return
        standing = {active.id for active in self._faults.active()}
        self._frozen = {fault_id: books for fault_id, books in self._frozen.items() if fault_id in standing}
        symbols = [market.own.symbol for market in self._markets.all()]
        self._frozen[added.id] = {symbol: true_book(self._engine, symbol, _LEVELS) for symbol in symbols}

    def _symbol_of(self, request: Request) -> str | None:
        try:
            fields = query_fields(request.query) if request.method == "GET" else json_object(request.body)
        except Malformed:
            return None
        market = self._markets.find(str(fields.get("symbol")))
        return None if market is None else market.own.symbol


def _book_seen(kind: FaultKind, book: Book, frozen: Book | None, levels: int) -> Book:
    match kind:
        case FaultKind.BOOK_EMPTY:
            return Book([], [])
        case FaultKind.BOOK_CROSSED if book.bids and book.asks:
            # the two best change sides, so that a bid stands above an ask
            return Book([book.asks[0], *book.bids[1:]], [book.bids[0], *book.asks[1:]])
        case FaultKind.BOOK_FROZEN if frozen is not None:
            return Book(frozen.bids[:levels], frozen.asks[:levels])
    return book


def _answer_instead(fault: Fault) -> Response | None:
    match fault.kind:
        case FaultKind.MAINTENANCE:
            if fault.form is Form.HTML:
                return page(HTTPStatus.SERVICE_UNAVAILABLE, _MAINTENANCE)
            return _said(30016 if fault.form is Form.CODE else 30014, _MAINTENANCE)
        case FaultKind.RATE_LIMITED:
            answer = _said(30013, "Request too many requests")
            wait = {} if fault.retry_after_s is None else {"Retry-After": str(fault.retry_after_s)}
            return replace(answer, headers=wait)
        case FaultKind.SERVER_ERROR:
            status = status_of(fault, HTTPStatus.INTERNAL_SERVER_ERROR)
            if status is not HTTPStatus.INTERNAL_SERVER_ERROR:
                return front_error(status)
            return _said(59002, "Internal error")
    return body_instead(fault)


def _said(code: int, words: str) -> Response:
    return refusal(Refused(code, words), "")
