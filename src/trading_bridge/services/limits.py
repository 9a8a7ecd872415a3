"""Limits of bots, clients and the platform: shown with who set them, changed, and a halted bot resumed."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from trading_bridge.core.amount import plain
from trading_bridge.core.bot import Bot
from trading_bridge.core.restraint import Scope, ScopeKind
from trading_bridge.core.risk.limits import Limits
from trading_bridge.core.risk.settings import (
    BOT_NAMES,
    DRAWDOWN_STEPS,
    FOR_EACH_BOT,
    Name,
    Settings,
    Source,
    bot_limits,
    names_of,
    parsed,
    scope_limits,
    values_of,
)
from trading_bridge.core.risk.state import Halt, RiskState
from trading_bridge.core.user import Asker
from trading_bridge.errors import Conflict, InvalidInput
from trading_bridge.services import bots, checks, scopes
from trading_bridge.services.deps import Deps
from trading_bridge.services.limit_counters import Counter, of_bot, of_scope
from trading_bridge.storage.unit_of_work import UnitOfWork

#: characters of a reason
REASON_MAX = 280
#: a setting that allows so many times its default has to be confirmed (faults O1)
LARGE = 10
_NONE: Settings = {}
_PLATFORM = Scope(kind=ScopeKind.PLATFORM, id="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    name: str
    known: Name
    #: None: there is no such limit
    value: Decimal | int | None
    default: Decimal | int | None
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsView:
    scope: Scope
    #: of the scope, as people call it
    name: str
    limits: tuple[Limit, ...]
    counters: tuple[Counter, ...]
    halt: Halt | None


async def of(asker: Asker, deps: Deps, scope: Scope) -> LimitsView:
    scope = _limited(scope)
    async with deps.database.unit_of_work(read_only=True) as uow:
        return await _view(uow, deps, scope)


async def change(
    asker: Asker, deps: Deps, scope: Scope, wished: Mapping[str, str | None], *, confirmed: bool
) -> LimitsView:
    """None takes a setting away: what holds without it holds again."""
    scope = _limited(scope)
    async with deps.database.unit_of_work() as uow:
        await _name(uow, scope)
        before = await uow.limits.of(scope)
        after = dict(before)
        for name, text in wished.items():
            if text is None:
                after.pop(name, None)
            else:
                after[name] = _checked(scope, name, text, confirmed=confirmed)
        _refuse_steps_out_of_order(await _bot_limits(uow, scope, after))
        await uow.limits.set(scope, after, by=asker.name)
        details = {name: [before.get(name), after.get(name)] for name in wished}
        await uow.audit.record(asker, "limits.set", scope.kind.value, scope.id or None, details)
        view = await _view(uow, deps, scope)
    deps.runner.risk.set_anew()
    if scope.kind is not ScopeKind.PLATFORM:
        deps.publish(scope.kind.value, scope.id)
    return view


async def resume(asker: Asker, deps: Deps, bot_id: str, *, reason: str) -> Bot:
    """Ends a halt; what halted the bot counts anew from here. Raises Conflict where it is not halted."""
    clean = checks.text(reason, "reason", max_length=REASON_MAX)
    bot_id = checks.ident(bot_id, "bot")
    async with deps.runner.risk.changing(bot_id, RiskState.resumed), deps.database.unit_of_work() as uow:
        bot = await bots.found(uow, bot_id)
        state = await _state(uow, deps, bot_id)
        if state.halt is None:
            raise Conflict(
                "limit.not_halted", f"{bot.name} is not halted by a limit.", remedy="See its state for what holds it."
            )
        await uow.risk.store(bot_id, state.resumed())
        details = {"reason": clean, "halt": state.halt.code, "halted_since": state.halt.since.isoformat()}
        await uow.audit.record(asker, "bot.resume", "bot", bot_id, details)
    deps.runner.wake()
    deps.publish("bot", bot_id)
    return bot


async def _view(uow: UnitOfWork, deps: Deps, scope: Scope) -> LimitsView:
    name = await _name(uow, scope)
    limits = await _limits(uow, scope)
    if scope.kind is not ScopeKind.BOT:
        of_all = scope_limits(scope.kind, await uow.limits.of(scope))
        counters = of_scope(deps.runner.risk.losses(scope), of_all)
        return LimitsView(scope=scope, name=name, limits=limits, counters=counters, halt=None)
    bot = await bots.found(uow, scope.id)
    state, report = await _state(uow, deps, bot.id), deps.runner.risk.report(bot.id)
    held = await _bot_limits(uow, scope, await uow.limits.of(scope))
    counters = of_bot(bot, state, None if report is None else report.counters, held, deps.clock.now())
    return LimitsView(scope=scope, name=name, limits=limits, counters=counters, halt=state.halt)


async def _state(uow: UnitOfWork, deps: Deps, bot_id: str) -> RiskState:
    report = deps.runner.risk.report(bot_id)
    return await uow.risk.of(bot_id) if report is None else report.state


async def _limits(uow: UnitOfWork, scope: Scope) -> tuple[Limit, ...]:
    settings = await uow.limits.of(scope)
    default: dict[str, Decimal | int | None] = values_of(Limits())
    if scope.kind is ScopeKind.BOT:
        client = await _client_of(uow, scope)
        limits, sources = bot_limits(await uow.limits.of(_PLATFORM), await uow.limits.of(client), settings)
        values = values_of(limits)
        return tuple(
            Limit(
                name=name,
                known=known,
                value=values[name],
                default=default[name],
                source=sources.get(name, Source.DEFAULT),
            )
            for name, known in BOT_NAMES.items()
        )
    platform = settings if scope.kind is ScopeKind.PLATFORM else await uow.limits.of(_PLATFORM)
    client_settings = _NONE if scope.kind is ScopeKind.PLATFORM else settings
    each, sources = bot_limits(platform, client_settings, _NONE)
    own, own_default = values_of(scope_limits(scope.kind, settings)), values_of(scope_limits(scope.kind, _NONE))
    values = own | {f"{FOR_EACH_BOT}{name}": value for name, value in values_of(each).items()}
    defaults = own_default | {f"{FOR_EACH_BOT}{name}": value for name, value in default.items()}
    set_here = {name: Source(scope.kind.value) for name in own if name in settings}
    set_for_each = {f"{FOR_EACH_BOT}{name}": source for name, source in sources.items()}
    return tuple(
        Limit(
            name=name,
            known=known,
            value=values[name],
            default=defaults[name],
            source=(set_here | set_for_each).get(name, Source.DEFAULT),
        )
        for name, known in names_of(scope.kind).items()
    )


async def _bot_limits(uow: UnitOfWork, scope: Scope, settings: Settings) -> Limits:
    """What would hold for a bot with these settings of the scope."""
    if scope.kind is ScopeKind.PLATFORM:
        return bot_limits(settings, _NONE, _NONE)[0]
    platform = await uow.limits.of(_PLATFORM)
    if scope.kind is ScopeKind.CLIENT:
        return bot_limits(platform, settings, _NONE)[0]
    return bot_limits(platform, await uow.limits.of(await _client_of(uow, scope)), settings)[0]


async def _client_of(uow: UnitOfWork, scope: Scope) -> Scope:
    return Scope(kind=ScopeKind.CLIENT, id=(await bots.found(uow, scope.id)).client_id)


async def _name(uow: UnitOfWork, scope: Scope) -> str:
    name = await scopes.name(uow, scope)
    if name is None:
        raise checks.not_found(scope.kind.value, scope.id)
    return name


def _limited(scope: Scope) -> Scope:
    """In its one form; markets have no limits of their own."""
    if scope.kind is ScopeKind.MARKET:
        raise InvalidInput(
            "scope.market",
            "A market has no limits of its own.",
            field="kind",
            remedy="Choose platform, client or bot.",
        )
    return scopes.spelled(scope)


def _checked(scope: Scope, name: str, text: str, *, confirmed: bool) -> str:
    names = names_of(scope.kind)
    field = f"limits.{name}" if checks.showable(name) and len(name) <= checks.NAME_MAX else "limits"
    known = names.get(name)
    if known is None:
        raise InvalidInput("limits.unknown", "There is no such limit.", field=field, remedy=checks.nearest(name, names))
    value = None if plain(text) is None else parsed(known, text)
    if value is None:
        whole = "a whole number" if known.whole else "a number"
        raise InvalidInput(
            "limits.out_of_range",
            f"{known.text}: expected {whole} from {known.lowest:f} to {known.highest:f} ({known.unit.value}).",
            field=field,
            remedy="Write such a number in plain digits, with a point.",
        )
    if not confirmed and _is_large(scope, name, known, value):
        raise Conflict(
            "limits.large_change",
            f"{known.text}: {value:f} allows at least {LARGE} times as much as the default.",
            field=field,
            remedy="Confirm it, if it is meant.",
        )
    return f"{value:f}"


def _is_large(scope: Scope, name: str, known: Name, value: Decimal) -> bool:
    of_bots = name.removeprefix(FOR_EACH_BOT)
    if scope.kind is ScopeKind.BOT or of_bots != name:
        default = values_of(Limits())[of_bots]
    else:
        default = values_of(scope_limits(scope.kind, _NONE))[name]
    if default is None:
        return False
    return value >= default * LARGE if known.looser_above else value * LARGE <= default


def _refuse_steps_out_of_order(limits: Limits) -> None:
    """Each drawdown step begins at a larger loss than the one before it."""
    values = [getattr(limits, name) for name in DRAWDOWN_STEPS]
    for earlier, later, name in zip(values, values[1:], DRAWDOWN_STEPS[1:], strict=False):
        if later < earlier:
            raise InvalidInput(
                "limits.steps",
                f"{BOT_NAMES[name].text}: {later:f} is below the step before it ({earlier:f}).",
                field=f"limits.{name}",
                remedy="Let the steps go up: widen, shrink, bid only, hold.",
            )
