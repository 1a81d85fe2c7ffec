"""Chats as they stand: messages, who may write, what is pinned and typed."""

from __future__ import annotations

import asyncio
import html
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from azbot.testing.patience import PATIENCE
from azbot.testing.telegram.refusals import Refusal, Wire, bad_request, forbidden
from azbot.testing.telegram.wire import Call

Door = Literal["unstarted", "open", "blocked", "left"]
_MEDIA = (
    "photo",
    "document",
    "video",
    "voice",
    "audio",
    "location",
    "venue",
    "contact",
)
_CLOSED = {
    "unstarted": "bot can't initiate conversation with a user",
    "blocked": "bot was blocked by the user",
    "left": "bot is not a member of the group chat",
}


@dataclass(frozen=True, slots=True)
class Button:
    """One button below a message, or of a keyboard.

    Attributes:
        label: what it shows.
        data: callback_data, empty when it does something else.
        url: the page or web app it opens.
        wire: all of it.
    """

    label: str
    data: str
    url: str
    wire: Wire = field(repr=False)


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it stands; an edit makes another one with the same id.

    Attributes:
        wire: as the Bot API tells it, without ``reply_markup`` that is no inline
            keyboard.
        html: its text or caption, HTML of the Bot API, whatever it was written in.
        reaction: the emoji the bot put to it.
        is_fixed: it came with another keyboard than an inline one, and cannot be
            edited.
    """

    wire: Wire
    html: str = ""
    reaction: str = ""
    is_fixed: bool = False

    @property
    def id(self) -> int:
        """Its number in its chat."""
        return int(self.wire["message_id"])

    @property
    def is_from_bot(self) -> bool:
        """Tell whether the bot wrote it."""
        return bool(self.wire["from"]["is_bot"])

    @property
    def is_edited(self) -> bool:
        """Tell whether it is not as it was sent."""
        return "edit_date" in self.wire

    @property
    def text(self) -> str:
        """Its text, or the caption of its file."""
        return str(self.wire.get("text") or self.wire.get("caption") or "")

    @property
    def buttons(self) -> tuple[tuple[Button, ...], ...]:
        """The buttons below it, by row."""
        return buttons_of(self.wire.get("reply_markup", {}).get("inline_keyboard", []))

    @property
    def labels(self) -> tuple[str, ...]:
        """What the buttons below it show, in reading order."""
        return tuple(button.label for row in self.buttons for button in row)

    @property
    def media(self) -> str:
        """The kind of what it carries: ``photo``, ``location``; empty for text."""
        return next((kind for kind in reversed(_MEDIA) if kind in self.wire), "")

    @property
    def reply_to(self) -> int:
        """The id of the message it answers, 0 for none."""
        return int(self.wire.get("reply_to_message", {}).get("message_id", 0))


@dataclass(slots=True)
class Chat:
    """One chat and what is in it.

    Attributes:
        wire: as the Bot API tells it inside messages.
        door: whether the bot may write.
        messages: those that were not deleted, by id.
        history: every call about it, refused ones included, in order.
        keyboard: what replaces the keyboard of the phone at present.
        action: what the bot said it is doing, such as ``typing``, until it writes.
        draft: the preview the bot streams, until it writes.
        topics: names by thread id.
        moved_to: the number it has had since it was upgraded, 0 while it was not.
    """

    wire: Wire
    door: Door = "open"
    messages: dict[int, Message] = field(default_factory=dict)
    history: list[Call] = field(default_factory=list)
    keyboard: Wire = field(default_factory=dict)
    action: str = ""
    draft: str = ""
    pinned: list[int] = field(default_factory=list)
    topics: dict[int, str] = field(default_factory=dict)
    moved_to: int = 0
    listeners: list[Callable[[], None]] = field(default_factory=list)
    _last_id: int = 0

    @property
    def id(self) -> int:
        """Its number; negative for groups."""
        return int(self.wire["id"])

    @property
    def is_private(self) -> bool:
        """Tell whether it is with one person."""
        return bool(self.wire["type"] == "private")

    def next_id(self) -> int:
        """Return the number of the next message or topic."""
        self._last_id += 1
        return self._last_id

    def keep(self, message: Message) -> Message:
        """Put a message in, in place of what it was before."""
        self.messages[message.id] = message
        return message

    def found(self, message_id: int, to_do: str) -> Message:
        """Return a message.

        Raises:
            Refusal: there is none, in the words of ``to_do``: "to edit".
        """
        try:
            return self.messages[message_id]
        except KeyError:
            raise bad_request(f"message {to_do} not found") from None

    @property
    def refusal(self) -> Refusal | None:
        """Why the bot may not write, None when it may."""
        return forbidden(_CLOSED[self.door]) if self.door in _CLOSED else None


class Changes:
    """Wakes whoever waits for something to be so."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def tell(self, chat: Chat | None = None) -> None:
        """Say that something is not as it was."""
        self._event.set()
        for listener in list(chat.listeners) if chat else ():
            listener()

    async def until(
        self, predicate: Callable[[], Any], within: float = PATIENCE
    ) -> None:
        """Return once something is true.

        Raises:
            TimeoutError: it was not within so many real seconds.
        """
        async with asyncio.timeout(within):
            while not predicate():
                self._event.clear()
                await self._event.wait()


def buttons_of(rows: list[list[Any]]) -> tuple[tuple[Button, ...], ...]:
    """Return the buttons of a keyboard, by row."""
    return tuple(tuple(_button(each) for each in row) for row in rows)


def _button(each: Any) -> Button:
    wire: Wire = {"text": each} if isinstance(each, str) else each
    url = wire.get("url") or wire.get("web_app", {}).get("url", "")
    return Button(wire["text"], wire.get("callback_data", ""), url, wire)


def as_html(text: str) -> str:
    """Return plain text as HTML of the Bot API."""
    return html.escape(text, quote=False)
