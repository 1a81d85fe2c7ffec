"""Files on their way to a chat: photos together, others together, ten at most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from telegram import Bot, InputMediaDocument, InputMediaPhoto, ReplyParameters
from telegram.error import BadRequest

from azbot.channels.telegram.failures import is_about
from azbot.channels.telegram.keyboards import Markup
from azbot.errors import PermanentFailure
from azbot.screens import PostFile

MOST_TOGETHER = 10
LARGEST_FILE = 50_000_000
LARGEST_PHOTO = 10_000_000
"""Octets; what Telegram takes (telegram.md §5)."""

_PHOTOS = frozenset({"image/jpeg", "image/png"})
_NO_PHOTO = ("photo_", "image_process_failed", "photo dimensions")


@dataclass(frozen=True, slots=True)
class Below:
    """What stands below files, and how they arrive.

    Attributes:
        caption: HTML when there is a mode, else plain; possibly empty.
        markup: buttons; an album has none.
    """

    caption: str
    mode: str | None
    markup: Markup
    reply: ReplyParameters | None
    is_silent: bool


@dataclass(frozen=True, slots=True)
class Album:
    """Files that are shown as one thing: one, or two to ten.

    Attributes:
        files: what it holds.
        is_shown: as photos; otherwise as documents.
    """

    files: tuple[PostFile, ...]
    is_shown: bool

    async def send(self, bot: Bot, chat: int, below: Below) -> list[int]:
        """Send it and return the numbers of its messages.

        Photos that Telegram cannot show go as documents.

        Raises:
            TelegramError: it was not taken.
        """
        try:
            return await self._send(bot, chat, below)
        except BadRequest as error:
            if not (self.is_shown and is_about(error, *_NO_PHOTO)):
                raise
        return await Album(self.files, is_shown=False).send(bot, chat, below)

    async def _send(self, bot: Bot, chat: int, below: Below) -> list[int]:
        how: dict[str, Any] = {
            "caption": below.caption or None,
            "parse_mode": below.mode,
            "reply_parameters": below.reply,
            "disable_notification": below.is_silent,
        }
        if len(self.files) > 1:
            kind = InputMediaPhoto if self.is_shown else InputMediaDocument
            media = [kind(_content(one), filename=one.name) for one in self.files]
            sent = await bot.send_media_group(chat, media, **how)
            return [message.message_id for message in sent]
        [file] = self.files
        call = bot.send_photo if self.is_shown else bot.send_document
        how |= {"reply_markup": below.markup, "filename": file.name}
        return [(await call(chat, _content(file), **how)).message_id]


def albums_of(files: Sequence[PostFile]) -> list[Album]:
    """Return files as they are shown together, in their order.

    Raises:
        PermanentFailure: one is larger than Telegram takes.
    """
    if any(len(file.content) > LARGEST_FILE for file in files):
        raise PermanentFailure("a file is too large for Telegram")
    return list(_albums(files))


def _albums(files: Sequence[PostFile]) -> Iterator[Album]:
    for is_shown, alike in groupby(files, _is_shown):
        some = tuple(alike)
        for at in range(0, len(some), MOST_TOGETHER):
            yield Album(some[at : at + MOST_TOGETHER], is_shown)


def _is_shown(file: PostFile) -> bool:
    return file.media_type in _PHOTOS and len(file.content) <= LARGEST_PHOTO


def _content(file: PostFile) -> str | bytes:
    """Return the name Telegram has for it, else its octets."""
    return file.remote_id or file.content
