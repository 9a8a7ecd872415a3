"""A real SOCKS5 proxy from the package index in a child process that can be stopped, frozen and started again.

Everything goes through it as bytes, websockets too.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import anyio
from tiny_proxy import Socks5ProxyHandler

USER, PASSWORD = "bridge", "through-this-one"


class SocksProcess:
    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._process = self._started()

    @property
    def url(self) -> str:
        return f"socks5h://{USER}:{PASSWORD}@127.0.0.1:{self.port}"

    def is_up(self) -> bool | None:
        assert self._process.poll() is None, "the proxy ended at its start"
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return None

    def stop(self) -> None:
        """All connections are reset, and nobody listens until `start`."""
        self._process.kill()
        self._process.wait(10)

    def start(self) -> None:
        """At the same port as before."""
        self._process = self._started()

    def freeze(self) -> None:
        """Connections stay, new ones are taken, and nothing goes through until `thaw`."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def _started(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.socks_process", str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )


@contextmanager
def a_socks_process() -> Iterator[SocksProcess]:
    proxy = SocksProcess()
    try:
        yield proxy
    finally:
        proxy.stop()


async def _serve(port: int) -> None:
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=port)
    await listener.serve(Socks5ProxyHandler(username=USER, password=PASSWORD).handle)


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
