"""What earlier visits at an address left behind: facts about the installation alone.

Whoever comes next needs to know which devices stand there, what was replaced and what
was left to do, whoever asked for it then. Of people nothing is told: no name, no
company, no reference, no signature, no photo, no message (decision 0013).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from azbot.forms.intervention import CHECKLIST, INTERVENTION
from azbot.forms.kinds import Choice, Context
from azbot.forms.lists import MAKERS, MODELS
from azbot.i18n import formats
from azbot.i18n.answers import answer_words, option_words
from azbot.i18n.catalogue import Catalogue
from azbot.workflow.model import Answers, Assistance, Intervention

_UNIT_LISTS: Mapping[str, Choice] = {
    "maker": Choice("makers", MAKERS, has_other=True),
    "model": Choice("models", MODELS, has_other=True),
}
_SERIALS = ("webserver_mac", "webserver_serial")


@dataclass(frozen=True, slots=True)
class Past:
    """One earlier visit.

    Attributes:
        when: « 25 mars 2026 », its day on the site's calendar.
        facts: (label, value): serial numbers and units.
        replaced: one line for each part.
        faults: points of the checklist that were answered « Non », with their remark.
        remaining: what it left to do, empty when the problem was solved.
    """

    when: str
    service: str
    facts: tuple[tuple[str, str], ...]
    replaced: tuple[str, ...]
    faults: tuple[str, ...]
    remaining: str


@dataclass(frozen=True, slots=True)
class Memory:
    """Every earlier visit at one address, newest first."""

    visits: tuple[Past, ...] = ()


def memory_of(
    earlier: Iterable[Assistance], words: Catalogue, lists: Context
) -> Memory:
    """Return what is remembered.

    Args:
        earlier: assistances at the same address; their finished visits count.
        words: the reader's language.
        lists: the lists in force.
    """
    done = [
        (visit.finished_at, it, visit)
        for it in earlier
        for visit in it.interventions
        if visit.finished_at is not None
    ]
    done.sort(key=lambda each: each[0], reverse=True)
    return Memory(tuple(_past(it, visit, words, lists) for _, it, visit in done))


def _past(
    it: Assistance, visit: Intervention, words: Catalogue, lists: Context
) -> Past:
    at = visit.arrived_at or visit.finished_at or it.opened_at
    service = it.service
    return Past(
        when=formats.long_date(formats.local(at, it.zone_name).date(), words.language),
        service=words.t(f"service.{service.value}") if service else "",
        facts=tuple(_facts(visit.answers, words, lists)),
        replaced=tuple(_replaced(visit.answers, words)),
        faults=tuple(_faults(visit.answers, words)),
        remaining="" if visit.is_concluded else visit.remaining,
    )


def _facts(
    answers: Answers, words: Catalogue, lists: Context
) -> Iterator[tuple[str, str]]:
    for key in _SERIALS:
        value = answers.get(key)
        if isinstance(value, str) and value:
            asked = INTERVENTION.fields[key]
            label = words.t(INTERVENTION.label(key))
            yield label, answer_words(asked, value, words, lists)
    for place, unit in enumerate(_blocks(answers, "production_units"), 1):
        parts = [
            option_words(kind, str(unit[key]), words, lists)
            for key, kind in _UNIT_LISTS.items()
            if unit.get(key)
        ]
        if serial := unit.get("serial_number"):
            parts.append(words.t("station.memory.serial", serial=serial))
        yield words.t("station.memory.unit", number=place), ", ".join(parts)


def _replaced(answers: Answers, words: Catalogue) -> Iterator[str]:
    for part in _blocks(answers, "material"):
        quantity = part.get("quantity")
        name = str(part.get("designation") or part.get("reference") or "")
        line = words.t("station.memory.part", quantity=quantity or 1, name=name)
        for key in ("old_serial", "new_serial"):
            if serial := part.get(key):
                line += ", " + words.t(f"station.memory.{key}", serial=serial)
        yield line


def _faults(answers: Answers, words: Catalogue) -> Iterator[str]:
    for key in CHECKLIST:
        value = answers.get(key)
        if not isinstance(value, Mapping) or value.get("answer") != "no":
            continue
        label = words.t(INTERVENTION.label(key))
        remark = value.get("remark")
        yield f"{label} – {remark}" if remark else label


def _blocks(answers: Answers, key: str) -> Iterator[Mapping[str, object]]:
    value = answers.get(key)
    if isinstance(value, list | tuple):
        yield from (each for each in value if isinstance(each, Mapping))
