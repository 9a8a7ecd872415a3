"""One server per SQLite file: an exclusive lock beside it, which the system lets go when its holder dies."""

import fcntl
import os
from pathlib import Path

from trading_bridge.errors import SettingsError

_LOCKS = Path("/proc/locks")


class FileLock:
    """Taken on construction; raises SettingsError with the holder's process id where another one has it."""

    def __init__(self, database: Path) -> None:
        path = _beside(database)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._file, 20, 0).decode("ascii", "replace").strip()
            os.close(self._file)
            raise SettingsError(
                "storage.in_use",
                f"{database} is in use by process {holder or 'unknown'}: stop that server, or give this one a database"
                " of its own",
                field="DATABASE_URL",
            ) from None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        os.close(self._file)


def holder(database: Path) -> int | None:
    """Process id of whoever holds the lock, by the kernel's own list, so that nothing is taken; None: nobody of whom
    this system tells."""
    try:
        inode = _beside(database).stat().st_ino
        locks = _LOCKS.read_text("ascii")
    except OSError:
        return None
    for line in locks.splitlines():
        match line.split():  # 3: FLOCK ADVISORY WRITE 22010 fe:00:2188078 0 EOF
            case [_, "FLOCK", _, _, pid, place, *_] if place.endswith(f":{inode}"):
                return int(pid)
    return None


def _beside(database: Path) -> Path:
    return database.with_name(database.name + ".lock")
