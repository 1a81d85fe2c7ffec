"""What the renderer is given besides the facts, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ReaderRole = Literal[
    "client",
    "contact",
    "station",
    "desk",
    "admin",
    "member",
    "signatory",
    "visitor",
    "unknown",
]
"""A ``member`` of the desk reads about their own account, a ``visitor`` about how they
come in: a code, an address."""

DEFAULT_NAME = "Support technique"
"""The delivered name of the desk; other languages then use their own word."""


@dataclass(frozen=True, slots=True)
class Links:
    """Where the buttons of one mail lead: absolute URLs or ``mailto:``.

    An empty string means that the mail does not offer it.

    Attributes:
        open: the page of the assistance, the mission or the form.
        yes, no: a prepared answer to the question of the mail.
        other_date: a prepared « AUTRE DATE ».
        stop: switches optional mails off.
        upload: where files too large for mail are sent.
        report: the technical report.
        privacy: the full privacy notice.
        verify: ties an unknown address to a person.
        choose: where one of the desk chooses a password, good once.
        chat: begins a chat that is the reader's, good once.
        chat_name: of its service, « Telegram ».
        unlink: « Ce n’est pas moi »: makes the chat nobody's.
    """

    open: str
    yes: str
    no: str
    other_date: str
    stop: str
    upload: str
    report: str
    privacy: str
    verify: str = ""
    choose: str = ""
    chat: str = ""
    chat_name: str = ""
    unlink: str = ""


@dataclass(frozen=True, slots=True)
class Brand:
    """Whose desk writes.

    Attributes:
        name: of the desk, « Support technique ».
        organisation: company behind it, for the footer.
        address: mail address of the desk.
        colour: of buttons and links, ``#rrggbb``; darkened where text needs it.
        logo_url: absolute URL of a logo 32 px high, possibly empty.
        privacy_controller: who answers for personal data; the organisation when
            empty.
        retention_years: how long data are kept after the last activity.
    """

    name: str
    organisation: str
    address: str
    colour: str
    logo_url: str = ""
    privacy_controller: str = ""
    retention_years: int = 3


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom one mail is written.

    Attributes:
        name: first and family name, or company; empty when unknown.
        language: ``fr``, ``en`` or ``es``.
        role: decides words and footer.
        is_first_mail: the first mail of azbot to this person carries the
            privacy lines.
    """

    name: str
    language: str
    role: ReaderRole
    is_first_mail: bool


@dataclass(frozen=True, slots=True)
class Words:
    """One mail in words.

    Attributes:
        subject: one line, at most 70 characters.
        preheader: one line of 40 to 110 characters, shown after the subject.
        text: the complete plain text, 72 columns, LF line ends.
        html: the complete HTML document, at most 20 KB.
    """

    subject: str
    preheader: str
    text: str
    html: str
