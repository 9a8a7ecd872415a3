"""The exchanges that a connector can name, as data; nothing here imports ccxt until a class is asked for."""

from importlib import import_module
from typing import Any

from trading_bridge.exchanges.described import binance, bitmart, coinstore
from trading_bridge.exchanges.description import CredentialField, ExchangeInfo, RateLimit

__all__ = [
    "CredentialField",
    "ExchangeInfo",
    "RateLimit",
    "exchange_info",
    "exchanges",
    "load_class",
]

_EXCHANGES = (coinstore.INFO, binance.INFO, bitmart.INFO)

_BY_ID = {info.id: info for info in _EXCHANGES}


def exchanges() -> tuple[ExchangeInfo, ...]:
    return _EXCHANGES


def exchange_info(exchange_id: str) -> ExchangeInfo | None:
    """None: not one of ours (any more); case and outer space do not matter."""
    return _BY_ID.get(exchange_id.strip().lower())


def load_class(exchange_id: str) -> type[Any]:
    """The ccxt class; imports ccxt, which takes about a second and 90 MB the first time."""
    info = exchange_info(exchange_id)
    if info is None:
        raise LookupError(f"no exchange {exchange_id!r}; there is: {', '.join(_BY_ID)}")
    module, _, name = info.implementation.partition(":")
    loaded: type[Any] = getattr(import_module(module), name)
    return loaded
