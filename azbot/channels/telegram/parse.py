"""What an update says: any octets give an ``Inbound`` or a reason, and never raise.

The library reads the JSON; what it cannot read, or what has another shape than it
promises, is set aside for a person, and the chat goes on (telegram.md §1).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from telegram import (
    CallbackQuery,
    Chat,
    ChatMember,
    ChatMemberUpdated,
    Contact,
    Message,
    MessageEntity,
    MessageOriginChannel,
    MessageOriginChat,
    MessageOriginHiddenUser,
    MessageOriginUser,
    MessageReactionUpdated,
    Update,
    User,
)
from telegram.ext.filters import StatusUpdate

from azbot.channels.telegram.names import (
    NAME,
    address_of,
    message_name,
)
from azbot.messages import (
    Address,
    Inbound,
    RawMessage,
    Reason,
    RemoteFile,
    Spot,
    Tap,
    Turn,
    TurnKind,
    Unparseable,
    clean_name,
    clean_text,
    whole,
)

_ODD = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What comes of JSON with another shape than the library expects."""

_COMMAND = re.compile(
    r"/([A-Za-z0-9_]{1,64})(?:@[A-Za-z0-9_]{1,64})?(?:\s+(.*))?", re.DOTALL
)
_FILES = (
    # An animation is told as a document too, a photo that moves as a photo too.
    "animation",
    "live_photo",
    "video",
    "video_note",
    "voice",
    "audio",
    "document",
)
_UNUSABLE = (
    "sticker",
    "poll",
    "dice",
    "game",
    "story",
    "checklist",
    "invoice",
    "paid_media",
    "giveaway",
    "giveaway_winners",
)
_GONE = frozenset({ChatMember.BANNED, ChatMember.LEFT})
_MOST_DETAIL = 200


def parse(raw: RawMessage) -> Inbound | Unparseable:
    """Say what an update means, whatever it is."""
    try:
        facts = json.loads(raw.content)
        if not isinstance(facts, dict):
            raise TypeError("an update is an object")
        return _inbound(facts)
    except _ODD as error:
        return Unparseable(Reason.UNPARSEABLE, repr(error)[:_MOST_DETAIL])


def _inbound(facts: dict[str, Any]) -> Inbound:
    # Nearly all there is: the library need not look for the twenty other kinds.
    if facts.get("message"):
        return _message(Message.de_json(facts["message"], None))
    if facts.get("edited_message"):
        return _edited(Message.de_json(facts["edited_message"], None))
    update = Update.de_json(facts, None)
    if update.callback_query:
        return _tap(update.callback_query)
    if update.my_chat_member:
        return _membership(update.my_chat_member, update.update_id)
    if update.message_reaction:
        return _reaction(update.message_reaction, update.update_id)
    # What was on its way before we said what we want; nobody waits for an answer.
    chat = update.effective_chat
    where = _id(chat.id) if chat else ""
    turn = Turn(TurnKind.OTHER, "", where, is_private=False, what="unasked")
    return Inbound(NAME, message_name(where, f"u{update.update_id}"), None, turn=turn)


# --- messages ---------------------------------------------------------------------


def _message(message: Message) -> Inbound:
    said = _said(message)
    turn, text = _turn(said), said.text
    if turn.kind is TurnKind.SAID and not turn.forwarded_from and message.text:
        match = _COMMAND.fullmatch(text)
        if match:
            turn = replace(turn, command=match[1].lower())
            return replace(said, text=(match[2] or "").strip(), turn=turn)
    return said


def _edited(message: Message) -> Inbound:
    """Say all of a message anew; a place that moves stays where it was first."""
    said = _said(message)
    turn = _turn(said)
    if turn.spot is not None:
        turn = replace(turn, kind=TurnKind.OTHER, what="moved", spot=None)
    elif turn.kind is TurnKind.SAID:
        turn = replace(turn, kind=TurnKind.EDITED)
    else:
        # A poll that is voted in changes too; what it is was said once.
        turn = replace(turn, what="service")
    return replace(said, sent_at=message.edit_date or said.sent_at, turn=turn)


def _said(message: Message) -> Inbound:
    """Return everything a message has, its command still in the text."""
    turn = _frame(TurnKind.SAID, message.chat, message.from_user)
    origin = _origin(message)
    text = _words(message)
    spot = _spot(message)
    turn = replace(
        turn,
        album=_string(message.media_group_id),
        files=_files(message),
        forwarded_from=origin,
        spot=None if origin else spot,
        moved_to=_id(message.migrate_to_chat_id) if message.migrate_to_chat_id else "",
    )
    if origin:
        # Somebody else's words: no place or number of who passes them on.
        text = "\n".join(filter(None, (text, _place(spot), _card(message.contact))))
    else:
        turn = _with_contact(turn, message)
    if not (text or turn.files or turn.spot or turn.phone):
        turn = replace(turn, kind=TurnKind.OTHER, what=_what(message))
    return Inbound(
        NAME,
        message_name(turn.chat, _id(message.message_id)),
        _sender(message.from_user),
        references=_references(message),
        text=text,
        sent_at=_instant(message.date),
        is_forward=bool(origin),
        turn=turn,
    )


def _words(message: Message) -> str:
    """Return text or caption, with the addresses that stand behind its words."""
    text = _string(message.text) or _string(message.caption)
    entities = message.entities or message.caption_entities
    return clean_text(_with_links(text, entities))


def _with_links(text: str, entities: Sequence[MessageEntity]) -> str:
    """Write addresses behind the words that hide them; offsets are UTF-16 units."""
    links = [one for one in entities if one.type == MessageEntity.TEXT_LINK and one.url]
    if not links:
        return text
    units = text.encode("utf-16-le", "surrogatepass")
    for link in sorted(links, key=lambda one: one.offset, reverse=True):
        end = 2 * (link.offset + link.length)
        shown = units[2 * link.offset : end].decode("utf-16-le", "replace")
        if shown.rstrip("/") != _string(link.url).rstrip("/"):
            units = units[:end] + f" ({link.url})".encode("utf-16-le") + units[end:]
    return units.decode("utf-16-le", "surrogatepass")


def _files(message: Message) -> tuple[RemoteFile, ...]:
    for kind in _FILES:
        file = getattr(message, kind)
        if file:
            name = getattr(file, "file_name", None) or getattr(file, "title", None)
            media_type = getattr(file, "mime_type", None)
            told = _file(kind, file.file_id, file.file_size, name, media_type)
            # As an attribute it is a number or a duration, by the library's own plans.
            seconds = file.to_dict().get("duration")
            return (replace(told, seconds=seconds and int(_id(seconds))),)
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        file_id, octets = largest.file_id, largest.file_size
        return (_file("photo", file_id, octets, None, "image/jpeg"),)
    return ()


def _file(
    kind: str, key: str, size: int | None, name: str | None, media_type: str | None
) -> RemoteFile:
    if not key:
        raise ValueError(f"a {kind} without an id")
    return RemoteFile(
        id=_string(key),
        name=_string(name),
        media_type=_string(media_type),
        size=None if size is None else int(_id(size)),
        kind=kind,
    )


def _spot(message: Message) -> Spot | None:
    venue = message.venue
    location = venue.location if venue else message.location
    if location is None:
        return None
    accuracy = location.horizontal_accuracy
    return Spot(
        latitude=_degrees(location.latitude, 90),
        longitude=_degrees(location.longitude, 180),
        accuracy=None if accuracy is None else float(accuracy),
        title=clean_name(_string(venue.title)) if venue else "",
        address=clean_name(_string(venue.address)) if venue else "",
        is_live="live_period" in location.to_dict(),
    )


def _with_contact(turn: Turn, message: Message) -> Turn:
    """Add the card that was sent; anyone's can be, so whose it is decides."""
    contact, user = message.contact, message.from_user
    if contact is None:
        return turn
    return replace(
        turn,
        phone=_string(contact.phone_number),
        is_own_phone=user is not None and contact.user_id == user.id,
        contact=clean_name(contact.first_name, contact.last_name),
    )


def _place(spot: Spot | None) -> str:
    if spot is None:
        return ""
    where = f"{spot.latitude}, {spot.longitude}"
    return "\n".join(filter(None, (spot.title, spot.address, where)))


def _card(contact: Contact | None) -> str:
    if contact is None:
        return ""
    name = clean_name(contact.first_name, contact.last_name)
    return clean_text(f"{name} {_string(contact.phone_number)}".strip())


def _origin(message: Message) -> str:
    """Return whose words these were, empty when they are the writer's own."""
    match message.forward_origin:
        case None:
            return ""
        case MessageOriginUser(sender_user=user):
            name = clean_name(user.first_name, user.last_name)
        case MessageOriginHiddenUser(sender_user_name=shown):
            name = clean_name(shown)
        case MessageOriginChat(sender_chat=chat) | MessageOriginChannel(chat=chat):
            name = clean_name(chat.title)
        case _:
            name = ""
    return name or "?"


def _references(message: Message) -> tuple[str, ...]:
    answered = message.reply_to_message
    # In a chat with topics the message that opened one is answered by all in it.
    if answered is None or answered.message_id == message.message_thread_id:
        return ()
    return (message_name(_id(message.chat.id), _id(answered.message_id)),)


def _what(message: Message) -> str:
    if StatusUpdate.ALL.check_update(Update(0, message=message)):
        return "service"
    return next((kind for kind in _UNUSABLE if getattr(message, kind)), "unknown")


# --- presses, doors, reactions ----------------------------------------------------


def _tap(query: CallbackQuery) -> Inbound:
    message = query.message
    user = query.from_user
    turn = _frame(TurnKind.TAPPED, message.chat if message else None, user)
    name = message_name(turn.chat, _id(message.message_id)) if message else ""
    tap = Tap(_string(query.id), _string(query.data), name)
    return Inbound(
        NAME,
        message_name(turn.chat, f"tap.{tap.id}"),
        _sender(user),
        references=(name,) if name else (),
        turn=replace(turn, tap=tap),
    )


def _membership(change: ChatMemberUpdated, number: int) -> Inbound:
    """Read who may be written to; of a group nobody was."""
    is_gone = change.new_chat_member.status in _GONE
    kind = TurnKind.BLOCKED if is_gone else TurnKind.RETURNED
    turn = _frame(kind, change.chat, change.from_user)
    if not turn.is_private:
        what = "left" if is_gone else "joined"
        turn = replace(turn, kind=TurnKind.OTHER, what=what)
    return Inbound(
        NAME,
        message_name(turn.chat, f"u{number}"),
        _sender(change.from_user),
        sent_at=_instant(change.date),
        turn=turn,
    )


def _reaction(reaction: MessageReactionUpdated, number: int) -> Inbound:
    turn = _frame(TurnKind.OTHER, reaction.chat, reaction.user)
    return Inbound(
        NAME,
        message_name(turn.chat, f"u{number}"),
        _sender(reaction.user),
        references=(message_name(turn.chat, _id(reaction.message_id)),),
        sent_at=_instant(reaction.date),
        turn=replace(turn, what="reaction"),
    )


# --- what all have ----------------------------------------------------------------


def _frame(kind: TurnKind, chat: Chat | None, user: User | None) -> Turn:
    """Return who and where; without a chat it is the talk of two.

    Another bot is nobody: two that answer each other never end.
    """
    is_private = chat is None or chat.type == Chat.PRIVATE
    is_person = user is not None and not (user.is_bot and is_private)
    account = _id(user.id) if user and is_person else ""
    return Turn(
        kind=kind,
        account=account,
        chat=_id(chat.id) if chat else account,
        is_private=is_private,
        language=_string(user.language_code) if user else "",
    )


def _sender(user: User | None) -> Address | None:
    if user is None:
        return None
    return Address(
        address_of(_id(user.id)), clean_name(user.first_name, user.last_name)
    )


def _turn(inbound: Inbound) -> Turn:
    if inbound.turn is None:
        raise TypeError("not a turn of a talk")
    return inbound.turn


def _id(number: object) -> str:
    """Return a whole number as text; the library takes anything for one."""
    if type(number) is not int:
        raise TypeError(f"{type(number).__name__} is not a whole number")
    return str(number)


def _string(text: object) -> str:
    if text is None:
        return ""
    if not isinstance(text, str):
        raise TypeError(f"{type(text).__name__} is not text")
    return whole(text)


def _degrees(value: float, most: int) -> float:
    if not -most <= value <= most:
        raise ValueError("beyond the poles")
    return float(value)


def _instant(at: object) -> datetime | None:
    if at is None or isinstance(at, datetime):
        return at
    raise TypeError(f"{type(at).__name__} is not an instant")
