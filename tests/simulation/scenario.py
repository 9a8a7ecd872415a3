"""What a seed draws: who trades where, how busy it is, and how much of which fault."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from tests.simulation.exchange import TOKENS
from tests.simulation.wires import WIRES


class Dose(StrEnum):
    NONE = "none"
    LIGHT = "light"
    HEAVY = "heavy"


@dataclass(frozen=True, slots=True, kw_only=True)
class BotPlan:
    name: str
    symbol: str
    connector: str
    config: dict[str, str]
    #: of the exchange account, for this bot
    base: str
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPlan:
    """A client with one exchange account, which one or two of its connectors open."""

    client: str
    #: its name at the exchange
    exchange_account: str
    connectors: tuple[str, ...]
    deposits: dict[str, str]
    bots: tuple[BotPlan, ...]
    exchange: str = "coinstore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    seed: int
    #: how long faults are put in; healing comes after it
    fault_s: float
    accounts: tuple[AccountPlan, ...]
    #: servers that share the database; one trades, the others stand by
    servers: int
    each_way_s: float
    #: how often everybody else moves on the markets
    crowd_every_s: float
    #: fault key -> dose; those that are left out have none
    doses: dict[str, Dose]

    @property
    def markets(self) -> int:
        return sum(len({bot.symbol for bot in account.bots}) for account in self.accounts)

    @property
    def window_s(self) -> float:
        """Of all accounts' exchanges the longest."""
        return max(WIRES[account.exchange].window_s for account in self.accounts)

    @property
    def calm(self) -> bool:
        return not self.doses

    def lines(self) -> Iterable[str]:
        """For the head of a trace."""
        yield f"seed {self.seed}: {self.fault_s:g} s of faults, servers: {self.servers}, each way {self.each_way_s:g} s"
        for account in self.accounts:
            bots = ", ".join(f"{bot.name} on {bot.symbol} by {bot.connector}" for bot in account.bots)
            yield f"{account.client} at {account.exchange}: {bots}"
        yield "faults: " + (", ".join(f"{key} {dose}" for key, dose in self.doses.items()) or "none")


#: of the seeds without a fault of their own one in so many has none at all
CALM_EVERY = 4
#: where accounts are, as often as it stands there
EXCHANGES = (*("coinstore",) * 4, *("binance",) * 3, "bitmart")
#: the share of all faults that comes beside a seed's own
FEW = 0.02


def draw(seed: int, minutes: float, faults: Iterable[str], exchanges: Sequence[str] = EXCHANGES) -> Scenario:
    """`faults`: the keys of all that there are, in a fixed order. All else is the same for whatever `exchanges`."""
    rng = Random(f"{seed}/scenario")
    accounts = _accounts(rng, Random(f"{seed}/exchanges"), exchanges)
    keys = tuple(faults)
    main = _main(seed, keys)
    calm = main is None and rng.randrange(CALM_EVERY) == 0
    #: of the others some seeds have a few, some nearly all, and then hardly anything is traded while they last
    density = FEW if main is not None else rng.choice((0.08, 0.2, 0.45))
    doses: dict[str, Dose] = {}
    for key in keys:
        draw_, heavy = rng.random(), rng.random()
        if key == main:
            doses[key] = Dose.HEAVY
        elif not calm and draw_ < density:
            doses[key] = Dose.HEAVY if heavy < 0.3 else Dose.LIGHT
    return Scenario(
        seed=seed,
        fault_s=minutes * 60,
        accounts=accounts,
        servers=rng.choice((1, 1, 2)),
        each_way_s=rng.choice((0.005, 0.02, 0.08)),
        crowd_every_s=rng.choice((0.5, 1.0, 2.0)),
        doses=doses,
    )


def _main(seed: int, keys: tuple[str, ...]) -> str | None:
    """Two of three seeds have a fault of their own, one after the other, and few beside it: each fault has seeds in
    which the platform trades. None: this one has none of its own."""
    third, place = divmod(seed, 3)
    return keys[(2 * third + place - 1) % len(keys)] if place and keys else None


def _accounts(rng: Random, of_exchanges: Random, exchanges: Sequence[str]) -> tuple[AccountPlan, ...]:
    tokens = iter(TOKENS)
    accounts = []
    for place in range(rng.choice((1, 1, 1, 2))):
        client = f"client_{place + 1}"
        exchange = of_exchanges.choice(exchanges)
        one = rng.random() < 0.8 or not WIRES[exchange].names_accounts
        connectors = (exchange,) if one else (exchange, "second")
        symbols = [f"{next(tokens)}/USDT" for _ in range(rng.choice((1, 1, 2)))]
        bots = []
        for number, symbol in enumerate([*symbols, *([symbols[0]] if rng.random() < 0.3 else [])]):
            bots.append(
                BotPlan(
                    name=f"bot-{place + 1}-{number + 1}",
                    symbol=symbol,
                    connector=connectors[number % len(connectors)],
                    config={
                        "spread_bps": str(rng.choice((10, 20, 40))),
                        "order_amount_quote": str(rng.choice((20, 50, 120))),
                    },
                    base="200000",
                    quote="6000",
                )
            )
        deposits = {"USDT": "20000", **{symbol.partition("/")[0]: "500000" for symbol in symbols}}
        accounts.append(
            AccountPlan(
                client=client,
                exchange_account=f"account-{place + 1}",
                connectors=connectors,
                deposits=deposits,
                bots=tuple(bots),
                exchange=exchange,
            )
        )
    return tuple(accounts)
