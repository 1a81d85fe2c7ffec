"""Signed proofs inside addresses, Message-IDs, calendar ids and links.

A token says *which thread and which person*; it never says *who writes*: acting
needs a second proof (email.md §6). Every token is bound to one purpose, one
assistance and one person by HMAC-SHA256, so none can stand in for another.

A signature is the id of its key followed by a fixed number of base32 characters;
keys can therefore be rotated while mails signed with the old one still answer.
Everything is lower case and reads back in any case: local parts get lower-cased
and upper-cased on the way.

Assistance 0 stands for "no assistance yet": a mail about a draft.
"""

from azbot.tokens.links import (
    DOCUMENTS,
    FORM,
    TO,
    SigningToken,
    form_link,
    issue_link,
    issue_signing,
    issue_start,
    read_ended_link,
    read_link,
    read_signing,
    read_start,
    upload_link,
)
from azbot.tokens.mail import (
    issue_address,
    issue_message_id,
    issue_uid,
    read_address,
    read_message_id,
    read_thread_root,
    thread_root,
)
from azbot.tokens.proofs import LINK_FOR, Forged, Keyring, Purpose, Token

__all__ = [
    "DOCUMENTS",
    "FORM",
    "LINK_FOR",
    "TO",
    "Forged",
    "Keyring",
    "Purpose",
    "SigningToken",
    "Token",
    "form_link",
    "issue_address",
    "issue_link",
    "issue_message_id",
    "issue_signing",
    "issue_start",
    "issue_uid",
    "read_address",
    "read_ended_link",
    "read_link",
    "read_message_id",
    "read_signing",
    "read_start",
    "read_thread_root",
    "thread_root",
    "upload_link",
]
