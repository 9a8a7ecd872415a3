"""Coinstore (spot) for ccxt. Ids are text; so are amounts, from the wire to the caller, where ccxt's `number` is `str`.

Nothing in this class moves funds: deposits and withdrawals are listed, never made.
"""

import hashlib
import hmac
import json
import socket
from collections.abc import Iterable
from functools import cache
from typing import Any

import aiohttp
import yarl
from ccxt.async_support.base.exchange import Exchange
from ccxt.base.decimal_to_precision import DECIMAL_PLACES, TRUNCATE
from ccxt.base.errors import (
    ArgumentsRequired,
    BadRequest,
    BadResponse,
    ExchangeError,
    ExchangeNotAvailable,
    InvalidOrder,
    InvalidProxySettings,
    OrderNotFound,
    RequestTimeout,
)
from ccxt.base.precise import Precise

from trading_bridge.exchanges.coinstore_api import DESCRIPTION, ImplicitAPI

#: X-CS-EXPIRES is signed by the slot of so many milliseconds that it lies in
_SLOT_MS = 30_000
#: the exchange knows these sizes of an order book
DEPTHS = (5, 10, 20, 50, 100)
#: most candles of one answer, and how many come unless asked
_CANDLES_MAX, _CANDLES = 2000, 100
#: decimals of a market buy's quote amount: 2 were accepted, more were refused with 3106
_COST_DECIMALS = 2
_PLACE = "/trade/order/place"

_TRANSACTION_STATUS = {
    "deposit": {"0": "pending", "1": "ok", "2": "failed", "3": "pending", "4": "failed"},
    "withdrawal": {
        "0": "pending",
        "1": "pending",
        "2": "failed",
        "3": "pending",
        "4": "failed",
        "5": "ok",
        "6": "canceled",
    },
}
_ORDER_STATUS = {
    "SUBMITTING": "open",
    "SUBMITTED": "open",
    "PARTIAL_FILLED": "open",
    "CANCELING": "open",
    "FILLED": "closed",
    "CANCELED": "canceled",
    "STOPPED": "canceled",
    "REJECTED": "rejected",
    "EXPIRED": "expired",
}
_SIDE = {"1": "buy", "BUY": "buy", "BULL": "buy", "-1": "sell", "SELL": "sell", "BEAR": "sell"}
#: of a ticker, as the exchange calls them and ccxt does
_PRICES = ("open", "high", "low", "close", "bid", "ask")
_ROLE = {"1": "taker", "TAKER": "taker", "-1": "maker", "MAKER": "maker"}


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


_DECODER = json.JSONDecoder(parse_float=str, parse_constant=_no_number)


class coinstore(Exchange, ImplicitAPI):
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
        """The signed bytes are the sent bytes. A POST has its params as JSON in its body, or as query beside `body`."""
        url = self.urls["api"][api] + "/" + self.implode_params(path, params)
        rest = self.omit(params, self.extract_params(path))
        query = ""
        if method == "POST" and body is None:
            body = self.json(rest)
        elif rest:
            query = self.urlencode(rest)
            url += "?" + query
        headers = {"Content-Type": "application/json"}
        if api == "private":
            headers = self.signed_headers(query + (body or ""))
        return {"url": url, "method": method, "headers": headers, "body": body}

    def signed_headers(self, payload: str) -> dict[str, str]:
        """`payload` is the query as it stands in the URL, then the body as it is sent."""
        if not self.apiKey or not self.secret:
            self.check_required_credentials()
        now = self.milliseconds()
        return {
            "X-CS-APIKEY": self.apiKey,
            "X-CS-EXPIRES": str(now),
            "X-CS-SIGN": self.signature(now, payload),
            "Content-Type": "application/json",
        }

    def signature(self, now: int, payload: str) -> str:
        slot = now // _SLOT_MS
        known = self.options.get("slotKey")  # [slot, secret, what signs with it]: the key changes every 30 s
        if known is None or known[0] != slot or known[1] != self.secret:
            derived = hmac.digest(self.secret.encode(), str(slot).encode(), hashlib.sha256).hex()
            known = self.options["slotKey"] = [slot, self.secret, hmac.new(derived.encode(), digestmod="sha256")]
        signing = known[2].copy()
        signing.update(payload.encode())
        return str(signing.hexdigest())

    # what comes back

    def on_json_response(self, response_body: str) -> Any:
        """Fractions stay text: a double would lose digits of amounts with 18 decimals."""
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
        """A refusal comes with HTTP 200 as well, `code` as number or text; what has another form proves nothing."""
        if code == 407:
            raise InvalidProxySettings(self.id + " the proxy asks for a sign-in: 407 " + str(reason))
        answered = self.safe_string(response, "code") if isinstance(response, dict) else None
        if answered == "0" and code == 200:
            return
        feedback = self.id + " " + str(code) + " " + str(body)[:300]
        if answered is not None and answered != "0" and code < 500:
            self.throw_exactly_matched_exception(self.exceptions["exact"], answered, feedback)
        if str(code) in self.httpExceptions:
            raise self.httpExceptions[str(code)](feedback)
        if answered is None or not 200 <= code < 300:
            raise BadResponse(feedback)
        if answered != "0":
            raise ExchangeError(feedback)

    def data_of(self, response: Any) -> Any:
        if not isinstance(response, dict):
            raise BadResponse(self.id + " answered without an envelope")
        return response.get("data")

    def rows_of(self, response: Any) -> list[Any]:
        """The rows of an answer; without a list it is no answer, and nothing is read as "none"."""
        data = self.data_of(response)
        if not isinstance(data, list):
            raise BadResponse(self.id + " answered without a list")
        return [row for row in data if row is not None]

    def milliseconds_of(self, time: Any) -> int | None:
        """Times come in seconds or milliseconds, for the same field too."""
        number = self.parse_to_int(time) if time is not None else None
        if number is None or number == 0:
            return None
        return int(number) * 1000 if number < 100_000_000_000 else int(number)

    # markets

    async def fetch_markets(self, params: Any = {}) -> Any:  # noqa: B006
        response = await self.publicPostV2PublicConfigSpotSymbols(params)
        #
        #     {"code":"0","message":"Success","data":[{"symbolId":1,"symbolCode":"BTCUSDT","tradeCurrencyCode":"btc",
        #      "quoteCurrencyCode":"usdt","openTrade":true,"onLineTime":1609813531019,"tickSz":0,"lotSz":4,
        #      "minLmtPr":"0.0002","minLmtSz":"0.2","minMktVa":"0.1","minMktSz":"0.1",
        #      "makerFee":"0.006","takerFee":"0.003"}]}
        #
        return [self.parse_market(row) for row in self.rows_of(response)]

    def parse_market(self, market: Any) -> Any:
        base_id = self.safe_string(market, "tradeCurrencyCode")
        quote_id = self.safe_string(market, "quoteCurrencyCode")
        base = self.safe_currency_code(base_id)
        quote = self.safe_currency_code(quote_id)
        return self.safe_market_structure(
            {
                "id": self.safe_string_upper(market, "symbolCode"),
                "numericId": self.safe_integer(market, "symbolId"),
                "symbol": base + "/" + quote,
                "base": base,
                "quote": quote,
                "baseId": base_id,
                "quoteId": quote_id,
                "type": "spot",
                "spot": True,
                "margin": False,
                "swap": False,
                "future": False,
                "option": False,
                "contract": False,
                "active": self.safe_bool(market, "openTrade"),
                "maker": self.safe_number(market, "makerFee"),
                "taker": self.safe_number(market, "takerFee"),
                "precision": {
                    "amount": self.parse_number(self.parse_precision(self.safe_string(market, "lotSz"))),
                    "price": self.parse_number(self.parse_precision(self.safe_string(market, "tickSz"))),
                },
                "limits": {
                    "amount": {"min": self.safe_number(market, "minLmtSz"), "max": None},
                    "price": {"min": self.safe_number(market, "minLmtPr"), "max": None},
                    "cost": {"min": None, "max": None},
                    "leverage": {"min": None, "max": None},
                    "market": {"min": self.safe_number(market, "minMktSz"), "max": None},
                },
                "created": self.safe_integer(market, "onLineTime"),
                "info": market,
            }
        )

    def market_of_row(self, row: Any, market: Any = None) -> Any:
        return self.safe_market(self.safe_string_upper(row, "symbol"), market)

    async def fetch_order_book(self, symbol: str, limit: int | None = None, params: Any = {}) -> Any:  # noqa: B006
        await self.load_markets()
        market = self.market(symbol)
        request = {"symbol": market["id"]}
        if limit is not None:
            request["depth"] = next((depth for depth in DEPTHS if depth >= limit), DEPTHS[-1])
        data = self.data_of(await self.publicGetV1MarketDepthSymbol(self.extend(request, params)))
        #
        #     {"channel":"4@depth@5","level":5,"a":[["41995","0.018144",-1]],"b":[["41991.5","0.548567",1]],
        #      "symbol":"BTCUSDT","instrumentId":4}
        #
        if not isinstance(data, dict) or not isinstance(data.get("a"), list) or not isinstance(data.get("b"), list):
            raise BadResponse(self.id + " answered without a book")
        return {
            "symbol": market["symbol"],
            "bids": self.sorted_levels(data["b"], best_is_highest=True),
            "asks": self.sorted_levels(data["a"], best_is_highest=False),
            "timestamp": None,
            "datetime": None,
            "nonce": None,
            "info": data,
        }

    def sorted_levels(self, rows: Iterable[Any], *, best_is_highest: bool) -> list[Any]:
        """By value: text in the order of its characters would put 9 above 10."""
        levels = [[self.parse_number(row[0]), self.parse_number(row[1])] for row in rows]
        return sorted(levels, key=lambda level: float(level[0]), reverse=best_is_highest)

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
            request["size"] = min(limit, 100)
        rows = self.rows_of(await self.publicGetV1MarketTradeSymbol(self.extend(request, params)))
        return self.parse_trades(rows, market, since, limit)

    async def fetch_tickers(self, symbols: Any = None, params: Any = {}) -> Any:  # noqa: B006
        await self.load_markets()
        rows = self.rows_of(await self.publicGetV1MarketTickers(params))
        #
        #     {"channel":"ticker","bidSize":"454.2","askSize":"542.6","count":41723,"volume":"24121351.85",
        #      "amount":"1693799.10798965","close":"0.067998","open":"0.071842","high":"0.072453","low":"0.067985",
        #      "bid":"0.0679","ask":"0.0681","symbol":"TRXUSDT","instrumentId":2}
        #
        return self.parse_tickers(rows, self.market_symbols(symbols))

    async def fetch_ticker(self, symbol: str, params: Any = {}) -> Any:  # noqa: B006
        """Out of the list of all: the exchange has no other."""
        await self.load_markets()
        symbol = self.market(symbol)["symbol"]
        found = (await self.fetch_tickers([symbol], params)).get(symbol)
        if found is None:
            raise BadResponse(self.id + " answered without a ticker of " + symbol)
        return found

    def parse_ticker(self, ticker: Any, market: Any = None) -> Any:
        """A price of zero says that there was no trade, or that nobody stands there."""
        market = self.market_of_row(ticker, market)
        prices = {name: self.omit_zero(self.safe_string(ticker, name)) for name in _PRICES}
        return self.safe_ticker(
            {
                "info": ticker,
                "symbol": self.safe_string(market, "symbol"),
                "timestamp": None,
                "datetime": None,
                **prices,
                "last": prices["close"],
                "bidVolume": self.safe_string(ticker, "bidSize"),
                "askVolume": self.safe_string(ticker, "askSize"),
                "baseVolume": self.safe_string(ticker, "volume"),
                "quoteVolume": self.safe_string(ticker, "amount"),
            },
            market,
        )

    async def fetch_ohlcv(
        self,
        symbol: str,
        timeframe: str = "1m",
        since: int | None = None,
        limit: int | None = None,
        params: Any = {},  # noqa: B006
    ) -> Any:
        """The exchange tells the newest ones, so those `since` a time are as many as fit between then and now."""
        await self.load_markets()
        market = self.market(symbol)
        size = _CANDLES if limit is None else limit
        if since is not None:
            size = (self.milliseconds() - since) // (self.parse_timeframe(timeframe) * 1000) + 1
        period = self.safe_string(self.timeframes, timeframe)
        if period is None:
            raise BadRequest(self.id + " has no candles of " + timeframe)
        request = {"symbol": market["id"], "period": period, "size": max(1, min(size, _CANDLES_MAX))}
        data = self.data_of(await self.publicGetV1MarketKlineSymbol(self.extend(request, params)))
        #
        #     {"channel":"4@kline@week_1","item":[{"endTime":1641744059,"amount":"98630624.103511453",
        #      "interval":"week_1","startTime":1641744000,"firstTradeId":14547884,"lastTradeId":14799534,
        #      "volume":"2307.742209","close":"43196.0002","open":"41628.2582","high":"52250.3884","low":"39654.039"}],
        #      "symbol":"BTCUSDT","instrumentId":4}
        #
        rows = data.get("item") if isinstance(data, dict) else None
        if not isinstance(rows, list):
            raise BadResponse(self.id + " answered without candles")
        return self.parse_ohlcvs(rows, market, timeframe, since, limit)

    def parse_ohlcv(self, ohlcv: Any, market: Any = None) -> Any:
        prices = [self.safe_number(ohlcv, name) for name in ("open", "high", "low", "close", "volume")]
        return [self.milliseconds_of(self.safe_value(ohlcv, "startTime")), *prices]

    def parse_trade(self, trade: Any, market: Any = None) -> Any:
        #
        # public
        #
        #     {"channel":"4@trade","time":1642495112,"volume":"0.011102","price":"41732.3305","tradeId":14867136,
        #      "takerSide":"BUY","seq":14867136,"ts":1642495112000,"symbol":"BTCUSDT","instrumentId":4}
        #
        # own
        #
        #     {"id":3984987,"remainingQty":0E-18,"matchRole":1,"feeCurrencyId":44,"acturalFeeRate":0.002000000000000000,
        #      "role":1,"accountId":1138204,"instrumentId":15,"baseCurrencyId":44,"quoteCurrencyId":30,
        #      "execQty":40.900000000000000000,"orderState":50,"matchId":258338866,"orderId":1717384395096065,"side":1,
        #      "execAmt":8.887161000000000000,"selfDealingQty":0E-18,"tradeId":11523732,"fee":0.081800000000000000,
        #      "matchTime":1637825389,"seq":null}
        #
        own = "execQty" in trade
        if own:
            amount = self.safe_string(trade, "execQty")
            cost = self.safe_string(trade, "execAmt")
            price = Precise.string_div(cost, amount)
            trade_id = self.safe_string(trade, "id")
            side = self.safe_string_upper(trade, "side")
            role = self.safe_string_upper_2(trade, "matchRole", "role")
            time = self.milliseconds_of(self.safe_value(trade, "matchTime"))
        else:
            amount = self.safe_string(trade, "volume")
            cost = None
            price = self.safe_string(trade, "price")
            trade_id = self.safe_string(trade, "tradeId")
            side = self.safe_string_upper(trade, "takerSide")
            role = None
            time = self.milliseconds_of(self.safe_value_2(trade, "ts", "time"))
            market = self.market_of_row(trade, market)
        return self.safe_trade(
            {
                "info": trade,
                "id": trade_id,
                "order": self.safe_string(trade, "orderId"),
                "timestamp": time,
                "datetime": self.iso8601(time),
                "symbol": self.safe_string(market, "symbol"),
                "type": None,
                "side": _SIDE.get(side),
                "takerOrMaker": _ROLE.get(role),
                "price": price,
                "amount": amount,
                "cost": cost,
                "fee": self.fee_of(trade, market) if own else None,
            },
            market,
        )

    def fee_of(self, trade: Any, market: Any) -> Any:
        """The fee is paid in the currency whose number it names; in neither of the market's two it stays unnamed."""
        cost = self.safe_string(trade, "fee")
        if cost is None:
            return None
        number = self.safe_string(trade, "feeCurrencyId")
        currency = None
        if number is not None and number == self.safe_string(trade, "baseCurrencyId"):
            currency = self.safe_string(market, "base")
        elif number is not None and number == self.safe_string(trade, "quoteCurrencyId"):
            currency = self.safe_string(market, "quote")
        return {"cost": cost, "currency": currency, "rate": self.safe_string(trade, "acturalFeeRate")}

    # account

    async def fetch_balance(self, params: Any = {}) -> Any:  # noqa: B006
        return self.parse_balance(await self.privatePostSpotAccountList(params))

    def parse_balance(self, response: Any) -> Any:
        #
        #     {"data":[{"uid":315,"accountId":1134971,"currency":"USDT","balance":"0.05001","type":4,
        #               "typeName":"FROZEN"},
        #              {"uid":315,"accountId":1134971,"currency":"USDT","balance":"13297.94999","type":1,
        #               "typeName":"AVAILABLE"}],"code":0}
        #
        # one row a currency and type; the side without a row is zero as long as the other has one
        #
        result: dict[str, Any] = {"info": response, "timestamp": None, "datetime": None}
        seen: set[tuple[Any, Any]] = set()
        for row in self.rows_of(response):
            kind = {"1": "free", "4": "used"}.get(self.safe_string(row, "type"))
            if kind is None:
                continue
            code = self.safe_currency_code(self.safe_string(row, "currency"))
            balance = self.safe_string(row, "balance")
            if code is None or balance is None or (code, kind) in seen:
                raise BadResponse(self.id + " answered with a balance that cannot be read: " + self.json(row))
            seen.add((code, kind))
            account = result.setdefault(code, {"free": "0", "used": "0", "total": None})
            account[kind] = balance
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
        return await self.transactions("withdrawal", code, since, limit, params)

    async def transactions(self, kind: str, code: str | None, since: int | None, limit: int | None, params: Any) -> Any:
        await self.load_markets()
        request: dict[str, Any] = {}
        currency = None
        if code is not None:
            currency = self.currency(code)
            request["currencyCode"] = currency["id"].upper()
        if since is not None:
            request["startDate"] = self.ymdhms(since)
        if limit is not None:
            request["limit"] = min(limit, 1000)
        if kind == "deposit":
            response = await self.privatePostFiV3AssetDepositRecordList(self.extend(request, params))
            listed = "depositList"
        else:
            response = await self.privatePostFiV3AssetWithdrawRecordList(self.extend(request, params))
            listed = "withdrawList"
        data = self.data_of(response)
        rows = data.get(listed) if isinstance(data, dict) else None
        if not isinstance(rows, list):
            raise BadResponse(self.id + " answered without a list")
        return self.parse_transactions(rows, currency, since, limit, {"type": kind})

    def parse_transaction(self, transaction: Any, currency: Any = None) -> Any:
        #
        #     {"id":38948,"symbol":"doge","chainName":"doge","chainProtocol":"doge","amount":"10.61",
        #      "createdAt":"2024-02-27 17:36:38","status":1,"explorer":"..","txId":"..","internalType":0,
        #      "lockAccount":false}
        #     {"id":4886,"symbol":"DOGE","amount":"0.3","fee":"0","createdAt":"2024-02-27 18:20:31","status":5,
        #      "txId":"..","addressTo":"..","tag":null,"chainName":"DOGE","chainProtocol":"DOGE","internalType":0}
        #
        kind = "withdrawal" if "addressTo" in transaction else "deposit"
        code = self.safe_currency_code(self.safe_string(transaction, "symbol"), currency)
        time = self.parse8601(self.safe_string(transaction, "createdAt"))
        fee = self.safe_number(transaction, "fee")
        internal = self.safe_string(transaction, "internalType")
        address = self.safe_string(transaction, "addressTo")
        tag = self.safe_string(transaction, "tag")
        return {
            "info": transaction,
            "id": self.safe_string(transaction, "id"),
            "txid": self.safe_string(transaction, "txId"),
            "timestamp": time,
            "datetime": self.iso8601(time),
            "network": self.safe_string_upper(transaction, "chainProtocol"),
            "address": address,
            "addressTo": address,
            "addressFrom": None,
            "tag": tag,
            "tagTo": tag,
            "tagFrom": None,
            "type": kind,
            "amount": self.safe_number(transaction, "amount"),
            "currency": code,
            "status": _TRANSACTION_STATUS[kind].get(self.safe_string(transaction, "status")),
            "updated": None,
            "internal": None if internal is None else internal == "1",
            "comment": None,
            "fee": None if fee is None else {"currency": code, "cost": fee},
        }

    async def fetch_my_trades(
        self,
        symbol: str | None = None,
        since: int | None = None,
        limit: int | None = None,
        params: Any = {},  # noqa: B006
    ) -> Any:
        """One page, newest first on the wire; `params`: ordId, pageNum (from 1), side (1 or -1)."""
        if symbol is None:
            raise ArgumentsRequired(self.id + " fetchMyTrades() requires a symbol argument")
        await self.load_markets()
        market = self.market(symbol)
        request: dict[str, Any] = {"symbol": market["id"]}
        if limit is not None:
            request["pageSize"] = min(limit, 100)
        rows = self.rows_of(await self.privateGetTradeMatchAccountMatches(self.extend(request, params)))
        return self.parse_trades(rows, market, since, limit)

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
        """`params`: clientOrderId (32 letters and digits are safe), postOnly, timeInForce, cost (market buy, quote)."""
        if self.markets is None:
            await self.load_markets()
        market = self.market(symbol)
        request = self.create_order_request(market, type, side, amount, price, params)
        response = await self.place(request)
        #
        #     {"code":"0","data":{"order_id":11594964764657880}}, or with ordId
        #
        data = response.get("data")
        order_id = self.safe_string_n(data, ["ordId", "order_id", "orderId"]) if isinstance(data, dict) else None
        if order_id is None:
            raise BadResponse(self.id + " accepted an order without naming its id")
        return self.acknowledged(request, response, order_id, market, type, side)

    def create_order_request(self, market: Any, type: str, side: str, amount: Any, price: Any, params: Any) -> Any:
        wanted = dict(params)
        client_order_id = wanted.pop("clientOrderId", None)
        post_only = bool(wanted.pop("postOnly", False))
        time_in_force = wanted.pop("timeInForce", None)
        cost = wanted.pop("cost", None)
        if time_in_force == "PO":
            post_only, time_in_force = True, None
        request: dict[str, Any] = {"symbol": market["id"], "side": side.upper()}
        if type == "limit":
            if post_only and time_in_force in ("IOC", "FOK"):
                raise InvalidOrder(self.id + " a post-only order cannot be " + time_in_force)
            request["ordType"] = "POST_ONLY" if post_only else "LIMIT"
            if not post_only:
                request["timeInForce"] = time_in_force or "GTC"
            request["ordPrice"] = self.fitting(market, "tickSz", price) or self.price_to_precision(
                market["symbol"], price
            )
            request["ordQty"] = self.fitting(market, "lotSz", amount) or self.amount_to_precision(
                market["symbol"], amount
            )
        elif type == "market":
            if post_only:
                raise InvalidOrder(self.id + " a market order cannot be post-only")
            request["ordType"] = "MARKET"
            if side == "buy":
                request["ordAmt"] = self.market_buy_cost(market, amount, price, cost)
            else:
                request["ordQty"] = self.amount_to_precision(market["symbol"], amount)
        else:
            raise InvalidOrder(self.id + " has no orders of type " + type)
        if client_order_id is not None:
            request["clOrdId"] = client_order_id
        request["timestamp"] = self.milliseconds()
        request.update(wanted)
        return request

    def fitting(self, market: Any, decimals_key: str, number: Any) -> str | None:
        """The text as it stands where it is a plain number within the market's decimals, so that nothing rounds it."""
        if not isinstance(number, str) or not number.isascii():
            return None
        whole, _, fraction = number.partition(".")
        if not (whole + fraction).isdigit() or not whole or len(fraction) > int(market["info"][decimals_key]):
            return None
        return number if number.strip("0.") else None

    def market_buy_cost(self, market: Any, amount: Any, price: Any, cost: Any) -> str:
        if cost is None:
            cost = self.number_to_string(amount)
            if self.options["createMarketBuyOrderRequiresPrice"]:
                if price is None:
                    raise InvalidOrder(
                        self.id
                        + " a market buy needs its price, to tell what it may spend in quote; or pass the cost in"
                        " params and set the option createMarketBuyOrderRequiresPrice to False"
                    )
                cost = Precise.string_mul(cost, self.number_to_string(price))
        decimals = min(int(market["info"]["tickSz"]), _COST_DECIMALS)
        spent = self.decimal_to_precision(self.number_to_string(cost), TRUNCATE, decimals, DECIMAL_PLACES)
        return str(spent)

    async def create_market_buy_order_with_cost(self, symbol: str, cost: Any, params: Any = {}) -> Any:  # noqa: B006
        return await self.create_order(symbol, "market", "buy", None, None, self.extend(params, {"cost": cost}))

    def acknowledged(self, request: Any, response: Any, order_id: str, market: Any, type: str, side: str) -> Any:
        """ccxt's order structure; an acknowledgement says nothing but the id."""
        return {
            "info": response,
            "id": order_id,
            "clientOrderId": request.get("clOrdId"),
            "timestamp": None,
            "datetime": None,
            "lastTradeTimestamp": None,
            "lastUpdateTimestamp": None,
            "symbol": market["symbol"],
            "type": type,
            "timeInForce": request.get("timeInForce"),
            "postOnly": request["ordType"] == "POST_ONLY",
            "reduceOnly": None,
            "side": side,
            "price": self.parse_number(request.get("ordPrice")),
            "stopPrice": None,
            "triggerPrice": None,
            "takeProfitPrice": None,
            "stopLossPrice": None,
            "amount": self.parse_number(request.get("ordQty")),
            "cost": None,
            "average": None,
            "filled": None,
            "remaining": None,
            "status": None,
            "fee": None,
            "fees": [],
            "trades": [],
        }

    async def place(self, request: Any) -> Any:
        """ccxt's road from request to answer without what an order does not need: session, signature, proxy and errors
        are the same, at a third less CPU. Anything unusual takes ccxt's own road."""
        url = self.urls["api"]["private"] + _PLACE
        http_proxy, https_proxy, socks_proxy = self.check_proxy_settings(url, "POST", None, None)
        relayed = socks_proxy or self.check_proxy_url_settings(url, "POST", None, None)
        if self.enableRateLimit or self.verbose or self.session is None or relayed:
            return await self.privatePostTradeOrderPlace(request)
        body = self.json(request)
        headers = self.signed_headers(body)
        headers["User-Agent"] = self.userAgent
        headers["Accept-Encoding"] = "gzip, deflate"
        try:
            async with self.session.post(
                yarl.URL(url, encoded=True),
                data=body.encode(),
                headers=headers,
                timeout=_time_out(self.timeout / 1000),
                proxy=http_proxy or https_proxy or self.aiohttp_proxy,
            ) as answer:
                text = (await answer.text(errors="replace")).strip()
                status, reason, answer_headers = answer.status, answer.reason, answer.headers
        except TimeoutError as error:
            raise RequestTimeout(f"{self.id} POST {url}") from error
        except (socket.gaierror, aiohttp.ClientConnectionError) as error:
            raise ExchangeNotAvailable(f"{self.id} POST {url}") from error
        except aiohttp.ClientError as error:
            raise ExchangeError(f"{self.id} POST {url}") from error
        response = self.parse_json(text)
        self.handle_errors(status, reason, url, "POST", answer_headers, text, response, headers, body)
        return response

    async def cancel_order(self, id: str, symbol: str | None = None, params: Any = {}) -> Any:  # noqa: B006
        if symbol is None:
            raise ArgumentsRequired(self.id + " cancelOrder() requires a symbol argument")
        await self.load_markets()
        market = self.market(symbol)
        request = {"symbol": market["id"], "ordId": int(id) if id.isdigit() else id}
        data = self.data_of(await self.privatePostTradeOrderCancel(self.extend(request, params)))
        #
        #     {"clientOrderId":"b1b2ea5e00a84b888d419cb73f8eb203","state":"CANCELED","ordId":1722183748419690}
        #
        return self.parse_order(self.extend({"ordId": id}, data if isinstance(data, dict) else {}), market)

    async def cancel_orders(self, ids: Any, symbol: str | None = None, params: Any = {}) -> Any:  # noqa: B006
        """Those that the exchange took are canceled; of those that it rejected nothing is known: ask for each."""
        if symbol is None:
            raise ArgumentsRequired(self.id + " cancelOrders() requires a symbol argument")
        await self.load_markets()
        market = self.market(symbol)
        request = {"symbol": market["id"], "orderIds": [int(one) if one.isdigit() else one for one in ids]}
        data = self.data_of(await self.privatePostTradeOrderCancelBatch(self.extend(request, params)))
        #
        #     {"data":{"success":[1722364585836586,1722364585836585],"reject":[]},"code":0}
        #
        taken = data.get("success") if isinstance(data, dict) else None
        if not isinstance(taken, list) or not isinstance(data.get("reject"), list):
            raise BadResponse(self.id + " answered without a list")
        canceled = [self.parse_order({"ordId": order_id, "ordStatus": "CANCELED"}, market) for order_id in taken]
        return canceled + [self.parse_order({"ordId": order_id}, market) for order_id in data["reject"]]

    async def cancel_all_orders(self, symbol: str | None = None, params: Any = {}) -> Any:  # noqa: B006
        """Asks for it; the exchange does it later. Ask for the open orders until there are none."""
        if symbol is None:
            raise ArgumentsRequired(self.id + " cancelAllOrders() requires a symbol argument")
        await self.load_markets()
        market = self.market(symbol)
        data = self.data_of(await self.privatePostTradeOrderCancelAll(self.extend({"symbol": market["id"]}, params)))
        #
        #     {"data":{"canceling":[1722183748419690]},"code":0}, or no data
        #
        ids = self.safe_list(data, "canceling", []) if isinstance(data, dict) else []
        return [self.parse_order({"ordId": order_id, "ordStatus": "CANCELING"}, market) for order_id in ids]

    async def fetch_order(self, id: str | None, symbol: str | None = None, params: Any = {}) -> Any:  # noqa: B006
        """By the exchange's id, or with `id` None by `params.clientOrderId`."""
        await self.load_markets()
        wanted = dict(params)
        client_order_id = wanted.pop("clientOrderId", None)
        if client_order_id is not None:
            request = {"clOrdId": client_order_id}
        elif id is not None:
            request = {"ordId": id}
        else:
            raise ArgumentsRequired(self.id + " fetchOrder() requires an id or params.clientOrderId")
        data = self.data_of(await self.privateGetV2TradeOrderOrderInfo(self.extend(request, wanted)))
        #
        #     {"baseCurrency":"LUFFY","quoteCurrency":"USDT","symbol":"LUFFYUSDT","timestamp":1642574848089,
        #      "side":"BUY","accountId":1138204,"ordId":1722364585836586,"clOrdId":"d0344830639d4f6d94be4110bf98c759",
        #      "ordType":"LIMIT","ordState":"CANCELED","ordPrice":"0.00000000092","ordQty":"1","cumAmt":"0",
        #      "cumQty":"0","leavesQty":"0",
        #      "avgPrice":"0","timeInForce":"GTC","orderUpdateTime":1642574848089}, alone or in a list
        #
        row = data[0] if isinstance(data, list) and data else data
        if not row or self.safe_string_upper_2(row, "ordStatus", "ordState") == "NOT_FOUND":
            raise OrderNotFound(self.id + " knows no such order (yet)")
        market = None if symbol is None else self.market(symbol)
        return self.parse_order(row, market)

    async def fetch_open_orders(
        self,
        symbol: str | None = None,
        since: int | None = None,
        limit: int | None = None,
        params: Any = {},  # noqa: B006
    ) -> Any:
        await self.load_markets()
        if symbol is None:
            rows = self.rows_of(await self.privateGetTradeOrderActive(params))
            return self.parse_orders(rows, None, since, limit)
        market = self.market(symbol)
        request = {"symbol": market["id"]}
        rows = self.rows_of(await self.privateGetV2TradeOrderActive(self.extend(request, params)))
        return self.parse_orders(rows, market, since, limit)

    def parse_order(self, order: Any, market: Any = None) -> Any:
        #
        #     {"symbol":"LUFFYUSDT","baseCurrency":"LUFFY","quoteCurrency":"USDT","timestamp":1642402062196,
        #      "side":"BUY","timeInForce":"GTC","accountId":1138204,"ordPrice":9.1E-10,"cumAmt":"0","cumQty":"0",
        #      "leavesQty":"0","clOrdId":"b1b2ea5e00a84b888d419cb73f8eb203","ordAmt":"0","ordQty":"1",
        #      "ordId":"1722183748419690",
        #      "ordStatus":"SUBMITTED","ordType":"LIMIT"}
        #
        # leavesQty is not to be trusted: what remains is ordQty less cumQty
        #
        market = self.market_of_row(order, market)
        time = self.milliseconds_of(self.safe_value(order, "timestamp"))
        kind = self.safe_string_upper(order, "ordType")
        status = self.safe_string_upper_n(order, ["ordStatus", "ordState", "state"])
        filled = self.safe_string(order, "cumQty")
        return self.safe_order(
            {
                "info": order,
                "id": self.safe_string_n(order, ["ordId", "order_id", "orderId"]),
                "clientOrderId": self.safe_string_n(order, ["clOrdId", "clientOrderId"]),
                "timestamp": time,
                "datetime": self.iso8601(time),
                "lastTradeTimestamp": None,
                "lastUpdateTimestamp": self.milliseconds_of(self.safe_value(order, "orderUpdateTime")),
                "symbol": self.safe_string(market, "symbol"),
                "type": {"LIMIT": "limit", "POST_ONLY": "limit", "MARKET": "market"}.get(kind),
                "timeInForce": self.safe_string_upper(order, "timeInForce"),
                "postOnly": None if kind is None else kind == "POST_ONLY",
                "side": _SIDE.get(self.safe_string_upper(order, "side")),
                "price": self.safe_string(order, "ordPrice"),
                "amount": self.safe_string(order, "ordQty"),
                "cost": self.safe_string(order, "cumAmt"),
                "average": self.safe_string(order, "avgPrice"),
                "filled": filled,
                "remaining": None,
                "status": _ORDER_STATUS.get(status),
                "fee": None,
                "trades": None,
            },
            market,
        )


@cache
def _time_out(seconds: float) -> aiohttp.ClientTimeout:
    """Half of it to connect, so that what never left can be told from what was never answered."""
    return aiohttp.ClientTimeout(total=seconds, connect=seconds / 2, sock_connect=seconds / 2)
