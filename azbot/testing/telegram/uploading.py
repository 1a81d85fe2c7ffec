"""The methods that write files into a chat, and the one that finds them again."""

from __future__ import annotations

from collections.abc import Callable

from azbot.testing.telegram.account import Account, Styled, caption_of
from azbot.testing.telegram.files import LARGEST_PHOTO, LARGEST_UPLOAD
from azbot.testing.telegram.refusals import Refusal, Wire, bad_request
from azbot.testing.telegram.wire import Call

FEWEST_ITEMS, MOST_ITEMS = 2, 10
"""Of an album."""

_ABOUT = {"video": ("duration", "width", "height"), "voice": ("duration",)}
_CAPTION = ("caption", "caption_entities")
_TOGETHER = ({"photo", "video"}, {"document"}, {"audio"})


def send_file(kind: str) -> Callable[[Account, Call], Wire]:
    """Return the method that writes a file of a kind."""

    def send(account: Account, call: Call) -> Wire:
        account.writable(call)
        caption = caption_of(call)
        about = {name: call.number(name) for name in _ABOUT.get(kind, ())}
        given = f"attach://{kind}" if kind in call.uploads else call.text(kind)
        fields = _field(account, call, kind, given, about)
        return account.send(call, fields | caption.named(*_CAPTION), caption.html)

    return send


def send_media_group(account: Account, call: Call) -> list[Wire]:
    """Write an album, or nothing of it."""
    chat = account.writable(call)
    items: list[Wire] = call.json("media", list)
    if len(items) < FEWEST_ITEMS:
        raise bad_request("too few messages to send as an album")
    if len(items) > MOST_ITEMS:
        raise bad_request("too many messages to send as an album")
    kinds = {str(item.get("type")) for item in items}
    if not any(kinds <= together for together in _TOGETHER):
        raise bad_request("can't use the media of the specified type in the album")
    frame = account.frame(call, chat)
    contents = [_item(account, call, item) for item in items]
    album = {"media_group_id": str(account.next_album())}
    return [
        account.post(chat, account.me, {**frame, **album, **fields}, caption.html).wire
        for fields, caption in contents
    ]


def get_file(account: Account, call: Call) -> Wire:
    """Say where a file is downloaded."""
    return account.files.described(call.text("file_id"))


def _item(account: Account, call: Call, item: Wire) -> tuple[Wire, Styled]:
    caption = caption_of(item)
    about = {name: item.get(name, 0) for name in _ABOUT.get(item["type"], ())}
    fields = _field(account, call, item["type"], str(item.get("media", "")), about)
    return fields | caption.named(*_CAPTION), caption


def _field(account: Account, call: Call, kind: str, given: str, about: Wire) -> Wire:
    """Return the field of a message that carries what was given."""
    if not given:
        raise bad_request(f"there is no {kind} in the request")
    if given.startswith(("http://", "https://")):
        # A server that cannot be reached from outside is what azbot runs on.
        raise bad_request("failed to get HTTP URL content")
    if not given.startswith("attach://"):
        return account.files.known(given, kind)
    upload = call.uploads.get(given.removeprefix("attach://"))
    if upload is None:
        raise bad_request("can't find field with the attached file")
    size = len(upload.content)
    if not size:
        raise bad_request("file must be non-empty")
    if size > LARGEST_UPLOAD:
        raise Refusal(413, "Request Entity Too Large")
    if kind == "photo" and size > LARGEST_PHOTO:
        raise bad_request(
            f"file of size {size} bytes is too big for a photo; the maximum size is "
            f"{LARGEST_PHOTO} bytes"
        )
    return account.files.add(kind, upload.content, upload.name, about=about)


METHODS = {
    "sendphoto": send_file("photo"),
    "senddocument": send_file("document"),
    "sendvideo": send_file("video"),
    "sendvoice": send_file("voice"),
    "sendmediagroup": send_media_group,
    "getfile": get_file,
}
