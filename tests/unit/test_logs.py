"""P6: no line of the log holds a secret, wherever it stood; a crash is told without the values that were at hand."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from yarl import URL

from trading_bridge.core.client import Credentials
from trading_bridge.logs import bound, conceal, conceal_url, configure_logs, get_logger
from trading_bridge.redaction import KNOWN, LENGTH_MIN, MASK, VALUES_MAX, KnownSecrets, redacted, scrubbed

#: made up, in the form of real ones
KEY = "e1b2ac7d0f6c49a3b5d8471c90fe63a2"
SECRET = "9f0c4cd1a7e24b9a8d35f7be10c6aa52"
KUCOIN = "63a1c7f1-4b1e-4a30-9b8e-2f0d2f7c9a11"
BASE64 = "zW3bNq1t+Yv0R8s/4hGQkA=="
PASSPHRASE = "Blue horse, 42!"


@pytest.fixture(autouse=True)
def secrets_as_they_were() -> Iterator[None]:
    known = dict(vars(KNOWN))
    KNOWN.__init__()  # type: ignore[misc]
    yield
    vars(KNOWN).update(known)


@contextmanager
def written(*, json: bool) -> Iterator[io.StringIO]:
    out = io.StringIO()
    configure_logs(json=json, stream=out)
    yield out


either = pytest.mark.parametrize("json", [True, False])

FIELDS: dict[str, dict[str, Any]] = {
    "field": {"api_key": KEY, "secret": SECRET},
    "fields in other spellings": {"apiKey": KEY, "API-Secret": SECRET},
    "memo and passphrase": {"memo": KEY, "passphrase": SECRET},
    "password and token": {"password": KEY, "token": SECRET},
    "proxy": {"proxy_url": f"http://{KEY}:{SECRET}@10.0.0.8:3128"},
    "nested": {"connector": {"name": "main", "keys": [{"api_key": KEY}, {"deep": ({"secret": SECRET},)}]}},
    "bytes": {"secret": SECRET.encode(), "more": {b"api_key": KEY.encode()}},
    "Coinstore's headers": {"headers": {"X-CS-APIKEY": KEY, "X-CS-SIGN": SECRET, "X-CS-EXPIRES": "1700000012345"}},
    "BitMart's headers": {"headers": {"X-BM-KEY": KEY, "X-BM-SIGN": SECRET}},
    "Binance's header": {"headers": {"X-MBX-APIKEY": KEY}},
    "KuCoin's headers": {"headers": {"KC-API-KEY": KEY, "KC-API-PASSPHRASE": SECRET, "KC-API-SIGN": BASE64}},
    "authorization": {"headers": {"Authorization": f"Bearer {KEY}", "Cookie": f"session={SECRET}"}},
    "raw headers": {"headers": [(b"X-CS-APIKEY", KEY.encode()), (b"Set-Cookie", SECRET.encode())]},
    "text of headers": {"head": f"GET / HTTP/1.1\r\nX-CS-APIKEY: {KEY}\r\nAuthorization: Basic {SECRET}\r\n\r\n"},
    "text of a dict": {"sent": str({"X-CS-APIKEY": KEY, "kc-api-passphrase": SECRET})},
    "text of pairs": {"sent": str([(b"X-CS-APIKEY", KEY.encode()), ("X-CS-SIGN", SECRET)])},
    "text of an object": {"call": f"Credentials(api_key='{KEY}', secret='{SECRET}', memo=None)"},
    "URL": {"url": f"https://api.example.com/v1?symbol=A&apiKey={KEY}&signature={SECRET}"},
    "URL object": {"url": URL(f"https://bob:{SECRET}@api.example.com/v1?token={KEY}")},
    "URL with a user": {"proxy": f"http://{KEY}:{SECRET}@10.0.0.8:3128"},
    "body": {"body": json.dumps({"api_key": KEY, "secret": SECRET})},
    "body as bytes": {"body": json.dumps({"api_key": KEY, "secret": SECRET}).encode()},
    "body in a body": {"body": json.dumps({"inner": json.dumps({"api_key": KEY, "secret": SECRET})})},
    "body that was cut": {"body": '{"api_key":"' + KEY + '","secret":"' + SECRET[:20]},
    "form": {"body": f"api_key={KEY}&secret={SECRET}&side=buy"},
    "words": {"said": f"Bearer {KEY}"},
}


@either
@pytest.mark.parametrize("fields", FIELDS.values(), ids=FIELDS.keys())
def test_no_secret_of_any_field_is_written(json: bool, fields: dict[str, Any]) -> None:
    with written(json=json) as out:
        get_logger("test").info("call", **fields)
    for secret in (KEY, SECRET[:20], BASE64):
        assert secret not in out.getvalue()
    assert MASK in out.getvalue()


@either
def test_no_secret_of_the_event_itself_is_written(json: bool) -> None:
    with written(json=json) as out:
        get_logger("test").info(f"asked https://x.example?apikey={KEY} with secret={SECRET}")
    assert KEY not in out.getvalue()
    assert SECRET not in out.getvalue()


@either
def test_no_secret_of_an_exception_is_written(json: bool) -> None:
    conceal(SECRET)
    with written(json=json) as out:
        try:
            try:
                raise ValueError(f"POST https://x.example?api_key={KEY}")
            except ValueError as first:
                raise ExceptionGroup(f"both: {SECRET}", [RuntimeError({"secret": KEY})]) from first
        except ExceptionGroup as bug:
            bug.add_note(f"X-CS-SIGN: {KEY}")
            get_logger("test").error("task failed", exc_info=bug)
    assert "RuntimeError" in out.getvalue()
    assert "ValueError" in out.getvalue()
    assert KEY not in out.getvalue()
    assert SECRET not in out.getvalue()


@either
def test_a_crash_shows_no_local_value(json: bool) -> None:
    with written(json=json) as out:
        secret = "cs-" + "very-secret-value"
        try:
            raise ValueError(len(secret))
        except ValueError as bug:
            get_logger("test").error("task failed", exc_info=bug)
    assert "ValueError" in out.getvalue()
    assert "very-secret-value" not in out.getvalue()


@either
def test_what_libraries_log_takes_the_same_way(json: bool) -> None:
    logging.getLogger().handlers = []  # pytest's own would not take the second
    with written(json=json) as out:
        logging.getLogger("aiohttp.client").warning("sent %s", {"X-CS-APIKEY": KEY})
        logging.getLogger("aiohttp.client").warning("%d", "no number")
        logging.getLogger("aiohttp.client").info("not of interest")
    assert KEY not in out.getvalue()
    assert "aiohttp.client" in out.getvalue()
    assert "of interest" not in out.getvalue()
    assert len(out.getvalue().splitlines()) == 2


@either
def test_the_last_words_of_a_crash_hold_no_secret(json: bool) -> None:
    with written(json=json) as out:
        try:
            raise ValueError(f"secret={SECRET}")
        except ValueError as bug:
            sys.excepthook(type(bug), bug, bug.__traceback__)
        sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert "ValueError" in out.getvalue()
    assert SECRET not in out.getvalue()
    assert "KeyboardInterrupt" not in out.getvalue()


def test_lines_are_json_objects_of_plain_values() -> None:
    class Word(StrEnum):
        ONE = "one"

    at = datetime(2026, 11, 21, tzinfo=UTC)
    fields = {"amount": Decimal("1E-7"), "n": 3, "x": 0.5, "yes": True, "none": None, "at": at, "word": Word.ONE}
    with written(json=True) as out:
        get_logger("test").info("state", **fields, ids=("a", "b"), more={1: "one"}, credentials=Credentials)
    line = json.loads(out.getvalue())
    assert {name: line[name] for name in fields} == {
        **{"amount": "0.0000001", "n": 3, "x": 0.5, "yes": True, "none": None},
        **{"at": "2026-11-21T00:00:00+00:00", "word": "one"},
    }
    assert line["ids"] == ["a", "b"]
    assert line["more"] == {"1": "one"}
    assert line["credentials"] == MASK
    assert line["part"] == "test"


def test_what_is_no_secret_stays() -> None:
    for text in (
        "http://127.0.0.1:8000/app/setup#token=abcdefgh",  # meant to be read in the log, once
        "no key of the exchange, no token, no secret",
        "https://api.coinstore.com/api/v2/trade/order/active?symbol=SHARPUSDT",
        "tb1c5cf0000001abcdefgh design=assigned",
        "{'key_last4': '1a2b', 'X-CS-EXPIRES': '1700000012345'}",
        "operator@demo.localhost",
    ):
        assert scrubbed(text) == text


def test_a_text_tells_what_was_masked_and_keeps_its_form() -> None:
    assert scrubbed(f'{{"secret":"{SECRET}","side":"buy"}}') == '{"secret":"***","side":"buy"}'
    assert scrubbed(f"https://h/?signature={SECRET}&symbol=A") == "https://h/?signature=***&symbol=A"
    assert scrubbed("http://u:p@h:1/") == "http://***@h:1/"
    assert scrubbed(f"X-CS-SIGN: {SECRET}\nAccept: */*") == "X-CS-SIGN: ***\nAccept: */*"


def test_an_object_that_cannot_be_shown_ends_no_line() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError

    assert redacted({"it": Broken()}) == {"it": "<Broken>"}


def test_values_in_themselves_end_somewhere() -> None:
    ring: list[object] = [f"secret={SECRET}"]
    ring.append(ring)
    assert SECRET not in str(redacted(ring))


def test_lines_say_whom_they_are_about() -> None:
    with written(json=True) as out, bound(bot="b1", account="client_sharp", exchange="coinstore"):
        with bound(client_order_id="tb1"):
            get_logger("test").info("sent")
        get_logger("test").info("answered")
    first, second = (json.loads(line) for line in out.getvalue().splitlines())
    assert (first["bot"], first["account"], first["exchange"], first["client_order_id"]) == (
        *("b1", "client_sharp", "coinstore"),
        "tb1",
    )
    assert "client_order_id" not in second


# -- registered values


def test_a_registered_value_is_masked_in_every_spelling() -> None:
    conceal(PASSPHRASE)
    conceal('quo"te\\slash')
    conceal_url("http://bob:p%40ss%2Fword@10.0.0.8:3128")
    for text in (
        PASSPHRASE,
        quote(PASSPHRASE),
        quote_plus(PASSPHRASE),
        json.dumps('quo"te\\slash'),
        json.dumps({"inner": json.dumps({"x": 'quo"te\\slash'})}),
        repr({"x": 'quo"te\\slash'}),
        "p@ss/word",
        "p%40ss%2Fword",
        "p%40ss%2fword",
    ):
        assert MASK in scrubbed(f"before {text} after")
        assert "slash" not in scrubbed(text)
        assert "word" not in scrubbed(text)
        assert "horse" not in scrubbed(text)


def test_very_short_values_and_none_are_not_registered() -> None:
    conceal(None)
    conceal("order")
    conceal_url(None)
    conceal_url("http://10.0.0.8:3128")
    assert scrubbed("order refused") == "order refused"


@pytest.mark.parametrize("word", ["secret", "api_key", "password", "X-CS-APIKEY"])
def test_a_password_that_is_the_name_of_one_unmasks_nothing_beside_it(word: str) -> None:
    conceal(word)
    assert "9f0c4cd1" not in scrubbed(f"bad request {word}: 9f0c4cd1")


def test_the_number_of_registered_values_is_bounded_and_the_longest_unused_goes() -> None:
    known = KnownSecrets()
    known.add("first-value")
    known.add("second-value")
    for number in range(VALUES_MAX - 2):
        known.add(f"{number}-filler")
    known.add("first-value")
    known.add("one-too-many")
    assert known.masked("first-value second-value one-too-many") == f"{MASK} second-value {MASK}"


def test_one_value_that_begins_as_another_is_masked_whole() -> None:
    known = KnownSecrets()
    known.add("abcdefgh")
    known.add("abcdefghijkl")
    assert known.masked("abcdefghijkl abcdefgh") == f"{MASK} {MASK}"


#: what a service takes as key, secret or passphrase; a letter first, so that no structure of a line is one
SECRETS = st.builds(
    str.__add__,
    st.sampled_from("abcxyzABCXYZ0189"),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=LENGTH_MIN + 2, max_size=40),
).filter(lambda secret: not any(secret in fixed for fixed in ("exception", "timestamp", "exc_value")))
TEXTS = st.sampled_from(
    ["{}", "a {} b", "{}{}", "https://h/{}?x={}", "Bearer {}", '{{"a":"{}"}}', "secret={}", "http://u:{}@h/", "x{}"]
)


@settings(deadline=None)
@given(
    secrets=st.lists(SECRETS, min_size=1, max_size=3),
    texts=st.lists(TEXTS, min_size=1, max_size=3),
    as_json=st.booleans(),
)
def test_no_registered_value_survives_in_any_rendering(secrets: list[str], texts: list[str], as_json: bool) -> None:
    KNOWN.__init__()  # type: ignore[misc]
    for secret in secrets:
        conceal(secret)
    said = [text.replace("{}", secret) for text in texts for secret in secrets]
    with written(json=as_json) as out:
        log = get_logger("test")
        for text in said:
            log.info(text)
            log.info(
                "e", text=text, nested={"list": [text, {text: 1}]}, raw=text.encode(), dumped=json.dumps({"x": text})
            )
            log.info("e", url=quote(text), plus=quote_plus(text), shown=repr([text]), error=ValueError(text))
            try:
                raise ValueError(text)
            except ValueError as bug:
                log.error("bug", exc_info=bug)
    for secret in secrets:
        for spelled in {secret, json.dumps(secret)[1:-1], quote(secret), quote(secret, safe="")}:
            assert spelled not in out.getvalue()
