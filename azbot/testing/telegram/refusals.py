"""How the Bot API says no."""

from __future__ import annotations

from typing import Any

ANOTHER_POLLER = (
    "terminated by other getUpdates request; make sure that only one bot instance is "
    "running"
)

Wire = dict[str, Any]
"""An object as it travels: JSON, with the names of the Bot API."""


class Refusal(Exception):
    """An answer that is not ok.

    Args:
        code: HTTP status and ``error_code``.
        description: Telegram's own words, ``Bad Request: message text is empty``.
        parameters: ``retry_after`` in seconds, or ``migrate_to_chat_id``.
    """

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    @property
    def envelope(self) -> Wire:
        """What is sent, JSON."""
        body: Wire = {
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        }
        return body | ({"parameters": self.parameters} if self.parameters else {})


def bad_request(words: str) -> Refusal:
    """Return a refusal of what was asked; asking again changes nothing."""
    return Refusal(400, f"Bad Request: {words}")


def forbidden(words: str) -> Refusal:
    """Return a refusal of who was written to."""
    return Refusal(403, f"Forbidden: {words}")


def conflict(words: str) -> Refusal:
    """Return a refusal of a second receiver."""
    return Refusal(409, f"Conflict: {words}")


def too_many_requests(seconds: int) -> Refusal:
    """Return a refusal of one more call before so many seconds have passed."""
    words = f"Too Many Requests: retry after {seconds}"
    return Refusal(429, words, retry_after=seconds)


def upgraded(chat_id: int) -> Refusal:
    """Return a refusal of a group that has another number now."""
    words = "Bad Request: group chat was upgraded to a supergroup chat"
    return Refusal(400, words, migrate_to_chat_id=chat_id)
