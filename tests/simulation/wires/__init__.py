"""How each exchange's requests and answers are read beside the platform: in the words of Coinstore's protocol, so that
whoever watches or disturbs a call knows one set of them."""

from collections.abc import Mapping

from tests.simulation.wires.binance import Binance
from tests.simulation.wires.bitmart import Bitmart
from tests.simulation.wires.wire import Wire

COINSTORE, BINANCE, BITMART = Wire(), Binance(), Bitmart()
WIRES: Mapping[str, Wire] = {one.exchange: one for one in (COINSTORE, BINANCE, BITMART)}


def wire_at(path: str) -> Wire:
    return next((one for one in WIRES.values() if path.startswith(f"{one.prefix}/")), COINSTORE)
