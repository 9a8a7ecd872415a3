"""Each cause on the way to an exchange: how a connector goes, what is switched, and what it must be called."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from tests.certificates import DAY, NOW
from tests.e2e.site import LOCALHOST, Site
from trading_bridge.diagnosis.ladder import Rung
from trading_bridge.exchanges.family import Family

#: of the proxy, in the address of each connector that goes by it
PROXY_USER, PROXY_PASSWORD = "desk", "Tr4nsit-Passw0rd-of-the-desk"

Switch = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Proxies:
    """Ports of real ones."""

    #: takes the user and the password
    open: int
    #: takes another password
    closed: int
    #: as these two, of SOCKS
    socks_open: int
    socks_closed: int


@dataclass(frozen=True)
class Way:
    #: of the connector
    fields: Mapping[str, object]
    on: Switch
    off: Switch


@dataclass(frozen=True)
class Cause:
    name: str
    #: the code, with its stage where it has one
    expected: str
    #: the first rung of the ladder that fails
    rung: Rung
    #: in what the ladder says there
    words: str
    #: the way of one connector; its key and the proxies are those that are given
    way: Callable[[Site, Proxies, str], Awaitable[Way]]


async def unknown_name(site: Site, proxies: Proxies, api_key: str) -> Way:
    relay, host = await site.relay(), "gone.exchange.test"
    site.names.families[host] = (Family.IPV4,)

    async def on() -> None:
        del site.names.families[host]
        await relay.cut()

    async def off() -> None:
        site.names.families[host] = (Family.IPV4,)

    return Way({"base_url": f"http://{host}:{relay.port}/api"}, on, off)


async def closed_port(site: Site, proxies: Proxies, api_key: str) -> Way:
    relay = await site.relay()
    return Way({"base_url": f"http://127.0.0.1:{relay.port}/api"}, relay.close, relay.open)


async def expired_certificate(site: Site, proxies: Proxies, api_key: str) -> Way:
    good = site.authority.server()
    relay = await site.relay(tls=good)

    async def on() -> None:
        await relay.reopen(tls=site.authority.server(ends=NOW - DAY))

    async def off() -> None:
        await relay.reopen(tls=good)

    return Way({"base_url": f"https://127.0.0.1:{relay.port}/api"}, on, off)


async def certificate_of_another(site: Site, proxies: Proxies, api_key: str) -> Way:
    good = site.authority.server()
    relay = await site.relay(tls=good)

    async def on() -> None:
        await relay.reopen(tls=site.authority.server("192.0.2.1"))

    async def off() -> None:
        await relay.reopen(tls=good)

    return Way({"base_url": f"https://127.0.0.1:{relay.port}/api"}, on, off)


async def never_answers(site: Site, proxies: Proxies, api_key: str) -> Way:
    relay = await site.relay()

    async def on() -> None:
        relay.silent = True

    async def off() -> None:
        relay.silent = False
        await relay.cut()  # what was asked meanwhile is lost

    return Way({"base_url": f"http://127.0.0.1:{relay.port}/api"}, on, off)


async def proxy_wants_a_password(site: Site, proxies: Proxies, api_key: str) -> Way:
    return await _by_changed_password(site, proxies, f"http://127.0.0.1:{site.port}/api")


async def proxy_wants_a_password_for_a_tunnel(site: Site, proxies: Proxies, api_key: str) -> Way:
    secure = await site.relay(tls=site.authority.server())
    return await _by_changed_password(site, proxies, f"https://127.0.0.1:{secure.port}/api")


async def proxy_is_down(site: Site, proxies: Proxies, api_key: str) -> Way:
    relay = await site.relay(proxies.open)
    fields = {"base_url": f"http://127.0.0.1:{site.port}/api", "proxy_url": _proxy_url(relay.port)}
    return Way(fields, relay.close, relay.open)


async def socks_proxy_wants_a_password(site: Site, proxies: Proxies, api_key: str) -> Way:
    relay = await site.relay(proxies.socks_open)

    async def on() -> None:
        await relay.reopen(target=proxies.socks_closed)

    async def off() -> None:
        await relay.reopen(target=proxies.socks_open)

    return Way(_by_socks(f"http://127.0.0.1:{site.port}/api", relay.port), on, off)


async def socks_proxy_is_down(site: Site, proxies: Proxies, api_key: str) -> Way:
    relay = await site.relay(proxies.socks_open)
    return Way(_by_socks(f"http://127.0.0.1:{site.port}/api", relay.port), relay.close, relay.open)


async def socks_proxy_reaches_nothing(site: Site, proxies: Proxies, api_key: str) -> Way:
    relay = await site.relay()
    return Way(_by_socks(f"http://127.0.0.1:{relay.port}/api", proxies.socks_open), relay.close, relay.open)


async def never_answers_by_socks(site: Site, proxies: Proxies, api_key: str) -> Way:
    way = await never_answers(site, proxies, api_key)
    return Way(_by_socks(str(way.fields["base_url"]), proxies.socks_open), way.on, way.off)


async def only_ipv6_for_an_ipv4_connector(site: Site, proxies: Proxies, api_key: str) -> Way:
    relay, host = await site.relay(), "moved.exchange.test"
    site.names.families[host] = (Family.IPV4,)

    async def on() -> None:
        site.names.families[host] = (Family.IPV6,)
        await relay.close()

    async def off() -> None:
        site.names.families[host] = (Family.IPV4,)
        await relay.open()

    return Way({"base_url": f"http://{host}:{relay.port}/api", "ipv4_only": True}, on, off)


async def ipv6_is_not_listed(site: Site, proxies: Proxies, api_key: str) -> Way:
    directory = site.exchange.engine.directory

    async def on() -> None:
        directory.change_key(api_key, addresses=("127.0.0.1",))

    async def off() -> None:
        directory.change_key(api_key, addresses=())

    return Way({"base_url": f"http://{LOCALHOST}:{site.port}/api"}, on, off)


CAUSES = (
    Cause("unknown name", "exchange.unreachable (dns)", Rung.RESOLVE, "not known", unknown_name),
    Cause("closed port", "exchange.unreachable (tcp)", Rung.CONNECT, "refused", closed_port),
    Cause("expired certificate", "exchange.unreachable (tls)", Rung.TLS, "expired", expired_certificate),
    Cause("certificate for another name", "exchange.unreachable (tls)", Rung.TLS, "mismatch", certificate_of_another),
    Cause("accepts, never answers", "exchange.no_answer (timeout)", Rung.PUBLIC, "", never_answers),
    Cause("proxy wants a password", "proxy.auth_required", Rung.PUBLIC, "", proxy_wants_a_password),
    Cause(
        "proxy wants a password (https)", "proxy.auth_required", Rung.PUBLIC, "", proxy_wants_a_password_for_a_tunnel
    ),
    Cause("proxy is down", "proxy.unreachable (tcp)", Rung.CONNECT, "refused", proxy_is_down),
    Cause("SOCKS proxy wants a password", "proxy.auth_required", Rung.PUBLIC, "", socks_proxy_wants_a_password),
    Cause("SOCKS proxy is down", "proxy.unreachable (tcp)", Rung.CONNECT, "refused", socks_proxy_is_down),
    Cause("SOCKS proxy reaches nothing", "proxy.unreachable (tunnel)", Rung.PUBLIC, "", socks_proxy_reaches_nothing),
    Cause("behind SOCKS nobody answers", "exchange.no_answer (timeout)", Rung.PUBLIC, "", never_answers_by_socks),
    Cause(
        "only IPv6, connector set to IPv4",
        "exchange.unreachable (address)",
        Rung.RESOLVE,
        "no IPv4 address",
        only_ipv6_for_an_ipv4_connector,
    ),
    Cause("key lists IPv4, host leaves by IPv6", "ip.not_allowed", Rung.SIGNED_READ, "IPv6", ipv6_is_not_listed),
)


async def _by_changed_password(site: Site, proxies: Proxies, base_url: str) -> Way:
    relay = await site.relay(proxies.open)

    async def on() -> None:
        await relay.reopen(target=proxies.closed)

    async def off() -> None:
        await relay.reopen(target=proxies.open)

    return Way({"base_url": base_url, "proxy_url": _proxy_url(relay.port)}, on, off)


def _by_socks(base_url: str, port: int) -> Mapping[str, object]:
    return {"base_url": base_url, "proxy_url": f"socks5h://{PROXY_USER}:{PROXY_PASSWORD}@127.0.0.1:{port}"}


def _proxy_url(port: int) -> str:
    return f"http://{PROXY_USER}:{PROXY_PASSWORD}@127.0.0.1:{port}"
