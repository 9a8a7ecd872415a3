"""Secrets at rest: encrypted with the first key, readable with every key, worthless in another row."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from trading_bridge.errors import SettingsError, TradingBridgeError
from trading_bridge.logs import conceal


class Undecryptable(TradingBridgeError):
    """A stored secret that no key opens, or that was written for another row."""


class Secrets:
    def __init__(self, keys: Sequence[str]) -> None:
        """`keys` are Fernet keys; the first encrypts."""
        if not keys:
            raise SettingsError("settings.secret_keys", "no key to encrypt credentials with", field="secret_keys")
        self._fernet = MultiFernet([_fernet(number, key) for number, key in enumerate(keys, start=1)])

    def encrypt(self, secret: str, row: str) -> str:
        """`row` names the row and column that the secret is for; it opens for no other."""
        return self._fernet.encrypt(json.dumps([row, secret]).encode()).decode("ascii")

    def decrypt(self, stored: str, row: str) -> str:
        try:
            written_for, secret = json.loads(self._fernet.decrypt(stored.encode()))
        except InvalidToken:
            raise Undecryptable(
                "credentials.undecryptable", f"none of the secret keys opens what is stored for {row}"
            ) from None
        if written_for != row:
            raise Undecryptable("credentials.undecryptable", f"what is stored for {row} was written for another row")
        return str(secret)


def key_file(path: Path) -> tuple[tuple[str, ...], bool]:
    """The keys in a file, one a line, first one first; and whether the file was made now (0600)."""
    try:
        keys = tuple(line.strip() for line in path.read_text("ascii").splitlines() if line.strip())
    except FileNotFoundError:
        return (_made(path),), True
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError("settings.secret_keys", f"{path} cannot be read: {error}", field="secret_keys") from error
    if not keys:
        raise SettingsError("settings.secret_keys", f"{path} holds no key", field="secret_keys")
    return keys, False


def _made(path: Path) -> str:
    """A crash in between leaves no half-written key: it is made complete under another name."""
    key = Fernet.generate_key().decode("ascii")
    unfinished = path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(key + "\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
    return key


def _fernet(number: int, key: str) -> Fernet:
    conceal(key.strip())
    try:
        return Fernet(key.strip())
    except ValueError:
        raise SettingsError(
            "settings.secret_keys",
            f"secret key {number} is not a Fernet key (32 bytes in urlsafe base64, 44 characters)",
            field="secret_keys",
        ) from None
