"""The people on the other side: what they do, and what their phone shows them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypedDict, Unpack

from azbot.testing.patience import PATIENCE
from azbot.testing.telegram.account import Account, Press, quoted
from azbot.testing.telegram.chats import Button, Chat, Message, as_html, buttons_of
from azbot.testing.telegram.entities import found_in
from azbot.testing.telegram.refusals import Wire
from azbot.testing.telegram.wire import Call

LONGEST_PART = 4096
"""Where a phone cuts a text and goes on in another message."""

_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{0,64}")
_LIVE_FOR = 3600


class Talk:
    """A chat as those in it see it.

    Args:
        account: the bot's.
        chat: the chat.
    """

    def __init__(self, account: Account, chat: Chat) -> None:
        self.account = account
        self.chat = chat

    @property
    def sees(self) -> tuple[Message, ...]:
        """The messages as they stand now, oldest first."""
        return tuple(self.chat.messages.values())

    @property
    def last(self) -> Message:
        """The newest message of the bot.

        Raises:
            LookupError: there is none.
        """
        for message in reversed(self.sees):
            if message.is_from_bot:
                return message
        raise LookupError("the bot has written nothing that is still there")

    @property
    def history(self) -> tuple[Call, ...]:
        """Every call of the bot about this chat, refused ones included, in order."""
        return tuple(self.chat.history)

    @property
    def keyboard(self) -> tuple[tuple[Button, ...], ...]:
        """What is shown in place of the phone's keyboard, by row."""
        return buttons_of(self.chat.keyboard.get("keyboard", []))

    def opens(self, message: Message) -> bytes:
        """Return the file of a message; of a photo, the largest size.

        Raises:
            LookupError: it has none.
        """
        file = message.wire[message.media]
        file = file[-1] if isinstance(file, list) else file
        return self.account.files.content(file["file_id"])

    def listen(self, listener: Callable[[], None]) -> None:
        """Call somebody after each change of this chat."""
        self.chat.listeners.append(listener)

    async def sees_text(self, words: str, within: float = PATIENCE) -> Message:
        """Return the newest message of the bot that has some words, once it is there.

        Raises:
            TimeoutError: it was not there within so many real seconds.
        """
        await self.account.changes.until(lambda: self.with_text(words), within)
        return self.with_text(words)[-1]

    def with_text(self, words: str) -> Sequence[Message]:
        """Return the messages of the bot that have some words, oldest first."""
        return [one for one in self.sees if one.is_from_bot and words in one.text]


class How(TypedDict, total=False):
    """How a message is sent.

    Attributes:
        caption: plain text below a file.
        reply_to: the message it answers.
        thread: the topic it is written in; that of ``reply_to`` by default.
        where: a group instead of the private chat.
    """

    caption: str
    reply_to: Message | None
    thread: int
    where: Talk


class Person(Talk):
    """Somebody with a phone, and their private chat with the bot.

    Args:
        account: the bot's.
        chat: their private chat.
        wire: the user as the Bot API tells it.
        phone: their number, as Telegram has it.

    Attributes:
        presses_made: every button pressed, and what was answered, in order.
    """

    def __init__(self, account: Account, chat: Chat, wire: Wire, phone: str) -> None:
        super().__init__(account, chat)
        self.wire = wire
        self.phone = phone
        self.presses_made: list[Press] = []
        self._reactions: dict[tuple[int, int], list[Wire]] = {}

    @property
    def id(self) -> int:
        """Their number, and that of their private chat."""
        return int(self.wire["id"])

    @property
    def commands(self) -> dict[str, str]:
        """What their phone offers after a slash, with what it does.

        Source: core.telegram.org/bots/api#determining-list-of-commands
        """
        language = str(self.wire.get("language_code", ""))[:2]
        for scope, chat in (
            ("chat", str(self.id)),
            ("all_private_chats", ""),
            ("default", ""),
        ):
            for spoken in (language, ""):
                key = ("commands", scope, chat, "", spoken)
                if listed := self.account.profile.get(key):
                    return {each["command"]: each["description"] for each in listed}
        return {}

    # --- writing ---

    def start(self, payload: str = "") -> Message:
        """Open the bot, by its name or by a link with a payload.

        Raises:
            ValueError: no link can carry such a payload.
        """
        if not _PAYLOAD.fullmatch(payload):
            raise ValueError(f"{payload!r} cannot stand in a link")
        if self.chat.door == "blocked":
            self.unblocks()
        return self.says(f"/start {payload}".rstrip())

    def says(self, text: str, **how: Unpack[How]) -> Message:
        """Write text; a long one leaves in parts, of which the last is returned."""
        starts = range(0, max(len(text), 1), LONGEST_PART)
        *before, last = [text[at : at + LONGEST_PART] for at in starts]
        for part in before:
            self.sends({"text": part}, **how)
        return self.sends({"text": last}, **how)

    def sends(self, content: Wire, **how: Unpack[How]) -> Message:
        """Write a message of any kind, such as ``{"sticker": …}``.

        Args:
            content: its fields.
            how: see ``How``.
        """
        chat = how.get("where", self).chat
        if chat.door == "unstarted":
            chat.door = "open"
        fields = dict(content)
        if caption := how.get("caption"):
            fields["caption"] = caption
        thread = how.get("thread")
        if reply_to := how.get("reply_to"):
            fields["reply_to_message"] = quoted(reply_to)
            thread = thread or reply_to.wire.get("message_thread_id")
        if thread:
            fields |= {"message_thread_id": thread, "is_topic_message": True}
        fields |= _found("text" if "text" in fields else "caption", fields)
        source = as_html(fields.get("text") or fields.get("caption") or "")
        message = self.account.post(chat, self.wire, fields, source)
        self.account.updates.put("message", message.wire)
        return message

    def sends_photo(self, content: bytes, **how: Unpack[How]) -> Message:
        """Send one photo."""
        return self.sends(self.account.files.add("photo", content), **how)

    def sends_album(
        self, photos: Sequence[bytes], *, album: str = "", **how: Unpack[How]
    ) -> tuple[Message, ...]:
        """Send photos as one album, the caption below the first.

        Args:
            photos: their octets.
            album: the ``media_group_id``, to add a late item.
            how: see ``How``.
        """
        name = {"media_group_id": album or str(self.account.next_album())}
        sent: list[Message] = []
        for photo in photos:
            fields = self.account.files.add("photo", photo) | name
            sent.append(self.sends(fields, **how))
            how["caption"] = ""
        return tuple(sent)

    def sends_document(
        self,
        content: bytes,
        name: str,
        *,
        claims: int | None = None,
        hides_size: bool = False,
        **how: Unpack[How],
    ) -> Message:
        """Send a file as it is; see ``Files.add`` for sizes that are not true."""
        fields = self.account.files.add(
            "document", content, name, claims=claims, hides_size=hides_size
        )
        return self.sends(fields, **how)

    def sends_voice(
        self, content: bytes, seconds: int = 3, **how: Unpack[How]
    ) -> Message:
        """Send a voice note."""
        about = {"duration": seconds}
        return self.sends(self.account.files.add("voice", content, about=about), **how)

    def sends_video(
        self, content: bytes, name: str = "video.mp4", **how: Unpack[How]
    ) -> Message:
        """Send a video."""
        about = {"duration": 5, "width": 640, "height": 480}
        fields = self.account.files.add("video", content, name, about=about)
        return self.sends(fields, **how)

    def sends_location(
        self,
        latitude: float,
        longitude: float,
        *,
        live: bool = False,
        **how: Unpack[How],
    ) -> Message:
        """Send a place, or begin to send where one is."""
        place: Wire = {"latitude": latitude, "longitude": longitude}
        if live:
            place["live_period"] = _LIVE_FOR
        return self.sends({"location": place}, **how)

    def moves(self, message: Message, latitude: float, longitude: float) -> Message:
        """Be elsewhere while a live location is sent."""
        place = {"latitude": latitude, "longitude": longitude}
        return self._changes(message, {"location": message.wire["location"] | place})

    def sends_venue(
        self,
        latitude: float,
        longitude: float,
        title: str,
        address: str,
        **how: Unpack[How],
    ) -> Message:
        """Send a place that has a name."""
        place = {"latitude": latitude, "longitude": longitude}
        venue = {"location": place, "title": title, "address": address}
        return self.sends({"venue": venue, "location": place}, **how)

    def shares_contact(
        self,
        *,
        own: bool = True,
        phone: str = "",
        user_id: int | None = None,
        **how: Unpack[How],
    ) -> Message:
        """Send one's own card, or somebody else's.

        Args:
            own: whether it is one's own.
            phone: another number.
            user_id: whose, when Telegram knows.
            how: see ``How``.
        """
        card: Wire = {"phone_number": phone or self.phone, "first_name": "Alex"}
        if own:
            card |= {"first_name": self.wire["first_name"], "user_id": self.id}
        elif user_id is not None:
            card["user_id"] = user_id
        return self.sends({"contact": card}, **how)

    # --- changing ---

    def edits(self, message: Message, text: str) -> Message:
        """Change what one wrote: the text, or the caption of a file."""
        name = "text" if "text" in message.wire else "caption"
        return self._changes(message, {name: text})

    def deletes(self, message: Message) -> None:
        """Take a message away, one's own or the bot's; the bot is not told."""
        chat = self.account.chats[message.wire["chat"]["id"]]
        chat.messages.pop(message.id, None)
        self.account.changes.tell(chat)

    def reacts(self, message: Message, emoji: str) -> None:
        """Put an emoji to a message; none takes it away."""
        key = (message.wire["chat"]["id"], message.id)
        before = self._reactions.get(key, [])
        after = [{"type": "emoji", "emoji": emoji}] if emoji else []
        self._reactions[key] = after
        update = {
            "chat": message.wire["chat"],
            "message_id": message.id,
            "user": self.wire,
            "date": self.account.seconds(),
            "old_reaction": before,
            "new_reaction": after,
        }
        self.account.updates.put("message_reaction", update)

    def blocks(self) -> None:
        """Let the bot write no more."""
        self.chat.door = "blocked"
        self._tells_membership("member", "kicked")

    def unblocks(self) -> None:
        """Let the bot write again."""
        self.chat.door = "open"
        self._tells_membership("kicked", "member")

    # --- pressing ---

    def presses(
        self,
        button: str,
        message: Message | None = None,
        *,
        where: Talk | None = None,
    ) -> Press:
        """Press a button below a message.

        Args:
            button: its label or its data.
            message: as it was when it was looked at, which may be a while ago; the
                newest that has such a button by default.
            where: a group.

        Raises:
            LookupError: no such button is there, or it opens a page.
        """
        talk = where or self
        looked_at = [message] if message else reversed(talk.sees)
        labels = []
        for one in looked_at:
            for each in (each for row in one.buttons for each in row):
                labels.append(each.label)
                if each.data and button in {each.label, each.data}:
                    return self.forges(each.data, one)
        raise LookupError(f"no button {button!r} to press among {labels}")

    def taps(self, label: str) -> Message:
        """Tap a button of the keyboard the bot put: it writes, or shares a number.

        Raises:
            LookupError: no such button is there.
        """
        for button in (each for row in self.keyboard for each in row):
            if button.label == label:
                if self.chat.keyboard.get("one_time_keyboard"):
                    self.chat.keyboard = {}
                if button.wire.get("request_contact"):
                    return self.shares_contact()
                return self.says(label)
        raise LookupError(f"no button {label!r} on the keyboard")

    def forges(self, data: str, message: Message) -> Press:
        """Send any data as if a button below a message had it."""
        account = self.account
        chat = account.chats[message.wire["chat"]["id"]]
        number = str(self.id * 1_000_000 + len(account.presses) + 1)
        press = Press(number, chat, account.clock.now(), account.changes)
        account.presses[number] = press
        self.presses_made.append(press)
        stands = chat.messages.get(message.id)
        inaccessible = {"chat": chat.wire, "message_id": message.id, "date": 0}
        query = {
            "id": number,
            "from": self.wire,
            "message": stands.wire if stands else inaccessible,
            "chat_instance": account.chat_instance(chat),
            "data": data,
        }
        account.updates.put("callback_query", query)
        account.changes.tell(chat)
        return press

    # --- inside ---

    def _changes(self, message: Message, fields: Wire) -> Message:
        chat = self.account.chats[message.wire["chat"]["id"]]
        gone = {"entities", "caption_entities"} if "location" not in fields else ()
        wire = {k: v for k, v in message.wire.items() if k not in gone}
        wire |= fields | {"edit_date": self.account.seconds()}
        name = "text" if "text" in wire else "caption"
        wire |= _found(name, wire)
        source = as_html(wire.get(name, ""))
        edited = chat.keep(replace(message, wire=wire, html=source))
        self.account.updates.put("edited_message", wire)
        self.account.changes.tell(chat)
        return edited

    def _tells_membership(self, before: str, after: str) -> None:
        change = membership(self.account, self.chat, self.wire, before, after)
        self.account.updates.put("my_chat_member", change)
        self.account.changes.tell(self.chat)


class Group(Talk):
    """A chat of several, in which the bot is.

    Args:
        account: the bot's.
        chat: the chat.
    """

    def migrates(self) -> Group:
        """Become a supergroup, with another number; return the chat it is now."""
        old, account = self.chat, self.account
        number = -1_000_000_000_000 + old.id
        wire = old.wire | {"id": number, "type": "supergroup"}
        new = account.chats[number] = Chat(wire)
        old.moved_to = number
        author = account.me
        for chat, field, other in (
            (old, "migrate_to_chat_id", number),
            (new, "migrate_from_chat_id", old.id),
        ):
            message = account.post(chat, author, {field: other})
            account.updates.put("message", message.wire)
        return Group(account, new)

    def throws_out(self, by: Person) -> None:
        """Remove the bot."""
        self.chat.door = "left"
        self.account.updates.put(
            "my_chat_member",
            membership(self.account, self.chat, by.wire, "member", "kicked"),
        )


def _found(name: str, fields: Wire) -> Wire:
    entities = found_in(fields.get(name, ""))
    prefix = "" if name == "text" else "caption_"
    return {f"{prefix}entities": entities} if entities else {}


def membership(account: Account, chat: Chat, by: Wire, before: str, after: str) -> Wire:
    """Return what a bot is told when its place in a chat changes."""

    def member(status: str) -> Wire:
        until: Wire = {"until_date": 0} if status == "kicked" else {}
        return {"user": account.me, "status": status} | until

    return {
        "chat": chat.wire,
        "from": by,
        "date": account.seconds(),
        "old_chat_member": member(before),
        "new_chat_member": member(after),
    }
