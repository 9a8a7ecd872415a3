"""Whom a fault of requests hits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from tests.simulation.faults.fault import Stage
from tests.simulation.watch import CANCEL, CANCEL_ALL, PLACE, Call

ACTIVE = "/trade/order/active"
INFO = "/v2/trade/order/orderInfo"
MATCHES = "/trade/match/accountMatches"
BALANCES = "/spot/accountList"
SYMBOLS = "/v2/public/config/spot/symbols"
DEPTH = "/v1/market/depth"
TRADES = "/v1/market/trade"
RECORDS = "/fi/v3/asset"

CREATES = (PLACE,)
CANCELS = (CANCEL, CANCEL_ALL)
READS = (ACTIVE, INFO, MATCHES, BALANCES, SYMBOLS, DEPTH, TRADES, RECORDS)
EVERYTHING = (*CREATES, *CANCELS, *READS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """None, or an empty tuple: everybody, everything."""

    server: str | None = None
    account: str | None = None
    #: how endpoints begin
    endpoints: tuple[str, ...] = ()
    #: lower case, without a separator
    symbol_code: str | None = None
    #: of those that are meant, how many are hit
    share: float = 1.0

    @property
    def words(self) -> Mapping[str, object]:
        named = {"server": self.server, "account": self.account, "symbol": self.symbol_code}
        found: dict[str, object] = {name: value for name, value in named.items() if value is not None}
        if self.endpoints:
            found["endpoints"] = ",".join(self.endpoints)
        if self.share < 1:
            found["share"] = f"{self.share:g}"
        return found

    def test(self, stage: Stage) -> Callable[[Call], bool]:
        """A draw for each request that is meant."""
        rng, directory = Random(f"{stage.rng.random()}"), stage.world.exchange.engine.directory

        def meant(call: Call) -> bool:
            if self.server not in (None, call.life.name):
                return False
            if self.endpoints and not call.endpoint.startswith(self.endpoints):
                return False
            if self.account is not None:
                key = None if call.api_key is None else directory.key(call.api_key)
                if key is None or key.account != self.account:
                    return False
            if self.symbol_code is not None and symbol_of(call) != self.symbol_code:
                return False
            return self.share >= 1 or rng.random() < self.share

        return meant


def draw(stage: Stage, *endpoints: str, share: tuple[float, float] = (1.0, 1.0), anywhere: bool = False) -> Target:
    """Of these endpoints all or one; of everybody, one account, one server's line or, `anywhere` not, one market."""
    rng = stage.rng
    chosen = endpoints if rng.random() < 0.5 or len(endpoints) < 2 else (rng.choice(endpoints),)
    servers = [server.life.name for server in stage.world.servers if server.life.alive]
    plan = rng.choice(stage.scenario.accounts)
    symbol = rng.choice(plan.bots).symbol.replace("/", "").lower()
    whom = rng.random()
    of_market = not anywhere and all(one in (*CREATES, *CANCELS, DEPTH, MATCHES) for one in chosen)
    return Target(
        server=rng.choice(servers) if whom < 0.2 and servers else None,
        account=plan.exchange_account if 0.2 <= whom < 0.4 and DEPTH not in chosen else None,
        endpoints=chosen,
        symbol_code=symbol if of_market and 0.4 <= whom < 0.6 else None,
        share=rng.uniform(*share),
    )


def symbol_of(call: Call) -> str | None:
    named = call.fields.get("symbol")
    return str(named if named is not None else call.endpoint.rpartition("/")[2]).lower()
