"""Another participant of a demo's exchanges, over their wires: takes from the market, or what the demo's bots offer."""

import itertools
import json
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.binance_wire import form, signed
from tests.e2e.running_demo import RunningDemo, until
from trading_bridge.sandbox.wire.coinstore_auth import signature

ACCOUNT = "taker"
MONEY = {"SHARP": "1000000000", "USDT": "1000000000", "ETH": "100000"}
#: quote of a buy, base of a sell
SIZES = {"SHARP/USDT": ("20", "800"), "ETH/USDT": ("120", "0.04")}
#: base; reaches whatever the flow's makers have in front of an order of a bot
REACHES = {"SHARP/USDT": "1000000", "ETH/USDT": "100"}
#: where it takes in turns
MARKETS = (("coinstore", "SHARP/USDT"), ("coinstore", "ETH/USDT"), ("binance", "SHARP/USDT"))


@dataclass(frozen=True, kw_only=True)
class Taking:
    symbol: str
    #: upper case
    side: str
    #: base, or quote of an order by its cost
    amount: str | None = None
    cost: str | None = None
    #: None: a market order; else what is not taken at once is cancelled
    price: str | None = None


@dataclass(frozen=True)
class Taker:
    demo: RunningDemo
    #: exchange -> its key there
    keys: dict[str, dict[str, str]]

    def reach(self, *names: str) -> None:
        """Takes what these bots have resting, with all that stands before it; nothing of this remains in the book."""
        bots = [bot for bot in self.demo.get("/bots?account=client_sharp")["bots"] if bot["name"] in names]
        for exchange, pair in {(bot["exchange"], bot["pair"]) for bot in bots}:
            path = "/orders?account=client_sharp&state=open"
            for order in self.demo.sandbox("GET", path, exchange=exchange)["orders"]:
                if order["symbol"] == pair:
                    side = "SELL" if order["side"] == "buy" else "BUY"
                    self.take(exchange, Taking(symbol=pair, side=side, amount=REACHES[pair], price=order["price"]))

    def take(self, exchange: str, wanted: Taking) -> None:
        SENDERS[exchange](self.demo.sandbox_address, self.keys[exchange], wanted)


def a_taker(demo: RunningDemo) -> Taker:
    """With a key and money of its own at each exchange."""
    return Taker(demo, {exchange: _key(demo, exchange) for exchange in SENDERS})


def _key(demo: RunningDemo, exchange: str) -> dict[str, str]:
    known = {one["account"] for one in demo.sandbox("GET", "/accounts", exchange=exchange)["accounts"]}
    if ACCOUNT not in known:
        demo.sandbox("POST", "/accounts", {"account": ACCOUNT}, exchange=exchange)
        for currency, amount in MONEY.items():
            body = {"account": ACCOUNT, "currency": currency, "amount": amount}
            demo.sandbox("POST", "/deposits", body, exchange=exchange)
    wanted = {"account": ACCOUNT, "permissions": ["read", "trade"]}
    made: dict[str, str] = demo.sandbox("POST", "/keys", wanted, exchange=exchange)
    return made


def _at_coinstore(address: str, key: dict[str, str], wanted: Taking) -> None:
    kind = {"ordType": "MARKET"}
    if wanted.price is not None:
        kind = {"ordType": "LIMIT", "ordPrice": wanted.price, "timeInForce": "IOC"}
    size = {"ordAmt": wanted.cost} if wanted.amount is None else {"ordQty": wanted.amount}
    order = {"symbol": wanted.symbol.replace("/", ""), "side": wanted.side, **kind, **size}
    body, now = json.dumps(order).encode(), int(time.time() * 1000)
    request = urllib.request.Request(f"{address}/api/trade/order/place", body, method="POST")
    request.add_header("Content-Type", "application/json")
    request.add_header("X-CS-APIKEY", key["api_key"])
    request.add_header("X-CS-EXPIRES", str(now))
    request.add_header("X-CS-SIGN", signature(key["secret"], now, body))
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert json.loads(answer.read())["code"] in (0, "0"), order


def _at_binance(address: str, key: dict[str, str], wanted: Taking) -> None:
    kind = {"type": "MARKET"}
    if wanted.price is not None:
        kind = {"type": "LIMIT", "price": wanted.price, "timeInForce": "IOC"}
    size = {"quoteOrderQty": wanted.cost} if wanted.amount is None else {"quantity": wanted.amount}
    order = {"symbol": wanted.symbol.replace("/", ""), "side": wanted.side, **kind, **size}
    text = form({**order, "timestamp": int(time.time() * 1000)})
    body = f"{text}&signature={signed(key['secret'], text)}".encode()
    request = urllib.request.Request(f"{address}/binance/api/v3/order", body, method="POST")
    request.add_header("X-MBX-APIKEY", key["api_key"])
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert "orderId" in json.loads(answer.read()), order


SENDERS: dict[str, Callable[[str, dict[str, str], Taking], None]] = {
    "coinstore": _at_coinstore,
    "binance": _at_binance,
}


def with_trades(demo: RunningDemo, name: str, *, trades: int = 1) -> None:
    """Until this bot has so many: with the taker, since the market's own flow may leave a bot that quotes without a
    trade for minutes."""
    taker, bot_id = a_taker(demo), demo.bots()[name]

    def traded() -> bool | None:
        volume = demo.get(f"/bots/{bot_id}/balance-and-volume")["volume"]
        if volume["status"] == "ok" and volume["trades"] >= trades:
            return True
        taker.reach(name)
        return None

    until(traded, within_s=90, every_s=1, what=f"{name} has traded")


@contextmanager
def taking(demo: RunningDemo, every_s: float) -> Iterator[None]:
    """A little from both sides of each market in turns while the block lasts, also while the server is down."""
    taker, ended = a_taker(demo), threading.Event()

    def take() -> None:
        for (exchange, symbol), side in itertools.cycle(itertools.product(MARKETS, ("BUY", "SELL"))):
            if ended.wait(every_s):
                return
            cost, base = SIZES[symbol]
            size = {"cost": cost} if side == "BUY" else {"amount": base}
            taker.take(exchange, Taking(symbol=symbol, side=side, **size))

    thread = threading.Thread(target=take)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
