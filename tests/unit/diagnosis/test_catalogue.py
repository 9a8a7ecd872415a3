"""The catalogue: words for every reader, and what each code does to orders."""

import re
from dataclasses import replace
from itertools import combinations

import pytest

from tests.factories import NOW, balances, book, elsewhere, finding, market, sources
from trading_bridge.core.bot import BotState, StateCode
from trading_bridge.core.decision import Decision
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.core.known import Ok, Stale, Unknown
from trading_bridge.core.view import Sources, observe
from trading_bridge.diagnosis.catalogue import (
    TOPICS,
    Actor,
    ClientText,
    Effect,
    Row,
    codes,
    describe,
    effect_of,
    for_client,
    parameters_of,
    row_of,
    state_for_client,
    state_text,
    unattended_of,
)

ROWS = [(code, row) for rows in TOPICS.values() for code, row in rows.items()]
FINDINGS = [(code, row) for code, row in ROWS if row.is_finding]
IDS = [code for code, _ in ROWS]
FINDING_IDS = [code for code, _ in FINDINGS]

#: none of them can hold an address, a host, a part of a key or a name of ours
FOR_CLIENTS = {
    "exchange",
    "withdraw_by",
    "symbol",
    "currency",
    "listed_as",
    "side",
    "amount",
    "wallet",
    "price",
    "empty",
    "age_s",
    "open_orders",
    "spread_bps",
    "maximum_spread_bps",
    "bid_depth",
    "ask_depth",
    "minimum_depth",
    "short",
}
INTERNALS = re.compile(
    r"\b(hosts?|proxy|IP|IPv[46]|address\w*|DNS|TLS|HTTP|database|server|secret|signature|row|log|task|code)\b"
)


def clients(row: Row) -> list[ClientText]:
    """Each of its words for clients."""
    return [row.client, *(stage.client for stage in row.stages.values() if stage.client is not None)]


def found(code: str, **parameters: str) -> Finding:
    return Finding(code=code, severity=Severity.WARNING, since=NOW, parameters=parameters)


# -- every row is whole


@pytest.mark.parametrize(("code", "row"), ROWS, ids=IDS)
def test_a_row_is_written_in_whole_sentences(code: str, row: Row) -> None:
    for text in (row.text, *(stage.text for stage in row.stages.values())):
        assert text.title
        assert not text.title.endswith(".")
        assert text.cause.endswith((".", ".]"))
        assert text.fix == "" or text.fix.endswith((".", ".]"))
    told = [words for client in clients(row) for words in (client.text, client.money)]
    for sentence in (*told, row.unattended, *(stage.unattended or "." for stage in row.stages.values())):
        assert sentence.endswith(".")
        assert "  " not in sentence


@pytest.mark.parametrize(("code", "row"), ROWS, ids=IDS)
def test_a_row_is_shown_as_it_is_written(code: str, row: Row) -> None:
    """Pages know no markup: its signs would stand there as such."""
    texts = (row.text, *(stage.text for stage in row.stages.values()))
    words = [word for one in texts for word in (one.title, one.cause, one.fix)]
    for word in (*words, row.client.text, row.client.money, row.unattended):
        assert not re.search(r"[`*<>]|__|]\(", word), word


@pytest.mark.parametrize(("code", "row"), FINDINGS, ids=FINDING_IDS)
def test_a_finding_says_what_to_do(code: str, row: Row) -> None:
    assert row.text.fix
    assert row.effect is not Effect.UNKNOWN


def test_no_code_stands_in_two_topics() -> None:
    assert len(ROWS) == len(codes())


# -- the client's words


@pytest.mark.parametrize(("code", "row"), ROWS, ids=IDS)
def test_a_client_reads_no_address_and_nothing_internal(code: str, row: Row) -> None:
    for client in clients(row):
        told = f"{client.text} {client.money}"
        assert set(parameters_of(told)) <= FOR_CLIENTS
        assert not INTERNALS.search(told)
        assert len(re.findall(r"[.;:]\s", f"{client.text} ")) <= 2, "one or two plain sentences"


@pytest.mark.parametrize(("code", "row"), FINDINGS, ids=FINDING_IDS)
def test_a_client_is_told_that_what_stands_may_trade(code: str, row: Row) -> None:
    """Except before the first book, when recovery has cancelled what stood, and where nothing trades, or ever did."""
    nothing_stands = ("book.unknown", "order.overfilled", "exchange.closed", "exchange.uncertified")
    if row.effect is not Effect.TRADING_GOES_ON and code not in nothing_stands:
        assert "can still trade" in row.client.money


@pytest.mark.parametrize(("code", "row"), FINDINGS, ids=FINDING_IDS)
def test_what_a_client_can_mend_itself_is_said(code: str, row: Row) -> None:
    asked = re.search(r"\b(Deposit|Move|Withdraw|Sign in)\b", row.client.text) is not None
    assert (row.client.who_acts is Actor.YOU) is asked


def test_a_finding_whose_actor_depends_on_its_stage() -> None:
    assert for_client(found("exchange.no_answer", stage="timeout")).who_acts is Actor.EXCHANGE
    assert for_client(found("exchange.no_answer", stage="blocked")).who_acts is Actor.OPERATOR


def test_the_client_reads_the_currency_and_where_it_is() -> None:
    told = for_client(found("balance.other_wallet", currency="SHARP", amount="7", wallet="FUNDING", how="move it"))
    assert told.text.startswith("Your SHARP is in another wallet of your account (7 in FUNDING), where bots cannot")
    assert told.who_acts is Actor.YOU
    assert "in another wallet" in told.money


def test_a_stage_may_have_words_of_its_own_for_the_client_and_do_something_else() -> None:
    live, sandbox = found("exchange.closing", exchange="BitMart"), found("exchange.closing", stage="sandbox")
    assert (effect_of(live), for_client(live).who_acts) == (Effect.ORDERS_HELD, Actor.YOU)
    assert (effect_of(sandbox), for_client(sandbox).who_acts) == (Effect.TRADING_GOES_ON, Actor.NOBODY)
    assert "play money" in for_client(sandbox).text
    assert unattended_of(live) != unattended_of(sandbox)


# -- parameters


def test_an_optional_part_goes_with_its_parameter() -> None:
    assert describe(found("book.crossed")).title == "the order book is crossed"
    assert describe(found("book.crossed", symbol="SHARP/USDT")).title == "the order book of SHARP/USDT is crossed"
    assert describe(found("order.too_small", side="buy")).title == "the order is below the market's minimum (buy side)"


def test_a_parameter_that_must_be_there_and_is_not_reads_as_what_it_is() -> None:
    assert describe(found("config.invalid")).title == "the configuration is not valid: (fields not stated)"


def test_a_value_is_never_read_as_a_text() -> None:
    title = describe(found("config.invalid", fields="{stage} [x] {0}")).title
    assert title == "the configuration is not valid: {stage} [x] {0}"


@pytest.mark.parametrize(("code", "row"), ROWS, ids=IDS)
def test_only_parameters_stand_in_braces(code: str, row: Row) -> None:
    texts = [row.text, *(stage.text for stage in row.stages.values())]
    for sentence in (row.client.text, row.client.money, *(s for t in texts for s in (t.title, t.cause, t.fix))):
        assert sentence.count("{") == len(list(parameters_of(sentence)))
        for part in re.findall(r"\[([^\]]*)\]", sentence):
            assert list(parameters_of(part)), "an optional part has a parameter"
    assert not list(parameters_of(row.unattended.replace("{currency}", "")))


# -- stages

STAGES = {
    "exchange.unreachable": {"private", "dns", "tcp", "tls", "timeout", "address"},
    "exchange.no_answer": {
        "timeout",
        "reset",
        "server error",
        "gateway",
        "empty",
        "html",
        "blocked",
        "unreadable",
    },
    "order.contradictory": {
        "overfilled",
        "negative",
        "shrunk",
        "second exchange id",
        "other side",
        "in the future",
        "reopened",
        "unknown",
    },
    "proxy.unreachable": {"dns", "tcp", "tls", "timeout", "tunnel", "silent", "address", "private"},
    "runner.down": {"platform"},
    "exchange.closing": {"sandbox"},
    "exchange.closed": {"sandbox"},
}


@pytest.mark.parametrize("code", STAGES)
def test_each_stage_has_its_own_cause_and_fix(code: str) -> None:
    assert row_of(code).stages.keys() == STAGES[code]
    texts = [describe(found(code, stage=stage)) for stage in sorted(STAGES[code])]
    for one, other in combinations([describe(found(code)), *texts], 2):
        assert one.title != other.title
        assert one.cause != other.cause


def test_a_stage_that_has_no_words_reads_as_the_code() -> None:
    assert describe(found("exchange.unreachable", stage="warp")).title == "the exchange cannot be reached (warp)"


# -- what it does to orders


@pytest.mark.parametrize(
    "read",
    [
        sources(rules=Unknown(finding=finding("market.unverified"))),
        sources(rules=Ok(value=market(active=False), as_of=NOW)),
        sources(rules=Ok(value=market(), as_of=NOW.replace(year=2025))),
        sources(book=Unknown(finding=finding("book.unknown"))),
        sources(book=Ok(value=book(), as_of=NOW.replace(year=2025))),
        sources(book=Ok(value=book(bids=((25620, 1),)), as_of=NOW)),
        sources(book=Ok(value=book(bids=(), asks=()), as_of=NOW)),
        sources(book=Stale(value=book(), as_of=NOW, finding=finding("book.frozen"))),
        sources(balances=Unknown(finding=finding("balance.unknown"))),
        sources(balances=Ok(value=balances(SHARP="1"), as_of=NOW.replace(year=2025))),
        sources(balances=Ok(value=balances(complete=False, SHARP="1"), as_of=NOW)),
        sources(
            balances=Stale(
                value=balances(SHARP="1"), as_of=NOW.replace(year=2025), finding=finding("credentials.rejected")
            )
        ),
    ],
    ids=lambda read: None,
)
def test_the_effect_is_what_a_cycle_does(read: Sources) -> None:
    decision = observe(read, "SHARP/USDT", NOW)
    assert isinstance(decision, Decision)
    does = Effect.ORDERS_HELD if decision.wanted is None else Effect.ORDERS_CANCELLED
    assert row_of(decision.reason.code).effect is does
    if decision.finding is not None:
        assert row_of(decision.finding.code).effect is does


def test_money_elsewhere_holds_the_orders() -> None:
    held = replace(balances(USDT="5"), elsewhere=(elsewhere("SHARP", "7"),))
    moved = sources(balances=Ok(value=held, as_of=NOW))
    decision = observe(moved, "SHARP/USDT", NOW)
    assert isinstance(decision, Decision)
    assert decision.wanted is None
    assert row_of(decision.reason.code).effect is Effect.ORDERS_HELD


# -- codes without a row


def test_an_unknown_code_is_shown_as_itself() -> None:
    assert describe(found("new.code")).title == "new.code"
    assert "new.code" in for_client(found("new.code")).text
    assert row_of("new.code").effect is Effect.UNKNOWN
    assert row_of("new.code").wakes


# -- states


def state(code: StateCode, reason: str, **parameters: str) -> BotState:
    return BotState(code=code, reason=reason, parameters=parameters, since=NOW)


def test_a_state_says_what_and_why() -> None:
    assert state_text(state(StateCode.TRADING, "quoting")) == "Trading: bid and ask are in the book"
    blocked = state(StateCode.BLOCKED, "connector.missing", connector="main", account="acme", existing="none")
    assert state_text(blocked) == "Blocked: the client has no connector main"
    assert state_text(state(StateCode.DOWN, "runner.down")) == "Not running: nothing runs this bot"


def test_a_client_reads_a_state_without_internals() -> None:
    blocked = state(StateCode.BLOCKED, "ip.not_allowed", addresses="192.0.2.7", family="ipv4")
    assert "192.0.2.7" in describe(found("ip.not_allowed", addresses="192.0.2.7")).fix
    assert "192.0.2.7" not in state_for_client(blocked)
    assert state_for_client(blocked).startswith("Blocked. The exchange accepts the key")
    assert state_for_client(state(StateCode.TRADING, "quoting")) == "Trading: bid and ask are in the book"


@pytest.mark.parametrize("stage", ["tunnel", "silent"])
def test_a_proxy_that_opens_no_way_is_told_for_proxies_of_every_kind_and_port(stage: str) -> None:
    parameters = {"stage": stage, "detail": "no answer in time"}
    told = describe(Finding(code="proxy.unreachable", severity=Severity.WARNING, since=NOW, parameters=parameters))
    for word in ("CONNECT ", "443"):
        assert word not in told.fix
    assert ("The proxy answers" in told.cause) is (stage == "tunnel")
