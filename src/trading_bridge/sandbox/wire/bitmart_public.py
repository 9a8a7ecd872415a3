"""BitMart's endpoints that show no key."""

from collections.abc import Callable, Mapping

from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.wire import bitmart_limits as limits
from trading_bridge.sandbox.wire import bitmart_rows as rows
from trading_bridge.sandbox.wire.bitmart_answers import Refused
from trading_bridge.sandbox.wire.bitmart_markets import Book, Market, Markets, true_book
from trading_bridge.sandbox.wire.json_in import Fields, optional_text, optional_whole

BOOK_MAX = 50
_BOOK_USUAL = 35

Public = tuple[limits.Group, Callable[[Fields], object]]
#: a symbol and levels -> the book as clients see it
SeenBook = Callable[[str, int], Book]


class PublicEndpoints:
    """`routes` has them by method and path."""

    def __init__(self, engine: Engine, markets: Markets, *, time_off_ms: int = 0, book: SeenBook | None = None) -> None:
        """`book` None: the true one."""
        self._engine = engine
        self._markets = markets
        self._time_off_ms = time_off_ms
        self._seen_book = book or (lambda symbol, levels: true_book(engine, symbol, levels))
        self.routes: Mapping[tuple[str, str], Public] = {
            ("GET", "/system/time"): (limits.SYSTEM, self._time),
            ("GET", "/system/service"): (limits.SYSTEM, self._service),
            ("GET", "/spot/v1/currencies"): (limits.LISTS, self._currencies),
            ("GET", "/spot/v1/symbols"): (limits.LISTS, self._symbols),
            ("GET", "/spot/v1/symbols/details"): (limits.DETAILS, self._details),
            ("GET", "/spot/quotation/v3/books"): (limits.QUOTES, self._book),
            ("GET", "/spot/quotation/v3/trades"): (limits.QUOTES, self._trades),
        }

    def _now_ms(self) -> int:
        return self._engine.now_ms() + self._time_off_ms

    def _time(self, fields: Fields) -> object:
        return {"server_time": self._now_ms()}

    def _service(self, fields: Fields) -> object:
        return {"service": []}

    def _currencies(self, fields: Fields) -> object:
        markets = self._markets.all()
        names = sorted({name for market in markets for name in (market.shown.base, market.shown.quote)})
        return {"currencies": [rows.currency_row(name) for name in names]}

    def _symbols(self, fields: Fields) -> object:
        return {"symbols": [market.code for market in self._markets.all()]}

    def _details(self, fields: Fields) -> object:
        return {"symbols": [rows.detail_row(market) for market in self._markets.all()]}

    def _book(self, fields: Fields) -> object:
        market, limit = self._market(fields), _count(fields, _BOOK_USUAL)
        return rows.book_row(market, self._seen_book(market.own.symbol, limit), self._now_ms())

    def _trades(self, fields: Fields) -> object:
        market, limit = self._market(fields), _count(fields, BOOK_MAX)
        return [rows.trade_row(market, trade) for trade in self._engine.public_trades(market.own.symbol, limit)]

    def _market(self, fields: Fields) -> Market:
        market = self._markets.find(optional_text(fields, "symbol"))
        if market is None:
            raise Refused(70002, "The trading pair is invalid")
        return market


def _count(fields: Fields, usual: int) -> int:
    limit = optional_whole(fields, "limit")
    limit = usual if limit is None else limit
    if not 1 <= limit <= BOOK_MAX:
        raise Refused(71004, f"limit is 1 to {BOOK_MAX}")
    return limit
