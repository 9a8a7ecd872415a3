"""All faults of the simulation, by key, in a fixed order."""

from collections.abc import Callable, Mapping

from tests.simulation.faults.answers import ANSWERS
from tests.simulation.faults.bots import BOTS
from tests.simulation.faults.cancels import CANCELING
from tests.simulation.faults.creates import CREATING
from tests.simulation.faults.deploy import DEPLOY
from tests.simulation.faults.fault import Fault
from tests.simulation.faults.fills import FILLS
from tests.simulation.faults.funds import FUNDS
from tests.simulation.faults.keys import KEYS
from tests.simulation.faults.markets import MARKETS
from tests.simulation.faults.network import NETWORK
from tests.simulation.faults.operators import OPERATORS
from tests.simulation.faults.process import PROCESS
from tests.simulation.faults.restore import RESTORE
from tests.simulation.faults.restraints import RESTRAINTS
from tests.simulation.faults.rollback import RolledBack
from tests.simulation.faults.states import STATES
from tests.simulation.faults.storage import STORAGE
from tests.simulation.faults.strangers import ManualTradingChanges
from tests.simulation.faults.time import TIME
from tests.simulation.faults.websockets import WEBSOCKETS

#: key -> makes it; a key is a row of the fault catalogue, and a word where a row has several
CATALOGUE: Mapping[str, Callable[[], Fault]] = {
    **NETWORK,
    **WEBSOCKETS,
    **CREATING,
    **CANCELING,
    **ANSWERS,
    **STATES,
    **FILLS,
    "X17": RolledBack,
    "X18-setting": ManualTradingChanges,
    **KEYS,
    **MARKETS,
    **STORAGE,
    **RESTORE,
    **PROCESS,
    **BOTS,
    **TIME,
    **DEPLOY,
    **FUNDS,
    # what people have done is put in order last: somebody must answer them
    **RESTRAINTS,
    **OPERATORS,
}
