"""Many seeds over several processes, and what came of them."""

import faulthandler
import multiprocessing
import os
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from traceback import format_exception_only
from types import TracebackType

from tests.simulation.coverage import Counts, Coverage, CoverageWatcher
from tests.simulation.oracle.invariant import Violation
from tests.simulation.run import LONGEST_HEAL_S, Outcome, simulate

#: of a seed, for the machine: what takes longer hangs
PATIENCE_S = 60.0
#: and of each simulated second
PATIENCE_SHARE = 1.0
#: every so many seeds one is run again, by another process with another order of hashes
AGAIN_EVERY = 20
PROGRESS_EVERY_S = 5.0
#: what the rule is called that a seed gives the same run whenever and wherever it is run
SAME_TRACE = "I29"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a process says of one seed."""

    seed: int
    #: None: it ended before the run did
    digest: str | None
    violations: tuple[Violation, ...]
    simulated_s: float
    #: of the process's CPU
    took_s: float
    counts: Counts


@dataclass(slots=True)
class Results:
    minutes: float
    told: dict[int, Told] = field(default_factory=dict)
    #: seed -> of its second run
    again: dict[int, str | None] = field(default_factory=dict)
    coverage: Coverage = field(default_factory=Coverage)
    took_s: float = 0.0

    def take(self, told: Told) -> None:
        if told.seed in self.told:
            self.again[told.seed] = told.digest
        else:
            self.told[told.seed] = told
            self.coverage.add(told.seed, told.counts)

    @property
    def simulated_s(self) -> float:
        return sum(one.simulated_s for one in self.told.values())

    @property
    def cpu_s(self) -> float:
        return sum(one.took_s for one in self.told.values())

    @property
    def violations(self) -> dict[str, dict[int, str]]:
        """Invariant -> seed -> words of its first violation, by seed."""
        found: dict[str, dict[int, str]] = {}
        for seed in sorted(self.told):
            for one in self.told[seed].violations:
                found.setdefault(one.invariant, {}).setdefault(seed, f"at {one.at_s:.3f} s: {one.words}")
            if seed in self.again and self.again[seed] != self.told[seed].digest:
                words = f"digests {self.told[seed].digest} and {self.again[seed]}"
                found.setdefault(SAME_TRACE, {})[seed] = words
        return dict(sorted(found.items()))

    @property
    def failing(self) -> list[int]:
        return sorted({seed for seeds in self.violations.values() for seed in seeds})


def run_seeds(
    seeds: Iterable[int], minutes: float, *, processes: int | None = None, progress: Callable[[str], None]
) -> Results:
    """`processes` None: one for each CPU that this process may use, at least two."""
    first = deque(seeds)
    results = Results(minutes=minutes)
    count = max(2, len(os.sched_getaffinity(0))) if processes is None else processes
    workers = [_Worker(place, minutes) for place in range(min(count, len(first)))]
    again = deque(seed for place, seed in enumerate(first) if place % AGAIN_EVERY == 0 and len(workers) > 1)
    total = len(first) + len(again)
    began = said = time.monotonic()
    ran_by: dict[int, int] = {}
    done = 0
    try:
        while done < total:
            for worker in workers:
                if worker.seed is None:
                    worker.take_one_of(first, again, ran_by)
            for worker in _ready(workers):
                told = worker.told()
                results.take(told)
                done += 1
                for one in told.violations[:1]:
                    progress(f"seed {told.seed}: {one.invariant} is broken at {one.at_s:.3f} s: {one.words}")
            now = time.monotonic()
            if now - said >= PROGRESS_EVERY_S:
                said = now
                progress(_progress(results, done, total, now - began))
    finally:
        for worker in workers:
            worker.close()
    results.took_s = time.monotonic() - began
    return results


class _Worker:
    """A process that runs one seed after the other; another one takes its place if it dies of one."""

    def __init__(self, place: int, minutes: float) -> None:
        self.place = place
        self.seed: int | None = None
        self._minutes = minutes
        self._process: BaseProcess | None = None
        self.pipe: Connection
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        before = os.environ.get("PYTHONHASHSEED")
        os.environ["PYTHONHASHSEED"] = str(self.place + 1)
        try:
            self._process = context.Process(target=_work, args=(theirs, self._minutes), daemon=True)
            self._process.start()
        finally:
            if before is None:
                del os.environ["PYTHONHASHSEED"]
            else:
                os.environ["PYTHONHASHSEED"] = before
        theirs.close()

    def take_one_of(self, first: "deque[int]", again: "deque[int]", ran_by: dict[int, int]) -> None:
        """What nobody has run; then what another process did."""
        if first:
            self.seed = first.popleft()
            ran_by[self.seed] = self.place
        else:
            self.seed = next((seed for seed in again if ran_by[seed] != self.place), None)
            if self.seed is None:
                return
            again.remove(self.seed)
        self.pipe.send(self.seed)

    def told(self) -> Told:
        seed, self.seed = self.seed, None
        assert seed is not None
        try:
            told = self.pipe.recv()
        except EOFError:
            told = _failed(seed, self._ended())
            self._start()
        else:
            if told.digest is None:  # it has said why it ends
                self._ended()
                self._start()
        assert isinstance(told, Told)
        return told

    def _ended(self) -> str:
        assert self._process is not None
        self._process.join()
        self.pipe.close()
        return f"the process ended with {self._process.exitcode}; a hang's stack stands above"

    def close(self) -> None:
        if self._process is not None and self._process.is_alive():
            self._process.kill()
            self._process.join()
        self.pipe.close()


def _ready(workers: Iterable[_Worker]) -> list[_Worker]:
    pipes = {worker.pipe: worker for worker in workers if worker.seed is not None}
    return [pipes[pipe] for pipe in wait(pipes, timeout=PROGRESS_EVERY_S) if isinstance(pipe, Connection)]


def _progress(results: Results, done: int, total: int, took_s: float) -> str:
    speed = f"{done}/{total} runs, {len(results.failing)} failing, {results.simulated_s / took_s:.0f}x real time"
    return f"{speed}, {took_s / done * (total - done) / 60:.1f} min left" if done else speed


# -- within a worker


def _work(pipe: Connection, minutes: float) -> None:
    while True:
        seed: int = pipe.recv()
        faulthandler.dump_traceback_later(PATIENCE_S + PATIENCE_SHARE * (minutes * 60 + LONGEST_HEAL_S), exit=True)
        with _Confessing(pipe, seed):
            pipe.send(run_one(seed, minutes))
        faulthandler.cancel_dump_traceback_later()


def run_one(seed: int, minutes: float) -> Told:
    watchers: list[CoverageWatcher] = []

    def watch(world: object) -> CoverageWatcher:
        watchers.append(CoverageWatcher(world))  # type: ignore[arg-type]
        return watchers[0]

    began = time.process_time()
    outcome: Outcome = simulate(seed, minutes, watch=watch)
    return Told(
        seed=seed,
        digest=outcome.digest,
        violations=outcome.violations,
        simulated_s=outcome.simulated_s,
        took_s=time.process_time() - began,
        counts=watchers[0].counts,
    )


class _Confessing(AbstractContextManager[None]):
    """An error of the run, or of the simulator, is told before it ends the process."""

    def __init__(self, pipe: Connection, seed: int) -> None:
        self._pipe = pipe
        self._seed = seed

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._pipe.send(_failed(self._seed, "".join(format_exception_only(error)).strip()))


def _failed(seed: int, words: str) -> Told:
    violation = Violation(invariant="the run itself", at_s=0.0, words=words)
    return Told(seed=seed, digest=None, violations=(violation,), simulated_s=0.0, took_s=0.0, counts={})
