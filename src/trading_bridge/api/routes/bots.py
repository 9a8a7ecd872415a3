"""Bots: made, changed, started, stopped, archived."""

from http import HTTPStatus

from fastapi import APIRouter, Response

from trading_bridge.api.call import Asked, Call, answer
from trading_bridge.api.encode import bots as encode
from trading_bridge.api.schemas.bots import BotBody, BotChange, BotOut, BotTypeList, BudgetBody
from trading_bridge.api.schemas.common import Done
from trading_bridge.bot_types import bot_types
from trading_bridge.core.bot import Bot, Budget
from trading_bridge.services import bots, budgets, running
from trading_bridge.services.bots import BotEdit, NewBot
from trading_bridge.services.facts import facts

router = APIRouter(prefix="/api/bots", tags=["bots"])
types_router = APIRouter(prefix="/api/bot-types", tags=["bots"])


@types_router.get("", response_model=BotTypeList)
async def list_bot_types(call: Call) -> Response:
    """What `bot_type` may be, and the JSON Schema of each type's config."""
    return answer({"bot_types": [encode.bot_type(one) for one in bot_types().values()]})


@router.post("/create", response_model=BotOut, status_code=HTTPStatus.CREATED)
async def create_bot(body: BotBody, call: Call) -> Response:
    """Stored stopped; a bot may exist before its connector, and before its pair could be verified."""
    new = NewBot(
        name=body.name,
        account=body.account,
        connector=body.connector,
        pair=body.pair,
        bot_type=body.bot_type,
        config=body.config,
        note=body.note,
        budget=_budget(body.budget),
    )
    return _answer(await bots.create(call.asker, call.deps, new), call, HTTPStatus.CREATED)


@router.get("/{bot_id}", response_model=BotOut)
async def get_bot(bot_id: str, call: Call) -> Response:
    return _answer(await bots.get(call.asker, call.deps, bot_id), call)


@router.put("/{bot_id}", response_model=BotOut)
async def update_bot(bot_id: str, body: BotChange, call: Call) -> Response:
    edit = BotEdit(
        name=body.name,
        config=body.config,
        connector=body.connector,
        pair=body.pair,
        note=body.note,
        budget=_budget(body.budget),
        unbudgeted=body.budget is None and "budget" in body.model_fields_set,
    )
    return _answer(await bots.update(call.asker, call.deps, bot_id, edit), call)


@router.delete("/{bot_id}", response_model=Done)
async def delete_bot(bot_id: str, call: Call) -> Response:
    """Stops the bot, waits a few seconds until every order is confirmed gone, and archives it; its history stays. 409
    while an order may still live."""
    await running.remove(call.asker, call.deps, bot_id)
    return answer({"id": bot_id})


@router.post("/{bot_id}/start", response_model=BotOut)
async def start_bot(bot_id: str, call: Call) -> Response:
    """409 with the finding where something forbids it."""
    return _answer(await running.start(call.asker, call.deps, bot_id), call)


@router.post("/{bot_id}/stop", response_model=BotOut)
async def stop_bot(bot_id: str, call: Call) -> Response:
    """Cancels every order of the bot and waits a few seconds for it; `state` says what is left to do."""
    return _answer(await running.stop(call.asker, call.deps, bot_id), call)


def _budget(body: BudgetBody | None) -> Budget | None:
    return None if body is None else budgets.parsed(body.base, body.quote)


def _answer(bot: Bot, call: Asked, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return answer(encode.bot(facts(call.deps, bot)), status)
