"""X17: the exchange takes back what it has recorded."""

from typing import ClassVar

from tests.simulation.faults.fault import Stage
from trading_bridge.core.order import Side
from trading_bridge.sandbox.accounts import EntryKind
from trading_bridge.sandbox.orders import Fill


class RolledBack:
    """The balances are as if the last fill had never been, while the fill is still told; later it counts again."""

    id: ClassVar[str] = "X17"

    def __init__(self) -> None:
        self._taken_back: list[Fill] = []

    async def run(self, stage: Stage) -> None:
        while True:
            await stage.pause(60.0)
            fill = self._last(stage)
            if fill is None or not self._post(stage, fill, -1):
                continue
            self._taken_back.append(fill)
            stage.world.watchers.fault(self.id, "begins", account=fill.account, fill=fill.id)
            await stage.world.clock.sleep(stage.rng.uniform(5.0, 45.0))
            self._give(stage)

    async def heal(self, stage: Stage) -> None:
        self._give(stage)

    def _last(self, stage: Stage) -> Fill | None:
        """Told to the platform some time ago."""
        plan, engine = stage.rng.choice(stage.scenario.accounts), stage.world.exchange.engine
        symbol = stage.rng.choice(plan.bots).symbol
        engine.commit()
        fills = engine.store.fills(plan.exchange_account, symbol, order_id=None, side=None, offset=0, limit=20)
        return next((fill for fill in fills if fill.time_ms < engine.now_ms() - 15_000), None)

    def _give(self, stage: Stage) -> None:
        for fill in self._taken_back:
            self._post(stage, fill, 1)
            stage.world.watchers.fault(self.id, "heals", account=fill.account, fill=fill.id)
        self._taken_back.clear()

    def _post(self, stage: Stage, fill: Fill, sign: int) -> bool:
        """False: it has not so much free any more."""
        engine = stage.world.exchange.engine
        rules, account = engine.rules(fill.symbol), engine.directory.account(fill.account)
        base, quote = fill.lots * rules.atoms_per_lot, fill.price * fill.lots * rules.atoms_per_unit
        if fill.side is Side.BUY:
            moved = {rules.base: base - fill.fee, rules.quote: -quote}
        else:
            moved = {rules.base: -base, rules.quote: quote - fill.fee}
        if any(account.purse(currency).free + sign * atoms < 0 for currency, atoms in moved.items()):
            return False
        engine.ledger.begin(engine.now_ms())
        for currency, atoms in moved.items():
            engine.ledger.post(account, currency, EntryKind.TRADE, fill.match_id, free=sign * atoms)
            stage.world.watchers.transferred(fill.account, currency, sign * atoms)
        engine.commit()
        return True
