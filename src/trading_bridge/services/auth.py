"""Signing in and out; the first administrator."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from trading_bridge.clock import within
from trading_bridge.core.user import Asker, User
from trading_bridge.errors import Conflict, InvalidInput, SettingsError, TooMany, Unauthenticated
from trading_bridge.logs import get_logger
from trading_bridge.services import checks
from trading_bridge.services.asker import SYSTEM
from trading_bridge.services.deps import Deps
from trading_bridge.services.sign_in import BELIEVED_S, TOKEN_LENGTH, SignedInAs, token_hash
from trading_bridge.storage.faults import FAILURES

SESSION_LIFE = timedelta(days=7)
#: who is known waits no longer than this for storage to say it again
STORAGE_WITHIN_S = 2.0
PASSWORD_MIN = 10

_log = get_logger("auth")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    token: str
    expires_at: datetime


async def sign_in(deps: Deps, *, email: str, password: str, address: str) -> NewSession:
    """Raises Unauthenticated in the same words whether the e-mail or the password is wrong."""
    key = email.strip().lower()
    wait = deps.desk.throttle.wait_s(key, address)
    if wait is not None:
        raise TooMany("auth.throttled", "Too many failed sign-ins.", retry_after_s=wait)
    deps.desk.throttle.began(key, address)
    user = None
    if checks.showable(key):
        async with deps.database.unit_of_work(read_only=True) as uow:
            user = await uow.users.by_email(key)
    if not await deps.desk.fits(password, None if user is None else user.password_hash) or user is None:
        raise Unauthenticated("auth.refused", "The e-mail or the password is wrong.", remedy="Type both again.")
    deps.desk.throttle.succeeded(key, address)
    return await _begin_session(deps, user)


async def sign_out(asker: Asker, deps: Deps, *, token: str) -> None:
    async with deps.database.unit_of_work() as uow:
        await uow.sessions.delete(token_hash(token))
        await uow.audit.record(asker, "auth.sign_out", "user", asker.user_id)
    deps.desk.forget(token)


async def current(deps: Deps, token: str) -> SignedInAs:
    """Who holds this session; raises Unauthenticated."""
    known = deps.desk.recall(token)
    if known is not None:
        return known
    if len(token) == TOKEN_LENGTH and token.isascii() and token.isalnum():
        believed = deps.desk.recall(token, within_s=BELIEVED_S)
        session = await _stored(deps, token) if believed is None else await _stored_or(deps, token, believed)
        if session is not None:
            return session
    deps.desk.forget(token)
    raise Unauthenticated("auth.required", "This needs a signed-in user.", remedy="Sign in and try again.")


async def _stored(deps: Deps, token: str) -> SignedInAs | None:
    async with deps.database.unit_of_work(read_only=True) as uow:
        stored = await uow.sessions.by_token_hash(token_hash(token))
        user = None if stored is None else await uow.users.get(stored.user_id)
    if stored is None or user is None or stored.expires_at <= deps.clock.now():
        return None
    session = SignedInAs(user_id=user.id, email=user.email, expires_at=stored.expires_at)
    deps.desk.remember(token, session)
    return session


async def _stored_or(deps: Deps, token: str, believed: SignedInAs) -> SignedInAs | None:
    """What storage says; where it does not answer in time, the session that it confirmed before."""
    asked = asyncio.ensure_future(_stored(deps, token))
    try:
        answered = await within(deps.clock, STORAGE_WITHIN_S, asked)
    except FAILURES as error:
        _log.warning("session believed without storage", user=believed.user_id, error=str(error))
        return believed
    return asked.result() if answered else believed


async def ensure_admin(deps: Deps, *, email: str, password: str) -> bool:
    """The first administrator from the settings; False: there are users, and nothing was changed.

    Raises SettingsError where the address or the password cannot be one.
    """
    async with deps.database.unit_of_work(read_only=True) as uow:
        if await uow.users.count() > 0:
            return False
    try:
        return await _add_first_user(deps, email=email, password=password) is not None
    except InvalidInput as refused:
        raise SettingsError(
            "settings.admin", f"The first administrator: {refused.message}", field=refused.field
        ) from None


async def offer_setup(deps: Deps) -> str | None:
    """The token of the one-time set-up link; None: there are users, so that none is needed."""
    async with deps.database.unit_of_work(read_only=True) as uow:
        if await uow.users.count() > 0:
            return None
    token = deps.entropy.token(TOKEN_LENGTH)
    deps.desk.arm_setup(token)
    return token


async def set_up(deps: Deps, *, token: str, email: str, password: str, address: str) -> NewSession:
    """The first administrator by the set-up link, which is good for one."""
    wait = deps.desk.throttle.wait_s("set-up", address)
    if wait is not None:
        raise TooMany("auth.throttled", "Too many failed attempts.", retry_after_s=wait)
    if not deps.desk.is_setup_token(token):
        deps.desk.throttle.began("set-up", address)
        raise InvalidInput(
            "setup.refused",
            "This set-up link is used up or was replaced.",
            field="token",
            remedy="Take the newest link from the server's log, or sign in.",
        )
    user = await _add_first_user(deps, email=email, password=password)
    deps.desk.disarm_setup()
    if user is None:
        raise Conflict("setup.done", "There is an administrator already.", remedy="Sign in.")
    return await _begin_session(deps, user)


async def _add_first_user(deps: Deps, *, email: str, password: str) -> User | None:
    address = checks.email(email)
    if len(password) < PASSWORD_MIN:
        raise InvalidInput(
            "password.too_short",
            f"The password has fewer than {PASSWORD_MIN} characters.",
            field="password",
            remedy="Take a longer one.",
        )
    password_hash = await deps.desk.hash(password)
    async with deps.database.unit_of_work() as uow:
        if await uow.users.count() > 0:
            return None
        user = await uow.users.add(email=address, password_hash=password_hash)
        await uow.audit.record(SYSTEM, "user.create", "user", user.id, {"email": address})
    return user


async def _begin_session(deps: Deps, user: User) -> NewSession:
    token = deps.entropy.token(TOKEN_LENGTH)
    expires_at = deps.clock.now() + SESSION_LIFE
    async with deps.database.unit_of_work() as uow:
        await uow.sessions.add(token_hash=token_hash(token), user_id=user.id, expires_at=expires_at)
        await uow.audit.record(user.asker, "auth.sign_in", "user", user.id)
    deps.desk.remember(token, SignedInAs(user_id=user.id, email=user.email, expires_at=expires_at))
    return NewSession(token=token, expires_at=expires_at)
