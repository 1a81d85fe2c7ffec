"""Delays and working hours: the section ``[workflow]``, changed while azbot runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time

from aiohttp import web

from azbot.channels.web.admin.forms import FAULTS, NOTHING, Wrong
from azbot.channels.web.admin.forms import wrong_of as in_words
from azbot.channels.web.admin.room import Room
from azbot.channels.web.directory import Hand
from azbot.channels.web.form import Pick, Question
from azbot.channels.web.posted import Posted, read_posted
from azbot.choices import choose, revert
from azbot.config import WorkflowSettings, checked
from azbot.i18n.catalogue import Catalogue
from azbot.i18n.formats import weekday
from azbot.store import UnitOfWork

GROUPS: Mapping[str, Mapping[str, str]] = {
    "hours": {
        "opens": "time",
        "closes": "time",
        "working_days": "days",
        "french_holidays": "flag",
        "closed_on": "dates",
    },
    "answers": {
        "answer_hours": "number",
        "complement_reminder_days": "numbers",
        "station_reminder_hours": "numbers",
        "station_silent_hours": "number",
    },
    "closing": {
        "closing_reminder_days": "number",
        "closing_days": "number",
        "reopen_days": "number",
    },
    "requests": {
        "proof_required": "services",
        "allow_waiver": "flag",
        "max_documents": "number",
    },
}
"""What may be changed, in the order of the page, and how each is typed."""

KINDS = {key: kind for group in GROUPS.values() for key, kind in group.items()}

_SERVICES = ("marking", "commissioning", "incident_warranty", "incident")
_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")


class Delays:
    """``/admin/delays``."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def add_to(self, app: web.Application) -> None:
        """Serve the page."""
        app.router.add_get("/admin/delays", self.show)
        app.router.add_post("/admin/delays", self.save)

    async def show(self, request: web.Request) -> web.Response:
        """Return the delays in force."""
        typed = typed_values(self._room.deps.in_force.choices.workflow)
        return self._page(request, typed, NOTHING)

    async def save(self, request: web.Request) -> web.Response:
        """Take what differs from what was shown, or one value back."""
        form = await read_posted(request)
        in_force = self._room.deps.in_force

        def work(uow: UnitOfWork, by: Hand) -> str:
            chosen = uow.settings.below("choice.workflow.")
            key = form.text("revert")
            if key in KINDS:
                self._revert(uow, by, key)
                return "/admin/delays?said=reverted"
            present = in_force.choices.workflow.model_dump(mode="json")
            given = {
                key: read_typed(KINDS[key], form.all(key))
                for key in KINDS
                if _joined(form.all(key)) != form.text(f"seen.{key}")
            }
            file = in_force.file.workflow.model_dump(mode="json")
            section = checked("workflow", WorkflowSettings, {**present, **given})
            wanted = section.model_dump(mode="json")
            changed = [key for key in given if wanted[key] != present[key]]
            for key in changed:
                if wanted[key] != file[key]:
                    choose(uow, f"workflow.{key}", wanted[key])
                elif key in chosen:
                    revert(uow, f"workflow.{key}")
            if changed:
                uow.audit.add(
                    by.actor,
                    by.now,
                    "delays.changed",
                    before={key: present[key] for key in changed},
                    after={key: wanted[key] for key in changed},
                )
            return "/admin/delays?said=saved"

        try:
            # What another process chose a moment ago is what the form is held against.
            await in_force.renew()
            raise await self._room.change(request, form, work)
        except FAULTS as fault:
            wrong = in_words(fault, self._room.words(request))
            typed = {key: _joined(form.all(key)) for key in KINDS}
            return self._page(request, typed, wrong, form)

    def _revert(self, uow: UnitOfWork, by: Hand, key: str) -> None:
        in_force = self._room.deps.in_force
        file = in_force.file.workflow.model_dump(mode="json")
        present = in_force.choices.workflow.model_dump(mode="json")
        # Together with what stays chosen, the file's value must still make sense.
        checked("workflow", WorkflowSettings, {**present, key: file[key]})
        if revert(uow, f"workflow.{key}"):
            uow.audit.add(
                by.actor,
                by.now,
                "delays.changed",
                before={key: present[key]},
                after={key: file[key]},
            )

    def _page(
        self,
        request: web.Request,
        typed: Mapping[str, str],
        wrong: Wrong,
        form: Posted | None = None,
    ) -> web.Response:
        words, in_force = self._room.words(request), self._room.deps.in_force
        shown = typed_values(in_force.choices.workflow)
        seen = {key: form.text(f"seen.{key}") for key in KINDS} if form else shown
        file = typed_values(in_force.file.workflow)
        chosen = {
            key: told(KINDS[key], file[key], words)
            for key in KINDS
            if f"workflow.{key}" in in_force.choices.chosen
        }
        return self._room.page(
            request,
            "delays",
            "delays",
            groups={
                name: tuple(question(key, typed[key], words, wrong) for key in group)
                for name, group in GROUPS.items()
            },
            seen=seen,
            file_values=chosen,
            unfit=[
                name.removeprefix("workflow.")
                for name in in_force.choices.unfit
                if name.startswith("workflow.")
            ],
            country=in_force.file.workflow.country,
            zone=in_force.file.workflow.zone,
            wrong=wrong,
        )


def question(key: str, typed: str, words: Catalogue, wrong: Wrong) -> Question:
    """Return one value as a field."""
    kind = KINDS[key]
    hint = f"admin.delays.{key}.hint"
    picks: tuple[Pick, ...] = ()
    if kind == "days":
        names = {str(n): _weekday(n, words) for n in range(1, 8)}
        picks = _picks(names, typed)
    elif kind == "services":
        names = {name: words.t(f"service.{name}") for name in _SERVICES}
        picks = _picks(names, typed)
    elif kind == "flag":
        names = {"true": words.t("form.yes"), "false": words.t("form.no")}
        picks = _picks(names, typed)
    controls = {"days": "checks", "services": "checks", "flag": "radio"}
    controls |= {"dates": "long", "time": "time"}
    return Question(
        name=key,
        label=words.t(f"admin.delays.{key}"),
        control=controls.get(kind, "text"),
        value=typed,
        hint=words.t(hint) if hint in words else "",
        picks=picks,
        inputmode="decimal" if kind == "number" else "",
        autocomplete="off",
        why=wrong.get(key, ""),
    )


def _weekday(number: int, words: Catalogue) -> str:
    """Return the name of an ISO weekday; the first of January 2024 was a Monday."""
    return weekday(date(2024, 1, number), words.language)


def _picks(names: Mapping[str, str], typed: str) -> tuple[Pick, ...]:
    chosen = typed.split()
    return tuple(Pick(key, name, key in chosen) for key, name in names.items())


def typed_values(settings: WorkflowSettings) -> dict[str, str]:
    """Return every value as a person would type it."""
    return {key: _typed(kind, getattr(settings, key)) for key, kind in KINDS.items()}


def _typed(kind: str, value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case time():
            return f"{value:%H:%M}"
        case int() | float():
            return _number(value)
        case tuple():
            return "; ".join(_number(each) for each in value)
        case frozenset() if kind == "dates":
            return "\n".join(f"{day:%d/%m/%Y}" for day in sorted(value))
        case frozenset():
            return " ".join(sorted(map(str, value)))
        case _:
            raise TypeError(f"{kind} {value!r}")


def _number(value: float) -> str:
    return f"{value:g}".replace(".", ",")


def _joined(values: list[str]) -> str:
    return " ".join(sorted(values)) if len(values) > 1 else "".join(values).strip()


def read_typed(kind: str, values: list[str]) -> object:
    """Return what was typed as the model of the section reads it.

    Args:
        kind: how it is typed, a value of ``KINDS``.
        values: of the field; several for boxes.
    """
    text = "".join(values[:1]).strip()
    match kind:
        case "days" | "services":
            return values
        case "number":
            return text.replace(",", ".")
        case "numbers":
            parts = re.split(r"[;\s]+", text)
            return [part.strip(",").replace(",", ".") for part in parts if part]
        case "dates":
            return [_iso(part) for part in re.split(r"[;,\s]+", text) if part]
        case _:
            return text


def _iso(text: str) -> str:
    """Return a day of any of our forms as ISO 8601; anything else as it is."""
    found = _DAY.fullmatch(text)
    if found is None:
        return text
    day, month, year = map(int, found.groups())
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return text


def told(kind: str, typed: str, words: Catalogue) -> str:
    """Return a typed value in words, for « valeur du fichier »."""
    match kind:
        case "days":
            return ", ".join(_weekday(int(n), words) for n in typed.split())
        case "services":
            return ", ".join(words.t(f"service.{name}") for name in typed.split())
        case "flag":
            return words.t("form.yes" if typed == "true" else "form.no")
        case _:
            return typed.replace("\n", " ; ") or words.t("admin.none")
