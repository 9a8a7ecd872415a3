"""What is imported of ccxt, in processes of their own: here everything is imported already."""

import subprocess
import sys

import pytest


def said(*lines: str) -> str:
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


OURS = "import trading_bridge.exchanges.registry as registry"


def test_a_server_imports_no_class_of_an_exchange_that_nobody_uses() -> None:
    counted = "len([name for name in sys.modules if name.startswith('ccxt.') and 'base' not in name])"
    assert said("import sys, trading_bridge.app", f"print({counted})") == "2"  # the packages themselves


def test_the_classes_are_ccxts_own() -> None:
    loaded = said(
        OURS,
        "own, pro = registry.load_class('binance'), registry.load_class('binance', streaming=True)",
        "import ccxt.async_support, ccxt.pro",
        "print(own is ccxt.async_support.binance, pro is ccxt.pro.binance, issubclass(pro, own), own.__module__)",
    )
    assert loaded == "True True True ccxt.async_support.binance"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("ccxt.NetworkError.__name__", "NetworkError"),
        ("ccxt.kraken().id", "kraken"),
        ("'binance' in ccxt.exchanges", "True"),
        ("ccxt.__version__ == importlib.metadata.version('ccxt')", "True"),
        ("ccxt.async_support.Exchange.__module__", "ccxt.async_support.base.exchange"),
        ("hasattr(ccxt, 'no_such_exchange')", "False"),
    ],
)
def test_others_in_the_process_find_ccxt_as_it_is(expression: str, value: str) -> None:
    assert said(OURS, "import ccxt, ccxt.async_support, importlib.metadata", f"print({expression})") == value
