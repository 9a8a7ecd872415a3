"""Every code of a finding or a reason, in words: what happened, why, and the step that mends it."""

from collections.abc import Mapping
from dataclasses import dataclass

from trading_bridge.core.bot import BotState, StateCode
from trading_bridge.core.finding import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    title: str
    cause: str
    #: empty: nothing needs to be done
    fix: str


def describe(finding: Finding) -> Text:
    """The operator's words for a finding; an unknown code is shown as itself, never hidden."""
    return _text(finding.code, finding.parameters)


def state_text(state: BotState) -> str:
    """One sentence: what the bot does, and why."""
    opening = _OPENINGS[state.code]
    text = _text(state.reason, state.parameters)
    if state.reason in _SELF_SAID:
        return text.title
    return f"{opening}: {text.title[:1].lower()}{text.title[1:]}"


def text_of(code: str) -> Text:
    """As it is written, with its parameters as `{...}`; KeyError for a code without a text."""
    return _CATALOGUE[code]


def codes() -> frozenset[str]:
    return frozenset(_CATALOGUE)


class _Named(dict[str, str]):
    """A parameter that a finding does not carry reads as what it is, so that no text fails."""

    def __missing__(self, key: str) -> str:
        return f"({key} not stated)"


def _text(code: str, parameters: Mapping[str, str]) -> Text:
    row = _CATALOGUE.get(code)
    if row is None:
        return Text(title=code, cause="This code has no text yet.", fix="Report the code with its evidence.")
    named = _Named(parameters)
    return Text(title=row.title.format_map(named), cause=row.cause.format_map(named), fix=row.fix.format_map(named))


def _row(title: str, cause: str, fix: str = "") -> Text:
    return Text(title=title, cause=cause, fix=fix)


_OPENINGS = {
    StateCode.STOPPED: "Stopped",
    StateCode.STARTING: "Starting",
    StateCode.TRADING: "Trading",
    StateCode.WAITING: "Waiting",
    StateCode.BLOCKED: "Blocked",
    StateCode.STOPPING: "Stopping",
    StateCode.DOWN: "Not running",
}
#: reasons whose title is the whole sentence
_SELF_SAID = frozenset({"stopped", "starting", "account.recovering", "quoting", "quoting.one_sided", "stopping"})

_CATALOGUE: Mapping[str, Text] = {
    # what a bot does
    "stopped": _row("Stopped", "The bot is not wished to run; none of its orders is at the exchange."),
    "starting": _row("Starting", "The bot was just started; its first cycle is under way."),
    "placing": _row("orders are being placed", "The decision is made, the orders are on their way."),
    "quoting": _row("Trading: bid and ask are in the book", "Both orders stand as decided."),
    "quoting.one_sided": _row(
        "Trading on one side only: {side}",
        "The other side cannot stand; the note beside it says why.",
        "See the note: most often the balance of one currency is used up.",
    ),
    "stopping": _row(
        "Stopping: {open_orders} orders still to be confirmed as cancelled",
        "The bot was stopped; each of its orders is cancelled and asked for until the exchange says that it ended.",
    ),
    "account.recovering": _row(
        "Starting: orders of an earlier run are cancelled and their fills booked",
        "After each start the platform first finds every order that carries its id, cancels it and books its fills.",
    ),
    "account.orders_missing": _row(
        "{count} orders of an earlier run cannot be found with this key",
        "The exchange answers, and knows none of them. Most likely the key opens another account than the one before.",
        "Enter the former key again, or cancel those orders at the exchange under the former account.",
    ),
    "order.under_way": _row(
        "an earlier order on the {side} side is still under way",
        "A new order follows only when the exchange has said how the earlier one ended.",
    ),
    "self_trade.withheld": _row(
        "a {side} order at {price} was withheld, it would trade with an own order",
        "The platform never trades with itself: an own order stands on the other side at that price.",
        "Nothing to do: the order is placed once the other one is gone.",
    ),
    "decision.too_old": _row(
        "a decision of {age_s} s ago was dropped",
        "The order would have left later than a decision is good for, so it was not sent.",
        "If this repeats, the machine or its storage is too slow: look at its load.",
    ),
    "bot.stopping": _row("the bot is being stopped", "Nothing new is sent for a bot that is being stopped."),
    "runner.stopping": _row("the platform is shutting down", "Nothing new is sent while the server shuts down."),
    "runner.down": _row(
        "Nothing runs this bot",
        "The bot is wished to run, and no runner has taken it.",
        "Look whether the server is up and its log for the cause; restarting the server is safe.",
    ),
    "cycle.late": _row(
        "the exchange has not answered for {seconds} s",
        "The bot waits for an answer that it needs; nothing new is sent meanwhile, and what stands cannot be seen.",
        "It goes on by itself with the next answer; if it stays so, see the connector's finding.",
    ),
    "internal.error": _row(
        "a fault in the platform stopped {task} ({error})",
        "A bug ended this task. It is started again after a pause; other bots are not touched.",
        "Report it with the log line of that time.",
    ),
    # books and markets
    "book.unknown": _row(
        "the order book of {symbol} has not been read yet",
        "No book has been read on this connection so far.",
        "It is read every second; if it stays so, look at the connector's finding.",
    ),
    "book.stale": _row(
        "the order book of {symbol} is older than 3 s",
        "The exchange has not answered with a newer book, so no price is trusted and quotes are taken out.",
        "Quoting resumes by itself with the next good book.",
    ),
    "book.crossed": _row(
        "the order book of {symbol} is crossed",
        "The best bid is not below the best ask; such a book is not trusted.",
        "Quoting resumes by itself with the next good book.",
    ),
    "book.one_sided": _row(
        "nobody else offers {empty}",
        "Without the bot's own orders one side of the book is empty, so there is no mid to quote around.",
        "Quoting resumes by itself when others quote both sides.",
    ),
    "market.unverified": _row(
        "the pair could not be checked at the exchange yet",
        "The exchange's list of markets has not been read.",
        "Make the connector work: its finding says what it lacks.",
    ),
    "market.unknown": _row(
        "the exchange does not list {symbol}",
        "The pair is spelled otherwise, was never listed, or was delisted.",
        "Correct the pair of the bot, or ask the exchange.",
    ),
    "market.halted": _row(
        "trading of {symbol} is halted at the exchange",
        "The exchange lists the market as not open for trading.",
        "Wait for the exchange; quoting resumes by itself.",
    ),
    "market.rules_stale": _row(
        "the rules of {symbol} could not be read for an hour",
        "Without fresh rules an order might have a wrong step or size.",
        "Quoting resumes by itself once the exchange answers.",
    ),
    # balances
    "balance.unknown": _row(
        "the balance is not known",
        "No read of the balance has succeeded, or the last one is more than an hour old.",
        "See the connector's finding.",
    ),
    "balance.stale": _row(
        "the balance has not been confirmed lately",
        "The numbers are those of the last good read.",
        "It is read again by itself; if it stays so, see the connector's finding.",
    ),
    "balance.unlisted": _row(
        "the exchange says nothing about {currency}",
        "Its answer names no {currency}, and it does not document that this means zero.",
        "Check at the exchange which wallet holds it and how the currency is spelled there.",
    ),
    "currency.unverified": _row(
        "the exchange shows no {currency} for this account",
        "The pair has not been verified there, so it may be another name or another wallet; it is not taken for zero.",
        "Check the bot's pair and which wallet holds {currency}; starting the bot verifies the pair.",
    ),
    "balance.insufficient": _row(
        "not enough {currency} for a {side} order: has {has}, needs {needs}",
        "The free balance of {currency} does not reach for the configured order.",
        "Deposit {currency}, or lower the order amount.",
    ),
    "volume.incomplete": _row(
        "the newest trades could not be read",
        "Trades after the time shown may be missing from the figures.",
        "It is read again by itself; if it stays so, see the connector's finding.",
    ),
    # orders
    "order.unresolved": _row(
        "an order got no clear answer from the exchange",
        "It may live there, so it counts as live and blocks its side; the exchange is asked for it every second.",
        "If it stays for more than two minutes, look for order {client_order_id} at the exchange.",
    ),
    "order.too_small": _row(
        "the order is below the market's minimum",
        "The market's smallest order is larger than what the configuration or the balance allows.",
        "Raise the order amount.",
    ),
    "order.precision": _row(
        "the exchange refused the order's number of decimals",
        "The market's price or amount step has changed.",
        "The rules are read again by themselves.",
    ),
    "order.refused": _row(
        "the exchange refused the order",
        "Its own words are in the evidence.",
        "Read the evidence; ask the exchange's support with it.",
    ),
    "order.duplicate": _row(
        "the exchange has seen this order's id already",
        "That proves that an earlier request arrived; the order is looked up.",
    ),
    "order.not_found": _row(
        "the exchange does not know the order (yet)",
        "This proves nothing: it is asked again, and the order counts as live.",
    ),
    # limits
    "risk.collar": _row(
        "a {side} order at {price} is too far from {reference}",
        "The price collar allows {collar_bps} bps around the median price of the last minute.",
        "If the market really moved, the median follows within a minute; else look at the book and the configuration.",
    ),
    "risk.notional": _row(
        "the {side} order was cut to {maximum} in quote",
        "One order may not be worth more than the limit.",
        "Lower the order amount.",
    ),
    "risk.reference_unknown": _row(
        "a price reference for {symbol} is being gathered",
        "The collar needs a few seconds of prices before the first order.",
    ),
    # connectors and keys
    "connector.missing": _row(
        "the client has no connector {connector}",
        "It matches no connector name of {account} and no key of that exchange. Existing: {existing}.",
        "Add the exchange key under that name, or change the bot's connector.",
    ),
    "connector.ambiguous": _row(
        "{connector} means more than one connector",
        "The client has several keys at that exchange: {existing}.",
        "Set the bot's connector to one of these names.",
    ),
    "connector.not_synced": _row(
        "the connector has not been read yet",
        "The first answer of the exchange is still awaited.",
        "If this stays for more than ten seconds, look at the server's log.",
    ),
    "credentials.empty": _row(
        "the connector has no key",
        "The stored row holds no API key or no secret.",
        "Enter key and secret of the connector again.",
    ),
    "credentials.undecryptable": _row(
        "the stored key cannot be decrypted",
        "None of the configured secret keys fits; most likely the key file was replaced.",
        "Restore the former key in TRADING_BRIDGE_SECRET_KEYS, or enter the exchange key again.",
    ),
    "credentials.rejected": _row(
        "the exchange does not accept the key",
        "The key is wrong, deleted or revoked, or its secret does not belong to it.",
        "Compare the key at the exchange; make a new one there and enter it here.",
    ),
    "signature.refused": _row(
        "the exchange refused the signature",
        "The secret does not belong to the key, or the clock of this host is off.",
        "Enter the secret again; compare the host's clock.",
    ),
    "clock.skewed": _row(
        "the host's clock is off",
        "The exchange refuses requests whose time is too far from its own.",
        "Set the host's clock (NTP).",
    ),
    "ip.not_allowed": _row(
        "the exchange refuses this key from this address, or for this kind of call",
        "The key's address list lacks this host's address (IPv4 or IPv6), or the key lacks Read or Trade.",
        "At the exchange, add the host's address to the key and tick Read and Spot Trade.",
    ),
    "permission.trade_missing": _row(
        "the key may not trade",
        "The key or its account lacks the spot trade permission.",
        "At the exchange, tick Spot Trade for this key; for a sub-account ask the main account.",
    ),
    # transport
    "proxy.auth_required": _row(
        "the proxy wants a password",
        "The proxy answered 407; the exchange never saw the request.",
        "Enter user and password in the connector's proxy address.",
    ),
    "proxy.unreachable": _row(
        "the proxy cannot be reached",
        "No connection to the connector's proxy could be made.",
        "Check the proxy's address and whether it is up.",
    ),
    "exchange.unreachable": _row(
        "the exchange cannot be reached ({stage})",
        "No connection could be made: {stage}.",
        "Check the host's network, name resolution and the connector's host and proxy.",
    ),
    "exchange.no_answer": _row(
        "the exchange did not answer clearly",
        "The connection broke, timed out, or the answer could not be read.",
        "It is asked again by itself.",
    ),
    "exchange.unrecognised": _row(
        "the exchange gave an answer that we do not know",
        "Its code and text are in the evidence.",
        "Report the evidence, so that the code gets its own text.",
    ),
    "exchange.unknown": _row(
        "the exchange {exchange} is not one that this version can use",
        "The connector names an exchange that is not in the catalogue.",
        "Change the connector's exchange, or install the version that has it.",
    ),
    "rate.limited": _row(
        "the exchange asks to slow down",
        "The limit of requests of this key or address is used up.",
        "It slows down by itself; if it repeats, something else uses the same key or address.",
    ),
    # bots
    "config.invalid": _row(
        "the configuration is not valid: {fields}",
        "The stored configuration does not fit this bot type any more.",
        "Edit the bot and save it again.",
    ),
    "strategy.unavailable": _row(
        "bots of type {bot_type} cannot run yet",
        "This version stores and shows them and has no strategy for them.",
        "Keep it stopped until the version that brings it.",
    ),
    "market.shared": _row(
        "another bot runs on this market",
        "Until budgets exist only one running bot per market is allowed.",
        "Stop the other bot first.",
    ),
    "lease.lost": _row(
        "this server does not own the client any more",
        "Another server took over; this one may not send orders.",
        "Nothing to do if that was wished; else stop one of the two servers.",
    ),
    "storage.unwritable": _row(
        "the database cannot be written",
        "An order is stored before it is sent; without storage nothing is sent.",
        "Look at the disk and at the database server.",
    ),
    "storage.slow": _row(
        "the database falls behind",
        "More rows wait to be written than some seconds of work; an order is stored before it is sent.",
        "Look at the disk or the database server; sending resumes by itself.",
    ),
    "storage.closed": _row(
        "the server is going down",
        "Its journal is closed, and an order is stored before it is sent.",
    ),
    "storage.refused": _row(
        "the database refused a row",
        "An order or fill did not fit the tables, so nothing that depends on it was sent.",
        "Report it with the log line of that time.",
    ),
    "order.unknown": _row(
        "an order is not in the database",
        "Its intent was not stored, so it was not sent.",
        "Report it with the log line of that time.",
    ),
    "order.second_exchange_id": _row(
        "the exchange gave one order two ids",
        "The database keeps the first; the second is in the log.",
        "Look at both orders at the exchange, and report it.",
    ),
    "order.overfilled": _row(
        "more was filled than was ordered",
        "The exchange reports a larger filled amount than the order has.",
        "Compare the order at the exchange, and report it.",
    ),
    "bot.unknown": _row(
        "the bot of an order is not in the database",
        "An order or fill names a bot that does not exist, so it was not stored.",
        "Report it with the log line of that time.",
    ),
    "connector.unknown": _row(
        "the connector of an order is not in the database",
        "An order or fill names a connector that does not exist, so it was not stored.",
        "Report it with the log line of that time.",
    ),
}
