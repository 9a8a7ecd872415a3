"""All invariants, in order of their ids."""

from collections.abc import Sequence

from tests.simulation.oracle.as_configured import AsConfigured
from tests.simulation.oracle.audit import Audited
from tests.simulation.oracle.cancels import CancelsLeave
from tests.simulation.oracle.crossing import NoCrossing
from tests.simulation.oracle.findings import Decided, Fair, Named
from tests.simulation.oracle.freshness import Fresh
from tests.simulation.oracle.harm import NoMoreHarm
from tests.simulation.oracle.healed import Healed, Wished
from tests.simulation.oracle.invariant import Invariant
from tests.simulation.oracle.leases import InLease
from tests.simulation.oracle.limits import InLimits
from tests.simulation.oracle.market_rules import InRules
from tests.simulation.oracle.money import Conserved
from tests.simulation.oracle.orders import NoOrphan, Once, OneWriter, Recorded
from tests.simulation.oracle.promises import Promises
from tests.simulation.oracle.quarantine import TakenOut
from tests.simulation.oracle.rates import InRate
from tests.simulation.oracle.restraint import AtRest, KillObeyed
from tests.simulation.oracle.secrets import SecretsKept
from tests.simulation.oracle.shown import OwnOnly, TimesShown, TruthShown
from tests.simulation.oracle.tasks import Bounded, WholeAfterCrash
from tests.simulation.oracle.trades import FillsAreTrue, NoSelfTrade

INVARIANTS: Sequence[type[Invariant]] = (
    Recorded,
    Once,
    NoOrphan,
    NoSelfTrade,
    NoCrossing,
    InLimits,
    AsConfigured,
    InRate,
    CancelsLeave,
    NoMoreHarm,
    Promises,
    InRules,
    OneWriter,
    InLease,
    KillObeyed,
    AtRest,
    TakenOut,
    FillsAreTrue,
    Conserved,
    TruthShown,
    Fresh,
    Decided,
    Named,
    OwnOnly,
    SecretsKept,
    Audited,
    Bounded,
    TimesShown,
    WholeAfterCrash,
    Healed,
    Wished,
    Fair,
)
