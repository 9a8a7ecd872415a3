"""What has to take part in a campaign of many seeds, and what cannot yet."""

from collections.abc import Mapping

from tests.simulation.coverage import Coverage, Part
from tests.simulation.faults import CATALOGUE
from trading_bridge.core.bot import StateCode
from trading_bridge.core.order import OrderState
from trading_bridge.diagnosis.catalogue import codes, row_of

#: fewer seeds need not have everything
JUDGED_FROM = 200

#: what faults of the catalogue are called, and what people do
_FINDINGS = frozenset(
    {
        "access.refused",
        "account.foreign_order",
        "account.foreign_trade",
        "account.shared",
        "balance.currency_missing",
        "balance.insufficient",
        "balance.other_wallet",
        "book.empty",
        "book.frozen",
        "book.stale",
        "budget.exceeds_account",
        "clock.skewed",
        "credentials.rejected",
        "currency.name_mismatch",
        "cycle.late",
        "egress.changing",
        "exchange.closing",
        "exchange.maintenance",
        "exchange.no_answer",
        "exchange.slow",
        "exchange.unreachable",
        "exchange.unrecognised",
        "funds.left",
        "funds.received",
        "hold.resume_blocked",
        "ip.not_allowed",
        "kill.active",
        "lease.lost",
        "ledger.mismatch",
        "limit.shock",
        "market.halted",
        "market.unknown",
        "order.not_found",
        "order.precision",
        "order.too_small",
        "order.unresolved",
        "orders.drift",
        "permission.trade_missing",
        "proxy.auth_required",
        "proxy.unreachable",
        "rate.limited",
        "runner.stalled",
        "storage.unwritable",
    }
)
#: findings that come from what a run does not do
ELSEWHERE: Mapping[str, str] = {
    "book.unknown": "a market that never had a book",
    "bot_type.unusable": "a package of somebody else",
    "bot.client_missing": "rows of an older release",
    "config.invalid": "rows of an older release",
    "connector.ambiguous": "rows of an older release",
    "connector.missing": "rows of an older release",
    "connector.unknown": "rows of an older release",
    "credentials.empty": "rows of an older release",
    "credentials.undecryptable": "another key of the platform",
    "database.behind": "`doctor` on a machine",
    "database.missing": "`doctor` on a machine",
    "database.unreachable": "`doctor` on a machine",
    "disk.low": "`doctor` on a machine",
    "exchange.unknown": "rows of an older release",
    "runner.down": "`doctor` on a machine",
    "secret_keys.missing": "`doctor` on a machine",
    "settings.invalid": "`doctor` on a machine",
    "storage.unreadable_row": "rows that a person has damaged",
    "strategy.unavailable": "rows of an older release",
}

#: the ways in which orders end and are found again
_ENDINGS = frozenset(
    {
        OrderState.FILLED.value,
        OrderState.CANCELED.value,
        OrderState.REJECTED.value,
        OrderState.NOT_SENT.value,
        OrderState.ABSENT.value,
        f"unresolved, then {OrderState.ABSENT}",
        f"unresolved, then {OrderState.CANCELED}",
        f"unresolved, then {OrderState.FILLED}",
        "found live at a start",
        "found unresolved at a start",
        "drift: orphans",
        "drift: late_fills",
    }
)
#: of recovery, leases, kills and storage in trouble
_LOGS = frozenset(
    {
        "account recovered",
        "cancelled without storage",
        "database does not answer",
        "decision not stored",
        "drift",
        "funds moved",
        "kill done",
        "kill pressed",
        "lease not renewed",
        "lease released",
        "order proved absent",
        "order unresolved",
        "orphan cancelled",
        "standing by",
        "stood still",
        "wall clock was set",
    }
)
_ANSWERS = frozenset(
    {
        *("create: 200 0", "create: 200 3111", "create: 429 429", "cancel: 200 0", "cancel: 200 3103"),
        *("create: 400 -2010", "cancel: 400 -2011"),
        *("create: 200 1000", "cancel: 200 1000", "cancel: 400 50005"),
    }
)
_LIVES = frozenset({"killed", "stopped", "took over from another"})
_CRASHES = frozenset(
    {
        "a cancel is under way",
        "a create is answered, its answer not stored",
        "a create is under way",
        "a read is under way",
        "an intent is stored, its create not sent",
        "it has not recovered yet",
    }
)


def expected() -> Mapping[Part, frozenset[str]]:
    return {
        Part.FAULT: frozenset(make().id for make in CATALOGUE.values()),
        Part.ANSWER: _ANSWERS,
        Part.ENDING: _ENDINGS,
        Part.LOG: _LOGS,
        Part.FINDING: _FINDINGS,
        Part.STATE: frozenset(code.value for code in StateCode) - {StateCode.DOWN.value},
        Part.LIFE: _LIVES,
        Part.CRASH: _CRASHES,
    }


def not_raised(coverage: Coverage) -> frozenset[str]:
    """Findings that the platform can have, none of the runs had, and nobody says where they come from."""
    possible = {code for code in codes() if row_of(code).is_finding}
    return frozenset(possible - coverage.reached(Part.FINDING) - set(ELSEWHERE))


def idle(coverage: Coverage) -> Mapping[Part, frozenset[str]]:
    """What should have been reached and was not; without parts in which nothing is idle."""
    found = {part: names - coverage.reached(part) for part, names in expected().items()}
    return {part: names for part, names in found.items() if names}
