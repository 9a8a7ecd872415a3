"""What is at an exchange account and not ours, and where storage and exchange did not agree."""

from collections.abc import Mapping

from trading_bridge.diagnosis.catalogue.row import STANDING, Actor, Effect, Row, client, text

_HELD = (
    "No new order of this account is placed until somebody answers; what stands stays, is watched, and nothing that is"
    " not ours is cancelled."
)
_ANSWER = (
    "If that was you or your client, say so: open the connector and choose that people trade there by hand (manual"
    " trading: expected), or answer for what was found and keep the watch. If it was not, delete the key at the"
    " exchange at once, make a new one and look at the account's log-ins; then answer."
)
#: it may be the sign of a stolen key, so nothing here says that the money is safe
_WHOSE = (
    "If nobody of yours did, somebody else may have a key of your account and may trade with what is in it. Orders that"
    " already stand there can still trade at their prices."
)

ACCOUNTS: Mapping[str, Row] = {
    "account.foreign_order": Row(
        text=text(
            "an order that is not ours stands on the account of {connector}",
            "[{orders} open, the first: ][{side} {amount} ][in {symbol} ][({exchange_order_id})]. Its client order id"
            " is not of this installation, so a person placed it, or somebody else who has a key.",
            f"Where people trade by hand as expected there is nothing to do. {_ANSWER}",
        ),
        client=client(
            "An order that your bots did not place stands on your account. If nobody of yours placed it, tell your"
            " operator at once.",
            _WHOSE,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended=_HELD,
    ),
    "account.foreign_trade": Row(
        text=text(
            "a trade that is not ours happened on the account of {connector}",
            "[{side} {amount} ][in {symbol} ][(order {exchange_order_id})]. The order behind it is not of this"
            " installation. The trade is stored and counted in the balances, and belongs to no bot.",
            f"Where people trade by hand as expected there is nothing to do. {_ANSWER}",
        ),
        client=client(
            "A trade that your bots did not make happened on your account. If nobody of yours made it, tell your"
            " operator at once.",
            _WHOSE,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended=_HELD,
    ),
    "account.shared": Row(
        text=text(
            "another installation trades on the account of {connector}",
            "[{side} {amount} ][in {symbol} ][(order {exchange_order_id})] carries the mark of this product with"
            " another installation's id: a second platform, an old one, or a test system with a live key.",
            "Find that installation and stop its bots, or give it a key of another account. Then answer for what was"
            " found on the connector's page. Nothing of it is cancelled from here.",
        ),
        client=client(
            "A second system trades on your account, so your bots place nothing new. Your operator clears up which one"
            " it is.",
            STANDING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended=_HELD,
    ),
    "orders.drift": Row(
        text=text(
            "storage and exchange did not agree about orders of {connector}",
            "[Found and put right: {what}.] That is what a restored backup, a lost disk, or a fault of the exchange or"
            " of this program leaves behind.",
            "Nothing at once: it has been put right. If it comes again without a restored backup, send the log of the"
            " time to support.",
        ),
        client=client(
            "Your bots' orders were compared with those at the exchange, and a difference was put right.",
            STANDING,
            Actor.NOBODY,
        ),
        effect=Effect.TRADING_GOES_ON,
        wakes=False,
        unattended="Storage and exchange are compared again every 30 s.",
    ),
}
