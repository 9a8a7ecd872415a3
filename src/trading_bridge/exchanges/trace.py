"""What one call asked for and what was heard of it, written down while ccxt makes it."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime

from yarl import URL

from trading_bridge.exchanges.wire import Envelope
from trading_bridge.redaction import scrubbed

#: the exchange's id of its answer
REQUEST_ID = "X-Request-Id"
_TEXT_MAX = 300
#: more than is kept, so that no secret is cut in two before it is looked for
_SCRUBBED = 1000


@dataclass(slots=True, kw_only=True)
class CallTrace:
    #: unified name, such as `fetch_balance`
    call: str
    #: the form in which the exchange itself speaks
    form: Envelope = field(default_factory=Envelope)
    #: Unix milliseconds to sign; None: the time of the signing
    signed_ms: int | None = None
    #: by a proxy that is spoken to by HTTP; one of SOCKS tells its failures itself
    proxied: bool = False
    ipv4_only: bool = False
    #: how long the answer to each request may take; None: as long as the client waits
    within_s: float | None = None
    #: that were handed to the HTTP session
    requests: int = 0
    #: the request was handed to the HTTP session; what fails earlier has failed here
    began: bool = False
    method: str | None = None
    url: URL | None = None
    #: as soon as the head of an answer came
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    #: the body as JSON; None where it is none
    response: object = None

    @property
    def envelope(self) -> bool:
        """The answer is in the exchange's own form, so it is the exchange that speaks and nothing in between."""
        return self.code is not None

    @property
    def code(self) -> str | None:
        """The exchange's own, as text: it comes as number and as text."""
        return self._field(self.form.code)

    @property
    def succeeded(self) -> bool:
        """Its code is one that refuses nothing."""
        return self.code in self.form.success

    @property
    def text(self) -> str | None:
        """The exchange's own words; where it has none, how the body begins. Some repeat the key that they refuse."""
        words = self._field(self.form.text)
        if words is None and (self.code is None or self.succeeded):
            words = None if self.body is None or self.succeeded else self.body
        return None if words is None else scrubbed(words[:_SCRUBBED])[:_TEXT_MAX]

    @property
    def request_id(self) -> str | None:
        return self.headers.get(REQUEST_ID)

    def _field(self, names: tuple[str, ...]) -> str | None:
        if not isinstance(self.response, dict):
            return None
        for name in names:
            value = self.response.get(name)
            if isinstance(value, str | int) and not isinstance(value, bool):
                return str(value)
        return None


#: the call that this task makes now
CALL: ContextVar[CallTrace | None] = ContextVar("call", default=None)


def unix_ms(moment: datetime) -> int:
    whole = int(moment.timestamp() // 1)
    return whole * 1000 + moment.microsecond // 1000
