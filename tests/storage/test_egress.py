"""Addresses from which exchanges have seen this host."""

from dataclasses import replace
from datetime import timedelta

from tests.factories import NOW
from trading_bridge.core.egress import SeenAddress
from trading_bridge.storage.database import Database

LATER = NOW + timedelta(hours=1)


async def test_an_address_keeps_its_first_time_and_the_newest_comes_first(database: Database) -> None:
    old = SeenAddress(route="direct", family="ipv4", address="192.0.2.1", first_seen=NOW, last_seen=NOW)
    new = replace(old, address="192.0.2.2", first_seen=LATER, last_seen=LATER)
    six = replace(old, family="ipv6", address="2001:db8::1")
    proxy = replace(old, route="proxy 192.0.2.9:3128")
    async with database.unit_of_work() as uow:
        assert await uow.egress.all() == ()
        await uow.egress.put([six, old, proxy])
        await uow.egress.put([new, replace(six, first_seen=LATER, last_seen=LATER)])
        await uow.egress.put([])
    async with database.unit_of_work(read_only=True) as uow:
        assert await uow.egress.all() == (new, old, replace(six, last_seen=LATER), proxy)
