"""What can be set about Telegram: the section ``[telegram]``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from azbot.config.secrets import read_secret

Receiver = Literal["polling", "webhook"]
"""``polling`` asks for news, from anywhere; ``webhook`` is told, over HTTPS."""


class TelegramSettings(BaseModel):
    """``[telegram]``: the bot and the server that carries it."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )

    token: SecretStr | None = None
    """Better given by ``token_env`` or ``token_file``."""
    token_env: str | None = None
    """Name of the environment variable that holds the token."""
    token_file: Path | None = None
    """File that holds the token."""
    receiver: Receiver = "polling"
    """``webhook`` needs ``web.public_url`` with https, which Telegram can reach."""
    webhook_path: str = Field(default="/telegram", pattern=r"^(/[A-Za-z0-9._-]+)+$")
    """Where below ``web.public_url`` Telegram brings updates."""
    api_base_url: str = Field(
        default="https://api.telegram.org", pattern="^https?://[^ ]+$"
    )
    """Another Bot API server: your own, or a stand-in for tests."""
    file_base_url: str = Field(default="", pattern="^(https?://[^ ]+)?$")
    """Where its files are; empty: below ``api_base_url``, at ``/file``."""

    @property
    def api_url(self) -> str:
        """What the library puts before the token."""
        return f"{self.api_base_url.rstrip('/')}/bot"

    @property
    def file_url(self) -> str:
        """What the library puts before the token of a file's address."""
        base = self.file_base_url or f"{self.api_base_url.rstrip('/')}/file"
        return f"{base.rstrip('/')}/bot"

    def secret(self, environ: Mapping[str, str]) -> str:
        """Return the token, empty when none is set.

        Args:
            environ: the process environment.

        Raises:
            LookupError: the variable is not set.
            OSError: the file cannot be read.
        """
        return read_secret(self.token, self.token_env, self.token_file, environ).strip()
