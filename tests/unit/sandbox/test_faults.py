"""The set of faults that are on, and which of them hit a request."""

import re
from pathlib import Path

import pytest

from trading_bridge.clock import ManualClock
from trading_bridge.errors import NotFound
from trading_bridge.sandbox.addresses import Family, family_of, plain_address
from trading_bridge.sandbox.fault_table import TABLE
from trading_bridge.sandbox.faults import ActiveFault, Call, Fault, FaultKind, Faults, hits

DOCS = Path(__file__).parents[3] / "docs" / "sandbox.md"
CALL = Call(account="alice", api_key="key", endpoint="/trade/order/place", family=Family.IPV4, symbol="SHARP/USDT")


def test_it_is_true_while_one_may_be_on() -> None:
    clock = ManualClock()
    faults = Faults(clock)
    assert not faults
    first = faults.add(Fault(kind=FaultKind.KEY_DELETED))
    second = faults.add(Fault(kind=FaultKind.HUNG))
    assert [active.id for active in faults.active()] == [first, second] == [1, 2]
    faults.clear(first)
    assert faults
    faults.clear()
    assert not faults
    faults.clear()
    with pytest.raises(NotFound):
        faults.clear(second)


async def test_one_with_an_end_ends() -> None:
    clock = ManualClock()
    faults = Faults(clock)
    faults.add(Fault(kind=FaultKind.KEY_DELETED, seconds=2))
    faults.add(Fault(kind=FaultKind.HUNG))
    await clock.advance(1)
    short, endless = faults.active()
    assert (faults.remaining_s(short), faults.remaining_s(endless)) == (1, None)
    await clock.advance(1)
    assert faults.hitting(CALL) == (endless,)
    assert short.cleared.is_set()
    assert not endless.cleared.is_set()
    assert faults.add(Fault(kind=FaultKind.SLOW)) == 3  # an id is never used again


def test_who_listens_is_told_of_a_fault_when_it_is_on() -> None:
    faults = Faults(ManualClock())
    told: list[ActiveFault] = []
    faults.when_added(told.append)
    faults.add(Fault(kind=FaultKind.BOOK_FROZEN))
    assert told == list(faults.active())


@pytest.mark.parametrize(
    ("scope", "hit"),
    [
        ({}, True),
        ({"account": "alice"}, True),
        ({"account": "bob"}, False),
        ({"api_key": "key"}, True),
        ({"api_key": "other"}, False),
        ({"family": Family.IPV4}, True),
        ({"family": Family.IPV6}, False),
        ({"symbol": "SHARP/USDT"}, True),
        ({"symbol": "ETH/USDT"}, False),
        ({"endpoint": "/trade/order/place"}, True),
        ({"endpoint": "/trade/order"}, True),
        ({"endpoint": "/trade"}, True),
        ({"endpoint": ""}, True),
        ({"endpoint": "/trade/order/pla"}, False),
        ({"endpoint": "/trade/order/place/more"}, False),
        ({"account": "alice", "family": Family.IPV6}, False),
    ],
)
def test_whom_a_fault_hits(scope: dict[str, object], hit: bool) -> None:
    assert hits(Fault(kind=FaultKind.HUNG, **scope), CALL) is hit  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [FaultKind.MARKET_HALTED, FaultKind.MARKET_RENAMED, FaultKind.PRECISION_CHANGED])
def test_the_market_of_a_fault_is_no_condition_where_it_is_what_goes_wrong(kind: FaultKind) -> None:
    assert hits(Fault(kind=kind, symbol="ETH/USDT"), CALL)


@pytest.mark.parametrize(
    ("address", "plain", "family"),
    [
        ("127.0.0.1", "127.0.0.1", Family.IPV4),
        ("::ffff:127.0.0.1", "127.0.0.1", Family.IPV4),
        ("::FFFF:10.1.2.3", "10.1.2.3", Family.IPV4),
        ("::1", "::1", Family.IPV6),
        ("::ffff:0:1", "::ffff:0:1", Family.IPV6),
        ("2001:db8::1", "2001:db8::1", Family.IPV6),
    ],
)
def test_families_of_addresses(address: str, plain: str, family: Family) -> None:
    assert (plain_address(address), family_of(address)) == (plain, family)


def test_every_kind_says_what_it_takes() -> None:
    assert set(TABLE) == set(FaultKind)


@pytest.mark.parametrize("kind", list(FaultKind))
def test_every_kind_is_told_with_its_parameters(kind: FaultKind) -> None:
    rows = [line.split("|") for line in DOCS.read_text().splitlines() if line.startswith(f"| `{kind}` |")]
    assert len(rows) == 1, f"docs/sandbox.md has no row for {kind}"
    takes = TABLE[kind]
    scopes = {
        "call": {"account", "api_key", "family", "endpoint", "symbol"},
        "caller": {"account", "api_key", "family"},
    }
    told = set(re.findall(r"`([a-z_]+)\??`", rows[0][2]))
    told |= {name for word in re.findall(r"\b(call|caller)\b", rows[0][2]) for name in scopes[word]}
    assert told == takes.names
    assert set(re.findall(r"`([a-z_]+)`", rows[0][2])) == takes.needed
