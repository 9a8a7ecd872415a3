"""Websockets as a dialect sees them: a conversation hears texts and has texts to tell; it never waits.

What it tells is made when it is sent, so a client that reads slowly gets fewer and larger messages rather than a queue.
"""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Protocol

from trading_bridge.clock import Clock
from trading_bridge.sandbox.wire.http import Message, Receive, Request, Response, Send

#: a conversation is asked this often what it has to tell, if nothing wakes it before
TICK_S = 0.1
#: close codes (RFC 6455)
GOING_AWAY, BAD_DATA, POLICY = 1001, 1007, 1008


class Conversation(Protocol):
    @property
    def woken(self) -> asyncio.Event:
        """Set when there may be something to tell."""
        ...

    def hear(self, text: str) -> list[bytes]:
        """The answers to a message."""
        ...

    def tell(self) -> list[bytes]:
        """What there is to tell by now."""
        ...

    def ends(self) -> int | None:
        """The code to close with; None: it goes on."""
        ...

    def close(self) -> None:
        """The connection is gone."""
        ...


#: a response refuses the connection
SocketDialect = Callable[[Request], Conversation | Response]


async def converse(dialect: SocketDialect, request: Request, clock: Clock, receive: Receive, send: Send) -> None:
    """From the handshake to the end of the connection."""
    await receive()  # the handshake
    made = dialect(request)
    if isinstance(made, Response):
        await _refuse(send, made)
        return
    try:
        await send({"type": "websocket.accept"})
        await _talk(made, clock, receive, send)
    except OSError:
        return  # the client went away while it was told something
    finally:
        made.close()


async def _talk(conversation: Conversation, clock: Clock, receive: Receive, send: Send) -> None:
    hearing = asyncio.ensure_future(receive())
    try:
        while (code := conversation.ends()) is None:
            conversation.woken.clear()
            await _say(send, conversation.tell())
            await _until(clock, hearing, conversation.woken)
            if not hearing.done():
                continue
            message = hearing.result()
            if message["type"] == "websocket.disconnect":
                return
            await _say(send, conversation.hear(_text_of(message)))
            hearing = asyncio.ensure_future(receive())
        await send({"type": "websocket.close", "code": code, "reason": ""})
    finally:
        hearing.cancel()


async def _until(clock: Clock, hearing: asyncio.Future[Message], woken: asyncio.Event) -> None:
    ends = [asyncio.ensure_future(_set(woken)), asyncio.ensure_future(clock.sleep(TICK_S))]
    waited: set[asyncio.Future[Message] | asyncio.Future[None]] = {hearing, *ends}
    try:
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for end in ends:
            end.cancel()


async def _set(event: asyncio.Event) -> None:
    await event.wait()


async def _say(send: Send, texts: list[bytes]) -> None:
    for text in texts:
        await send({"type": "websocket.send", "text": text.decode()})


def _text_of(message: Message) -> str:
    """Binary frames are texts as well."""
    text, data = message.get("text"), message.get("bytes")
    if isinstance(text, str):
        return text
    return data.decode(errors="replace") if isinstance(data, bytes) else ""


async def _refuse(send: Send, response: Response) -> None:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.headers.items()]
    status = int(response.status if response.status is not HTTPStatus.OK else HTTPStatus.SERVICE_UNAVAILABLE)
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": response.body})
