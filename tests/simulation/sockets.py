"""Websockets between a simulated server and the exchange: frames keep their order unless a fault mixes them."""

from collections import deque
from collections.abc import Callable, Mapping
from contextvars import Context
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Any

from aiohttp import WSMessage, WSMsgType
from yarl import URL

from tests.simulation.loop import Life, SimLoop
from tests.simulation.watch import Push, Watcher
from tests.simulation.wires import wire_at
from trading_bridge.sandbox.in_process_websocket import InProcessWebsocket
from trading_bridge.sandbox.wire.http import AsgiApp, Message


@dataclass(slots=True)
class Frames:
    """What becomes of them on their way; faults set it."""

    rng: Random
    each_way_s: float
    #: the connection lives, and nothing comes through
    half_open: bool = False
    #: of 1: how many of the exchange's frames are lost, come twice, or come after the next one
    lost: float = 0.0
    repeated: float = 0.0
    late: float = 0.0

    def copies(self) -> int:
        if self.half_open or self.rng.random() < self.lost:
            return 0
        return 2 if self.rng.random() < self.repeated else 1

    def is_late(self) -> bool:
        return self.late > 0 and self.rng.random() < self.late


class _Way:
    """One direction: what is put in comes out after a while, in the order in which it was put in."""

    def __init__(self, loop: SimLoop, seconds: float, arrive: Callable[[Any], None]) -> None:
        self._loop = loop
        self._seconds = seconds
        self._arrive = arrive
        self._under_way: deque[Any] = deque()

    def put(self, frame: Any, *, before_the_last: bool = False) -> None:
        self._under_way.insert(max(0, len(self._under_way) - before_the_last), frame)
        self._loop.call_later(self._seconds, self._next, context=Context())  # whoever sent it may be dead

    def _next(self) -> None:
        self._arrive(self._under_way.popleft())


class LineWebsocket(InProcessWebsocket):
    def __init__(
        self,
        loop: SimLoop,
        life: Life,
        frames: Frames,
        watcher: Watcher,
        numbers: "count[int]",
        app: AsgiApp,
        url: URL,
        headers: Mapping[str, str],
        address: str,
    ) -> None:
        super().__init__(app, url, headers, address=address)
        self._loop = loop
        self._life = life
        self._frames = frames
        self._watcher = watcher
        self._numbers = numbers
        self._wire = wire_at(url.path)
        self._held_back: WSMessage | None = None
        self._there = _Way(loop, frames.each_way_s, self.arrive_there)
        self._here = _Way(loop, frames.each_way_s, self._arrives_here)

    def to_exchange(self, message: Message) -> None:
        if not self._frames.half_open:
            self._there.put(message)

    def to_client(self, message: WSMessage) -> None:
        if message.type is not WSMsgType.TEXT:
            if not self._frames.half_open:
                self._here.put((None, message))
            return
        push = Push(
            number=next(self._numbers), life=self._life, wire=self._wire, text=message.data, made_s=self._loop.time()
        )
        self._watcher.pushing(push)
        for _ in range(self._frames.copies()):
            self._here.put((push, message), before_the_last=self._frames.is_late())

    def _arrives_here(self, frame: "tuple[Push | None, WSMessage]") -> None:
        push, message = frame
        if push is not None and not self.closed and self._life.alive:
            self._watcher.pushed(push)
        self.arrive_here(message)

    async def _send(self, message: Message) -> None:
        if not self._life.alive:
            raise ConnectionResetError("the process is dead")
        await super()._send(message)
