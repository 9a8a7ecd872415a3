"""Whether a Binance request is signed, and of now (rest-api.md of the reference, "Request Security").

Written from the reference alone, on its own: the client's signature is another piece of code.
"""

import hmac
import re
from hashlib import sha256
from string import printable
from urllib.parse import quote

from trading_bridge.sandbox.wire.binance_errors import BinanceError, illegal, missing, signature_refused
from trading_bridge.sandbox.wire.binance_params import Params

RECV_WINDOW_MS = 5_000
RECV_WINDOW_MOST_MS = 60_000
AHEAD_MOST_MS = 1_000

_KEY = re.compile("[A-Za-z0-9_-]{1,128}")
_WINDOW = "^[0-9]{1,5}(\\.[0-9]{1,3})?$"
_NAME = b"signature="
_ASCII = printable


def signature(secret: str, payload: bytes) -> str:
    """`payload` is the query, then the body without anything between them, both without their `signature`."""
    return hmac.new(secret.encode(), payload, sha256).hexdigest()


def is_key_text(api_key: str) -> bool:
    return _KEY.fullmatch(api_key) is not None


def check_signature(params: Params, secret: str, query: bytes, body: bytes) -> None:
    given = params.text("signature", "^[A-Fa-f0-9]{64}$")
    payload = _unsigned(query) + _unsigned(body)
    if not hmac.compare_digest(given.lower(), signature(secret, payload)):
        raise signature_refused()


def check_sorted_signature(params: Params, secret: str) -> None:
    """Of a request by websocket: its parameters in the order of their names."""
    given = params.text("signature", "^[A-Fa-f0-9]{64}$")
    pairs = sorted(pair for pair in params.pairs() if pair[0] != "signature")
    payload = "&".join(f"{name}={quote(value, safe=_ASCII)}" for name, value in pairs)
    if not hmac.compare_digest(given.lower(), signature(secret, payload.encode())):
        raise signature_refused()


def check_time(params: Params, now_ms: int) -> None:
    window = params.optional_text("recvWindow", _WINDOW)
    window_ms = RECV_WINDOW_MS if window is None else float(window)
    if window_ms > RECV_WINDOW_MOST_MS:
        raise BinanceError(-1131, f"recvWindow must be less than {RECV_WINDOW_MOST_MS}.")
    timestamp = params.optional_moment("timestamp")
    if timestamp is None:
        raise missing("timestamp")
    if timestamp < 10**11:
        raise illegal("timestamp", "^[0-9]{12,20}$")
    if timestamp >= now_ms + AHEAD_MOST_MS:
        raise BinanceError(-1021, f"Timestamp for this request was {AHEAD_MOST_MS}ms ahead of the server's time.")
    if now_ms - timestamp > window_ms:
        raise BinanceError(-1021, "Timestamp for this request is outside of the recvWindow.")


def _unsigned(text: bytes) -> bytes:
    return b"&".join(part for part in text.split(b"&") if not part.startswith(_NAME))
