"""Runs that once broke an invariant, by the name of the bug that they found.

A seed means another run once something draws more or less than before. What has to stay as it was is kept with its
`Scenario`: topology, load and doses then no longer hang on the seed.
"""

from dataclasses import dataclass

from tests.simulation.scenario import AccountPlan, BotPlan, Dose, Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression:
    #: what was wrong, in some words
    bug: str
    #: which invariant told
    invariant: str
    seed: int
    minutes: float
    #: None: the seed draws it
    scenario: Scenario | None = None


def _bot(name: str, symbol: str, spread_bps: str, order_amount_quote: str) -> BotPlan:
    config = {"spread_bps": spread_bps, "order_amount_quote": order_amount_quote}
    return BotPlan(name=name, symbol=symbol, connector="coinstore", config=config, base="200000", quote="6000")


def _account(*bots: BotPlan) -> tuple[AccountPlan, ...]:
    tokens = [bot.symbol.partition("/")[0] for bot in bots]
    deposits = {"USDT": "20000", **dict.fromkeys(tokens, "500000")}
    plan = AccountPlan(
        client="client_1", exchange_account="account-1", connectors=("coinstore",), deposits=deposits, bots=bots
    )
    return (plan,)


_ONE_BOT = _account(_bot("bot-1-1", "SHARP/USDT", "10", "20"))
_THREE_BOTS = _account(
    _bot("bot-1-1", "SHARP/USDT", "20", "20"),
    _bot("bot-1-2", "KITE/USDT", "40", "120"),
    _bot("bot-1-3", "SHARP/USDT", "20", "120"),
)


def _scenario(
    seed: int, accounts: tuple[AccountPlan, ...], *heavy: str, crowd_every_s: float, each_way_s: float
) -> Scenario:
    return Scenario(
        seed=seed,
        fault_s=60.0,
        accounts=accounts,
        servers=1,
        each_way_s=each_way_s,
        crowd_every_s=crowd_every_s,
        doses=dict.fromkeys(heavy, Dose.HEAVY),
    )


REGRESSIONS: tuple[Regression, ...] = (
    Regression(
        bug="fills counted again by the second of two starts within a minute",
        invariant="I16",
        seed=2,
        minutes=1,
        scenario=_scenario(2, _ONE_BOT, "R1-recovery", crowd_every_s=0.5, each_way_s=0.005),
    ),
    Regression(
        bug="inventory band judged before the replaced order traded",
        invariant="I8",
        seed=2,
        minutes=1,
        scenario=_scenario(2, _ONE_BOT, "O2", crowd_every_s=0.5, each_way_s=0.005),
    ),
    Regression(
        bug="currency of another wallet shown as zero once it was left out",
        invariant="I17",
        seed=3,
        minutes=1,
        scenario=_scenario(3, _THREE_BOTS, "X12-wallet", "X12-missing", crowd_every_s=2.0, each_way_s=0.02),
    ),
    Regression(
        bug="currency shown as zero while coin and market went by the same wrong name",
        invariant="I17",
        seed=3,
        minutes=1,
        scenario=_scenario(3, _ONE_BOT, "X12-renamed", "X15-renamed", crowd_every_s=2.0, each_way_s=0.08),
    ),
)
