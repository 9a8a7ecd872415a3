"""Addresses that exchanges see outlive the process, and a second one of a family is a finding before it is refused."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.integration.world import until
from tests.unit.diagnosis.test_egress import FOUR, made
from tests.unit.services.world import World, world
from trading_bridge.accounts.route import RouteKey
from trading_bridge.clock import ManualClock
from trading_bridge.core.finding import PLATFORM
from trading_bridge.diagnosis.egress import Egress
from trading_bridge.diagnosis.egress_watch import ASK_EVERY_S, EgressWatch
from trading_bridge.exchanges.family import Family
from trading_bridge.exchanges.http_sessions import HttpSessions

ROUTE = RouteKey(exchange="coinstore", base_url=None, proxy_url=None, ipv4_only=True)


@pytest.fixture
async def platform(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made_world:
        yield made_world


async def test_what_was_seen_is_known_after_a_restart_and_a_second_address_is_told(platform: World) -> None:
    egress, service, clock = made()
    watch = EgressWatch(egress, platform.database, lambda: [ROUTE], clock)
    await watch.look()
    assert list(watch.findings()) == []

    later = ManualClock(start=clock.now())
    after = Egress(service.url, (), HttpSessions(service.session), later)
    again = EgressWatch(after, platform.database, lambda: [ROUTE], later)
    await again.load()
    service.answers[Family.IPV4] = "203.0.113.99"
    await again.look()
    (held,) = again.findings()
    assert (held.subject, held.finding.code) == (PLATFORM, "egress.changing")
    assert dict(held.finding.parameters) == {"family": "ipv4", "before": FOUR, "now": "203.0.113.99"}


async def test_every_way_that_is_in_use_is_asked_each_minute(platform: World) -> None:
    egress, service, clock = made()
    routes = [ROUTE]
    running = asyncio.ensure_future(EgressWatch(egress, platform.database, lambda: routes, clock).run())
    await until(lambda: bool(clock._sleepers))
    assert service.asked == [(Family.IPV4, None)]
    routes.append(replace(ROUTE, proxy_url="http://10.0.0.8:3128"))
    service.asked.clear()
    await clock.advance(ASK_EVERY_S)
    await until(lambda: bool(clock._sleepers))
    assert {family for family, _ in service.asked} == {Family.IPV4, Family.ANY}
    running.cancel()
