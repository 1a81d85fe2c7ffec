"""Answers of calendar programs to our invitations (RFC 5546, RFC 6047)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from azbot.messages import CalendarAnswer

_FOLD = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(
    r"([A-Za-z-]{1,40})((?:;[A-Za-z-]{1,40}=(?:\"[^\"]*\"|[^\";:,]*)"
    r"(?:,(?:\"[^\"]*\"|[^\";:,]*))*)*):(.*)"
)
_PARTSTAT = re.compile(r";PARTSTAT=\"?([A-Za-z-]{1,40})", re.IGNORECASE)
_STATUSES = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative"}
_LONGEST = 100_000


def read_answer(parts: Sequence[tuple[str, str]]) -> CalendarAnswer | None:
    """Return the answer in a message's calendar parts; None when there is none.

    ORGANIZER is not asked for: Exchange and Outlook.com leave it out. Time zones
    are not read: an answer moves nothing.

    Args:
        parts: (``method`` parameter, decoded calendar) of each part.
    """
    for method, text in parts:
        fields = _event_fields(text[:_LONGEST])
        said = (fields.get("METHOD", [("", "")])[0][1] or method).strip().upper()
        if said in ("REPLY", "COUNTER"):
            answer = _answer(said, fields)
            if answer is not None:
                return answer
    return None


Fields = dict[str, list[tuple[str, str]]]


def _event_fields(text: str) -> Fields:
    """Collect (parameters, value) by name, from the calendar and its first event."""
    fields: Fields = {}
    inside: list[str] = []
    for line in _FOLD.sub("", text).splitlines()[:2_000]:
        found = _LINE.match(line)
        if found is None:
            continue
        name, value = found[1].upper(), found[3].strip()
        if name == "BEGIN":
            inside.append(value.upper())
        elif name == "END":
            if inside and inside.pop() == "VEVENT":
                break
        elif inside in (["VCALENDAR"], ["VCALENDAR", "VEVENT"]):
            fields.setdefault(name, []).append((found[2], value))
    return fields


def _answer(method: str, fields: Fields) -> CalendarAnswer | None:
    uid = fields.get("UID", [("", "")])[0][1]
    attendees = fields.get("ATTENDEE", [])
    if not uid or not attendees:
        return None
    parameters, value = attendees[0]
    found = _PARTSTAT.search(parameters)
    status = _STATUSES.get(found[1].upper()) if found else None
    if method == "COUNTER":
        status = "counter"
    if status is None:
        return None
    address = re.sub(r"^mailto:", "", value, flags=re.IGNORECASE).strip("<> ")
    number = fields.get("SEQUENCE", [("", "0")])[0][1]
    sequence = int(number) if re.fullmatch(r"[0-9]{1,9}", number) else 0
    return CalendarAnswer(uid[:255], sequence, address[:320], status)
