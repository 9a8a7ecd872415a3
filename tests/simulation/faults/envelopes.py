"""Reads and rewrites the exchange's JSON on its way; numbers keep their digits."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.simulation.watch import Call, Heard
from tests.simulation.wires.wire import Opened, Said
from tests.simulation.world import World
from trading_bridge.sandbox.orders import SandboxOrder

Rows = list[Any]


def refused(call: Call, said: Said, words: str | None = None) -> Heard:
    """By the exchange that was asked; `words` None: its usual ones."""
    answered = call.wire.refused(said, call.endpoint, words)
    return Heard(status=answered.status, body=answered.body)


def odd(call: Call, number: int) -> Heard:
    """A code that no table knows."""
    answered = call.wire.odd(number)
    return Heard(status=answered.status, body=answered.body)


def opened(call: Call, heard: Heard) -> Opened | None:
    """None: it is no good answer."""
    return call.wire.opened(heard.body) if heard.status == 200 else None


def with_data(call: Call, heard: Heard, change: Callable[[Any], Any]) -> Heard | None:
    """The answer with other data; None: it has none, or `change` left it as it is."""
    good = opened(call, heard)
    if good is None:
        return None
    before, after = good.closed(good.data), good.closed(change(good.data))
    return None if before == after else replace(heard, body=after)


def with_rows(call: Call, heard: Heard, change: Callable[[Rows], Rows]) -> Heard | None:
    """As `with_data`, of a list or a single row."""

    def changed(data: Any) -> Any:
        if isinstance(data, list):
            return change([row for row in data if row is not None])
        if not isinstance(data, dict):
            return data
        rows = change([data])
        return rows[0] if rows else None

    return with_data(call, heard, changed)


def account_of(world: World, call: Call) -> str | None:
    key = None if call.api_key is None else world.exchange.engine.directory.key(call.api_key)
    return None if key is None else key.account


def order_asked_for(world: World, call: Call) -> SandboxOrder | None:
    """Of a cancel, or of a look at one order."""
    account, engine = account_of(world, call), world.exchange.engine
    if account is None:
        return None
    fields = call.fields
    if (number := fields.get("ordId") or fields.get("orderId")) is not None:
        return engine.order(account, int(number))
    client_order_id = fields.get("clOrdId")
    return None if client_order_id is None else engine.order_by_client_id(account, str(client_order_id))


def order_of_row(world: World, account: str, row: Any) -> SandboxOrder | None:
    number = row.get("ordId", row.get("orderId"))
    return None if number is None else world.exchange.engine.order(account, int(str(number)))
