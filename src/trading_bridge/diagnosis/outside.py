"""Failing rungs once more, by a signer and an HTTP client that share no code with the exchange classes: do the key and
the way work outside this program?

Written from the exchange's reference alone, a second time on purpose: it imports nothing of `trading_bridge.exchanges`.
"""

import asyncio
import base64
import hashlib
import hmac
import http.client
import json
import shlex
import socket
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import SplitResult, unquote, urlsplit

from trading_bridge.clock import Clock
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.diagnosis.ladder import Rung, Step, StepOutcome
from trading_bridge.diagnosis.outside_reach import Forbidden, Reach, WhyNot
from trading_bridge.diagnosis.outside_socks import SCHEMES, BySocks

TIMEOUT_S = 10
#: how long after its signature the exchange is assumed to take a request; undocumented
WINDOW_S = 60
_SLOT_MS = 30_000
_HOST = "https://api.coinstore.com/api"
_TEXT_MAX = 300
_ANSWER_MAX = 16_000_000
#: an order id and a client order id that nobody ever had
_NO_ORDER = 1
_NO_CLIENT_ORDER = "outside0asks0for0what0never0was0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A connector as this module needs it."""

    exchange: str
    api_key: str | None = field(repr=False)
    secret: str | None = field(repr=False)
    #: None: the exchange's own host
    base_url: str | None
    proxy_url: str | None = field(repr=False)
    ipv4_only: bool
    #: as the exchange writes it, such as `SHARPUSDT`
    market: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Ready to be sent: the signed bytes are these."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: str | None
    #: None: it needs no signature
    signed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """How it ended, and the failing rungs that it answers for."""

    rungs: tuple[Rung, ...]
    method: str
    #: path without host and query
    endpoint: str
    took_ms: int
    #: None: no answer came, see `error`
    http_status: int | None = None
    #: the exchange's own code and text, verbatim; text is cut at 300 characters
    code: str | None = None
    text: str | None = None
    error: str | None = None
    #: why nothing was sent: it leads where connectors may not go; None: it was sent, or tried
    refused: Finding | None = None
    #: the exchange said what it said to the platform; None: there is nothing to compare with
    same: bool | None = None


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    path: str
    signed: bool


_MARKETS = _Call("POST", "/v2/public/config/spot/symbols", signed=False)
_BALANCES = _Call("POST", "/spot/accountList", signed=True)
_ORDER = _Call("GET", "/v2/trade/order/orderInfo", signed=True)
_CANCEL = _Call("POST", "/trade/order/cancel", signed=True)

#: none of them can trade
_CALLS: Mapping[Rung, _Call] = {
    Rung.RESOLVE: _MARKETS,
    Rung.CONNECT: _MARKETS,
    Rung.TLS: _MARKETS,
    Rung.PUBLIC: _MARKETS,
    Rung.CLOCK: _MARKETS,
    Rung.MARKET: _MARKETS,
    Rung.SIGNED_READ: _BALANCES,
    Rung.BALANCE: _BALANCES,
    Rung.READ_PERMISSION: _ORDER,
    Rung.TRADE_PERMISSION: _CANCEL,
}


def known(exchange: str) -> bool:
    """Whether this module can sign for it."""
    return exchange == "coinstore"


async def repeat(steps: Iterable[Step], target: Target, clock: Clock, why_not: WhyNot) -> tuple[Outside, ...]:
    """Each call of a failing step once, all at the same time; empty: nothing failed that a call could repeat.

    `why_not` judges each address before it is connected to, as the platform does with its own."""
    failed: dict[_Call, list[Step]] = {}
    for step in steps:
        call = _CALLS.get(step.rung)
        if step.outcome is StepOutcome.FAIL and call is not None and _can(call, target):
            failed.setdefault(call, []).append(step)
    reach = Reach(why_not=why_not, timeout_s=TIMEOUT_S, ipv4_only=target.ipv4_only)
    return tuple(await asyncio.gather(*(_repeat(call, of, target, clock, reach) for call, of in failed.items())))


def request_of(rung: Rung, target: Target, now: datetime) -> Request | None:
    """What is sent for a rung, signed at `now`; None: no call belongs to it, or its key is missing."""
    call = _CALLS.get(rung)
    return None if call is None or not _can(call, target) else _made(call, target, now)


def signature(secret: str, signed_ms: int, payload: str) -> str:
    """Coinstore: the hex text of HMAC(secret, slot) is the key of the payload's HMAC; payload: query, then body."""
    slot_key = hmac.new(secret.encode(), str(signed_ms // _SLOT_MS).encode(), hashlib.sha256).hexdigest()
    return hmac.new(slot_key.encode(), payload.encode(), hashlib.sha256).hexdigest()


def curl(request: Request, target: Target) -> str:
    """A command for a shell. It holds the API key, which the exchange needs in a header, and never the secret; a
    proxy's password is left out."""
    words = ["curl", "-sS", "-i", "--max-time", str(TIMEOUT_S)]
    if target.ipv4_only:
        words.append("-4")
    words += ["--noproxy", "*"] if target.proxy_url is None else ["--proxy", without_password(target.proxy_url)]
    lines = [shlex.join([*words, "-X", request.method, request.url])]
    lines += [shlex.join(["-H", f"{name}: {value}"]) for name, value in request.headers.items()]
    if request.body is not None:
        lines.append(shlex.join(["--data-raw", request.body]))
    return " \\\n  ".join(lines)


def without_password(proxy_url: str) -> str:
    """`http://bob:***@host:3128`"""
    parts = urlsplit(proxy_url)
    if parts.password is None:
        return proxy_url
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{parts.username}:***@{host}").geturl()


def _can(call: _Call, target: Target) -> bool:
    return known(target.exchange) and (not call.signed or bool(target.api_key and target.secret))


def _made(call: _Call, target: Target, now: datetime) -> Request:
    query, body = _content(call, target.market)
    headers = {"Content-Type": "application/json"}
    if call.signed and target.api_key is not None and target.secret is not None:
        signed_ms = int(now.timestamp() * 1000)
        headers |= {
            "X-CS-APIKEY": target.api_key,
            "X-CS-EXPIRES": str(signed_ms),
            "X-CS-SIGN": signature(target.secret, signed_ms, query + (body or "")),
        }
    base = (target.base_url or _HOST).rstrip("/")
    return Request(
        method=call.method,
        url=f"{base}{call.path}" + (f"?{query}" if query else ""),
        headers=headers,
        body=body,
        signed_at=now if call.signed else None,
    )


def _content(call: _Call, market: str) -> tuple[str, str | None]:
    """Query and body."""
    if call is _ORDER:
        return f"clOrdId={_NO_CLIENT_ORDER}", None
    if call is _CANCEL:
        return "", json.dumps({"symbol": market, "ordId": _NO_ORDER})
    if call is _MARKETS:
        return "", json.dumps({"symbolCodes": [market]})
    return "", "{}"


async def _repeat(call: _Call, steps: list[Step], target: Target, clock: Clock, reach: Reach) -> Outside:
    request = _made(call, target, clock.now())
    began = clock.monotonic()
    rungs = tuple(step.rung for step in steps)
    try:
        status, text = await clock.offload(lambda: _send(request, target, reach))
    except (OSError, http.client.HTTPException, ValueError) as error:
        took_ms = round((clock.monotonic() - began) * 1000)
        why = str(error) or type(error).__name__
        refused = _forbidden(error, clock) if isinstance(error, Forbidden) else None
        return Outside(rungs=rungs, method=call.method, endpoint=call.path, took_ms=took_ms, error=why, refused=refused)
    code, words = _read(text)
    return Outside(
        rungs=rungs,
        method=call.method,
        endpoint=call.path,
        took_ms=round((clock.monotonic() - began) * 1000),
        http_status=status,
        code=code,
        text=words,
        same=_same(steps, status, code),
    )


def _forbidden(error: Forbidden, clock: Clock) -> Finding:
    return Finding(
        code="proxy.unreachable" if error.proxy else "exchange.unreachable",
        severity=Severity.WARNING,
        since=clock.now(),
        parameters={"stage": "private", "detail": error.detail},
    )


def _same(steps: list[Step], status: int, code: str | None) -> bool | None:
    for step in steps:
        if step.evidence is not None and step.evidence.http_status is not None:
            return (status, code) == (step.evidence.http_status, step.evidence.exchange_code)
    return None


def _read(text: str) -> tuple[str | None, str | None]:
    """The exchange's own code and words; the beginning of the text where it is not in its form."""
    try:
        answer = json.loads(text)
    except ValueError:
        return None, text[:_TEXT_MAX]
    if not isinstance(answer, dict) or "code" not in answer:
        return None, text[:_TEXT_MAX]
    words = answer.get("message", answer.get("msg"))
    return str(answer["code"]), None if words is None else str(words)[:_TEXT_MAX]


def _send(request: Request, target: Target, reach: Reach) -> tuple[int, str]:
    """HTTP status and body. Raises OSError (of it Forbidden), HTTPException or ValueError."""
    address = urlsplit(request.url)
    headers = {**request.headers, "Accept": "*/*", "Host": address.netloc}
    connection, place = _connection(address, target, headers, reach)
    query = f"?{address.query}" if address.query else ""
    try:
        connection.request(request.method, f"{place}{address.path}{query}", request.body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read(_ANSWER_MAX).decode("utf-8", "replace")
    finally:
        connection.close()


def _connection(
    address: SplitResult, target: Target, headers: dict[str, str], reach: Reach
) -> tuple[http.client.HTTPConnection, str]:
    """And what stands before the path: a proxy is told the whole address of what it asks for by HTTP."""
    host, secure = address.hostname or "", address.scheme == "https"
    if target.proxy_url is None:
        return _plain(host, address.port, secure=secure, reach=reach, proxy=False), ""
    proxy = urlsplit(target.proxy_url)
    proxy_host, over_tls = proxy.hostname or "", proxy.scheme == "https"
    reach.permit(proxy_host, proxy=True)
    reach.permit(host, proxy=False)
    if proxy.scheme in SCHEMES:
        tls = ssl.create_default_context() if secure else None
        return BySocks(host, address.port, proxy, tls=tls, reach=reach), ""
    signed_in = _sign_in(proxy.username, proxy.password)
    if not secure:
        headers |= signed_in
        return _plain(proxy_host, proxy.port, secure=over_tls, reach=reach, proxy=True), f"http://{address.netloc}"
    if over_tls:
        raise ValueError("an https host behind an https proxy is beyond this client: try the curl command")
    tunnel = _plain(proxy_host, proxy.port or 80, secure=True, reach=reach, proxy=True)
    tunnel.set_tunnel(host, address.port or 443, headers=signed_in)
    return tunnel, ""


def _plain(host: str, port: int | None, *, secure: bool, reach: Reach, proxy: bool) -> http.client.HTTPConnection:
    def opened(place: tuple[str, int], *_: object) -> socket.socket:
        return reach.open(*place, proxy=proxy)

    connection = (
        http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=ssl.create_default_context())
        if secure
        else http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
    )
    connection._create_connection = opened  # type: ignore[attr-defined]
    return connection


def _sign_in(user: str | None, password: str | None) -> dict[str, str]:
    if user is None:
        return {}
    plain = f"{unquote(user)}:{unquote(password or '')}"
    return {"Proxy-Authorization": f"Basic {base64.b64encode(plain.encode()).decode()}"}
