"""Everything Telegram knows of one bot, and the rules for writing into its chats."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from azbot.ports import Clock
from azbot.testing.patience import PATIENCE
from azbot.testing.telegram.chats import Changes, Chat, Message, as_html
from azbot.testing.telegram.entities import MOST_ENTITIES, parse_html, utf16_length
from azbot.testing.telegram.files import Files
from azbot.testing.telegram.keyboards import is_inline, keyboard_of
from azbot.testing.telegram.refusals import Wire, bad_request, upgraded
from azbot.testing.telegram.updates import Updates
from azbot.testing.telegram.wire import Call

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
"""Both in UTF-16 units, counted once the markup is read."""


@dataclass(frozen=True, slots=True)
class Styled:
    """A text with its styles.

    Attributes:
        text: what is read.
        entities: its styles and links by place.
        html: the same as HTML of the Bot API.
    """

    text: str
    entities: list[Wire]
    html: str

    def named(self, text: str, entities: str) -> Wire:
        """Return its fields of a message, under these names; none when empty."""
        fields: Wire = {text: self.text} if self.text else {}
        return fields | ({entities: self.entities} if self.entities else {})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person is shown for a press.

    Attributes:
        text: empty when only the spinner ends.
        is_alert: shown in a box to be closed, not for a moment at the top.
    """

    text: str
    is_alert: bool


@dataclass(slots=True)
class Press:
    """A button somebody pressed.

    Attributes:
        id: the callback query's.
        chat: where.
        at: when.
        answer: what the bot answered, None as long as it has not.
    """

    id: str
    chat: Chat
    at: datetime
    changes: Changes = field(repr=False)
    answer: Answer | None = None

    async def answered(self, within: float = PATIENCE) -> Answer:
        """Return the answer once there is one.

        Raises:
            TimeoutError: there was none within so many real seconds.
        """
        await self.changes.until(lambda: self.answer, within)
        if self.answer is None:
            raise TimeoutError
        return self.answer


class Account:
    """One bot: its chats, its files, what it has not been told yet.

    Args:
        token: ``<number>:<secret>``.
        clock: dates messages.

    Attributes:
        me: the bot as a user.
        has_topics: whether private chats have topics (a setting of BotFather).
        press_lives_for: how long a press can be answered; Telegram does not say.
        profile: commands, descriptions and menu buttons, by what they are for.
    """

    def __init__(self, token: str, clock: Clock) -> None:
        self.token = token
        self.clock = clock
        self.me: Wire = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": "azbot",
            "username": "azbot_bot",
        }
        self.has_topics = False
        self.press_lives_for = timedelta(minutes=1)
        self.chats: dict[int, Chat] = {}
        self.files = Files()
        self.presses: dict[str, Press] = {}
        self.changes = Changes()
        self.updates = Updates(clock, self.changes)
        self.profile: dict[tuple[str, ...], Any] = {}
        self._albums = 13_000_000_000

    def seconds(self) -> int:
        """Return the present instant as the Bot API writes it."""
        return int(self.clock.now().timestamp())

    def next_album(self) -> int:
        """Return the number of another album."""
        self._albums += 1
        return self._albums

    # --- which chat ---

    def chat(self, call: Call, name: str = "chat_id") -> Chat:
        """Return the chat a call is about.

        Raises:
            Refusal: there is none, or it has another number now.
        """
        given = call.text(name).strip()
        if not given:
            raise bad_request(f"{name} is empty")
        known = self.chats.get(int(given)) if given.lstrip("-").isdigit() else None
        if known is None:
            raise bad_request("chat not found")
        if known.moved_to:
            raise upgraded(known.moved_to)
        return known

    def writable(self, call: Call) -> Chat:
        """Return the chat a call writes into.

        Raises:
            Refusal: 403 when the bot may not, else as ``chat``.
        """
        chat = self.chat(call)
        if chat.refusal:
            raise chat.refusal
        return chat

    # --- what is written ---

    def post(
        self, chat: Chat, author: Wire, content: Wire, source: str = ""
    ) -> Message:
        """Put a new message into a chat, whoever writes it.

        Args:
            chat: where.
            author: the user.
            content: the fields that make it this message; ``reply_markup`` of any
                kind.
            source: its text as HTML of the Bot API.
        """
        markup = content.pop("reply_markup", {})
        wire: Wire = {
            "message_id": chat.next_id(),
            "from": author,
            "chat": chat.wire,
            "date": self.seconds(),
            **content,
        }
        if is_inline(markup):
            wire["reply_markup"] = markup
        is_fixed = bool(markup) and not is_inline(markup)
        if author["is_bot"]:
            chat.action = chat.draft = ""
            if is_fixed and not markup.get("force_reply"):
                chat.keyboard = markup if "keyboard" in markup else {}
        message = chat.keep(Message(wire, source, is_fixed=is_fixed))
        self.changes.tell(chat)
        return message

    def send(self, call: Call, content: Wire, source: str = "") -> Wire:
        """Post a message of the bot; return it as the Bot API does.

        Raises:
            Refusal: the chat, the keyboard, the reply or the topic is not good.
        """
        chat = self.writable(call)
        fields = self.frame(call, chat)
        if markup := keyboard_of(call, is_private=chat.is_private):
            fields["reply_markup"] = markup
        return self.post(chat, self.me, {**fields, **content}, source).wire

    def frame(self, call: Call, chat: Chat) -> Wire:
        """Return the fields that say what a message of the bot belongs to.

        Raises:
            Refusal: its reply target or its topic is not there.
        """
        fields: Wire = {}
        if thread := call.number("message_thread_id"):
            if thread not in chat.topics:
                raise bad_request("message thread not found")
            fields |= {"message_thread_id": thread, "is_topic_message": True}
        reply: Wire = call.json("reply_parameters", dict)
        target = int(reply.get("message_id", 0)) or call.number("reply_to_message_id")
        if target in chat.messages:
            fields["reply_to_message"] = quoted(chat.messages[target])
        elif target and not (
            reply.get("allow_sending_without_reply")
            or call.flag("allow_sending_without_reply")
        ):
            raise bad_request("message to be replied not found")
        return fields

    def chat_instance(self, chat: Chat) -> str:
        """Return what names a chat in callbacks, the same each time."""
        name = f"{self.token} {chat.id}".encode()
        return str(int.from_bytes(blake2b(name, digest_size=8).digest(), signed=True))


def quoted(message: Message) -> Wire:
    """Return a message as it stands inside the one that answers it."""
    return {k: v for k, v in message.wire.items() if k != "reply_to_message"}


def styled(source: str, parse_mode: str, entities: list[Wire]) -> Styled:
    """Return a text the bot sends, its markup read.

    Raises:
        Refusal: the markup cannot be read, is of a kind azbot does not write, or
            its entities do not fit.
    """
    if parse_mode.lower() == "html":
        text, entities = parse_html(source)
        return Styled(text, _fitting(text, entities), source)
    if parse_mode:
        raise bad_request("unsupported parse_mode")
    return Styled(source, _fitting(source, entities), as_html(source))


def text_of(call: Call) -> Styled:
    """Return the text of a message.

    Raises:
        Refusal: it is empty, too long, or not to be read.
    """
    if not call.text("text"):
        raise bad_request("message text is empty")
    found = styled(
        call.text("text"), call.text("parse_mode"), call.json("entities", list)
    )
    if not found.text.strip():
        raise bad_request("text must be non-empty")
    if utf16_length(found.text) > LONGEST_TEXT:
        raise bad_request("message is too long")
    return found


def caption_of(call: Call | Wire) -> Styled:
    """Return the caption of a call, or of one item of an album; may be empty.

    Raises:
        Refusal: it is too long, or not to be read.
    """
    if isinstance(call, Call):
        call = {
            "caption": call.text("caption"),
            "parse_mode": call.text("parse_mode"),
            "caption_entities": call.json("caption_entities", list),
        }
    entities = call.get("caption_entities") or []
    found = styled(call.get("caption") or "", call.get("parse_mode") or "", entities)
    if utf16_length(found.text) > LONGEST_CAPTION:
        raise bad_request("message caption is too long")
    return found


def _fitting(text: str, entities: list[Wire]) -> list[Wire]:
    if len(entities) > MOST_ENTITIES:
        raise bad_request("ENTITIES_TOO_LONG")
    length = utf16_length(text)
    for entity in entities:
        if entity["offset"] < 0 or entity["offset"] + entity["length"] > length:
            where = f"at UTF-16 offset {entity['offset']}"
            raise bad_request(f"entity ends after the end of the text {where}")
    return entities
