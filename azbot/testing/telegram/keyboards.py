"""Buttons below a message or in place of the keyboard, checked as Telegram does."""

from __future__ import annotations

from typing import Any

from azbot.testing.telegram.refusals import Refusal, Wire, bad_request
from azbot.testing.telegram.wire import Call

LONGEST_DATA = 64
"""Octets of callback_data, at least one."""
MOST_BUTTONS = 100

_ACTIONS = ("url", "callback_data", "web_app", "copy_text", "switch_inline_query")


def keyboard_of(call: Call, *, is_private: bool) -> Wire:
    """Return the reply markup of a call, empty for none.

    Raises:
        Refusal: Telegram would not take it.
    """
    markup: Wire = call.json("reply_markup", dict)
    if not markup:
        return {}
    if "inline_keyboard" in markup:
        buttons = _rows(markup["inline_keyboard"], "inline_keyboard")
        for button in buttons:
            _check_inline(button)
        # An empty one is how a keyboard is removed.
        return markup if buttons else {}
    if "keyboard" in markup:
        for button in _rows(markup["keyboard"], "keyboard"):
            _check_reply(button, is_private=is_private)
        return markup
    if markup.get("remove_keyboard") or markup.get("force_reply"):
        return markup
    raise bad_request("object expected as reply markup")


def is_inline(markup: Wire) -> bool:
    """Tell whether buttons hang below their message."""
    return "inline_keyboard" in markup


def _rows(rows: Any, name: str) -> list[Any]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request(f'field "{name}" must be an Array of Arrays')
    buttons = [button for row in rows for button in row]
    if len(buttons) > MOST_BUTTONS:
        raise bad_request("reply markup is too long")
    return buttons


def _check_inline(button: Any) -> None:
    if not isinstance(button, dict) or not button.get("text"):
        raise _unreadable("inline keyboard", 'Field "text" must be of type String')
    actions = [name for name in _ACTIONS if button.get(name)]
    if not actions:
        words = "Text buttons are unallowed in the inline keyboard"
        raise _unreadable("inline keyboard", words)
    if len(actions) > 1:
        raise bad_request("BUTTON_TYPE_INVALID")
    data = button.get("callback_data", "")
    if len(data.encode()) > LONGEST_DATA:
        raise bad_request("BUTTON_DATA_INVALID")
    url = button.get("url", "https://")
    if not url.startswith(("https://", "http://", "tg://", "mailto:", "tel:")):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid")
    app = button.get("web_app", {}).get("url", "https://")
    if not app.startswith("https://"):
        raise bad_request(
            f"inline keyboard button Web App URL '{app}' is invalid: "
            "Only HTTPS links are allowed"
        )


def _check_reply(button: Any, *, is_private: bool) -> None:
    if isinstance(button, str):
        return
    if not isinstance(button, dict) or not button.get("text"):
        raise _unreadable("keyboard", 'Field "text" must be of type String')
    if button.get("request_contact") and not is_private:
        raise bad_request("phone number can be requested in private chats only")
    if button.get("request_location") and not is_private:
        raise bad_request("location can be requested in private chats only")


def _unreadable(where: str, words: str) -> Refusal:
    return bad_request(f"can't parse {where} button: {words}")
