"""What the API shows of money and times is what the exchange had at that time (I17), another client's is never in it
(I22), and times are UTC with ages that are no less than nothing (I27)."""

import json
import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from tests.simulation.clock import BEGIN
from tests.simulation.loop import Life
from tests.simulation.oracle.invariant import Facts, Invariant
from tests.simulation.oracle.purses import Held, Purses
from tests.simulation.people import Member
from tests.simulation.watch import Call, Heard

BALANCES = "/spot/accountList"
#: answers of the exchange that are kept per account; what is shown is at most an hour old
ANSWERS_KEPT = 8_000
#: an answer is taken to be that of a time that is so near
_SAME = timedelta(milliseconds=5)


@dataclass(frozen=True, slots=True)
class _Answer:
    """One list of balances as a server heard it."""

    life: Life
    arrived_s: float
    heard_s: float
    #: by a clock that is right
    at: datetime
    call: Call
    body: bytes


class TruthShown(Invariant):
    """Each amount is one answer's, with its time, and true between its request's arrival and its being heard."""

    id = "I17"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._purses = Purses(facts.world)
        self.world.watchers.add(self._purses)
        self._arrived: dict[int, float] = {}  # a call's number -> when
        self._answers: dict[str, deque[_Answer]] = {}  # account -> newest last
        self._steps: list[timedelta] = [timedelta()]
        self._off: dict[str, list[timedelta]] = {}  # name of a life -> how far ahead its wall clock was, now last
        #: name of a life -> for each session that began, by how much it has since noticed that its clock was set
        self._noticed: dict[str, list[timedelta]] = {}

    def fault(self, fault_id: str, what: str, **more: object) -> None:
        #: a wall clock that is set takes what was read with it (T2), and an exchange may not say the truth (X12, X13)
        if "off_s" in more:
            off = timedelta(seconds=float(str(more["off_s"])))
            self._steps.append(off)
            self._off.setdefault(str(more["life"]), [timedelta()]).append(off)

    def logged(self, life: Life | None, event: Mapping[str, Any]) -> None:
        if life is None:
            return
        noticed = self._noticed.setdefault(life.name, [])
        if event.get("event") == "session started":
            noticed.append(timedelta())
        elif event.get("event") == "wall clock was set":
            by = self._set_by(life, timedelta(seconds=float(event["seconds"])))
            noticed[:] = [since + by for since in noticed]

    def _set_by(self, life: Life, about: timedelta) -> timedelta:
        """By how much, to the microsecond: it is the way from an earlier setting to the one of now."""
        *before, now = self._off.get(life.name, [timedelta()])
        return min((now - off for off in before), key=lambda by: abs(by - about), default=about)

    def arrived(self, call: Call) -> None:
        if call.endpoint == BALANCES:
            self._arrived[call.number] = self.world.loop.time()

    def unheard(self, call: Call, error: BaseException) -> None:
        self._arrived.pop(call.number, None)

    def heard(self, call: Call, answer: Heard) -> None:
        arrived_s = self._arrived.pop(call.number, None)
        if arrived_s is None or answer.status != 200 or call.api_key is None:
            return
        key = self.world.exchange.engine.directory.key(call.api_key)
        server = next((one for one in self.world.servers if one.life is call.life), None)
        if key is None or server is None:
            return
        now_s = self.world.loop.time()
        kept = self._answers.setdefault(key.account, deque(maxlen=ANSWERS_KEPT))
        kept.append(_Answer(call.life, arrived_s, now_s, self.world.clock.now(), call, answer.body))

    def served(self, life: Life, method: str, path: str, status: int, body: bytes) -> None:
        if status != 200 or b'"as_of"' not in body:
            return
        for shown in _money(json.loads(body)):
            self._look(life, path, shown)

    def _look(self, life: Life, path: str, shown: Mapping[str, Any]) -> None:
        status = shown["status"]
        if status not in ("ok", "stale", "unknown"):
            return
        amounts = dict(_amounts(shown))
        if status == "unknown":
            if amounts or shown["as_of"] is not None or shown["finding"] is None:
                self.broken(f"{path} shows {amounts} as unknown, with the finding {shown['finding']}")
            return
        if status == "stale" and shown["finding"] is None:
            self.broken(f"{path} shows stale amounts and does not say why")
        account = self._account(shown)
        if account is None:
            return
        as_of = datetime.fromisoformat(shown["as_of"])
        #: a session that begins with a stored time takes it to be of its own clock: set back, that clock takes the time
        #: with it, and never further on than it was stored
        back = (timedelta(), *(self._noticed.get(life.name, ()) if status == "stale" else ()))
        answers = [
            one
            for one in self._answers.get(account, ())
            if any(self._is_of(one, as_of - by) for by in back if by <= timedelta())
        ]
        if not answers:
            self.broken(f"{path} shows {amounts} as of {as_of}, when no answer of the exchange was heard")
        elif not any(self._agrees(account, one, amounts) for one in answers):
            one = answers[0]
            true = {
                currency: self._purses.between(account, currency, one.arrived_s, one.heard_s) for currency in amounts
            }
            self.broken(f"{path} shows {amounts} as of {as_of}; the exchange had {true}")

    def _is_of(self, answer: _Answer, as_of: datetime) -> bool:
        return any(abs(answer.at + step - as_of) <= _SAME for step in self._steps)

    def _agrees(self, account: str, answer: _Answer, amounts: Mapping[str, Held]) -> bool:
        said = _said(answer.call.wire.data(answer.body))
        for currency, held in amounts.items():
            heard = said.get(currency)
            true = self._purses.between(account, currency, answer.arrived_s, answer.heard_s)
            #: of an answer that is not the truth (X13) nobody can tell where the exchange states no total
            if held != heard if heard is not None and heard not in true else held not in true:
                return False
        return True

    def _account(self, shown: Mapping[str, Any]) -> str | None:
        for member in self.facts.people.members:
            if shown.get("connector_id") in member.connectors.values() or shown.get("bot_id") in member.bots.values():
                return member.plan.exchange_account
        return None


class OwnOnly(Invariant):
    """What is asked for one client shows nothing of another's. Users of a client are not built yet."""

    id = "I22"

    def served(self, life: Life, method: str, path: str, status: int, body: bytes) -> None:
        members = self.facts.people.members
        asked = next((member for member in members if self._is_for(path, member)), None)
        if asked is None or len(members) < 2:
            return
        text = body.decode()
        for other in members:
            if other is asked:
                continue
            for marker in (other.client_id, *other.bots.values(), *other.connectors.values()):
                if marker in text:
                    self.broken(f"{path} of {asked.plan.client} shows {marker} of {other.plan.client}")

    def _is_for(self, path: str, member: Member) -> bool:
        named = re.search(r"[?&]account=([^&]+)", path)
        if named is not None:
            return named[1] == member.plan.client
        return any(f"/{one}" in path for one in (member.client_id, *member.bots.values(), *member.connectors.values()))


class TimesShown(Invariant):
    """Times are UTC and none before the world began; ages are at least nothing, also where a clock was set."""

    id = "I27"

    def served(self, life: Life, method: str, path: str, status: int, body: bytes) -> None:
        if not body.startswith(b"{"):
            return
        for name, value in _leaves(json.loads(body)):
            if name in ("age_seconds", "seconds_left", "latency_ms") and Decimal(value or 0) < 0:
                self.broken(f"{path} shows {name} {value}")
            elif isinstance(value, str) and _TIME.match(value):
                if not value.endswith("Z"):
                    self.broken(f"{path} shows {name} {value}, which does not say UTC")
                elif datetime.fromisoformat(value) < BEGIN - _LONGEST_STEP:
                    self.broken(f"{path} shows {name} {value}, before anything was")


_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:")
#: a wall clock is set by an hour at most, and the exchange's records reach back
_LONGEST_STEP = timedelta(days=400)


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, name)
    else:
        yield name, value


def _money(value: Any) -> Iterator[dict[str, Any]]:
    """Each part of an answer that shows balances."""
    if isinstance(value, dict):
        if "status" in value and "as_of" in value and ("available" in value or "balances" in value):
            yield value
        for inner in value.values():
            yield from _money(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _money(inner)


def _amounts(shown: Mapping[str, Any]) -> Iterator[tuple[str, Held]]:
    if "balances" in shown:
        for currency, held in (shown["balances"] or {}).items():
            yield currency, Held(Decimal(held["available"]), Decimal(held["locked"]))
    else:
        locked = shown["locked"] or {}
        for currency, free in (shown["available"] or {}).items():
            yield currency, Held(Decimal(free), Decimal(locked[currency]))


def _said(rows: Any) -> dict[str, Held]:
    """What one answer says: a row for what is free, one for what is frozen. Empty: it cannot be read."""
    free: dict[str, Decimal] = {}
    used: dict[str, Decimal] = {}
    try:
        for row in rows:
            kind = free if row["typeName"] == "AVAILABLE" else used if row["typeName"] == "FROZEN" else {}
            kind[row["currency"]] = Decimal(str(row["balance"]))
    except (ValueError, KeyError, TypeError, InvalidOperation):
        return {}
    nothing = Decimal(0)
    return {currency: Held(free.get(currency, nothing), used.get(currency, nothing)) for currency in (*free, *used)}
