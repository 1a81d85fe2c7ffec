"""Updates as they arrive, unread: octets with a number and a lane."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from azbot.channels.telegram.names import NAME
from azbot.messages import RawMessage

ALLOWED = (
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "message_reaction",
)
"""What we ask for: the default leaves reactions out, and has much nobody reads."""

_LARGEST_ID = 2**63 - 1


def content_of(update: Mapping[str, object]) -> bytes:
    """Return an update as the octets it came in, for those that came in a list."""
    # Half a surrogate pair survives the way there and back.
    compact = json.dumps(update, ensure_ascii=False, separators=(",", ":"))
    return compact.encode("utf-8", "surrogatepass")


def id_of(update: object) -> int | None:
    """Return the number of an update, None for what is none."""
    number = update.get("update_id") if isinstance(update, Mapping) else None
    if isinstance(number, int) and 0 < number <= _LARGEST_ID:
        return int(number)
    return None


def raw_of(
    update: Mapping[str, object],
    number: int,
    content: bytes,
    source: str,
    received_at: datetime,
) -> RawMessage:
    """Return an update for the sink, whatever it says."""
    return RawMessage(
        channel=NAME,
        source=source,
        position=number,
        content=content,
        received_at=received_at,
        size=len(content),
        lane=_chat_of(update),
    )


def _chat_of(update: Mapping[str, object]) -> str:
    """Return the chat an update is about, empty when it does not say."""
    for content in update.values():
        if isinstance(content, Mapping):
            inner = content.get("message", content)
            chat = inner.get("chat") if isinstance(inner, Mapping) else None
            number = chat.get("id") if isinstance(chat, Mapping) else None
            if isinstance(number, int):
                return str(number)
    return ""
