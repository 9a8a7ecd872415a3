"""Coinstore with something wrong: what a request meets of the faults that are on.

Consulted only while one is on. By symbol a fault of requests hits those that name it, in path, query or body.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

import orjson

from trading_bridge.clock import Clock
from trading_bridge.sandbox.addresses import family_of
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.faults import ActiveFault, Call, FaultKind, Faults
from trading_bridge.sandbox.rules import MarketRules, Refusal, RefusalCode
from trading_bridge.sandbox.wire import coinstore_fault_rows as seen
from trading_bridge.sandbox.wire import coinstore_rows as rows
from trading_bridge.sandbox.wire.coinstore_answers import readable_fields_of
from trading_bridge.sandbox.wire.coinstore_fault_answers import answer_instead
from trading_bridge.sandbox.wire.fault_answers import Hits, delivery, instead, is_carried_out, skewed_date
from trading_bridge.sandbox.wire.fault_rules import seen_rules
from trading_bridge.sandbox.wire.http import Request, Response
from trading_bridge.sandbox.wire.json_in import Fields, amount

SYMBOLS = "/v2/public/config/spot/symbols"
DEPTH = "/v1/market/depth"
SOCKET = "/s/ws"
BALANCES = "/spot/accountList"

_NOTHING = Response(body=b"")
_LEVELS = 100


class CoinstoreFaults:
    def __init__(self, faults: Faults, engine: Engine, markets: Mapping[str, MarketRules], clock: Clock) -> None:
        """`markets` by upper-case symbol code."""
        self._faults = faults
        self._engine = engine
        self._markets = markets
        self._clock = clock
        self._frozen: dict[int, dict[str, rows.Row]] = {}  # fault id -> symbol code -> book
        faults.when_added(self._freeze)

    def hitting(self, request: Request) -> Hits:
        api_key = request.headers.get("x-cs-apikey")
        key = self._engine.directory.key(api_key) if api_key is not None else None
        call = Call(
            account=None if key is None else key.account,
            api_key=api_key,
            endpoint=request.path,
            family=family_of(request.address),
            symbol=self._symbol_of(request),
        )
        return self._faults.hitting(call)

    def answer(self, request: Request, hits: Hits, carry_out: Callable[[Request, Hits], Response]) -> Response:
        """What leaves instead of what `carry_out` answers, and how it travels."""
        other = instead(hits, answer_instead)
        done = is_carried_out(hits) and (other is None or other.carried_out)
        answer = self._seen(request, hits, carry_out(request, hits)) if done else _NOTHING
        if other is not None:
            answer = other.answer
        date = skewed_date(hits, self._clock.now())
        travel = delivery(hits, self._clock.monotonic())
        return replace(answer, headers={**answer.headers, **date}, delivery=travel)

    def hitting_stream(self, request: Request, rules: MarketRules | None) -> Hits:
        """Those that hit everybody who listens there, or who listens there to that market."""
        if not self._faults:
            return ()
        call = Call(
            account=None,
            api_key=None,
            endpoint=request.path,
            family=family_of(request.address),
            symbol=None if rules is None else rules.symbol,
        )
        return self._faults.hitting(call)

    def refusal(self, request: Request) -> Response | None:
        """Of a connection; None: it is taken."""
        other = instead(self.hitting_stream(request, None), answer_instead)
        return None if other is None else other.answer

    def depth(self, hits: Hits, rules: MarketRules, level: int) -> rows.Row:
        """The book as the public sees it."""
        return self._depth_seen(hits, self._book(rules, level))

    def row_seen(self, hits: Hits, row: rows.Row) -> rows.Row:
        """A row about a market, under the name that the market has now."""
        return seen.named_anew([active.fault for active in hits], self._markets, row) if hits else row

    def code_inside(self, hits: Hits, code: str) -> str:
        """The engine's code of the market that a client calls `code`."""
        return seen.code_inside([active.fault for active in hits], self._markets, code)

    def fields_inside(self, hits: Hits, fields: Fields) -> Fields:
        """A request's fields with the engine's codes of markets."""
        symbol, codes = fields.get("symbol"), fields.get("symbolCodes")
        inside = dict(fields)
        if isinstance(symbol, str):
            inside["symbol"] = self.code_inside(hits, symbol)
        if isinstance(codes, list):
            inside["symbolCodes"] = [self.code_inside(hits, str(code)) for code in codes]
        return inside

    def order_refusal(self, hits: Hits, fields: Fields) -> RefusalCode | None:
        """Of an order that the engine would take; None: no fault stands in its way. `fields` have the engine's code."""
        rules = self._markets.get(str(fields.get("symbol")).upper())
        if rules is None:
            return None
        known = seen_rules([active.fault for active in hits], rules)
        checks = {"ordPrice": known.ticks, "ordQty": known.lots, "ordAmt": known.budget}
        numbers = {name: amount(fields, name) for name in _numbers_of(fields)}
        for name, value in numbers.items():
            if isinstance(outcome := checks[name](value), Refusal):
                return outcome.code
        if not known.open:
            return RefusalCode.MARKET_CLOSED
        if "ordQty" in numbers and numbers["ordQty"] < known.min_amount:
            return RefusalCode.TOO_SMALL
        currency = rules.base if fields.get("side") == "SELL" else rules.quote
        return RefusalCode.INSUFFICIENT_FUNDS if _is_elsewhere(hits, currency) else None

    def _seen(self, request: Request, hits: Hits, answer: Response) -> Response:
        """The answer with its rows as the faults show them."""
        if not any(active.fault.kind in _OF_ROWS for active in hits):
            return answer
        # numbers keep their digits
        envelope = json.loads(answer.body, parse_float=orjson.Fragment)
        if str(envelope.get("code")) != "0" or "data" not in envelope:
            return answer
        envelope["data"] = self._data_seen(request.path, hits, envelope["data"])
        return replace(answer, body=orjson.dumps(envelope))

    def _data_seen(self, path: str, hits: Hits, data: object) -> object:
        faults = [active.fault for active in hits]
        if isinstance(data, list):
            if path == SYMBOLS:
                return seen.listed_rows(faults, self._markets, data)
            if path == BALANCES:
                return seen.balance_rows_seen(faults, data)
            return [seen.named_anew(faults, self._markets, row) for row in data]
        if not isinstance(data, dict):
            return data
        return self._depth_seen(hits, data) if path.startswith(DEPTH) else self.row_seen(hits, data)

    def _depth_seen(self, hits: Hits, row: rows.Row) -> rows.Row:
        code = str(row["symbol"])
        for active in hits:
            if active.fault.symbol in (None, self._markets[code].symbol):
                row = seen.book_seen(active.fault.kind, row, self._frozen.get(active.id, {}).get(code))
        return self.row_seen(hits, row)

    def _freeze(self, added: ActiveFault) -> None:
        if added.fault.kind is not FaultKind.BOOK_FROZEN:
            return
        standing = {active.id for active in self._faults.active()}
        self._frozen = {fault_id: books for fault_id, books in self._frozen.items() if fault_id in standing}
        self._frozen[added.id] = {code: self._book(rules, _LEVELS) for code, rules in self._markets.items()}

    def _book(self, rules: MarketRules, level: int) -> rows.Row:
        return rows.book_row(rules, self._engine.book(rules.symbol), level)

    def _symbol_of(self, request: Request) -> str | None:
        named = readable_fields_of(request).get("symbol") or request.path.rpartition("/")[2]
        rules = self._markets.get(str(named).upper())
        return None if rules is None else rules.symbol


def _numbers_of(fields: Fields) -> tuple[str, ...]:
    """Those that an order goes by."""
    if fields.get("ordType") != "MARKET":
        return ("ordPrice", "ordQty")
    return ("ordAmt",) if fields.get("side") == "BUY" else ("ordQty",)


def _is_elsewhere(hits: Hits, currency: str) -> bool:
    kinds = (FaultKind.OTHER_WALLET, FaultKind.ACCOUNT_MIGRATED)
    return any(active.fault.kind in kinds and active.fault.currency in (None, currency) for active in hits)


_OF_ROWS = frozenset(
    {
        FaultKind.MARKET_HALTED,
        FaultKind.MARKET_RENAMED,
        FaultKind.PRECISION_CHANGED,
        FaultKind.MINIMUM_RAISED,
        FaultKind.CURRENCY_MISSING,
        FaultKind.OTHER_WALLET,
        FaultKind.ACCOUNT_MIGRATED,
        FaultKind.CURRENCY_RENAMED,
        FaultKind.BOOK_EMPTY,
        FaultKind.BOOK_CROSSED,
        FaultKind.BOOK_FROZEN,
    }
)
