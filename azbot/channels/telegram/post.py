"""Acts as calls of the Bot API: what a screen becomes in somebody's chat.

What is so already is silent success, and what Telegram will not show one way is shown
another way: a text it cannot read is sent plain, a button it does not like becomes a
line, a message that cannot be changed is put below (telegram.md §2.3).
"""

from __future__ import annotations

import asyncio
import html
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TypeVar

import structlog
from telegram import (
    BotCommandScopeChat,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest

from azbot.channels.telegram.albums import Album, Below, albums_of
from azbot.channels.telegram.bot import Client
from azbot.channels.telegram.failures import is_about, translated
from azbot.channels.telegram.keyboards import (
    Markup,
    in_place_of_keyboard,
    under_message,
    without_pages,
)
from azbot.channels.telegram.markup import LONGEST_CAPTION, Marked, read
from azbot.channels.telegram.menus import commands_of, shortened
from azbot.channels.telegram.names import message_name, number_of
from azbot.errors import PermanentFailure, TemporaryFailure, Unanswered
from azbot.ports import Clock
from azbot.screens import (
    Acknowledge,
    Clear,
    Menu,
    Post,
    Posted,
    PostFile,
    Redraw,
    Say,
    Screen,
)

_LOG = structlog.get_logger(__name__)

MOST_PARTS = 3
"""Messages one text may become; a longer one is a file."""

LONGEST_ANSWER = 200
_LONGEST_INTRODUCTION = 900
_SECONDS_PER_POST = 110
_MOST_TRIES = 3
_LONGEST_PAUSE = timedelta(seconds=20)
_FIRST_PAUSE = timedelta(seconds=1)

_SAME = ("not modified",)
_GONE = ("to edit not found", "to delete not found", "message_id_invalid")
_NO_TEXT = ("no text in the message",)
_FIXED = (
    "can't be edited",
    "no caption in the message",
    "caption is too long",
    "caption_too_long",
    "can't be deleted",
)
_UNREADABLE = ("can't parse entities",)
_ODD_PAGE = ("button url", "url host is empty", "wrong http url", "button_url_invalid")
_TOO_OLD = ("query is too old", "query id is invalid", "query_id_invalid")

T = TypeVar("T")
Step = Callable[[], Awaitable[list[int]]]
"""One call that leaves messages; gives their numbers."""


@dataclass(frozen=True, slots=True)
class _Letter:
    """What is to stand in a chat.

    Attributes:
        chat: its number.
        screen: what it says.
        files: what goes with it.
        reply_to: number of the message it refers to, 0 for none.
        is_silent: arrives without a sound.
        may_change: it is drawn in place later, which no message can be that came
            with another keyboard.
        arrived: numbers of its messages that are there; it grows.
    """

    chat: int
    screen: Screen
    files: tuple[PostFile, ...] = ()
    reply_to: int = 0
    is_silent: bool = False
    may_change: bool = False
    arrived: list[int] = field(default_factory=list)


class Postman:
    """Does acts in chats.

    Args:
        client: the bot.
        clock: for the pauses inside a message of several parts.
    """

    def __init__(self, client: Client, clock: Clock) -> None:
        self._bot = client.bot
        self._uploads = client.uploads
        self._clock = clock
        # The messages that hold the keyboards of chats. Forgotten at a restart, they
        # stay above, which is untidy and nothing else.
        self._keyboards: dict[int, int] = {}

    async def post(self, post: Post) -> Posted:
        """Do one act; see ``ports.Chat``."""
        if not post.chat.lstrip("-").isdigit():
            raise PermanentFailure("no chat has this number")
        before = (number_of(name, post.chat) for name in post.arrived)
        arrived = [number for number in before if number]
        failure: TemporaryFailure
        try:
            async with asyncio.timeout(_SECONDS_PER_POST):
                with translated():
                    numbers = await self._do(int(post.chat), post, arrived)
        except TimeoutError:
            failure = Unanswered("no answer in time")
        except TemporaryFailure as error:
            failure = error
        else:
            return Posted(_names(post.chat, numbers))
        failure.arrived = _names(post.chat, arrived)
        raise failure from None

    async def _do(self, chat: int, post: Post, arrived: list[int]) -> list[int]:
        number = number_of(post.message_id, post.chat)
        match post.act:
            case Say() as say:
                letter = _Letter(
                    chat,
                    say.screen,
                    post.files,
                    number_of(post.reply_to, post.chat),
                    say.is_silent,
                    may_change=bool(say.slot),
                    arrived=arrived,
                )
                return await self._say(letter)
            case Redraw() as redraw:
                return await self._redraw(chat, redraw, number)
            case Clear():
                await self._remove(chat, number)
            case Acknowledge() as answer:
                await self._acknowledge(answer)
            case Menu(commands):
                await self._offer(chat, commands)
        return []

    # --- new messages ---------------------------------------------------------------

    async def _say(self, letter: _Letter) -> list[int]:
        markup = await self._keyboard(letter)
        marked, files = read(letter.screen.text), list(letter.files)
        parts = marked.parts()
        if len(parts) > MOST_PARTS:
            name, media_type = "message.txt", "text/plain"
            files.append(PostFile(name, media_type, marked.text.encode()))
            parts = [f"{marked.parts(_LONGEST_INTRODUCTION)[0]}…"]
            marked = read(parts[0])
        albums = albums_of(files)
        if albums and self._fits_below(albums[-1], marked, markup):
            caption, parts = (parts or [""])[0], []
        else:
            caption = ""
        last = len(albums) + len(parts) - 1
        steps: list[Step] = []
        sizes = [*(len(album.files) for album in albums), *(1 for _ in parts)]
        for album in albums:
            is_last = len(steps) == last
            words, under = (caption, markup) if is_last else ("", None)
            steps.append(partial(self._send, letter, album, words, under, len(steps)))
        for part in parts:
            under = markup if len(steps) == last else None
            steps.append(partial(self._write, letter, part, under, len(steps)))
        if not steps:
            raise PermanentFailure("there is nothing to say")
        return await self._in_turn(letter, list(zip(sizes, steps, strict=True)))

    def _fits_below(self, album: Album, marked: Marked, markup: Markup) -> bool:
        """Whether the text can stand under the files; an album has no buttons."""
        has_room = marked.units <= LONGEST_CAPTION
        return has_room and (len(album.files) == 1 or markup is None)

    async def _in_turn(
        self, letter: _Letter, steps: Sequence[tuple[int, Step]]
    ) -> list[int]:
        """Make one call after the other; what was begun is not begun again.

        A message of several parts that fails in its middle would be sent anew as a
        whole: the rest is tried again here, and later behind what has arrived.

        Args:
            letter: whose parts they are.
            steps: how many messages each leaves, and what leaves them.
        """
        there = len(letter.arrived)
        for place, (size, step) in enumerate(steps):
            if there >= size:
                there -= size
                continue
            tries = _MOST_TRIES if place else 1
            letter.arrived.extend(await self._patiently(step, tries))
        return letter.arrived

    async def _patiently(self, step: Step, tries: int) -> list[int]:
        pause = _FIRST_PAUSE
        while True:
            tries -= 1
            try:
                with translated():
                    return await step()
            except TemporaryFailure as failure:
                pause = failure.retry_after or pause
                if tries <= 0 or pause > _LONGEST_PAUSE:
                    raise
            await self._clock.sleep_until(self._clock.now() + pause)
            pause *= 2

    async def _write(
        self, letter: _Letter, part: str, markup: Markup, place: int
    ) -> list[int]:
        async def call(text: str, mode: str | None, markup: Markup) -> Message:
            return await self._bot.send_message(
                letter.chat,
                text,
                parse_mode=mode,
                reply_markup=markup,
                link_preview_options=_preview(letter.screen),
                reply_parameters=_reply(letter, place),
                disable_notification=letter.is_silent or place > 0,
            )

        return [(await _shown(call, part, markup)).message_id]

    async def _send(
        self, letter: _Letter, album: Album, caption: str, markup: Markup, place: int
    ) -> list[int]:
        is_silent = letter.is_silent or place > 0
        reply = _reply(letter, place)

        async def call(text: str, mode: str | None, markup: Markup) -> list[int]:
            below = Below(text, mode, markup, reply, is_silent)
            return await album.send(self._uploads, letter.chat, below)

        return await _shown(call, caption, markup)

    # --- messages in place ------------------------------------------------------------

    async def _redraw(self, chat: int, redraw: Redraw, number: int) -> list[int]:
        screen = redraw.screen
        letter = _Letter(chat, screen, may_change=True)
        if not number:
            return [] if redraw.is_only_if_there else await self._say(letter)
        parts = read(screen.text).parts()
        is_new = redraw.is_below or len(parts) != 1 or in_place_of_keyboard(screen)
        if not is_new:
            try:
                await self._change(letter, number, parts[0])
            except BadRequest as error:
                if is_about(error, *_GONE) and redraw.is_only_if_there:
                    return []
                if not is_about(error, *_GONE, *_FIXED):
                    raise
            else:
                if screen.drops_keyboard:
                    await self._drop_keyboard(chat)
                return [number]
        numbers = await self._say(letter)
        await self._let_go(chat, number)
        return numbers

    async def _change(self, letter: _Letter, number: int, text: str) -> None:
        """Let a message say something else; what came with a file says it under it."""

        async def call(text: str, mode: str | None, markup: Markup) -> None:
            under = markup if isinstance(markup, InlineKeyboardMarkup) else None
            await self._bot.edit_message_text(
                text,
                letter.chat,
                number,
                parse_mode=mode,
                reply_markup=under,
                link_preview_options=_preview(letter.screen),
            )

        async def below(text: str, mode: str | None, markup: Markup) -> None:
            under = markup if isinstance(markup, InlineKeyboardMarkup) else None
            await self._bot.edit_message_caption(
                letter.chat, number, caption=text, parse_mode=mode, reply_markup=under
            )

        try:
            try:
                await _shown(call, text, under_message(letter.screen))
            except BadRequest as error:
                if not is_about(error, *_NO_TEXT):
                    raise
                await _shown(below, text, under_message(letter.screen))
        except BadRequest as error:
            if not is_about(error, *_SAME):
                raise

    async def _remove(self, chat: int, number: int) -> None:
        """Take a message away; of one that is too old for that, its buttons."""
        if not number:
            return
        try:
            await self._bot.delete_message(chat, number)
        except BadRequest as error:
            if is_about(error, *_FIXED):
                await self._strip(chat, number)
            elif not is_about(error, *_GONE):
                raise

    async def _strip(self, chat: int, number: int) -> None:
        try:
            await self._bot.edit_message_reply_markup(chat, number)
        except BadRequest:
            _LOG.info("telegram.not_stripped")

    async def _let_go(self, chat: int, number: int) -> None:
        """Take away what another message has replaced, if it can be done.

        The new one stands: failing now would send it a second time.
        """

        async def step() -> list[int]:
            await self._remove(chat, number)
            return []

        try:
            await self._patiently(step, _MOST_TRIES)
        except (TemporaryFailure, PermanentFailure) as failure:
            _LOG.warning("telegram.not_removed", why=failure.reason)

    # --- keyboards --------------------------------------------------------------------

    async def _keyboard(self, letter: _Letter) -> Markup:
        """Return what hangs on the last message; show or drop a keyboard before it.

        A message has buttons under it or brings a keyboard, never both: then a short
        one of its own brings the keyboard.
        """
        inline = under_message(letter.screen)
        shares = in_place_of_keyboard(letter.screen)
        if shares is not None and inline is not None:
            await self._bring_keyboard(letter.chat, shares)
            return inline
        if letter.screen.drops_keyboard and shares is None:
            if inline is None and not letter.may_change:
                self._keyboards.pop(letter.chat, None)
                return ReplyKeyboardRemove()
            await self._drop_keyboard(letter.chat)
        return inline or shares

    async def _bring_keyboard(self, chat: int, shares: ReplyKeyboardMarkup) -> None:
        before = self._keyboards.pop(chat, 0)
        words = f"↓ {shares.keyboard[0][0].text}"
        sent = await self._bot.send_message(
            chat, words, reply_markup=shares, disable_notification=True
        )
        self._keyboards[chat] = sent.message_id
        if before:
            await self._let_go(chat, before)

    async def _drop_keyboard(self, chat: int) -> None:
        """Take the keyboard away: a message has to say so, and goes at once."""
        sent = await self._bot.send_message(
            chat, "…", reply_markup=ReplyKeyboardRemove(), disable_notification=True
        )
        await self._let_go(chat, sent.message_id)
        if held := self._keyboards.pop(chat, 0):
            await self._let_go(chat, held)

    # --- the rest ---------------------------------------------------------------------

    async def _acknowledge(self, answer: Acknowledge) -> None:
        text = shortened(answer.text, LONGEST_ANSWER)
        try:
            await self._bot.answer_callback_query(
                answer.tap, text or None, show_alert=answer.is_alert
            )
        except BadRequest as error:
            if not is_about(error, *_TOO_OLD):
                raise

    async def _offer(self, chat: int, commands: Sequence[tuple[str, str]]) -> None:
        scope = BotCommandScopeChat(chat)
        offered = commands_of(commands)
        if offered:
            await self._bot.set_my_commands(offered, scope)
        else:
            await self._bot.delete_my_commands(scope)


# --- other ways to show it ------------------------------------------------------------


async def _shown(
    call: Callable[[str, str | None, Markup], Awaitable[T]], text: str, markup: Markup
) -> T:
    """Make a call with marked text, and again where Telegram does not like it."""
    mode: str | None = ParseMode.HTML
    for _ in range(2):
        try:
            return await call(text, mode, markup)
        except BadRequest as error:
            if mode and is_about(error, *_UNREADABLE):
                _LOG.warning("telegram.sent_plain")
                text, mode = read(text).text, None
            elif is_about(error, *_ODD_PAGE) and isinstance(
                markup, InlineKeyboardMarkup
            ):
                markup, pages = without_pages(markup)
                lines = [f"{label} : {page}" for label, page in pages]
                _LOG.warning("telegram.odd_page", pages=len(pages))
                if mode:
                    lines = [html.escape(line, quote=False) for line in lines]
                text = "\n".join((text, *lines))
            else:
                raise
    return await call(text, mode, markup)


def _names(chat: str, numbers: Sequence[int]) -> tuple[str, ...]:
    return tuple(message_name(chat, number) for number in numbers)


def _preview(screen: Screen) -> LinkPreviewOptions:
    return LinkPreviewOptions(is_disabled=not screen.has_preview)


def _reply(letter: _Letter, place: int) -> ReplyParameters | None:
    """Return what the first message refers to; without it the message stands alone."""
    if place or not letter.reply_to:
        return None
    return ReplyParameters(letter.reply_to, allow_sending_without_reply=True)
