"""What some exchanges tell in pieces: open orders of one market at a time, balances of one wallet at a time."""

from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime

from trading_bridge.core.balance import Balances, Elsewhere
from trading_bridge.core.finding import Evidence
from trading_bridge.core.order import OrderReport
from trading_bridge.core.outcome import Answered, Outcome
from trading_bridge.exchanges.wire import OtherWallet


async def by_market(
    symbols: Collection[str],
    ask: Callable[[str], Awaitable[Outcome[tuple[OrderReport, ...]]]],
    now: Callable[[], datetime],
) -> Outcome[tuple[OrderReport, ...]]:
    """All of them or none: one market without an answer leaves the whole without one. Of no market nothing is asked."""
    found: list[OrderReport] = []
    evidence = Evidence(call="fetch_open_orders", at=now())
    for symbol in sorted(symbols):
        answer = await ask(symbol)
        if not isinstance(answer, Answered):
            return answer
        found += answer.value
        evidence = answer.evidence
    return Answered(value=tuple(found), evidence=evidence)


async def with_other_wallets(
    answer: Outcome[Balances],
    wallets: Iterable[OtherWallet],
    ask: Callable[[OtherWallet], Awaitable[Outcome[tuple[Elsewhere, ...]]]],
) -> Outcome[Balances]:
    """What the wallet that orders use holds, and what the others do: all of it or nothing, since money that moves from
    one to another has not left the account."""
    if not isinstance(answer, Answered):
        return answer
    found: list[Elsewhere] = []
    for wallet in wallets:
        other = await ask(wallet)
        if not isinstance(other, Answered):
            return other
        found += other.value
    return replace(answer, value=replace(answer.value, elsewhere=(*answer.value.elsewhere, *found)))
