"""What can be set about Telegram: the section ``[telegram]``."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr


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
    api_base_url: str = Field(
        default="https://api.telegram.org", pattern="^https?://[^ ]+$"
    )
    """Another Bot API server: your own, or a stand-in for tests."""
