"""P1: a balance is what the exchange said, with its time, or unknown with a finding; reads are shared."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import NOW, balances, elsewhere, fill, finding
from tests.unit.accounts.scripted import ScriptedSession, answered, failed, spawn
from trading_bridge.accounts.balance_reader import BalanceReader, GoodRead
from trading_bridge.clock import ManualClock
from trading_bridge.core.balance import NOTHING, Balances
from trading_bridge.core.known import Known, Ok, Stale, Unknown
from trading_bridge.core.order import Side
from trading_bridge.core.transfer import TransferRecord

DEPOSIT = TransferRecord(
    exchange_id="deposit-1", currency="USDT", amount=Decimal(100), fee=Decimal(0), at=NOW, completed=True
)
FIRST, SECOND = balances(SHARP="1"), balances(SHARP="2")


class Reading:
    def __init__(self, *answers: Any) -> None:
        self.clock = ManualClock(NOW)
        self.session = ScriptedSession(
            {"balances": list(answers), "deposits": [answered(())], "withdrawals": [answered(())]}
        )
        self.reads: list[GoodRead] = []
        self.changes = 0
        #: currencies of the bots' pairs
        self.meant: tuple[str, ...] = ()
        #: what the exchange's records say has left, and what they were asked about
        self.left: dict[str, Decimal] = {}
        self.asked: list[dict[str, Decimal]] = []
        self.reader = BalanceReader(
            self.session,  # type: ignore[arg-type]
            self.clock,
            spawn,
            self.reads.append,
            self._changed,
            withdrew=self._withdrew,
            meant=lambda: self.meant,
        )

    async def _withdrew(self, gone: Mapping[str, Decimal]) -> bool:
        self.asked.append(dict(gone))
        return dict(gone) == self.left

    def _changed(self) -> None:
        self.changes += 1

    async def next(self) -> Known[Balances]:
        """What is known five seconds later."""
        await self.clock.advance(5)
        return await self.reader.read(max_age_s=0, force=True)


async def test_any_number_of_readers_cost_one_request() -> None:
    reading = Reading(answered(FIRST))
    known = await asyncio.gather(*(reading.reader.read(max_age_s=5) for _ in range(50)))
    assert {type(one) for one in known} == {Ok}
    assert reading.session.count("balances") == 1
    await reading.clock.advance(4.9)
    await reading.reader.read(max_age_s=5)
    assert reading.session.count("balances") == 1
    await reading.clock.advance(0.2)
    await reading.reader.read(max_age_s=5)
    assert reading.session.count("balances") == 2


async def test_a_failed_read_costs_no_more_than_a_good_one() -> None:
    reading = Reading(failed())
    for _ in range(3):
        await asyncio.gather(*(reading.reader.read(max_age_s=5) for _ in range(20)))
    assert reading.session.count("balances") == 1


async def test_a_refresh_is_one_read_that_all_waiting_readers_share() -> None:
    reading = Reading(answered(FIRST), answered(SECOND))
    await reading.reader.read(max_age_s=5)
    known = await asyncio.gather(*(reading.reader.read(max_age_s=5, force=True) for _ in range(9)))
    assert [one.value for one in known if isinstance(one, Ok)] == [SECOND] * 9
    assert reading.session.count("balances") == 2


async def test_never_read_is_unknown_never_zero() -> None:
    known = await Reading(failed("proxy.auth_required")).reader.read(max_age_s=5)
    assert isinstance(known, Unknown)
    assert known.finding.code == "proxy.auth_required"


async def test_a_failed_read_keeps_the_last_good_numbers_with_their_time() -> None:
    reading = Reading(answered(FIRST), failed(), failed("credentials.rejected"))
    await reading.reader.read(max_age_s=5)
    await reading.clock.advance(6)
    known = await reading.reader.read(max_age_s=5)
    assert isinstance(known, Stale)
    assert known.value is FIRST
    assert known.as_of == NOW
    await reading.clock.advance(6)
    known = await reading.reader.read(max_age_s=5)
    assert isinstance(known, Stale)
    assert known.finding.code == "credentials.rejected"


async def test_a_finding_keeps_the_time_since_when_it_holds() -> None:
    reading = Reading(failed())
    await reading.reader.read(max_age_s=5)
    await reading.clock.advance(60)
    known = await reading.reader.read(max_age_s=5)
    assert isinstance(known, Unknown)
    assert known.finding.since == NOW


@pytest.mark.parametrize(("age", "case"), [(15, Ok), (15.1, Stale), (3600, Stale), (3600.1, Unknown)])
async def test_a_value_ages_even_when_nothing_failed(age: float, case: type[object]) -> None:
    reading = Reading(answered(FIRST))
    await reading.reader.read(max_age_s=5)
    await reading.clock.advance(age)
    assert isinstance(reading.reader.known(), case)


async def test_a_snapshot_of_an_earlier_process_is_stale_with_its_time() -> None:
    reading = Reading(failed())
    reading.reader.restore(FIRST, NOW)
    known = reading.reader.known()
    assert isinstance(known, Stale)
    assert known.as_of == NOW


async def test_a_caller_that_gives_up_does_not_end_the_read_of_others() -> None:
    reading = Reading(answered(FIRST))
    hasty = asyncio.ensure_future(reading.reader.read(max_age_s=5))
    patient = asyncio.ensure_future(reading.reader.read(max_age_s=5))
    await asyncio.sleep(0)
    hasty.cancel()
    assert isinstance(await patient, Ok)
    assert reading.session.count("balances") == 1


async def test_a_read_that_began_before_an_event_does_not_count_as_after_it() -> None:
    reading = Reading(answered(FIRST), answered(SECOND))
    await reading.reader.read(max_age_s=5)
    await reading.clock.advance(1)
    known = await reading.reader.read_after(reading.clock.monotonic())
    assert isinstance(known, Ok)
    assert known.value is SECOND


async def test_changes_are_told_only_when_something_changed() -> None:
    reading = Reading(answered(FIRST), answered(FIRST), failed(), failed(), answered(FIRST))
    for _ in range(5):
        await reading.reader.read(max_age_s=0, force=True)
    assert reading.changes == 3  # first numbers; failed; good again


async def test_another_cause_is_a_change() -> None:
    reading = Reading(failed(), failed("credentials.rejected"))
    for _ in range(3):
        await reading.reader.read(max_age_s=0, force=True)
    assert reading.changes == 2


# -- what vanished


TRADED = frozenset({"SHARP", "USDT"})
FULL, LESS = balances(SHARP="125000", USDT="812.4"), balances(USDT="812.4")


def sold(amount: str) -> Any:
    return fill(side=Side.SELL, amount=Decimal(amount), cost=Decimal("0.1"), fee=None)


def doubted(known: Known[Balances], code: str) -> dict[str, str]:
    """The parameters of the finding with which the former numbers are shown."""
    assert isinstance(known, Stale), known
    assert (known.value, known.as_of, known.finding.code) == (FULL, NOW, code)
    return dict(known.finding.parameters)


async def test_fault_X12_a_currency_that_vanishes_is_not_believed_and_comes_back() -> None:
    reading = Reading(answered(FULL), answered(LESS), answered(LESS), answered(FULL))
    assert isinstance(await reading.reader.read(max_age_s=5), Ok)
    told = {"currency": "SHARP", "had": "125000", "as_of": "2026-01-01T00:00:00Z"}
    assert doubted(await reading.next(), "balance.currency_missing") == told
    later = await reading.next()
    assert doubted(later, "balance.currency_missing") == told
    assert isinstance(later, Stale)
    assert later.finding.evidence is not None
    assert (later.finding.since - NOW).total_seconds() == 5
    assert len(reading.reads) == 1  # nothing of it is stored
    back = await reading.next()
    assert isinstance(back, Ok)
    assert reading.reader.failure is None
    assert reading.changes == 3


async def test_what_was_withdrawn_whole_is_zero_at_the_second_answer_that_leaves_it_out() -> None:
    reading = Reading(answered(FULL), answered(LESS), answered(LESS))
    reading.left = {"SHARP": Decimal(125000)}
    await reading.reader.read(max_age_s=5)
    doubted(await reading.next(), "balance.currency_missing")
    assert reading.asked == []  # one answer may be wrong
    known = await reading.next()
    assert isinstance(known, Ok)
    assert known.value.of("SHARP") == NOTHING
    assert reading.asked == [reading.left]


async def test_what_the_records_do_not_show_has_not_left() -> None:
    reading = Reading(answered(FULL), answered(LESS))
    reading.left = {"SHARP": Decimal(100)}
    await reading.reader.read(max_age_s=5)
    for _ in range(4):
        doubted(await reading.next(), "balance.currency_missing")
    assert len(reading.asked) == 3


async def test_two_answers_that_leave_out_different_currencies_do_not_agree() -> None:
    reading = Reading(answered(FULL), answered(LESS), answered(balances(SHARP="125000")), answered(LESS))
    reading.left = {"SHARP": Decimal(125000)}
    await reading.reader.read(max_age_s=5)
    for _ in range(3):
        doubted(await reading.next(), "balance.currency_missing")
    assert reading.asked == []


async def test_fault_X13_numbers_that_disagree_are_not_used_and_read_again() -> None:
    reading = Reading(answered(FULL), answered(replace(LESS, unsettled=frozenset({"SHARP"}))), answered(FULL))
    await reading.reader.read(max_age_s=5)
    assert doubted(await reading.next(), "balance.inconsistent") == {"currency": "SHARP"}
    assert isinstance(await reading.next(), Ok)
    assert len(reading.reads) == 2


async def test_fault_X12_after_an_hour_it_is_unknown() -> None:
    reading = Reading(answered(FULL), answered(LESS))
    await reading.reader.read(max_age_s=5)
    await reading.clock.advance(3600)
    known = await reading.next()
    assert isinstance(known, Unknown)
    assert known.finding.code == "balance.currency_missing"


async def test_fault_X12_across_a_restart() -> None:
    reading = Reading(answered(LESS))
    reading.reader.restore(FULL, NOW)
    doubted(await reading.next(), "balance.currency_missing")


@pytest.mark.parametrize(("amount", "gone"), [("125000", True), ("124875", True), ("124874", False), ("60000", False)])
async def test_what_own_fills_took_is_truly_gone(amount: str, gone: bool) -> None:
    reading = Reading(answered(FULL), answered(LESS))
    await reading.reader.read(max_age_s=5)
    reading.reader.filled(sold(amount))
    known = await reading.next()
    assert isinstance(known, Ok if gone else Stale)
    if isinstance(known, Ok):
        assert known.value.of("SHARP") == NOTHING


async def test_a_fill_that_is_told_late_resolves_the_doubt() -> None:
    reading = Reading(answered(FULL), answered(LESS))
    await reading.reader.read(max_age_s=5)
    doubted(await reading.next(), "balance.currency_missing")
    reading.reader.filled(sold("125000"))
    assert isinstance(await reading.next(), Ok)


async def test_a_sale_that_a_balance_showed_already_explains_no_further_loss() -> None:
    half = balances(SHARP="62500", USDT="812.4")
    reading = Reading(answered(FULL), answered(half), answered(LESS))
    await reading.reader.read(max_age_s=5)
    await reading.next()
    reading.reader.filled(sold("62500"))
    known = await reading.next()
    assert isinstance(known, Stale)
    assert known.value == half


async def test_a_currency_of_which_there_was_nothing_cannot_vanish() -> None:
    reading = Reading(answered(balances(SHARP="0", USDT="1")), answered(balances(USDT="1")))
    await reading.reader.read(max_age_s=5)
    assert isinstance(await reading.next(), Ok)


@pytest.mark.parametrize(
    ("said", "listed_as"),
    [
        (balances(SHRP2="125000", USDT="812.4"), "SHRP2"),
        (replace(balances(ZZZ="1", USDT="812.4"), traded=TRADED), "ZZZ"),
        (replace(balances(AAA="1", ZZZ="125000", USDT="1"), traded=TRADED | {"ZZZ"}), "ZZZ"),
    ],
    ids=["the same amount", "no market trades it", "the amount tells more"],
)
async def test_a_coin_that_comes_as_another_goes_goes_by_another_name(said: Balances, listed_as: str) -> None:
    reading = Reading(answered(FULL), answered(said))
    await reading.reader.read(max_age_s=5)
    told = doubted(await reading.next(), "currency.name_mismatch")
    assert told == {"currency": "SHARP", "listed_as": listed_as}


async def test_fault_X12_a_name_that_no_market_trades_gives_way_to_one_that_markets_trade() -> None:
    """The first answer that was ever heard had the wrong name: the right one is not doubted for it."""
    misnamed = replace(balances(SHARP2="125000", USDT="100"), traded=TRADED)
    reading = Reading(answered(misnamed), answered(replace(balances(SHARP="124000", USDT="125"), traded=TRADED)))
    assert isinstance(await reading.reader.read(max_age_s=5), Ok)
    known = await reading.next()
    assert isinstance(known, Ok)
    assert known.value.of("SHARP").total == Decimal(124000)


async def test_fault_X12_a_wrong_name_stays_one_while_the_markets_are_not_known_after_a_restart() -> None:
    misnamed = balances(SHARP2="125000", USDT="100")
    right = balances(SHARP="124000", USDT="125")
    reading = Reading(answered(misnamed), answered(right), answered(replace(right, traded=TRADED)))
    reading.reader.restore(replace(misnamed, traded=frozenset({"USDT"})), NOW)
    assert isinstance(await reading.next(), Ok)
    assert isinstance(await reading.next(), Stale)  # as far as is known it may be another wrong one
    assert isinstance(await reading.next(), Ok)


MISNAMED, NAMED = balances(SHARP2="125000", USDT="100"), balances(SHARP="124000", USDT="125")
RENAMED = frozenset({"SHARP2", "USDT"})


@pytest.mark.parametrize(
    ("traded_then", "traded_now"),
    [(None, None), (None, RENAMED), (RENAMED, RENAMED), (RENAMED, TRADED)],
    ids=["no markets known", "only wrong markets known", "market still renamed as well", "market was renamed as well"],
)
async def test_fault_X12_a_name_that_bots_trade_is_right_whatever_the_markets_say(
    traded_then: frozenset[str] | None, traded_now: frozenset[str] | None
) -> None:
    """The first answer that was ever heard had the wrong name, and the markets had it too, or were not known."""
    reading = Reading(
        answered(replace(MISNAMED, traded=traded_then)), *[answered(replace(NAMED, traded=traded_now))] * 2
    )
    reading.meant = ("SHARP", "USDT")
    await reading.reader.read(max_age_s=5)
    for _ in range(2):
        known = await reading.next()
        assert isinstance(known, Ok)
        assert known.value == replace(NAMED, traded=traded_now or known.value.traded)


async def test_fault_X12_a_name_that_bots_trade_is_not_given_up_for_one_that_markets_trade() -> None:
    """The market goes by another name (X15) while the first balance is read, and then the coin does."""
    wrong = answered(replace(MISNAMED, traded=RENAMED))
    reading = Reading(answered(replace(NAMED, traded=RENAMED)), wrong, wrong, answered(replace(NAMED, traded=TRADED)))
    reading.meant = ("SHARP", "USDT")
    await reading.reader.read(max_age_s=5)
    for _ in range(2):
        known = await reading.next()
        assert isinstance(known, Stale)
        assert known.value.of("SHARP").total == Decimal(124000)
    assert isinstance(await reading.next(), Ok)


@pytest.mark.parametrize("meant", [(), ("SHARP", "SHARP2")], ids=["no bot trades it", "bots trade both"])
async def test_fault_X12_where_bots_do_not_tell_markets_do(meant: tuple[str, ...]) -> None:
    """By those of now, where none were known with the first answer."""
    reading = Reading(answered(MISNAMED), answered(replace(NAMED, traded=TRADED)))
    reading.meant = meant
    await reading.reader.read(max_age_s=5)
    assert isinstance(await reading.next(), Ok)


async def test_what_vanishes_while_bots_get_another_coin_is_no_wrong_name() -> None:
    bought = answered(replace(balances(SHARP="7", USDT="100"), traded=frozenset({"KITE", "SHARP", "USDT"})))
    reading = Reading(answered(balances(KITE="500", USDT="100")), bought)
    reading.meant = ("SHARP", "USDT")
    await reading.reader.read(max_age_s=5)
    known = await reading.next()
    assert isinstance(known, Stale)
    assert known.finding.code == "balance.currency_missing"


@pytest.mark.parametrize("unjudged", [(), (answered(FULL),)], ids=["known", "read again before the markets"])
async def test_fault_X15_a_coin_that_markets_traded_is_no_wrong_name_when_its_market_goes(unjudged: Any) -> None:
    """Market and coin go by another name at once, across a restart."""
    renamed = replace(balances(SHARP2="124000", USDT="812.4"), traded=frozenset({"SHARP2", "USDT"}))
    reading = Reading(*unjudged, answered(renamed))
    reading.reader.restore(replace(FULL, traded=TRADED), NOW)
    for _ in unjudged:
        assert isinstance(await reading.next(), Ok)
    known = await reading.next()
    assert isinstance(known, Stale)
    assert known.finding.code == "balance.currency_missing"
    assert known.value.of("SHARP").total == Decimal(125000)


async def test_an_old_coin_that_was_there_before_is_no_new_name() -> None:
    before = replace(balances(SHARP="125000", OLD="125000"), traded=TRADED)
    after = replace(balances(OLD="125000"), traded=TRADED)
    reading = Reading(answered(before), answered(after))
    await reading.reader.read(max_age_s=5)
    known = await reading.next()
    assert isinstance(known, Stale)
    assert known.finding.code == "balance.currency_missing"


async def test_what_lies_in_another_wallet_has_not_vanished_and_is_no_zero() -> None:
    moved = replace(LESS, elsewhere=(elsewhere("SHARP", "125000"),))
    reading = Reading(answered(FULL), answered(moved))
    await reading.reader.read(max_age_s=5)
    known = await reading.next()
    assert isinstance(known, Ok)
    assert known.value.of("SHARP") is None
    assert known.finding is not None
    assert known.finding.code == "balance.other_wallet"


async def test_fault_X12_what_lay_in_another_wallet_and_is_in_none_has_vanished() -> None:
    moved = replace(LESS, elsewhere=(elsewhere("SHARP", "125000"),))
    reading = Reading(answered(moved), answered(LESS))
    await reading.reader.read(max_age_s=5)
    known = await reading.next()
    assert isinstance(known, Stale)
    assert (known.value, known.finding.code) == (moved, "balance.currency_missing")
    assert known.finding.parameters["had"] == "125000"


async def test_another_account_never_had_it() -> None:
    reading = Reading(answered(FULL), answered(replace(LESS, exchange_account="2")))
    await reading.reader.read(max_age_s=5)
    assert isinstance(await reading.next(), Ok)


# -- an empty list


async def test_fault_X12_an_empty_list_is_believed_once_nothing_was_ever_paid_in() -> None:
    reading = Reading(answered(balances()))
    reading.session.answers["deposits"] = [failed(), answered(())]
    first = await reading.reader.read(max_age_s=5)
    assert isinstance(first, Unknown)
    assert first.finding.code == "balance.empty_list"
    proved = await reading.next()
    assert isinstance(proved, Ok)
    assert proved.value.of("SHARP") == NOTHING
    await reading.next()
    assert reading.session.count("deposits") == 2


async def test_fault_X12_an_empty_list_of_an_account_with_deposits_stays_unknown() -> None:
    reading = Reading(answered(balances()))
    reading.session.answers["deposits"] = [answered((DEPOSIT,))]
    for _ in range(3):
        known = await reading.next()
        assert isinstance(known, Unknown)
        assert known.finding.code == "balance.empty_list"
    assert reading.session.count("deposits") == 1
    reading.session.answers["balances"] = [answered(FULL)]
    assert isinstance(await reading.next(), Ok)


async def test_an_empty_list_is_believed_once_all_that_came_has_left_again() -> None:
    reading = Reading(answered(balances()))
    gone = replace(DEPOSIT, exchange_id="withdrawal-1", amount=Decimal(-99), fee=Decimal(1))
    reading.session.answers["deposits"] = [answered((DEPOSIT,))]
    reading.session.answers["withdrawals"] = [answered((replace(gone, completed=False),)), answered((gone,))]
    assert isinstance(await reading.next(), Unknown)
    await reading.clock.advance(60)
    known = await reading.next()
    assert isinstance(known, Ok)
    assert known.value.of("USDT") == NOTHING


async def test_an_empty_list_that_was_proved_before_a_restart_needs_no_second_proof() -> None:
    reading = Reading(answered(balances()))
    reading.session.answers["deposits"] = [answered((DEPOSIT,))]
    reading.reader.restore(balances(), NOW)
    assert isinstance(await reading.next(), Ok)
    assert reading.session.count("deposits") == 0


async def test_a_list_that_claims_nothing_needs_no_proof() -> None:
    reading = Reading(answered(balances(complete=False)))
    known = await reading.next()
    assert isinstance(known, Ok)
    assert known.value.of("SHARP") is None
    assert reading.session.count("deposits") == 0


async def test_money_in_another_wallet_only_is_no_empty_list() -> None:
    reading = Reading(answered(replace(balances(), elsewhere=(elsewhere("SHARP", "1"),))))
    known = await reading.next()
    assert isinstance(known, Ok)
    assert known.value.of("SHARP") is None
    assert reading.session.count("deposits") == 0


async def test_an_empty_list_after_a_full_one_is_a_loss() -> None:
    reading = Reading(answered(FULL), answered(balances()))
    await reading.reader.read(max_age_s=5)
    doubted(await reading.next(), "balance.currency_missing")
    assert reading.session.count("deposits") == 0


async def test_a_new_account_has_nothing_of_what_a_list_that_is_not_empty_leaves_out() -> None:
    reading = Reading(answered(LESS))
    known = await reading.reader.read(max_age_s=5)
    assert isinstance(known, Ok)
    assert known.value.of("SHARP") == NOTHING


# -- who knows more


async def test_a_failure_is_handed_out_as_it_is_explained_at_that_time() -> None:
    reading = Reading(failed("access.refused"))
    diagnosis = {"access.refused": finding("access.refused")}
    reader = BalanceReader(
        reading.session,  # type: ignore[arg-type]
        reading.clock,
        spawn,
        reading.reads.append,
        lambda: None,
        lambda said: diagnosis[said.code],
    )
    known = await reader.read(max_age_s=5)
    diagnosis["access.refused"] = finding("ip.not_allowed")
    for shown in (reader.known(), await reader.read(max_age_s=5)):
        assert isinstance(shown, Unknown)
        assert shown.finding.code == "ip.not_allowed"
    assert isinstance(known, Unknown)
    assert known.finding.code == "access.refused"
    assert reader.failure is not None
    assert reader.failure.code == "ip.not_allowed"


async def test_fault_T2_a_wall_clock_that_is_set_makes_no_balance_older_or_younger() -> None:
    reading = Reading(answered(FIRST), failed())
    await reading.next()
    for hours in (2, -4, 2):
        reading.clock.step(3600 * hours)
        reading.reader.stepped(timedelta(hours=hours))
        known = reading.reader.known()
        assert isinstance(known, Ok)
        assert known.as_of == reading.clock.now()
    known = await reading.next()
    assert isinstance(known, Stale)
    assert reading.clock.now() - known.as_of == timedelta(seconds=5)


@pytest.mark.parametrize(("seconds", "moved"), [(32, 0), (-32, -32)])
async def test_fault_T2_a_balance_of_an_earlier_session_never_gets_younger(seconds: int, moved: int) -> None:
    reading = Reading(failed())
    reading.reader.restore(FIRST, NOW)
    reading.clock.step(seconds)
    reading.reader.stepped(timedelta(seconds=seconds))
    known = reading.reader.known()
    assert isinstance(known, Stale)
    assert known.as_of == NOW + timedelta(seconds=moved)


@pytest.mark.parametrize("seconds", [806, -806])
async def test_fault_T2_a_balance_of_an_earlier_session_has_its_time_again_with_the_clock(
    seconds: int,
) -> None:
    reading = Reading(failed())
    reading.reader.restore(FIRST, NOW)
    for by in (seconds, -seconds):
        reading.clock.step(by)
        reading.reader.stepped(timedelta(seconds=by))
    known = reading.reader.known()
    assert isinstance(known, Stale)
    assert known.as_of == NOW


@pytest.mark.parametrize("seconds", [-6, 6, 3600])
async def test_fault_T2_a_balance_that_was_read_after_the_clock_was_set_keeps_its_time(seconds: int) -> None:
    reading = Reading(answered(FIRST), answered(FIRST))
    await reading.next()
    reading.clock.step(seconds)
    await reading.next()
    read_at = reading.clock.now()
    reading.reader.stepped(timedelta(seconds=seconds))
    known = reading.reader.known()
    assert isinstance(known, Ok)
    assert known.as_of == read_at
