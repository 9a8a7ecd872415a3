"""Coinstore's signed endpoints, for a caller whose key, address and permission were found good."""

from collections.abc import Callable, Mapping

from trading_bridge.core.order import OrderState, Side, TimeInForce, is_final
from trading_bridge.sandbox.accounts import Account, CreateRequest, Permission, Transfer
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.markets import currency_ids
from trading_bridge.sandbox.orders import SandboxOrder
from trading_bridge.sandbox.rules import MarketRules, Refusal, RefusalCode
from trading_bridge.sandbox.wire import coinstore_rows as rows
from trading_bridge.sandbox.wire.coinstore_answers import CODES, ok, order_not_found, refused
from trading_bridge.sandbox.wire.http import Response
from trading_bridge.sandbox.wire.json_in import (
    Fields,
    Malformed,
    Missing,
    amount,
    optional_date,
    optional_text,
    optional_whole,
    text,
)

PLACE = "/trade/order/place"
PLACE_BATCH = "/trade/order/placeBatch"
BATCH_MAX = 50
MATCHES_PAGE = 20
MATCHES_PAGE_MAX = 100
RECORDS_MAX = 1000

Handler = Callable[[Account, Fields], Response]


class SignedEndpoints:
    """`routes` has method and path, the permission that is needed, and who answers."""

    def __init__(
        self, engine: Engine, markets: Mapping[str, MarketRules], *, place_id_field: str, order_info_as_list: bool
    ) -> None:
        """`markets` by upper-case symbol code."""
        self._engine = engine
        self._markets = markets
        self._place_id_field = place_id_field
        self._order_info_as_list = order_info_as_list
        self._currency_ids = currency_ids(engine.markets)
        read, trade = Permission.READ, Permission.TRADE
        self.routes: Mapping[tuple[str, str], tuple[Permission, Handler]] = {
            ("GET", "/fi/v1/common/currency"): (read, self._currency),
            ("POST", "/spot/accountList"): (read, self._balances),
            ("POST", PLACE): (trade, self._place),
            ("POST", PLACE_BATCH): (trade, self.place_batch),
            ("POST", "/trade/order/cancel"): (trade, self._cancel),
            ("POST", "/trade/order/cancelBatch"): (trade, self._cancel_batch),
            ("POST", "/trade/order/cancelAll"): (trade, self._cancel_all),
            ("GET", "/trade/order/active"): (read, self._active_v1),
            ("GET", "/v2/trade/order/active"): (read, self._active_v2),
            ("GET", "/trade/order/orderInfo"): (read, self._order_info_v1),
            ("GET", "/v2/trade/order/orderInfo"): (read, self._order_info_v2),
            ("GET", "/trade/match/accountMatches"): (read, self._matches),
            ("POST", "/fi/v3/asset/deposit/record/list"): (read, self._deposits),
            ("POST", "/fi/v3/asset/withdraw/record/list"): (read, self._withdrawals),
        }

    # -- reading

    def _currency(self, account: Account, fields: Fields) -> Response:
        code = text(fields, "currencyCode").upper()
        row = rows.currency_row(code) if code in self._currency_ids else None
        return ok({"code": "0", "message": "Success", "data": row})

    def _balances(self, account: Account, fields: Fields) -> Response:
        return ok({"data": rows.balance_rows(account), "code": 0})

    def _active_v1(self, account: Account, fields: Fields) -> Response:
        orders = self._engine.open_orders(account.name)
        data = [rows.order_row_v1_active(self._engine.rules(order.symbol), order, account) for order in orders]
        return ok({"data": data, "code": 0})

    def _active_v2(self, account: Account, fields: Fields) -> Response:
        code, client_id = optional_text(fields, "symbol"), optional_text(fields, "clOrdId")
        order_id = optional_whole(fields, "ordId")
        rules = None
        if code is not None:
            rules = self._markets.get(code.upper())
            if rules is None:
                return refused(RefusalCode.MARKET_UNKNOWN)
        orders = [
            order
            for order in self._engine.open_orders(account.name, None if rules is None else rules.symbol)
            if order_id in (None, order.id) and client_id in (None, order.client_order_id)
        ]
        data = [rows.order_row_v2(self._engine.rules(order.symbol), order, account) for order in orders]
        return ok({"data": data, "code": 0})

    def _order_info_v1(self, account: Account, fields: Fields) -> Response:
        order_id = optional_whole(fields, "ordId")
        if order_id is None:
            raise Missing("ordId")
        order = self._engine.order(account.name, order_id)
        if order is None:
            return order_not_found()
        return ok({"data": rows.order_info_v1(self._engine.rules(order.symbol), order, account), "code": 0})

    def _order_info_v2(self, account: Account, fields: Fields) -> Response:
        order_id, client_id = optional_whole(fields, "ordId"), optional_text(fields, "clOrdId")
        if order_id is not None:
            order = self._engine.order(account.name, order_id)
        elif client_id is not None:
            order = self._engine.order_by_client_id(account.name, client_id)
        else:
            raise Missing("ordId")
        if order is None:
            return order_not_found()
        row = rows.order_info_v2(self._engine.rules(order.symbol), order, account)
        return ok({"data": [row] if self._order_info_as_list else row, "code": 0})

    def _matches(self, account: Account, fields: Fields) -> Response:
        rules = self._markets.get(text(fields, "symbol").upper())
        if rules is None:
            return refused(RefusalCode.MARKET_UNKNOWN)
        side = {None: None, 1: Side.BUY, -1: Side.SELL}.get(optional_whole(fields, "side"), ...)
        if side is ...:
            raise Malformed("side is 1 or -1")
        offset, limit = _page(fields)
        fills = self._engine.store.fills(
            account.name,
            rules.symbol,
            order_id=optional_whole(fields, "ordId"),
            side=side,
            offset=offset,
            limit=limit,
        )
        data = [rows.match_row(rules, fill, account, self._currency_ids) for fill in fills]
        return ok({"data": data, "code": 0})

    def _deposits(self, account: Account, fields: Fields) -> Response:
        found = [rows.deposit_row(transfer) for transfer in self._transfers(account, fields, deposits=True)]
        return ok({"code": 0, "message": "Success", "data": {"depositList": found}})

    def _withdrawals(self, account: Account, fields: Fields) -> Response:
        found = [rows.withdrawal_row(transfer) for transfer in self._transfers(account, fields, deposits=False)]
        return ok({"code": 0, "message": "Success", "data": {"withdrawList": found}})

    def _transfers(self, account: Account, fields: Fields, *, deposits: bool) -> list[Transfer]:
        currency, limit = optional_text(fields, "currencyCode"), optional_whole(fields, "limit")
        since_s, until_s = optional_date(fields, "startDate"), optional_date(fields, "endDate")
        return self._engine.store.transfers(
            account.name,
            currency and currency.upper(),
            deposits=deposits,
            since_ms=0 if since_s is None else since_s * 1000,
            until_ms=2**62 if until_s is None else until_s * 1000 + 999,
            limit=RECORDS_MAX if limit is None else max(1, min(limit, RECORDS_MAX)),
        )

    # -- trading

    def _place(self, account: Account, fields: Fields) -> Response:
        outcome = self._placed(account, fields)
        if isinstance(outcome, Refusal):
            self.log_create(account, fields, str(CODES[outcome.code][0]), None)
            return refused(outcome.code)
        self.log_create(account, fields, "accepted", outcome)
        return ok({"code": "0", "data": {self._place_id_field: outcome.id}})

    def place_batch(
        self, account: Account, fields: Fields, refuses: Callable[[Fields], RefusalCode | None] = lambda item: None
    ) -> Response:
        """Each order by itself; `refuses` may stand in the way of one that could be read."""
        symbol, items = text(fields, "symbol"), fields.get("orders")
        if not isinstance(items, list) or not 1 <= len(items) <= BATCH_MAX:
            raise Malformed(f"orders is a list of 1 to {BATCH_MAX}")
        data = [self._placed_of_batch(account, {**item, "symbol": symbol}, refuses) for item in _objects(items)]
        return ok({"code": 0, "data": data})

    def _placed_of_batch(
        self, account: Account, item: Fields, refuses: Callable[[Fields], RefusalCode | None]
    ) -> rows.Row:
        try:
            code = refuses(item)
            outcome = self._placed(account, item) if code is None else Refusal(code)
        except Missing as error:
            return self._refused_of_batch(account, item, 101040502, f"request field missing: {error}")
        except Malformed as error:
            return self._refused_of_batch(account, item, 400, str(error))
        if isinstance(outcome, Refusal):
            return self._refused_of_batch(account, item, *CODES[outcome.code])
        self.log_create(account, item, "accepted", outcome)
        return {"ordId": outcome.id, "clOrdId": outcome.client_order_id}

    def _refused_of_batch(self, account: Account, item: Fields, errno: int, message: str) -> rows.Row:
        self.log_create(account, item, str(errno), None)
        return {"clOrdId": item.get("clOrdId"), "errno": errno, "errMsg": message}

    def _placed(self, account: Account, fields: Fields) -> SandboxOrder | Refusal:
        rules = self._markets.get(text(fields, "symbol").upper())
        side = _SIDES.get(text(fields, "side"))
        order_type = text(fields, "ordType")
        time_in_force = _TIMES_IN_FORCE.get(optional_text(fields, "timeInForce") or "GTC")
        client_id = optional_text(fields, "clOrdId")
        if side is None or order_type not in ("LIMIT", "MARKET", "POST_ONLY") or time_in_force is None:
            raise Malformed("side, ordType or timeInForce has an unknown value")
        if client_id is not None and not _is_client_id(client_id):
            raise Malformed("clOrdId has up to 32 letters, digits, - and _")
        if rules is None:
            return Refusal(RefusalCode.MARKET_UNKNOWN)
        price = lots = budget = None
        if order_type == "MARKET" and side is Side.BUY:
            budget = rules.budget(amount(fields, "ordAmt"))
        else:
            lots = rules.lots(amount(fields, "ordQty"))
        if order_type != "MARKET":
            price = rules.ticks(amount(fields, "ordPrice"))
        for number in (price, lots, budget):
            if isinstance(number, Refusal):
                return number
        assert not isinstance(price, Refusal)
        assert not isinstance(lots, Refusal)
        assert not isinstance(budget, Refusal)
        return self._engine.place(
            account.name,
            rules.symbol,
            side,
            price=price,
            lots=lots,
            budget=budget,
            time_in_force=time_in_force if order_type == "LIMIT" else TimeInForce.GTC,
            post_only=order_type == "POST_ONLY",
            client_order_id=client_id,
        )

    def _cancel(self, account: Account, fields: Fields) -> Response:
        """An order that is over keeps its state; one that was cancelled already is answered without its client id."""
        code, order_id = text(fields, "symbol"), optional_whole(fields, "ordId")
        if order_id is None:
            raise Missing("ordId")
        rules = self._markets.get(code.upper())
        if rules is None:
            return refused(RefusalCode.MARKET_UNKNOWN)
        order = self._engine.order(account.name, order_id)
        if order is None or order.symbol != rules.symbol:
            return order_not_found()
        was_over = order.state is OrderState.CANCELED
        self._engine.cancel(order)
        data: rows.Row = {} if was_over else {"clientOrderId": order.client_order_id}
        return ok({"code": 0, "data": {**data, "state": rows.state_name(order), "ordId": order.id}})

    def _cancel_batch(self, account: Account, fields: Fields) -> Response:
        code, named = text(fields, "symbol"), fields.get("orderIds")
        if named is None or named == []:
            return ok({"message": "order.id-required", "code": 3101})
        if not isinstance(named, list) or len(named) > BATCH_MAX:
            raise Malformed(f"orderIds is a list of at most {BATCH_MAX}")
        rules = self._markets.get(code.upper())
        if rules is None:
            return refused(RefusalCode.MARKET_UNKNOWN)
        success: list[int] = []
        reject: list[int] = []
        for order_id in dict.fromkeys(_id(one) for one in named):
            order = self._engine.order(account.name, order_id)
            if order is None or order.symbol != rules.symbol or is_final(order.state):
                reject.append(order_id)
            else:
                self._engine.cancel(order)
                success.append(order_id)
        return ok({"data": {"success": success, "reject": reject}, "code": 0})

    def _cancel_all(self, account: Account, fields: Fields) -> Response:
        rules = self._markets.get(text(fields, "symbol").upper())
        if rules is None:
            return refused(RefusalCode.MARKET_UNKNOWN)
        orders = self._engine.cancel_all(account.name, rules.symbol)
        return ok({"data": {"canceling": [order.id for order in orders]}, "code": 0} if orders else {"code": 0})

    def log_refused(self, account: Account, fields: Fields, outcome: str) -> None:
        """A request for orders, one or a batch, that was refused whole."""
        items = fields.get("orders")
        for item in items if isinstance(items, list) else [fields]:
            if isinstance(item, Mapping):
                self.log_create(account, {**item, "symbol": fields.get("symbol")}, outcome, None)

    def log_create(self, account: Account, fields: Fields, outcome: str, order: SandboxOrder | None) -> None:
        client_id = order.client_order_id if order is not None else str(fields.get("clOrdId") or "")[:100]
        symbol, now_ms = str(fields.get("symbol") or "")[:100], self._engine.now_ms()
        order_id = None if order is None else order.id
        self._engine.store.create(CreateRequest(account.name, client_id, symbol, outcome, order_id, now_ms))


_SIDES = {"BUY": Side.BUY, "SELL": Side.SELL}
_TIMES_IN_FORCE = {"GTC": TimeInForce.GTC, "IOC": TimeInForce.IOC, "FOK": TimeInForce.FOK}


def _page(fields: Fields) -> tuple[int, int]:
    """Offset and limit; pages count from 1."""
    page, size = optional_whole(fields, "pageNum"), optional_whole(fields, "pageSize")
    page, size = 1 if page is None else page, MATCHES_PAGE if size is None else min(size, MATCHES_PAGE_MAX)
    if not 1 <= page <= 10**9 or size < 1:
        raise Malformed("pageNum counts from 1, pageSize is at least 1")
    return (page - 1) * size, size


def _objects(items: list[object]) -> list[dict[str, object]]:
    if not all(isinstance(item, dict) for item in items):
        raise Malformed("orders is a list of objects")
    return [item for item in items if isinstance(item, dict)]


def _id(value: object) -> int:
    number = optional_whole({"orderIds": value}, "orderIds")
    if number is None:
        raise Malformed("orderIds holds something that is no id")
    return number


def _is_client_id(value: str) -> bool:
    return len(value) <= 32 and value.isascii() and value.replace("-", "").replace("_", "").isalnum()
