"""Signing in and out."""

from datetime import datetime

from pydantic import ConfigDict, Field

from trading_bridge.api.schemas.common import Answer, Body


class LoginBody(Body):
    model_config = ConfigDict(
        json_schema_extra={"example": {"email": "admin@example.com", "password": "correct horse"}}
    )

    email: str = Field(max_length=254)
    password: str = Field(max_length=1024)


class SetupBody(Body):
    """The first administrator, by the one-time link that the server printed."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"token": "4k2v...", "email": "admin@example.com", "password": "correct horse battery"}
        }
    )

    token: str = Field(max_length=128, description="What follows `#token=` in the link.")
    email: str = Field(max_length=254)
    password: str = Field(max_length=1024)


class SignedIn(Answer):
    token: str = Field(description="The session: the cookie `tb_session` holds the same; also valid as Bearer.")
    expires_at: datetime


class Me(Answer):
    id: str
    email: str = Field(examples=["admin@example.com"])
    expires_at: datetime


class SignedOut(Answer):
    signed_out: bool = Field(examples=[True])
