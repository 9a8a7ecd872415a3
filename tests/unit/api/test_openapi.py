"""The description of the API is complete: every route says what it does, takes and answers."""

import json
import subprocess
import sys

import pytest

from tests.unit.api.asgi import Described, routes
from trading_bridge.api.app import routed
from trading_bridge.api.rules import RULES, Rule

SCHEMA = json.loads(json.dumps(routed().openapi()))
#: said once, at the shape that they belong to
SELF_EVIDENT = {"id", "name", "account", "exchange", "email", "password", "bot_id", "client_id", "connector_id"}
ROUTES = [one for one in routes(routed()) if one.path.startswith("/api/")]


@pytest.mark.parametrize("one", ROUTES, ids=lambda one: f"{one.method} {one.path}")
def test_a_route_says_what_it_does_and_answers(one: Described) -> None:
    operation = SCHEMA["paths"][one.path][one.method.lower()]
    assert operation["summary"]
    assert operation["tags"]
    if one.path != "/api/events":
        assert one.model is not None, "an answer without a model is not described"
    content = next(answer["content"] for code, answer in operation["responses"].items() if code != "default")
    assert all(body["schema"] for body in content.values())
    assert "application/problem+json" in operation["responses"]["default"]["content"]
    needs_session = RULES[one.method, one.path] is Rule.SIGNED_IN
    assert ("security" in operation) is needs_session


def test_every_route_is_described() -> None:
    described = {(method.upper(), path) for path, item in SCHEMA["paths"].items() for method in item}
    assert described == {(one.method, one.path) for one in ROUTES}
    assert described | {("GET", "/api/openapi.json")} == set(RULES)


def test_every_body_has_an_example() -> None:
    for path, item in SCHEMA["paths"].items():
        for method, operation in item.items():
            for body in operation.get("requestBody", {}).get("content", {}).values():
                name = body["schema"]["$ref"].rpartition("/")[2]
                assert SCHEMA["components"]["schemas"][name].get("example"), f"{method} {path}"


def test_every_field_of_an_answer_says_what_it_is_or_shows_one() -> None:
    bare = []
    for name, schema in SCHEMA["components"]["schemas"].items():
        for field, described in schema.get("properties", {}).items():
            told = {"description", "examples", "$ref", "enum", "anyOf", "items", "format"} & set(described)
            if not told and described.get("type") not in ("boolean", "array") and field not in SELF_EVIDENT:
                bare.append(f"{name}.{field}")
    assert bare == []


def test_no_secret_is_in_an_answer() -> None:
    answers = {name: schema for name, schema in SCHEMA["components"]["schemas"].items() if not name.endswith("Body")}
    for name in ("ConnectorOut", "StoredConnector"):
        assert not {"api_key", "secret", "memo", "proxy_url"} & set(answers[name]["properties"])


def test_operation_ids_are_short_and_unique() -> None:
    ids = [operation["operationId"] for item in SCHEMA["paths"].values() for operation in item.values()]
    assert len(ids) == len(set(ids))
    assert all(one.isidentifier() for one in ids)


def test_it_is_printed_without_a_database() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "trading_bridge.api.openapi"], capture_output=True, check=True, text=True
    )
    assert json.loads(printed.stdout) == SCHEMA
