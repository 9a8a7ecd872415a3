"""What each bot's limits remember, with the fills that were stored since; the journal writes it while a bot runs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, insert, or_, select, update

from trading_bridge.core.bot import Budget
from trading_bridge.core.fill import exact_sum
from trading_bridge.core.order import Side
from trading_bridge.core.risk.ledger import with_fill
from trading_bridge.core.risk.limits import Purse
from trading_bridge.core.risk.state import Basis, Halt, Hour, Markout, Reference, Refusals, RiskState
from trading_bridge.core.trade import Trade
from trading_bridge.logs import get_logger
from trading_bridge.storage.repositories.context import Context
from trading_bridge.storage.repositories.trades import trade_of
from trading_bridge.storage.tables import bot_risk, bots, connectors, trade_logs, transfers
from trading_bridge.storage.types import plain

#: characters of such a state in the log
_SHOWN = 200

_log = get_logger("storage")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRisk:
    bot_id: str
    client_id: str
    symbol: str
    state: RiskState


class Risk:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._connection = context.connection

    async def of(self, bot_id: str) -> RiskState:
        """As of the last stored fill. A bot of which nothing is stored begins after its newest fill."""
        found = await self._connection.execute(
            select(bot_risk.c.state, bot_risk.c.updated_at).where(bot_risk.c.bot_id == bot_id)
        )
        row = found.one_or_none()
        if row is not None:
            return await self._with_fills(bot_id, _read_or_halted(bot_id, row.state, row.updated_at))
        newest = await self._connection.execute(select(func.max(trade_logs.c.id)).where(trade_logs.c.bot_id == bot_id))
        last = newest.scalar_one_or_none()
        return RiskState(fills_through=last if last is not None else 0)

    async def of_all(self) -> tuple[StoredRisk, ...]:
        """Of bots that are not archived, as of their last stored fills; of one that never ran nothing is stored."""
        found = await self._connection.execute(
            select(bots.c.id, bots.c.client_id, bots.c.symbol, bot_risk.c.state, bot_risk.c.updated_at)
            .join(bot_risk, bot_risk.c.bot_id == bots.c.id)
            .where(bots.c.archived_at.is_(None))
        )
        return tuple(
            [
                StoredRisk(
                    bot_id=row.id,
                    client_id=row.client_id,
                    symbol=row.symbol,
                    state=await self._with_fills(row.id, _read_or_halted(row.id, row.state, row.updated_at)),
                )
                for row in found.all()
            ]
        )

    async def _with_fills(self, bot_id: str, state: RiskState) -> RiskState:
        now = self._context.clock.now()
        for number, fill in await self.fills(bot_id, after=state.fills_through):
            state = with_fill(state, number, fill, now)
        return state

    async def fills(self, bot_id: str, *, after: int) -> Sequence[tuple[int, Trade]]:
        """Those with a higher id, each with its own, in the order in which they were stored."""
        found = await self._connection.execute(
            select(trade_logs).where(trade_logs.c.bot_id == bot_id, trade_logs.c.id > after).order_by(trade_logs.c.id)
        )
        return tuple((row.id, trade_of(row)) for row in found)

    async def transferred(self, connector_id: str, symbol: str, since: datetime) -> Purse:
        """Labelled transfers of the connector's exchange account in the market's two currencies."""
        base, _, quote = symbol.partition("/")
        same_account = or_(
            transfers.c.connector_id == connector_id, transfers.c.exchange_account == connectors.c.exchange_account
        )
        found = await self._connection.execute(
            select(transfers.c.currency, transfers.c.amount).where(
                connectors.c.id == connector_id,
                transfers.c.exchange == connectors.c.exchange,
                same_account,
                transfers.c.label.is_not(None),
                transfers.c.currency.in_((base, quote)),
                transfers.c.at > since,
            )
        )
        rows = found.all()
        return Purse(
            base=exact_sum(*(row.amount for row in rows if row.currency == base)),
            quote=exact_sum(*(row.amount for row in rows if row.currency == quote)),
        )

    async def store(self, bot_id: str, state: RiskState) -> None:
        """For a verb that changes it with its audit row; the caller keeps the journal from writing meanwhile."""
        values = {"state": written(state), "updated_at": self._context.clock.now()}
        changed = await self._connection.execute(update(bot_risk).where(bot_risk.c.bot_id == bot_id).values(**values))
        if not changed.rowcount:
            await self._connection.execute(insert(bot_risk).values(bot_id=bot_id, **values))


def written(state: RiskState) -> str:
    """A JSON object; decimals as strings, times in ISO form, what is not there is left out."""
    told: dict[str, object] = {
        "moved": _purse(state.moved),
        "moved_before_budget": _purse(state.moved_before_budget),
        "position": plain(state.position),
        "entry": plain(state.entry),
        "hours": [[h.start.isoformat(), plain(h.slippage), plain(h.fees), plain(h.realised)] for h in state.hours],
        "pending": [[m.at.isoformat(), m.side.value, plain(m.price), plain(m.amount)] for m in state.pending],
        "fills_through": state.fills_through,
    }
    if state.worst_fee is not None:
        told["worst_fee"] = plain(state.worst_fee)
    if state.basis is not None:
        told["basis"] = _basis(state.basis)
    if state.refusals is not None:
        last = state.refusals
        told["refusals"] = [last.code, last.count, last.at.isoformat(), dict(last.parameters)]
    if state.strokes:
        told["strokes"] = [at.isoformat() for at in state.strokes]
    if state.reference is not None:
        told["reference"] = [plain(state.reference.price), state.reference.at.isoformat()]
    for name, at in (("bought_at", state.bought_at), ("sold_at", state.sold_at)):
        if at is not None:
            told[name] = at.isoformat()
    if state.halt is not None:
        halt = state.halt
        told["halt"] = {
            "code": halt.code,
            "parameters": dict(halt.parameters),
            "since": halt.since.isoformat(),
            "until": None if halt.until is None else halt.until.isoformat(),
        }
    return json.dumps(told)


def _read_or_halted(bot_id: str, text: str, at: datetime) -> RiskState:
    """What cannot be read forgives nothing: the bot is halted until a person resumes it, its position counted anew
    from its fills."""
    try:
        return read(text)
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
        _log.error("state of limits not readable", bot=bot_id, error=repr(error), state=text[:_SHOWN])
        return RiskState(halt=Halt(code="limit.unreadable", since=at))


def read(text: str) -> RiskState:
    """Raises one of several errors for what `written` has not made."""
    told: dict[str, Any] = json.loads(text)
    halt, refusals, reference = told.get("halt"), told.get("refusals"), told.get("reference")
    return RiskState(
        basis=_read_basis(told["basis"]) if "basis" in told else None,
        moved=_read_purse(told["moved"]),
        moved_before_budget=_read_purse(told["moved_before_budget"]),
        position=_number(told["position"]),
        entry=_number(told["entry"]),
        hours=tuple(
            Hour(start=_time(start), slippage=_number(slippage), fees=_number(fees), realised=_number(realised))
            for start, slippage, fees, realised in told["hours"]
        ),
        pending=tuple(
            Markout(at=_time(at), side=Side(side), price=_number(price), amount=_number(amount))
            for at, side, price, amount in told["pending"]
        ),
        worst_fee=_number(told["worst_fee"]) if "worst_fee" in told else None,
        fills_through=told["fills_through"],
        refusals=None
        if refusals is None
        else Refusals(code=refusals[0], count=refusals[1], at=_time(refusals[2]), parameters=refusals[3]),
        strokes=tuple(_time(at) for at in told.get("strokes", ())),
        halt=None
        if halt is None
        else Halt(
            code=halt["code"],
            parameters=halt["parameters"],
            since=_time(halt["since"]),
            until=None if halt["until"] is None else _time(halt["until"]),
        ),
        reference=None if reference is None else Reference(price=_number(reference[0]), at=_time(reference[1])),
        bought_at=_time(told["bought_at"]) if "bought_at" in told else None,
        sold_at=_time(told["sold_at"]) if "sold_at" in told else None,
    )


def _basis(basis: Basis) -> dict[str, object]:
    return {
        "held": _purse(basis.held),
        "price": plain(basis.price),
        "at": basis.at.isoformat(),
        "budget": None if basis.budget is None else [plain(basis.budget.base), plain(basis.budget.quote)],
        "transferred": _purse(basis.transferred),
    }


def _read_basis(told: dict[str, Any]) -> Basis:
    budget = told["budget"]
    return Basis(
        held=_read_purse(told["held"]),
        price=_number(told["price"]),
        at=_time(told["at"]),
        budget=None if budget is None else Budget(base=_number(budget[0]), quote=_number(budget[1])),
        transferred=_read_purse(told["transferred"]),
    )


def _purse(purse: Purse) -> list[str]:
    return [plain(purse.base), plain(purse.quote)]


def _read_purse(told: list[str]) -> Purse:
    return Purse(base=_number(told[0]), quote=_number(told[1]))


def _number(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError(f"{text} is not an amount")
    return number


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
