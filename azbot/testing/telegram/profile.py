"""The methods about the bot itself and about chats as a whole."""

from __future__ import annotations

import re
from typing import Any

from azbot.testing.telegram.account import Account
from azbot.testing.telegram.entities import utf16_length
from azbot.testing.telegram.refusals import Wire, bad_request
from azbot.testing.telegram.wire import Call

MOST_COMMANDS = 100
LONGEST_DESCRIPTION = 512
LONGEST_SHORT_DESCRIPTION = 120
LONGEST_TOPIC = 128

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"(?:[a-z]{2})?")
_OF_A_CHAT = {"chat", "chat_administrators", "chat_member"}
_SCOPES = {
    "default",
    "all_private_chats",
    "all_group_chats",
    "all_chat_administrators",
    *_OF_A_CHAT,
}
_GIFTS = (
    "unlimited_gifts",
    "limited_gifts",
    "unique_gifts",
    "premium_subscription",
    "gifts_from_channels",
)
_TOPIC_COLOUR = 0x6FB9F0


def get_me(account: Account, _: Call) -> Wire:
    """Say who the bot is."""
    return account.me | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": account.has_topics,
    }


def get_chat(account: Account, call: Call) -> Wire:
    """Say what a chat is."""
    chat = account.chat(call)
    full: Wire = chat.wire | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(_GIFTS, False),
    }
    if chat.pinned and chat.pinned[-1] in chat.messages:
        full["pinned_message"] = chat.messages[chat.pinned[-1]].wire
    return full


def leave_chat(account: Account, call: Call) -> bool:
    """Go out of a group."""
    chat = account.writable(call)
    if chat.is_private:
        raise bad_request("chat member status can't be changed in private chats")
    chat.door = "left"
    account.changes.tell(chat)
    return True


def create_forum_topic(account: Account, call: Call) -> Wire:
    """Open a thread of its own inside a chat."""
    chat = account.writable(call)
    has_topics = account.has_topics if chat.is_private else chat.wire.get("is_forum")
    if not has_topics:
        raise bad_request("the chat is not a forum")
    name = call.text("name").strip()
    if not 1 <= len(name) <= LONGEST_TOPIC:
        raise bad_request("TOPIC_TITLE_EMPTY" if not name else "TOPIC_TITLE_TOO_LONG")
    thread = chat.next_id()
    chat.topics[thread] = name
    account.changes.tell(chat)
    return {"message_thread_id": thread, "name": name, "icon_color": _TOPIC_COLOUR}


def set_my_commands(account: Account, call: Call) -> bool:
    """List what may be typed after a slash."""
    commands = call.json("commands", list)
    if len(commands) > MOST_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for each in commands:
        if not _COMMAND.fullmatch(each.get("command", "").removeprefix("/")):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= utf16_length(each.get("description", "")) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    account.profile[_menu(account, call)] = commands
    account.changes.tell()
    return True


def get_my_commands(account: Account, call: Call) -> list[Wire]:
    """Say what may be typed after a slash, in this very scope and language."""
    found: list[Wire] = account.profile.get(_menu(account, call), [])
    return found


def delete_my_commands(account: Account, call: Call) -> bool:
    """List nothing."""
    account.profile.pop(_menu(account, call), None)
    account.changes.tell()
    return True


def set_my_description(account: Account, call: Call) -> bool:
    """Say what the bot is for, where nothing has been said yet."""
    return _describe(account, call, "description", LONGEST_DESCRIPTION)


def set_my_short_description(account: Account, call: Call) -> bool:
    """Say what the bot is for, on its profile."""
    return _describe(account, call, "short_description", LONGEST_SHORT_DESCRIPTION)


def get_my_description(account: Account, call: Call) -> Wire:
    """Return what was said by ``set_my_description``."""
    return _description(account, call, "description")


def get_my_short_description(account: Account, call: Call) -> Wire:
    """Return what was said by ``set_my_short_description``."""
    return _description(account, call, "short_description")


def set_chat_menu_button(account: Account, call: Call) -> bool:
    """Choose the button beside the field for text."""
    chat_id = account.chat(call).id if call.text("chat_id") else 0
    button = call.json("menu_button", dict) or {"type": "default"}
    if button.get("type") not in {"commands", "web_app", "default"}:
        raise bad_request("can't parse menu button: MenuButton has unsupported type")
    account.profile["menu_button", str(chat_id)] = button
    account.changes.tell()
    return True


def _menu(account: Account, call: Call) -> tuple[str, ...]:
    scope: dict[str, Any] = call.json("scope", dict) or {"type": "default"}
    kind, chat_id = scope.get("type"), scope.get("chat_id", "")
    if kind not in _SCOPES:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    if kind in _OF_A_CHAT and int(chat_id or 0) not in account.chats:
        raise bad_request("chat not found")
    member = str(scope.get("user_id", ""))
    return ("commands", kind, str(chat_id), member, _language(call))


def _describe(account: Account, call: Call, name: str, most: int) -> bool:
    if utf16_length(call.text(name)) > most:
        raise bad_request(f"{name.replace('_', ' ')} is too long")
    account.profile[name, _language(call)] = call.text(name)
    return True


def _description(account: Account, call: Call, name: str) -> Wire:
    default = account.profile.get((name, ""), "")
    return {name: account.profile.get((name, _language(call)), default)}


def _language(call: Call) -> str:
    language = call.text("language_code")
    if not _LANGUAGE.fullmatch(language):
        raise bad_request("invalid language code specified")
    return language


METHODS = {
    "getme": get_me,
    "getchat": get_chat,
    "leavechat": leave_chat,
    "createforumtopic": create_forum_topic,
    "setmycommands": set_my_commands,
    "getmycommands": get_my_commands,
    "deletemycommands": delete_my_commands,
    "setmydescription": set_my_description,
    "setmyshortdescription": set_my_short_description,
    "getmydescription": get_my_description,
    "getmyshortdescription": get_my_short_description,
    "setchatmenubutton": set_chat_menu_button,
}
