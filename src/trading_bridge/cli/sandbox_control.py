"""A client of the sandbox's control API."""

from typing import Any

import aiohttp

from trading_bridge.errors import NotReady


class SandboxControl:
    """Of a sandbox whose exchanges are apart: which there are, and each of them by `at`."""

    def __init__(self, http: aiohttp.ClientSession, address: str, token: str, exchange: str | None = None) -> None:
        self._http = http
        self._address = address
        self._token = token
        self._control = "/control" if exchange is None else f"/control/{exchange}"
        self._headers = {"Authorization": f"Bearer {token}"}

    def at(self, exchange: str) -> "SandboxControl":
        return SandboxControl(self._http, self._address, self._token, exchange)

    async def paths(self) -> dict[str, str]:
        """Exchange -> where its dialect answers, below the sandbox's address."""
        return {one["exchange"]: one["path"] for one in (await self.get("/exchanges"))["exchanges"]}

    async def answers(self) -> bool:
        """Whether this very sandbox is up."""
        try:
            await self.get("/exchanges")
        except (aiohttp.ClientError, TimeoutError, NotReady):
            return False
        return True

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        async with self._http.get(
            f"{self._address}{self._control}{path}", params=query, headers=self._headers
        ) as answer:
            return await _read(answer)

    async def post(self, path: str, **body: object) -> dict[str, Any]:
        async with self._http.post(f"{self._address}{self._control}{path}", json=body, headers=self._headers) as answer:
            return await _read(answer)


async def _read(answer: aiohttp.ClientResponse) -> dict[str, Any]:
    body: dict[str, Any] = await answer.json(content_type=None)
    if answer.status != 200:
        raise NotReady("sandbox.refused", f"the sandbox answered {answer.status}: {body.get('message')}")
    return body
