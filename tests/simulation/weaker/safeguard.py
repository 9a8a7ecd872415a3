"""A safeguard of the platform, and the part without it that stands in its place for the time of a run."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from tests.simulation.scenario import Dose


@dataclass(frozen=True, slots=True, kw_only=True)
class Safeguard:
    #: as the fault catalogue lists it
    name: str
    #: `module:name`, below the package, where the platform composes the part that has it
    composed_at: str
    #: the same without it
    weaker: Any
    #: invariants of which one turns red
    breaks: tuple[str, ...]
    #: fault keys: a seed that draws none of them does not touch it, and need not be run; empty: every seed may
    acts_on: tuple[str, ...] = ()
    #: fault key -> dose, in place of what the seed draws; empty: the seed's own faults are enough
    leans_on: Mapping[str, Dose] = field(default_factory=dict)
    #: with those faults; None: as many as the seed draws
    servers: int | None = None
    #: further names, where another part does the same and would hide that this one is gone
    also: tuple[tuple[str, Any], ...] = ()
    #: what that other part is, in words
    doubled_by: str = ""

    @property
    def words(self) -> str:
        """For the table."""
        parts = [_first_line(part) for _, part in self.exchanges]
        more = [f"{key} {dose}" for key, dose in self.leans_on.items()]
        if self.servers is not None:
            more.append(f"{self.servers} servers")
        return "; ".join(parts) + (f" (with {', '.join(more)} in place of the seed's faults)" if more else "")

    @property
    def exchanges(self) -> tuple[tuple[str, Any], ...]:
        """`module:name` -> what stands in its place."""
        return (self.composed_at, self.weaker), *self.also

    def removed(self) -> AbstractContextManager[None]:
        """Platforms that are made inside lack it, and what doubles it."""
        return _exchanged(self.exchanges)

    def kept(self) -> AbstractContextManager[None]:
        """They lack only what doubles it."""
        return _exchanged(self.also)


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """One that the platform does not have yet."""

    name: str
    waits_for: str


def place_of(place: str) -> tuple[Any, str]:
    """The module and the name in it."""
    module, _, name = place.partition(":")
    return import_module(f"trading_bridge.{module}"), name


def _first_line(part: Any) -> str:
    words = (part.__doc__ or "").strip().splitlines()[0]
    return words.rstrip(".")


@contextmanager
def _exchanged(parts: Iterable[tuple[str, Any]]) -> Iterator[None]:
    before = []
    try:
        for place, part in parts:
            module, name = place_of(place)
            before.append((module, name, getattr(module, name)))
            setattr(module, name, part)
        yield
    finally:
        for module, name, was in reversed(before):
            setattr(module, name, was)
