"""Lists of the forms: systems, makers, models, integrations, emitters (R159)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from aiohttp import web

from azbot.channels.web.admin.forms import FAULTS, NOTHING, Wrong
from azbot.channels.web.admin.forms import wrong_of as in_words
from azbot.channels.web.admin.room import Room
from azbot.channels.web.directory import Hand
from azbot.channels.web.form import Pick, Question
from azbot.channels.web.posted import Posted, read_posted
from azbot.choices import choose, revert
from azbot.choices.lists import (
    STARTERS,
    Entry,
    checked_entry,
    entry_of,
    list_in_force,
    new_key,
)
from azbot.choices.values import lists_of
from azbot.errors import NotFound
from azbot.forms.kinds import Option
from azbot.i18n.answers import option_name
from azbot.i18n.catalogue import LANGUAGES, Catalogue, catalogue
from azbot.store import UnitOfWork
from azbot.store.codec import decode


@dataclass(frozen=True, slots=True)
class Row:
    """One entry as the page shows it.

    Attributes:
        is_own: an administrator added it.
        is_changed: it is not what azbot delivers.
    """

    key: str
    name: str
    synonyms: str
    is_active: bool
    is_own: bool
    is_changed: bool


class ListRoom:
    """``/admin/lists``."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def add_to(self, app: web.Application) -> None:
        """Serve the pages."""
        name, key = "{list:[a-z]+}", "{key:[a-z0-9_]+}"
        app.router.add_get("/admin/lists", self.show_all)
        app.router.add_get(f"/admin/lists/{name}", self.show)
        app.router.add_post(f"/admin/lists/{name}", self.add)
        app.router.add_get(f"/admin/lists/{name}/{key}", self.edit)
        app.router.add_post(f"/admin/lists/{name}/{key}", self.save)

    async def show_all(self, request: web.Request) -> web.Response:
        """Return the lists there are."""
        lists = self._room.deps.in_force.choices.lists
        counts = [
            (name, sum(o.is_active for o in lists.get(name, starter)), name in lists)
            for name, starter in STARTERS.items()
        ]
        return self._room.page(request, "lists", "lists", lists=counts)

    async def show(self, request: web.Request) -> web.Response:
        """Return one list, and the form for a new entry."""
        return self._list(request, _name(request), None, NOTHING)

    async def add(self, request: web.Request) -> web.Response:
        """Add an entry."""
        name, form = _name(request), await read_posted(request)

        def work(uow: UnitOfWork, by: Hand) -> str:
            options, rank = _present(uow, name)
            entry = checked_entry(_entry(form, None), "", options)
            key = new_key(entry.name, {option.key for option in options})
            choose(uow, f"list.{name}.{key}", {**asdict(entry), "rank": rank})
            _note(uow, by, name, None, entry)
            return f"/admin/lists/{name}?said=added"

        try:
            raise await self._room.change(request, form, work)
        except FAULTS as fault:
            wrong = in_words(fault, self._room.words(request))
            return self._list(request, name, form, _named(wrong))

    async def edit(self, request: web.Request) -> web.Response:
        """Return the form of one entry."""
        return self._entry_page(request, None, NOTHING)

    async def save(self, request: web.Request) -> web.Response:
        """Change an entry, or make it what azbot delivers."""
        name, form = _name(request), await read_posted(request)
        key = request.match_info["key"]

        def work(uow: UnitOfWork, by: Hand) -> str:
            options, _ = _present(uow, name)
            before = _option(options, key)
            starter = next((o for o in STARTERS[name] if o.key == key), None)
            row = f"list.{name}.{key}"
            if "revert" in form and starter is not None:
                if revert(uow, row):
                    _note(uow, by, name, entry_of(before), entry_of(starter), key)
                return f"/admin/lists/{name}?said=reverted"
            entry = checked_entry(_entry(form, starter), key, options)
            if entry != entry_of(before):
                stored = uow.settings.get(f"choice.{row}")
                rank = decode(stored).get("rank", 0) if stored else 0
                choose(uow, row, {**asdict(entry), "rank": rank})
                _note(uow, by, name, entry_of(before), entry, key)
            return f"/admin/lists/{name}?said=saved"

        try:
            raise await self._room.change(request, form, work)
        except FAULTS as fault:
            wrong = in_words(fault, self._room.words(request))
            return self._entry_page(request, form, _named(wrong))

    def _list(
        self, request: web.Request, name: str, form: Posted | None, wrong: Wrong
    ) -> web.Response:
        words = self._room.words(request)
        options, chosen = self._options(name), self._room.deps.in_force.choices.chosen
        delivered = {option.key for option in STARTERS[name]}
        rows = [
            Row(
                option.key,
                option_name(option, words),
                ", ".join(option.synonyms),
                option.is_active,
                option.key not in delivered,
                f"list.{name}.{option.key}" in chosen,
            )
            for option in options
        ]
        typed = _typed(form, None)
        return self._room.page(
            request,
            "lists",
            "list",
            name=name,
            rows=rows,
            questions=_questions(typed, None, words, wrong),
            wrong=wrong,
        )

    def _entry_page(
        self, request: web.Request, form: Posted | None, wrong: Wrong
    ) -> web.Response:
        name, words = _name(request), self._room.words(request)
        option = _option(self._options(name), request.match_info["key"])
        starter = next((o for o in STARTERS[name] if o.key == option.key), None)
        chosen = self._room.deps.in_force.choices.chosen
        return self._room.page(
            request,
            "lists",
            "list_entry",
            name=name,
            option=option,
            title=option_name(option, words),
            questions=(
                *_questions(_typed(form, option), starter, words, wrong),
                _state(form, option, words),
            ),
            may_revert=starter and f"list.{name}.{option.key}" in chosen,
            wrong=wrong,
        )

    def _options(self, name: str) -> tuple[Option, ...]:
        lists = self._room.deps.in_force.choices.lists
        return lists.get(name) or list_in_force(name, {})


def _name(request: web.Request) -> str:
    name = request.match_info["list"]
    if name not in STARTERS:
        raise NotFound("list", name)
    return name


def _option(options: tuple[Option, ...], key: str) -> Option:
    found = next((option for option in options if option.key == key), None)
    if found is None:
        raise NotFound("entry", key)
    return found


def _present(uow: UnitOfWork, name: str) -> tuple[tuple[Option, ...], int]:
    """Return the list as it is stored now, and the place of its next own entry."""
    prefix = f"list.{name}."
    rows = uow.settings.below(f"choice.{prefix}")
    chosen = {f"{prefix}{key}": decode(value) for key, value in rows.items()}
    ranks = [value.get("rank") or 0 for value in chosen.values()]
    options = lists_of(chosen).get(name) or list_in_force(name, {})
    return options, max(ranks, default=0) + 1


def _entry(form: Posted, starter: Option | None) -> Entry:
    """Return what was posted; words azbot has in three languages stay its own."""
    names = [(each, form.text(f"name_{each}")) for each in LANGUAGES]
    has_label = starter is not None and bool(starter.label)
    french = "" if has_label else names[0][1]
    return Entry(
        name=french,
        names=tuple(pair for pair in names[0 if has_label else 1 :] if pair[1]),
        synonyms=tuple(form.text("synonyms").split("\n")),
        is_active=form.text("is_active") != "false",
    )


def _typed(form: Posted | None, option: Option | None) -> dict[str, str]:
    if form is not None:
        names = {f"name_{each}": form.text(f"name_{each}") for each in LANGUAGES}
        return {**names, "synonyms": form.text("synonyms")}
    if option is None:
        return {}
    own = dict(option.names)
    return {
        "name_fr": own.get("fr", option.name),
        "name_en": own.get("en", ""),
        "name_es": own.get("es", ""),
        "synonyms": "\n".join(option.synonyms),
    }


def _questions(
    typed: Mapping[str, str], starter: Option | None, words: Catalogue, wrong: Wrong
) -> tuple[Question, ...]:
    has_label = starter is not None and bool(starter.label)

    def hint(language: str) -> str:
        if starter is not None and has_label:
            delivered = catalogue(language).t(starter.label)
            return words.t("admin.lists.delivered", words=delivered)
        return words.t("admin.lists.same") if language != "fr" else ""

    names = tuple(
        Question(
            f"name_{language}",
            words.t(f"admin.lists.name_{language}"),
            value=typed.get(f"name_{language}", ""),
            hint=hint(language),
            is_required=language == "fr" and not has_label,
            autocomplete="off",
            why=wrong.get(f"name_{language}", ""),
        )
        for language in LANGUAGES
    )
    synonyms = Question(
        "synonyms",
        words.t("admin.lists.synonyms"),
        "long",
        typed.get("synonyms", ""),
        words.t("admin.lists.synonyms.hint"),
        why=wrong.get("synonyms", ""),
    )
    return (*names, synonyms)


def _state(form: Posted | None, option: Option, words: Catalogue) -> Question:
    is_active = form.text("is_active") != "false" if form else option.is_active
    return Question(
        "is_active",
        words.t("admin.lists.is_active"),
        "radio",
        picks=(
            Pick("true", words.t("admin.lists.active"), is_active),
            Pick("false", words.t("admin.lists.retired"), not is_active),
        ),
    )


def _named(wrong: Wrong) -> Wrong:
    return {"name_fr" if name == "name" else name: why for name, why in wrong.items()}


def _note(
    uow: UnitOfWork,
    by: Hand,
    name: str,
    before: Entry | None,
    after: Entry,
    key: str = "",
) -> None:
    """Log what differs; an entry is named as people of the list know it."""
    new = _told(after)
    old = _told(before) if before else {}
    names = [n for n in dict.fromkeys((*old, *new)) if old.get(n) != new.get(n)]
    subject = after.name or "".join(words for _, words in after.names[:1]) or key
    uow.audit.add(
        by.actor,
        by.now,
        "list.changed",
        f"{name}: {subject}",
        before={each: old.get(each) for each in names} if before else None,
        after={each: new.get(each) for each in names} if before else new,
    )


def _told(entry: Entry) -> dict[str, object]:
    return {
        "name": entry.name,
        **{f"name_{language}": words for language, words in entry.names},
        "synonyms": list(entry.synonyms),
        "is_active": entry.is_active,
    }
