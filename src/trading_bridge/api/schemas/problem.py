"""Errors, as every route answers them."""

from pydantic import Field

from trading_bridge.api.schemas.common import Answer, FindingOut
from trading_bridge.api.schemas.ladder import LadderOut


class ProblemError(Answer):
    field: str | None = Field(examples=["pair"])
    message: str = Field(examples=["Field required"])


class Problem(Answer):
    """RFC 9457 problem details."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Bad Request"])
    status: int = Field(examples=[400])
    detail: str = Field(examples=["The pair SHARPUSDT is not in the form BASE/QUOTE."])
    code: str = Field(description="Stable and dotted.", examples=["pair.malformed"])
    field: str | None = Field(default=None, description="The input to blame.", examples=["pair"])
    remedy: str | None = Field(default=None, examples=["Write it like SHARP/USDT."])
    errors: list[ProblemError] | None = Field(default=None, description="Every malformed part of the body.")
    finding: FindingOut | None = Field(default=None, description="What forbids it, where a finding does.")
    ladder: LadderOut | None = Field(default=None, description="Of a key that was not saved because its check failed.")
