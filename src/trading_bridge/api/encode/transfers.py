"""Transfers as JSON."""

from trading_bridge.api.encode.values import JsonObject
from trading_bridge.core.amount import readable
from trading_bridge.services.transfers import NamedTransfer


def transfer(named: NamedTransfer) -> JsonObject:
    one = named.transfer
    return {
        "id": one.id,
        "connector_id": one.connector_id,
        "connector": named.connector,
        "exchange": one.exchange,
        "currency": one.currency,
        "amount": readable(one.amount),
        "at": one.at,
        "source": one.source.value,
        "exchange_id": one.exchange_id,
        "label": None if one.label is None else one.label.value,
        "note": one.note,
        "labelled_by": one.labelled_by,
        "labelled_at": one.labelled_at,
    }
