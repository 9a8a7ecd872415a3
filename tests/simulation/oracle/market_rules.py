"""Where the market's rules are known no order breaks them, and none is refused for them."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, ClassVar

from tests.simulation.loop import Life
from tests.simulation.oracle.delivered import Delivered, RulesAnswer, last_before
from tests.simulation.oracle.invariant import Facts, Invariant
from tests.simulation.oracle.ours import Ours, shared
from tests.simulation.watch import Call, Heard

#: an answer is under way no longer, in seconds
ANSWERED_WITHIN_S = 60.0
#: a decision is signed, or dropped, within this (faults N7), in seconds
DECISION_AGE_S = 5.0


class InRules(Invariant):
    id: ClassVar[str] = "I10"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self.ours = shared(facts, Ours)
        self.delivered = shared(facts, Delivered)
        self._rules_changed_s = float("-inf")
        #: until then a fault may refuse for no reason
        self._refused_until_s = float("-inf")
        #: from when to when a key was examined: the doctor reads rules for itself, and no order goes by them
        self._examined: list[tuple[float, float]] = []
        self._asked_s = 0.0

    def fault(self, fault_id: str, what: str, **more: object) -> None:
        now = self.world.loop.time()
        if fault_id == "X14":
            self._rules_changed_s = now
        elif fault_id == "X2":
            self._refused_until_s = now + ANSWERED_WITHIN_S if what == "heals" else float("inf")

    def did(self, actor: str, what: str, **more: object) -> None:
        self._asked_s = self.world.loop.time()

    def served(self, life: Life, method: str, path: str, status: int, body: bytes) -> None:
        if method in ("POST", "PUT") and "/connectors" in path:
            self._examined.append((self._asked_s, self.world.loop.time()))

    def departed(self, call: Call) -> None:
        if call.is_create and not any(_keeps(call, rules) for rules in self._known(call)):
            self.broken(f"{call.client_order_id} {call.amount}@{call.price} breaks the rules of {call.symbol_code}")

    def heard(self, call: Call, answer: Heard) -> None:
        if not call.is_create or not call.wire.says_rule_broken(answer.code, answer.body):
            return
        decided_s = self.ours.signed_s(call)[0] - DECISION_AGE_S
        told = [one for one in self.delivered.rules.get(call.life.name, ()) if not self._is_doctors(one)]
        known = last_before(told, decided_s)
        #: rules that changed after they were last read are not known (X14); X2 refuses whatever comes
        if (
            known is not None
            and known.made_s > self._rules_changed_s
            and (self.world.loop.time() > self._refused_until_s)
        ):
            self.broken(f"{call.client_order_id} {call.amount}@{call.price} is refused with {answer.code}")

    def _known(self, call: Call) -> Iterator[Mapping[str, Any]]:
        """The market's, newest first, as they were told since the order was decided at the earliest."""
        decided_s = self.ours.signed_s(call)[0] - DECISION_AGE_S
        for answer in reversed(self.delivered.rules.get(call.life.name, ())):
            if call.symbol_code in answer.rows:
                yield answer.rows[call.symbol_code]
            if answer.heard_s < decided_s and not self._is_doctors(answer):
                return

    def _is_doctors(self, answer: RulesAnswer) -> bool:
        return any(began_s <= answer.heard_s <= ended_s for began_s, ended_s in self._examined)


def _keeps(call: Call, rules: Mapping[str, Any]) -> bool:
    return (
        _is_whole(call.price, int(rules["tickSz"]))
        and _is_whole(call.amount, int(rules["lotSz"]))
        and call.price >= Decimal(rules["minLmtPr"])
        and call.amount >= Decimal(rules["minLmtSz"])
    )


def _is_whole(value: Decimal, decimals: int) -> bool:
    scaled = value.scaleb(decimals)
    return scaled == scaled.to_integral_value()
