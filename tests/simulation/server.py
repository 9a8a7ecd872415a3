"""One life of a whole server, as `app.run` composes it, and its API as a client reaches it."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr
from yarl import URL

from tests.simulation.clock import SimClock
from tests.simulation.loop import Life, SimLoop
from tests.simulation.shared_sqlite import SharedSqlite
from trading_bridge import app
from trading_bridge.api.carrier import InProcessCarrier
from trading_bridge.clock import Entropy
from trading_bridge.exchanges.http_sessions import HttpSessions
from trading_bridge.exchanges.network import Network
from trading_bridge.sandbox.transport import InProcessResponse, call_asgi
from trading_bridge.settings import OnStop, Settings
from trading_bridge.storage.database import Database

EMAIL = "operator@simulation.test"
PASSWORD = "a-long-simulated-password"
SECRET_KEY = "gVbDXzkqxpHDUxVfvzbnpYyyPXDyP2rLbhHUk0YcEZg="
#: how long a client of the API waits
PATIENCE_S = 30.0
_PEOPLE = "203.0.113.5"


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Server:
    def __init__(
        self,
        loop: SimLoop,
        life: Life,
        *,
        clock: SimClock,
        entropy: Entropy,
        http: HttpSessions,
        network: Network,
        backend: SharedSqlite,
        on_stop: OnStop,
    ) -> None:
        self._loop = loop
        self.life = life
        self.clock = clock
        self.backend = backend
        self.carrier = InProcessCarrier(f"http://{life.name}.test")
        self._stop = asyncio.Event()
        #: the parts, once it trades
        self.platform: app.Platform | None = None
        settings = Settings(
            database_url="",
            port=0,
            host="127.0.0.1",
            secret_keys=SecretStr(SECRET_KEY),
            admin_email=EMAIL,
            admin_password=SecretStr(PASSWORD),
            on_stop=on_stop,
            egress_url="http://localhost/address",
            egress_addresses=None,
            allow_private_hosts="127.0.0.1",
        )
        database = Database(backend, secret_keys=(SECRET_KEY,), clock=clock, entropy=entropy)

        async def main(platform: app.Platform) -> None:
            self.platform = platform
            await self._stop.wait()

        self.task = loop.spawn(
            life,
            app.run(
                settings,
                main,
                clock=clock,
                entropy=entropy,
                http=http,
                network=network,
                carrier=self.carrier,
                database=database,
                holder=life.name,
                stop=self._stop,
            ),
            name=life.name,
        )

    @property
    def trades(self) -> bool:
        """It has the lease and answers."""
        return self.life.alive and not self.task.done() and self.platform is not None

    def stop(self) -> None:
        """SIGTERM."""
        self._stop.set()

    def kill(self) -> None:
        """SIGKILL."""
        self.backend.cut()
        self._loop.end(self.life)

    async def call(
        self, method: str, path: str, fields: object = None, *, token: str | None = None, patience_s: float = PATIENCE_S
    ) -> Reply | None:
        """None: no answer in time, or the connection broke; whether it was done is not known."""
        app_ = self.carrier.app
        if app_ is None or not self.life.alive:
            return None
        headers = {"host": f"{self.life.name}.test", "content-type": "application/json"}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        body = b"" if fields is None else json.dumps(fields).encode()
        url = URL(f"http://{self.life.name}.test/api{path}", encoded=True)
        task = self._loop.spawn(
            self.life, call_asgi(app_, method, url, body, headers, address=_PEOPLE), name=f"{method} {path}"
        )
        try:
            done, _ = await asyncio.wait([task], timeout=patience_s)
        except asyncio.CancelledError:
            task.cancel()  # whoever asked has hung up
            raise
        if not done or task.cancelled() or task.exception() is not None:
            task.cancel()
            return None
        answer: InProcessResponse = task.result()
        return Reply(answer.status, answer.content)
