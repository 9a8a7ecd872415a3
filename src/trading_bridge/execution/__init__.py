"""Carrying a plan out: the intent stored, then one send, then what became of it."""
