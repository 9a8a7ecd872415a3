"""People who sign in, and who is named when something is asked for."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    ADMIN = "admin"


class AskerKind(StrEnum):
    USER = "user"
    #: the platform itself: the demo's seed, the command line
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks a service for something; the audit row names it."""

    kind: AskerKind
    #: the user's id; None: the platform itself
    user_id: str | None
    #: what people read: an e-mail address, or a name such as `demo`
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    id: str
    #: as it was typed; compared by `email_key`
    email: str
    password_hash: str = field(repr=False)
    role: Role
    created_at: datetime

    @property
    def asker(self) -> Asker:
        return Asker(kind=AskerKind.USER, user_id=self.id, name=self.email)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """A signed-in browser or program; only the hash of its token is stored."""

    token_hash: str = field(repr=False)
    user_id: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    id: int
    at: datetime
    asker: Asker
    #: what was done, such as `bot.start`
    verb: str
    #: what it was done to, such as `bot`
    subject_kind: str
    subject_id: str | None
    #: JSON text of what changed; never a secret
    details: str


def email_key(email: str) -> str:
    """Addresses are matched without regard to case and outer space."""
    return email.strip().casefold()
