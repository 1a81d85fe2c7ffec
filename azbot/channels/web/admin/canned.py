"""Canned answers: texts agents put into their replies, with variables (ux.md 6.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from aiohttp import web

from azbot.channels.web.admin.forms import FAULTS, NOTHING, Wrong
from azbot.channels.web.admin.forms import wrong_of as in_words
from azbot.channels.web.admin.room import Room
from azbot.channels.web.directory import Hand
from azbot.channels.web.form import Pick, Question
from azbot.channels.web.inbox.variables import NAMES, VARIABLE
from azbot.channels.web.posted import Posted, read_posted
from azbot.choices import Unfit
from azbot.errors import NotFound, Problem
from azbot.forms.folding import fold
from azbot.i18n.catalogue import LANGUAGES, Catalogue
from azbot.store import UnitOfWork
from azbot.store.canned import CannedAnswer

_KNOWN = frozenset(fold(name) for names in NAMES.values() for name in names)
_SHORTCUT = re.compile(r"[\w-]{0,40}")
_LONGEST_TITLE = 120
_LONGEST = 10_000


class CannedRoom:
    """``/admin/canned``."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def add_to(self, app: web.Application) -> None:
        """Serve the pages."""
        number = "{number:[0-9]{1,12}}"
        app.router.add_get("/admin/canned", self.show)
        app.router.add_get("/admin/canned/new", self.edit)
        app.router.add_post("/admin/canned/new", self.save)
        app.router.add_get(f"/admin/canned/{number}", self.edit)
        app.router.add_post(f"/admin/canned/{number}", self.save)
        app.router.add_post(f"/admin/canned/{number}/drop", self.drop)

    async def show(self, request: web.Request) -> web.Response:
        """Return every canned answer."""
        answers = await self._room.deps.store.views.canned_answers()
        return self._room.page(request, "canned", "canned", answers=answers)

    async def edit(self, request: web.Request) -> web.Response:
        """Return the form of one, or of a new one."""
        return await self._page(request, None, NOTHING)

    async def save(self, request: web.Request) -> web.Response:
        """Add or change one."""
        form, key = await read_posted(request), _number(request)

        def work(uow: UnitOfWork, by: Hand) -> str:
            others = [each for each in uow.canned_answers.all() if each.id != key]
            before = next((e for e in uow.canned_answers.all() if e.id == key), None)
            if key and before is None:
                raise NotFound("canned answer", key)
            position = before.position if before else _last(others)
            answer = checked(form, key, position, others, by)
            if key:
                uow.canned_answers.save(answer)
            else:
                uow.canned_answers.add(answer)
            what = "canned.changed" if key else "canned.added"
            old = told(before) if before else None
            uow.audit.add(
                by.actor, by.now, what, answer.title, before=old, after=told(answer)
            )
            return "/admin/canned?said=saved"

        try:
            raise await self._room.change(request, form, work)
        except FAULTS as fault:
            wrong = in_words(fault, self._room.words(request))
            return await self._page(request, form, wrong)

    async def drop(self, request: web.Request) -> web.Response:
        """Forget one; texts already sent stay."""
        form, key = await read_posted(request), _number(request)

        def work(uow: UnitOfWork, by: Hand) -> str:
            before = next((e for e in uow.canned_answers.all() if e.id == key), None)
            if before is not None and uow.canned_answers.drop(key):
                uow.audit.add(
                    by.actor,
                    by.now,
                    "canned.dropped",
                    before.title,
                    before=told(before),
                )
            return "/admin/canned?said=dropped"

        raise await self._room.change(request, form, work)

    async def _page(
        self, request: web.Request, form: Posted | None, wrong: Wrong
    ) -> web.Response:
        words, key = self._room.words(request), _number(request)
        typed: Mapping[str, str] = {}
        if form is not None:
            typed = {name: form.text(name) for name in _FIELDS}
        elif key:
            answers = await self._room.deps.store.views.canned_answers()
            found = next((each for each in answers if each.id == key), None)
            if found is None:
                raise NotFound("canned answer", key)
            typed = {name: str(getattr(found, name)) for name in _FIELDS}
        return self._room.page(
            request,
            "canned",
            "canned_answer",
            number=key,
            title=typed.get("title", ""),
            questions=questions(typed, words, wrong),
            variables=[
                (
                    f"{{{_spoken(names, words.language)}}}",
                    words.t(f"admin.canned.variable.{name}"),
                )
                for name, names in NAMES.items()
            ],
            wrong=wrong,
        )


_FIELDS = ("title", "shortcut", "language", "text", "position")


def _number(request: web.Request) -> int:
    return int(request.match_info.get("number", "0"))


def _last(others: list[CannedAnswer]) -> int:
    return max((each.position for each in others), default=0) + 1


def questions(
    typed: Mapping[str, str], words: Catalogue, wrong: Wrong
) -> tuple[Question, ...]:
    """Return the fields of a canned answer."""
    language = typed.get("language") or "fr"

    def asked(name: str, control: str = "text", **more: object) -> Question:
        hint = f"admin.canned.{name}.hint"
        return Question(
            name,
            words.t(f"admin.canned.{name}"),
            control,
            typed.get(name, ""),
            words.t(hint) if hint in words else "",
            autocomplete="off",
            why=wrong.get(name, ""),
            **more,  # type: ignore[arg-type]
        )

    return (
        asked("title", is_required=True),
        asked("shortcut"),
        asked(
            "language",
            "select",
            is_required=True,
            picks=tuple(
                Pick(each, words.t(f"admin.language.{each}"), each == language)
                for each in LANGUAGES
            ),
        ),
        asked("text", "long", is_required=True),
        asked("position", inputmode="numeric"),
    )


def checked(
    form: Posted, key: int, position: int, others: list[CannedAnswer], by: Hand
) -> CannedAnswer:
    """Return the canned answer a form describes.

    Args:
        form: as it was posted.
        key: its number, 0 for a new one.
        position: its place when the form names none.
        others: what there is besides.
        by: whose change it is.

    Raises:
        Unfit: with everything that is wrong.
    """
    title, text = " ".join(form.text("title").split()), form.text("text")
    shortcut, language = form.text("shortcut").lstrip(";"), form.text("language")
    problems: list[Problem] = []
    for name, value, longest in (
        ("title", title, _LONGEST_TITLE),
        ("text", text, _LONGEST),
    ):
        if not value:
            problems.append(Problem(name, None, "no_words"))
        elif len(value) > longest:
            facts = {"longest": str(longest)}
            problems.append(Problem(name, None, "words_long", facts))
    if not _SHORTCUT.fullmatch(shortcut):
        problems.append(Problem("shortcut", None, "bad_shortcut"))
    elif shortcut and any(_is_same(shortcut, language, each) for each in others):
        problems.append(Problem("shortcut", None, "shortcut_taken"))
    if language not in LANGUAGES:
        problems.append(Problem("language", None, "no_words"))
    if unknown := unknown_variables(text):
        facts = {"words": ", ".join(f"{{{name}}}" for name in unknown)}
        problems.append(Problem("text", None, "variable_unknown", facts))
    if problems:
        raise Unfit(problems)
    return CannedAnswer(
        id=key,
        title=title,
        text=text,
        updated_at=by.now,
        shortcut=shortcut,
        language=language,
        position=min(form.number("position"), 10_000) or position,
    )


def _is_same(shortcut: str, language: str, other: CannedAnswer) -> bool:
    return (other.shortcut.casefold(), other.language) == (
        shortcut.casefold(),
        language,
    )


def unknown_variables(text: str) -> list[str]:
    """Return the variables nobody could fill in, each once."""
    found = dict.fromkeys(hit[1] for hit in VARIABLE.finditer(text))
    return [name for name in found if fold(name) not in _KNOWN]


def _spoken(names: tuple[str, ...], language: str) -> str:
    """Return what a variable is called in a language; each serves in all of them."""
    place = {"fr": 0, "en": 1 if len(names) > 2 else 0, "es": -1}
    return names[place[language]]


def told(answer: CannedAnswer) -> dict[str, object]:
    """Return what the log tells of a canned answer."""
    return {name: getattr(answer, name) for name in _FIELDS}
