"""A request somebody is asked for: what is answered, and what comes next. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from azbot.chat.request.progress import Progress, progress_of
from azbot.forms.filling import (
    LAST,
    NOTE,
    NOTE_KIND,
    Reading,
    Texts,
    read,
    revised,
    step_of,
)
from azbot.forms.kinds import Context, Lists, Problem
from azbot.store import Person
from azbot.store.request_drafts import RequestDraft, RequestFile

EMAIL = "email"
"""Text of whoever is not known; of everybody else it is known."""

RECAP = "recap"
FILES = "files"


class Question(NamedTuple):
    """One question of a talk.

    Attributes:
        key: names its words in the catalogue.
        fields: of the request form, which it asks for.
    """

    key: str
    fields: tuple[str, ...] = ()


QUESTIONS = (
    Question("service", ("service",)),
    Question("place", ("address", "postcode", "town", "region", "country")),
    Question("system", ("system",)),
    Question("counts", ("system_count", "thermostat_count")),
    Question("maker", ("maker",)),
    Question("contact", ("contact_name", "phone", "phone_2")),
    Question("you", (EMAIL, "contact_email", "installer", "distributor")),
    Question(FILES),
)
"""Those of ux.md 10.4, in their order; the recap is the last one."""

_BY_KEY = {question.key: question for question in QUESTIONS}
_STEP_OF_CONTACT = step_of("contact_name")
_LONGEST_NOTE = NOTE_KIND.longest


@dataclass(frozen=True, slots=True)
class Asking:
    """A draft, and what it means.

    Attributes:
        person: who asks, proven; None: nobody we know.
        country: of the desk.
        lists: those an administrator changed, by name.
    """

    draft: RequestDraft
    progress: Progress
    reading: Reading
    person: Person | None
    country: str
    lists: Lists

    @property
    def texts(self) -> Texts:
        """What was said so far, by field."""
        return self.draft.texts

    @property
    def context(self) -> Context:
        """What the kinds of the form need to know."""
        country = self.reading.values.get("country", self.country)
        return Context(country=str(country), catalogues=self.lists)

    # --- what comes next ----------------------------------------------------------

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions there are for whoever asks."""
        return tuple(each for each in QUESTIONS if self._exists(each))

    @property
    def current(self) -> str:
        """The question that is open."""
        keys = {each.key for each in self.questions}
        return self.progress.at if self.progress.at in keys else self.next_open

    @property
    def next_open(self) -> str:
        """The first question without a whole answer; the recap when there is none."""
        waiting = (each.key for each in self.questions if not self.is_done(each.key))
        return next(waiting, RECAP)

    @property
    def place(self) -> tuple[int, int]:
        """The number of the current question, and how many there are."""
        keys = [each.key for each in self.questions]
        keys.append(RECAP)
        return keys.index(self.current) + 1, len(keys)

    @property
    def before(self) -> str:
        """The question before the current one, empty at the first."""
        keys = [*(each.key for each in self.questions), RECAP]
        place = keys.index(self.current)
        return keys[place - 1] if place else ""

    def is_done(self, key: str) -> bool:
        """Whether nothing is left to ask there."""
        if key in (FILES, "contact") and key not in self.progress.passed:
            return False
        return not self.missing(key)

    def missing(self, key: str) -> tuple[str, ...]:
        """Return the fields of a question that are not answered as they must be."""
        fields = _BY_KEY[key].fields if key in _BY_KEY else ()
        return tuple(each for each in fields if self._lacks(each))

    def problem(self, key: str) -> Problem | None:
        """Return what is wrong with an answer that was given, None when nothing."""
        found = (self.reading.problems.get(each) for each in self.missing(key))
        return next((each for each in found if each and each.code != "mandatory"), None)

    @property
    def is_half_counted(self) -> bool:
        """Whether systems were counted just now, and thermostats are next."""
        return self.current == "counts" and self.missing("counts") == (
            "thermostat_count",
        )

    @property
    def is_touched(self) -> bool:
        """Whether anything was said that would be lost with it."""
        return bool(self.progress.passed or self.draft.files or self.texts.get(NOTE))

    @property
    def may_send(self) -> bool:
        """Whether the desk could be told now, whatever is missing."""
        return self.person is not None or EMAIL in self.texts

    @property
    def is_whole(self) -> bool:
        """Whether everything is answered."""
        return self.may_send and not self.reading.problems

    def _exists(self, question: Question) -> bool:
        if question.key != "you" or self.person is None:
            return True
        return question.key in self.progress.passed or bool(self.missing("you"))

    def _lacks(self, field: str) -> bool:
        if field == EMAIL:
            return self.person is None and EMAIL not in self.texts
        return field in self.reading.problems

    # --- what changes -------------------------------------------------------------

    def answered(self, texts: Mapping[str, str]) -> Asking:
        """Return it with answers; an empty one is taken back."""
        was = dict.fromkeys(texts, "\x00")
        merged = dict(revised(self.texts, was, texts))
        email = texts.get(EMAIL, self.texts.get(EMAIL, ""))
        if email and self.person is None:
            merged[EMAIL] = email
        return self._with(replace(self.draft, texts=merged))

    def noted(self, words: str) -> Asking:
        """Return it with words for the desk, below those that are there."""
        before = self.texts.get(NOTE, "")
        if f"\n{words}\n" in f"\n{before}\n":
            return self
        return self.answered({NOTE: f"{before}\n{words}".strip()[:_LONGEST_NOTE]})

    def has_room_for(self, words: str) -> bool:
        """Whether words for the desk can be kept whole."""
        return len(self.texts.get(NOTE, "")) + len(words) < _LONGEST_NOTE

    def moved(self, progress: Progress) -> Asking:
        """Return it as far as it has come now."""
        return replace(self, progress=progress)

    def with_files(self, files: tuple[RequestFile, ...]) -> Asking:
        """Return it with these files."""
        return replace(self, draft=replace(self.draft, files=files))

    def to_draft(self) -> RequestDraft:
        """Return what is stored of it.

        The portal opens the draft at the page of the first question that is open.
        """
        step = self.reading.first_wrong or LAST
        if not self.is_done("contact"):
            step = min(step, _STEP_OF_CONTACT)
        return replace(self.draft, step=step, memory=self.progress.to_memory())

    def _with(self, draft: RequestDraft) -> Asking:
        reading = read(draft.texts, self.country, self.lists)
        return replace(self, draft=draft, reading=reading)


def asking_of(
    draft: RequestDraft, person: Person | None, country: str, lists: Lists
) -> Asking:
    """Return what a draft means.

    Args:
        draft: as it is stored.
        person: who asks, proven; None: nobody we know.
        country: of the desk.
        lists: those an administrator changed, by name.
    """
    progress = progress_of(draft.memory)
    if draft.step > _STEP_OF_CONTACT and "contact" not in progress.passed:
        # On the page of the portal the contact was seen and kept.
        progress = replace(progress, passed=(*progress.passed, "contact"))
    reading = read(draft.texts, country, lists)
    return Asking(draft, progress, reading, person, country, lists)
