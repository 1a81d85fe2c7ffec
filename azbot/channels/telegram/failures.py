"""What Telegram's refusals mean for us (telegram.md §2.3): one table, one place.

The library writes Telegram's words anew (« Bad Request: » is cut, what shouts is
lowered), so words are compared without case, and only where no class tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from azbot.errors import (
    AzbotError,
    ChatMoved,
    Contested,
    PermanentFailure,
    TemporaryFailure,
    Unanswered,
    Unreachable,
)

_NOBODY = (
    "chat not found",
    "peer_id_invalid",
    "user not found",
    "user_deactivated",
    "not enough rights",
    "have no rights",
    "chat_write_forbidden",
)
_NEVER_LEFT = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout"})
"""What the library's own library raises before anything is on the wire."""
_DIFFERENT_PAUSE = timedelta(minutes=10)
_TOKEN_REFUSED = "the token of the bot is refused"  # noqa: S105 - words
_MOST_REASON = 120
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|https?://\S+")


def is_about(error: BaseException, *words: str) -> bool:
    """Whether Telegram refused what was asked with one of these words."""
    said = str(error).casefold()
    return isinstance(error, BadRequest) and any(word in said for word in words)


def failure_of(error: TelegramError) -> AzbotError:
    """Return the failure an error of the library stands for.

    A token that is refused is temporary here: what was to be said is kept until
    somebody has set the right one.
    """
    match error:
        case RetryAfter(retry_after=pause):
            asked = pause if isinstance(pause, timedelta) else timedelta(seconds=pause)
            return TemporaryFailure("asked to wait", asked)
        case ChatMigrated(new_chat_id=number):
            return ChatMoved(str(number))
        case Forbidden():
            return Unreachable(_said(error))
        case InvalidToken() | EndPointNotFound():
            return TemporaryFailure(_TOKEN_REFUSED, _DIFFERENT_PAUSE)
        case Conflict():
            return Contested("another program receives for this bot")
        case BadRequest():
            if is_about(error, "temporarily unavailable"):
                return TemporaryFailure(_said(error))
            if is_about(error, *_NOBODY):
                return Unreachable(_said(error))
            return PermanentFailure(_said(error))
        case _ if "(413)" in str(error) or "too large" in str(error).casefold():
            return PermanentFailure("too large for Telegram")
        case _:
            return _lost(error)


def _lost(error: TelegramError) -> TemporaryFailure:
    """Tell what surely never left from what may have been done (telegram.md §2.3).

    Only the class is told: its words may hold an address, and addresses the token.
    """
    cause = type(error.__cause__ or error).__name__
    if cause in _NEVER_LEFT:
        return TemporaryFailure(f"no connection: {cause}")
    if isinstance(error, TimedOut):
        return Unanswered("no answer in time")
    return Unanswered(f"no answer: {cause}")


@contextmanager
def translated() -> Iterator[None]:
    """Raise what an error of the library means instead of it.

    The error itself is left behind: the words of some hold the token.
    """
    try:
        yield
    except TelegramError as error:
        raise failure_of(error) from None


def _said(error: TelegramError) -> str:
    """Return Telegram's own words on one line, without what they quote of ours."""
    return " ".join(_QUOTED.sub("…", str(error)).split())[:_MOST_REASON]
