"""Connectors, keys, permissions and addresses."""

from collections.abc import Mapping

from trading_bridge.diagnosis.catalogue.row import SAFE, STANDING, Actor, Effect, Row, client, text

#: what follows wherever a key does not work
_UNWATCHED = (
    "The bots hold. With this key orders can be neither seen nor cancelled from here: what stands stays at the exchange"
    " until it trades or somebody cancels it there by hand."
)
_GOES_ON = "Once it works again the bots go on by themselves."
_BY_HAND = "To take the standing orders out now, cancel them on the exchange's own page."
_KEY = "The exchange does not let the platform use its key to your account."

CONNECTORS: Mapping[str, Row] = {
    "connector.missing": Row(
        text=text(
            "the client has no connector {connector}",
            "It matches no connector name[ of {account}] and no key of that exchange. Existing: {existing}.",
            "Add the exchange key to the client under that name, or set the bot's connector to one that exists.",
        ),
        client=client(
            "There is no exchange key for your bot, so it cannot trade and its balance cannot be read.",
            STANDING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended="The bot stays idle. A connector cannot be removed while its bots have orders, so none is left"
        " unwatched.",
    ),
    "connector.ambiguous": Row(
        text=text(
            "{connector} means more than one connector",
            "The client has several keys at that exchange: {existing}.",
            "Edit the bot and set its connector to one of these names.",
        ),
        client=client(
            "Your bot's settings fit more than one exchange key, so it does not guess and does not trade.",
            STANDING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended="The bot stays idle; orders from before another key was added stand as they are.",
    ),
    "connector.not_synced": Row(
        text=text(
            "the connector has not been read yet",
            "Its session has just begun; the first answer of the exchange is still awaited.",
            "Nothing yet. If this stays for more than ten seconds, look at the server's log.",
        ),
        client=client(
            "The connection to the exchange is being set up; your balance follows with its first answer.",
            STANDING,
            Actor.NOBODY,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended="It is read as soon as the exchange answers; the bots start then.",
    ),
    "connector.unknown": Row(
        text=text(
            "the connector of an order is not in the database",
            "An order or fill names a connector that does not exist, so it was not stored, and nothing was sent.",
            "Report it with the log line of that time.",
        ),
        client=client(
            "Your bot's exchange key was removed while it worked; it places nothing new.", STANDING, Actor.OPERATOR
        ),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended="Nothing is sent for the bots of that connector; what stands stays at the exchange.",
    ),
    "certification.failed": Row(
        text=text(
            "the exchange did otherwise than expected[ at the step {step}]",
            "[Expected was: {expected}. Found was: {found}. ]What bots do rests on this, so it would go wrong for them,"
            " too.",
            "Look at the account's orders at the exchange. If the market has merely moved, run the certification again;"
            " else start no bot there, and report the record with both sentences.",
        ),
        client=client(
            "A trial of the exchange's interface did not go as expected. Your operator clears up why.",
            STANDING,
            Actor.OPERATOR,
        ),
        effect=Effect.TRADING_GOES_ON,
        wakes=False,
        unattended="Nothing: the trial's order is cancelled, by the command or by the next start of a server.",
    ),
    "certification.server_running": Row(
        text=text(
            "a server sends for this database",
            "[{server}. ]One process alone places orders for a client, so the certification's order was not placed.",
            "End the server, with TRADING_BRIDGE_ON_STOP=keep if its orders should stay, run the certification again,"
            " and start the server.",
        ),
        client=client("A trial of the exchange's interface was put off.", STANDING, Actor.NOBODY),
        effect=Effect.TRADING_GOES_ON,
        wakes=False,
        unattended="Nothing: bots go on.",
    ),
    "exchange.unknown": Row(
        text=text(
            "the exchange {exchange} is not one that this version can use",
            "The connector names an exchange that this version has no class for; a new release of ccxt may have left it"
            " out.",
            "Install the version that has it. What stands there can be seen and cancelled at the exchange alone, by"
            " hand. If the exchange is gone for good, delete the connector.",
        ),
        client=client(
            "The exchange of your bot's key is not supported by this version of the platform.", STANDING, Actor.OPERATOR
        ),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended="The bots of this connector stay idle.",
    ),
    "credentials.empty": Row(
        text=text(
            "the connector[ {connector}] has no key",
            "The stored row holds no API key or no secret.",
            "Edit the connector and enter key and secret again, copied from the exchange's page about API keys.",
        ),
        client=client(
            "No exchange key is stored for your bot, so it cannot trade and its balance cannot be read.",
            STANDING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended=_UNWATCHED,
    ),
    "credentials.undecryptable": Row(
        text=text(
            "the stored key[ of {connector}] cannot be decrypted",
            "None of the configured secret keys fits this connector's row; most likely the key file was replaced, or"
            " the database was restored without it.",
            "Put the former key back: as a line of the key file in the state folder, or in TRADING_BRIDGE_SECRET_KEYS,"
            " after the newest; then restart the server. If it is lost, enter the exchange key again.",
        ),
        client=client(
            "The stored exchange key for your bot cannot be read, so it cannot trade and its balance cannot be read.",
            STANDING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended=_UNWATCHED,
    ),
    "credentials.rejected": Row(
        text=text(
            "the exchange does not accept the key",
            "The key was deleted, revoked or mistyped, it has expired, or the secret is not the one that belongs to it;"
            " no call can tell these apart. A frozen or deleted sub-account answers the same.",
            "At the exchange, look whether the key with these last four characters still exists. If it does, enter its"
            " secret again; if not, make a new key with Read and Spot Trade, allow this host's addresses, and enter it"
            f" at the connector. {_BY_HAND}",
        ),
        client=client(f"{_KEY} Nothing new is placed, and your balance cannot be confirmed.", STANDING, Actor.OPERATOR),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended=f"{_UNWATCHED} {_GOES_ON}",
    ),
    "access.refused": Row(
        text=text(
            "the exchange refuses this key here; the doctor is finding out which of the causes it is",
            "One answer (Coinstore's 1401, Binance's -2015, KuCoin's 400007) stands for several causes: this host's"
            " address is not allowed for the key, the key lacks Read, it lacks Spot Trade, or the key or its signature"
            " is refused.",
            "Wait some seconds: the finding is replaced by the cause. If it stays, look at the connector's last check"
            " for the causes that remain, the most likely first: allowed addresses, then Read, then Spot Trade, then"
            " the secret.",
        ),
        client=client(f"{_KEY} Why is being found out, and nothing new is placed meanwhile.", STANDING, Actor.OPERATOR),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended=f"{_UNWATCHED} {_GOES_ON}",
    ),
    "ip.not_allowed": Row(
        text=text(
            "the exchange refuses this key from this host's address[ ({addresses})]",
            "The key is bound to a list of addresses, and the one that the exchange sees is not among them."
            "[ Refused by: {family}.] A host that leaves by IPv6 while the list has its IPv4 address is refused the"
            " same way.",
            "At the exchange, edit this API key and add the address to its allowed ones[: {addresses}] (Coinstore takes"
            " up to five). If the list has the host's IPv4 address already, set the connector to IPv4 only instead, or"
            f" add the IPv6 address, too. {_BY_HAND}",
        ),
        client=client(
            "The exchange accepts the key to your account from known places only, and this platform is not, or no"
            " longer, one of them. Nothing new is placed, and your balance cannot be confirmed.",
            STANDING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended=f"{_UNWATCHED} {_GOES_ON}",
    ),
    "permission.read_missing": Row(
        text=text(
            "the key may not read the account",
            "The key is right and may be used from here, but lacks the Read permission: balances are refused.",
            "At the exchange, edit this API key, tick Read beside Spot Trade, and save it. Where a key cannot be"
            " edited, make a new one with both and enter it at the connector.",
        ),
        client=client(
            "The key to your account may not read its balance. It is shown as unknown, and nothing new is placed.",
            STANDING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended=f"The bots hold, and the balance is unknown; what stands stays. {_GOES_ON}",
    ),
    "permission.trade_missing": Row(
        text=text(
            "the key may not trade",
            "The account can be read, but the key, or its account or sub-account, lacks the spot trade permission:"
            " orders and cancels are refused.",
            "At the exchange, edit this API key, tick Spot Trade beside Read, and save it. For a sub-account the main"
            " account must grant it; a new account may have to finish its verification first. Until then cancel"
            " standing orders on the exchange's own page.",
        ),
        client=client(
            "The key to your account may read it, but not trade: your bot can neither place nor cancel orders.",
            STANDING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended="Balances stay true. Nothing new is taken by the exchange, and what stands cannot be cancelled from"
        f" here: it stays until it trades or somebody cancels it there by hand. {_GOES_ON}",
    ),
    "permission.market_missing": Row(
        text=text(
            "the key may not trade this market[ ({symbol})]",
            "The key or its account may trade, but not this pair: the key is bound to a list of pairs, the pair is open"
            " to some accounts only, or the account's country or verification shuts it out.",
            "At the exchange, edit this API key and add the pair to its allowed ones. If it has no such list, ask the"
            " exchange's support, with the evidence, to admit the account to the pair (MEXC: assessment zone).",
        ),
        client=client(
            "The key to your account may not trade this market[ ({symbol})]. Your bot places nothing new there.",
            STANDING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended="The exchange takes nothing new on this pair, and may take no cancel of what stands there either."
        f" {_GOES_ON}",
    ),
    "passphrase.refused": Row(
        text=text(
            "the exchange does not accept the passphrase of the key",
            "The exchange knows the key, but the passphrase beside it is not the one that was chosen when the key was"
            " made. It is not the account's password, and the exchange does not show it again.",
            "Edit the connector and enter key, secret and passphrase again. If the passphrase is lost, make a new key.",
        ),
        client=client(f"{_KEY} Nothing new is placed, and your balance cannot be confirmed.", STANDING, Actor.OPERATOR),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended=f"{_UNWATCHED} {_GOES_ON}",
    ),
    "signature.refused": Row(
        text=text(
            "the exchange refused the signature",
            "The exchange knows the key, but what was signed with its secret does not fit: the secret belongs to"
            " another key or was cut when it was copied, or this host's clock is off. MEXC answers the same (code"
            " 700002) once a key has expired.",
            "Edit the connector and enter the secret again, whole and without spaces. If it is refused again, compare"
            " this host's clock, then make a new key.",
        ),
        client=client(f"{_KEY} Nothing new is placed, and your balance cannot be confirmed.", STANDING, Actor.OPERATOR),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended=f"{_UNWATCHED} {_GOES_ON}",
    ),
    "clock.skewed": Row(
        text=text(
            "this host's clock is off[: the exchange's is {offset_s} s from it]",
            "Each request is signed with the time, and the exchange refuses one whose time is too far from its own.",
            "Set this host's clock and keep it in step (timedatectl set-ntp true; timedatectl"
            " timesync-status shows it). In a container or virtual machine, that of its host.",
        ),
        client=client(
            "The exchange refuses the platform's requests because of a wrong time. Nothing new is placed, and your"
            " balance cannot be confirmed.",
            STANDING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended=f"{_UNWATCHED} {_GOES_ON}",
    ),
    "egress.changing": Row(
        text=text(
            "the exchange sees this host from another address[ ({family})] than before[: {now}, it was {before}]",
            "Within one day a second address was seen. A key that is bound to the first one is refused as soon as"
            " requests leave by the second.",
            "At the exchange, add the new address[ {now}] to the allowed ones of every key used here, before orders are"
            " refused. Better: give the host a fixed address, or the connector a proxy that has one.",
        ),
        client=client(
            "The platform's way to the exchange has changed. Your bot goes on, and your operator makes sure that the"
            " exchange keeps accepting it.",
            SAFE,
            Actor.OPERATOR,
        ),
        effect=Effect.TRADING_GOES_ON,
        wakes=False,
        unattended="Trading goes on until a key is refused from the new address; then ip.not_allowed says so.",
    ),
}
