"""Input of people: one form of it, or a refusal with field and remedy."""

from ipaddress import ip_network

import pytest

from tests.private_hosts import PRIVATE_TOO
from trading_bridge.errors import InvalidInput, NotFound
from trading_bridge.exchanges.hosts import PUBLIC_ONLY, Hosts
from trading_bridge.services import checks


@pytest.mark.parametrize(
    ("given", "pair"),
    [
        ("SHARP/USDT", "SHARP/USDT"), (" sharp/usdt ", "SHARP/USDT"), ("1000SATS/USDT", "1000SATS/USDT"),
        ("$MICHI/USDC.E", "$MICHI/USDC.E"), ("A-B/C_D", "A-B/C_D"),
    ],
)  # fmt: skip
def test_a_pair_is_upper_case_without_outer_space(given: str, pair: str) -> None:
    assert checks.pair(given) == pair


@pytest.mark.parametrize(
    "given",
    ["", "/", "SHARP", "SHARP-USDT", "SHARP/", "/USDT", "A/B/C", "A A/B", "A/B:B", "A/A", "x" * 21 + "/A", "Ä/B"],
)
def test_what_is_no_pair_is_refused_with_an_example(given: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checks.pair(given)
    assert refused.value.field == "pair"
    assert "SHARP/USDT" in (refused.value.remedy or "")


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("http://127.0.0.1:8802/api", "http://127.0.0.1:8802/api"), (" https://api.example.com/ ", "https://api.example.com"),
        ("http://[::1]:8802/api", "http://[::1]:8802/api"),
    ],
)  # fmt: skip
def test_an_http_address_with_a_host(given: str, clean: str) -> None:
    assert checks.base_url(given, PRIVATE_TOO) == clean


def test_a_proxy_may_hold_a_password_and_no_refusal_shows_it() -> None:
    assert checks.proxy_url("http://user:word@10.0.0.8:3128", PRIVATE_TOO) == "http://user:word@10.0.0.8:3128"
    with pytest.raises(InvalidInput) as refused:
        checks.proxy_url("ftp://user:word@10.0.0.8:3128", PRIVATE_TOO)
    assert "word" not in f"{refused.value.message}{refused.value.remedy}"


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_a_proxy_may_be_of_socks(scheme: str) -> None:
    assert checks.proxy_url(f" {scheme}://user:word@10.0.0.8 ", PRIVATE_TOO) == f"{scheme}://user:word@10.0.0.8"


@pytest.mark.parametrize(
    "given",
    ["socks4://10.0.0.8", "socks5://", "socks5://:word@10.0.0.8", f"socks5://{'u' * 256}:word@10.0.0.8", "http://10.0.0.8/x"],
)  # fmt: skip
def test_a_proxy_that_cannot_be_is_refused_with_a_remedy(given: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checks.proxy_url(given, PRIVATE_TOO)
    assert refused.value.field == "proxy_url"
    assert refused.value.remedy
    assert "word" not in f"{refused.value.message}{refused.value.remedy}".replace("password", "")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.0.0.8", "169.254.169.254", "[fd00:ec2::254]", "127.1"])
def test_a_private_host_is_refused_unless_the_operator_allows_it(host: str) -> None:
    for check, given, field in (
        (checks.base_url, f"https://{host}/api", "base_url"),
        (checks.proxy_url, f"socks5://user:word@{host}:1080", "proxy_url"),
    ):
        with pytest.raises(InvalidInput) as refused:
            check(given, PUBLIC_ONLY)
        assert (refused.value.field, refused.value.code) == (field, f"{field}.private")
        assert "TRADING_BRIDGE_ALLOW_PRIVATE_HOSTS" in (refused.value.remedy or "")
        assert check(given, Hosts([ip_network("0.0.0.0/0"), ip_network("::/0")])) == given


@pytest.mark.parametrize("given", ["a" * 65, "a/b", "a b", "\x00", "", "a\n", "ä"])
def test_what_cannot_be_an_id_is_not_found(given: str) -> None:
    with pytest.raises(NotFound):
        checks.ident(given, "bot")


@pytest.mark.parametrize("given", [" name@example.com ", "NAME@EXAMPLE.COM"])
def test_an_email_is_lower_case(given: str) -> None:
    assert checks.email(given) == "name@example.com"


@pytest.mark.parametrize("given", ["", "name", "@", "a@", "a b@c", "a@b@c", "x" * 255 + "@b"])
def test_what_is_no_email_is_refused(given: str) -> None:
    with pytest.raises(InvalidInput):
        checks.email(given)


def test_the_remedy_names_what_was_probably_meant_and_all_there_are() -> None:
    assert (
        checks.nearest("Coinstor", ["coinstore", "binance"]) == "Did you mean coinstore? There are: binance, coinstore."
    )
    assert checks.nearest("zzz", ["coinstore"]) == "There are: coinstore."
    assert checks.nearest("x", []) == "There are: none."
