"""The methods that change what is in a chat, and answer a press."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from azbot.testing.telegram.account import (
    Account,
    Answer,
    Styled,
    caption_of,
    text_of,
)
from azbot.testing.telegram.chats import Chat, Message
from azbot.testing.telegram.entities import utf16_length
from azbot.testing.telegram.keyboards import is_inline, keyboard_of
from azbot.testing.telegram.refusals import Wire, bad_request
from azbot.testing.telegram.wire import Call

DELETABLE_FOR = timedelta(hours=48)
LONGEST_ANSWER = 200
MOST_DELETED = 100
_EMOJI = (
    "👍 👎 ❤ 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 "
    "🤡 🥱 🥴 😍 🐳 ❤️‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 "
    "🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ "
    "💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂️ 🤷 🤷‍♀️ 😡"
)
REACTIONS = frozenset(_EMOJI.split())
_SAME = (
    "message is not modified: specified new message content and reply markup are "
    "exactly the same as a current content and reply markup of the message"
)


def edit_message_text(account: Account, call: Call) -> Wire:
    """Write another text in place of one."""
    chat, message = _own(account, call)
    found = text_of(call)
    if "text" not in message.wire:
        raise bad_request("there is no text in the message to edit")
    return _edited(account, call, chat, message, found, ("text", "entities"))


def edit_message_caption(account: Account, call: Call) -> Wire:
    """Write another caption below a file."""
    chat, message = _own(account, call)
    found = caption_of(call)
    if message.media in {"", "location", "venue", "contact"}:
        raise bad_request("there is no caption in the message to edit")
    names = ("caption", "caption_entities")
    return _edited(account, call, chat, message, found, names)


def edit_message_reply_markup(account: Account, call: Call) -> Wire:
    """Put other buttons below a message, or none."""
    chat, message = _own(account, call)
    return _edited(account, call, chat, message, None, ())


def delete_message(account: Account, call: Call) -> bool:
    """Take a message away."""
    chat = account.chat(call)
    message = chat.found(call.number("message_id"), "to delete")
    if account.seconds() - message.wire["date"] > DELETABLE_FOR.total_seconds():
        raise bad_request("message can't be deleted for everyone")
    if not (message.is_from_bot or chat.is_private):
        raise bad_request("message can't be deleted")
    del chat.messages[message.id]
    account.changes.tell(chat)
    return True


def delete_messages(account: Account, call: Call) -> bool:
    """Take several messages away; those that are not there are passed over."""
    chat = account.chat(call)
    numbers = call.json("message_ids", list)
    if not numbers:
        raise bad_request("message identifiers are not specified")
    if len(numbers) > MOST_DELETED:
        raise bad_request("too many message identifiers specified")
    for number in numbers:
        chat.messages.pop(int(number), None)
    account.changes.tell(chat)
    return True


def pin_chat_message(account: Account, call: Call) -> bool:
    """Keep a message at the top."""
    chat = account.writable(call)
    message = chat.found(call.number("message_id"), "to pin")
    if message.id not in chat.pinned:
        chat.pinned.append(message.id)
    account.changes.tell(chat)
    return True


def set_message_reaction(account: Account, call: Call) -> bool:
    """Put the bot's one emoji to a message, or take it away."""
    chat = account.writable(call)
    message = chat.found(call.number("message_id"), "to react")
    wanted = call.json("reaction", list)
    if len(wanted) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    emoji = wanted[0].get("emoji", "") if wanted else ""
    if wanted and emoji not in REACTIONS:
        raise bad_request("REACTION_INVALID")
    chat.keep(replace(message, reaction=emoji))
    account.changes.tell(chat)
    return True


def answer_callback_query(account: Account, call: Call) -> bool:
    """End the spinner of a press, with words or without."""
    press = account.presses.get(call.text("callback_query_id"))
    is_late = press and account.clock.now() - press.at > account.press_lives_for
    if press is None or press.answer or is_late:
        raise bad_request(
            "query is too old and response timeout expired or query ID is invalid"
        )
    text = call.text("text")
    if utf16_length(text) > LONGEST_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    press.answer = Answer(text, call.flag("show_alert"))
    account.changes.tell(press.chat)
    return True


def _own(account: Account, call: Call) -> tuple[Chat, Message]:
    chat = account.writable(call)
    message = chat.found(call.number("message_id"), "to edit")
    if not message.is_from_bot or message.is_fixed:
        raise bad_request("message can't be edited")
    return chat, message


def _edited(
    account: Account,
    call: Call,
    chat: Chat,
    message: Message,
    found: Styled | None,
    names: tuple[str, ...],
) -> Wire:
    """Replace text and buttons; what is not given of the buttons goes."""
    markup = keyboard_of(call, is_private=chat.is_private)
    if markup and not is_inline(markup):
        raise bad_request("inline keyboard expected")
    gone = {"edit_date", "reply_markup", *names}
    wire = {k: v for k, v in message.wire.items() if k not in gone}
    if found:
        wire |= found.named(*names)
    if markup:
        wire["reply_markup"] = markup
    if wire == {k: v for k, v in message.wire.items() if k != "edit_date"}:
        raise bad_request(_SAME)
    wire["edit_date"] = account.seconds()
    html = found.html if found else message.html
    edited = chat.keep(replace(message, wire=wire, html=html))
    account.changes.tell(chat)
    return edited.wire


METHODS = {
    "editmessagetext": edit_message_text,
    "editmessagecaption": edit_message_caption,
    "editmessagereplymarkup": edit_message_reply_markup,
    "deletemessage": delete_message,
    "deletemessages": delete_messages,
    "pinchatmessage": pin_chat_message,
    "setmessagereaction": set_message_reaction,
    "answercallbackquery": answer_callback_query,
}
