"""N1, N10, N11: not a byte of a request leaves."""

import socket
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any, ClassVar

import aiohttp

from tests.simulation.faults import effects
from tests.simulation.faults.fault import Stage
from tests.simulation.faults.on_line import OnLine
from tests.simulation.faults.spell import put_on_line
from tests.simulation.faults.target import Target
from tests.simulation.trouble import Effect
from trading_bridge.exchanges.in_process_network import FOUR
from trading_bridge.exchanges.network import Unreached

HOST = "localhost"


def _key() -> Any:
    return type("Key", (), {"host": HOST, "port": 80, "ssl": True, "is_ssl": False})()


class Unreachable(OnLine):
    """All ways to the exchange, or one server's; the doctor's own sockets meet the same."""

    id = "N1"
    error: ClassVar[Callable[[], Exception]]
    stage_name: ClassVar[str]
    after_s: ClassVar[float] = 0.0

    def begin(self, stage: Stage, undo: ExitStack) -> Mapping[str, object]:
        servers = [server.life.name for server in stage.world.servers if server.life.alive]
        target = Target(server=stage.rng.choice(servers) if len(servers) > 1 and stage.rng.random() < 0.4 else None)
        put_on_line(stage, undo, effects.NeverLeaves(stage, self, target, type(self).error, self.after_s))
        trading = stage.world.trading
        if target.server is None or (trading is not None and trading.life.name == target.server):
            self._sockets(stage, undo)
        return target.words

    def _sockets(self, stage: Stage, undo: ExitStack) -> None:
        network, met = stage.world.network, Unreached(stage=self.stage_name, detail="simulated")
        places = {
            "dns": (network.unresolved, HOST),
            "tls": (network.unsecured, HOST),
            "tcp": (network.unconnected, FOUR),
            "timeout": (network.unconnected, FOUR),
        }
        table, name = places[self.stage_name]
        table[name] = met
        undo.callback(table.pop, name, None)


class NameUnknown(Unreachable):
    form = "dns"
    stage_name = "dns"

    @staticmethod
    def error() -> Exception:
        return aiohttp.ClientConnectorDNSError(_key(), socket.gaierror(socket.EAI_AGAIN, "Try again"))


class ConnectionRefused(Unreachable):
    form = "tcp"
    stage_name = "tcp"

    @staticmethod
    def error() -> Exception:
        return aiohttp.ClientConnectorError(_key(), OSError(111, "Connection refused"))


class HandshakeFails(Unreachable):
    form = "tls"
    stage_name = "tls"

    @staticmethod
    def error() -> Exception:
        return aiohttp.ClientConnectorSSLError(_key(), OSError(1, "handshake failure"))


class ConnectingHangs(Unreachable):
    form = "timeout"
    stage_name = "timeout"
    after_s = 4.0

    @staticmethod
    def error() -> Exception:
        return aiohttp.ConnectionTimeoutError("Connection timeout to host")


class Gone(Unreachable):
    """For minutes."""

    id = "N10"
    between_s = 60.0
    lasts_s = (25.0, 150.0)
    stage_name = "timeout"
    after_s = 3.0

    @staticmethod
    def error() -> Exception:
        return aiohttp.ConnectionTimeoutError("Connection timeout to host")


class ProxyRefuses(OnLine):
    id = "N11"
    form = "refuses"

    def effect(self, stage: Stage, target: Target) -> Effect:
        def error() -> Exception:
            return aiohttp.ClientProxyConnectionError(_key(), OSError(111, "Connection refused"))

        return effects.NeverLeaves(stage, self, target, error, 0.0)
