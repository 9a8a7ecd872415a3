"""Live events: what changed, by id; the page reads it again. A page that is too slow is cut and starts over."""

import asyncio
from collections.abc import AsyncIterator

import orjson

from trading_bridge.clock import within
from trading_bridge.errors import TooMany, Unauthenticated
from trading_bridge.services import auth
from trading_bridge.services.deps import Deps

LISTENERS_MAX = 200
#: things changed and not yet sent; the same thing counts once
PENDING_MAX = 1_000
#: a stream whose session ended elsewhere ends within this
RECHECK_S = 5.0
#: a comment goes out at least this often, so that proxies keep the connection
QUIET_MAX_S = 15.0

_KINDS = ("bot", "client", "connector", "finding", "kill", "hold")


class Listener:
    """What one page has not been told yet."""

    def __init__(self) -> None:
        self.pending: dict[tuple[str, str], None] = {}
        self.woken = asyncio.Event()
        #: it fell behind, or the server ends
        self.cut = False

    def tell(self, kind: str, subject_id: str) -> None:
        self.pending[kind, subject_id] = None
        if len(self.pending) > PENDING_MAX:
            self.cut = True
        self.woken.set()

    def take(self) -> bytes:
        """What is pending, as SSE; empties it."""
        told = b"".join(b"event: %b\ndata: %b\n\n" % (k.encode(), orjson.dumps({"id": i})) for k, i in self.pending)
        self.pending.clear()
        self.woken.clear()
        return told


class Hub:
    def __init__(self) -> None:
        self._listeners: set[Listener] = set()
        self._closed = False
        #: grows with every change: what was made at an older one is made again
        self.version = 0

    def publish(self, kind: str, subject_id: str) -> None:
        assert kind in _KINDS, kind
        self.version += 1
        for listener in self._listeners:
            listener.tell(kind, subject_id)

    def listen(self) -> Listener:
        """Raises TooMany; whoever listens calls `leave` in the end."""
        if len(self._listeners) >= LISTENERS_MAX or self._closed:
            raise TooMany("events.too_many", "Too many pages listen at once.", retry_after_s=10)
        listener = Listener()
        self._listeners.add(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        self._listeners.discard(listener)

    def close(self) -> None:
        """Ends every stream."""
        self._closed = True
        for listener in self._listeners:
            listener.cut = True
            listener.woken.set()


async def stream(deps: Deps, hub: Hub, listener: Listener, token: str) -> AsyncIterator[bytes]:
    """Until the page goes, falls behind, or is signed out."""
    try:
        yield b"retry: 2000\n\n"
        told_at = deps.clock.monotonic()
        while not listener.cut:
            await within(deps.clock, RECHECK_S, listener.woken.wait())
            if not await _still_signed_in(deps, token) or listener.cut:
                return
            now = deps.clock.monotonic()
            if listener.pending:
                yield listener.take()
                told_at = now
            elif now - told_at >= QUIET_MAX_S:
                yield b": still here\n\n"
                told_at = now
    finally:
        hub.leave(listener)


async def _still_signed_in(deps: Deps, token: str) -> bool:
    try:
        await auth.current(deps, token)
    except Unauthenticated:
        return False
    return True
