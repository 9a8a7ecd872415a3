"""Trading bots on centralised exchanges, and the truth about their money on screen."""

import decimal

#: Python's 28 digits cut the tail of sums and products of 18-decimal tokens; an amount is never rounded unasked
EXACT_DIGITS = 60
decimal.DefaultContext.prec = EXACT_DIGITS
decimal.getcontext().prec = EXACT_DIGITS

__version__ = "0.1.0"
