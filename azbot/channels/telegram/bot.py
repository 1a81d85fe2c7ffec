"""The bot as a client of the Bot API: three pools of connections, and a name.

One pool waits for news, one carries calls, one carries files: a slow upload, or an
hour without news, keeps nothing else from leaving (telegram.md §2.3).
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from telegram import Bot
from telegram.error import InvalidToken, TelegramError
from telegram.request import HTTPXRequest
from telegram.warnings import PTBDeprecationWarning, PTBUserWarning

from azbot.channels.telegram.failures import failure_of, translated
from azbot.channels.telegram.settings import TelegramSettings
from azbot.errors import PermanentFailure

POLL_SECONDS = 50
"""How long one poll waits for news: the longest Telegram allows."""

_CALLS, _UPLOADS = 16, 4
_CONNECT_SECONDS = 10.0
_ANSWER_SECONDS = 20.0
_UPLOAD_SECONDS = 90.0
_POOL_SECONDS = 15.0
_BATCH = 100


class Client:
    """Speaks for one bot; nothing is connected before the first call.

    Args:
        settings: which server.
        token: the bot's; it stands in every address, so no address is ever told.

    Attributes:
        bot: for calls; receives too.
        uploads: the same bot, for calls that carry files.
        name: as links write it; empty while the service has not told it.
    """

    def __init__(self, settings: TelegramSettings, token: str) -> None:
        _keep_quiet()
        self.id = token.partition(":")[0]
        calls, polls = _request(_CALLS), _request(1)
        uploads = _request(_UPLOADS, _UPLOAD_SECONDS)
        self.bot = _bot(settings, token, calls, polls)
        self.uploads = _bot(settings, token, uploads, polls)
        self.name = ""
        self._pools = (calls, polls, uploads)

    async def greet(self) -> None:
        """Ask the service who we are: names change, and tokens are taken back.

        Raises:
            TemporaryFailure: it does not answer.
            PermanentFailure: it refuses the token.
        """
        try:
            me = await self.bot.get_me()
        except InvalidToken:
            raise PermanentFailure("the token of the bot is refused") from None
        except TelegramError as error:
            raise failure_of(error) from None
        self.name = me.username or ""

    async def updates(
        self, offset: int | None, allowed: Sequence[str]
    ) -> Sequence[object]:
        """Wait for updates and return them as they came, readable or not.

        Args:
            offset: all before it are done with; None: say nothing about any.
            allowed: which kinds.

        Raises:
            TemporaryFailure: the service does not answer, or another one polls.
        """
        asked: dict[str, object] = {
            "timeout": POLL_SECONDS,
            "limit": _BATCH,
            "allowed_updates": list(allowed),
        }
        if offset is not None:
            asked["offset"] = offset
        # The library does not add the wait to its own patience.
        found = await self.ask("getUpdates", asked, POLL_SECONDS + _CONNECT_SECONDS)
        return found if isinstance(found, list) else []

    async def ask(
        self, method: str, asked: Mapping[str, object], patience: float
    ) -> Any:
        """Return the answer of any method as it came, JSON.

        Args:
            method: as the Bot API names it.
            asked: its parameters.
            patience: seconds.

        Raises:
            TemporaryFailure: the service does not answer.
            PermanentFailure: it refuses.
        """
        with translated():
            return await self.bot.do_api_request(
                method, api_kwargs=dict(asked), read_timeout=patience
            )

    async def aclose(self) -> None:
        """Let go of connections; may be called twice."""
        for pool in self._pools:
            await pool.shutdown()


def _bot(
    settings: TelegramSettings, token: str, request: HTTPXRequest, polls: HTTPXRequest
) -> Bot:
    return Bot(
        token,
        base_url=settings.api_url,
        base_file_url=settings.file_url,
        request=request,
        get_updates_request=polls,
    )


def _request(size: int, write_seconds: float = _ANSWER_SECONDS) -> HTTPXRequest:
    return HTTPXRequest(
        connection_pool_size=size,
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=max(_ANSWER_SECONDS, write_seconds / 2),
        write_timeout=_ANSWER_SECONDS,
        media_write_timeout=write_seconds,
        pool_timeout=_POOL_SECONDS,
    )


def _keep_quiet() -> None:
    """Let libraries say nothing that holds a token, and nothing we know."""
    # httpx writes each address at INFO; the other two write whole calls at DEBUG.
    for name in ("httpx", "httpcore", "telegram"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # We call getUpdates raw on purpose, and read pauses in either of their forms.
    raw = r".*Please use 'Bot\.\w+' instead of"
    warnings.filterwarnings("ignore", raw, PTBUserWarning)
    pauses = r".*attribute `retry_after` will be of type"
    warnings.filterwarnings("ignore", pauses, PTBDeprecationWarning)
