"""Every setting of the server, from the environment: CASEBOOK_PORT and so on. docs/operations.md lists them."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from indexer.errors import CasebookError, message_of

if TYPE_CHECKING:
    from limits import RateLimitItem

PREFIX = "CASEBOOK_"
GONE = (f"{PREFIX}ARTEFACT", f"{PREFIX}SITE")
_HOST = r"[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]"
_NAME = re.compile(rf"\*|{_HOST}")
_ORIGIN = re.compile(rf"https?://({_HOST})(:\d+)?")
_FRAME = re.compile(rf"https?://(\*\.)?({_HOST})(:\d+)?|'self'")
List = Annotated[tuple[str, ...], NoDecode]
"""Several values in one variable, with commas or spaces between them."""


class SettingsError(CasebookError):
    """A setting that cannot be; the message names it, what is wrong and what is allowed."""


class Settings(BaseSettings):
    """The settings, each with what holds where it is not set."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8000, description="The port to listen on; 0 for any free one.")
    build: Path = Field(Path("build"), description="The folder of builds, or one version's folder that was copied from it.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much to log.")
    hosts: List = Field(
        (),
        description="The names by which readers reach the server, as in the address bar, without port; `*` for any. "
        "The names of this machine itself (localhost, 127.0.0.1, [::1]) always work.",
    )
    trusted_proxies: List = Field(
        (), description="Addresses of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed."
    )
    cors_origins: List = Field((), description="Origins whose pages may ask the endpoint: https://intranet.example.")
    frame_ancestors: List = Field(
        (), description="Who may show /embed/ in a frame: https://council.sharepoint.com, https://*.example, or 'self'."
    )
    rate_limit: str | None = Field(None, description="The most searches of one client: 60/minute, 5/second. Empty for none.")
    workers: int = Field(
        min(os.cpu_count() or 1, 4), ge=1, le=64, description="Searches at the same time; default: cores, at most 4."
    )
    queue: int = Field(64, ge=1, le=10_000, description="Searches that may wait; one more is told to come again (503).")
    queue_wait_s: float = Field(10, gt=0, le=300, description="Seconds that a search may wait before it is told so.")
    connections: int = Field(1_000, ge=1, le=60_000, description="Connections at the same time.")
    head_s: float = Field(10, gt=0, le=300, description="Seconds in which the head of a request must arrive.")
    body_s: float = Field(10, gt=0, le=300, description="Seconds in which its body must arrive.")
    response_s: float = Field(300, gt=0, le=3600, description="Seconds after which a request is cut off in any case.")
    drain_s: int = Field(10, ge=0, le=300, description="Seconds that requests get to end when the server is told to stop.")
    reload_s: float = Field(
        5, ge=0, le=3600, description="Seconds between two looks whether there is a new build to take over; 0 for never."
    )
    metrics: bool = Field(True, description="Whether /metrics answers.")

    @field_validator("hosts", "trusted_proxies", "cors_origins", "frame_ancestors", mode="before")
    @classmethod
    def _several(cls, value: object) -> object:
        return tuple(filter(None, re.split(r"[,\s]+", value))) if isinstance(value, str) else value

    @field_validator("hosts")
    @classmethod
    def _are_hosts(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        _match(values, _NAME, "no host name; write casebook.council.example, without https:// and port")
        return tuple(value.lower() for value in values)

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        _match(values, _ORIGIN, "no origin; write https://intranet.example, without a path")
        return values

    @field_validator("frame_ancestors")
    @classmethod
    def _are_frames(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        _match(values, _FRAME, "no such source; write https://council.sharepoint.com, without a path")
        return values

    @field_validator("rate_limit")
    @classmethod
    def _is_rate(cls, value: str | None) -> str | None:
        if not value:
            return None
        from limits import parse

        try:
            parse(value)
        except ValueError as error:
            raise ValueError(f"{value} is no rate; write 60/minute or 5/second") from error
        return value

    @field_validator("port")
    @classmethod
    def _is_port(cls, value: int) -> int:
        if not 0 <= value <= 65535:
            raise ValueError(f"there is no port {value}; ports run from 0 to 65535")
        return value

    @property
    def rate(self) -> RateLimitItem | None:
        """The rate limit as an item of the limits library; None for none."""
        if not self.rate_limit:
            return None
        from limits import parse

        return parse(self.rate_limit)


def _match(values: tuple[str, ...], pattern: re.Pattern[str], otherwise: str) -> None:
    for value in values:
        if not pattern.fullmatch(value):
            raise ValueError(f"{value} is {otherwise}")


def read_settings(**given: object) -> Settings:
    """The settings of the environment, with what was given on the command line before them (None where it was not).

    Raises:
        SettingsError: Naming each variable at fault, what is wrong with it and what is allowed.
    """
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    if gone := [name for name in GONE if name in os.environ]:
        both = f"{PREFIX}BUILD names the folder with both artefact and site"
        raise SettingsError(f"There is no setting {', '.join(gone)} any more: {both} (default: build).")
    if unknown := sorted(name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known):
        raise SettingsError(f"There is no setting {', '.join(unknown)}. There are: {', '.join(sorted(known))}.")
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        raise SettingsError(" ".join(_sentence(fault, given) for fault in error.errors())) from None


def _sentence(fault: object, given: dict[str, object]) -> str:
    assert isinstance(fault, dict)
    name = str(fault["loc"][0])
    label = f"--{name.replace('_', '-')}" if given.get(name) is not None else f"{PREFIX}{name.upper()}"
    message = message_of(fault)
    return f"{label}: {message[:1].lower()}{message[1:]}."
