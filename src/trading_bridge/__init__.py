"""Trading bots on centralised exchanges, and the truth about their money on screen."""

__version__ = "0.1.0"
