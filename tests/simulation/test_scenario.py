"""What a seed draws: accounts at several exchanges, and everything else as if they were at one."""

from collections import Counter
from dataclasses import replace

import pytest

from tests.simulation.faults import CATALOGUE
from tests.simulation.scenario import EXCHANGES, Scenario, draw
from tests.simulation.wires import WIRES

SEEDS = range(1, 801)


def test_accounts_are_at_each_exchange_as_often_as_it_stands_there() -> None:
    accounts = [account for seed in SEEDS for account in draw(seed, 1, ()).accounts]
    found = Counter(account.exchange for account in accounts)
    assert found.keys() == WIRES.keys()
    for exchange, share in Counter(EXCHANGES).items():
        assert found[exchange] / len(accounts) == pytest.approx(share / len(EXCHANGES), abs=0.03)


def test_all_else_is_the_same_wherever_accounts_are() -> None:
    for seed in SEEDS:
        one, other = (draw(seed, 1, CATALOGUE, at) for at in (EXCHANGES, ("coinstore",)))
        assert _anywhere(one) == _anywhere(other)


def _anywhere(scenario: Scenario) -> Scenario:
    accounts = (
        replace(account, exchange="", connectors=(), bots=tuple(replace(bot, connector="") for bot in account.bots))
        for account in scenario.accounts
    )
    return replace(scenario, accounts=tuple(accounts))


def test_an_account_that_no_answer_names_has_one_connector() -> None:
    several = {
        account.exchange for seed in SEEDS for account in draw(seed, 1, ()).accounts if len(account.connectors) > 1
    }
    assert several == {exchange for exchange, wire in WIRES.items() if wire.names_accounts}
