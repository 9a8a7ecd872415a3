"""Configuration by environment: `DATABASE_URL`, `PORT`, and `TRADING_BRIDGE_*` for the rest."""

from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from trading_bridge.errors import SettingsError


class OnStop(StrEnum):
    CANCEL = "cancel"
    KEEP = "keep"


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="TRADING_BRIDGE_", extra="ignore", populate_by_name=True)

    database_url: str | None = Field(
        default=None,
        validation_alias=AliasChoices("DATABASE_URL", "database_url"),
        description="PostgreSQL or SQLite address; without it, SQLite in the state folder.",
    )
    port: int = Field(
        default=8000, ge=0, le=65535, validation_alias=AliasChoices("PORT", "port"), description="HTTP port."
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    state_dir: Path = Field(default=Path("data"), description="Folder of the embedded database and the key file.")
    secret_keys: SecretStr | None = Field(
        default=None,
        description="Keys that encrypt exchange credentials, comma-separated: the first encrypts, all decrypt.",
    )
    admin_email: str | None = Field(default=None, description="First user, made when there is none.")
    admin_password: SecretStr | None = Field(default=None, description="Its password, at least 10 characters.")
    on_stop: OnStop = Field(default=OnStop.CANCEL, description="What happens to orders at the end: cancel or keep.")
    egress_url: str | None = Field(
        default=None,
        description="A service that answers with the address it was asked from: what exchanges see of this host.",
    )
    egress_addresses: str | None = Field(
        default=None, description="Addresses that this host leaves by, comma-separated, where no service can be asked."
    )
    allow_private_hosts: str | None = Field(
        default=None,
        description="Private addresses and networks that connectors may reach, comma-separated; none by itself.",
    )
    log_json: bool = Field(default=False, description="Logs as JSON lines.")
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR.")

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise ValueError("one of DEBUG, INFO, WARNING, ERROR")
        return value.upper()

    def egress(self) -> tuple[str, ...]:
        """The addresses that this host leaves by, as its operator knows them."""
        return tuple(one.strip() for one in (self.egress_addresses or "").split(",") if one.strip())

    @field_validator("egress_addresses")
    @classmethod
    def _addresses(cls, value: str | None) -> str | None:
        for one in (value or "").split(","):
            if one.strip():
                ip_address(one.strip())
        return value

    @field_validator("allow_private_hosts")
    @classmethod
    def _networks(cls, value: str | None) -> str | None:
        for one in (value or "").split(","):
            if one.strip():
                ip_network(one.strip(), strict=False)
        return value

    def private_hosts(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """What connectors may reach although it is not public."""
        named = (one.strip() for one in (self.allow_private_hosts or "").split(","))
        return tuple(ip_network(one, strict=False) for one in named if one)

    def resolved_database_url(self) -> str:
        return self.database_url or f"sqlite:///{self.state_dir / 'trading-bridge.sqlite3'}"


def load_settings(**given: object) -> Settings:
    """From the environment, `given` first. Raises SettingsError with the variable's name and what is wrong with it."""
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        problems = "; ".join(f"{_variable(problem['loc'])}: {problem['msg']}" for problem in error.errors())
        raise SettingsError("settings.invalid", problems) from None


def _variable(location: tuple[int | str, ...]) -> str:
    name = str(location[0]) if location else "settings"
    if name.upper() in ("PORT", "DATABASE_URL"):
        return name.upper()
    return f"TRADING_BRIDGE_{name.upper()}"
