"""``Outbound`` → octets: MIME written by hand, the same for the same input.

Rendering by the standard library costs ten times as much on the hot path and
breaks long ids (email.md §8.2); only its reader is used, by the tests.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from base64 import encodebytes
from email.utils import format_datetime

from azbot.channels.email.folding import (
    address_header,
    ids_header,
    parameterised,
    text_header,
    wire_address,
)
from azbot.channels.email.settings import EmailSettings
from azbot.messages import Envelope, Outbound, OutboundFile

_MOST_REFERENCES = 20
_GOOD_ID = re.compile(r"<[!-;=?-~]{1,900}>")
_BREAKS_A_LINE = re.compile(r"[\r\n\0]")
# Short printable lines leave as they are; "From " would be changed by mailbox
# files, trailing blanks by servers, and our own boundary must stay alone.
_NEEDS_ENCODING = re.compile(r"[^\t\n -~]|^From |[\t ]$|=_az|.{77}", re.MULTILINE)
_FROM_LINE = re.compile(rb"^From ", re.MULTILINE)
_METHOD = re.compile(rb"^METHOD:([A-Za-z]+)\r?$", re.MULTILINE)
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")
_OWN = frozenset(
    {
        "date",
        "from",
        "to",
        "cc",
        "bcc",
        "sender",
        "reply-to",
        "subject",
        "message-id",
        "in-reply-to",
        "references",
        "auto-submitted",
        "x-auto-response-suppress",
        "x-azbot-reference",
        "x-azbot-kind",
        "x-azbot-loop",
        "list-id",
        "list-unsubscribe",
        "list-unsubscribe-post",
        "content-language",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
        "return-path",
    }
)


def compose(outbound: Outbound, settings: EmailSettings) -> Envelope:
    """Write one message for one recipient.

    Header rules (ux.md 9.1, email.md §5.2 and §8.1):

    * ``is_automatic``: ``Auto-Submitted`` (``auto-replied`` when it answers a
      message, else ``auto-generated``), ``X-Auto-Response-Suppress``, ``List-Id``;
      a mail written by an agent has none of them.
    * ``is_optional``: ``List-Unsubscribe``, from ``outbound.headers`` or else a
      mail to the reply address; one-click is claimed for an https address only.
      A mail that cannot be switched off never carries it.
    * Ids that no program could have written are left out of ``In-Reply-To`` and
      ``References``; the thread root stays first, then the newest 19.

    Args:
        outbound: the message in words; ``headers`` may add others of its own.
        settings: name of this desk for ``List-Id`` and ``X-Azbot-Loop``.

    Returns:
        The envelope: pure ASCII (but for a local part outside it), CRLF, lines of
        at most 998 octets.

    Raises:
        ValueError: CR, LF or NUL in a header value; an address, Message-ID, media
            type or header name that is none; a date without zone; a calendar file
            whose METHOD is not the one announced.

    Source: RFC 5322, RFC 2045–2047, RFC 2231, RFC 3834, RFC 8058, RFC 6047.
    """
    if outbound.date.tzinfo is None:
        raise ValueError("date must be aware")
    head = [*_routing(outbound), *_threading(outbound), *_marks(outbound, settings)]
    content_type, body = _body(outbound)
    head += ["MIME-Version: 1.0\r\n", content_type, "\r\n"]
    return Envelope(
        key=outbound.key,
        sender=wire_address(outbound.envelope_from) if outbound.envelope_from else "",
        recipient=wire_address(outbound.to.email),
        content="".join(head).encode("utf-8") + body,
    )


def _routing(outbound: Outbound) -> list[str]:
    """Write who writes to whom, about what, and when."""
    return [
        f"Date: {format_datetime(outbound.date)}\r\n",
        address_header("From", outbound.sender),
        address_header("To", outbound.to),
        address_header("Reply-To", outbound.reply_to),
        text_header("Subject", outbound.subject),
    ]


def _threading(outbound: Outbound) -> list[str]:
    """Write the ids that make one conversation in every mail program."""
    if not _GOOD_ID.fullmatch(outbound.message_id):
        raise ValueError("not a Message-ID")
    lines = [ids_header("Message-ID", outbound.message_id)]
    answered = _good_ids("In-Reply-To", (outbound.in_reply_to,))
    if answered:
        lines.append(ids_header("In-Reply-To", answered[0]))
    references = _good_ids("References", (*outbound.references, *answered))
    if len(references) > _MOST_REFERENCES:
        references = [references[0], *references[1 - _MOST_REFERENCES :]]
    if references:
        lines.append(ids_header("References", " ".join(references)))
    return lines


def _good_ids(name: str, ids: tuple[str, ...]) -> list[str]:
    """Keep ids that can stand in a header, each once."""
    if any(_BREAKS_A_LINE.search(one) for one in ids):
        raise ValueError(f"line break or NUL in {name}")
    return list(dict.fromkeys(one for one in ids if _GOOD_ID.fullmatch(one)))


def _marks(outbound: Outbound, settings: EmailSettings) -> list[str]:
    """Write what programs read: robots, filters, loop guards."""
    lines = []
    if outbound.is_automatic:
        answers = "auto-replied" if outbound.in_reply_to else "auto-generated"
        lines += [
            f"Auto-Submitted: {answers}\r\n",
            "X-Auto-Response-Suppress: OOF, AutoReply\r\n",
            ids_header("List-Id", f"<{settings.list_id}>"),
        ]
    if outbound.is_optional:
        lines += _unsubscribe(outbound)
    if outbound.reference:
        lines.append(ids_header("X-Azbot-Reference", outbound.reference))
    if outbound.kind:
        lines.append(ids_header("X-Azbot-Kind", outbound.kind))
    lines.append(ids_header("X-Azbot-Loop", settings.loop_mark))
    if outbound.language:
        lines.append(ids_header("Content-Language", outbound.language))
    return lines + _additional(outbound)


def _unsubscribe(outbound: Outbound) -> list[str]:
    """Write how to switch this kind of mail off."""
    given = {name.lower(): value for name, value in outbound.headers.items()}
    reply = wire_address(outbound.reply_to.email)
    value = given.get("list-unsubscribe") or f"<mailto:{reply}?subject=STOP>"
    lines = [ids_header("List-Unsubscribe", value)]
    if "<https:" in value.lower():
        lines.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n")
    return lines


def _additional(outbound: Outbound) -> list[str]:
    """Write the caller's own headers; the known ones cannot be replaced."""
    lines = []
    for name, value in outbound.headers.items():
        if name.lower() in {"list-unsubscribe", "list-unsubscribe-post"}:
            continue
        if name.lower() in _OWN:
            raise ValueError(f"{name} is written by azbot itself")
        is_ids = name.lower().startswith("x-") and value.isascii()
        lines.append((ids_header if is_ids else text_header)(name, value))
    return lines


def _body(outbound: Outbound) -> tuple[str, bytes]:
    """Give the content type header and the octets below the empty line."""
    mark = hashlib.sha256(outbound.key.encode("utf-8", "replace")).hexdigest()[:24]
    alternatives = [_text("plain", outbound.text), _text("html", outbound.html)]
    alternatives += [_calendar(file) for file in outbound.files if file.method]
    inner = f"=_az_{mark}_a"
    kind = f'Content-Type: multipart/alternative;\r\n boundary="{inner}"\r\n'
    body = _join(inner, alternatives)
    if not outbound.files:
        return kind, body
    outer = f"=_az_{mark}_m"
    parts = [f"{kind}\r\n".encode() + body, *map(_attachment, outbound.files)]
    kind = f'Content-Type: multipart/mixed;\r\n boundary="{outer}"\r\n'
    return kind, _join(outer, parts)


def _join(boundary: str, parts: list[bytes]) -> bytes:
    """Put parts between boundaries (RFC 2046 §5.1.1)."""
    line = f"--{boundary}\r\n".encode()
    body = b"".join(line + part + b"\r\n" for part in parts)
    return body + f"--{boundary}--\r\n".encode()


def _text(subtype: str, text: str, parameters: str = "") -> bytes:
    """Write a text part in the shortest encoding that any server leaves alone."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kind = f"Content-Type: text/{subtype}; charset=utf-8{parameters}\r\n"
    if not _NEEDS_ENCODING.search(lines):
        encoding, body = "7bit", lines.encode("ascii")
    else:
        encoding, body = _encode(lines.encode("utf-8", "replace"))
    head = f"{kind}Content-Transfer-Encoding: {encoding}\r\n\r\n".encode()
    return head + body.replace(b"\n", b"\r\n")


def _encode(octets: bytes) -> tuple[str, bytes]:
    """Choose quoted-printable for what stays readable, base64 for the rest."""
    quoted = binascii.b2a_qp(octets, istext=True)
    if len(quoted) > len(octets) * 1.4 + 40:
        lines = octets.replace(b"\n", b"\r\n")
        return "base64", encodebytes(lines).removesuffix(b"\n")
    if b"\nFrom " in quoted or quoted.startswith(b"From "):
        # a soft break behind it keeps the line within 76 octets
        quoted = _FROM_LINE.sub(b"=46rom =\n", quoted)
    return "quoted-printable", quoted


def _calendar(file: OutboundFile) -> bytes:
    """Write the alternative that mail programs show as an invitation (RFC 6047)."""
    found = _METHOD.search(file.content)
    if found is None or found[1].decode("ascii").upper() != str(file.method).upper():
        raise ValueError("the METHOD of the calendar file is not the one announced")
    text = file.content.decode("utf-8")
    return _text("calendar", text, f"; method={str(file.method).upper()}")


def _attachment(file: OutboundFile) -> bytes:
    """Write a file; calendar files as a type that is not opened a second time."""
    kind = "application/ics" if file.method else file.media_type.lower()
    if not _MEDIA_TYPE.fullmatch(kind):
        raise ValueError("not a media type")
    if kind.startswith(("message/", "multipart/")):
        kind = "application/octet-stream"  # RFC 2046 §5.2 forbids base64 for these
    head = (
        parameterised("Content-Type", kind, (("name", file.name),))
        + parameterised("Content-Disposition", "attachment", (("filename", file.name),))
        + "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    body = encodebytes(file.content).removesuffix(b"\n").replace(b"\n", b"\r\n")
    return head.encode("ascii") + body
