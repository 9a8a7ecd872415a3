"""Coinstore's public websocket `/s/ws` (reference section 11): a session that greets, its channels, and its answers.

Every message of a session has the next number `S`; every command is answered by an echo and by what became of it.
Ours where the reference is silent:
- a command that cannot be carried out ends in `C` 400 (unreadable), 401 (LOGIN: private channels are not offered) or
  404 (an unknown channel; then nothing of the command is done), and the connection stays;
- at most 200 channels at once;
- pings come as Binance's do: this server has one pace for all. Pongs as text are taken, and count for nothing.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

import orjson

from trading_bridge.sandbox.candles import INTERVALS
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.rules import MarketRules
from trading_bridge.sandbox.wire.coinstore_channels import (
    CANDLES_MOST,
    Channel,
    Source,
    candle_rows,
    channel_of,
    source_of,
)
from trading_bridge.sandbox.wire.coinstore_faults import CoinstoreFaults
from trading_bridge.sandbox.wire.coinstore_rows import Row, symbol_code
from trading_bridge.sandbox.wire.connection import Connection
from trading_bridge.sandbox.wire.http import Request

CHANNELS_MOST = 200


class _Refused(Exception):
    def __init__(self, code: HTTPStatus, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(slots=True)
class _Subscription:
    channel: Channel
    source: Source
    since_s: int
    messages: int = 0

    def row(self, *, told: bool) -> Row:
        """`told`: with what it has told so far, as LIST answers."""
        rules = self.channel.rules
        return {
            "name": self.channel.name,
            "type": {"name": self.channel.kind, "auth": "PUB"},
            "instrumentId": "!" if rules is None else str(rules.market_id),
            "lifeStartTime": self.since_s,
            "msgCount": self.messages,
            **({} if told else {"pub": True}),
        }


class CoinstoreStreams:
    """One connection."""

    def __init__(
        self,
        engine: Engine,
        faults: CoinstoreFaults,
        markets: Mapping[str, MarketRules],
        request: Request,
        connection: Connection,
        session_id: str,
    ) -> None:
        """`markets` by upper-case symbol code."""
        self._engine = engine
        self._faults = faults
        self._markets = markets
        self._request = request
        self._connection = connection
        self._session_id = session_id
        self._sequence = 0
        self._subscribed: dict[str, _Subscription] = {}  # name -> subscription
        self._woken = asyncio.Event()
        self._stop = engine.announced.stir(self._woken.set)

    @property
    def woken(self) -> asyncio.Event:
        return self._woken

    def close(self) -> None:
        self._stop()

    def ends(self) -> int | None:
        return self._connection.ends()

    def tell(self) -> list[bytes]:
        if self._connection.is_silent():
            return []
        found = [] if self._sequence else [self._answer(HTTPStatus.OK, "established")]
        for one in self._subscribed.values():
            hits = self._faults.hitting_stream(self._request, one.channel.rules)
            for row in one.source.due(hits):
                one.messages += 1
                found.append(self._message(one.channel.kind, self._faults.row_seen(hits, row)))
        return [] if self._connection.loses() else found

    def hear(self, text: str) -> list[bytes]:
        try:
            command = json.loads(text)
        except (ValueError, RecursionError):
            command = None
        if not isinstance(command, dict):
            return [self._answer(HTTPStatus.BAD_REQUEST, "command.unreadable")]
        if command.get("op") == "pong":
            return []
        try:
            channels, done = self._carried_out(command)
        except _Refused as error:
            channels, done = [], self._answer_row(error.code, str(error))
        echo = {**self._answer_row(HTTPStatus.OK, "command.received"), "echo": {**command, "channel": channels}}
        return [self._message("echo", echo), self._message("resp", done)]

    def _carried_out(self, command: Mapping[str, object]) -> tuple[list[Row], Row]:
        """The channels that it names, and what became of it."""
        named, param = command.get("channel", []), command.get("param") or {}
        if not isinstance(named, list) or not isinstance(param, dict):
            raise _Refused(HTTPStatus.BAD_REQUEST, "command.unreadable")
        match command.get("op"):
            case "SUB":
                return self._subscribe([self._channel(name) for name in named], _whole(param.get("size")))
            case "UNSUB":
                channels = [self._channel(name) for name in named]
                left = [one for channel in channels if (one := self._subscribed.pop(channel.name, None)) is not None]
                return [one.row(told=False) for one in left], self._answer_row(HTTPStatus.OK, "unsub.channel.success")
            case "LIST":
                return [], {"subs": [one.row(told=True) for one in self._subscribed.values()]}
            case "REQ":
                return [], self._candles(param)
            case "LOGIN":
                raise _Refused(HTTPStatus.UNAUTHORIZED, "login.unsupported")
            case _:
                raise _Refused(HTTPStatus.BAD_REQUEST, "op.unknown")

    def _subscribe(self, channels: list[Channel], size: int | None) -> tuple[list[Row], Row]:
        if len({*self._subscribed, *(channel.name for channel in channels)}) > CHANNELS_MOST:
            raise _Refused(HTTPStatus.BAD_REQUEST, "too.many.channels")
        since_s = self._engine.now_ms() // 1000
        for channel in channels:
            if channel.name not in self._subscribed:
                source = source_of(channel, self._engine, self._faults, size)
                self._subscribed[channel.name] = _Subscription(channel, source, since_s)
        rows = [self._subscribed[channel.name].row(told=False) for channel in channels]
        return rows, self._answer_row(HTTPStatus.OK, "sub.channel.success")

    def _candles(self, param: Mapping[str, object]) -> Row:
        """The last ones that began before `endTime`, in seconds, oldest first."""
        channel = self._channel(param.get("channel"))
        if channel.rules is None or channel.kind != "kline":
            raise _Refused(HTTPStatus.NOT_FOUND, f"channel.not.found {channel.name}")
        limit, end_s = _whole(param.get("limit")) or CANDLES_MOST, _whole(param.get("endTime"))
        interval = INTERVALS[channel.interval]
        last_ms = interval.begin(self._engine.now_ms() if end_s is None else end_s * 1000 - 1)
        first_ms = last_ms
        for _ in range(min(limit, CANDLES_MOST) - 1):
            first_ms = interval.begin(first_ms - 1)
        items = candle_rows(self._engine, channel, channel.rules, first_ms, last_ms)
        rules = channel.rules
        return {
            "channel": channel.name,
            "symbol": symbol_code(rules),
            "instrumentId": rules.market_id,
            "item": items,
        }

    def _channel(self, name: object) -> Channel:
        channel = channel_of(name, self._markets) if isinstance(name, str) else None
        if channel is None:
            raise _Refused(HTTPStatus.NOT_FOUND, f"channel.not.found {str(name)[:40]}")
        return channel

    def _answer_row(self, code: HTTPStatus, text: str) -> Row:
        return {"sid": self._session_id, "C": int(code), "M": text}

    def _answer(self, code: HTTPStatus, text: str) -> bytes:
        return self._message("resp", self._answer_row(code, text))

    def _message(self, kind: str, row: Row) -> bytes:
        self._sequence += 1
        return orjson.dumps({"S": self._sequence, "T": kind, **row})


def _whole(value: object) -> int | None:
    """None: none is given. Raises `_Refused`."""
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**40:
        raise _Refused(HTTPStatus.BAD_REQUEST, "command.unreadable")
    return value
