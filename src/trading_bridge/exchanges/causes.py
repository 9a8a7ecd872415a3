"""One table from what ccxt raised, what its cause was and what the exchange said, to how the call ended and why.

ccxt's class alone does not decide: it raises one class for a request that never left and for one that got no answer.
"""

import socket
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import aiohttp
from ccxt.base.errors import (
    AuthenticationError,
    BadSymbol,
    BaseError,
    DuplicateOrderId,
    InsufficientFunds,
    InvalidNonce,
    InvalidOrder,
    InvalidProxySettings,
    MarketClosed,
    NotSupported,
    OnMaintenance,
    OrderImmediatelyFillable,
    OrderNotFillable,
    OrderNotFound,
    PermissionDenied,
    RateLimitExceeded,
)

from trading_bridge.core.finding import Severity
from trading_bridge.exchanges.cause import NO_ANSWER, UNRECOGNISED, Cause, Ending, not_sent, refused, unresolved
from trading_bridge.exchanges.hosts import PrivateAddress
from trading_bridge.exchanges.registry import described
from trading_bridge.exchanges.socks import ProxyFailed, SignInRefused
from trading_bridge.exchanges.trace import CallTrace
from trading_bridge.exchanges.wire import Wire

__all__ = ["CLOCK_OFFSET_MAX_S", "KEYLESS", "Cause", "Ending", "cause_of", "codes", "says_not_found"]

#: the HTTP date of an answer may differ so much from our clock before a refused signature is put down to the clock
CLOCK_OFFSET_MAX_S = 10.0
#: words by which an exchange says that it is closed for a while; looked for where its code says nothing
_MAINTENANCE = ("maintenance", "maintaining", "upgrading", "system upgrade")
#: how much of a page is searched for them
_SEARCHED = 4000


_CLOSED = unresolved("exchange.maintenance")
_UNREADABLE = unresolved(NO_ANSWER, stage="unreadable")

#: what ccxt's class for an exchange's own answer proves, the narrower class first; what is none of these proves nothing
_PROVEN: tuple[tuple[type[BaseException], Cause], ...] = (
    (DuplicateOrderId, unresolved("order.duplicate")),
    (InsufficientFunds, refused("balance.insufficient", Severity.WARNING)),
    (OrderImmediatelyFillable, refused("order.would_take", Severity.INFO)),
    (OrderNotFillable, refused("order.refused", Severity.WARNING)),
    (BadSymbol, refused("market.unknown")),
    (MarketClosed, refused("market.halted")),
    (PermissionDenied, refused("access.refused")),
    (AuthenticationError, refused("access.refused")),
    (InvalidNonce, refused("signature.refused")),
    (RateLimitExceeded, refused("rate.limited", Severity.WARNING)),
)
#: in the exchange's own form, whatever its code: the key, or what it may do
_UNAUTHORIZED = refused("access.refused")
#: what it proves of a call about one order that is not its creation
_OF_AN_ORDER: tuple[tuple[type[BaseException], Cause], ...] = (
    (OrderNotFound, refused("order.not_found", Severity.WARNING)),
)

#: raised before anything was handed to the HTTP session
_LOCAL: tuple[tuple[type[BaseException], Cause], ...] = (
    (AuthenticationError, not_sent("credentials.empty", Severity.CRITICAL)),
    (BadSymbol, not_sent("market.unknown", Severity.CRITICAL)),
    (InvalidOrder, not_sent("order.precision")),
    (InvalidProxySettings, not_sent("proxy.unreachable", Severity.CRITICAL)),
    (NotSupported, not_sent("proxy.unreachable", Severity.CRITICAL)),
)

#: the transport's errors, the narrower class first
_TRANSPORT: tuple[tuple[type[BaseException], Cause], ...] = (
    (SignInRefused, not_sent("proxy.auth_required", Severity.CRITICAL)),
    (aiohttp.ClientProxyConnectionError, not_sent("proxy.unreachable", stage="tcp")),
    (aiohttp.ClientConnectorCertificateError, not_sent("exchange.unreachable", stage="tls")),
    (aiohttp.ClientConnectorSSLError, not_sent("exchange.unreachable", stage="tls")),
    (aiohttp.ServerFingerprintMismatch, not_sent("exchange.unreachable", stage="tls")),
    (aiohttp.ClientConnectorError, not_sent("exchange.unreachable", stage="tcp")),
    (aiohttp.ConnectionTimeoutError, not_sent("exchange.unreachable", stage="timeout")),
    (socket.gaierror, not_sent("exchange.unreachable", stage="dns")),
    (aiohttp.InvalidURL, not_sent("exchange.unreachable", stage="address")),
    (TimeoutError, unresolved(NO_ANSWER, stage="timeout")),
    (aiohttp.ClientError, unresolved(NO_ANSWER, stage="reset")),
    (OSError, unresolved(NO_ANSWER, stage="reset")),
)
#: calls that show no key
KEYLESS = frozenset({"fetch_markets", "fetch_order_book", "fetch_trades"})
_GATEWAY = frozenset({502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 527, 530})


def codes() -> frozenset[str]:
    """Every finding code that a call can end with."""
    wires = [info.wire for info in described()]
    listed = {cause.code for wire in wires for cause in wire.causes.values()}
    listed |= {one.cause.code for wire in wires for one in wire.worded}
    listed |= {cause.code for _, cause in (*_LOCAL, *_TRANSPORT, *_PROVEN, *_OF_AN_ORDER)}
    return frozenset(listed | {UNRECOGNISED.code, _CLOSED.code, "proxy.auth_required", "clock.skewed"})


def cause_of(error: BaseException, trace: CallTrace, *, wire: Wire, at: datetime) -> Cause:
    """Why a call failed; `at` is our wall time when it did."""
    transport = _transport_error(error)
    if transport is not None:
        return _of_transport(transport, trace)
    if not trace.began:
        return _found(_LOCAL, error) or not_sent("exchange.unrecognised", detail=type(error).__name__)
    if trace.status is None:
        return _UNREADABLE
    cause = _of_answer(trace, trace.status, wire, error)
    if cause.code in ("credentials.rejected", "signature.refused", "clock.skewed"):
        return _clock(trace, at) or cause
    return cause


def says_not_found(error: BaseError, trace: CallTrace, wire: Wire) -> bool:
    """Whether the exchange itself said so, in an answer that came whole; anything else is no word about the order."""
    if trace.status is None or trace.status >= 500 or trace.response is None or _transport_error(error) is not None:
        return False
    if isinstance(error, OrderNotFound):
        return True
    known = _listed(wire, trace)
    return known is not None and known.code == "order.not_found"


def _of_answer(trace: CallTrace, status: int, wire: Wire, error: BaseException) -> Cause:
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return not_sent("proxy.auth_required", Severity.CRITICAL)
    if status in (HTTPStatus.TOO_MANY_REQUESTS, 418):
        return refused("rate.limited", Severity.WARNING)
    closed = isinstance(error, OnMaintenance) or _speaks_of_maintenance(trace)
    if status >= 500:
        return _CLOSED if closed else _no_answer("gateway" if status in _GATEWAY else "server error", status)
    if not trace.envelope:
        return _no_answer(_form(trace.body or "", status), status)
    known = _listed(wire, trace)
    if known is None and wire.all_causes and status == HTTPStatus.UNAUTHORIZED:
        known = refused("credentials.rejected")
    if known is not None and known.code == "credentials.rejected" and trace.call in KEYLESS:
        return UNRECOGNISED  # no key was shown, so it is not the exchange's word about ours
    if known is not None:
        return known
    if trace.succeeded:
        return _no_answer("unreadable", status)
    if closed:
        return _CLOSED
    return (None if wire.all_causes else _proven(error, trace, status)) or UNRECOGNISED


def _listed(wire: Wire, trace: CallTrace) -> Cause | None:
    """What the exchange's own table says of its code and words."""
    said = (trace.text or "").lower()
    for one in wire.worded:
        if one.code == trace.code and one.words.lower() in said:
            return one.cause
    return wire.causes.get(trace.code or "")


def _proven(error: BaseException, trace: CallTrace, status: int) -> Cause | None:
    if "duplicate" in (trace.text or "").lower():
        return unresolved("order.duplicate")  # classes put it under more than one name
    table = _PROVEN if trace.call == "create_order" else (*_OF_AN_ORDER, *_PROVEN)
    return _found(table, error) or (_UNAUTHORIZED if status == HTTPStatus.UNAUTHORIZED else None)


def _no_answer(stage: str, status: int) -> Cause:
    return unresolved(NO_ANSWER, stage=stage, http_status=str(status))


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
            return not_sent("proxy.auth_required", Severity.CRITICAL)
        return not_sent("proxy.unreachable", stage="tunnel", http_status=str(error.status))
    if isinstance(error, PrivateAddress):
        return _private(error, proxy=error.proxy)
    if isinstance(error, ProxyFailed):
        return not_sent("proxy.unreachable", stage=error.stage, detail=error.detail)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return _of_name(error, trace)
    plain = trace.url is not None and trace.url.scheme == "http"
    if trace.proxied and plain and isinstance(error, aiohttp.ConnectionTimeoutError):
        return not_sent("proxy.unreachable", stage="timeout")  # without TLS nothing but the proxy is connected to
    return _found(_TRANSPORT, error) or _UNREADABLE


def _private(error: PrivateAddress, *, proxy: bool) -> Cause:
    return not_sent("proxy.unreachable" if proxy else "exchange.unreachable", stage="private", detail=error.detail)


def _of_name(error: aiohttp.ClientConnectorDNSError, trace: CallTrace) -> Cause:
    if isinstance(error.os_error, PrivateAddress):
        return _private(error.os_error, proxy=trace.proxied)
    if trace.proxied:
        return not_sent("proxy.unreachable", stage="dns")  # by name only the proxy is looked up here
    only_ipv6 = trace.ipv4_only and error.os_error.errno == socket.EAI_NODATA
    return not_sent("exchange.unreachable", stage="address" if only_ipv6 else "dns")


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
    return refused("clock.skewed", offset_s=f"{offset_s:.0f}")
