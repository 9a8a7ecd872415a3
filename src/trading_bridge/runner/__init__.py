"""Bots: from the wished status in storage to orders at the exchange, and what really happens."""
