"""Bots and bot types."""

from trading_bridge.api.encode.findings import optional_finding
from trading_bridge.api.encode.values import JsonObject
from trading_bridge.core.amount import readable
from trading_bridge.core.bot import Budget
from trading_bridge.core.strategies.bot_type import BotType
from trading_bridge.diagnosis.catalogue import state_text
from trading_bridge.services.facts import BotFacts


def bot(facts: BotFacts) -> JsonObject:
    one = facts.bot
    return {
        "id": one.id,
        "name": one.name,
        "client_id": one.client_id,
        "account": one.account,
        "connector": one.connector,
        "connector_id": facts.connector_id,
        "exchange": facts.exchange,
        "host_label": facts.host_label,
        "pair": one.symbol,
        "market_verified": one.market_verified,
        "note": one.note,
        "bot_type": one.bot_type,
        "config": dict(one.config),
        "budget": budget(one.budget),
        "status": one.status.value,
        "state": state(facts),
        "created_at": one.created_at,
        "updated_at": one.updated_at,
    }


def budget(one: Budget | None) -> JsonObject | None:
    return None if one is None else {"base": readable(one.base), "quote": readable(one.quote)}


def state(facts: BotFacts) -> JsonObject:
    found = facts.state
    return {
        "code": found.code.value,
        "text": state_text(found),
        "since": found.since,
        "reason": found.reason,
        "until": found.until,
        "finding": optional_finding(found.finding, facts.recorded),
    }


def bot_type(one: BotType) -> JsonObject:
    return {
        "id": one.id,
        "label": one.label,
        "startable": one.decide is not None,
        "parameters": one.parameters.model_json_schema(),
    }
