"""One table from what ccxt raised, what its cause was and what the exchange said, to how the call ended and why.

ccxt's class alone does not decide: it raises one class for a request that never left and for one that got no answer.
"""

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http import HTTPStatus
from types import MappingProxyType

import aiohttp
from ccxt.base.errors import (
    AuthenticationError,
    BadSymbol,
    InvalidOrder,
    InvalidProxySettings,
    NotSupported,
    OnMaintenance,
)

from trading_bridge.core.finding import Severity
from trading_bridge.exchanges.trace import CallTrace

#: the HTTP date of an answer may differ so much from our clock before a refused signature is put down to the clock
CLOCK_OFFSET_MAX_S = 10.0
#: words by which an exchange says that it is closed for a while; looked for where its code says nothing
_MAINTENANCE = ("maintenance", "maintaining", "upgrading", "system upgrade")
#: how much of a page is searched for them
_SEARCHED = 4000
_NOTHING: Mapping[str, str] = MappingProxyType({})


class Ending(StrEnum):
    """How a call ended that gave no answer; see core.outcome."""

    REFUSED = "refused"
    NOT_SENT = "not_sent"
    UNRESOLVED = "unresolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    ending: Ending
    #: of the finding
    code: str
    severity: Severity = Severity.WARNING
    parameters: Mapping[str, str] = field(default_factory=lambda: _NOTHING)


def _refused(code: str, severity: Severity = Severity.CRITICAL, **parameters: str) -> Cause:
    return Cause(ending=Ending.REFUSED, code=code, severity=severity, parameters=parameters)


def _not_sent(code: str, severity: Severity = Severity.WARNING, **parameters: str) -> Cause:
    return Cause(ending=Ending.NOT_SENT, code=code, severity=severity, parameters=parameters)


def _unresolved(code: str, severity: Severity = Severity.WARNING, **parameters: str) -> Cause:
    return Cause(ending=Ending.UNRESOLVED, code=code, severity=severity, parameters=parameters)


_UNRECOGNISED = _unresolved("exchange.unrecognised")
_CLOSED = _unresolved("exchange.maintenance")
_NO_ANSWER = "exchange.no_answer"
_UNREADABLE = _unresolved(_NO_ANSWER, stage="unreadable")

#: exchange -> its own code -> cause; wire reference of each exchange, section errors
_CODES: Mapping[str, Mapping[str, Cause]] = {
    "coinstore": {
        "400": _refused("order.refused", Severity.WARNING),
        "401": _refused("credentials.rejected"),
        # address not allowed, a permission missing, or the signature: only a probe can tell
        "1401": _refused("access.refused"),
        "3005": _refused("signature.refused"),
        "3011": _refused("market.unknown"),
        "3012": _refused("market.halted"),
        "3013": _refused("permission.trade_missing"),
        "3014": _refused("permission.trade_missing"),
        "3015": _refused("permission.trade_missing"),
        "6001": _refused("permission.trade_missing"),
        "3103": _refused("order.not_found", Severity.WARNING),
        "3104": _refused("order.precision", Severity.WARNING),
        "3106": _refused("order.precision", Severity.WARNING),
        # proves that an earlier request arrived
        "3111": _unresolved("order.duplicate"),
        "3113": _refused("balance.insufficient", Severity.WARNING),
        "429": _refused("rate.limited", Severity.WARNING),
        "500": _unresolved(_NO_ANSWER, stage="server error"),
        # of transfers between wallets, which nothing here asks for
        "102150400": _UNRECOGNISED,
        "101040502": _UNRECOGNISED,
        "102150808": _UNRECOGNISED,
    },
}

#: raised before anything was handed to the HTTP session
_LOCAL: tuple[tuple[type[BaseException], Cause], ...] = (
    (AuthenticationError, _not_sent("credentials.empty", Severity.CRITICAL)),
    (BadSymbol, _not_sent("market.unknown", Severity.CRITICAL)),
    (InvalidOrder, _not_sent("order.precision")),
    (InvalidProxySettings, _not_sent("proxy.unreachable", Severity.CRITICAL)),
    (NotSupported, _not_sent("proxy.unreachable", Severity.CRITICAL)),
)

#: the transport's errors, the narrower class first
_TRANSPORT: tuple[tuple[type[BaseException], Cause], ...] = (
    (aiohttp.ClientProxyConnectionError, _not_sent("proxy.unreachable", stage="tcp")),
    (aiohttp.ClientConnectorCertificateError, _not_sent("exchange.unreachable", stage="tls")),
    (aiohttp.ClientConnectorSSLError, _not_sent("exchange.unreachable", stage="tls")),
    (aiohttp.ServerFingerprintMismatch, _not_sent("exchange.unreachable", stage="tls")),
    (aiohttp.ClientConnectorError, _not_sent("exchange.unreachable", stage="tcp")),
    (aiohttp.ConnectionTimeoutError, _not_sent("exchange.unreachable", stage="timeout")),
    (socket.gaierror, _not_sent("exchange.unreachable", stage="dns")),
    (aiohttp.InvalidURL, _not_sent("exchange.unreachable", stage="address")),
    (TimeoutError, _unresolved(_NO_ANSWER, stage="timeout")),
    (aiohttp.ClientError, _unresolved(_NO_ANSWER, stage="reset")),
    (OSError, _unresolved(_NO_ANSWER, stage="reset")),
)
#: calls that show no key
_KEYLESS = frozenset({"fetch_markets", "fetch_order_book", "fetch_trades"})
_GATEWAY = frozenset({502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 527, 530})


def codes() -> frozenset[str]:
    """Every finding code that a call can end with."""
    listed = {cause.code for table in _CODES.values() for cause in table.values()}
    listed |= {cause.code for _, cause in (*_LOCAL, *_TRANSPORT)}
    return frozenset(listed | {_UNRECOGNISED.code, _CLOSED.code, "proxy.auth_required", "clock.skewed"})


def cause_of(error: BaseException, trace: CallTrace, *, exchange: str, at: datetime) -> Cause:
    """Why a call failed; `at` is our wall time when it did."""
    transport = _transport_error(error)
    if transport is not None:
        return _of_transport(transport, trace)
    if not trace.began:
        return _found(_LOCAL, error) or _not_sent("exchange.unrecognised", detail=type(error).__name__)
    if trace.status is None:
        return _UNREADABLE
    cause = _of_answer(trace, trace.status, exchange, says_closed=isinstance(error, OnMaintenance))
    if cause.code in ("credentials.rejected", "signature.refused"):
        return _clock(trace, at) or cause
    return cause


def _of_answer(trace: CallTrace, status: int, exchange: str, *, says_closed: bool) -> Cause:
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return _not_sent("proxy.auth_required", Severity.CRITICAL)
    if status in (HTTPStatus.TOO_MANY_REQUESTS, 418):
        return _refused("rate.limited", Severity.WARNING)
    closed = says_closed or _speaks_of_maintenance(trace)
    if status >= 500:
        return _CLOSED if closed else _no_answer("gateway" if status in _GATEWAY else "server error", status)
    if not trace.envelope:
        return _no_answer(_form(trace.body or "", status), status)
    known = _CODES.get(exchange, {}).get(trace.code or "")
    if known is None and status == HTTPStatus.UNAUTHORIZED:
        known = _refused("credentials.rejected")
    if known is not None and known.code == "credentials.rejected" and trace.call in _KEYLESS:
        return _UNRECOGNISED  # no key was shown, so it is not the exchange's word about ours
    if known is not None:
        return known
    if trace.code == "0":
        return _no_answer("unreadable", status)
    if closed:
        return _CLOSED
    return _UNRECOGNISED


def _no_answer(stage: str, status: int) -> Cause:
    return _unresolved(_NO_ANSWER, stage=stage, http_status=str(status))


def _form(body: str, status: int) -> str:
    """What came in the place of an answer, as a stage."""
    begins = body.lstrip("\ufeff \t\r\n")
    if not begins:
        return "empty"
    if not begins.startswith("<"):
        return "unreadable"
    return "blocked" if status == HTTPStatus.FORBIDDEN else "html"


def _speaks_of_maintenance(trace: CallTrace) -> bool:
    said = (trace.body or "")[:_SEARCHED].lower()
    return any(word in said for word in _MAINTENANCE)


def _of_transport(error: BaseException, trace: CallTrace) -> Cause:
    if isinstance(error, aiohttp.ClientHttpProxyError):
        if error.status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
            return _not_sent("proxy.auth_required", Severity.CRITICAL)
        return _not_sent("proxy.unreachable", stage="tunnel", http_status=str(error.status))
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return _of_name(error, trace)
    plain = trace.url is not None and trace.url.scheme == "http"
    if trace.proxied and plain and isinstance(error, aiohttp.ConnectionTimeoutError):
        return _not_sent("proxy.unreachable", stage="timeout")  # without TLS nothing but the proxy is connected to
    return _found(_TRANSPORT, error) or _UNREADABLE


def _of_name(error: aiohttp.ClientConnectorDNSError, trace: CallTrace) -> Cause:
    if trace.proxied:
        return _not_sent("proxy.unreachable", stage="dns")  # by name only the proxy is looked up here
    only_ipv6 = trace.ipv4_only and error.os_error.errno == socket.EAI_NODATA
    return _not_sent("exchange.unreachable", stage="address" if only_ipv6 else "dns")


def _transport_error(error: BaseException) -> BaseException | None:
    """The transport's own error, which ccxt wraps; None: the transport did its work."""
    for candidate in (error, error.__cause__):
        if isinstance(candidate, aiohttp.ClientError | OSError):
            return candidate
    return None


def _found(table: tuple[tuple[type[BaseException], Cause], ...], error: BaseException) -> Cause | None:
    return next((cause for kind, cause in table if isinstance(error, kind)), None)


def _clock(trace: CallTrace, at: datetime) -> Cause | None:
    """A refused signature whose answer carries another time than ours: the clock is the likelier cause."""
    stamp = trace.headers.get("Date")
    if stamp is None:
        return None
    try:
        offset_s = (parsedate_to_datetime(stamp) - at).total_seconds()
    except (ValueError, TypeError):
        return None
    if abs(offset_s) <= CLOCK_OFFSET_MAX_S:
        return None
    return _refused("clock.skewed", offset_s=f"{offset_s:.0f}")
