"""A real HTTP proxy from the package index in a child process, with a user and a password."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

READY_WITHIN_S = 60.0
LOOK_EVERY_S = 0.05


class RealProxy:
    def __init__(self, folder: Path, sign_in: str) -> None:
        """`sign_in` as `user:password`."""
        self._port_file = folder / "port"
        self._said = (folder / "said").open("wb")
        options = ["--hostname", "127.0.0.1", "--port", "0", "--port-file", str(self._port_file)]
        options += ["--num-workers", "1", "--num-acceptors", "1", "--log-level", "ERROR", "--basic-auth", sign_in]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "proxy", *options],
            stdout=self._said,
            stderr=self._said,
            start_new_session=True,
            env={**os.environ, "HOME": str(folder)},  # it keeps folders there
        )

    async def port(self) -> int:
        """Once it listens."""
        async with asyncio.timeout(READY_WITHIN_S):
            while not self._port_file.exists() or not self._port_file.read_text().strip():
                assert self._process.poll() is None, "the proxy ended at its start"
                await asyncio.sleep(LOOK_EVERY_S)
        return int(self._port_file.read_text().split()[0])

    def end(self) -> None:
        """With the processes that it has started."""
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(5)
        self._said.close()


@contextmanager
def a_proxy(folder: Path, sign_in: str) -> Iterator[RealProxy]:
    folder.mkdir()
    proxy = RealProxy(folder, sign_in)
    try:
        yield proxy
    finally:
        proxy.end()
