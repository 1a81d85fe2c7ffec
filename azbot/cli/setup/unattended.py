"""Sets up from a file of answers: what a person would be asked, without one."""

from __future__ import annotations

from azbot.cli.setup.draft import Draft
from azbot.cli.setup.questions import QUESTIONS, Question
from azbot.cli.setup.reading import Around, NotMeant
from azbot.cli.setup.trials import Told, Trials
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
    others = [each for each in QUESTIONS[2:] if _is_open(each, draft)]
    for question in others:
        draft, seen = _filled(question, draft, around)
        missing += [(question, each) for each in seen]
    if missing:
        return draft, told + missing
    for question in others:
        # One after the other: what one teaches the next is tried with.
        outcome = await trials.of(question.name, draft)
        draft = outcome.draft
        told += [(question, each) for each in outcome.told]
    return draft, told


def _is_open(question: Question, draft: Draft) -> bool:
    """Whether a question is one: an installation has its administrator already."""
    is_about = any(path.startswith("administrator.") for path in draft.answers)
    return question.name != "administrator" or is_about or not draft.filed


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
