"""What watchers and faults take each exchange's words for, the platform takes them for, too."""

import json
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from random import Random
from typing import Any

import pytest
from ccxt.base.errors import ExchangeError

from tests.simulation.faults import CATALOGUE
from tests.simulation.faults.fault import Stage
from tests.simulation.faults.spell import Spell
from tests.simulation.faults.target import ACTIVE, BALANCES, DEPTH, INFO, MATCHES, SYMBOLS
from tests.simulation.people import People
from tests.simulation.run import simulate
from tests.simulation.scenario import Dose, Scenario, draw
from tests.simulation.trouble import Effect
from tests.simulation.watch import CANCEL, PLACE, Call, Heard, Watcher
from tests.simulation.wires import WIRES
from tests.simulation.wires.wire import Answered, Nothing, Said
from tests.simulation.world import World
from trading_bridge.exchanges.cause import Ending
from trading_bridge.exchanges.causes import cause_of
from trading_bridge.exchanges.registry import exchange_info
from trading_bridge.exchanges.trace import CallTrace
from trading_bridge.sandbox.orders import SandboxOrder
from trading_bridge.sandbox.rules import Refusal

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
MINUTES = 0.5
#: what says something else than the exchange
REWRITING = (
    *("X3", "X4-hidden", "X8", "X10", "X11-numbers", "X11-unparsable", "X12-nothing", "X13", "X15-delisted"),
    *("X23-absent", "X1-code", "X2-refused", "X19-refused", "X5-not-found", "N6"),
)
#: where a cancel that is answered is done
CANCELS_AT_ONCE = ("binance",)
#: of each fault, since one of them is drawn for a part of the endpoints
EACH = 6

#: the exchange publishes no code of it, so the platform takes the sandbox's for no proof
UNPUBLISHED = {("coinstore", Said.TOO_SMALL): (Ending.UNRESOLVED, "exchange.unrecognised")}

exchanges = pytest.mark.parametrize("exchange", WIRES)


def cause(exchange: str, answered: Answered, call: str = "create_order") -> tuple[Ending, str]:
    info = exchange_info(exchange)
    assert info is not None
    trace = CallTrace(
        call=call,
        form=info.wire.envelope,
        began=True,
        status=answered.status,
        body=answered.body.decode(),
        response=json.loads(answered.body),
    )
    found = cause_of(ExchangeError("said no"), trace, wire=info.wire, at=NOW)
    return found.ending, found.code


@exchanges
@pytest.mark.parametrize(
    ("said", "code"),
    [
        (Said.NOT_FOUND, "order.not_found"),
        (Said.BAD_REQUEST, "order.refused"),
        (Said.PRECISION, "order.precision"),
        (Said.TOO_SMALL, "order.too_small"),
        (Said.FUNDS, "balance.insufficient"),
    ],
)
def test_words_of_a_refusal(exchange: str, said: Said, code: str) -> None:
    answered = WIRES[exchange].refused(said, PLACE)
    assert cause(exchange, answered) == UNPUBLISHED.get((exchange, said), (Ending.REFUSED, code))
    assert WIRES[exchange].opened(answered.body) is None
    assert WIRES[exchange].data(answered.body) is None


@exchanges
def test_words_of_a_cancel_that_finds_nothing(exchange: str) -> None:
    answered = WIRES[exchange].refused(Said.NOT_FOUND, CANCEL)
    assert cause(exchange, answered, "cancel_order") == (Ending.REFUSED, "order.not_found")


@exchanges
def test_a_code_that_no_table_knows_proves_nothing(exchange: str) -> None:
    assert cause(exchange, WIRES[exchange].odd(7123)) == (Ending.UNRESOLVED, "exchange.unrecognised")


@exchanges
@pytest.mark.parametrize("form", Nothing)
def test_an_answer_without_data_says_nothing(exchange: str, form: Nothing) -> None:
    assert not WIRES[exchange].data(WIRES[exchange].nothing(form))


class Answers(Watcher):
    """Good answers, as they came, by endpoint."""

    def __init__(self) -> None:
        self.heard_of: dict[str, list[tuple[Call, Heard]]] = {}

    def heard(self, call: Call, answer: Heard) -> None:
        place = next((one for one in SEEN if call.endpoint.startswith(one)), None)
        if place is not None and call.wire.opened(answer.body) is not None:
            self.heard_of.setdefault(place, []).append((call, answer))


SEEN = (PLACE, CANCEL, ACTIVE, INFO, MATCHES, BALANCES, SYMBOLS, DEPTH)


@exchanges
def test_answers_are_read_and_said_again_as_they_were(exchange: str) -> None:
    answers, wire = Answers(), WIRES[exchange]
    simulate(1, MINUTES, scenario=at(exchange), watch=lambda world: answers)
    assert answers.heard_of.keys() == set(SEEN)
    for call, answer in (one for heard in answers.heard_of.values() for one in heard):
        opened = call.wire.opened(answer.body)
        assert opened is not None
        assert json.loads(opened.closed(opened.data)) == json.loads(answer.body)
    fields = {
        ACTIVE: {wire.name("ordId"), wire.name("clOrdId"), *wire.amount_fields} - {"balance", "execQty", "qty"},
        MATCHES: {wire.name("id"), *wire.fee_fields},
        BALANCES: set(wire.balance_fields),
    }
    for place, wanted in fields.items():
        (row, *_) = next(rows for rows in map(_rows, answers.heard_of[place]) if rows)
        assert wanted - row.keys() <= set(wire.balance_fields), place
    (trade, *_) = next(rows for rows in map(_rows, answers.heard_of[MATCHES]) if rows)
    begun = next(iter(answers.heard_of[PLACE]))[0].signed_ms
    assert begun is not None
    assert 0 <= wire.traded_ms(trade) - begun < 1000 * 60 * (MINUTES + 5)
    assert wire.code_of(_rows(answers.heard_of[SYMBOLS][0])[0]) == "SHARPUSDT"


def _rows(heard: tuple[Call, Heard]) -> list[dict[str, Any]]:
    opened = heard[0].wire.opened(heard[1].body)
    assert opened is not None
    return opened.data if isinstance(opened.data, list) else [opened.data]


class Rehearsal(Watcher):
    """Which faults would have changed an answer, or given one themselves; nothing comes of it."""

    def __init__(self, world: World, scenario: Scenario) -> None:
        self._scenario = scenario
        self._wire = WIRES[scenario.accounts[0].exchange]
        self._effects: dict[Effect, str] = {}
        self.struck: set[str] = set()
        #: answers to a cancel that is only heard
        self.heard_cancels: list[bytes | None] = []
        for key, again in product(REWRITING, range(EACH)):
            rng, spell = Random(f"{key} {again}"), CATALOGUE[key]()
            assert isinstance(spell, Spell)
            with ExitStack() as undo:
                spell.begin(Stage(world=world, people=People(world), scenario=scenario, dose=Dose.HEAVY, rng=rng), undo)
                self._effects[world.trouble.effects[-1]] = key

    def heard(self, call: Call, answer: Heard) -> None:
        for effect, key in self._effects.items():
            if effect.hits(call) and (effect.instead(call) or effect.altered(call, answer)) is not answer:
                self.struck.add(key)

    def placed(self, order: SandboxOrder | Refusal, account: str, client_order_id: str) -> None:
        if isinstance(order, SandboxOrder) and self._scenario.accounts[0].exchange_account == account:
            self.heard_cancels.append(self._wire.cancels_later(order))


@exchanges
def test_faults_of_answers_strike_wherever_an_account_is(exchange: str) -> None:
    rehearsals: list[Rehearsal] = []

    def watch(world: World) -> Rehearsal:
        rehearsals.append(Rehearsal(world, at(exchange)))
        return rehearsals[0]

    simulate(1, MINUTES, scenario=at(exchange), watch=watch, judged=False)
    assert rehearsals[0].struck == set(REWRITING)
    answers = rehearsals[0].heard_cancels
    if exchange in CANCELS_AT_ONCE:
        assert set(answers) == {None}
    else:
        assert all(answer is not None and WIRES[exchange].opened(answer) is not None for answer in answers)


def at(exchange: str) -> Scenario:
    return replace(draw(1, MINUTES, (), (exchange,)), doses={})
