"""The built pages: files under /app/, and index.html for every address that the pages make up themselves."""

from http import HTTPStatus
from pathlib import Path

from fastapi import Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

BUILT = Path(__file__).parent / "static"


class Pages(StaticFiles):
    def __init__(self, directory: Path = BUILT) -> None:
        super().__init__(directory=directory, check_dir=False)

    async def check_config(self) -> None:
        """A checkout without built pages serves the API all the same."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        name = path.rpartition("/")[2]
        try:
            response = await super().get_response("index.html" if path == "." else path, scope)
        except HTTPException as error:
            if error.status_code != HTTPStatus.NOT_FOUND or ("." in name and path != "."):
                raise
            response = await self._index(scope)
        kept = path.startswith("assets/")
        response.headers["cache-control"] = "public, max-age=31536000, immutable" if kept else "no-cache"
        return response

    async def _index(self, scope: Scope) -> Response:
        try:
            return await super().get_response("index.html", scope)
        except HTTPException:
            raise HTTPException(HTTPStatus.NOT_FOUND, "The pages are not built: run `make web`.") from None
