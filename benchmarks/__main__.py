"""Runs every bench, each in a process of its own, and prints one table."""

import argparse
import multiprocessing
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

from benchmarks.rows import BenchRow, rows_of

BENCHES = (
    "order_path",
    "order_safeguards",
    "coinstore_order",
    "journal",
    "limiter",
    "streams",
    "pure_path",
    "decisions",
    "bots_list",
    "balance_readers",
    "doctor",
    "memory",
    "server_memory",
    "recovery",
    "simulation",
)
ROUNDS = 21
SHORT_ROUNDS = 3


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--short", action="store_true", help="few rounds; only counts and memory decide the exit code")
    parser.add_argument("bench", nargs="*", help=f"some of: {', '.join(BENCHES)}; all without one")
    given = parser.parse_args()
    if unknown := set(given.bench) - set(BENCHES):
        parser.error(f"there is no bench {', '.join(sorted(unknown))}")
    over: list[BenchRow] = []
    for bench in given.bench or BENCHES:
        rows = _run(bench, SHORT_ROUNDS if given.short else ROUNDS)
        _print(rows)
        over += [row for row in rows if not row.kept and not (given.short and row.timed)]
    if over:
        sys.exit(f"over the limit: {'; '.join(row.name for row in over)}")


def _run(bench: str, rounds: int) -> list[BenchRow]:
    """In a new process: no bench pays for what another one imported or left behind."""
    with ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn")) as process:
        return process.submit(rows_of, bench, rounds).result()


def _print(rows: Sequence[BenchRow]) -> None:
    for row in rows:
        limit = "" if row.limit is None else f"{row.direction} {row.limit:g}"
        verdict = "" if row.limit is None else "ok" if row.kept else "OVER"
        print(f"{row.name:<60} {_figure(row.value):>9} {row.unit:<8} {limit:<12} {verdict}".rstrip(), flush=True)


def _figure(value: float) -> str:
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.3f}"


if __name__ == "__main__":
    main()
