"""Ids that hold a conversation together."""

from __future__ import annotations

import re

MOST_IDS = 20
"""More ancestors than this are not looked at."""

DELIVERY_HEADERS = (
    "X-Gm-Original-To",
    "Delivered-To",
    "X-Original-To",
    "Envelope-To",
    "X-Envelope-To",
    "X-Forwarded-To",
    "Resent-To",
    "To",
    "Cc",
)
"""Where a reply address may stand, most trustworthy first (email.md §3)."""

_ID = re.compile(r"<[^\s<>,]{1,900}>")
_BARE = re.compile(r"[^\s<>,;\"']{1,450}@[^\s<>,;\"']{1,450}")


def split_ids(value: str) -> tuple[str, ...]:
    """Read the ids of In-Reply-To or References, in their order.

    Splits on white space and commas (Exchange, iOS), across folds (Outlook), and
    takes ids whose brackets were lost on the way.

    Returns:
        Ids with brackets, each once, at most 20: the last ones, which are nearest.
    """
    text = value[:32_000]
    found = _ID.findall(text) or [f"<{bare}>" for bare in _BARE.findall(text)]
    return tuple(dict.fromkeys(found))[-MOST_IDS:]


def likely_parents(in_reply_to: str, references: str) -> tuple[str, ...]:
    """Order ancestors by how likely they are the message answered.

    In-Reply-To first, then References from the newest back; at most 20.
    """
    first = split_ids(in_reply_to)
    others = reversed(split_ids(references))
    return tuple(dict.fromkeys((*first, *others)))[:MOST_IDS]
