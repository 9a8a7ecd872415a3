"""What a demo keeps between its starts: one small private file in its folder."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from trading_bridge.cli.private_file import write_private
from trading_bridge.clock import Entropy
from trading_bridge.errors import SettingsError

FILE = "demo.json"
#: a demo's exchange is on its own machine
HOSTS = "127.0.0.0/8,::1"
EMAIL = "operator@demo.localhost"
PASSWORD_LENGTH = 20
TOKEN_LENGTH = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoState:
    email: str
    password: str
    sandbox_token: str
    #: the bots were started once; from then on a person's stop holds
    bots_started: bool = False


def demo_state(folder: Path, entropy: Entropy) -> DemoState:
    """The stored state, or a new one; raises SettingsError when the file cannot be read."""
    path = folder / FILE
    try:
        return DemoState(**json.loads(path.read_text()))
    except FileNotFoundError:
        made = DemoState(
            email=EMAIL, password=entropy.token(PASSWORD_LENGTH), sandbox_token=entropy.token(TOKEN_LENGTH)
        )
        save_demo_state(folder, made)
        return made
    except (ValueError, TypeError):
        raise SettingsError(
            "demo.state", f"{path} is not what a demo wrote; move the folder away, or choose another by --state"
        ) from None


def is_demo(folder: Path) -> bool:
    return (folder / FILE).exists()


def save_demo_state(folder: Path, state: DemoState) -> None:
    write_private(folder / FILE, json.dumps(asdict(state)))
