"""Ids and subjects that hold a conversation together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

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
_REPLY_MARK = re.compile(
    r"(?:(?:re|r\u00e9p|rep|aw|sv|ref|tr|fw|fwd|wg|rv|enc|i)"
    r"(?:\[\d{1,3}\]|\(\d{1,3}\))?[\s\u00a0\u202f]{0,3}:[\s\u00a0\u202f]{0,8})",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"(?<![A-Z0-9])AS[A-Z]{2}[0-9]{8}(?![A-Z0-9])", re.IGNORECASE)


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


def thread_references(root: str, parents: Iterable[str]) -> tuple[str, ...]:
    """Give the References of a mail: the root, then its nearest parents.

    Root first makes one flat thread in every client (email.md §8.1).

    Args:
        root: ``tokens.thread_root``.
        parents: ids that came before, oldest first.
    """
    others: Sequence[str] = [one for one in dict.fromkeys(parents) if one != root]
    return (root, *others[-(MOST_IDS - 1) :])


def bare_subject(subject: str) -> str:
    """Return a subject without marks of replies and forwards, in any language."""
    text = subject.strip()[:998]
    while found := _REPLY_MARK.match(text):
        text = text[found.end() :].lstrip()
    return text


def reply_subject(subject: str) -> str:
    """Return the subject of an answer: ``Re:`` once."""
    return f"Re: {bare_subject(subject)}".strip()


def subject_references(subject: str) -> tuple[str, ...]:
    """Return public references in a subject, upper case, each once.

    A hint only: it needs a second factor (email.md §3).
    """
    found = _REFERENCE.findall(subject[:998])
    return tuple(dict.fromkeys(one.upper() for one in found))
