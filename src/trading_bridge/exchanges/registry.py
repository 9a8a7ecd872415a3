"""The exchanges that a connector can name, as data; nothing here imports ccxt until a class is asked for.

First those that are described here, then ccxt's others, which work as ccxt reads them and are certified by nothing.
"""

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from typing import Any

from trading_bridge.exchanges.described import binance, bitmart, coinstore, gate, kucoin, mexc, of_ccxt
from trading_bridge.exchanges.description import CredentialField, ExchangeInfo, RateLimit

__all__ = [
    "CredentialField",
    "ExchangeInfo",
    "RateLimit",
    "described",
    "exchange_info",
    "exchanges",
    "ids",
    "load_class",
    "usable",
]

_DESCRIBED = (coinstore.INFO, binance.INFO, bitmart.INFO, mexc.INFO, gate.INFO, kucoin.INFO)


def described() -> tuple[ExchangeInfo, ...]:
    return _DESCRIBED


def exchanges() -> tuple[ExchangeInfo, ...]:
    """All, the described ones first."""
    return tuple(_by_id().values())


def ids(infos: Iterable[ExchangeInfo]) -> list[str]:
    return [info.id for info in infos]


def exchange_info(exchange_id: str) -> ExchangeInfo | None:
    """None: not one of ours (any more); case and outer space do not matter."""
    return _by_id().get(exchange_id.strip().lower())


def usable(exchange_id: str) -> ExchangeInfo | None:
    """As `exchange_info`; None also where the installed ccxt has no class for it (any more). Imports ccxt."""
    try:
        load_class(exchange_id)
    except LookupError:
        return None
    return exchange_info(exchange_id)


def load_class(exchange_id: str, *, streaming: bool = False) -> type[Any]:
    """The ccxt class, or that with websockets; imports what it needs of ccxt."""
    info = exchange_info(exchange_id)
    if info is None:
        raise LookupError(f"no exchange {exchange_id!r}; described are: {', '.join(one.id for one in _DESCRIBED)}")
    implementation = info.streaming if streaming else info.implementation
    if implementation is None:
        raise LookupError(f"{exchange_id} has no class with websockets")
    module, _, name = implementation.partition(":")
    loaded: type[Any] | None = getattr(import_module(module), name, None)
    if loaded is None:
        raise LookupError(f"the installed ccxt has no class {name}")
    return loaded


@cache
def _by_id() -> dict[str, ExchangeInfo]:
    own = {info.id: info for info in _DESCRIBED}
    return own | {info.id: info for info in of_ccxt.infos() if info.id not in own}
