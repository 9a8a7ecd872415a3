"""From which addresses exchanges see this host, by family and proxy: as a service outside says, and since when."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from urllib.parse import urlsplit

import aiohttp
import orjson
from yarl import URL

from trading_bridge.clock import Clock
from trading_bridge.core.egress import SeenAddress
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.diagnosis.ladder import EgressAddress
from trading_bridge.exchanges.family import Family, family_of
from trading_bridge.exchanges.http_sessions import HttpSessions
from trading_bridge.exchanges.socks import is_socks

ASK_WITHIN_S = 5.0
#: a second address of one family within this is told
CHANGES_WITHIN = timedelta(hours=24)
#: addresses kept of one way and family, the newest
KEPT = 20
_ANSWER_MAX = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How requests leave this host."""

    #: None: directly
    proxy_url: str | None = field(repr=False)
    ipv4_only: bool

    @property
    def label(self) -> str:
        """As its addresses are stored; of a proxy's sign-in only who it is, and that not readable."""
        if self.proxy_url is None:
            return "direct"
        proxy = urlsplit(self.proxy_url)
        place = f"proxy {proxy.hostname}:{proxy.port}"
        return place if proxy.username is None else f"{place} {sha256(proxy.username.encode()).hexdigest()[:8]}"

    @property
    def families(self) -> tuple[Family, ...]:
        """Each is asked for; behind a proxy the choice is the proxy's."""
        if self.proxy_url is not None:
            return (Family.ANY,)
        return (Family.IPV4,) if self.ipv4_only else (Family.IPV4, Family.IPV6)


DIRECT = Way(proxy_url=None, ipv4_only=False)


class Egress:
    def __init__(self, url: str | None, configured: tuple[str, ...], http: HttpSessions, clock: Clock) -> None:
        """`url` answers with the caller's address, as text or as JSON with `address` or `ip`; `configured` are the
        addresses of this host as its operator knows them."""
        self._url = url
        self._configured = configured
        self._http = http
        self._clock = clock
        self._seen: dict[tuple[str, str], dict[str, SeenAddress]] = {}  # label, family -> address -> when
        self._unstored: dict[tuple[str, str, str], SeenAddress] = {}

    @property
    def asks(self) -> bool:
        """A service is configured."""
        return self._url is not None

    def load(self, rows: Iterable[SeenAddress]) -> None:
        """What an earlier process saw."""
        for row in rows:
            self._seen.setdefault((row.route, row.family), {}).setdefault(row.address, row)

    def unstored(self) -> tuple[SeenAddress, ...]:
        """What was seen since the last time that somebody asked this, to be written over what is stored."""
        rows, self._unstored = tuple(self._unstored.values()), {}
        return rows

    async def look(self, ways: Iterable[Way]) -> None:
        """Asks for each, so that a change is known before an order is refused for it."""
        # one of each label: the one that leaves by more families
        labelled = {way.label: way for way in sorted(ways, key=lambda way: len(way.families))}
        await asyncio.gather(*(self._look(way) for way in labelled.values()))

    async def addresses(self, way: Way) -> tuple[EgressAddress, ...]:
        """Seen now where a service is configured, else as configured, else an address that the proxy has by name, else
        what was seen lately."""
        seen = await self._look(way)
        return tuple(_seen(row) for row in seen) or self._stated(way) or self._lately(way)

    def changing(self, way: Way) -> Finding | None:
        """Two addresses of one family were in use within a day; None: one, or none is known."""
        return next((found for family in ("ipv4", "ipv6") if (found := self._changed(way.label, family))), None)

    def changes(self) -> tuple[tuple[str, Finding], ...]:
        """Label of a way and what changes there, for all that are known."""
        labels = sorted({label for label, _ in self._seen})
        found = ((label, self._changed(label, family)) for label in labels for family in ("ipv4", "ipv6"))
        return tuple((label, finding) for label, finding in found if finding is not None)

    async def _look(self, way: Way) -> list[SeenAddress]:
        if self._url is None:
            return []
        answers = await asyncio.gather(*(self._ask(self._url, way, family) for family in way.families))
        return [self._note(way.label, address) for address in dict.fromkeys(answers) if address is not None]

    async def _ask(self, url: str, way: Way, family: Family) -> str | None:
        """None: no answer that holds an address, or this family is not to be had here."""
        if way.proxy_url is None and family_of(URL(url).host or "") not in (None, family):
            return None  # aiohttp fails on an address of another family
        session = self._http.session(family, way.proxy_url)
        http_proxy = None if is_socks(way.proxy_url) else way.proxy_url
        limit = aiohttp.ClientTimeout(total=ASK_WITHIN_S)
        try:
            async with session.get(URL(url), proxy=http_proxy, timeout=limit) as answer:
                text = await answer.text(errors="replace")
                return address_in(text[:_ANSWER_MAX]) if answer.status == 200 else None
        except (aiohttp.ClientError, OSError, ValueError):
            return None

    def _note(self, label: str, address: str) -> SeenAddress:
        now = self._clock.now()
        family = str(family_of(address))
        known = self._seen.setdefault((label, family), {})
        before = known.pop(address, None)  # put back as the newest
        row = SeenAddress(route=label, family=family, address=address, first_seen=now, last_seen=now)
        known[address] = row if before is None else replace(before, last_seen=now)
        while len(known) > KEPT:
            del known[min(known, key=lambda one: known[one].last_seen)]
        self._unstored[label, family, address] = known[address]
        return known[address]

    def _stated(self, way: Way) -> tuple[EgressAddress, ...]:
        if way.proxy_url is None:
            stated = [(address, "configured") for address in self._configured]
        else:
            stated = [(urlsplit(way.proxy_url).hostname or "", "proxy")]
        return tuple(
            EgressAddress(family=str(family), address=address, source=source, first_seen=None, last_seen=None)
            for address, source in stated
            if (family := family_of(address)) is not None and not (way.ipv4_only and family is Family.IPV6)
        )

    def _lately(self, way: Way) -> tuple[EgressAddress, ...]:
        now = self._clock.now()
        return tuple(
            _seen(row)
            for (label, family), rows in sorted(self._seen.items())
            for row in rows.values()
            if label == way.label and now - row.last_seen <= CHANGES_WITHIN
            if not (way.ipv4_only and family == Family.IPV6)
        )

    def _changed(self, label: str, family: str) -> Finding | None:
        known = sorted(self._seen.get((label, family), {}).values(), key=lambda row: (row.last_seen, row.first_seen))
        if len(known) < 2 or self._clock.now() - known[-2].last_seen > CHANGES_WITHIN:
            return None
        before, now = known[-2:]
        return Finding(
            code="egress.changing",
            severity=Severity.WARNING,
            since=max(before.first_seen, now.first_seen),
            parameters={"family": family, "before": before.address, "now": now.address},
        )


def address_in(text: str) -> str | None:
    """The address that an answer holds, in its usual form; None: it holds none."""
    words: object = text.strip()
    if text.lstrip().startswith("{"):
        told = orjson.loads(text)
        words = told.get("address", told.get("ip"))
    return words if isinstance(words, str) and family_of(words) is not None else None


def _seen(row: SeenAddress) -> EgressAddress:
    return EgressAddress(
        family=row.family, address=row.address, source="seen", first_seen=row.first_seen, last_seen=row.last_seen
    )
