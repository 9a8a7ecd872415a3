import os
import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from trading_bridge.errors import SettingsError
from trading_bridge.storage.secrets import Secrets, Undecryptable, key_file

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_what_was_encrypted_is_read_back_and_does_not_show() -> None:
    stored = Secrets([NEW]).encrypt("s3cret", "connectors/1/credentials")
    assert "s3cret" not in stored
    assert Secrets([NEW]).decrypt(stored, "connectors/1/credentials") == "s3cret"


def test_the_first_key_encrypts_and_every_key_decrypts() -> None:
    before = Secrets([OLD]).encrypt("s3cret", "row")
    rotated = Secrets([NEW, OLD])
    assert rotated.decrypt(before, "row") == "s3cret"
    assert Secrets([NEW]).decrypt(rotated.encrypt("s3cret", "row"), "row") == "s3cret"


def test_no_key_opens_it() -> None:
    stored = Secrets([OLD]).encrypt("s3cret", "row")
    with pytest.raises(Undecryptable) as raised:
        Secrets([NEW]).decrypt(stored, "row")
    assert raised.value.code == "credentials.undecryptable"


@pytest.mark.parametrize("stored", ["", "gibberish", "gAAAAA"])
def test_a_corrupt_value_is_undecryptable(stored: str) -> None:
    with pytest.raises(Undecryptable):
        Secrets([NEW]).decrypt(stored, "row")


def test_a_value_copied_into_another_row_does_not_open_there() -> None:
    stored = Secrets([NEW]).encrypt("s3cret", "connectors/1/credentials")
    with pytest.raises(Undecryptable):
        Secrets([NEW]).decrypt(stored, "connectors/2/credentials")


@pytest.mark.parametrize("keys", [[], ["short"], [NEW, "not base64 !"]])
def test_bad_keys_are_refused_and_not_shown(keys: list[str]) -> None:
    with pytest.raises(SettingsError) as raised:
        Secrets(keys)
    assert raised.value.code == "settings.secret_keys"
    assert all(key not in raised.value.message for key in keys)


def test_a_key_file_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    made, is_new = key_file(path)
    assert is_new
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert key_file(path) == (made, False)
    Secrets(made)


def test_a_key_file_may_hold_several_keys(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    path.write_text(f"{NEW}\n\n{OLD}\n")
    assert key_file(path) == ((NEW, OLD), False)


def test_an_empty_key_file_is_not_filled_in(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    path.touch()
    with pytest.raises(SettingsError):
        key_file(path)
    assert path.read_bytes() == b""


def test_a_crash_while_the_key_file_was_made_leaves_none_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "secret.key.new").write_text("half")
    made, is_new = key_file(tmp_path / "secret.key")
    assert is_new
    Secrets(made)
    assert os.listdir(tmp_path) == ["secret.key"]
