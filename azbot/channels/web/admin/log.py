"""What was changed, by whom, when, before and after (ux.md A20)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from aiohttp import web

from azbot.channels.web.admin.room import Room
from azbot.channels.web.form import Pick
from azbot.i18n.catalogue import Catalogue
from azbot.i18n.formats import weekday
from azbot.messages import PersonId
from azbot.store.audit import AuditLine

WHATS: Mapping[str, tuple[str, ...]] = {
    "health": ("alerts.chat", "trial.begun", "trial.ended"),
    "agents": (
        "agent.invited", "agent.role", "agent.disabled", "agent.enabled",
        "agent.signed_out", "agent.second_factor", "agent.added", "agent.password",
    ),
    "stations": (
        "station.added", "station.changed", "contact.added", "contact.removed",
    ),
    "lists": ("list.changed",),
    "canned": ("canned.added", "canned.changed", "canned.dropped"),
    "delays": ("delays.changed",),
    "brand": ("brand.changed",),
    "mails": ("mail.changed",),
    "archive": ("archive.opened", "archive.searched"),
    "tokens": ("token.added", "token.revoked"),
}  # fmt: skip
"""Every kind of change, by the subject it is about."""

_PAGE = 50
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of the log in words.

    Attributes:
        changes: what, before, after.
    """

    at: datetime
    when: str
    who: str
    what: str
    changes: tuple[tuple[str, str, str], ...]


class LogRoom:
    """``/admin/log``."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def add_to(self, app: web.Application) -> None:
        """Serve the page."""
        app.router.add_get("/admin/log", self.show)

    async def show(self, request: web.Request) -> web.Response:
        """Return a page of the log, newest first."""
        views, words = self._room.deps.store.views, self._room.words(request)
        subject = request.query.get("about", "")
        person, before = _number(request, "who"), _number(request, "before")
        lines = await views.audit(
            whats=WHATS.get(subject, ()),
            person=PersonId(person) if person else None,
            before=before or None,
            limit=_PAGE + 1,
        )
        older = ""
        if len(lines) > _PAGE:
            asked = {
                "about": subject,
                "who": person or "",
                "before": lines[_PAGE - 1].id,
            }
            older = f"/admin/log?{urlencode(asked)}"
        return self._room.page(
            request,
            "log",
            "log",
            lines=[self._shown(request, line, words) for line in lines[:_PAGE]],
            subjects_picked=tuple(
                Pick(name, words.t(f"admin.subject.{name}"), name == subject)
                for name in WHATS
            ),
            people_picked=await self._people(person),
            is_filtered=bool(subject or person),
            older=older,
        )

    async def _people(self, chosen: int) -> tuple[Pick, ...]:
        views = self._room.deps.store.views
        found = [await views.person(key) for key in await views.auditors()]
        return tuple(
            Pick(str(each.id), each.name or each.address, each.id == chosen)
            for each in found
        )

    def _shown(self, request: web.Request, line: AuditLine, words: Catalogue) -> Shown:
        return Shown(
            line.at,
            self._room.when(request, line.at),
            line.actor,
            words.t(f"admin.did.{line.what}", subject=line.subject),
            changes_of(line, words),
        )


def _number(request: web.Request, name: str) -> int:
    text = request.query.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def changes_of(line: AuditLine, words: Catalogue) -> tuple[tuple[str, str, str], ...]:
    """Return what changed: its name, before and after, each in words."""
    before, after = line.before, line.after
    if not isinstance(before, Mapping) and not isinstance(after, Mapping):
        if before is None and after is None:
            return ()
        return (("", value_words(before, words), value_words(after, words)),)
    old = before if isinstance(before, Mapping) else {}
    new = after if isinstance(after, Mapping) else {}
    area = line.what.partition(".")[0]
    return tuple(
        (
            label(area, str(key), words),
            _said(str(key), old.get(key), words),
            _said(str(key), new.get(key), words),
        )
        for key in dict.fromkeys((*old, *new))
    )


_NAMED = {
    "role": "role.{}",
    "language": "admin.language.{}",
    "proof_required": "service.{}",
}
"""Values that have words of their own."""


def _said(key: str, value: object, words: Catalogue) -> str:
    if key == "working_days" and isinstance(value, list):
        return ", ".join(weekday(date(2024, 1, day), words.language) for day in value)
    if key not in _NAMED or not value:
        return value_words(value, words)
    values = value if isinstance(value, list) else [value]
    return ", ".join(words.t(_NAMED[key].format(each)) for each in values)


_AREAS = {
    "agent": "agents", "station": "stations", "contact": "stations", "list": "lists",
    "canned": "canned", "delays": "delays", "brand": "brand", "token": "agents",
}  # fmt: skip


def label(area: str, key: str, words: Catalogue) -> str:
    """Return the name of a value as the page that changes it has it."""
    for found in (f"admin.{_AREAS.get(area, area)}.{key}", f"admin.log.{key}"):
        if found in words:
            return words.t(found)
    return key


def value_words(value: object, words: Catalogue) -> str:
    """Return a logged value as people read it."""
    match value:
        case None | "" | []:
            return words.t("admin.none")
        case bool():
            return words.t("form.yes" if value else "form.no")
        case str():
            return value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"
        case float():
            return f"{value:g}"
        case _ if isinstance(value, Sequence):
            return ", ".join(value_words(each, words) for each in value)
        case _:
            return str(value)
