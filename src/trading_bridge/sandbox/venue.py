"""A venue: one matching engine with what moves it and what is wrong with it. One exchange is seen on it, or several."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from trading_bridge.clock import Clock, Entropy
from trading_bridge.sandbox.control import Flow
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.fault_table import checked
from trading_bridge.sandbox.faults import Faults
from trading_bridge.sandbox.flow.driver import Flow as DrivenFlow
from trading_bridge.sandbox.flow.sources import default_flow
from trading_bridge.sandbox.rules import MarketRules
from trading_bridge.sandbox.store import Store

#: of the exchanges that share a venue, and of Coinstore
DATABASE_NAME = "sandbox.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    engine: Engine
    flow: Flow
    faults: Faults


@dataclass(frozen=True, slots=True, kw_only=True)
class MovingVenue(Venue):
    """One whose order flow somebody has to drive."""

    flow: DrivenFlow


def create_faults(engine: Engine, clock: Clock) -> Faults:
    """None is on."""
    return Faults(clock, checked=partial(checked, engine=engine))


def database_names(exchanges: tuple[str, ...], *, apart: bool) -> dict[str, str]:
    """Exchange -> the file of its venue. The first keeps its file whether they are apart or not."""
    return {
        name: DATABASE_NAME if place == 0 or not apart else f"sandbox-{name}.db" for place, name in enumerate(exchanges)
    }


@contextmanager
def open_venues(
    folder: Path,
    exchanges: tuple[str, ...],
    *,
    apart: bool,
    clock: Clock,
    entropy: Entropy,
    markets: tuple[MarketRules, ...],
) -> Iterator[dict[str, MovingVenue]]:
    """Exchange -> its venue, each with a file of its own; all of them on one unless `apart`. Raises SettingsError."""
    names = database_names(exchanges, apart=apart)
    with ExitStack() as stores:
        by_file: dict[str, MovingVenue] = {}
        for file in dict.fromkeys(names.values()):
            engine = Engine(stores.enter_context(closing(Store(folder / file))), clock, entropy, markets)
            flow = default_flow(engine, entropy)
            by_file[file] = MovingVenue(engine=engine, flow=flow, faults=create_faults(engine, clock))
        yield {exchange: by_file[file] for exchange, file in names.items()}
