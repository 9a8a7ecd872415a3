"""What a log line may not hold: values that are secret by the name beside them, by their place in a URL or header, or
because they were registered as secret."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from urllib.parse import quote, quote_plus, unquote, urlsplit
from uuid import UUID

from yarl import URL

#: shorter than any value that can be registered, so that no mask spells one
MASK = "***"
#: a shorter value would mask ordinary words
LENGTH_MIN = 6
#: registered values at once; the longest unused goes first
VALUES_MAX = 10_000
#: how deep nested values are looked into
DEPTH_MAX = 8

#: names of fields and headers, in lower case without `-` and `_`
_NAMES = frozenset(
    {
        *("secret", "apikey", "apisecret", "secretkey", "secretkeys", "privatekey", "accesskey", "credentials"),
        *("password", "passwd", "pwd", "passphrase", "memo", "token", "accesstoken", "refreshtoken", "apitoken"),
        *("signature", "sign", "authorization", "proxyauthorization", "cookie", "setcookie", "proxyurl"),
        *("xcsapikey", "xcssign", "xmbxapikey", "adminpassword", "sandboxtoken"),
    }
)
#: every header of these families: KuCoin's and BitMart's
_FAMILIES = ("kcapi", "xbm")
_SPELLED = (
    r"(?:x-cs-(?:apikey|sign)|kc-api-[a-z-]+|x-bm-[a-z-]+|x-mbx-apikey|(?:[a-z]+[_-])?api[_-]?(?:key|secret|token)"
    r"|(?:[a-z]+[_-])?(?:secret(?:[_-]?keys?)?|private[_-]?key|access[_-]?key|password|passwd|pwd|passphrase|memo"
    r"|(?:access|refresh|sandbox)?[_-]?token|signature|sign)|proxy[_-]?url)"
)
#: a value as text has it: quoted, quoted inside a quoted text, or bare
_VALUE = r"""(?:b?"(?:\\.|[^"\\])*|b?'(?:\\.|[^'\\])*|(?P<quote>\\+["'])(?:(?!(?P=quote)).)*|[^\s&,;"'\\})\]>]+)"""
#: `#name=` is left alone: a browser sends no fragment, and the set-up link is meant to be read in the log
_PAIR = re.compile(rf"(?i)(?<![#\w-])({_SPELLED})(\\*[\"']?\s*[:=]\s*|\\*[\"']\s*,\s*){_VALUE}")
_HEADER = re.compile(
    r"""(?i)(?<![\w-])((?:proxy-)?authorization|(?:set-)?cookie)(\\*["']?\s*[:=]\s*|\\*["']\s*,\s*)"""
    r"""(?:b?"(?:\\.|[^"\\])*|b?'(?:\\.|[^'\\])*|(?P<quote>\\+["'])(?:(?!(?P=quote)).)*|[^\r\n]+)"""
)
_SCHEME = re.compile(r"\b(Bearer|Basic) +[A-Za-z0-9+/=._~-]{8,}")
_USERINFO = re.compile(r"(?<=://)[^\s/?#\"'<>]*@")


class KnownSecrets:
    """Exact values that are masked wherever they stand, also spelled for a URL or inside JSON."""

    def __init__(self) -> None:
        self._values: dict[str, frozenset[str]] = {}  # value -> its spellings, the longest unused first
        self._owners: Counter[str] = Counter()  # spelling -> values that are spelled so
        self._starts: dict[str, tuple[str, ...]] = {}  # first letters -> spellings that begin so, the longest first

    def add(self, value: str) -> None:
        """Values shorter than LENGTH_MIN are not taken, nor words by which a secret is known: without them what stands
        beside would be shown."""
        if len(value) < LENGTH_MIN or _plain(value) in _NAMES:
            return
        known = self._values.pop(value, None)
        self._values[value] = known or _spellings(value)
        if known is not None:
            return
        for spelling in self._values[value]:
            self._take(spelling)
        if len(self._values) > VALUES_MAX:
            for spelling in self._values.pop(next(iter(self._values))):
                self._drop(spelling)

    def masked(self, text: str) -> str:
        """A look at each place of the text, however many values are known."""
        starts = self._starts
        if not starts:
            return text
        done, parts, place = 0, [], 0
        last = len(text) - LENGTH_MIN
        while place <= last:
            for spelling in starts.get(text[place : place + LENGTH_MIN], ()):
                if text.startswith(spelling, place):
                    parts += [text[done:place], MASK]
                    place = done = place + len(spelling)
                    break
            else:
                place += 1
        return text if done == 0 else "".join((*parts, text[done:]))

    def _take(self, spelling: str) -> None:
        self._owners[spelling] += 1
        start = spelling[:LENGTH_MIN]
        same = {*self._starts.get(start, ()), spelling}
        self._starts[start] = tuple(sorted(same, key=len, reverse=True))

    def _drop(self, spelling: str) -> None:
        self._owners[spelling] -= 1
        if self._owners[spelling] > 0:
            return
        del self._owners[spelling]
        start = spelling[:LENGTH_MIN]
        same = tuple(other for other in self._starts[start] if other != spelling)
        if same:
            self._starts[start] = same
        else:
            del self._starts[start]


KNOWN = KnownSecrets()


def conceal(value: str | None) -> None:
    """From now on this value is masked in every log line; None and very short values are left alone."""
    if value is not None:
        KNOWN.add(value)


def conceal_url(url: str | None) -> None:
    """As `conceal`, for the password in a URL, as it stands there and decoded."""
    password = None if url is None else urlsplit(url).password
    conceal(password)
    conceal(None if password is None else unquote(password))


def scrubbed(text: str) -> str:
    """The text without what is secret in it."""
    text = KNOWN.masked(text)
    if "://" in text:
        text = _USERINFO.sub(f"{MASK}@", text)
    if ":" in text or "=" in text or "," in text:
        text = _PAIR.sub(_masked_pair, _HEADER.sub(_masked_pair, text))
    return _SCHEME.sub(rf"\1 {MASK}", text) if " " in text else text


#: classes whose own text is shown, scrubbed
_SHOWN = (BaseException, Enum, PurePath, URL, UUID, timedelta, type)


def redacted(value: object, depth: int = DEPTH_MAX) -> object:
    """The value in plain types, without what is secret in it; what is no plain type becomes its scrubbed text."""
    match value:
        case None | bool():
            return value
        case str():
            return scrubbed(value)
        case bytes() | bytearray():
            return scrubbed(bytes(value).decode("utf-8", "backslashreplace"))
        case int() | float():
            return value
        case Decimal():
            return f"{value:f}"
        case datetime() | date() | time():
            return value.isoformat()
        case _ if depth == 0:
            return scrubbed(_text(value))
        case Mapping():
            return {_name(key): _of_field(key, item, depth) for key, item in value.items()}
        case (str() | bytes() as name, str() | bytes()) if is_secret_name(name):
            return [_name(name), MASK]  # a header as pair
        case list() | tuple() | set() | frozenset():
            return [redacted(item, depth - 1) for item in value]
        case _:
            return scrubbed(_text(value))


def is_secret_name(name: object) -> bool:
    """Whether a field or header of this name holds a secret, whatever its value looks like."""
    text = name.decode("latin-1") if isinstance(name, bytes) else str(name)
    plain = _plain(text)
    return plain in _NAMES or plain.startswith(_FAMILIES)


def _plain(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "").strip()


def _of_field(name: object, value: object, depth: int) -> object:
    return MASK if value is not None and is_secret_name(name) else redacted(value, depth - 1)


def _name(key: object) -> str:
    return KNOWN.masked(key.decode("latin-1") if isinstance(key, bytes) else str(key))


def _text(value: object) -> str:
    """Of a class that is not known here the text is not asked for: it may fail, and end the line."""
    return repr(value) if isinstance(value, _SHOWN) else f"<{type(value).__name__}>"


def _masked_pair(match: re.Match[str]) -> str:
    """Name and separator as they were; the opening quote stays, so that a closing one fits."""
    name, between = match.group(1, 2)
    opening = re.match(r"b?\\*[\"']", match.group()[len(name) + len(between) :])
    return f"{name}{between}{opening.group() if opening else ''}{MASK}"


def _spellings(value: str) -> frozenset[str]:
    once = json.dumps(value)[1:-1]
    percent = {quote(value), quote(value, safe=""), quote_plus(value)}
    return frozenset(
        {
            *(value, once, json.dumps(once)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], repr(value)[1:-1]),
            *percent,
            *(re.sub("%[0-9A-F]{2}", lambda found: found.group().lower(), one) for one in percent),
        }
    )
