"""Input of people, checked and put in one form; every refusal names the field and what to do."""

import difflib
import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from trading_bridge.errors import InvalidInput, NotFound
from trading_bridge.exchanges.hosts import SETTING, Hosts
from trading_bridge.exchanges.socks import BYTES_MAX, SCHEMES, sign_in

NAME_MAX = 80
ACCOUNT_MAX = 64
CONNECTOR_NAME_MAX = 40
SECRET_MAX = 512
URL_MAX = 300
EMAIL_MAX = 254
#: seconds that an answer of an exchange may be waited for: less than any gives, more than a person waits
TIMEOUT_MIN_S, TIMEOUT_MAX_S = 2, 30

#: directions that only invisible letters have
_TURNS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
_CURSOR = re.compile(r"-?[0-9]{1,18}-[A-Za-z0-9_-]{1,18}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PAIR = re.compile(r"([A-Z0-9.$_-]{1,20})/([A-Z0-9.$_-]{1,20})")
_CONNECTOR_NAME = re.compile(r"[a-z0-9][a-z0-9 ._-]*")
_HTTP = ("http", "https")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")


def text(value: str, field: str, *, max_length: int = NAME_MAX) -> str:
    """Without outer space; not empty, bounded, and nothing in it that cannot be shown or stored."""
    clean = value.strip()
    if not clean:
        raise InvalidInput(f"{field}.empty", f"The {field} is empty.", field=field, remedy="Fill it in.")
    if len(clean) > max_length:
        raise InvalidInput(
            f"{field}.too_long",
            f"The {field} has {len(clean)} characters; {max_length} are possible.",
            field=field,
            remedy="Shorten it.",
        )
    if not showable(clean):
        raise InvalidInput(
            f"{field}.characters",
            f"The {field} holds characters that cannot be shown.",
            field=field,
            remedy="Type it instead of pasting it.",
        )
    return clean


def showable(value: str) -> bool:
    """No control characters, no halves of surrogate pairs, nothing unseen that turns text around."""
    return not any(
        unicodedata.category(letter) in ("Cc", "Cs", "Cn", "Co") or unicodedata.bidirectional(letter) in _TURNS
        for letter in value
    )


def ident(value: str, what: str) -> str:
    """An id from a path; what cannot be one is not found."""
    if _ID.fullmatch(value) is None:
        raise not_found(what, value)
    return value


def cursor(value: str | None) -> str | None:
    if value is None or _CURSOR.fullmatch(value) is not None:
        return value
    raise InvalidInput(
        "cursor.invalid",
        "The cursor is not one that this list gave.",
        field="cursor",
        remedy="Take it from `next` of the page before, or leave it out.",
    )


def not_found(what: str, value: str, *, field: str | None = None) -> NotFound:
    """`field` None: the value is an id out of a path."""
    shown = value if showable(value) and len(value) <= ACCOUNT_MAX else "with this id"
    return NotFound(
        f"{what}.not_found",
        f"There is no {what} {shown}.",
        field=field or f"{what}_id",
        remedy=f"Look it up in the list of {what}s; it may have been removed.",
    )


def pair(value: str, field: str = "pair") -> str:
    """`sharp/usdt ` -> `SHARP/USDT`."""
    clean = value.strip().upper()
    parts = _PAIR.fullmatch(clean)
    if parts is None or parts[1] == parts[2]:
        shown = f" {value.strip()}" if value.strip() and showable(value) and len(value) <= 40 else ""
        raise InvalidInput(
            "pair.malformed",
            f"The pair{shown} is not in the form BASE/QUOTE.",
            field=field,
            remedy="Write two currencies with a slash between them, such as SHARP/USDT.",
        )
    return clean


def connector_name(value: str) -> str:
    clean = text(value, "name", max_length=CONNECTOR_NAME_MAX).lower()
    if _CONNECTOR_NAME.fullmatch(clean) is None:
        raise InvalidInput(
            "name.characters",
            f"The connector name {clean} holds characters that a name cannot have.",
            field="name",
            remedy="Use letters, digits, spaces, dots, dashes and underscores, a letter or digit first.",
        )
    return clean


def secret(value: str, field: str, label: str | None = None) -> str:
    """Stray outer space goes; what is left must fit into an HTTP header. The value is never in the message, where
    `label` is what the exchange calls the field."""
    called = field if label is None else label
    clean = value.strip()
    if not clean:
        raise InvalidInput(
            "credentials.empty",
            f"The {called} is empty.",
            field=field,
            remedy="Copy it from the exchange's page about API keys.",
        )
    if len(clean) > SECRET_MAX or not clean.isascii() or not clean.isprintable() or " " in clean:
        raise InvalidInput(
            "credentials.malformed",
            f"The {called} is not one word of at most {SECRET_MAX} plain characters.",
            field=field,
            remedy="Copy it again, without line breaks or anything around it.",
        )
    return clean


def base_url(value: str, hosts: Hosts) -> str:
    clean, parts = _url(value, "base_url", _HTTP, "such as https://api.example.com/v1")
    if parts.username is not None or parts.password is not None:
        raise InvalidInput(
            "base_url.credentials",
            "The base_url holds a user name or password, and it is shown on pages.",
            field="base_url",
            remedy="Leave them out; a proxy with a password goes into proxy_url.",
        )
    _may_be_reached(parts, "base_url", hosts)
    return clean.rstrip("/")


def proxy_url(value: str, hosts: Hosts) -> str:
    """Of HTTP, or of SOCKS5: by `socks5` names are looked up here, by `socks5h` at the proxy."""
    schemes = (*_HTTP, *SCHEMES)
    clean, parts = _url(value, "proxy_url", schemes, "such as http://203.0.113.8:3128 or socks5h://203.0.113.8:1080")
    if parts.path not in ("", "/"):
        raise InvalidInput(
            "proxy_url.malformed",
            "The proxy_url has a path, and a proxy has none.",
            field="proxy_url",
            remedy="End it after the port.",
        )
    if parts.scheme in SCHEMES:
        _fits_socks(parts)
    _may_be_reached(parts, "proxy_url", hosts)
    return clean


def timeout_s(value: int) -> int:
    """How long an answer of an exchange is waited for."""
    if TIMEOUT_MIN_S <= value <= TIMEOUT_MAX_S:
        return value
    raise InvalidInput(
        "timeout_s.bounds",
        f"The timeout_s of {value} is not between {TIMEOUT_MIN_S} and {TIMEOUT_MAX_S} seconds.",
        field="timeout_s",
        remedy=f"Give whole seconds from {TIMEOUT_MIN_S} to {TIMEOUT_MAX_S}, or 0 for the platform's own.",
    )


def _may_be_reached(parts: SplitResult, field: str, hosts: Hosts) -> None:
    """A name is looked at each time that it is looked up."""
    why = hosts.why_not(parts.hostname or "")
    if why is not None:
        raise InvalidInput(
            f"{field}.private",
            f"The {field} cannot be used: {why}, and connectors reach public addresses only.",
            field=field,
            remedy=f"Correct the host; if this one is meant, the operator allows it by {SETTING}.",
        )


def _fits_socks(parts: SplitResult) -> None:
    try:
        sign_in(parts)
    except ValueError:
        raise InvalidInput(
            "proxy_url.sign_in",
            f"The user or the password in the proxy_url is empty or longer than {BYTES_MAX} bytes.",
            field="proxy_url",
            remedy="Write socks5h://user:password@host:port with what the proxy expects, or leave both out.",
        ) from None


def email(value: str) -> str:
    clean = text(value, "email", max_length=EMAIL_MAX).lower()
    if _EMAIL.fullmatch(clean) is None:
        raise InvalidInput(
            "email.malformed",
            "This is not an e-mail address.",
            field="email",
            remedy="Write it like name@example.com.",
        )
    return clean


def nearest(value: str, names: Iterable[str], also: Iterable[str] = ()) -> str:
    """A remedy: the name that was probably meant, and all there are; those of `also` are counted only."""
    known = sorted(names)
    others = sorted(set(also) - set(known))
    close = difflib.get_close_matches(value.strip().lower(), [*known, *others], n=1)
    meant = f"Did you mean {close[0]}? " if close else ""
    more = f" and {len(others)} more" if others else ""
    return f"{meant}There are: {', '.join(known) or 'none'}{more}."


def _url(value: str, field: str, schemes: tuple[str, ...], example: str) -> tuple[str, SplitResult]:
    clean = value.strip()
    refused = InvalidInput(
        f"{field}.malformed",
        f"The {field} is not an address with a host and one of the schemes {', '.join(schemes)}.",
        field=field,
        remedy=f"Write it with its scheme and host, {example}.",
    )
    if len(clean) > URL_MAX or not clean.isascii() or not clean.isprintable() or " " in clean:
        raise refused
    try:
        parts = urlsplit(clean)
        port = parts.port
    except ValueError:
        raise refused from None
    if parts.scheme not in schemes or not parts.hostname or port == 0 or parts.query or parts.fragment:
        raise refused
    return clean, parts
