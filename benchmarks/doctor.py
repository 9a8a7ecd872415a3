"""A full ladder at a healthy exchange that is 20 ms away, for a connector with one bot: what it asks, and its time."""

import asyncio
import ssl
import time

from yarl import URL

from benchmarks.rows import BenchRow, interleaved
from benchmarks.whole_platform import Exchange
from trading_bridge.clock import SystemClock
from trading_bridge.core.bot import Bot, BotStatus
from trading_bridge.diagnosis.doctor import Doctor, Draft
from trading_bridge.diagnosis.egress import Egress
from trading_bridge.exchanges.family import Family
from trading_bridge.exchanges.in_process_network import FOUR, SIX, InProcessNetwork
from trading_bridge.exchanges.limiters import Limiters
from trading_bridge.exchanges.network import Addresses, Secured, Unreached
from trading_bridge.exchanges.session import HttpSessions
from trading_bridge.logs import configure_logs
from trading_bridge.sandbox.markets import DEFAULT_MARKETS
from trading_bridge.sandbox.transport import InProcessSession

ROUND_TRIP_S = 0.02
REQUESTS_MAX = 12
TOOK_MAX_MS = 1000.0
_BASE_URL = "https://exchange.example/api"


class FarLine:
    """Every request pays for a new connection: one round trip for TCP, two for TLS."""

    async def request(self, method: str, url: URL) -> None:
        await asyncio.sleep(3.5 * ROUND_TRIP_S)

    async def answer(self, method: str, url: URL, status: int) -> None:
        await asyncio.sleep(ROUND_TRIP_S / 2)


class FarNetwork(InProcessNetwork):
    """A name of both families; TCP takes one round trip, TLS two more."""

    async def resolve(self, host: str, port: int) -> Addresses | Unreached:
        await asyncio.sleep(ROUND_TRIP_S)
        return await super().resolve(host, port)

    async def connect(self, address: str, port: int) -> Unreached | None:
        await asyncio.sleep(ROUND_TRIP_S)
        return await super().connect(address, port)

    async def tls(self, address: str, port: int, *, server_name: str, context: ssl.SSLContext) -> Secured | Unreached:
        await asyncio.sleep(3 * ROUND_TRIP_S)
        return await super().tls(address, port, server_name=server_name, context=context)


def rows(rounds: int) -> list[BenchRow]:
    requests, took_ms = asyncio.run(_measure(rounds))
    return [
        BenchRow(
            name="doctor, full ladder with one bot: exchange requests",
            value=requests,
            unit="requests",
            limit=REQUESTS_MAX,
            timed=False,
        ),
        BenchRow(
            name=f"  its time at {ROUND_TRIP_S * 1000:.0f} ms round trip, every connection new",
            value=took_ms,
            unit="ms",
            limit=TOOK_MAX_MS,
        ),
    ]


async def _measure(rounds: int) -> tuple[float, float]:
    configure_logs(json=False, level="ERROR")
    clock = SystemClock()
    exchange = Exchange(clock, DEFAULT_MARKETS)
    exchange.quote("SHARP/USDT", 25_590, 5)
    draft = Draft(
        exchange="coinstore",
        credentials=exchange.key("alice", USDT="1000", SHARP="50000"),
        base_url=_BASE_URL,
        proxy_url=None,
        ipv4_only=False,
    )
    http = HttpSessions(lambda family: InProcessSession(exchange, line=FarLine(), clock=clock))
    network = FarNetwork({Family.IPV4: (FOUR,), Family.IPV6: (SIX,)})
    doctor = Doctor(
        http=http,
        limiters=Limiters(clock),
        network=network,
        clock=clock,
        egress=Egress(None, ("192.0.2.7",), http, clock),
    )
    asked: list[int] = []

    async def climb() -> float:
        exchange.requests.clear()
        began = time.perf_counter()
        ladder = await doctor.examine_draft(draft, [_bot(clock)])
        took_s = time.perf_counter() - began
        assert ladder.passed, ladder.diagnosis
        assert ladder.requests == len(exchange.requests)
        asked.append(ladder.requests)
        return took_s * 1000

    measured = await interleaved({"climb": climb}, rounds)
    return max(asked), measured.median("climb")


def _bot(clock: SystemClock) -> Bot:
    return Bot(
        id="bench",
        name="bench",
        client_id="alice",
        account="alice",
        connector="coinstore",
        symbol="SHARP/USDT",
        bot_type="spread",
        config={"order_amount_quote": "50"},
        status=BotStatus.RUNNING,
        market_verified=True,
        note=None,
        created_at=clock.now(),
        updated_at=clock.now(),
    )
