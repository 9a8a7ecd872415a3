"""Limits of a bot, a client and the platform; a halted bot is resumed."""

from typing import Literal

from fastapi import APIRouter, Response

from trading_bridge.api.call import Call, answer
from trading_bridge.api.encode import bots as encode_bots
from trading_bridge.api.encode.limits import limits as encoded
from trading_bridge.api.schemas.bots import BotOut
from trading_bridge.api.schemas.limits import LimitsBody, LimitsOut, ResumeBody
from trading_bridge.core.restraint import Scope, ScopeKind
from trading_bridge.services import limits
from trading_bridge.services.facts import facts

router = APIRouter(tags=["limits"])

Kind = Literal["platform", "client", "bot"]


@router.get("/api/limits/{kind}/{scope_id}", response_model=LimitsOut)
async def get_limits(kind: Kind, scope_id: str, call: Call) -> Response:
    """What holds, who set it, and how near it is; `-` is the platform's id."""
    return answer(encoded(await limits.of(call.asker, call.deps, _scope(kind, scope_id))))


@router.put("/api/limits/{kind}/{scope_id}", response_model=LimitsOut)
async def set_limits(kind: Kind, scope_id: str, body: LimitsBody, call: Call) -> Response:
    """Holds from the next cycle on; nothing that was counted is forgotten. 409 wants a large change confirmed."""
    scope = _scope(kind, scope_id)
    return answer(encoded(await limits.change(call.asker, call.deps, scope, body.limits, confirmed=body.confirm)))


@router.post("/api/bots/{bot_id}/resume", response_model=BotOut)
async def resume_bot(bot_id: str, body: ResumeBody, call: Call) -> Response:
    """Ends a halt; 409 where the bot is not halted."""
    bot = await limits.resume(call.asker, call.deps, bot_id, reason=body.reason)
    return answer(encode_bots.bot(facts(call.deps, bot)))


def _scope(kind: Kind, scope_id: str) -> Scope:
    return Scope(kind=ScopeKind(kind), id="" if kind == "platform" else scope_id)
