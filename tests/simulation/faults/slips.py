"""Slips of the hand, which are refused, and limits that are meant and too tight for what is held."""

from collections.abc import Callable, Mapping
from typing import ClassVar

from tests.simulation.faults.desk import clear_limits, everything_well, members
from tests.simulation.faults.fault import Fault, Stage
from tests.simulation.people import AGAIN_AFTER_S

#: no bot takes them: beyond the market's or the platform's bounds, or against each other
ABSURD_CONFIGS: tuple[Mapping[str, str], ...] = (
    {"spread_bps": "0"},
    {"spread_bps": "-20"},
    {"spread_bps": "20000"},
    {"spread_bps": "NaN"},
    {"order_amount_quote": "0"},
    {"order_amount_quote": "50000000"},
    {"spread_bps": "20", "refresh_tolerance_bps": "15"},
    {"spread": "20"},
)
#: of base; no account holds it
EXCESS = "900000000"
#: beyond bounds, in the wrong order, or ten times the default without a word that it is meant
ABSURD_LIMITS: tuple[Mapping[str, str], ...] = (
    {"max_order_share": "2"},
    {"max_open_orders": "-1"},
    {"max_open_orders": "2.5"},
    {"collar_bps": "5000"},
    {"max_order_notional": "5000000"},
    {"drawdown_widen_share": "0.5"},
    {"no_such_limit": "1"},
)
#: below what bots hold or have open, or so low that it is soon hit
TIGHT_LIMITS: tuple[Mapping[str, str], ...] = (
    {"max_open_orders": "1"},
    {"max_exposure_share": "0.0005"},
    {"max_order_notional": "8"},
    {"max_inventory_share": "0"},
    {"orders_per_minute": "6"},
    {"cancels_per_minute": "3"},
    {"collar_bps": "5"},
    {"fee_share": "0.0001"},
    {"execution_loss_share": "0.0001"},
    {"refusals_in_row": "1"},
)


class SlipOfTheHand:
    """Values that nobody can mean: each is refused, and nothing of it is stored; a budget beyond what an account holds
    is taken where nobody can say what it holds, and put back."""

    id: ClassVar[str] = "O1"

    def __init__(self) -> None:
        self._taken: dict[str, Mapping[str, str]] = {}  # path of a bot -> the budget that it had

    async def run(self, stage: Stage) -> None:
        rng = stage.rng
        while True:
            await stage.pause(25.0)
            member = rng.choice(members(stage))
            name, bot_id = rng.choice(list(member.bots.items()))
            path = f"/bots/{bot_id}"
            excess: tuple[str, object] = (path, {"budget": {"base": EXCESS, "quote": "1"}})
            asked: tuple[str, object] = rng.choice(
                (
                    (path, {"config": dict(rng.choice(ABSURD_CONFIGS))}),
                    excess,
                    (path, {"budget": {"base": "-1", "quote": "1"}}),
                    (f"/limits/bot/{bot_id}", {"limits": dict(rng.choice(ABSURD_LIMITS))}),
                )
            )
            stage.world.watchers.fault(self.id, "strikes", path=asked[0])
            if asked is excess:
                plan = next((one for one in member.plan.bots if one.name == name), member.plan.bots[0])
                self._taken[path] = {"base": plan.base, "quote": plan.quote}
            said = await stage.people.call("PUT", *asked)
            if asked is not excess:
                assert said is None or said.status >= 400, f"O1: {asked} was taken"
            elif said is not None:
                await self._put_back(stage, path, was_taken=said.status < 400)

    async def heal(self, stage: Stage) -> None:
        """Nothing of it stays."""
        for path in list(self._taken):
            await self._put_back(stage, path, was_taken=True)

    async def _put_back(self, stage: Stage, path: str, *, was_taken: bool) -> None:
        if was_taken:
            said = await stage.people.call("PUT", path, {"budget": self._taken[path]})
            while said is None or said.status >= 500:
                await stage.world.clock.sleep(AGAIN_AFTER_S)
                said = await stage.people.call("PUT", path, {"budget": self._taken[path]})
        del self._taken[path]


class TightLimits:
    """A limit lowered below what is held or open, for a bot, for all of a client or of the platform."""

    id: ClassVar[str] = "O1"

    async def run(self, stage: Stage) -> None:
        rng = stage.rng
        while True:
            await stage.pause(60.0)
            member, limits = rng.choice(members(stage)), dict(rng.choice(TIGHT_LIMITS))
            kind, scope_id = rng.choice(
                (
                    ("bot", rng.choice(list(member.bots.values()))),
                    ("client", member.client_id),
                    ("platform", "-"),
                )
            )
            if kind != "bot":
                limits = {f"bot.{name}": value for name, value in limits.items()}
            stage.world.watchers.fault(self.id, "strikes", kind=kind, limits=",".join(limits))
            await stage.people.call("PUT", f"/limits/{kind}/{scope_id}", {"limits": limits})
            await stage.world.clock.sleep(rng.uniform(1.0, 30.0))
            if rng.random() < 0.6:
                await clear_limits(stage)

    async def heal(self, stage: Stage) -> None:
        await everything_well(stage)


SLIPS: Mapping[str, Callable[[], Fault]] = {
    "O1": SlipOfTheHand,
    "O1-limits": TightLimits,
}
