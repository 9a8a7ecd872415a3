"""Books, and what the exchange lists."""

from collections.abc import Mapping

from trading_bridge.diagnosis.catalogue.row import LEAVING, SAFE, STANDING, Actor, Effect, Row, client, reason, text

_BACK = "Quoting resumes by itself with the next good book."
_OUT_UNTIL_GOOD = "The bots on it stay out of the market, without orders, and quote again with the first good book."

MARKETS: Mapping[str, Row] = {
    "book.one_sided": reason(
        "nobody else offers {empty}",
        "Without the bot's own orders one side of the book is empty, so there is no mid to quote around.",
        "Quoting resumes by itself when others quote both sides.",
        effect=Effect.ORDERS_CANCELLED,
    ),
    "book.unknown": Row(
        text=text(
            "the order book[ of {symbol}] has not been read yet",
            "No book has been read on this way to the exchange since the bot or the server started.",
            "Nothing yet: it is read every second. If it stays for ten seconds, look at the finding of the exchange.",
        ),
        client=client(
            "Your bot is about to read the prices[ of {symbol}]; it starts with the first ones.", SAFE, Actor.NOBODY
        ),
        effect=Effect.ORDERS_CANCELLED,
        wakes=False,
        unattended="It is asked for every second; the bot starts with the first answer.",
    ),
    "book.stale": Row(
        text=text(
            "the order book[ of {symbol}] is older than 3 s",
            "The exchange has not given a newer book in time, so no price is trusted and quotes are taken out.",
            f"Nothing: {_BACK[:1].lower()}{_BACK[1:]} If it repeats, compare the latency of the exchange's calls under"
            " balance-debug with other hours.",
        ),
        client=client(
            "The exchange's prices[ of {symbol}] are too old to trade on. Your bot steps out until they are fresh.",
            LEAVING,
            Actor.EXCHANGE,
        ),
        effect=Effect.ORDERS_CANCELLED,
        wakes=False,
        unattended=_OUT_UNTIL_GOOD,
    ),
    "book.crossed": Row(
        text=text(
            "the order book[ of {symbol}] is crossed",
            "The best bid is not below the best ask. A market cannot stand like that: the exchange's answer is wrong,"
            " or the market is being opened.",
            f"Nothing: {_BACK[:1].lower()}{_BACK[1:]} If it lasts for minutes, look at the market at the exchange.",
        ),
        client=client(
            "The exchange shows prices[ of {symbol}] that contradict each other. Your bot steps out until they make"
            " sense.",
            LEAVING,
            Actor.EXCHANGE,
        ),
        effect=Effect.ORDERS_CANCELLED,
        wakes=False,
        unattended=_OUT_UNTIL_GOOD,
    ),
    "book.empty": Row(
        text=text(
            "the order book[ of {symbol}] is empty",
            "The exchange answers, and lists neither a bid nor an ask, own orders included. There is no price to quote"
            " around.",
            "Look at the market at the exchange: a fresh listing, a halt or maintenance shows like this. Quoting"
            " resumes by itself once both sides have orders.",
        ),
        client=client(
            "Nobody offers or asks for anything on this market[ ({symbol})], so there is no price. Your bot waits.",
            LEAVING,
            Actor.EXCHANGE,
        ),
        effect=Effect.ORDERS_CANCELLED,
        wakes=False,
        unattended=_OUT_UNTIL_GOOD,
    ),
    "stream.broken": Row(
        text=text(
            "the websocket[ that tells books of {symbol}][ that tells own orders of {connector}] is broken[: {detail}]",
            "The connection broke, could not be made, or kept silent about something that the exchange shows when it is"
            " asked.",
            "Nothing: what it would push is asked for meanwhile, as often as without it, and the connection is made"
            " anew. If it lasts, see whether a proxy or firewall on the way lets websockets through.",
        ),
        client=client(
            "What the exchange tells by itself[ about {symbol}] is asked for every few seconds instead. Your bot trades"
            " on.",
            SAFE,
            Actor.NOBODY,
        ),
        effect=Effect.TRADING_GOES_ON,
        wakes=False,
        unattended="Books and own orders are polled, and the connection is tried again, at the latest each minute.",
    ),
    "book.frozen": Row(
        text=text(
            "the order book[ of {symbol}] has not changed[ for {seconds} s], although trades went on",
            "The exchange answers with the same book again and again while its list of trades moves: its prices are"
            " old, whatever time they carry.",
            "Nothing: quoting resumes by itself when the book moves. If it lasts, tell the exchange's support: the"
            " finding's evidence names the call.",
        ),
        client=client(
            "The exchange shows prices[ of {symbol}] that do not move any more. Your bot does not trade on them.",
            LEAVING,
            Actor.EXCHANGE,
        ),
        effect=Effect.ORDERS_CANCELLED,
        wakes=False,
        unattended=_OUT_UNTIL_GOOD,
    ),
    "markets.key_needed": Row(
        text=text(
            "the markets of {exchange} cannot be read without a key",
            "This exchange lists its markets for holders of a key only, and this list is asked for without one; nothing"
            " was sent. No connector and no order is concerned.",
            "Nothing is broken: a connector reads them by its own key. Look the pair up on the exchange's own page.",
        ),
        client=client("The exchange shows its markets to holders of a key only.", SAFE, Actor.NOBODY),
        effect=Effect.TRADING_GOES_ON,
        wakes=False,
        unattended="Nothing: it concerns only a list to look at.",
    ),
    "market.unverified": Row(
        text=text(
            "the pair[ {symbol}] could not be checked at the exchange yet",
            "The exchange's list of markets has not been read, so neither the pair nor its steps are known.",
            "Clear the finding of the connector or exchange; starting the bot then checks the pair.",
        ),
        client=client(
            "Your bot's market could not be checked at the exchange yet. Nothing new is placed.",
            STANDING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended="The list is asked for again every few seconds while a bot wants it; a stopped bot stays stopped.",
    ),
    "market.unknown": Row(
        text=text(
            "the exchange does not list the pair[ {symbol}]",
            "The pair is spelled otherwise there, was never listed, or was renamed or delisted.[ Nearest: {nearest}.]",
            "Compare the pair with the exchange's page; stop the bot and correct its pair. If it was renamed or"
            " delisted, look there for open orders under the former name and cancel them by hand.",
        ),
        client=client(
            "The exchange does not list this market[ ({symbol})] any more, or under another name. Your bot places"
            " nothing new.",
            STANDING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended="The bot holds and asks again and again to cancel what stands. Where the exchange takes no cancel"
        " under the former name, those orders stay until it ends them or somebody does. A pair that comes back is taken"
        " up by itself.",
    ),
    "market.halted": Row(
        text=text(
            "trading[ of {symbol}] is halted at the exchange",
            "The exchange lists the market as not open for trading, or refuses orders of this account there (Coinstore"
            " code 3012).",
            "Read the exchange's announcements; quoting resumes by itself. If the market trades for others, the account"
            " is restricted on this pair: ask the exchange's support with the evidence.",
        ),
        client=client(
            "The exchange has halted this market[ ({symbol})] or closed it for your account. Your bot waits.",
            LEAVING,
            Actor.EXCHANGE,
        ),
        effect=Effect.ORDERS_CANCELLED,
        wakes=False,
        unattended="What stands is cancelled as far as the exchange takes cancels during a halt; quoting resumes with"
        " the market.",
    ),
    "market.no_api": Row(
        text=text(
            "the exchange takes no orders by API[ for {symbol}]",
            "The market is listed and people can trade it, but the exchange has not opened it for programs, or has"
            " closed it for them (MEXC: isSpotTradingAllowed is false, or code 10007).",
            "Ask the exchange's listing manager or support to open the pair for API trading, with the evidence. Until"
            " then only people can trade there. Quoting resumes by itself once it is open.",
        ),
        client=client(
            "The exchange lets people trade this market[ ({symbol})], but no programs. Your bot waits until it is"
            " opened to them.",
            LEAVING,
            Actor.EXCHANGE,
        ),
        effect=Effect.ORDERS_CANCELLED,
        wakes=False,
        unattended="What stands is cancelled as far as the exchange takes cancels; the bot starts when the pair opens.",
    ),
    "market.rules_stale": Row(
        text=text(
            "the rules[ of {symbol}] could not be read for an hour",
            "Price step, amount step and minimum may have changed since; an order might have the wrong ones.",
            "Clear the finding of the exchange: its list of markets does not answer. Quoting resumes by itself.",
        ),
        client=client(
            "The exchange has not said for an hour which orders this market[ ({symbol})] takes. Nothing new is placed.",
            STANDING,
            Actor.EXCHANGE,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended="The list is asked for again every few seconds; orders stay as they stand until it answers.",
    ),
}
