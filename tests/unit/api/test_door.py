"""What every request passes: who asks before anything is read, from where, how much; and the headers of answers."""

from dataclasses import replace

import pytest
from sqlalchemy.exc import OperationalError

from tests.unit.api.asgi import Client, routes
from tests.unit.api.conftest import EMAIL, PASSWORD, Api
from trading_bridge.api.app import create_api
from trading_bridge.api.door import BODY_MAX
from trading_bridge.api.rules import RULES, Rule

CLOSED = [key for key, rule in RULES.items() if rule is Rule.SIGNED_IN]


@pytest.mark.parametrize(("method", "path"), CLOSED, ids=[f"{method} {path}" for method, path in CLOSED])
async def test_a_stranger_is_turned_away_before_the_body_is_read(api: Api, method: str, path: str) -> None:
    stranger = api.stranger()
    answer = await stranger.ask(method, path.replace("{", "").replace("}", ""), body=b'{"name": "x"}')
    assert (answer.status, answer.json["code"]) == (401, "auth.required")
    assert answer.header("www-authenticate") == "Bearer"
    assert not stranger.body_read


async def test_every_route_has_a_rule_and_every_rule_a_route(api: Api) -> None:
    found = {(one.method, one.path) for one in routes(api.client.app)} | {("GET", "/api/openapi.json")}
    assert found - {("GET", "/"), ("GET", "/app")} == set(RULES)


@pytest.mark.parametrize("path", ["/nothing", "/api/nothing", "/docs", "/redoc", "/api/docs", "/api", "/bots/"])
async def test_what_does_not_exist_is_closed_to_strangers_and_404_to_others(api: Api, path: str) -> None:
    assert (await api.stranger().get(path)).status == 401
    assert (await api.client.get(path)).status == 404


@pytest.mark.parametrize("path", ["/health", "/api/health", "/ready", "/api/ready", "/api/openapi.json"])
async def test_what_a_stranger_may_see(api: Api, path: str) -> None:
    assert (await api.stranger().get(path)).status == 200


@pytest.mark.parametrize("path", ["/bots", "/clients", "/exchanges", "/auth/me", "/health", "/ready"])
async def test_these_answer_with_and_without_the_prefix(api: Api, path: str) -> None:
    bare, canonical = await api.client.get(path), await api.client.get(f"/api{path}")
    assert (bare.status, bare.body) == (canonical.status, canonical.body) == (200, canonical.body)


async def test_a_body_that_says_it_is_too_large_is_refused_unread(api: Api) -> None:
    answer = await api.client.post("/clients", {"name": "x" * BODY_MAX, "account": "a"})
    assert (answer.status, answer.json["code"]) == (413, "body.too_large")
    assert not api.client.body_read


async def test_a_body_that_does_not_say_its_length_is_cut(api: Api) -> None:
    pieces = [b'{"name": "', *[b"x" * 10_000] * 8, b'", "account": "a"}']
    answer = await api.client.ask("POST", "/clients", body=pieces)
    assert (answer.status, answer.json["code"]) == (413, "body.too_large")
    assert (await api.client.get("/clients")).json["clients"] == []


@pytest.mark.parametrize("length", [b"-1", b"1e3", b"abc", b"99999999999999999999"])
async def test_an_absurd_length_is_refused(api: Api, length: bytes) -> None:
    answer = await api.client.ask("POST", "/clients", headers={"content-length": length.decode()})
    assert answer.status == 413


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"17", b'"x"', b"\xff\xfe", b"[" * 30_000, b'{"name": "\\ud800", "account": "a"}'],
)
async def test_a_malformed_body_is_a_problem_and_no_fault(api: Api, body: bytes) -> None:
    answer = await api.client.ask("POST", "/clients", body=body)
    assert 400 <= answer.status < 500
    assert answer.header("content-type") == "application/problem+json"
    assert (await api.client.get("/clients")).json["clients"] == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 201),
        ({"sec-fetch-site": "none"}, 201),
        ({"origin": "http://127.0.0.1:8000"}, 201),
        ({}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1:8000"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "http://127.0.0.1:9000"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://["}, 403),
    ],
)
async def test_a_cookie_changes_things_only_from_our_own_pages(api: Api, headers: dict[str, str], status: int) -> None:
    cookie = {"cookie": f"tb_session={api.client.token}", **headers}
    answer = await api.stranger().post("/clients", {"name": "A", "account": "a"}, headers=cookie)
    assert answer.status == status
    assert (await api.stranger().get("/clients", headers=cookie)).status == 200


async def test_a_token_sent_on_purpose_needs_no_origin(api: Api) -> None:
    answer = await api.client.post(
        "/clients", {"name": "A", "account": "a"}, headers={"origin": "https://tool.example"}
    )
    assert answer.status == 201


async def test_another_site_cannot_sign_a_browser_in(api: Api) -> None:
    body = {"email": EMAIL, "password": PASSWORD}
    refused = await api.stranger().post("/auth/login", body, headers={"origin": "https://evil.example"})
    assert (refused.status, refused.json["code"]) == (403, "origin.foreign")


@pytest.mark.parametrize("path", ["/app/", "/api/health", "/api/bots", "/api/nothing", "/"])
async def test_every_answer_carries_the_security_headers(api: Api, path: str) -> None:
    answer = await api.stranger().get(path)
    policy = answer.header("content-security-policy") or ""
    assert "script-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert answer.header("x-content-type-options") == "nosniff"
    assert answer.header("x-frame-options") == "DENY"
    assert answer.header("referrer-policy") == "no-referrer"
    assert (answer.header("cache-control") == "no-store") is path.startswith("/api/")


async def test_what_was_sent_is_never_repeated_in_a_problem(api: Api) -> None:
    client_id = await api.make_client()
    secret = "b31c-very-secret"
    for body in (
        {"name": "coinstore", "api_key": [secret], "secret": secret},
        {"name": "coinstore", "api_key": "k" * 10, "secret": {"x": secret}},
        {"name": "coinstore", "api_key": "k" * 10, "secret": secret, "proxy_url": f"ftp://u:{secret}@h"},
        {"name": "coinstore", "api_key": "k" * 10, "secret": f"{secret} {secret}"},
        {"name": "nowhere", "api_key": "k" * 10, "secret": secret},
        {"name": "coinstore", "api_key": "k" * 10, "secret": secret, "secrets": secret},
    ):
        refused = await api.client.post(f"/clients/{client_id}/connectors", body)
        assert 400 <= refused.status < 500
        assert secret.encode() not in refused.body
        assert refused.json["field"]


async def test_a_fault_of_ours_is_a_problem_that_says_nothing_of_it(api: Api) -> None:
    async def broken(account: str | None = None) -> None:
        raise ZeroDivisionError("secret internals")

    client_id = await api.make_client()
    api.world.manager.sync = broken  # type: ignore[method-assign]
    client = _Tolerant(api.client.app, api.client.token)
    answer = await client.post(f"/clients/{client_id}/connectors", {"name": "coinstore", "api_key": "k", "secret": "s"})
    assert (answer.status, answer.json["code"]) == (500, "internal.error")
    assert b"internals" not in answer.body


class _Gone:
    """A database that is out of reach."""

    def unit_of_work(self, *, read_only: bool = False) -> None:
        raise OperationalError("select secret internals", {}, Exception("disk I/O error"))


async def test_a_database_that_does_not_answer_is_503(api: Api) -> None:
    deps = replace(api.world.deps, database=_Gone())  # type: ignore[arg-type]
    client = Client(create_api(deps, api.hub), token=api.client.token)
    for answer in (await client.get("/bots"), await client.post("/clients", {"name": "A", "account": "a"})):
        assert (answer.status, answer.json["code"]) == (503, "storage.unreachable")
        assert b"internals" not in answer.body
    assert (await client.get("/health")).status == 200


class _Tolerant(Client):
    """Takes the answer although the server's boundary raises the fault again, for its log."""

    async def ask(self, method: str, path: str, **more: object):  # type: ignore[no-untyped-def, override]
        sent: list[object] = []
        app = self.app

        async def tolerant(scope, receive, send):  # type: ignore[no-untyped-def]
            try:
                await app(scope, receive, send)
            except ZeroDivisionError:
                sent.append("raised")

        self.app = tolerant  # type: ignore[assignment]
        try:
            self._hold_against_description = lambda *_: None  # type: ignore[method-assign]
            return await super().ask(method, path, **more)  # type: ignore[arg-type]
        finally:
            self.app = app
            assert sent == ["raised"]
