"""The documents' curl commands as requests, and Coinstore's signature.

Written from the exchange's reference alone: it shares no code with the product, neither its client nor its sandbox.
"""

import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.e2e.running_demo import Answer
from tests.e2e.seed_reading import curl_arguments


@dataclass(frozen=True)
class CurlRequest:
    method: str
    url: str
    headers: dict[str, str]

    @property
    def path(self) -> str:
        return urlsplit(self.url).path


def curl_request(command: str) -> CurlRequest:
    """Of the three options that the documents use: none, `-X`, `-H`."""
    method, url, headers = "GET", "", {}
    arguments = iter(curl_arguments(command)[1:])
    for argument in arguments:
        if argument == "-X":
            method = next(arguments)
        elif argument == "-H":
            name, _, value = next(arguments).partition(": ")
            headers[name] = value
        else:
            url = argument
    return CurlRequest(method, url, headers)


def coinstore_headers(request: CurlRequest, api_key: str, secret: str, payload: bytes) -> dict[str, str]:
    """The command's own headers with its three placeholders filled in."""
    now_ms = int(time.time() * 1000)
    slot = str(now_ms // 30_000).encode()
    slot_key = hmac.digest(secret.encode(), slot, hashlib.sha256).hex().encode()
    values = {
        "YOUR_API_KEY": api_key,
        "SIGNATURE": hmac.digest(slot_key, payload, hashlib.sha256).hex(),
        "EXPIRES": str(now_ms),
    }
    return {name: values[value] for name, value in request.headers.items()}


def send(method: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
    request = urllib.request.Request(url, method=method, headers=headers, data=body)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return Answer(answer.status, _json(answer.read()), dict(answer.headers))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, _json(error.read()), dict(error.headers))


def _json(text: bytes) -> Any:
    return json.loads(text)
