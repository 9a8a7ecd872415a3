"""Another participant of a demo's exchange, over its wire: takes from the market, or what the demo's bots offer."""

import itertools
import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.e2e.running_demo import RunningDemo, until
from trading_bridge.sandbox.wire.coinstore_auth import signature

ACCOUNT = "taker"
MONEY = {"SHARP": "1000000000", "USDT": "1000000000", "ETH": "100000"}
#: quote of a buy, base of a sell
SIZES = {"SHARPUSDT": ("20", "800"), "ETHUSDT": ("120", "0.04")}
#: base; reaches whatever the flow's makers have in front of an order of a bot
REACHES = {"SHARPUSDT": "1000000", "ETHUSDT": "100"}


@dataclass(frozen=True)
class Taker:
    demo: RunningDemo
    port: int
    key: dict[str, str]

    def reach(self, *names: str) -> None:
        """Takes what these bots have resting, with all that stands before it; nothing of this remains in the book."""
        pairs = {name: self.demo.get(f"/bots/{bot_id}")["pair"] for name, bot_id in self.demo.bots().items()}
        wanted = {pairs[name] for name in names}
        for order in self.demo.sandbox("GET", "/orders?account=client_sharp&state=open")["orders"]:
            if order["symbol"] in wanted:
                symbol = order["symbol"].replace("/", "")
                side = "SELL" if order["side"] == "buy" else "BUY"
                limit = {"ordType": "LIMIT", "ordPrice": order["price"], "timeInForce": "IOC"}
                self.place({"symbol": symbol, "side": side, "ordQty": REACHES[symbol], **limit})

    def place(self, order: dict[str, Any]) -> None:
        body, now = json.dumps(order), int(time.time() * 1000)
        address = f"http://127.0.0.1:{self.port}/api/trade/order/place"
        request = urllib.request.Request(address, body.encode(), method="POST")
        request.add_header("Content-Type", "application/json")
        request.add_header("X-CS-APIKEY", self.key["api_key"])
        request.add_header("X-CS-EXPIRES", str(now))
        request.add_header("X-CS-SIGN", signature(self.key["secret"], now, body.encode()))
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert json.loads(answer.read())["code"] in (0, "0"), order


def a_taker(demo: RunningDemo) -> Taker:
    """With a key and money of its own."""
    known = {one["account"] for one in demo.sandbox("GET", "/accounts")["accounts"]}
    if ACCOUNT not in known:
        demo.sandbox("POST", "/accounts", {"account": ACCOUNT})
        for currency, amount in MONEY.items():
            demo.sandbox("POST", "/deposits", {"account": ACCOUNT, "currency": currency, "amount": amount})
    key = demo.sandbox("POST", "/keys", {"account": ACCOUNT, "permissions": ["read", "trade"]})
    return Taker(demo, json.loads((demo.state / "sandbox" / "process.json").read_text())["port"], key)


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
        for symbol, side in itertools.cycle(itertools.product(SIZES, ("BUY", "SELL"))):
            if ended.wait(every_s):
                return
            quote, base = SIZES[symbol]
            size = {"ordAmt": quote} if side == "BUY" else {"ordQty": base}
            taker.place({"symbol": symbol, "side": side, "ordType": "MARKET", **size})

    thread = threading.Thread(target=take)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
