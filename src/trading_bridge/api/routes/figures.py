"""Figures of a bot, and why they are what they are."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from trading_bridge.api.call import Call, answer
from trading_bridge.api.encode import figures as encode
from trading_bridge.api.encode import market as encode_market
from trading_bridge.api.encode.decisions import decisions as encode_decisions
from trading_bridge.api.encode.findings import named as encode_finding
from trading_bridge.api.encode.trouble import balance_debug as encode_debug
from trading_bridge.api.schemas.decisions import Decisions
from trading_bridge.api.schemas.figures import BalanceAndVolume, Stats
from trading_bridge.api.schemas.findings import FindingList
from trading_bridge.api.schemas.market_view import Chart, OrderList, TradeList
from trading_bridge.api.schemas.trouble import BalanceDebug
from trading_bridge.services import decisions, figures, findings, market_view, trouble

router = APIRouter(prefix="/api/bots/{bot_id}", tags=["figures"])

Cursor = Annotated[str | None, Query()]


@router.get("/balance-and-volume", response_model=BalanceAndVolume)
async def balance_and_volume(bot_id: str, call: Call, refresh: Annotated[bool, Query()] = False) -> Response:
    """Available, locked and volume, each with its time; `refresh` forces one read that all waiting readers share."""
    read = await figures.balance_and_volume(call.asker, call.deps, bot_id, refresh=refresh)
    return answer(encode.balance_and_volume(read, call.deps.clock.now()))


@router.get("/stats", response_model=Stats)
async def stats(bot_id: str, call: Call) -> Response:
    read = await figures.stats(call.asker, call.deps, bot_id)
    return answer(encode.stats(read))


@router.get("/balance-debug", response_model=BalanceDebug)
async def balance_debug(bot_id: str, call: Call) -> Response:
    """The bot's connector, what storage and the manager hold, whether they match, and the error of the last read."""
    found = await trouble.balance_debug(call.asker, call.deps, bot_id)
    return answer(encode_debug(found, call.deps.clock.now()))


@router.get("/trades", response_model=TradeList)
async def list_trades(bot_id: str, call: Call, cursor: Cursor = None) -> Response:
    page = await market_view.trades(call.asker, call.deps, bot_id, cursor=cursor)
    return answer({"trades": [encode_market.trade(one) for one in page.items], "next": page.next})


@router.get("/orders", response_model=OrderList)
async def list_orders(bot_id: str, call: Call, cursor: Cursor = None) -> Response:
    page = await market_view.orders(call.asker, call.deps, bot_id, cursor=cursor)
    return answer({"orders": [encode_market.order(one) for one in page.items], "next": page.next})


@router.get("/chart", response_model=Chart)
async def chart(bot_id: str, call: Call) -> Response:
    """Asking for it keeps the market polled for the next half minute."""
    seen = await market_view.chart(call.asker, call.deps, bot_id)
    return answer(encode_market.chart(seen))


@router.get("/decisions", response_model=Decisions)
async def list_decisions(bot_id: str, call: Call, cursor: Cursor = None) -> Response:
    """Why the bot does what it does: now, and before, newest first."""
    return answer(encode_decisions(await decisions.of_bot(call.asker, call.deps, bot_id, cursor=cursor)))


@router.get("/findings", response_model=FindingList)
async def list_bot_findings(bot_id: str, call: Call, cursor: Cursor = None) -> Response:
    """Of the bot and all that it rests on: those that hold first, then those that are over."""
    page = await findings.of_bot(call.asker, call.deps, bot_id, cursor=cursor)
    return answer({"findings": [encode_finding(one) for one in page.items], "next": page.next})
