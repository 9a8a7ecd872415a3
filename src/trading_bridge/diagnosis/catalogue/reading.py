"""Looking a code up, and its words with a finding's parameters in them."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from trading_bridge.core.bot import BotState, StateCode
from trading_bridge.core.finding import Finding
from trading_bridge.diagnosis.catalogue.accounts import ACCOUNTS
from trading_bridge.diagnosis.catalogue.bots import BOTS
from trading_bridge.diagnosis.catalogue.connectors import CONNECTORS
from trading_bridge.diagnosis.catalogue.limits import LIMITS
from trading_bridge.diagnosis.catalogue.lives import LIVES
from trading_bridge.diagnosis.catalogue.markets import MARKETS
from trading_bridge.diagnosis.catalogue.money import MONEY
from trading_bridge.diagnosis.catalogue.orders import ORDERS
from trading_bridge.diagnosis.catalogue.platform import PLATFORM_ROWS
from trading_bridge.diagnosis.catalogue.quoting import QUOTING
from trading_bridge.diagnosis.catalogue.row import Actor, ClientText, Effect, Row, Text
from trading_bridge.diagnosis.catalogue.sharing import SHARING
from trading_bridge.diagnosis.catalogue.transport import TRANSPORT

#: topic, as pages head it -> code -> row
TOPICS: Mapping[str, Mapping[str, Row]] = {
    "Bots": BOTS,
    "Quotes": QUOTING,
    "Markets": MARKETS,
    "Money": MONEY,
    "Orders and limits": ORDERS,
    "Limits over time": LIMITS,
    "Bots beside each other": SHARING,
    "Exchange accounts": ACCOUNTS,
    "Exchanges that end": LIVES,
    "Connectors and keys": CONNECTORS,
    "The way to the exchange": TRANSPORT,
    "The platform": PLATFORM_ROWS,
}
_ROWS: Mapping[str, Row] = {code: row for rows in TOPICS.values() for code, row in rows.items()}

_OPENINGS = {
    StateCode.STOPPED: "Stopped",
    StateCode.STARTING: "Starting",
    StateCode.TRADING: "Trading",
    StateCode.WAITING: "Waiting",
    StateCode.BLOCKED: "Blocked",
    StateCode.STOPPING: "Stopping",
    StateCode.DOWN: "Not running",
    StateCode.HALTED: "Halted",
    StateCode.HELD: "Held",
    StateCode.KILLED: "Killed",
}
#: reasons whose title is the whole sentence
_SELF_SAID = frozenset({"stopped", "starting", "account.recovering", "quoting", "quoting.one_sided", "stopping"})

_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_NAME = re.compile(r"\{(\w+)\}")


def describe(finding: Finding) -> Text:
    """The operator's words for a finding; an unknown code is shown as itself, never hidden."""
    return _filled_text(_text(finding.code, finding.parameters), finding.parameters)


def title_of(code: str, parameters: Mapping[str, str] = MappingProxyType({})) -> str:
    """What a code says in one line, for the operator."""
    return _filled(_text(code, parameters).title, parameters)


def for_client(finding: Finding) -> ClientText:
    """What it means for the client, whether its money is safe, and who must act."""
    row = row_of(finding.code)
    stage = row.stages.get(finding.parameters.get("stage", ""))
    told = row.client if stage is None or stage.client is None else stage.client
    return ClientText(
        text=_filled(told.text, finding.parameters),
        money=_filled(told.money, finding.parameters),
        who_acts=told.who_acts if stage is None or stage.who_acts is None else stage.who_acts,
    )


def effect_of(finding: Finding) -> Effect:
    row = row_of(finding.code)
    stage = row.stages.get(finding.parameters.get("stage", ""))
    return row.effect if stage is None or stage.effect is None else stage.effect


def unattended_of(finding: Finding) -> str:
    """What happens if nobody comes."""
    row = row_of(finding.code)
    stage = row.stages.get(finding.parameters.get("stage", ""))
    return row.unattended if stage is None or stage.unattended is None else stage.unattended


def state_text(state: BotState) -> str:
    """One sentence: what the bot does, and why."""
    title = _filled(_text(state.reason, state.parameters).title, state.parameters)
    if state.reason in _SELF_SAID:
        return title
    return f"{_OPENINGS[state.code]}: {_inside(title)}"


def _inside(title: str) -> str:
    """In the middle of a sentence; a currency keeps its letters."""
    return title if title[1:2].isupper() else f"{title[:1].lower()}{title[1:]}"


def state_for_client(state: BotState) -> str:
    """The same without addresses and internals."""
    row = row_of(state.reason)
    if not row.is_finding or state.reason in _SELF_SAID:
        return state_text(state)
    return f"{_OPENINGS[state.code]}. {_filled(row.client.text, state.parameters)}"


def row_of(code: str) -> Row:
    """As it is written, with its parameters as `{...}`; a code without a row gets one that says so."""
    return _ROWS.get(code) or _unknown(code)


def text_of(code: str) -> Text:
    """The operator's words as they are written; KeyError for a code without a row."""
    return _ROWS[code].text


def codes() -> frozenset[str]:
    return frozenset(_ROWS)


def parameters_of(words: str) -> Iterator[str]:
    """The names of the parameters in a text, each as often as it stands there."""
    return iter(_NAME.findall(words))


def _text(code: str, parameters: Mapping[str, str]) -> Text:
    row = row_of(code)
    stage = row.stages.get(parameters.get("stage", ""))
    return row.text if stage is None else stage.text


def _filled_text(words: Text, parameters: Mapping[str, str]) -> Text:
    return Text(
        title=_filled(words.title, parameters),
        cause=_filled(words.cause, parameters),
        fix=_filled(words.fix, parameters),
    )


def _filled(words: str, parameters: Mapping[str, str]) -> str:
    """A parameter that a finding does not carry reads as what it is, or takes its optional part with it."""

    def optional(part: re.Match[str]) -> str:
        return part[1] if all(name in parameters for name in parameters_of(part[1])) else ""

    return _NAME.sub(lambda name: parameters.get(name[1], f"({name[1]} not stated)"), _OPTIONAL.sub(optional, words))


def _unknown(code: str) -> Row:
    return Row(
        text=Text(title=code, cause="This code has no text yet.", fix="Report the code with its evidence."),
        client=ClientText(
            text=f"Something is wrong that has no words yet ({code}).",
            money="Whether it touches your orders is not known yet; your operator sees it.",
            who_acts=Actor.OPERATOR,
        ),
        effect=Effect.UNKNOWN,
        wakes=True,
        unattended="Not known: this code has no row in the catalogue.",
    )
