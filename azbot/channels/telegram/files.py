"""Files that lie with Telegram, fetched: bounded in size, in number and in time.

The address of a file holds the token: it lives in one local variable, and what is told
of a download that fails is the class of its error.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from aiohttp import ClientError, ClientSession, ClientTimeout
from telegram import Bot
from telegram.error import BadRequest

from azbot.channels.telegram.failures import is_about, translated
from azbot.channels.telegram.names import number_of
from azbot.errors import PermanentFailure, TemporaryFailure
from azbot.media import UNKNOWN, media_type_of, safe_name
from azbot.messages import Inbound, InboundFile, RejectedFile, RemoteFile

LARGEST = 20 * 1024 * 1024
"""Octets of a file a bot can have (telegram.md §5)."""

_SMALL = 2 * 1024 * 1024
_LARGE_AT_ONCE, _SMALL_AT_ONCE = 4, 8
"""Films, and what does not say its size, keep no photo waiting."""
_CHUNK = 65_536
_SECONDS = 60
_TOO_LARGE = ("file is too big",)
_DEFAULTS: Mapping[str, str] = {"live_photo": "photo", "video_note": "video"}


class TooLarge(Exception):
    """More octets came than a file may have."""


class Fetcher:
    """Fetches the files of messages.

    Args:
        bot: knows where files are.
    """

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._large = asyncio.Semaphore(_LARGE_AT_ONCE)
        self._small = asyncio.Semaphore(_SMALL_AT_ONCE)
        self._http: ClientSession | None = None

    async def fetch(self, inbound: Inbound) -> Inbound:
        """Return the message with its files; see ``ports.Channel.fetch``.

        Raises:
            TemporaryFailure: Telegram, or the way to it, is not there.
        """
        turn = inbound.turn
        if turn is None or not turn.files:
            return inbound
        number = number_of(inbound.message_id, turn.chat)
        found = await asyncio.gather(*(self._one(file, number) for file in turn.files))
        files = tuple(one for one in found if isinstance(one, InboundFile))
        rejected = tuple(one for one in found if isinstance(one, RejectedFile))
        return replace(
            inbound,
            files=(*inbound.files, *files),
            rejected_files=(*inbound.rejected_files, *rejected),
        )

    async def aclose(self) -> None:
        """Let go of connections; may be called twice."""
        if self._http is not None:
            await self._http.close()
            self._http = None

    async def _one(self, file: RemoteFile, number: int) -> InboundFile | RejectedFile:
        kind = _DEFAULTS.get(file.kind, file.kind)
        default = f"{kind}-{number}" if number else kind
        shown = safe_name(file.name, file.media_type or UNKNOWN, default)
        if file.size is not None and file.size > LARGEST:
            return RejectedFile(shown, file.size, "too_large")
        try:
            async with self._room(file), asyncio.timeout(_SECONDS):
                content = await self._content(file.id)
        except TooLarge:
            return RejectedFile(shown, file.size or LARGEST, "too_large")
        except PermanentFailure:
            return RejectedFile(shown, file.size or 0, "unreadable")
        except TimeoutError:
            raise TemporaryFailure("a file does not come in time") from None
        media_type = media_type_of(content)
        shown = safe_name(file.name, media_type, default)
        return InboundFile(shown, media_type, content, seconds=file.seconds)

    def _room(self, file: RemoteFile) -> asyncio.Semaphore:
        is_small = file.size is not None and file.size <= _SMALL
        return self._small if is_small else self._large

    async def _content(self, key: str) -> bytes:
        with translated():
            try:
                place = await self._bot.get_file(key)
            except BadRequest as error:
                if is_about(error, *_TOO_LARGE):
                    raise TooLarge from None
                raise
        if place.file_size is not None and place.file_size > LARGEST:
            raise TooLarge
        try:
            return await self._download(place.file_path or "")
        except (ClientError, OSError) as error:
            # Its words hold the address.
            why = f"a file does not come: {type(error).__name__}"
            raise TemporaryFailure(why) from None

    async def _download(self, address: str) -> bytes:
        """Return what is at an address, never more than a file may have."""
        content = bytearray()
        async with self._session().get(address) as answer:
            if answer.status >= 500:
                raise TemporaryFailure(f"a file does not come: {answer.status}")
            if answer.status != 200:
                raise PermanentFailure(f"a file is not there: {answer.status}")
            async for chunk in answer.content.iter_chunked(_CHUNK):
                content += chunk
                if len(content) > LARGEST:
                    raise TooLarge
        return bytes(content)

    def _session(self) -> ClientSession:
        if self._http is None:
            # A proxy of this machine is used as the library uses it.
            patience = ClientTimeout(total=_SECONDS)
            self._http = ClientSession(timeout=patience, trust_env=True)
        return self._http
