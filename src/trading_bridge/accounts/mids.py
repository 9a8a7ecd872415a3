"""The last hour of a market's mids at one a second, in 16 bytes each: as objects they would take most of a megabyte."""

from array import array
from datetime import UTC, datetime, timedelta
from decimal import Decimal

MIDS_KEPT = 3600
#: old ones go in lots of so many
_SPARE = 400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Mids:
    def __init__(self) -> None:
        self._tick_size = Decimal(1)
        self._at_us = array("q")  # Unix microseconds, oldest first
        self._half_ticks = array("q")

    def add(self, at: datetime, half_ticks: int, tick_size: Decimal) -> None:
        """`half_ticks` are best bid and best ask together, in ticks."""
        if tick_size != self._tick_size:
            self._recount(tick_size)
        self._at_us.append((at - _EPOCH) // _MICROSECOND)
        self._half_ticks.append(half_ticks)
        if len(self._at_us) == MIDS_KEPT + _SPARE:
            del self._at_us[:_SPARE], self._half_ticks[:_SPARE]

    def all(self) -> tuple[tuple[datetime, Decimal], ...]:
        """Oldest first."""
        times, prices = self._at_us[-MIDS_KEPT:], self._half_ticks[-MIDS_KEPT:]
        return tuple(
            (_EPOCH + timedelta(microseconds=at), self._price(half_ticks))
            for at, half_ticks in zip(times, prices, strict=True)
        )

    def _price(self, half_ticks: int) -> Decimal:
        return self._tick_size * half_ticks / 2

    def _recount(self, tick_size: Decimal) -> None:
        """The market's tick changed: what is not a whole number of the new ones is forgotten."""
        times, halves = self._at_us, self._half_ticks
        self._at_us, self._half_ticks = array("q"), array("q")
        for at, half_ticks in zip(times, halves, strict=True):
            counted = self._tick_size * half_ticks / tick_size
            if counted == int(counted):
                self._at_us.append(at)
                self._half_ticks.append(int(counted))
        self._tick_size = tick_size
