"""Signing in and out: the token, its cookie, the throttle, the one-time set-up."""

from pathlib import Path

import pytest

from tests.unit.api.asgi import Client
from tests.unit.api.conftest import EMAIL, PASSWORD, Api
from tests.unit.services.world import world
from trading_bridge.api.app import create_api
from trading_bridge.api.events import Hub
from trading_bridge.errors import SettingsError
from trading_bridge.services import auth
from trading_bridge.services.sign_in import RECHECK_S, SignInDesk, token_hash
from trading_bridge.services.throttle import PER_PERSON_AND_ADDRESS, WINDOW_S


async def test_a_sign_in_answers_a_token_and_sets_it_as_a_cookie(api: Api) -> None:
    stranger = api.stranger()
    answer = await stranger.post("/auth/login", {"email": f" {EMAIL.upper()} ", "password": PASSWORD})
    assert answer.status == 200
    token = answer.json["token"]
    assert len(token) >= 32
    cookie = answer.header("set-cookie") or ""
    assert cookie.startswith(f"tb_session={token};")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    stranger.token = token
    assert (await stranger.get("/auth/me")).json["email"] == EMAIL
    by_cookie = await api.stranger().get("/auth/me", headers={"cookie": f"a=b; tb_session={token}; c=d"})
    assert by_cookie.json["email"] == EMAIL


@pytest.mark.parametrize(
    ("host", "secure"),
    [
        ("127.0.0.1:8000", False), ("localhost:8000", False), ("[::1]:8000", False), ("127.4.5.6", False),
        ("bridge.example.com", True), ("10.0.0.5:8000", True), ("127.0.0.1.example.com", True),
    ],
)  # fmt: skip
async def test_the_cookie_is_secure_unless_the_host_is_loopback(api: Api, host: str, secure: bool) -> None:
    stranger = Client(api.client.app, host=host)
    answer = await stranger.post("/auth/login", {"email": EMAIL, "password": PASSWORD})
    assert ("Secure" in (answer.header("set-cookie") or "")) is secure


async def test_only_the_hash_of_a_token_is_stored(api: Api) -> None:
    token = api.client.token or ""
    async with api.world.database.unit_of_work(read_only=True) as uow:
        assert await uow.sessions.by_token_hash(token) is None
        assert await uow.sessions.by_token_hash(token_hash(token)) is not None


@pytest.mark.parametrize(
    ("email", "password"),
    [(EMAIL, "wrong"), ("nobody@example.com", PASSWORD), ("", ""), (EMAIL, ""), ("\x00", "x"), (EMAIL, "\x00")],
)
async def test_a_wrong_email_and_a_wrong_password_read_the_same(api: Api, email: str, password: str) -> None:
    body = b'{"email": %b, "password": %b}' % (_json(email), _json(password))
    refused = await api.stranger().ask("POST", "/auth/login", body=body)
    assert (refused.status, refused.json["code"]) == (401, "auth.refused")
    assert refused.json["detail"] == "The e-mail or the password is wrong."
    assert refused.header("set-cookie") is None


def _json(text: str) -> bytes:
    """As a client may write it that is not ours: half a surrogate pair is valid JSON text."""
    return ('"' + "".join(f"\\u{ord(letter):04x}" for letter in text) + '"').encode()


async def test_a_signed_out_token_is_worth_nothing(api: Api) -> None:
    answer = await api.client.post("/auth/logout")
    assert answer.json == {"signed_out": True}
    assert 'tb_session=""' in (answer.header("set-cookie") or "")
    assert (await api.client.get("/bots")).status == 401
    assert (await api.client.get("/auth/me")).status == 401


async def test_a_session_runs_out(api: Api) -> None:
    await api.world.clock.advance(auth.SESSION_LIFE.total_seconds() - 1)
    assert (await api.client.get("/auth/me")).status == 200
    await api.world.clock.advance(1)
    assert (await api.client.get("/auth/me")).status == 401


async def test_a_session_that_ended_in_storage_ends_here_within_seconds(api: Api) -> None:
    await api.client.get("/auth/me")
    async with api.world.database.unit_of_work() as uow:
        await uow.sessions.delete(token_hash(api.client.token or ""))
    await api.world.clock.advance(RECHECK_S)
    assert (await api.client.get("/auth/me")).status == 401


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "A" * 43, "a" * 5000, "a b", "\xff" * 43, "ä" * 43])
async def test_a_made_up_token_is_refused(api: Api, token: str) -> None:
    stranger = api.stranger()
    assert (await stranger.get("/auth/me", headers={"authorization": f"Bearer {token}"})).status == 401
    assert (await stranger.get("/auth/me", headers={"cookie": f"tb_session={token}"})).status == 401
    assert (await stranger.get("/auth/me", headers={"authorization": f"Basic {token}"})).status == 401


async def test_failed_sign_ins_slow_down_who_makes_them(api: Api) -> None:
    stranger = api.stranger()
    for _ in range(PER_PERSON_AND_ADDRESS):
        assert (await stranger.post("/auth/login", {"email": EMAIL, "password": "wrong"})).status == 401
    refused = await stranger.post("/auth/login", {"email": EMAIL, "password": PASSWORD})
    assert (refused.status, refused.json["code"]) == (429, "auth.throttled")
    assert 0 < int(refused.header("retry-after") or "0") <= WINDOW_S + 1
    elsewhere = Client(api.client.app, address="192.0.2.7")
    assert (await elsewhere.post("/auth/login", {"email": EMAIL, "password": PASSWORD})).status == 200
    await api.world.clock.advance(WINDOW_S)
    assert (await stranger.post("/auth/login", {"email": EMAIL, "password": PASSWORD})).status == 200


async def test_the_set_up_link_makes_the_first_administrator_once(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        client = Client(create_api(made.deps, Hub()))
        token = await auth.offer_setup(made.deps)
        body = {"token": token, "email": EMAIL, "password": PASSWORD}
        refused = await client.post("/auth/setup", {**body, "token": "x" * 43})
        assert (refused.status, refused.json["field"]) == (400, "token")
        refused = await client.post("/auth/setup", {**body, "password": "short"})
        assert (refused.status, refused.json["field"]) == (400, "password")
        refused = await client.post("/auth/setup", {**body, "email": "nobody"})
        assert (refused.status, refused.json["field"]) == (400, "email")
        signed_in = await client.post("/auth/setup", body)
        assert signed_in.status == 200
        client.token = signed_in.json["token"]
        assert (await client.get("/auth/me")).json["email"] == EMAIL
        assert (await client.post("/auth/setup", {**body, "email": "second@example.com"})).status == 400
        assert await auth.offer_setup(made.deps) is None
        assert await made.audit() == ["user.create", "auth.sign_in"]


async def test_the_set_up_link_gives_way_to_an_administrator_made_meanwhile(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        token = await auth.offer_setup(made.deps)
        assert await auth.ensure_admin(made.deps, email=EMAIL, password=PASSWORD)
        client = Client(create_api(made.deps, Hub()))
        body = {"token": token, "email": "thief@example.com", "password": PASSWORD}
        assert (await client.post("/auth/setup", body)).status == 409


async def test_guessing_the_set_up_token_is_throttled(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        await auth.offer_setup(made.deps)
        client = Client(create_api(made.deps, Hub()))
        body = {"token": "guess", "email": EMAIL, "password": PASSWORD}
        statuses = [(await client.post("/auth/setup", body)).status for _ in range(PER_PERSON_AND_ADDRESS + 1)]
        assert statuses[-1] == 429


async def test_settings_make_the_first_administrator_and_change_no_later_one(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        with pytest.raises(SettingsError, match="fewer than"):
            await auth.ensure_admin(made.deps, email=EMAIL, password="short")
        assert await auth.ensure_admin(made.deps, email=EMAIL, password=PASSWORD) is True
        assert await auth.ensure_admin(made.deps, email=EMAIL, password="another password") is False
        signed_in = await auth.sign_in(made.deps, email=EMAIL, password=PASSWORD, address="x")
        assert (await auth.current(made.deps, signed_in.token)).email == EMAIL


async def test_passwords_are_kept_as_argon2id(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        assert (await SignInDesk(made.clock).hash(PASSWORD)).startswith("$argon2id$")
