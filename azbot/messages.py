"""What travels between channels and the core: plain values, the same for every channel.

``RawMessage`` enters, ``Inbound`` is what it says, ``Outbound`` leaves, ``Receipt``
says where it arrived. No value here knows the workflow or the store.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import NewType

LONGEST_NAME = 80
"""Characters of what somebody calls themselves in a chat."""

_DECEIVING = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb]+"
)
"""Seen by nobody, and used to deceive; what joins emojis is none of it."""

PersonId = NewType("PersonId", int)
"""A client, a station's contact or an agent: whoever has an address."""

RawId = NewType("RawId", int)
"""One message as received, in the ledger."""

BlobId = NewType("BlobId", str)
"""SHA-256 of a stored file, 64 lower-case hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class RawMessage:
    """The octets of one message, exactly as its service gave them.

    Attributes:
        channel: ``email``, ``telegram``…
        source: the place it was read from; a new UIDVALIDITY is a new source:
            ``imap:desk@mail.example/INBOX;1700000000``.
        position: its number there, growing (UID, update id). (source, position)
            names the message for ever.
        content: the octets.
        received_at: when the service received it (INTERNALDATE), aware, UTC.
        size: octets on the service; larger than ``len(content)`` when only the
            beginning of a giant was fetched.
        lane: messages of one lane are worked on one after the other, in the order
            of their positions: a chat. Empty: each stands for itself.
    """

    channel: str
    source: str
    position: int
    content: bytes
    received_at: datetime
    size: int
    lane: str = ""


class Trust(IntEnum):
    """How sure we are of who writes (email.md §6); each level includes the lower."""

    NONE = 0
    """No proof: may open a request, learns nothing."""
    HELD = 1
    """A valid token from another sender: waits for an agent."""
    KNOWN = 2
    """Token or aligned authentication, and a known sender: text and files."""
    PROVEN = 3
    """Token and aligned authentication (or a signed-in page): acts."""
    STAFF = 4
    """An agent or station whose identity was checked."""


class Alignment(StrEnum):
    """What our own receiver says of the sender's authentication."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"
    """No authserv-id is configured, or it said nothing."""


class Automatic(StrEnum):
    """Why a message was not written by a person for us to answer."""

    AUTO_REPLY = "auto_reply"
    OUT_OF_OFFICE = "out_of_office"
    BOUNCE = "bounce"
    DELAYED = "delayed"
    LIST = "list"
    READ_RECEIPT = "read_receipt"
    COMPLAINT = "complaint"
    LOOP = "loop"
    CALENDAR_REPLY = "calendar_reply"


class Reason(StrEnum):
    """Why a message was set aside for a person, or could not be used whole."""

    UNPARSEABLE = "unparseable"
    TOO_LARGE = "too_large"
    NO_SENDER = "no_sender"
    SEVERAL_SENDERS = "several_senders"
    DISGUISED_SENDER = "disguised_sender"
    OWN_ADDRESS = "own_address"
    BLOCKED_SENDER = "blocked_sender"
    TOO_MANY_RECIPIENTS = "too_many_recipients"
    TOO_COMPLEX = "too_complex"
    EMPTY = "empty"
    ENCRYPTED = "encrypted"
    AUTOMATIC = "automatic"
    TOO_OFTEN = "too_often"
    NOT_A_REQUEST = "not_a_request"
    FOREIGN_SENDER = "foreign_sender"
    FORGED_TOKEN = "forged_token"  # noqa: S105 - a reason, not a password
    EXPIRED_TOKEN = "expired_token"  # noqa: S105 - a reason, not a password
    UNPROVEN_SENDER = "unproven_sender"
    PROBABLE_ASSISTANCE = "probable_assistance"
    UNKNOWN_ASSISTANCE = "unknown_assistance"
    TO_BE_FILED = "to_be_filed"
    """Its writer is asked to which assistance it belongs."""
    REFUSED = "refused"
    TIMED_OUT = "timed_out"
    CRASHED = "crashed"


@dataclass(frozen=True, slots=True)
class Address:
    """One mail address and the name shown with it.

    Attributes:
        email: lower-case domain, local part as written; ASCII or UTF-8.
        name: decoded display name, possibly empty, never with CR or LF.
    """

    email: str
    name: str = ""

    @property
    def key(self) -> str:
        """The form two spellings of one address share."""
        return self.email.casefold()


def masked(email: str) -> str:
    """Return ``s•••@clim-martin.example``: enough for its owner to know it."""
    local, at, domain = email.rpartition("@")
    return f"{local[:1]}•••{at}{domain}"


@dataclass(frozen=True, slots=True)
class InboundFile:
    """One file that came with a message.

    Attributes:
        name: safe to show and to store: no path, control or bidi characters.
        media_type: decided by content, ``image/jpeg``.
        content: decoded octets.
        inline: shown inside the text (a referenced cid).
        seconds: how long it is heard or watched, None when nobody says.
    """

    name: str
    media_type: str
    content: bytes
    inline: bool = False
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class RejectedFile:
    """A file that came and was not taken, with the reason for the sender."""

    name: str
    size: int
    code: str
    """``too_large``, ``kind_refused``, ``unreadable``, ``virus``, ``unchecked``."""


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a delivery report says.

    Attributes:
        recipient: the address that failed, possibly empty.
        status: RFC 3463 code, ``5.1.1``, possibly empty.
        is_permanent: the server will not try again.
        diagnostic: one line of the server's own words.
        original_id: Message-ID of our mail, with brackets, possibly empty.
    """

    recipient: str
    status: str
    is_permanent: bool
    diagnostic: str
    original_id: str = ""


@dataclass(frozen=True, slots=True)
class CalendarAnswer:
    """A calendar program's answer to an invitation (RFC 5546 REPLY or COUNTER).

    Attributes:
        uid: UID of the event.
        sequence: SEQUENCE it answers.
        attendee: who answers, a bare address.
        status: ``accepted``, ``declined``, ``tentative`` or ``counter``.
    """

    uid: str
    sequence: int
    attendee: str
    status: str


class TurnKind(StrEnum):
    """What somebody did in a chat."""

    SAID = "said"
    """Wrote, or sent files, a place, a contact."""
    EDITED = "edited"
    """Changed a message of theirs; the turn says all of it anew."""
    TAPPED = "tapped"
    """Pressed a button of ours."""
    BLOCKED = "blocked"
    """Will not be written to any more."""
    RETURNED = "returned"
    """May be written to again."""
    OTHER = "other"
    """Something nobody can use: a sticker, a poll, a game; ``Turn.what`` names it."""


@dataclass(frozen=True, slots=True)
class Tap:
    """A button that was pressed.

    Attributes:
        id: acknowledges it, for some seconds.
        data: what the button carries; the client's word, never believed.
        message_id: of the message it stands under, possibly empty.
    """

    id: str
    data: str
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that was shared.

    Attributes:
        latitude, longitude: degrees, WGS 84.
        accuracy: metres, None when unknown.
        title, address: of a known place, possibly empty.
        is_live: it moves: its first point is the place.
    """

    latitude: float
    longitude: float
    accuracy: float | None = None
    title: str = ""
    address: str = ""
    is_live: bool = False


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file that lies with the service, and is fetched by its id.

    Attributes:
        id: names it for our account at the service.
        name: as the sender called it, not cleaned; possibly empty.
        media_type: as the sender says, possibly empty.
        size: octets, None when the service does not say.
        kind: ``photo``, ``document``, ``video``, ``voice``, ``audio``…
        seconds: how long it is heard or watched, None when the service does not say.
    """

    id: str
    name: str = ""
    media_type: str = ""
    size: int | None = None
    kind: str = "document"
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """What a chat message is, beside its words (telegram.md §2).

    Attributes:
        account: who, as the service numbers them: never a name, which can change.
        chat: where; the same as the account in a talk of two.
        is_private: a talk of two; elsewhere others read along.
        language: IETF tag the person's program uses, a guess; possibly empty.
        command: ``start`` for « /start », lower case, possibly empty; then
            ``Inbound.text`` is what follows it.
        tap: set for ``TAPPED``.
        spot: a place that was shared.
        phone: of a contact that was shared, as the service writes it.
        is_own_phone: the service vouches that the phone is the writer's own.
        contact: name of the contact that was shared.
        album: names the group that files sent together belong to.
        files: what lies with the service; ``Chat.fetch`` makes ``Inbound.files``.
        forwarded_from: whose words these were, as shown; possibly empty.
        what: of ``OTHER``, one word: ``sticker``, ``poll``…; ``joined`` when we are
            taken into a group. Nobody says anything to us by ``left`` (a group),
            ``reaction``, ``service`` (a title, a pin), ``moved`` (a place that is
            live) and ``unasked``.
        moved_to: the chat goes on under this name, possibly empty.
    """

    kind: TurnKind
    account: str
    chat: str
    is_private: bool = True
    language: str = ""
    command: str = ""
    tap: Tap | None = None
    spot: Spot | None = None
    phone: str = ""
    is_own_phone: bool = False
    contact: str = ""
    album: str = ""
    files: tuple[RemoteFile, ...] = ()
    forwarded_from: str = ""
    what: str = ""
    moved_to: str = ""


@dataclass(frozen=True, slots=True)
class Inbound:
    """What a message says, the same shape for every channel.

    In a chat a message is named ``telegram:<chat>/<number>`` and an account
    ``telegram:<account>``: those names stand where a mail has Message-IDs and
    addresses.

    Attributes:
        channel: where it came from.
        message_id: its own name at the service, empty when it had none.
        sender: the one who wrote, as claimed; None when there is none.
        recipients: all delivery addresses, most trustworthy first (Delivered-To
            before To); they may carry a reply token.
        references: ids of earlier messages, most likely parent first, at most 20.
        subject: decoded, at most 255 characters.
        text: the whole text a person could have written, quotations included,
            LF line ends, NFC, no NUL.
        marked: the same text when structure (HTML) already told where the
            quotation begins: only what precedes it; None when it told nothing.
        files: what came with it, duplicates and unusable ones removed.
        rejected_files: what was not taken.
        sent_at: the sender's claim, None when absent or unreadable.
        alignment: what our receiver says of the sender.
        automatic: set when no person wrote it to us.
        bounce: set for delivery reports.
        calendar: set for calendar answers.
        is_forward: the block below is the content, not a quotation.
        suspicion: set when the sender cannot be believed (two From…).
        has_html: an HTML part exists (shown on demand, sanitised).
        turn: what a chat adds; None for letters.
    """

    channel: str
    message_id: str
    sender: Address | None
    recipients: tuple[Address, ...] = ()
    references: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""
    marked: str | None = None
    files: tuple[InboundFile, ...] = ()
    rejected_files: tuple[RejectedFile, ...] = ()
    sent_at: datetime | None = None
    alignment: Alignment = Alignment.UNKNOWN
    automatic: Automatic | None = None
    bounce: Bounce | None = None
    calendar: CalendarAnswer | None = None
    is_forward: bool = False
    suspicion: Reason | None = None
    has_html: bool = False
    turn: Turn | None = None


@dataclass(frozen=True, slots=True)
class Unparseable:
    """Octets nothing could be made of; kept for a person."""

    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What the person wrote, apart from what they quote.

    Attributes:
        text: the new text; never empty when the message was not.
        elided: the rest, in order; ``text`` and ``elided`` lose no word together.
        rule: which rule drew the line, for ``azbot explain``.
    """

    text: str
    elided: tuple[str, ...] = ()
    rule: str = "whole"


@dataclass(frozen=True, slots=True)
class OutboundFile:
    """One file to send.

    Attributes:
        name: file name shown to the recipient.
        media_type: ``application/pdf``.
        content: the octets.
        method: iTIP method when this is a calendar file, which also becomes a
            ``text/calendar`` alternative (RFC 6047).
    """

    name: str
    media_type: str
    content: bytes
    method: str | None = None


@dataclass(frozen=True, slots=True)
class Outbound:
    """One message for one person, in words, not yet in wire form.

    Attributes:
        key: idempotency key; the same key never shows two messages where the
            service can ensure it.
        sender: From.
        to: the one recipient.
        reply_to: where an answer goes, with its token.
        envelope_from: return path, with its bounce token.
        message_id: ``<…@host>``, brackets included; the same for every attempt.
        references: thread root first, then parents.
        in_reply_to: the client's message this one answers, possibly empty.
        subject: one line.
        text: complete plain text.
        html: complete HTML document.
        files: attachments and calendar files.
        kind: notice name, for filters (``X-Azbot-Kind``).
        reference: public reference, for filters; possibly empty.
        is_automatic: written by azbot, not by an agent.
        is_optional: can be switched off by STOP; carries List-Unsubscribe.
        language: ``fr``, ``en`` or ``es``.
        date: the Date header.
    """

    key: str
    sender: Address
    to: Address
    reply_to: Address
    envelope_from: str
    message_id: str
    subject: str
    text: str
    html: str
    date: datetime
    references: tuple[str, ...] = ()
    in_reply_to: str = ""
    files: tuple[OutboundFile, ...] = ()
    kind: str = ""
    reference: str = ""
    is_automatic: bool = True
    is_optional: bool = False
    language: str = "fr"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message in its channel's wire form, ready for every attempt.

    Attributes:
        key: the idempotency key of its ``Outbound``.
        sender: return path.
        recipient: bare address.
        content: the octets, CRLF line ends.
    """

    key: str
    sender: str
    recipient: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """The service took the message.

    Attributes:
        remote_id: the service's name for it, possibly empty.
        at: when, aware, UTC.
    """

    remote_id: str
    at: datetime


def whole(text: str) -> str:
    """Return a text without half surrogate pairs: JSON has them, and nothing else."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def clean_text(text: str) -> str:
    """Return what somebody wrote, unchanged to the eye: NFC, LF, no NUL."""
    lines = whole(text).replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", lines.replace("\x00", ""))


def clean_name(*parts: str | None) -> str:
    """Return what somebody is called, on one line, written in the order it is read."""
    text = clean_text(" ".join(part for part in parts if part))
    return " ".join(_DECEIVING.sub(" ", text).split())[:LONGEST_NAME].strip()
