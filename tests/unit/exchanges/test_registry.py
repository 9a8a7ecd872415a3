import subprocess
import sys

import pytest

from trading_bridge.exchanges.registry import exchange_info, exchanges, load_class


def test_naming_an_exchange_imports_no_ccxt() -> None:
    """The command line and the form ask for names; ccxt costs a second and 90 MB."""
    program = (
        "import sys; from trading_bridge.exchanges.registry import exchange_info, exchanges;"
        "from trading_bridge.exchanges.limiter import Limiter;"
        "assert exchange_info('coinstore') and exchanges();"
        "assert not {'aiohttp', 'ccxt.base', 'ccxt.async_support.base'} & set(sys.modules), 'imported'"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("name", ["coinstore", "Coinstore", " COINSTORE "])
def test_case_and_outer_space_do_not_matter(name: str) -> None:
    info = exchange_info(name)
    assert info is not None
    assert info.id == "coinstore"


@pytest.mark.parametrize("name", ["", "bitmark", "coin store"])
def test_unknown(name: str) -> None:
    assert exchange_info(name) is None
    with pytest.raises(LookupError, match="coinstore"):
        load_class(name)


def test_every_exchange_can_be_loaded_and_says_the_same_of_itself() -> None:
    for info in exchanges():
        made = load_class(info.id)()
        assert made.id == info.id
        assert made.name in (info.label, f"{info.label} Global")
        required = {field.name for field in info.credential_fields if field.required}
        assert ("api_key" in required) is made.requiredCredentials["apiKey"]
        assert ("secret" in required) is made.requiredCredentials["secret"]
        if not info.implementation.startswith("trading_bridge."):
            continue  # ccxt's own: it counts in its own way
        if len(info.user_limits) > 1:
            continue  # ccxt knows one limit only
        (limit,) = info.user_limits
        assert made.rateLimit == limit.per_s * 1000 / limit.calls
        assert made.rollingWindowSize == limit.per_s * 1000


def test_secrets_are_marked() -> None:
    for info in exchanges():
        assert {field.name for field in info.credential_fields if field.secret} >= {"secret"}
