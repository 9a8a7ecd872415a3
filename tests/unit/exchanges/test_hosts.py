from ipaddress import ip_network

import pytest

from trading_bridge.exchanges.hosts import PUBLIC_ONLY, Hosts


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("127.0.0.1", "a loopback address"),
        ("localhost", "a loopback address"),
        ("a.LOCALHOST.", "a loopback address"),
        ("::1", "a loopback address"),
        ("127.1", "a loopback address"),
        ("2130706433", "a loopback address"),
        ("0x7f000001", "a loopback address"),
        ("0177.0.0.1", "a loopback address"),
        ("::ffff:127.0.0.1", "a loopback address"),
        ("64:ff9b::7f00:1", "a loopback address"),
        ("2002:7f00:1::", "a loopback address"),
        ("10.0.0.8", "a private address"),
        ("172.16.0.1", "a private address"),
        ("192.168.1.1", "a private address"),
        ("fd12::1", "a private address"),
        ("0.0.0.0", "a private address"),
        ("::", "a private address"),
        ("169.254.1.1", "a link-local address"),
        ("fe80::1", "a link-local address"),
        ("fe80::1%eth0", "a link-local address"),
        ("169.254.169.254", "a metadata address of a cloud"),
        ("::ffff:169.254.169.254", "a metadata address of a cloud"),
        ("fd00:ec2::254", "a metadata address of a cloud"),
        ("100.100.100.200", "a metadata address of a cloud"),
        ("100.64.0.1", "an address of special use"),
        ("224.0.0.1", "an address of special use"),
        ("ff02::1", "an address of special use"),
        ("255.255.255.255", "a private address"),
    ],
)
def test_where_connectors_do_not_go(host: str, kind: str) -> None:
    assert PUBLIC_ONLY.why_not(host) == f"{host} is {kind}"


@pytest.mark.parametrize("host", ["1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "api.example.com", "a.b", ""])
def test_public_addresses_and_names(host: str) -> None:
    assert PUBLIC_ONLY.why_not(host) is None


def test_what_the_operator_names_is_allowed_and_nothing_else() -> None:
    hosts = Hosts([ip_network("10.0.0.8"), ip_network("127.0.0.0/8")])
    assert hosts.why_not("10.0.0.8") is None
    assert hosts.why_not("localhost") is None
    assert hosts.why_not("10.0.0.9") is not None
    assert hosts.why_not("169.254.169.254") is not None
    assert hosts.why_not("::1") is not None
