"""Live events: told by id, the same thing once, to no one who is signed out, and never without a bound."""

import asyncio
from typing import Any

import pytest

from tests.unit.api.conftest import Api
from trading_bridge.api.events import LISTENERS_MAX, PENDING_MAX, QUIET_MAX_S, RECHECK_S, Hub, stream
from trading_bridge.errors import TooMany
from trading_bridge.services.sign_in import token_hash


async def opened(api: Api) -> Any:
    """A stream past its opening line."""
    listener = api.hub.listen()
    told = stream(api.world.deps, api.hub, listener, api.client.token or "")
    assert await anext(told) == b"retry: 2000\n\n"
    return told


async def test_a_page_is_told_what_changed(api: Api) -> None:
    told = await opened(api)
    api.hub.publish("bot", "b1")
    api.hub.publish("connector", "c1")
    api.hub.publish("bot", "b1")
    assert await anext(told) == b'event: bot\ndata: {"id":"b1"}\n\nevent: connector\ndata: {"id":"c1"}\n\n'
    waiting = asyncio.ensure_future(anext(told))
    await asyncio.sleep(0)
    api.hub.publish("client", "k1")
    assert await waiting == b'event: client\ndata: {"id":"k1"}\n\n'
    await told.aclose()


async def test_a_quiet_stream_still_says_that_it_is_there(api: Api) -> None:
    told = await opened(api)
    waiting = asyncio.ensure_future(anext(told))
    while not waiting.done():
        await api.world.clock.advance(RECHECK_S - 1)
        await _settled(api)
    assert waiting.result() == b": still here\n\n"
    assert api.world.clock.monotonic() >= QUIET_MAX_S
    await told.aclose()


async def _settled(api: Api) -> None:
    """Storage answers from a thread of its own: a read of ours comes after those before it."""
    async with api.world.database.unit_of_work(read_only=True) as uow:
        await uow.users.count()


async def test_a_stream_ends_when_its_session_does(api: Api) -> None:
    told = await opened(api)
    async with api.world.database.unit_of_work() as uow:
        await uow.sessions.delete(token_hash(api.client.token or ""))
    waiting = asyncio.ensure_future(anext(told))
    await asyncio.sleep(0)
    await api.world.clock.advance(RECHECK_S)
    with pytest.raises(StopAsyncIteration):
        await waiting


async def test_a_signed_out_page_is_told_nothing_more(api: Api) -> None:
    told = await opened(api)
    await api.client.post("/auth/logout")
    api.hub.publish("bot", "b1")
    with pytest.raises(StopAsyncIteration):
        await anext(told)


async def test_a_page_that_falls_behind_is_cut_and_starts_over(api: Api) -> None:
    told = await opened(api)
    for number in range(PENDING_MAX + 1):
        api.hub.publish("bot", str(number))
    with pytest.raises(StopAsyncIteration):
        await anext(told)
    assert api.hub._listeners == set()


async def test_listeners_are_bounded_and_leave_their_place(api: Api) -> None:
    listeners = [api.hub.listen() for _ in range(LISTENERS_MAX)]
    refused = await api.client.get("/api/events")
    assert (refused.status, refused.json["code"]) == (429, "events.too_many")
    api.hub.leave(listeners[0])
    api.hub.listen()


async def test_the_end_of_the_server_ends_every_stream() -> None:
    hub = Hub()
    listener = hub.listen()
    hub.close()
    assert listener.cut
    assert listener.woken.is_set()
    with pytest.raises(TooMany):
        hub.listen()


async def test_the_route_streams_until_the_page_goes(api: Api) -> None:
    sent: asyncio.Queue[Any] = asyncio.Queue()
    gone = asyncio.Event()

    async def receive() -> dict[str, object]:
        await gone.wait()
        return {"type": "http.disconnect"}

    serving = asyncio.create_task(api.client.app(api.client.scope("GET", "/api/events", {}), receive, sent.put))
    start = await sent.get()
    headers = dict(start["headers"])
    assert (start["status"], headers[b"content-type"]) == (200, b"text/event-stream; charset=utf-8")
    assert (await sent.get())["body"] == b"retry: 2000\n\n"
    made = await api.make_client()
    assert (await sent.get())["body"] == f'event: client\ndata: {{"id":"{made}"}}\n\n'.encode()
    gone.set()
    await serving
    assert api.hub._listeners == set()
