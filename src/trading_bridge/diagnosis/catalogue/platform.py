"""The platform itself: its tasks, its storage, its installation."""

from collections.abc import Mapping

from trading_bridge.diagnosis.catalogue.row import SAFE, STANDING, Actor, Effect, Row, client, text

_OUR_SIDE = "Something is wrong on the platform's side, not at the exchange. Nothing new is placed."
_UNSTORED = (
    "Nothing new is sent, since an order is stored first. Cancels need no storage, so quotes that the market leaves"
    " behind are still taken out."
)
_INSTALL = "The platform's installation is not complete. Your operator has to mend it."
_DOES_NOT_START = (
    "The server does not start, so no bot runs. What an earlier run left at the exchange stands there until it starts"
    " again."
)

PLATFORM_ROWS: Mapping[str, Row] = {
    "internal.error": Row(
        text=text(
            "a fault in the platform stopped {task} ({error})",
            "A bug ended this task. It is started again after a pause of 1 s, growing to 60 s; other bots are not"
            " touched.",
            "Report it with the log line of that time, which has the place in the code. If it repeats, stop the bot"
            " named: its orders are cancelled.",
        ),
        client=client(
            "A fault in the platform interrupted the work for your bot; it is started again by itself.",
            STANDING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended="The task starts again and again; while it is down its orders stand unmoved and can trade.",
    ),
    "lease.lost": Row(
        text=text(
            "this server does not own its bots any more",
            "Another server has taken over this database with a newer lease; this one may not send orders.",
            "If that was wished, stop this server. Else stop the other one, and restart this one.",
        ),
        client=client(
            "Your bot was taken over by another machine of the platform; what worked for it here places nothing new.",
            STANDING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended="This server sends nothing new. The other one cancels what it finds and trades on.",
    ),
    "storage.unwritable": Row(
        text=text(
            "the database cannot be written[: {detail}]",
            "An order is stored before it is sent; without storage nothing is sent.",
            "Look at the disk (full, read-only) or at the database server (down, refusing). It goes on by itself once"
            " it can be written.",
        ),
        client=client(_OUR_SIDE, STANDING, Actor.OPERATOR),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended=_UNSTORED,
    ),
    "storage.slow": Row(
        text=text(
            "the database falls behind[: {detail}]",
            "More rows wait to be written than some seconds of work; an order is stored before it is sent.",
            "Look at the disk or the database server, and what else uses it; sending resumes by itself.",
        ),
        client=client(_OUR_SIDE, STANDING, Actor.OPERATOR),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended=f"{_UNSTORED} It resumes by itself once the rows are written.",
    ),
    "storage.closed": Row(
        text=text(
            "the server is going down",
            "Its journal is closed, and an order is stored before it is sent.",
            "Start the server again if it was not meant to end; its log says why it ended.",
        ),
        client=client("The platform is being shut down. Nothing new is placed.", STANDING, Actor.OPERATOR),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended="The server ends: it cancels its orders first, unless it is set to keep them.",
    ),
    "storage.refused": Row(
        text=text(
            "the database refused a row[: {detail}]",
            "An order or fill did not fit the tables, so nothing that depends on it was sent.",
            "Report it with the log line of that time.",
        ),
        client=client(_OUR_SIDE, STANDING, Actor.OPERATOR),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended="The bot tries again every second; each order that does not fit is not sent.",
    ),
    "bot.unknown": Row(
        text=text(
            "the bot of an order is not in the database",
            "An order or fill names a bot that does not exist, so it was not stored, and nothing was sent.",
            "Report it with the log line of that time.",
        ),
        client=client(_OUR_SIDE, STANDING, Actor.OPERATOR),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended="Nothing is sent for that bot; other bots are not touched.",
    ),
    "database.missing": Row(
        text=text(
            "there is no database yet",
            "Nothing exists at the configured place, or what is there is empty, and the doctor never makes one.",
            "Set DATABASE_URL or TRADING_BRIDGE_STATE_DIR to where it is; on a new host run `trading-bridge serve`"
            " once, it makes the database.",
        ),
        client=client(_INSTALL, STANDING, Actor.OPERATOR),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended="No server works with this database, so no bot runs.",
    ),
    "database.unreachable": Row(
        text=text(
            "the database cannot be opened[: {detail}]",
            "It exists as configured, or its server should, and does not answer or refuses.",
            "For PostgreSQL, check that it is up and takes this host, user and password (`psql` with DATABASE_URL). For"
            " a file, check that it and its folder can be read and written by the server's user.",
        ),
        client=client(_OUR_SIDE, STANDING, Actor.OPERATOR),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended=_UNSTORED,
    ),
    "database.behind": Row(
        text=text(
            "the database is at another revision than this version[: {have}, needed is {need}]",
            "Another version of the platform wrote it last, or a migration was not run.",
            "If it is older, start `trading-bridge serve` of this version once: it migrates; make a backup before. If"
            " it is newer, install the version that wrote it.",
        ),
        client=client(_INSTALL, STANDING, Actor.OPERATOR),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended="A server of this version that is not running does not trade; one that runs is another version.",
    ),
    "secret_keys.missing": Row(
        text=text(
            "there is no key that decrypts the stored exchange keys",
            "TRADING_BRIDGE_SECRET_KEYS is not set, and the state folder holds no key file.",
            "Restore the key file into the state folder from the backup, or set TRADING_BRIDGE_SECRET_KEYS. On a new"
            " host run `trading-bridge serve` once, it makes one; the exchange keys must then be entered again.",
        ),
        client=client(_INSTALL, STANDING, Actor.OPERATOR),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended="A server that starts now cannot use any stored exchange key: its bots hold, and what stands stays"
        " unwatched.",
    ),
    "disk.low": Row(
        text=text(
            "the disk is nearly full[: {free_mb} MB free][ at {path}]",
            "The database grows with every order and fill; when the disk is full, nothing can be stored and nothing new"
            " is sent.",
            "Free space there, or make the disk larger; old logs and backups go first.",
        ),
        client=client(
            "The platform's storage is running low. Your bot goes on, and your operator makes room.",
            SAFE,
            Actor.OPERATOR,
        ),
        effect=Effect.TRADING_GOES_ON,
        wakes=True,
        unattended="Trading goes on until the disk is full; then storage.unwritable holds every new order.",
    ),
    "settings.invalid": Row(
        text=text(
            "the settings are not valid[: {detail}]",
            "An environment variable, an option or the key file has a value that cannot be used; the message names it.",
            "Correct what the message names; docs/settings.md lists what each variable takes.",
        ),
        client=client(_INSTALL, STANDING, Actor.OPERATOR),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended=_DOES_NOT_START,
    ),
}
