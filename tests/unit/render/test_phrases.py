"""Refusals in words, and every notice and refusal the workflow can give."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest

from azbot.forms.intervention import CHECKLIST
from azbot.i18n.catalogue import LANGUAGES, strict_catalogue
from azbot.render.phrases import refusal_sentence
from azbot.workflow.decide import decide
from azbot.workflow.decision import Decision, Notice, NoticeKind, Refusal
from tests.mails.samples import a_renderer, links_for, sample
from tests.mails.samples import reader_of as some_reader
from tests.unit.workflow.samples import SAMPLES
from tests.unit.workflow.stages import (
    ADMIN,
    AGENT,
    CLIENT,
    RULES,
    STAGES,
    STATION,
    SYSTEM,
    VISIT_AT,
    VISIT_STAGES,
)

RENDERER = a_renderer()


@cache
def outcomes() -> tuple[Decision | Refusal, ...]:
    """Return what every command does at every stage, whoever sends it."""
    return tuple(_outcomes())


def _outcomes() -> Iterator[Decision | Refusal]:
    states = [reach() for reach in (*STAGES.values(), *VISIT_STAGES.values())]
    for command, actor in SAMPLES:
        for who in {actor, CLIENT, STATION, AGENT, ADMIN, SYSTEM}:
            for it in (None, *states):
                yield decide(it, command, who, VISIT_AT, RULES)


def notices() -> list[Notice]:
    """Return one notice of each kind, audience and set of facts."""
    told = [n for o in outcomes() if isinstance(o, Decision) for n in o.notices]
    shapes = {
        (n.kind, n.to, tuple(sorted(n.facts)), n.facts.get("what")): n for n in told
    }
    assert len(shapes) > 25, "the workflow tells more than that"
    return list(shapes.values())


def refusals() -> list[Refusal]:
    """Return one refusal of each code."""
    found = {o.code: o for o in outcomes() if isinstance(o, Refusal)}
    assert len(found) > 12, "the workflow refuses more than that"
    return list(found.values())


_ROLES = {
    "requester": "planned",
    "contact": "planned-contact",
    "colleague": "colleague_invited",
    "station": "mission",
    "desk": "desk",
    "address": "report",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_the_workflow_tells_can_be_written(language: str) -> None:
    for notice in notices():
        one = sample(_ROLES[notice.to.value])
        words = RENDERER.mail(
            notice.kind, notice.facts, some_reader(one, language), links_for(one)
        )
        assert len(words.subject) <= 70
        assert words.subject.endswith("ASFR26000184"), notice.kind


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_a_rule_refuses_has_a_sentence_that_repairs(language: str) -> None:
    words = strict_catalogue(language)
    for refusal in refusals():
        sentence = refusal_sentence(words, refusal.code, refusal.facts)
        assert sentence.endswith(".")
        assert "{" not in sentence
        assert len(sentence) > 30


def test_the_facts_of_a_refusal_are_told_in_words() -> None:
    words = strict_catalogue("fr")
    said = refusal_sentence(
        words, "wrong_visit_status", {"number": 1, "status": "planned"}
    )
    assert "visite 1 est «\u00a0Planifiée\u00a0»" in said
    said = refusal_sentence(
        words, "missing_prerequisite", {"items": ["system", "order_proof"]}
    )
    assert "système et bon de commande" in said
    said = refusal_sentence(words, "date_past", {"date": "2026-03-25T12:00:00+00:00"})
    assert "mercredi 25\u00a0mars 2026 à\u00a013\u00a0h" in said
    said = refusal_sentence(words, "signatures_missing", {"roles": ["client"]})
    assert "Client final ou promoteur" in said
    said = refusal_sentence(words, "form_incomplete", {"fields": ["distance_km"]})
    assert "Distance parcourue" in said
    said = refusal_sentence(words, "form_incomplete", {"fields": list(CHECKLIST)})
    assert not any(key in said for key in CHECKLIST)
    said = refusal_sentence(words, "not_allowed", {"role": "client"})
    assert said.startswith("Votre rôle")


def test_a_refused_answer_is_explained_by_mail() -> None:
    words = RENDERER.mail(
        NoticeKind.REJECTED,
        sample("rejected-refused").all_facts,
        some_reader(sample("planned"), "fr"),
        links_for(sample("planned")),
    )
    assert "le statut «\u00a0Clôturée\u00a0»" in words.text.replace("\n", " ")
