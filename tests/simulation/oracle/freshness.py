"""No order is decided on a book, balance or rule set that is older than its limit when the order is signed."""

from collections.abc import Sequence
from typing import ClassVar

from tests.simulation.oracle.delivered import Answer, Delivered, last_before
from tests.simulation.oracle.invariant import Facts, Invariant
from tests.simulation.oracle.ours import Ours, shared
from tests.simulation.watch import Call

#: since the server heard it (`core/view.py`), in seconds
BOOK_AGE_S, BALANCE_AGE_S, RULES_AGE_S = 3.0, 10.0, 3600.0
#: a read that takes longer is given up (`exchanges/session.py`): its answer is at most so much older than it seems
PATIENCE_S = 5.0
#: a signature has whole milliseconds
_MILLISECOND_S = 0.001


class Fresh(Invariant):
    id: ClassVar[str] = "I18"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self.ours = shared(facts, Ours)
        self.delivered = shared(facts, Delivered)

    def departed(self, call: Call) -> None:
        if not call.is_create:
            return
        moments = self.ours.signed_s(call)
        life, delivered = call.life.name, self.delivered
        self._check(call, moments, "book", delivered.books.get((life, call.symbol_code)), BOOK_AGE_S)
        self._check(call, moments, "balance", delivered.balances.get((life, call.api_key)), BALANCE_AGE_S)
        self._check(call, moments, "rules", delivered.rules.get(life), RULES_AGE_S)

    def _check(
        self, call: Call, moments: list[float], what: str, answers: Sequence[Answer] | None, limit_s: float
    ) -> None:
        if any(_is_fresh(answers, moment_s, limit_s) for moment_s in moments):
            return
        last = last_before(answers, moments[-1] + _MILLISECOND_S)
        self.broken(f"{call.client_order_id} was signed at {moments[-1]:.3f} s by a {what} of {last}")


def _is_fresh(answers: Sequence[Answer] | None, moment_s: float, limit_s: float) -> bool:
    last = last_before(answers, moment_s + _MILLISECOND_S)
    if last is None:
        return False
    age_s = limit_s + _MILLISECOND_S
    return moment_s - last.heard_s <= age_s and moment_s - last.made_s <= age_s + PATIENCE_S
