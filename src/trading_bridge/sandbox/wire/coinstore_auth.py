"""Who sends a Coinstore request, and whether its signature is right (reference section 2).

Written from the reference alone, on its own: the client's signature is another piece of code.
"""

import hmac
from collections.abc import Mapping
from hashlib import sha256

_SLOT_MS = 30_000


def signature(secret: str, expires_ms: int, payload: bytes) -> str:
    """HMAC under the hex text of the slot's HMAC; `payload` is the raw query followed by the raw body."""
    slot = str(expires_ms // _SLOT_MS)
    key = hmac.new(secret.encode(), slot.encode(), sha256).hexdigest()
    return hmac.new(key.encode(), payload, sha256).hexdigest()


def is_signed(headers: Mapping[str, str], secret: str, payload: bytes, *, now_ms: int, window_ms: int | None) -> bool:
    """`window_ms` None: the time of the request is not compared with ours."""
    expires = headers.get("x-cs-expires", "")
    if not (expires.isascii() and expires.isdigit() and len(expires) == 13):
        return False
    if window_ms is not None and abs(int(expires) - now_ms) > window_ms:
        return False
    given = headers.get("x-cs-sign", "")
    return given.isascii() and hmac.compare_digest(given, signature(secret, int(expires), payload))
