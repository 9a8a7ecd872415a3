"""One connection for one transaction after the other: a pool's checks would cost as much as the rows of a commit."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import TimeoutError as WaitedTooLong


class KeptConnection:
    def __init__(self, engine: Engine, timeout_s: float) -> None:
        """`timeout_s`: how long a thread waits for another one's transaction."""
        self.engine = engine
        self._timeout_s = timeout_s
        self._alone = threading.Lock()
        self._connection: Connection | None = None
        self._closed = False

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Commits at its end, and rolls back what raised. For any thread: whoever waited for another one's transaction
        may have been cancelled while it goes on. Raises SQLAlchemy's TimeoutError."""
        if not self._alone.acquire(timeout=self._timeout_s):
            raise WaitedTooLong(f"another transaction has not ended for {self._timeout_s} s")
        try:
            connection, self._connection = self._connection, None
            if connection is None:
                connection = self.engine.connect()
            try:
                with connection.begin():
                    yield connection
                self._connection = connection
            finally:
                if self._connection is None or self._closed:  # what failed is not used again
                    self._connection = None
                    connection.close()
        finally:
            self._alone.release()

    def close(self) -> None:
        """A transaction that is under way ends by itself."""
        self._closed = True
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
        self.engine.dispose()
