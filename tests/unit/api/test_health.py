"""What a process says of itself: to strangers that it lives, to people what would stay if its host died."""

from dataclasses import replace
from types import SimpleNamespace

from tests.factories import finding, order
from tests.unit.api.asgi import Client
from tests.unit.api.conftest import Api
from tests.unit.api.test_door import _Gone
from trading_bridge.api.app import create_api
from trading_bridge.clock import ManualClock
from trading_bridge.storage.lease import Lease, Taken
from trading_bridge.storage.sqlite import Sqlite


class Manager:
    """One exchange account with these orders, and connectors without a session."""

    def __init__(self, *live: object, unserved: tuple[object, ...] = ()) -> None:
        connector = SimpleNamespace(id="c1", name="coinstore", account="client_sharp", exchange="coinstore")
        self._accounts = (SimpleNamespace(connector=connector, tracker=SimpleNamespace(live=lambda: live)),)
        self._unserved = unserved

    def accounts(self) -> tuple[object, ...]:
        return self._accounts

    def unserved(self) -> tuple[object, ...]:
        return self._unserved


def asking(api: Api, manager: Manager, **more: object) -> Client:
    deps = replace(api.world.deps, manager=manager, **more)  # type: ignore[arg-type]
    return Client(create_api(deps, api.hub), token=api.client.token)


STANDS = replace(order(), exchange_order_id="17")
DOUBTED = replace(order(), exchange_order_id=None)


async def test_a_stranger_learns_that_the_process_lives_and_nothing_else(api: Api) -> None:
    assert (await api.stranger().get("/health")).json == {"status": "ok"}
    assert (await api.stranger().get("/api/health/detail")).status == 401


async def test_what_stays_at_the_exchange_if_this_host_dies_is_said(api: Api) -> None:
    answer = await asking(api, Manager(STANDS, STANDS, DOUBTED)).get("/api/health/detail")
    (left,) = answer.json["if_host_dies"]
    assert (left["connector"], left["account"], left["exchange"]) == ("coinstore", "client_sharp", "Coinstore")
    assert (left["orders"], left["unresolved"], left["dead_mans_switch"]) == (2, 1, False)
    assert left["text"] == (
        "2 orders stand at Coinstore, and 1 more may; it has no dead man's switch: nothing cancels them by itself."
    )


async def test_where_nothing_lives_nothing_is_listed(api: Api) -> None:
    assert (await asking(api, Manager()).get("/api/health/detail")).json["if_host_dies"] == []


async def test_orders_at_a_connector_without_a_session_are_unknown_not_none(api: Api) -> None:
    broken = finding("credentials.undecryptable")
    manager = Manager(unserved=(("c2", frozenset({"b1"}), broken),))
    (left,) = (await asking(api, manager).get("/api/health/detail")).json["if_host_dies"]
    assert (left["connector_id"], left["orders"], left["unresolved"]) == ("c2", None, None)
    assert left["finding"]["code"] == "credentials.undecryptable"


async def test_the_lease_is_told_with_what_keeps_it_from_sending(api: Api) -> None:
    clock = ManualClock()
    backend = Sqlite.__new__(Sqlite)
    lease = Lease(backend, clock, Taken(epoch=7, ttl_s=10.0), shard=0, holder="host:1", began=clock.monotonic())
    client = asking(api, Manager(), lease=lease)
    told = (await client.get("/api/health/detail")).json["lease"]
    assert told == {"shard": 0, "epoch": 7, "holder": "host:1", "seconds_left": 8.0, "finding": None}
    await clock.advance(9)
    told = (await client.get("/api/health/detail")).json["lease"]
    assert told["seconds_left"] == 0
    assert told["finding"]["code"] == "lease.lost"


async def test_it_is_told_while_the_database_is_away(api: Api) -> None:
    await api.client.get("/bots")  # the session is remembered
    answer = await asking(api, Manager(STANDS), database=_Gone()).get("/api/health/detail")
    assert (answer.status, len(answer.json["if_host_dies"])) == (200, 1)
