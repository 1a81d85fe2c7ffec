"""What people do with a mail program: read, answer, attach.

What they write is octets as a mail program sends them (RFC 5322, lines end in CRLF);
azbot reads them with the parser that reads what IMAP brings.
"""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, parseaddr

from azbot.channels.email.mailbox import Letter, LocalMailbox

File = tuple[str, str, bytes]
"""Name, media type, octets."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A mail as its reader sees it.

    Attributes:
        name: whom it calls its reader, possibly empty.
        text: the plain part.
        html: the HTML part.
        files: names of what is attached.
    """

    sender: str
    to: str
    name: str
    subject: str
    reply_to: str
    message_id: str
    references: str
    text: str
    html: str
    files: tuple[str, ...]
    at: datetime


def head_of(letter: Letter) -> str:
    """Return the header lines of a mail, as they went over the wire."""
    head, _, _ = letter.content.replace(b"\r\n", b"\n").partition(b"\n\n")
    return head.decode("utf-8", "replace")


def preview_of(text: str) -> str:
    """Return the first line that says something; greetings do not."""
    lines = [line.strip() for line in text.splitlines()]
    said = [line for line in lines if line and not line.startswith(">")]
    greets = bool(said) and said[0].endswith(",")
    return next(iter(said[1:] if greets and len(said) > 1 else said), "")[:160]


def open_letter(letter: Letter) -> Opened:
    """Read a mail, of the desk or for it."""
    message = email.message_from_bytes(letter.content, policy=email.policy.default)
    plain, rich = message.get_body(("plain",)), message.get_body(("html",))
    return Opened(
        sender=str(message["From"]),
        to=letter.recipient,
        name=parseaddr(str(message["To"] or ""))[0],
        subject=str(message["Subject"]),
        reply_to=str(message["Reply-To"] or message["From"]),
        message_id=str(message["Message-ID"]),
        references=str(message["References"] or ""),
        text=plain.get_content() if plain else "",
        html=rich.get_content() if rich else "",
        files=tuple(part.get_filename() or "" for part in message.iter_attachments()),
        at=letter.at,
    )


def file_of(letter: Letter, at: int) -> tuple[str, str, bytes] | None:
    """Return (name, type, octets) of one attachment, None when there is none."""
    message = email.message_from_bytes(letter.content, policy=email.policy.default)
    parts = list(message.iter_attachments())
    if not 0 <= at < len(parts):
        return None
    content = parts[at].get_payload(decode=True)
    octets = content if isinstance(content, bytes) else b""
    return parts[at].get_filename() or "file", parts[at].get_content_type(), octets


class Correspondent:
    """Somebody with nothing but a mail program.

    Args:
        mailbox: where they read, and where what they write arrives.
        name: theirs, possibly empty.
        address: theirs.
        is_proven: their own server signs what they write, and the desk's says so.
    """

    def __init__(
        self, mailbox: LocalMailbox, name: str, address: str, *, is_proven: bool = False
    ) -> None:
        self._mailbox = mailbox
        self._is_proven = is_proven
        self.name = name
        self.address = address
        self._count = 0

    def received(self) -> tuple[Opened, ...]:
        """Everything in this person's mailbox, oldest first."""
        return tuple(open_letter(one) for one in self._mailbox.sent_to(self.address))

    def last(self) -> Opened:
        """The newest mail.

        Raises:
            LookupError: there is none.
        """
        letters = self._mailbox.sent_to(self.address)
        if not letters:
            raise LookupError(f"{self.name} has no mail")
        return open_letter(letters[-1])

    def write(
        self,
        to: str,
        subject: str,
        text: str,
        now: datetime,
        files: tuple[File, ...] = (),
    ) -> Letter:
        """Send a new mail; return it as it arrived."""
        return self._post(self._message(to, subject, text, now), to, files)

    def answer(
        self,
        text: str,
        now: datetime,
        files: tuple[File, ...] = (),
        letter: Opened | None = None,
    ) -> Letter:
        """Answer the newest mail, or another, with the original quoted below."""
        asked = letter or self.last()
        quoted = "\n".join(f"> {line}" for line in asked.text.splitlines())
        head = f"Le {asked.at:%d/%m/%Y %H:%M}, {asked.sender} a écrit :"
        body = f"{text}\n\n{head}\n{quoted}"
        message = self._message(asked.reply_to, f"Re: {asked.subject}", body, now)
        message["In-Reply-To"] = asked.message_id
        message["References"] = f"{asked.references} {asked.message_id}".strip()
        return self._post(message, asked.reply_to, files)

    def is_away(self, subject: str, text: str, now: datetime, letter: Opened) -> Letter:
        """Let the mail program answer a mail by itself (RFC 3834).

        Args:
            subject: what stands before the subject of the mail.
            text: what the program says.
            now: when.
            letter: what is answered.
        """
        message = self._message(
            letter.reply_to, f"{subject} {letter.subject}", text, now
        )
        message["In-Reply-To"] = letter.message_id
        message["References"] = f"{letter.references} {letter.message_id}".strip()
        message["Auto-Submitted"] = "auto-replied"
        return self._post(message, letter.reply_to, ())

    def _message(self, to: str, subject: str, text: str, now: datetime) -> EmailMessage:
        self._count += 1
        message = EmailMessage()
        message["From"] = formataddr((self.name, self.address))
        message["To"] = to
        message["Subject"] = subject
        message["Date"] = format_datetime(now)
        host = self.address.rpartition("@")[2]
        message["Message-ID"] = f"<{self._count}.{now.timestamp():.6f}@{host}>"
        message.set_content(text)
        return message

    def _post(self, message: EmailMessage, to: str, files: tuple[File, ...]) -> Letter:
        for name, media_type, content in files:
            main, _, sub = media_type.partition("/")
            message.add_attachment(content, maintype=main, subtype=sub, filename=name)
        address = to.rpartition("<")[2].rstrip("> ")
        content = message.as_bytes(policy=email.policy.SMTP)
        proven = self.address.rpartition("@")[2] if self._is_proven else ""
        return self._mailbox.deliver(content, self.address, address, proven)
