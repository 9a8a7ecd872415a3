"""Coinstore's public websocket for ccxt: order books, each pushed whole.

Messages of a session are numbered: a number that is missing is told to whoever waits, and the book that shows it is not
lost. Without a number nothing can be told of gaps, and books are taken as they come.
"""

from functools import lru_cache
from operator import itemgetter
from typing import Any

from ccxt.base.errors import BadResponse, ExchangeError, NetworkError

from trading_bridge.exchanges.coinstore import DEPTHS
from trading_bridge.exchanges.coinstore import coinstore as coinstore_rest

_DEPTH = 20
_PRICE = itemgetter(0)
#: most prices of a book were in the one before
_as_float = lru_cache(maxsize=4096)(float)
_SHOWN = 200
#: data that nothing here subscribes to
_OTHERS = ("trade", "ticker", "kline", "account", "order")


class coinstore(coinstore_rest):
    def describe(self) -> Any:
        return self.deep_extend(
            super().describe(),
            {
                "pro": True,
                "has": {"ws": True, "watchOrderBook": True, "unWatchOrderBook": True},
                "urls": {"api": {"ws": "wss://ws.coinstore.com/s/ws"}},
                "options": {"ws": {"compress": 0}},
            },
        )

    async def watch_order_book(self, symbol: str, limit: int | None = None, params: Any = {}) -> Any:  # noqa: B006
        await self.load_markets()
        market = self.market(symbol)
        depth = next((depth for depth in DEPTHS if depth >= (limit or _DEPTH)), DEPTHS[-1])
        channel = f"{market['numericId']}@depth@{depth}"
        request = self.extend({"op": "SUB", "channel": [channel], "id": self.request_id()}, params)
        subscription = {"symbol": market["symbol"]}
        return await self.watch(self.urls["api"]["ws"], _hash(market["symbol"]), request, channel, subscription)

    async def un_watch_order_book(self, symbol: str, params: Any = {}) -> Any:  # noqa: B006
        await self.load_markets()
        symbol = self.market(symbol)["symbol"]
        client = (self.clients or {}).get(self.urls["api"]["ws"])
        if client is None:
            return
        channels = [channel for channel, one in client.subscriptions.items() if one["symbol"] == symbol]
        for channel in channels:
            del client.subscriptions[channel]
        if channels:
            await client.send(self.extend({"op": "UNSUB", "channel": channels, "id": self.request_id()}, params))

    def request_id(self) -> int:
        number: int = self.sum(self.safe_integer(self.options, "requestId", 0), 1)
        self.options["requestId"] = number
        return number

    def best_first(self, rows: Any, *, is_highest: bool) -> list[Any]:
        """By value; text stays as it came where ccxt's `number` is `str`."""
        if self.number is not str:
            rows = [[self.number(row[0]), self.number(row[1])] for row in rows]
        prices = list(map(_as_float, map(_PRICE, rows)))
        if prices == sorted(prices, reverse=is_highest):
            return list(rows)
        return sorted(rows, key=lambda row: float(row[0]), reverse=is_highest)

    def handle_message(self, client: Any, message: Any) -> None:
        try:
            self.heard(client, message)
        except (BadResponse, ExchangeError, NetworkError) as error:
            client.reject(error)

    def heard(self, client: Any, message: Any) -> None:
        kind, number = (message.get("T"), message.get("S")) if isinstance(message, dict) else (None, None)
        lost = self.lost_before(client, number)
        if lost < 0:
            return
        if kind == "depth":
            self.handle_order_book(client, message)
        elif kind in ("resp", "echo"):
            self.handle_answer(client, message)
        elif kind not in _OTHERS:
            raise BadResponse(f"{self.id} pushed what is not known: {self.shown(message)}")
        if lost > 0:
            raise NetworkError(f"{self.id} lost {lost} messages before {self.shown(message)}")

    def lost_before(self, client: Any, number: Any) -> int:
        """How many messages did not come; below zero: this one came before. After one without a number nothing is
        known."""
        known: int | None = number if number is None or isinstance(number, int) else self.parse_to_int(number)
        last: int | None = client.options.get("lastNumber", 0)
        if known is None or last is None:
            client.options["lastNumber"] = known
            return 0
        client.options["lastNumber"] = max(last, known)
        return known - last - 1

    def handle_order_book(self, client: Any, message: Any) -> None:
        #
        #     {"S":7,"T":"depth","channel":"4@depth@5","level":5,"instrumentId":4,"symbol":"BTCUSDT",
        #      "b":[["0.0024","10",1]],"a":[["0.0026","100",-1]]}
        #
        markets = self.markets_by_id.get(str(message.get("symbol")).upper())
        if markets is None:
            raise BadResponse(f"{self.id} pushed a book of no market that it lists: {self.shown(message)}")
        symbol = markets[0]["symbol"]
        subscribed = [one for one in client.subscriptions.values() if one["symbol"] == symbol]
        if not subscribed:
            return  # it was on its way when it was unsubscribed
        if not isinstance(message.get("b"), list) or not isinstance(message.get("a"), list):
            raise BadResponse(f"{self.id} pushed a book without its sides: {self.shown(message)}")
        subscribed[0]["told"] = True
        book = self.orderbooks.setdefault(
            symbol, {"symbol": symbol, "timestamp": None, "datetime": None, "nonce": None}
        )
        book["bids"] = self.best_first(message["b"], is_highest=True)
        book["asks"] = self.best_first(message["a"], is_highest=False)
        book["info"] = message
        client.resolve(book, _hash(symbol))

    def handle_answer(self, client: Any, message: Any) -> None:
        #
        #     {"S":3,"T":"resp","sid":"..","C":200,"M":"sub.channel.success"}
        #
        code = self.safe_string(message, "C")
        if code is None or code == "200":  # LIST and REQ have none
            return
        for channel in [channel for channel, one in client.subscriptions.items() if "told" not in one]:
            del client.subscriptions[channel]  # an answer does not say whose it is
        raise ExchangeError(f"{self.id} {self.shown(message)}")

    def shown(self, message: Any) -> str:
        text: str = message if isinstance(message, str) else self.json(message)
        return text[:_SHOWN]


def _hash(symbol: str) -> str:
    return "orderbook:" + symbol
