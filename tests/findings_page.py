"""docs/findings.md, made from the catalogue."""

from collections.abc import Iterator, Mapping

from tests.provoked import PROVOKED
from trading_bridge.diagnosis.catalogue import TOPICS, Effect, Row, Stage, Text

INTRODUCTION = """\
# Findings and reasons

What a bot's state, a balance, a connector, a refusal or the doctor can say, and what happens at 3 a.m. Made by
`tests/unit/test_docs.py` from [`diagnosis/catalogue`](../src/trading_bridge/diagnosis/catalogue/__init__.py).

A *finding* is something wrong: it has a cause, a step that mends it, and evidence. A *reason* is a word for what a bot
does that is no problem. `{name}` stands for a parameter; `[...]` is left out where a finding does not state the
parameters in it. A code with several causes states a `stage`, and each stage has its own words.

| who acts | |
|---|---|
| you | the client itself can mend it |
| operator | whoever runs this platform |
| exchange | only the exchange can; it can be asked with the finding's evidence |
| nobody | it ends by itself |

| effect on orders | of the bots concerned, at the least, while it lasts |
|---|---|
"""

EFFECTS: Mapping[Effect, str] = {
    Effect.TRADING_GOES_ON: "orders are placed, moved and cancelled as without it",
    Effect.ORDERS_HELD: "nothing new is placed; what stands may stay, and may trade at its price",
    Effect.ORDERS_CANCELLED: "nothing new is placed, and what stands is being cancelled",
    Effect.KILLED: "everything was cancelled, and only a person may start again",
    Effect.UNKNOWN: "the code is in no table; it is shown all the same",
}

MORE = """
A single call that fails changes nothing: a bot holds once its balance is older than 10 s, and takes its quotes out once
its book is older than 3 s. *Wakes* says whether it should wake somebody at night; *if nobody comes* is what happens
then. What must be cancelled at once, and cannot be from here, can be cancelled on the exchange's own page.
"""

HEAD = """
## {topic}

| code | what | why | what to do | who acts | effect on orders | wakes | if nobody comes | test |
|---|---|---|---|---|---|---|---|---|
"""

CLIENTS = """
## What a client reads

The same finding, for the client that owns the bot: without addresses and internals.

| code | what it means | is the money safe |
|---|---|---|
"""

REASONS = """
## Reasons

| code | what | why | what to do | effect on orders |
|---|---|---|---|---|
"""


def findings_page() -> str:
    effects = _lines(_line(_name(effect), EFFECTS[effect]) for effect in Effect)
    topics = (HEAD.format(topic=topic) + _lines(_findings(rows)) for topic, rows in TOPICS.items())
    rows = sorted((code, row) for rows in TOPICS.values() for code, row in rows.items())
    clients = _lines(line for code, row in rows if row.is_finding for line in _for_client(code, row))
    reasons = _lines(
        _line(f"`{code}`", *_words(row.text), _name(row.effect)) for code, row in rows if not row.is_finding
    )
    return "".join([INTRODUCTION, effects, MORE, *topics, CLIENTS, clients, REASONS, reasons])


def _findings(rows: Mapping[str, Row]) -> Iterator[str]:
    for code, row in sorted(rows.items()):
        if row.is_finding:
            test = f"`{PROVOKED[code]}`" if code in PROVOKED else ""
            wakes = "yes" if row.wakes else "no"
            yield _line(
                f"`{code}`", *_words(row.text), row.client.who_acts, _name(row.effect), wakes, row.unattended, test
            )
            yield from (_stage(code, name, stage) for name, stage in sorted(row.stages.items()))


def _for_client(code: str, row: Row) -> Iterator[str]:
    yield _line(f"`{code}`", row.client.text, row.client.money)
    for name, stage in sorted(row.stages.items()):
        if stage.client is not None:
            yield _line(f"`{code}` ({name})", stage.client.text, stage.client.money)


def _stage(code: str, name: str, stage: Stage) -> str:
    told = stage.who_acts or (None if stage.client is None else stage.client.who_acts)
    who_acts = "as above" if told is None else told
    effect = "as above" if stage.effect is None else _name(stage.effect)
    return _line(
        f"`{code}` ({name})", *_words(stage.text), who_acts, effect, "as above", stage.unattended or "as above", ""
    )


def _words(text: Text) -> tuple[str, str, str]:
    return text.title, text.cause, text.fix


def _name(effect: Effect) -> str:
    return effect.value.replace("_", " ")


def _line(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") or "-" for cell in cells) + " |"


def _lines(lines: Iterator[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
