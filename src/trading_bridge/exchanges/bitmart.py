"""BitMart (spot) for ccxt. Ids are text; so are amounts, from the wire to the caller, where ccxt's `number` is `str`.

Nothing in this class moves funds: deposits and withdrawals are listed, never made. What has no signature of its own
(the wallet, the records of transfers) is asked for with the key alone, as BitMart has it.
"""

import hashlib
import hmac
import json
from typing import Any

from ccxt.async_support.base.exchange import Exchange
from ccxt.base.errors import (
    ArgumentsRequired,
    BadResponse,
    ExchangeError,
    ExchangeNotAvailable,
    InvalidOrder,
    InvalidProxySettings,
    OrderImmediatelyFillable,
)
from ccxt.base.precise import Precise

from trading_bridge.exchanges import bitmart_rows as rows
from trading_bridge.exchanges.bitmart_api import DESCRIPTION, ImplicitAPI
from trading_bridge.exchanges.bitmart_errors import BY_STATUS

SUCCESS = "1000"
BOOK_MAX = 50
PUBLIC_TRADES_MAX = 50
#: orders, or own trades, in one answer
PAGE = 200
RECORDS_MAX = 100
#: so many answers are read for one list
_PAGES_MAX = 20
#: "no matching depth": a maker order would have taken, any other found nothing to take
_NO_DEPTH = ("50034", "50035")


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


_DECODER = json.JSONDecoder(parse_float=str, parse_constant=_no_number)


class bitmart(Exchange, ImplicitAPI):
    def describe(self) -> Any:
        return self.deep_extend(super().describe(), DESCRIPTION)

    # what goes out

    def sign(
        self,
        path: str,
        api: Any = "public",
        method: str = "GET",
        params: Any = {},  # noqa: B006 - ccxt's own signature
        headers: Any = None,
        body: Any = None,
    ) -> Any:
        """The signed bytes are the sent bytes."""
        url = self.urls["api"][api] + "/" + path
        headers = {"Content-Type": "application/json"}
        if method == "GET":
            url += "?" + self.urlencode(params) if params else ""
        else:
            body = self.json(params)
        if api != "public":
            self.check_required_credentials()
            headers["X-BM-KEY"] = self.apiKey
        if api == "private":
            now = self.milliseconds()
            headers["X-BM-TIMESTAMP"] = str(now)
            headers["X-BM-SIGN"] = self.signature(now, body)
        return {"url": url, "method": method, "headers": headers, "body": body}

    def signature(self, now: int, body: str) -> str:
        text = f"{now}#{self.uid or ''}#{body}"
        return hmac.digest(self.secret.encode(), text.encode(), hashlib.sha256).hex()

    # what comes back

    def on_json_response(self, response_body: str) -> Any:
        """Fractions stay text: a double would lose digits."""
        return _DECODER.decode(response_body)

    def handle_errors(
        self,
        code: int,
        reason: str,
        url: str,
        method: str,
        headers: Any,
        body: str,
        response: Any,
        request_headers: Any,
        request_body: Any,
    ) -> None:
        """A refusal comes with HTTP 200 as well; its words are `message`, or `msg` where a gateway refused."""
        if code == 407:
            raise InvalidProxySettings(self.id + " the proxy asks for a sign-in: 407 " + str(reason))
        answered = self.safe_string(response, "code") if isinstance(response, dict) else None
        if answered == SUCCESS and code == 200:
            return
        feedback = self.id + " " + str(code) + " " + str(body)[:300]
        if answered is None or answered == SUCCESS:
            raise self.httpExceptions.get(str(code), BadResponse)(feedback)
        if answered in _NO_DEPTH and '"limit_maker"' in str(request_body):
            raise OrderImmediatelyFillable(feedback)
        words = self.safe_string_2(response, "message", "msg")
        if words is not None:
            self.throw_broadly_matched_exception(self.exceptions["broad"], words, feedback)
        self.throw_exactly_matched_exception(self.exceptions["exact"], answered, feedback)
        raise BY_STATUS.get(code, ExchangeNotAvailable if code >= 500 else ExchangeError)(feedback)

    def data_of(self, response: Any, *names: str) -> Any:
        """The answer's data, or what stands in it under a name; never None."""
        found = response.get("data") if isinstance(response, dict) else None
        for name in names:
            found = found.get(name) if isinstance(found, dict) else None
        if found is None:
            raise BadResponse(self.id + " answered without " + ".".join(("data", *names)))
        return found

    def rows_of(self, response: Any, *names: str) -> list[Any]:
        """Without a list it is no answer, and nothing is read as "none"."""
        found = self.data_of(response, *names)
        if not isinstance(found, list):
            raise BadResponse(self.id + " answered without a list")
        return found

    # public

    async def fetch_time(self, params: Any = {}) -> Any:  # noqa: B006
        return self.safe_integer(self.data_of(await self.publicGetSystemTime(params)), "server_time")

    async def fetch_markets(self, params: Any = {}) -> Any:  # noqa: B006
        listed = self.rows_of(await self.publicGetSpotV1SymbolsDetails(params), "symbols")
        return [self.parse_market(row) for row in listed]

    def parse_market(self, market: Any) -> Any:
        return rows.market(self, market)

    async def fetch_order_book(self, symbol: str, limit: int | None = None, params: Any = {}) -> Any:  # noqa: B006
        await self.load_markets()
        market = self.market(symbol)
        request = {"symbol": market["id"]}
        if limit is not None:
            request["limit"] = min(limit, BOOK_MAX)
        data = self.data_of(await self.publicGetSpotQuotationV3Books(self.extend(request, params)))
        #
        #     {"ts":"1700000000000","symbol":"BTC_USDT","asks":[["67000.50","0.3200"]],"bids":[["66999.50","0.5000"]]}
        #
        if not all(isinstance(self.safe_value(data, side), list) for side in ("asks", "bids")):
            raise BadResponse(self.id + " answered without a book")
        time = self.safe_integer(data, "ts")
        return {
            "symbol": market["symbol"],
            "bids": rows.levels(self, data["bids"], best_is_highest=True),
            "asks": rows.levels(self, data["asks"], best_is_highest=False),
            "timestamp": time,
            "datetime": self.iso8601(time),
            "nonce": None,
            "info": data,
        }

    async def fetch_trades(
        self,
        symbol: str,
        since: int | None = None,
        limit: int | None = None,
        params: Any = {},  # noqa: B006
    ) -> Any:
        await self.load_markets()
        market = self.market(symbol)
        request = {"symbol": market["id"]}
        if limit is not None:
            request["limit"] = min(limit, PUBLIC_TRADES_MAX)
        found = self.rows_of(await self.publicGetSpotQuotationV3Trades(self.extend(request, params)))
        return self.parse_trades(rows.named(found), market, since, limit)

    def parse_trade(self, trade: Any, market: Any = None) -> Any:
        return rows.own_trade(self, trade, market) if "tradeId" in trade else rows.public_trade(self, trade, market)

    # account

    async def fetch_balance(self, params: Any = {}) -> Any:  # noqa: B006
        return self.parse_balance(await self.keyedGetSpotV1Wallet(params))

    def parse_balance(self, response: Any) -> Any:
        #
        #     {"code":1000,"trace":"..","message":"OK","data":{"wallet":[{"id":"USDT","name":"Tether USD",
        #      "available":"50000.00000000","frozen":"5000.00000000","total":"55000.00000000"}]}}
        #
        result: dict[str, Any] = {"info": response, "timestamp": None, "datetime": None}
        for row in self.rows_of(response, "wallet"):
            code = self.safe_currency_code(self.safe_string(row, "id"))
            free, used = self.safe_string(row, "available"), self.safe_string(row, "frozen")
            if code is None or free is None or used is None or code in result:
                raise BadResponse(self.id + " answered with a balance that cannot be read: " + self.json(row))
            result[code] = {"free": free, "used": used, "total": self.safe_string(row, "total")}
        return self.safe_balance(result)

    async def fetch_deposits(
        self,
        code: str | None = None,
        since: int | None = None,
        limit: int | None = None,
        params: Any = {},  # noqa: B006
    ) -> Any:
        return await self.transactions("deposit", code, since, limit, params)

    async def fetch_withdrawals(
        self,
        code: str | None = None,
        since: int | None = None,
        limit: int | None = None,
        params: Any = {},  # noqa: B006
    ) -> Any:
        return await self.transactions("withdraw", code, since, limit, params)

    async def transactions(self, kind: str, code: str | None, since: int | None, limit: int | None, params: Any) -> Any:
        """Without `since` those of the last 90 days, as BitMart has it; without `limit` all of them."""
        await self.load_markets()
        request: dict[str, Any] = {"operation_type": kind}
        request["N"] = RECORDS_MAX if limit is None else min(limit, RECORDS_MAX)
        currency = None
        if code is not None:
            currency = self.currency(code)
            request["currency"] = currency["id"]
        if since is not None:
            request["startTime"] = since

        async def ask(request: Any) -> Any:
            return await self.keyedGetAccountV2DepositWithdrawHistory(self.extend(request, params))

        found = await self.all_rows(ask, request, request["N"], limit, ("deposit_id", "withdraw_id"), "apply_time")
        return self.parse_transactions(found, currency, since, limit)

    async def all_rows(
        self, ask: Any, request: Any, full: int, limit: int | None, ids: tuple[str, ...], time: str
    ) -> list[Any]:
        """Where an answer is full, what was before its oldest row is asked for, up to `limit` rows."""
        found: dict[Any, Any] = {}
        for _ in range(_PAGES_MAX):
            response = await ask(request)
            listed = (
                self.rows_of(response, "records") if "records" in self.data_of(response) else self.rows_of(response)
            )
            page = {tuple(self.safe_string(row, name) for name in ids): row for row in listed}
            fresh = page.keys() - found.keys()
            found.update(page)
            if len(page) < full or (limit is not None and len(found) >= limit):
                return list(found.values())
            if not fresh:
                break
            request = {**request, "endTime": min(self.safe_integer(row, time) for row in page.values())}
        raise BadResponse(self.id + " has more rows than it tells")

    def parse_transaction(self, transaction: Any, currency: Any = None) -> Any:
        return rows.transaction(self, transaction, currency)

    async def fetch_my_trades(
        self,
        symbol: str | None = None,
        since: int | None = None,
        limit: int | None = None,
        params: Any = {},  # noqa: B006
    ) -> Any:
        """One answer, of at most 200; `params`: until (ms), or orderId for the trades of one order."""
        if symbol is None:
            raise ArgumentsRequired(self.id + " fetchMyTrades() requires a symbol argument")
        await self.load_markets()
        market = self.market(symbol)
        wanted = dict(params)
        order_id, until = wanted.pop("orderId", None), wanted.pop("until", None)
        if order_id is not None:
            response = await self.privatePostSpotV4QueryOrderTrades({"orderId": order_id, **wanted})
            return self.parse_trades(self.rows_of(response), market, since, limit)
        request: dict[str, Any] = {"symbol": market["id"]}
        if since is not None:
            request["startTime"] = since
        if until is not None:
            request["endTime"] = until
        if limit is not None:
            request["limit"] = min(limit, PAGE)
        found = self.rows_of(await self.privatePostSpotV4QueryTrades(self.extend(request, wanted)))
        return self.parse_trades(found, market, since, limit)

    # orders

    async def create_order(
        self,
        symbol: str,
        type: str,
        side: str,
        amount: Any,
        price: Any = None,
        params: Any = {},  # noqa: B006
    ) -> Any:
        """`params`: clientOrderId (32 letters and digits), postOnly, timeInForce, cost (market buy, quote)."""
        await self.load_markets()
        market = self.market(symbol)
        request = self.create_order_request(market, type, side, amount, price, params)
        response = await self.privatePostSpotV2SubmitOrder(request)
        order_id = self.safe_string(self.data_of(response), "order_id")
        if order_id is None:
            raise BadResponse(self.id + " accepted an order without naming its id")
        placed = {**request, "orderId": order_id, "clientOrderId": request.get("client_order_id")}
        return {**self.parse_order(placed, market), "info": response}

    def create_order_request(self, market: Any, type: str, side: str, amount: Any, price: Any, params: Any) -> Any:
        wanted = dict(params)
        client_order_id = wanted.pop("clientOrderId", None)
        post_only = bool(wanted.pop("postOnly", False))
        time_in_force = wanted.pop("timeInForce", None)
        cost = wanted.pop("cost", None)
        if time_in_force == "PO":
            post_only, time_in_force = True, None
        if time_in_force not in (None, "GTC", "IOC"):
            raise InvalidOrder(self.id + " has no orders with time in force " + str(time_in_force))
        request: dict[str, Any] = {"symbol": market["id"], "side": side}
        if type == "limit":
            if post_only and time_in_force == "IOC":
                raise InvalidOrder(self.id + " a post-only order cannot be IOC")
            request["type"] = "limit_maker" if post_only else "ioc" if time_in_force == "IOC" else "limit"
            request["size"] = rows.on_step(market["precision"]["amount"], amount) or self.amount_to_precision(
                market["symbol"], amount
            )
            request["price"] = rows.on_step(market["precision"]["price"], price) or self.price_to_precision(
                market["symbol"], price
            )
        elif type == "market":
            if post_only:
                raise InvalidOrder(self.id + " a market order cannot be post-only")
            request["type"] = "market"
            if side == "buy":
                request["notional"] = self.market_buy_cost(market, amount, price, cost)
            else:
                request["size"] = self.amount_to_precision(market["symbol"], amount)
        else:
            raise InvalidOrder(self.id + " has no orders of type " + type)
        if client_order_id is not None:
            request["client_order_id"] = client_order_id
        request.update(wanted)
        return request

    def market_buy_cost(self, market: Any, amount: Any, price: Any, cost: Any) -> str:
        if cost is None:
            cost = self.number_to_string(amount)
            if self.options["createMarketBuyOrderRequiresPrice"]:
                if price is None:
                    raise InvalidOrder(
                        self.id
                        + " a market buy needs its price, to tell what it may spend in quote; or pass the cost in"
                        " params, or as amount with the option createMarketBuyOrderRequiresPrice set to False"
                    )
                cost = Precise.string_mul(cost, self.number_to_string(price))
        return rows.cut(market["precision"]["price"], self.number_to_string(cost))

    async def create_market_buy_order_with_cost(self, symbol: str, cost: Any, params: Any = {}) -> Any:  # noqa: B006
        return await self.create_order(symbol, "market", "buy", None, None, self.extend(params, {"cost": cost}))

    async def cancel_order(self, id: str | None, symbol: str | None = None, params: Any = {}) -> Any:  # noqa: B006
        """By the exchange's id, or with `id` None by `params.clientOrderId`. It is asked for; a query tells its end."""
        if symbol is None:
            raise ArgumentsRequired(self.id + " cancelOrder() requires a symbol argument")
        await self.load_markets()
        market = self.market(symbol)
        wanted = dict(params)
        client_order_id = wanted.pop("clientOrderId", None)
        request = {"symbol": market["id"]}
        if client_order_id is not None:
            request["client_order_id"] = client_order_id
        else:
            request["order_id"] = id
        response = await self.privatePostSpotV3CancelOrder(self.extend(request, wanted))
        #
        #     {"code":1000,"trace":"..","message":"success","data":{"result":true}}
        #
        if self.data_of(response, "result") is not True:
            raise ExchangeError(self.id + " did not accept the cancel: " + self.json(response))
        return {**self.parse_order({"orderId": id, "clientOrderId": client_order_id}, market), "info": response}

    async def cancel_all_orders(self, symbol: str | None = None, params: Any = {}) -> Any:  # noqa: B006
        """Asks for it; the exchange does it later. Ask for the open orders until there are none."""
        request = {}
        if symbol is not None:
            await self.load_markets()
            request["symbol"] = self.market(symbol)["id"]
        await self.privatePostSpotV4CancelAll(self.extend(request, params))
        return []

    async def fetch_order(self, id: str | None, symbol: str | None = None, params: Any = {}) -> Any:  # noqa: B006
        """By the exchange's id, or with `id` None by `params.clientOrderId`."""
        await self.load_markets()
        wanted = dict(params)
        client_order_id = wanted.pop("clientOrderId", None)
        if client_order_id is not None:
            response = await self.privatePostSpotV4QueryClientOrder({"clientOrderId": client_order_id, **wanted})
        elif id is not None:
            response = await self.privatePostSpotV4QueryOrder({"orderId": id, **wanted})
        else:
            raise ArgumentsRequired(self.id + " fetchOrder() requires an id or params.clientOrderId")
        return self.parse_order(self.data_of(response), None if symbol is None else self.market(symbol))

    async def fetch_open_orders(
        self,
        symbol: str | None = None,
        since: int | None = None,
        limit: int | None = None,
        params: Any = {},  # noqa: B006
    ) -> Any:
        await self.load_markets()
        market = None if symbol is None else self.market(symbol)
        request: dict[str, Any] = {} if market is None else {"symbol": market["id"]}

        async def ask(request: Any) -> Any:
            return await self.privatePostSpotV4QueryOpenOrders(self.extend(request, params))

        found = await self.all_rows(ask, {**request, "limit": PAGE}, PAGE, None, ("orderId",), "createTime")
        return self.parse_orders(found, market, since, limit)

    def parse_order(self, order: Any, market: Any = None) -> Any:
        return rows.order(self, order, market)
