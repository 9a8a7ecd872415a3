"""Balances and volume."""

from collections.abc import Mapping

from trading_bridge.diagnosis.catalogue.row import SAFE, STANDING, Actor, Effect, Row, client, text

_HOLDS_UNTIL_READ = (
    "It is read again every few seconds; the bots place nothing new until it answers, and what stands stays."
)
#: nobody may say that money is safe which the exchange does not show
_NOT_SHOWN = (
    "Nothing here has moved it, and nothing here can: but the exchange does not show it at the moment, so it cannot be"
    " confirmed. Orders that already stand there can still trade at their prices."
)

MONEY: Mapping[str, Row] = {
    "balance.unknown": Row(
        text=text(
            "the balance is not known",
            "No read of the balance has succeeded yet, or the last good one is more than an hour old.",
            "See the finding of the connector: it says what the read lacks.",
        ),
        client=client(
            "The exchange does not tell your balance at the moment, so it is shown as unknown and nothing new is"
            " placed.",
            STANDING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended=_HOLDS_UNTIL_READ,
    ),
    "balance.stale": Row(
        text=text(
            "the balance has not been confirmed lately",
            "The numbers are those of the last good read; the time beside them says when that was.",
            "Nothing yet: it is read again by itself. If it stays for a minute, see the finding of the connector.",
        ),
        client=client(
            "Your balance was last confirmed at the time shown. Until it is confirmed again nothing new is placed.",
            STANDING,
            Actor.NOBODY,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended=_HOLDS_UNTIL_READ,
    ),
    "balance.unlisted": Row(
        text=text(
            "the exchange says nothing about {currency}",
            "Its answer names no {currency}, and it does not document that this means zero.",
            "Look at the exchange which wallet holds {currency} and how it is spelled there; then correct the bot's"
            " pair, or move {currency} into the spot wallet.",
        ),
        client=client(
            "The exchange's answer does not mention {currency}, so its balance is shown as unknown and nothing new is"
            " placed.",
            STANDING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended=_HOLDS_UNTIL_READ,
    ),
    "balance.currency_missing": Row(
        text=text(
            "the exchange has stopped listing {currency}[: it had {had}][ at {as_of}]",
            "{currency} was in the account before and is in no row of the answer now. It was withdrawn or moved to"
            " another wallet, or the exchange's answer is incomplete.",
            "Open the account at the exchange: look for {currency} in every wallet and in the list of withdrawals. If"
            " it left without your doing, delete the API keys there at once and call the exchange. A withdrawal is"
            " believed by itself once the exchange's records show it; if you moved it between wallets, enter the key"
            " again: the account is then read as a new one.",
        ),
        client=client(
            "The exchange no longer shows {currency} in the account that your bot trades on. The last amount that it"
            " confirmed is shown with its time, never a zero, and nothing new is placed.",
            _NOT_SHOWN,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended="The bots that need {currency} hold. If somebody else is moving the money, nothing here stops that:"
        " only the exchange can.",
    ),
    "balance.empty_list": Row(
        text=text(
            "the exchange answered with an empty list of balances",
            "The call succeeded and listed no currency at all. That can be a new account, another wallet, another"
            " account's key, or a fault of the exchange; it is taken for zero only where the exchange's own records"
            " show that nothing was ever paid in, or that it has left again, and they do not.",
            "Open the account that this key belongs to at the exchange. If money is there, see which wallet holds it"
            " and move it into the spot wallet; if it is not, the key belongs to another account or sub-account.",
        ),
        client=client(
            "The exchange shows no balance at all for the account that your bot trades on. It is shown as unknown, not"
            " as zero, and nothing new is placed.",
            _NOT_SHOWN,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended=_HOLDS_UNTIL_READ,
    ),
    "balance.other_wallet": Row(
        text=text(
            "{currency} is in another wallet[: {amount} in {wallet}]",
            "Orders are paid from the spot wallet, and the exchange shows none of it there, but some in another wallet"
            " of the same account.",
            "Move {currency} into the spot wallet[: {how}]. The next read sees it by itself. If"
            " nobody moved it, the exchange has migrated the account: ask its support which wallet its API trades on.",
        ),
        client=client(
            "Your {currency} is in another wallet of your account[ ({amount} in {wallet})], where bots cannot trade"
            " with it. Move it into the spot wallet at the exchange, or ask your operator.",
            "Your money is safe: it lies in your account at the exchange, in another wallet. Orders that already stand"
            " can still trade at their prices.",
            Actor.YOU,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended="The bots that need {currency} hold until it is back in the spot wallet.",
    ),
    "currency.name_mismatch": Row(
        text=text(
            "the exchange calls {currency} otherwise in its balances[: {listed_as}]",
            "The market names the currency {currency}; the account's list has no such row, but one under another name"
            " that is likely the same: much alike and traded on no market, or new with the very amount that is gone.",
            "Compare both names at the exchange. If the token was renamed, set the bot's pair to the name that the"
            " market has now; if only the list differs, ask the exchange's support to correct it.",
        ),
        client=client(
            "The exchange seems to use two names for one currency[ ({currency} and {listed_as})], so its balance cannot"
            " be confirmed and nothing new is placed.",
            STANDING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended=_HOLDS_UNTIL_READ,
    ),
    "currency.unverified": Row(
        text=text(
            "the exchange shows no {currency} for this account",
            "The pair has not been verified there, so it may be another name or another wallet; it is not taken for"
            " zero.",
            "Check the bot's pair and which wallet holds {currency}; starting the bot verifies the pair.",
        ),
        client=client(
            "The exchange shows no {currency} in your account, and your bot's market was not checked yet: the balance"
            " is shown as unknown.",
            SAFE,
            Actor.OPERATOR,
        ),
        effect=Effect.TRADING_GOES_ON,
        wakes=False,
        unattended="Nothing changes: a bot whose pair was never verified does not run yet.",
    ),
    "balance.insufficient": Row(
        text=text(
            "not enough {currency} for a {side} order[: has {has}][, needs {needs}]",
            "The free balance of {currency} does not reach for the configured order: it was spent by fills, is held by"
            " other orders of the account, or was never there.[ Most of it is in {holder}.]",
            "Deposit {currency} into the spot wallet, or lower the bot's order amount. Look at the exchange for orders"
            " of others that hold it.",
        ),
        client=client(
            "There is not enough free {currency} for your bot's {side} order. Deposit {currency} at the exchange, or"
            " ask your operator for smaller orders.",
            STANDING,
            Actor.YOU,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended="The bot looks again every second, or within a minute where the exchange refused the order, and"
        " goes on by itself once the balance reaches: with a deposit, or when an order on the other side is filled.",
    ),
    "balance.inconsistent": Row(
        text=text(
            "the numbers of {currency} contradict each other",
            "One answer of the exchange stated a total that is not what it stated as free and as used: it was read"
            " while something was being settled.",
            "Nothing yet: it is read again by itself, and nothing is decided on it. If it stays for a minute, tell the"
            " exchange's support.",
        ),
        client=client(
            "The exchange's numbers of {currency} do not fit together at the moment, so they are not used; the last"
            " good ones are shown with their time.",
            STANDING,
            Actor.NOBODY,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended=_HOLDS_UNTIL_READ,
    ),
    "funds.received": Row(
        text=text(
            "money came in[: {amount}]",
            "The balance rose by more than fills, fees and known transfers explain: a deposit, a transfer between"
            " wallets, interest or an airdrop. It counts as no profit.",
            "Say on the page of the connector's funds what it was. A deposit that the exchange has on record is"
            " labelled already.",
        ),
        client=client(
            "Money came into your account[ ({amount})]. It is shown with your transfers and counts as no profit.",
            SAFE,
            Actor.OPERATOR,
        ),
        effect=Effect.TRADING_GOES_ON,
        wakes=False,
        unattended="Bots go on; the movement stays without a label.",
    ),
    "funds.left": Row(
        text=text(
            "money left the account[: {amount}]",
            "The balance fell by more than fills, fees and known transfers explain, and nobody has said yet that it was"
            " meant to: a withdrawal, a transfer to another wallet, or a theft.",
            "Ask the client whether it moved the money. If it did, say so on the page of the connector's funds, and"
            " orders go on. If nobody did, delete the API keys at the exchange at once, call its support, and kill the"
            " client's trading here.",
        ),
        client=client(
            "Money left your account[ ({amount})]. Until it is confirmed that this was meant, nothing new is placed.",
            "Nothing here can move money out of your account, so tell your operator at once if you did not do it"
            " yourself. Orders that already stand can still trade at their prices.",
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended="New orders of this account stay held until every such movement has a label. If somebody else is"
        " moving the money, only the exchange can stop that.",
    ),
    "ledger.mismatch": Row(
        text=text(
            "the balance contradicts recorded fills[: {amount}][, trades {trades}]",
            "The exchange's balance takes back what a fill that it had reported had moved, or charges its fee again:"
            " trades were rolled back, or the balance is wrong. Nothing is adjusted by itself.",
            "Compare the account's trades at the exchange with those recorded here, and ask its support. What is not"
            " corrected within a minute is listed among the connector's funds: say what it was, and orders go on.",
        ),
        client=client(
            "The exchange's numbers contradict trades that it had confirmed[ ({amount})]. Until this is cleared up,"
            " nothing new is placed.",
            "Nothing here has moved it; the exchange is asked what is true. Orders that already stand can still trade"
            " at their prices.",
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended="Bots of this account hold until the balance agrees again, or a person has said what it was.",
    ),
    "volume.incomplete": Row(
        text=text(
            "the newest trades could not be read[: {symbol} so far back to {back_to}]",
            "Trades after the time shown may be missing from the figures; fills are booked late, never lost. More"
            " trades than one look reads are read by several, from the newest to older ones.",
            "Nothing yet: they are read again by themselves. If it stays for a minute, see the finding of the"
            " connector.",
        ),
        client=client(
            "The newest trades are not in the figures yet; they are complete up to the time shown.",
            SAFE,
            Actor.NOBODY,
        ),
        effect=Effect.TRADING_GOES_ON,
        wakes=False,
        unattended="The figures keep their time and are made complete by the next good read; an account that starts"
        " trades once it is.",
    ),
}
