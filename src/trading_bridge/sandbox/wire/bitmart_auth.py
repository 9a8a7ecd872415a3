"""Whether a BitMart request is signed as its reference says (section 2), and in time.

Written from the reference alone, on its own: the client's signature is another piece of code.
"""

import hmac
from collections.abc import Mapping
from hashlib import sha256

from trading_bridge.sandbox.wire.bitmart_answers import Refused

#: a request may be so old
WINDOW_MS = 60_000
#: a query of version 4 may be so old unless it says otherwise, and its clock so far ahead
RECV_WINDOW_MS = 5_000
AHEAD_MS = 1_000


def signature(secret: str, memo: str, timestamp: str, body: bytes) -> str:
    text = b"#".join((timestamp.encode(), memo.encode(), body))
    return hmac.new(secret.encode(), text, sha256).hexdigest()


def check_signature(headers: Mapping[str, str], secret: str, memo: str, body: bytes) -> None:
    given, timestamp = headers.get("x-bm-sign", ""), headers.get("x-bm-timestamp", "")
    if not timestamp:
        raise Refused(30006, "Header X-BM-TIMESTAMP is empty")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) == 13):
        raise Refused(30008, "Header X-BM-TIMESTAMP is invalid")
    if not given:
        raise Refused(30004, "Header X-BM-SIGN is empty")
    if not given.isascii() or not hmac.compare_digest(given, signature(secret, memo, timestamp, body)):
        raise Refused(30005, "Header X-BM-SIGN is wrong")


def check_time(headers: Mapping[str, str], now_ms: int, *, recv_window_ms: int | None) -> None:
    """After the signature was found good. `recv_window_ms` None: an endpoint before version 4."""
    age_ms = now_ms - int(headers["x-bm-timestamp"])
    if recv_window_ms is None:
        in_time = abs(age_ms) <= WINDOW_MS
    else:
        in_time = -AHEAD_MS < age_ms <= recv_window_ms
    if not in_time:
        raise Refused(30007, "Header X-BM-TIMESTAMP is out of the time window")
