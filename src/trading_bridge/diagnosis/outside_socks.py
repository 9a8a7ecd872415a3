"""SOCKS5 for the second client (RFC 1928, sign-in RFC 1929), on blocking sockets: written a second time on purpose."""

import http.client
import socket
import ssl
from urllib.parse import SplitResult, unquote

from trading_bridge.diagnosis.outside_reach import Reach

#: by the second the proxy looks names up
SCHEMES = ("socks5", "socks5h")
_PORT = 1080


class BySocks(http.client.HTTPConnection):
    """To the exchange's host, by a proxy that opens the connection."""

    def __init__(
        self,
        host: str,
        port: int | None,
        proxy: SplitResult,
        *,
        tls: ssl.SSLContext | None,
        reach: Reach,
    ) -> None:
        """`tls` None: the exchange is spoken to by http."""
        super().__init__(host, port or (80 if tls is None else 443), timeout=reach.timeout_s)
        self._proxy = proxy
        self._tls = tls
        self._reach = reach

    def connect(self) -> None:
        """Raises Forbidden, or OSError, whose words say that it was the proxy where it was."""
        sock = self._reach.open(self._proxy.hostname or "", self._proxy.port or _PORT, proxy=True)
        try:
            self._greet(sock)
            sock.sendall(b"\x05\x01\x00" + self._place() + self.port.to_bytes(2, "big"))
            _, reply, _, kind = _exactly(sock, 4)
            if reply:
                raise OSError(f"the SOCKS proxy opened no connection: its reply was {reply}")
            _exactly(sock, {1: 4, 4: 16}.get(kind) or _exactly(sock, 1)[0])
            _exactly(sock, 2)
            self.sock = sock if self._tls is None else self._tls.wrap_socket(sock, server_hostname=self.host)
        except BaseException:
            sock.close()
            raise

    def _greet(self, sock: socket.socket) -> None:
        user, password = unquote(self._proxy.username or "").encode(), unquote(self._proxy.password or "").encode()
        sock.sendall(b"\x05\x02\x00\x02" if user else b"\x05\x01\x00")
        version, method = _exactly(sock, 2)
        if version != 5:
            raise OSError("the proxy does not speak SOCKS5")
        if method == 2 and user:
            sock.sendall(bytes((1, len(user))) + user + bytes((len(password),)) + password)
            if _exactly(sock, 2)[1]:
                raise OSError("the SOCKS proxy refuses the user and the password")
        elif method:
            raise OSError("the SOCKS proxy wants another sign-in")

    def _place(self) -> bytes:
        """An address, looked up here unless the proxy does that."""
        host = self.host
        if self._proxy.scheme == "socks5":
            host = self._reach.addresses(host, self.port, proxy=False)[0]
        for kind, family in ((b"\x01", socket.AF_INET), (b"\x04", socket.AF_INET6)):
            try:
                return kind + socket.inet_pton(family, host)
            except OSError:
                continue
        name = host.encode("idna")
        return bytes((3, len(name))) + name


def _exactly(sock: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        more = sock.recv(length - len(data))
        if not more:
            raise OSError("the SOCKS proxy closed the connection")
        data += more
    return data
