"""Commands that write into the database beside a running server, or while none runs."""

import getpass
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from trading_bridge.clock import Clock, Entropy, SystemClock, SystemEntropy
from trading_bridge.core.client import account_key
from trading_bridge.core.restraint import Scope, ScopeKind
from trading_bridge.core.user import Asker, AskerKind
from trading_bridge.errors import InvalidInput, NotFound, NotReady
from trading_bridge.logs import configure_logs
from trading_bridge.services import checks
from trading_bridge.settings import load_settings
from trading_bridge.storage.beside import DatabaseBeside
from trading_bridge.storage.faults import FAILURES
from trading_bridge.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """What a command is about, as it was typed; exactly one of them."""

    #: by id or name
    bot: str | None = None
    #: by id or account
    client: str | None = None
    #: exchange and pair
    market: str | None = None
    all: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where a command works."""

    database: DatabaseBeside
    clock: Clock
    entropy: Entropy
    asker: Asker


@asynccontextmanager
async def desk(state: Path | None) -> AsyncIterator[Desk]:
    """`state` before the environment. Raises SettingsError."""
    configure_logs(json=False, level="ERROR")
    settings = load_settings(**({} if state is None else {"state_dir": state}))
    clock, entropy = SystemClock(), SystemEntropy()
    database = DatabaseBeside(settings.resolved_database_url(), clock=clock, entropy=entropy)
    try:
        await database.check()
        asker = Asker(kind=AskerKind.SYSTEM, user_id=None, name=f"{getpass.getuser()} (command line)")
        yield Desk(database=database, clock=clock, entropy=entropy, asker=asker)
    except FAILURES as error:
        cause = getattr(error, "orig", None) or error
        raise NotReady("storage.unwritable", f"The database did not take it, nothing is changed: {cause}") from error
    finally:
        await database.close()


async def scope_of(uow: UnitOfWork, covered: Covered) -> Scope:
    given = [one for one in (covered.bot, covered.client, covered.market, covered.all or None) if one is not None]
    if len(given) != 1:
        raise InvalidInput(
            "scope.missing", "Say what it covers: exactly one of --bot, --client, --market and --all.", field="scope"
        )
    if covered.bot is not None:
        return Scope(kind=ScopeKind.BOT, id=await _bot_id(uow, covered.bot))
    if covered.client is not None:
        return Scope(kind=ScopeKind.CLIENT, id=await _client_id(uow, covered.client))
    if covered.market is not None:
        return Scope(kind=ScopeKind.MARKET, id=covered.market)
    return Scope(kind=ScopeKind.PLATFORM, id="")


async def _bot_id(uow: UnitOfWork, wanted: str) -> str:
    bots = await uow.bots.all()
    found = [bot for bot in bots if bot.id == wanted] or [bot for bot in bots if bot.name == wanted]
    if len(found) > 1:
        ids = ", ".join(f"{bot.id} (of {bot.account})" for bot in found)
        raise InvalidInput("bot.ambiguous", f"Several bots are called {wanted}: take an id of {ids}.", field="bot")
    if not found:
        raise NotFound("bot.not_found", f"There is no bot {wanted}. {checks.nearest(wanted, (b.name for b in bots))}")
    return found[0].id


async def _client_id(uow: UnitOfWork, wanted: str) -> str:
    client = await uow.clients.get(wanted) or await uow.clients.by_account(account_key(wanted))
    if client is None:
        known = [one.account for one in (await uow.clients.list()).items]
        raise NotFound("client.not_found", f"There is no client {wanted}. {checks.nearest(wanted, known)}")
    return client.id


async def who_obeys(desk: Desk) -> str:
    """One sentence on when what was written takes effect."""
    server = await desk.database.server()
    if server is None:
        return (
            "No server works with this database now, so nothing touches what stands at the exchange; the next one obeys"
            " before it trades."
        )
    return f"The server ({server}) obeys within a second or two; its pages show how far it is."
