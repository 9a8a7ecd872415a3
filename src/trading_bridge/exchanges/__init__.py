"""Exchanges: their classes for ccxt, and the one door through which the platform talks to them."""

from trading_bridge.exchanges import lean_ccxt

lean_ccxt.install()  # before anything here imports ccxt
