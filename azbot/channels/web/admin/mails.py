"""The sentences of mails, replaced one by one, looked at before they are saved."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from aiohttp import web

from azbot.channels.web.admin.forms import NOTHING, Wrong, problem_words
from azbot.channels.web.admin.previews import framed, written
from azbot.channels.web.admin.room import Room
from azbot.channels.web.directory import Hand
from azbot.channels.web.posted import Posted, read_posted
from azbot.channels.web.staff import staff_of
from azbot.choices import Unfit, choose, revert
from azbot.choices.look import renderer_of
from azbot.choices.texts import COMMON, Texts, checked_text, sentences
from azbot.errors import NotFound, Problem
from azbot.i18n.catalogue import LANGUAGES, Catalogue, placeholders, words_of
from azbot.render import Renderer
from azbot.render.samples import SAMPLES, Sample
from azbot.resources import data_dir
from azbot.store import UnitOfWork
from azbot.store.codec import decode
from azbot.workflow.decision import NoticeKind

NO_FORM = Posted({}, {})
GROUPS = (COMMON, *(kind.value for kind in NoticeKind))


@dataclass(frozen=True, slots=True)
class Line:
    """One form of one sentence on the page.

    Attributes:
        name: of its field.
        label: the key below its mail, and which form it is.
        value: what is shown, or what was posted.
        seen: what was shown first: only what differs from it is replaced.
        delivered: azbot's own words.
        facts: what it must keep, in braces.
        why: what is wrong with it.
        revert: the key that makes it azbot's own again; empty when it is.
    """

    name: str
    label: str
    value: str
    seen: str
    delivered: str
    facts: str
    why: str
    revert: str


class MailRoom:
    """``/admin/mails``."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._renderer = room.deps.in_force.following(
            partial(renderer_of, data_dir("templates"))
        )

    def add_to(self, app: web.Application) -> None:
        """Serve the pages."""
        one = "/admin/mails/{group:[a-z_]+}/{language:fr|en|es}"
        app.router.add_get("/admin/mails", self.show_all)
        app.router.add_get(one, self.show)
        app.router.add_post(one, self.save)
        app.router.add_get(f"{one}/preview", self.preview)
        app.router.add_post(f"{one}/preview", self.preview)
        app.router.add_post(f"{one}/to/{{other:fr|en|es}}", self.turn)

    async def show_all(self, request: web.Request) -> web.Response:
        """Return every mail by its reader, with how much of it was replaced."""
        language = staff_of(request).language
        texts = self._room.deps.in_force.choices.texts
        subjects = await asyncio.to_thread(_subjects, self._renderer(), language)
        readers: dict[str, list[tuple[str, str, list[int]]]] = {}
        for kind in NoticeKind:
            subject, role = subjects[kind]
            counts = [_count(texts, each, kind.value) for each in LANGUAGES]
            readers.setdefault(role, []).append((kind.value, subject, counts))
        common = [_count(texts, each, COMMON) for each in LANGUAGES]
        return self._room.page(
            request,
            "mails",
            "mails",
            readers=list(readers.items()),
            common=common,
            languages=LANGUAGES,
        )

    async def show(self, request: web.Request) -> web.Response:
        """Return the sentences of one mail in one language."""
        group, language = _asked(request)
        return self._page(request, group, language, {}, NOTHING)

    async def turn(self, request: web.Request) -> web.Response:
        """Return the sentences in another language; what was typed in this one stays.

        It rides along in the form until it is saved.
        """
        group, language = _asked(request)
        forms = _forms(await read_posted(request), group, language)
        other = request.match_info["other"]
        return self._page(request, group, other, forms, NOTHING)

    async def save(self, request: web.Request) -> web.Response:
        """Replace what differs from what was shown, or take one sentence back."""
        group, language = _asked(request)
        form = await read_posted(request)
        forms = _forms(form, group, language)
        wanted: dict[str, dict[str, tuple[str, ...]]] = {}
        undone = form.text("revert")
        if undone not in sentences(group):
            for each, typed in forms.items():
                try:
                    wanted[each] = posted(typed, group, each)
                except Unfit as fault:
                    wrong = _wrong(fault, self._room.words(request))
                    return self._page(request, group, each, forms, wrong)

        def work(uow: UnitOfWork, by: Hand) -> str:
            here = f"/admin/mails/{group}/{language}"
            if undone in sentences(group):
                before = _present(uow, language, undone)
                if revert(uow, f"mail.{language}.{undone}"):
                    _note(uow, by, language, {undone: (before, ())})
                return f"{here}?said=reverted"
            for each, found in wanted.items():
                _note(uow, by, each, _replace(uow, each, found))
            return f"{here}?said=saved"

        raise await self._room.change(request, form, work)

    async def preview(self, request: web.Request) -> web.Response:
        """Return a mail in a frame of its own, with words that are not saved yet."""
        group, language = _asked(request)
        form = await read_posted(request) if request.method == "POST" else None
        words = self._room.words(request)
        variant = form.text("variant") if form else request.query.get("variant", "")
        part = form.text("part") if form else request.query.get("part", "")
        sample = _sample(group, variant)
        try:
            renderer = self._with(form, group, language)
        except Unfit as fault:
            wrong = _wrong(fault, words)
            lines = _lines(group, language, {}, form or NO_FORM, wrong, words)
            text = self._room.deps.pages.part(
                "admin/mail_wrong",
                words.language,
                lines=[line for line in lines if line.why],
            )
            return framed(text, words.language)
        mail = await asyncio.to_thread(written, renderer, sample, language)
        if part != "text":
            return framed(mail.html, language)
        text = self._room.deps.pages.part("admin/mail_text", language, mail=mail)
        return framed(text, language)

    def _with(self, form: Posted | None, group: str, language: str) -> Renderer:
        """Return what writes with the words of a form over those in force."""
        if form is None:
            return self._renderer()
        choices = self._room.deps.in_force.choices
        own = {**choices.texts.get(language, {}), **posted(form, group, language)}
        texts: Texts = {**choices.texts, language: own}
        return renderer_of(data_dir("templates"), replace(choices, texts=texts))

    def _page(
        self,
        request: web.Request,
        group: str,
        language: str,
        forms: Mapping[str, Posted],
        wrong: Wrong,
    ) -> web.Response:
        words = self._room.words(request)
        texts = self._room.deps.in_force.choices.texts.get(language, {})
        variants = [
            (sample.name, f"{n}. {words.t(f'admin.mails.role.{sample.role}')}")
            for n, sample in enumerate(_fitting(group), 1)
        ]
        subject = ""
        if group != COMMON:
            sample = _sample(group, "")
            subject = written(self._renderer(), sample, words.language).subject
        return self._room.page(
            request,
            "mails",
            "mail",
            group=group,
            shown=language,
            languages=LANGUAGES,
            lines=_lines(
                group, language, texts, forms.get(language, NO_FORM), wrong, words
            ),
            unsaved={
                each: _fields(typed, each)
                for each, typed in forms.items()
                if each != language and typed.values
            },
            variants=variants,
            mail_subject=subject,
            wrong=wrong,
        )


def _forms(form: Posted, group: str, language: str) -> dict[str, Posted]:
    """Return what was typed and not saved, by language: here, and in those before.

    Only what differs from what its page showed.
    """
    found = {}
    for each in LANGUAGES:
        begin = "" if each == language else f"unsaved.{each}."
        values: dict[str, list[str]] = {}
        for key in sentences(group):
            names = [field_name(key, n) for n in range(len(words_of(each)[key]))]
            seen = [f"seen.{name}" for name in names]
            if begin + names[0] not in form or all(
                form.text(begin + name) == form.text(begin + was)
                for name, was in zip(names, seen, strict=True)
            ):
                continue
            values |= {name: form.all(begin + name) for name in (*names, *seen)}
        found[each] = Posted(values, {})
    return found


def _fields(form: Posted, language: str) -> list[tuple[str, str]]:
    """Return the hidden fields in which another language rides along."""
    return [
        (f"unsaved.{language}.{name}", value) for name, value in form.first().items()
    ]


def _asked(request: web.Request) -> tuple[str, str]:
    group = request.match_info["group"]
    if group not in GROUPS:
        raise NotFound("mail", group)
    return group, request.match_info["language"]


def _sample(group: str, variant: str) -> Sample:
    """Return what a mail is shown with; shared sentences are shown in the first."""
    fitting = _fitting(group)
    named = [sample for sample in fitting if sample.name == variant]
    return (named or fitting)[0]


def _fitting(group: str) -> list[Sample]:
    own = [sample for sample in SAMPLES if sample.kind.value == group]
    return own or list(SAMPLES[:1])


def _subjects(
    renderer: Renderer, language: str
) -> Mapping[NoticeKind, tuple[str, str]]:
    """Return the subject and the reader of each mail's first sample."""
    found: dict[NoticeKind, tuple[str, str]] = {}
    for sample in SAMPLES:
        if sample.kind not in found:
            subject = written(renderer, sample, language).subject
            found[sample.kind] = (subject, sample.role)
    return found


def _count(texts: Texts, language: str, group: str) -> int:
    own = texts.get(language, {})
    return sum(key in own for key in sentences(group))


def field_name(key: str, place: int) -> str:
    """Return the name of the field of one form of a sentence."""
    return f"{key.removeprefix('mail.')}:{place}"


def posted(form: Posted, group: str, language: str) -> dict[str, tuple[str, ...]]:
    """Return the sentences that differ from what the page showed, checked.

    Raises:
        Unfit: with every sentence that cannot serve; paths name the fields.
    """
    found: dict[str, tuple[str, ...]] = {}
    problems: list[Problem] = []
    for key in sentences(group):
        names = [field_name(key, n) for n in range(len(words_of(language)[key]))]
        given = [form.text(name) for name in names]
        shown = [form.text(f"seen.{name}") for name in names]
        if given == shown or names[0] not in form:
            continue
        try:
            found[key] = checked_text(language, key, given)
        except Unfit as fault:
            problems += (
                Problem(names[int(one.path)], None, one.code, one.facts)
                for one in fault.problems
            )
    if problems:
        raise Unfit(problems)
    return found


def _wrong(fault: Exception, words: Catalogue) -> Wrong:
    if not isinstance(fault, Unfit):
        raise fault
    return {one.path: problem_words(one, words) for one in fault.problems}


def _lines(
    group: str,
    language: str,
    texts: Mapping[str, tuple[str, ...]],
    form: Posted,
    wrong: Wrong,
    words: Catalogue,
) -> list[Line]:
    found: list[Line] = []
    for key in sentences(group):
        delivered = words_of(language)[key]
        present = texts.get(key, delivered)
        for place, original in enumerate(delivered):
            name = field_name(key, place)
            label = _label(key, group, words)
            if len(delivered) > 1:
                label += f" ({words.t(f'admin.mails.form.{place}')})"
            facts = " ".join(f"{{{each}}}" for each in sorted(placeholders(original)))
            found.append(
                Line(
                    name=name,
                    label=label,
                    value=form.text(name) if name in form else present[place],
                    seen=form.text(f"seen.{name}") if name in form else present[place],
                    delivered=original,
                    facts=facts,
                    why=wrong.get(name, ""),
                    revert=key if key in texts else "",
                )
            )
    return found


def _label(key: str, group: str, words: Catalogue) -> str:
    """Return what a sentence is in its mail; rarer ones by their key."""
    own = key.removeprefix("mail.")
    part, _, variant = (
        own.partition(".")[2].partition(".") if "." in own else ("", "", "")
    )
    named = f"admin.mails.part.{part}"
    if group == COMMON or named not in words:
        return own.removeprefix(f"{group}.")
    return f"{words.t(named)} ({variant})" if variant else words.t(named)


def _present(uow: UnitOfWork, language: str, key: str) -> tuple[str, ...]:
    chosen = uow.settings.get(f"choice.mail.{language}.{key}")
    return words_of(language)[key] if chosen is None else tuple(decode(chosen))


def _replace(
    uow: UnitOfWork, language: str, wanted: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Choose sentences; return those that changed, before and after."""
    changes = {}
    for key, forms in wanted.items():
        before = _present(uow, language, key)
        if forms == before:
            continue
        if forms == words_of(language)[key]:
            revert(uow, f"mail.{language}.{key}")
        else:
            choose(uow, f"mail.{language}.{key}", forms)
        changes[key] = (before, forms)
    return changes


def _note(
    uow: UnitOfWork,
    by: Hand,
    language: str,
    changes: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]],
) -> None:
    for key, (before, after) in changes.items():
        uow.audit.add(
            by.actor,
            by.now,
            "mail.changed",
            f"{key.removeprefix('mail.')} ({language})",
            before=" / ".join(before),
            after=" / ".join(after or words_of(language)[key]),
        )
