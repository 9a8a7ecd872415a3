"""ccxt's other exchanges: the list is what the installed release says, and nothing is claimed of them."""

import pytest

from tests.ccxt_spot import PLACE, text
from trading_bridge.clock import ManualClock
from trading_bridge.exchanges.description import Certification
from trading_bridge.exchanges.limiter import CallKind, Limiter
from trading_bridge.exchanges.registry import described, exchange_info, exchanges, load_class, usable


def test_the_rows_are_what_the_installed_release_says() -> None:
    """Else `make exchanges` writes them anew."""
    assert PLACE.read_text() == text()


def test_what_nobody_described_is_certified_by_nothing_and_claims_nothing() -> None:
    own = described()
    assert exchanges()[: len(own)] == own
    others = exchanges()[len(own) :]
    assert len(others) > 30
    for info in others:
        assert info.certification is Certification.NONE
        assert not info.complete_balances
        assert info.unused_order_id is None
        assert not info.wire.causes
        Limiter(ManualClock(), info.user_limits).book(CallKind.CANCEL, "cancel_order")


def test_a_described_exchange_is_listed_once() -> None:
    ids = [info.id for info in exchanges()]
    assert len(ids) == len(set(ids))
    binance = exchange_info("binance")
    assert binance is not None
    assert binance.certification is Certification.SANDBOXED


def test_one_that_ccxt_dropped_is_not_usable(monkeypatch: pytest.MonkeyPatch) -> None:
    import ccxt.async_support

    assert usable("kraken") is not None
    monkeypatch.delattr(ccxt.async_support, "kraken")
    assert usable("kraken") is None
    assert exchange_info("kraken") is not None
    with pytest.raises(LookupError, match="kraken"):
        load_class("kraken")
