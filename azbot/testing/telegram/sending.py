"""The methods that write into a chat."""

from __future__ import annotations

from azbot.testing.telegram.account import Account, caption_of, text_of
from azbot.testing.telegram.entities import utf16_length
from azbot.testing.telegram.refusals import Wire, bad_request
from azbot.testing.telegram.wire import Call

_ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}
_FRAME = {
    "message_id",
    "from",
    "chat",
    "date",
    "edit_date",
    "reply_markup",
    "reply_to_message",
    "media_group_id",
    "message_thread_id",
    "is_topic_message",
}
"""What a copy does not take over."""
_LONGEST_DRAFT = 4096
_LIVE_FROM, _LIVE_UNTIL, _LIVE_FOREVER = 60, 86_400, 0x7FFFFFFF


def send_message(account: Account, call: Call) -> Wire:
    """Write text."""
    found = text_of(call)
    return account.send(call, found.named("text", "entities"), found.html)


def send_location(account: Account, call: Call) -> Wire:
    """Write a place."""
    return account.send(call, {"location": _place(call)})


def send_venue(account: Account, call: Call) -> Wire:
    """Write a place that has a name."""
    title, address = call.text("title"), call.text("address")
    if not title or not address:
        raise bad_request(f"{'address' if title else 'title'} is empty")
    place = _place(call)
    venue = {"location": place, "title": title, "address": address}
    return account.send(call, {"venue": venue, "location": place})


def send_contact(account: Account, call: Call) -> Wire:
    """Write somebody's card."""
    fields = ("phone_number", "first_name", "last_name", "vcard")
    contact = {name: call.text(name) for name in fields if call.text(name)}
    if "phone_number" not in contact:
        raise bad_request("phone_number is empty")
    if "first_name" not in contact:
        raise bad_request("first_name is empty")
    return account.send(call, {"contact": contact})


def send_chat_action(account: Account, call: Call) -> bool:
    """Show what the bot is doing, until it writes."""
    chat = account.writable(call)
    if call.text("action") not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat.action = call.text("action")
    account.changes.tell(chat)
    return True


def send_message_draft(account: Account, call: Call) -> bool:
    """Show a text that is being written, until it is sent."""
    chat = account.writable(call)
    if not chat.is_private:
        raise bad_request("PEER_ID_INVALID")
    if not call.number("draft_id"):
        raise bad_request("draft_id must be non-zero")
    if utf16_length(call.text("text")) > _LONGEST_DRAFT:
        raise bad_request("message is too long")
    chat.draft = call.text("text")
    account.changes.tell(chat)
    return True


def copy_message(account: Account, call: Call) -> Wire:
    """Write a message once more, as the bot's own."""
    before = account.chat(call, "from_chat_id").found(
        call.number("message_id"), "to copy"
    )
    content = {k: v for k, v in before.wire.items() if k not in _FRAME}
    source = before.html
    if "caption" in call.parameters:
        found = caption_of(call)
        content = {k: v for k, v in content.items() if not k.startswith("caption")}
        content |= found.named("caption", "caption_entities")
        source = found.html
    return {"message_id": account.send(call, content, source)["message_id"]}


def _place(call: Call) -> Wire:
    place: Wire = {
        "latitude": call.degrees("latitude", 90),
        "longitude": call.degrees("longitude", 180),
    }
    if live := call.number("live_period"):
        if not (_LIVE_FROM <= live <= _LIVE_UNTIL or live == _LIVE_FOREVER):
            raise bad_request("wrong live location period specified")
        place["live_period"] = live
    return place


METHODS = {
    "sendmessage": send_message,
    "sendlocation": send_location,
    "sendvenue": send_venue,
    "sendcontact": send_contact,
    "sendchataction": send_chat_action,
    "sendmessagedraft": send_message_draft,
    "copymessage": copy_message,
}
