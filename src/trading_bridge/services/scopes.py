"""What a kill or a hold covers: checked, and called as people call it."""

from trading_bridge.core.restraint import Scope, ScopeKind, market_scope_id
from trading_bridge.errors import InvalidInput
from trading_bridge.exchanges.registry import exchange_info
from trading_bridge.services import checks
from trading_bridge.storage.unit_of_work import UnitOfWork

PLATFORM_NAME = "the whole platform"


def spelled(scope: Scope) -> Scope:
    """In its one form, without asking anybody; raises NotFound for an id that cannot be one."""
    match scope.kind:
        case ScopeKind.PLATFORM:
            return Scope(kind=ScopeKind.PLATFORM, id="")
        case ScopeKind.MARKET:
            exchange, _, pair = scope.id.strip().partition(" ")
            info = exchange_info(exchange.lower())
            if info is None:
                raise InvalidInput(
                    "scope.market",
                    "A market is written as its exchange and its pair.",
                    field="scope",
                    remedy="Write it like coinstore SHARP/USDT.",
                )
            return Scope(kind=ScopeKind.MARKET, id=market_scope_id(info.id, checks.pair(pair, "scope")))
        case ScopeKind.CLIENT | ScopeKind.BOT:
            return Scope(kind=scope.kind, id=checks.ident(scope.id, scope.kind.value))


async def name(uow: UnitOfWork, scope: Scope) -> str | None:
    """None: there is nothing (any more) that it covers."""
    match scope.kind:
        case ScopeKind.PLATFORM:
            return PLATFORM_NAME
        case ScopeKind.MARKET:
            exchange, _, symbol = scope.id.partition(" ")
            return f"{symbol} at {exchange}"
        case ScopeKind.CLIENT:
            client = await uow.clients.get(scope.id)
            return None if client is None else client.name
        case ScopeKind.BOT:
            bot = await uow.bots.get(scope.id)
            return None if bot is None else bot.name


async def name_of(uow: UnitOfWork, scope: Scope) -> str:
    """The id where what it covered is gone."""
    return await name(uow, scope) or scope.id
