"""Exchanges: their classes for ccxt, and the one door through which the platform talks to them."""
