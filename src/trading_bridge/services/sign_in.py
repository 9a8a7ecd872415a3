"""What signing in keeps in memory: known sessions, failed attempts, the set-up link, and the password hasher."""

import asyncio
import hashlib
import hmac
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from trading_bridge.clock import Clock
from trading_bridge.errors import TooMany
from trading_bridge.services.throttle import LoginThrottle

TOKEN_LENGTH = 43
#: a known session is looked up in storage again after this, so that one ended elsewhere ends here
RECHECK_S = 5.0
#: while storage is away, one that it confirmed within this is believed: a kill must be pressed then, too (faults O4)
BELIEVED_S = 3600.0
REMEMBERED = 10_000
#: one hash takes 64 MiB and tens of milliseconds
HASHES_AT_ONCE = 2
HASHES_WAITING = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedInAs:
    user_id: str
    email: str
    expires_at: datetime


@dataclass(slots=True)
class _Known:
    session: SignedInAs
    checked: float


class SignInDesk:
    def __init__(self, clock: Clock, hasher: PasswordHasher | None = None) -> None:
        self.throttle = LoginThrottle(clock)
        self._clock = clock
        self._hasher = hasher or PasswordHasher()
        self._known: OrderedDict[str, _Known] = OrderedDict()  # token hash -> session
        self._hashing = asyncio.Semaphore(HASHES_AT_ONCE)
        self._waiting = 0
        #: what a wrong e-mail is checked against, so that it takes as long as a wrong password
        self._nobody: str | None = None
        self._setup_hash: str | None = None

    def recall(self, token: str, *, within_s: float = RECHECK_S) -> SignedInAs | None:
        """A session that storage confirmed lately; None: ask storage."""
        known = self._known.get(token_hash(token))
        if known is None or self._clock.monotonic() - known.checked >= within_s:
            return None
        return known.session if known.session.expires_at > self._clock.now() else None

    def remember(self, token: str, session: SignedInAs) -> None:
        self._known[token_hash(token)] = _Known(session, self._clock.monotonic())
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def forget(self, token: str) -> None:
        self._known.pop(token_hash(token), None)

    def arm_setup(self, token: str) -> None:
        self._setup_hash = token_hash(token)

    def is_setup_token(self, token: str) -> bool:
        return self._setup_hash is not None and hmac.compare_digest(self._setup_hash, token_hash(token))

    def disarm_setup(self) -> None:
        self._setup_hash = None

    async def hash(self, password: str) -> str:
        async with self._turn():
            return await self._clock.offload(lambda: self._hasher.hash(_bytes(password)))

    async def fits(self, password: str, password_hash: str | None) -> bool:
        """None: nobody has this e-mail; it costs the same time."""
        if password_hash is None and self._nobody is None:
            self._nobody = await self.hash("nobody")
        async with self._turn():
            return await self._clock.offload(lambda: self._verify(password, password_hash)) and (
                password_hash is not None
            )

    def _verify(self, password: str, password_hash: str | None) -> bool:
        try:
            return self._hasher.verify(password_hash or self._nobody or "", _bytes(password))
        except (VerificationError, InvalidHashError):
            return False

    def _turn(self) -> "_Turn":
        return _Turn(self)


class _Turn:
    """One of the few places for a hash; a long queue is refused."""

    def __init__(self, desk: SignInDesk) -> None:
        self._desk = desk

    async def __aenter__(self) -> None:
        if self._desk._waiting >= HASHES_WAITING:
            raise TooMany("auth.busy", "Too many sign-ins at once.", retry_after_s=2)
        self._desk._waiting += 1
        try:
            await self._desk._hashing.acquire()
        finally:
            self._desk._waiting -= 1

    async def __aexit__(self, *_: object) -> None:
        self._desk._hashing.release()


def _bytes(password: str) -> bytes:
    return password.encode(errors="surrogatepass")


def token_hash(token: str) -> str:
    """What is stored of a token: it is long and random, so that a plain hash is enough."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
