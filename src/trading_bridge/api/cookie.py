"""The session cookie: HttpOnly, SameSite=Lax, Secure unless the host is loopback."""

from datetime import datetime
from ipaddress import ip_address

from fastapi import Request, Response

NAME = "tb_session"


def put(response: Response, request: Request, token: str, expires_at: datetime) -> None:
    response.set_cookie(
        NAME, token, expires=expires_at, path="/", httponly=True, samesite="lax", secure=not _loopback(request)
    )


def clear(response: Response, request: Request) -> None:
    response.delete_cookie(NAME, path="/", httponly=True, samesite="lax", secure=not _loopback(request))


def read(headers: list[tuple[bytes, bytes]]) -> str | None:
    """The token among the request's cookies; None: there is none."""
    for name, value in headers:
        if name == b"cookie":
            for part in value.split(b";"):
                key, _, token = part.partition(b"=")
                if key.strip() == b"tb_session":
                    return token.strip().decode("latin-1")
    return None


def _loopback(request: Request) -> bool:
    host = request.url.hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
