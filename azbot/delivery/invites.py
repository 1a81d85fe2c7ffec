"""Planned interventions as calendar files that mail programs understand.

One event per person, its UID a token (``tokens.issue_uid``): moving raises
SEQUENCE, cancelling sends METHOD:CANCEL with the same UID. Words come rendered;
instants are written in UTC, which needs no VTIMEZONE (email.md §9).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

_OCTETS = 75  # RFC 5545 §3.1: a content line, its line end not counted
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NOT_AN_ADDRESS = re.compile(r"[\s\x00-\x1f\x7f\"<>,;:]")


class Method(StrEnum):
    """What a calendar program does with the file (RFC 5546 §3.2)."""

    REQUEST = "REQUEST"
    """Put the event in, or change it."""
    CANCEL = "CANCEL"
    """Take it out."""
    PUBLISH = "PUBLISH"
    """Put the event in; nobody is asked for an answer."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One planned intervention, for one person's calendar.

    Attributes:
        uid: the same for all changes of this event, ``tokens.issue_uid``.
        sequence: 0 at first, one more with each change, cancelling included.
        starts_at: aware.
        ends_at: aware, after ``starts_at``.
        stamped_at: when this file was made, aware.
        summary: one line, without the reference of anybody else's request.
        location: street, postcode, town; one line.
        description: what to prepare, and the station's phone.
        organizer: the desk's plain mailbox: Outlook.com strips ``+``.
        organizer_name: shown with it.
        attendee: bare address of the person; without it Outlook shows no buttons.
            Empty where nobody is asked for an answer.
        attendee_name: shown with it, possibly empty.
        url: page of the assistance, possibly empty.
        language: ``fr``, ``en`` or ``es``.
    """

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    stamped_at: datetime
    summary: str
    location: str
    description: str
    organizer: str
    organizer_name: str
    attendee: str
    attendee_name: str = ""
    url: str = ""
    language: str = "fr"


def invitation(visit: Visit, method: Method = Method.REQUEST) -> bytes:
    """Write the calendar file.

    Args:
        visit: the event.
        method: the same one must stand in the MIME header (RFC 6047 §2.4):
            ``OutboundFile.method``.

    Returns:
        UTF-8, CRLF, lines of at most 75 octets.

    Raises:
        ValueError: a naive instant, an end before its start, a negative sequence,
            an address or UID that is none, a line break in a URL.

    Source: RFC 5545; RFC 5546 §3.2.1 (PUBLISH: no attendee), §3.2.2 (REQUEST) and
    §3.2.5 (CANCEL: with the attendees of what is cancelled, if any).
    """
    _check(visit, method)
    is_cancelled = method is Method.CANCEL
    is_addressed = visit.attendee and method is not Method.PUBLISH
    attendee = [_attendee(visit, is_cancelled=is_cancelled)] if is_addressed else []
    lines = [
        "BEGIN:VCALENDAR",
        "PRODID:-//azbot//azbot//FR",
        "VERSION:2.0",
        "CALSCALE:GREGORIAN",
        f"METHOD:{method.value}",
        "BEGIN:VEVENT",
        f"UID:{visit.uid}",
        f"SEQUENCE:{visit.sequence}",
        f"DTSTAMP:{_instant(visit.stamped_at)}",
        f"DTSTART:{_instant(visit.starts_at)}",
        f"DTEND:{_instant(visit.ends_at)}",
        f"SUMMARY;LANGUAGE={visit.language}:{_text(visit.summary)}",
        f"LOCATION:{_text(visit.location)}",
        f"DESCRIPTION;LANGUAGE={visit.language}:{_text(visit.description)}",
        _organizer(visit),
        *attendee,
        f"STATUS:{'CANCELLED' if is_cancelled else 'CONFIRMED'}",
        f"TRANSP:{'TRANSPARENT' if is_cancelled else 'OPAQUE'}",
        "CLASS:PRIVATE",
        *([f"URL:{visit.url}"] if visit.url else []),
        *([] if is_cancelled else _alarm(visit)),
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return b"".join(_folded(line) for line in lines)


def _check(visit: Visit, method: Method) -> None:
    """Refuse what a calendar program would refuse without a word."""
    instants = (visit.starts_at, visit.ends_at, visit.stamped_at)
    if any(one.tzinfo is None for one in instants):
        raise ValueError("instants must be aware")
    if visit.ends_at <= visit.starts_at:
        raise ValueError("a visit ends after it begins")
    if visit.sequence < 0:
        raise ValueError("sequence is not negative")
    is_asked = method is Method.REQUEST or visit.attendee
    for address in (visit.organizer, *([visit.attendee] if is_asked else [])):
        if "@" not in address or _NOT_AN_ADDRESS.search(address):
            raise ValueError("not a mail address")
    if not visit.uid or _NOT_AN_ADDRESS.search(visit.uid):
        raise ValueError("not a UID")
    if _CONTROL.search(visit.url) or "\n" in visit.url or "\r" in visit.url:
        raise ValueError("line break or control character in the URL")
    if not re.fullmatch(r"[A-Za-z-]{2,12}", visit.language):
        raise ValueError("not a language")


def _organizer(visit: Visit) -> str:
    return f"ORGANIZER{_name(visit.organizer_name)}:mailto:{visit.organizer}"


def _attendee(visit: Visit, *, is_cancelled: bool) -> str:
    asks = "" if is_cancelled else ";PARTSTAT=NEEDS-ACTION;RSVP=TRUE"
    kind = ";CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT"
    name = _name(visit.attendee_name)
    return f"ATTENDEE{kind}{asks}{name}:mailto:{visit.attendee}"


def _alarm(visit: Visit) -> list[str]:
    """Remind the day before: a technician at a closed door is a visit lost."""
    return [
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "TRIGGER:-P1D",
        f"DESCRIPTION:{_text(visit.summary)}",
        "END:VALARM",
    ]


def _name(name: str) -> str:
    """Write a CN parameter; quotes and breaks in it as RFC 6868 says."""
    clean = _CONTROL.sub(" ", name).replace("^", "^^").replace('"', "^'")
    one_line = " ".join(clean.split())
    return f';CN="{one_line}"' if one_line else ""


def _text(text: str) -> str:
    """Escape a TEXT value (RFC 5545 §3.3.11)."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    escaped = _CONTROL.sub(" ", lines).replace("\\", "\\\\")
    escaped = escaped.replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\n", "\\n")


def _instant(when: datetime) -> str:
    """Write an instant in UTC, to the second."""
    return when.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _folded(line: str) -> bytes:
    """Cut a content line between characters, never inside one."""
    pieces, room = [b""], _OCTETS
    for char in line:
        octets = char.encode("utf-8", "replace")
        if len(pieces[-1]) + len(octets) > room:
            # the space that marks a continuation takes one octet
            pieces.append(b"")
            room = _OCTETS - 1
        pieces[-1] += octets
    return b"\r\n ".join(pieces) + b"\r\n"
