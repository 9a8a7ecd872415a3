"""The simulated world: one exchange, one database file, and the servers that live on them one after the other or side
by side. What happens in it is the seed's, and nothing else's."""

import shutil
import tempfile
from functools import cache
from itertools import count
from pathlib import Path
from random import Random

from argon2 import PasswordHasher
from sqlalchemy import create_engine, insert

from tests.migrated import lay_migrated
from tests.simulation.clock import BEGIN, SimClock, SimEntropy
from tests.simulation.disk import ShakyDisk
from tests.simulation.exchange import Exchange
from tests.simulation.line import Line
from tests.simulation.loop import Life, SimLoop
from tests.simulation.server import EMAIL, PASSWORD, Server
from tests.simulation.shared_sqlite import SharedSqlite, Writers
from tests.simulation.sockets import Frames
from tests.simulation.trouble import Calm, Trouble
from tests.simulation.watch import Watchers
from trading_bridge.core.user import Role
from trading_bridge.exchanges.http_sessions import HttpSessions
from trading_bridge.exchanges.in_process_network import InProcessNetwork
from trading_bridge.settings import OnStop
from trading_bridge.storage.tables import users

#: that of a sandbox, where bots may start at an exchange that closes; a name, so that it can be looked up in vain
HOST = "http://localhost"


class World:
    """Lives within `loop`; whoever makes it closes it."""

    def __init__(self, loop: SimLoop, seed: int, *, markets: int, each_way_s: float = 0.02) -> None:
        self.loop = loop
        self.seed = seed
        self.watchers = Watchers()
        #: of the world, and of the exchange unless a fault says otherwise
        self.clock = SimClock(loop)
        self.database_clock = SimClock(loop)
        self.folder = Path(tempfile.mkdtemp(prefix="simulation-", dir=_memory()))
        self.path = self.folder / "platform.db"
        shutil.copyfile(_template(), self.path)
        self.exchange = Exchange(self.clock, self.rng("exchange"), markets, self.watchers)
        self.trouble = Trouble(Calm(self.clock, each_way_s))
        self.frames = Frames(self.rng("frames"), each_way_s)
        self.lines: list[Line] = []
        self.disk = ShakyDisk(self.watchers, self.clock)
        self.network = InProcessNetwork()
        self.writers = Writers()
        self.servers: list[Server] = []
        self._calls = count(1)

    def rng(self, part: str) -> Random:
        """A stream of chance of its own for each part, so that one more draw in one does not change the others."""
        return Random(f"{self.seed}/{part}")

    @property
    def trading(self) -> Server | None:
        """Who holds the lease and answers; None: nobody."""
        return next((server for server in reversed(self.servers) if server.trades), None)

    def start(self, *, offset_s: float = 0.0, on_stop: OnStop = OnStop.CANCEL) -> Server:
        """One more server, whose wall clock is off by so much."""
        life = Life(f"server-{len(self.servers) + 1}")
        clock = SimClock(self.loop, offset_s=offset_s)
        line = Line(self.loop, life, self.exchange, self.trouble, self.frames, self.watchers, self._calls)
        self.lines.append(line)
        server = Server(
            self.loop,
            life,
            clock=clock,
            entropy=SimEntropy(self.rng(life.name)),
            http=HttpSessions(line.session, websockets=True),
            network=self.network,
            backend=SharedSqlite(self.path, life, self.disk, self.writers, clock, self.database_clock),
            on_stop=on_stop,
        )
        self.servers.append(server)
        self.watchers.started(life)

        def ended(_: object) -> None:
            error = None if server.task.cancelled() else server.task.exception()
            self.watchers.ended(life, "stopped" if error is None else repr(error).replace(f"{self.folder}/", ""))

        server.task.add_done_callback(ended)
        return server

    def kill(self, server: Server) -> None:
        if server.life.alive:
            server.kill()
            self.lines[self.servers.index(server)].cut()
            self.watchers.ended(server.life, "killed")

    def close(self) -> None:
        for server in self.servers:
            if server.life.alive:
                server.kill()
        self.exchange.engine.store.close()
        shutil.rmtree(self.folder)


@cache
def _memory() -> str | None:
    """A folder in memory where there is one: simulated disks need not be waited for."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


@cache
def _template() -> Path:
    """A migrated database without an installation, with one user, whose password takes no time to compare."""
    path = Path(tempfile.mkdtemp(prefix="simulation-template-", dir=_memory())) / "empty.db"
    lay_migrated(path)
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        password_hash = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
        connection.execute(
            insert(users).values(
                id="operator",
                email=EMAIL,
                email_key=EMAIL,
                password_hash=password_hash,
                role=Role.ADMIN,
                created_at=BEGIN,
            )
        )
    engine.dispose()
    return path
