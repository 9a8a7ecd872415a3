"""The API's description. `python -m trading_bridge.api.openapi` prints it; no database is needed."""

import sys

import orjson
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from trading_bridge.api.problems import MEDIA_TYPE
from trading_bridge.api.rules import RULES, Rule
from trading_bridge.api.schemas.problem import Problem

_REF = "#/components/schemas/{model}"


def describe(app: FastAPI) -> None:
    """Makes `app.openapi()` say how errors look and which routes need a session."""

    def openapi() -> dict[str, object]:
        if app.openapi_schema is None:
            app.openapi_schema = _schema(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _schema(app: FastAPI) -> dict[str, object]:
    schema = get_openapi(
        title=app.title,
        version=app.version,
        description="Bots on centralised exchanges, and the truth about their money. "
        "Amounts are decimal strings in plain notation; unknown is null with a finding, never 0.",
        routes=app.routes,
    )
    components = schema["components"]
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    problem = Problem.model_json_schema(ref_template=_REF)
    components["schemas"].update(problem.pop("$defs", {}))
    components["schemas"]["Problem"] = problem
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer"},
        "cookie": {"type": "apiKey", "in": "cookie", "name": "tb_session"},
    }
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = {
                "description": "A problem",
                "content": {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}},
            }
            if RULES.get((method.upper(), path)) is not Rule.OPEN:
                operation["security"] = [{"token": []}, {"cookie": []}]
    return schema


def main() -> None:
    from trading_bridge.api.app import routed

    sys.stdout.write(orjson.dumps(routed().openapi(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode())
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
