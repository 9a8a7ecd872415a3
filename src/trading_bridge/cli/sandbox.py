"""`trading-bridge sandbox`: the exchange as a process of its own."""

import os
from pathlib import Path

from trading_bridge.cli.private_file import write_private
from trading_bridge.cli.sandbox_process import TOKEN_VARIABLE
from trading_bridge.cli.signals import stop_on_signals
from trading_bridge.clock import Entropy, SystemClock, SystemEntropy
from trading_bridge.logs import configure_logs, get_logger
from trading_bridge.sandbox.app import run_sandbox

TOKEN_FILE = "control.token"  # noqa: S105 - a file's name
TOKEN_LENGTH = 32

_log = get_logger("sandbox")


async def run_exchange(state: Path, host: str, port: int, *, apart: bool) -> None:
    configure_logs(json=False)
    clock, entropy = SystemClock(), SystemEntropy()
    token = _control_token(state, entropy)
    await run_sandbox(
        state,
        port,
        host=host,
        apart=apart,
        control_token=token,
        clock=clock,
        entropy=entropy,
        stop=stop_on_signals(),
        listening=lambda address: _log.info(
            "sandbox exchange listens", address=address, api=f"{address}/api", exchanges="apart" if apart else "shared"
        ),
    )


def _control_token(state: Path, entropy: Entropy) -> str:
    """From the environment, else from the folder, where it is made once (0600)."""
    given = os.environ.get(TOKEN_VARIABLE)
    if given:
        return given
    path = state / TOKEN_FILE
    if not path.exists():
        write_private(path, entropy.token(TOKEN_LENGTH))
        _log.warning("a token for the control API was made", path=str(path))
    return path.read_text().strip()
