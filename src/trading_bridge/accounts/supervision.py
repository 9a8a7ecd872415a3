"""The one boundary at which a bug ends: its task is restarted, and it becomes a finding."""

from collections.abc import Awaitable, Callable

from trading_bridge.clock import Clock
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.logs import get_logger

_log = get_logger("supervision")
_PAUSES_S = (1.0, 2.0, 5.0, 15.0, 60.0)
#: a task that ran this long before it failed starts its pauses anew
_HEALTHY_S = 120.0


async def supervised(
    name: str,
    work: Callable[[], Awaitable[None]],
    clock: Clock,
    on_crash: Callable[[Finding], None],
) -> None:
    """Runs `work` until it returns; a bug in it is reported, and it starts again after a growing pause."""
    failures = 0
    while True:
        started = clock.monotonic()
        try:
            await work()
        except Exception as bug:  # noqa: BLE001 - the supervising boundary of style section 5
            if clock.monotonic() - started > _HEALTHY_S:
                failures = 0
            pause = _PAUSES_S[min(failures, len(_PAUSES_S) - 1)]
            failures += 1
            _log.error("task failed", task=name, error=type(bug).__name__, retry_in_s=pause, exc_info=bug)
            on_crash(crash_finding(name, bug, clock))
            await clock.sleep(pause)
        else:
            return


def crash_finding(name: str, bug: Exception, clock: Clock) -> Finding:
    """Names the kind of the bug, never its text: that may quote anything."""
    return Finding(
        code="internal.error",
        severity=Severity.CRITICAL,
        since=clock.now(),
        parameters={"task": name, "error": type(bug).__name__},
    )
