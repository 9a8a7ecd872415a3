"""Every fault of the sandbox under a trading bot: the API names cause and fix, and both go again by themselves."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.integration.watched import Watched, a_watched_bot
from trading_bridge.core.order import Side
from trading_bridge.sandbox.addresses import Family
from trading_bridge.sandbox.directory import MARKET_MAKER
from trading_bridge.sandbox.faults import Fault, FaultKind

#: of being switched on
KNOWN_WITHIN_S = 10.0
#: of the first sign that something is wrong
TOLD_WITHIN_S = 5.0
#: of being switched off: the longest pause of a bot that was refused, and the time that an unanswered order is open
OVER_WITHIN_S = 120.0

#: causes that no call at Coinstore can tell from the one that is named, and why
INSEPARABLE = {
    "secret_wrong": (
        "credentials.rejected",
        "an unknown key and a wrong secret get the same answer: HTTP 401, signature-failed",
    ),
    "account_migrated": (
        "balance.other_wallet",
        "each currency is found under another wallet, as when only the funds were moved",
    ),
}


@dataclass(frozen=True)
class Case:
    fault: Fault
    #: the code, with its stage where it has several
    expected: str
    #: makes the market move, where the fault has no effect on a market that stands still
    moves: bool = False
    name: str | None = None

    def __str__(self) -> str:
        return self.name or str(self.fault.kind)


def case(kind: FaultKind, expected: str, *, moves: bool = False, name: str | None = None, **more: Any) -> Case:
    return Case(Fault(kind=kind, **more), expected, moves, name)


CASES = [
    case(FaultKind.ADDRESS_REFUSED, "ip.not_allowed"),
    case(FaultKind.ADDRESS_REFUSED, "ip.not_allowed", family=Family.IPV6, name="address_refused (ipv6 only)"),
    case(FaultKind.READ_MISSING, "permission.read_missing"),
    case(FaultKind.TRADE_MISSING, "permission.trade_missing", moves=True),
    case(
        FaultKind.TRADE_MISSING,
        "permission.trade_missing",
        moves=True,
        endpoint="/trade/order/cancel",
        name="trade_missing (seen by a cancel)",
    ),
    case(FaultKind.KEY_DELETED, "credentials.rejected"),
    case(FaultKind.SECRET_WRONG, "credentials.rejected"),
    case(FaultKind.CLOCK_SKEW, "clock.skewed", seconds_off=90),
    case(FaultKind.MAINTENANCE, "exchange.maintenance"),
    case(FaultKind.RATE_LIMITED, "rate.limited"),
    case(FaultKind.SERVER_ERROR, "exchange.no_answer (server error)", status=500),
    case(FaultKind.SERVER_ERROR, "exchange.no_answer (gateway)", status=502, name="server_error (gateway)"),
    case(FaultKind.EMPTY_BODY, "exchange.no_answer (empty)"),
    case(FaultKind.HTML_BODY, "exchange.no_answer (html)"),
    case(FaultKind.SLOW, "exchange.slow", delay_s=2.5),
    case(FaultKind.HUNG, "exchange.no_answer (timeout)"),
    case(FaultKind.DROPPED, "exchange.no_answer (reset)"),
    case(FaultKind.MARKET_HALTED, "market.halted", moves=True),
    case(FaultKind.MARKET_RENAMED, "market.unknown", symbol="SHARP/USDT", to="SHARPX/USDT"),
    case(FaultKind.PRECISION_CHANGED, "order.precision", moves=True, symbol="SHARP/USDT", tick_decimals=4),
    case(FaultKind.MINIMUM_RAISED, "order.too_small", moves=True, symbol="SHARP/USDT", min_amount=Decimal(500_000)),
    case(FaultKind.CURRENCY_MISSING, "balance.currency_missing", currency="SHARP"),
    case(FaultKind.OTHER_WALLET, "balance.other_wallet", currency="SHARP"),
    case(FaultKind.ACCOUNT_MIGRATED, "balance.other_wallet"),
    case(FaultKind.CURRENCY_RENAMED, "currency.name_mismatch", currency="SHARP", to="SHARPX"),
    case(FaultKind.BOOK_EMPTY, "book.empty"),
    case(FaultKind.BOOK_CROSSED, "book.crossed"),
    case(FaultKind.BOOK_FROZEN, "book.frozen", moves=True),
]

#: cause -> the code that stood first when it was known
DIAGNOSED: dict[str, str] = {}


class Market:
    """Jumps to and fro by a percent each second, so that quotes must follow, and trades."""

    def __init__(self, watched: Watched) -> None:
        self._exchange = watched.world.exchange
        self._steps = 0

    def stir(self) -> None:
        self._steps += 1
        if self._steps % 5:
            return
        mid = 25_600 if self._steps % 10 else 25_860
        self._exchange.engine.cancel_all(MARKET_MAKER)
        for step in range(5):
            self._exchange.quote(Side.BUY, mid - 10 - 10 * step, 50_000_000)
            self._exchange.quote(Side.SELL, mid + 10 + 10 * step, 50_000_000)
        self._exchange.take(Side.BUY, mid + 10, 40_000)
        self._exchange.take(Side.SELL, mid - 10, 40_000)


@pytest.mark.parametrize("one", CASES, ids=str)
async def test_fault_is_named_with_its_fix_and_goes_by_itself(one: Case, tmp_path: Path) -> None:
    async with a_watched_bot(tmp_path) as watched:
        assert await watched.open_codes() == []
        stir: Callable[[], None] = Market(watched).stir if one.moves else lambda: None
        fault_id = watched.faults.add(one.fault)
        began = watched.world.clock.monotonic()
        await watched.until(lambda codes: codes != [], seconds=KNOWN_WITHIN_S, stir=stir)
        signed = watched.world.clock.monotonic()
        left_s = min(TOLD_WITHIN_S, began + KNOWN_WITHIN_S - signed)
        known_after = await watched.until(lambda codes: one.expected in codes, seconds=left_s, stir=stir)
        codes = await watched.open_codes()
        DIAGNOSED[str(one)] = codes[0] if codes else "nothing"
        assert known_after is not None, codes
        first = (await watched.ask(f"/bots/{watched.bot.id}/findings"))["findings"][0]["finding"]
        assert first["fix"], first
        assert (first["title"], first["cause"]) != ("", "")
        watched.faults.clear(fault_id)
        assert await watched.until(lambda codes: codes == [], seconds=OVER_WITHIN_S, stir=stir) is not None, (
            await watched.open_codes()
        )
        assert watched.zeros == []
        await watched.world.quoting(watched.bot)


async def test_a_decision_names_what_stands_in_its_way(tmp_path: Path) -> None:
    """It wants its quotes all the same, and no history shows them as standing."""
    async with a_watched_bot(tmp_path) as watched:
        stir = Market(watched).stir
        path = f"/bots/{watched.bot.id}/decisions"
        assert all(one["finding_code"] != "account.recovering" for one in (await watched.ask(path))["decisions"][:-1])
        watched.faults.add(Fault(kind=FaultKind.TRADE_MISSING))
        await watched.until(lambda codes: "permission.trade_missing" in codes, seconds=KNOWN_WITHIN_S, stir=stir)
        await watched.world.pass_time(3, stir)
        current = (await watched.ask(path))["current"]["decision"]
        assert current["finding_code"] == "permission.trade_missing"
        assert "may not trade" in current["reason"]["text"]


def test_the_confusion_matrix_of_causes_and_diagnoses_is_diagonal() -> None:
    """Of those of this file that ran before it, in the same process."""
    causes = [one for one in CASES if str(one) in DIAGNOSED]
    columns = sorted({*(one.expected for one in causes), *DIAGNOSED.values()})
    sys.stdout.write(matrix(causes, columns))
    assert {str(one): DIAGNOSED[str(one)] for one in causes} == {str(one): one.expected for one in causes}
    shared = {code for code in columns if sum(one.expected == code and one.name is None for one in causes) > 1}
    assert shared <= {code for code, _ in INSEPARABLE.values()}


def matrix(causes: list[Case], columns: list[str]) -> str:
    """A row per cause, a column per diagnosis; `X` where they met."""
    width = max([len(str(one)) for one in causes], default=0)
    lines = [f"{number:>3} {code}" for number, code in enumerate(columns, 1)]
    lines.append(" " * width + "".join(f"{number:>3}" for number in range(1, len(columns) + 1)))
    for one in causes:
        marks = "".join(f"{'X' if DIAGNOSED[str(one)] == code else '.':>3}" for code in columns)
        lines.append(f"{one!s:<{width}}{marks}")
    lines += [f"{cause}: not to be told from {code}: {why}" for cause, (code, why) in INSEPARABLE.items()]
    return "\n".join(["", *lines, ""])
