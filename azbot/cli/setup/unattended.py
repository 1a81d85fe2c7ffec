"""Sets up from a file of answers: what a person would be asked, without one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from azbot.cli.setup.draft import Draft
from azbot.cli.setup.questions import QUESTIONS, Around, NotMeant, Question
from azbot.cli.setup.trials import Outcome, Told, Trials
from azbot.config.writing import Value
from azbot.doctor.finding import Level


async def complete(
    draft: Draft, around: Around, trials: Trials
) -> tuple[Draft, list[tuple[Question, Told]]]:
    """Take what is proposed where nothing was answered, and try all of it.

    Returns:
        The draft, and everything that was seen, in the order of the questions.
    """
    told: list[tuple[Question, Told]] = []
    for question in QUESTIONS[:2]:
        # The domain says which servers are proposed.
        draft, seen = _filled(question, draft, around)
        outcome = await trials.of(question.name, draft)
        draft = outcome.draft
        told += [(question, each) for each in (*seen, *outcome.told)]
    missing: list[tuple[Question, Told]] = []
    for question in QUESTIONS[2:]:
        draft, seen = _filled(question, draft, around)
        missing += [(question, each) for each in seen]
    if missing:
        return draft, told + missing
    outcomes = await asyncio.gather(
        *(trials.of(question.name, draft) for question in QUESTIONS[2:])
    )
    for question, outcome in zip(QUESTIONS[2:], outcomes, strict=True):
        told += [(question, each) for each in outcome.told]
    return draft.having(_learned(draft, outcomes)), told


def _learned(draft: Draft, outcomes: Sequence[Outcome]) -> dict[str, Value]:
    learned: dict[str, Value] = {}
    for outcome in outcomes:
        learned |= {
            path: value
            for path, value in outcome.draft.answers.items()
            if draft.answers.get(path) != value
        }
    return learned


def _filled(
    question: Question, draft: Draft, around: Around
) -> tuple[Draft, list[Told]]:
    wrong: list[Told] = []
    for line in question.lines:
        if not line.asked(draft):
            continue
        default = line.default(draft, around)
        if line.is_needed and not default:
            label = around.words.t(f"setup.ask.{line.code}")
            sentence = around.words.t("setup.wrong.missing", name=label)
            wrong.append(Told(Level.FAILURE, sentence))
            continue
        try:
            answers = line.parse(default, draft, around)
        except NotMeant as error:
            sentence = around.words.t(f"setup.wrong.{error.code}", **error.facts)
            wrong.append(Told(Level.FAILURE, sentence))
            continue
        new = {path: v for path, v in answers.items() if draft.get(path) is None}
        draft = draft.having(new)
    return draft, wrong
