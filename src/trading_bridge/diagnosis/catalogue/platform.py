"""The platform itself: its tasks, its storage, its installation."""

from collections.abc import Mapping

from trading_bridge.diagnosis.catalogue.row import SAFE, STANDING, Actor, Effect, Row, client, text

_OUR_SIDE = "Something is wrong on the platform's side, not at the exchange. Nothing new is placed."
_UNSTORED = (
    "Nothing new is sent, since an order is stored first. Cancels need no storage: quotes that the market leaves"
    " behind are still taken out, and after 30 s without storage every order is cancelled, one by one."
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
    "bot_type.unusable": Row(
        text=text(
            "an installed bot type cannot be used: {entry}",
            "A package names it under trading_bridge.bot_types, and: {why}. Everything else works; bots of that type do"
            " not run.",
            "Mend or remove the package, then start the server again; docs/adding-a-bot-type.md says what it needs.",
        ),
        client=client(
            "One kind of bot cannot run on this platform at the moment. Your operator has to mend it.",
            STANDING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended="Bots of that type place nothing; all others trade on.",
    ),
    "lease.lost": Row(
        text=text(
            "this server does not hold the lease under which orders are sent[: {detail}]",
            "Only its holder may send, and it renews it in the database every 3 s; where it cannot, it stops before"
            " another server may take over. A server whose lease was taken ends.",
            "If the database does not answer, look at it and at the way to it: once the lease is renewed sending goes"
            " on by itself. If two servers were started on one database and that was not wished, stop one.",
        ),
        client=client(
            "The part of the platform that works for your bot cannot show that it alone does so, and places nothing.",
            STANDING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended="This server sends nothing new. One that stands by takes over about 10 s later, adopts the orders"
        " that stand, and trades on; without one it goes on by itself once the database answers.",
    ),
    "runner.stalled": Row(
        text=text(
            "the server stood still for {seconds} s",
            "Its process was paused, its machine slept, or something kept it busy. What it knew is as old as that:"
            " nothing is placed for a bot before its orders, its balance and its book were read again.",
            "Nothing: it goes on by itself. If it repeats, look at the host: too little CPU or memory, a suspended"
            " machine, a snapshot that freezes it.",
        ),
        client=client(
            "The platform stood still for a moment. It looks at what became of your orders before it goes on.",
            STANDING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended="It goes on by itself once the orders were looked at; it is shown for two minutes.",
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
    "storage.unreadable_row": Row(
        text=text(
            "a row of the database cannot be read: {table} {id} ({detail})",
            "The row was damaged, or changed by hand, so what it says is not known. Of a live order: it is not"
            " followed, and may stand at the exchange; new orders of its connector are held. Of a kill or"
            " hold in force: it is obeyed as one of the whole platform, and what may be a kill cancels what stands.",
            "Restore the row from a backup, or mend it by hand to what the exchange shows. It is read again by"
            " itself, and new orders go on then.",
        ),
        client=client(_OUR_SIDE, STANDING, Actor.OPERATOR),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended="Nothing new is placed there until a person mends the row; the start and all else go on.",
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
            "Set DATABASE_URL or TRADING_BRIDGE_STATE_DIR to where it is; on a new host run trading-bridge serve"
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
            "For PostgreSQL, check that it is up and takes this host, user and password (psql with DATABASE_URL). For"
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
            "If it is older, start the server (trading-bridge serve) of this version once: it migrates; make a"
            " backup before. If it is newer, install the version that wrote it.",
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
            " host run trading-bridge serve once, it makes one; the exchange keys must then be entered again.",
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
