from __future__ import annotations

from datetime import UTC, datetime

import pytest

from azbot.intake.interpret import Ask, Meaning, Preference, Question, interpret
from azbot.intake.words import Word
from azbot.messages import Reply
from azbot.workflow import commands as c
from azbot.workflow.commands import Command
from azbot.workflow.decision import NoticeKind
from azbot.workflow.model import Actor, Assistance, RefusalReason
from tests.unit.workflow.stages import (
    AGENT,
    CLIENT,
    NOW,
    REQUEST,
    STATION,
    Stage,
    assigned,
    closed,
    done,
    incomplete,
    opening,
    planned,
    play,
    submitted,
    to_approve,
    underway,
    waiting,
)

FINISHED = Question(NoticeKind.FINISHED)
DESK_MESSAGE = Question(NoticeKind.MESSAGE)
WANTS_REASON = Question(NoticeKind.REASON_WANTED, {"word": "refuse_closing"})


def read(
    it: Assistance, text: str, actor: Actor = CLIENT, question: Question | None = None
) -> Meaning:
    return interpret(it, actor, Reply(text), question, NOW)


def wanted(meaning: Meaning) -> tuple[Command, ...]:
    assert not meaning.is_message
    return meaning.commands


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}:00").replace(tzinfo=UTC)


# --- clients ----------------------------------------------------------------------


@pytest.mark.parametrize("question", [None, FINISHED])
def test_yes_to_the_closing_question_closes(question: Question | None) -> None:
    assert wanted(read(done(), "Oui merci", question=question)) == (c.ConfirmClosing(),)


def test_yes_under_a_message_of_the_desk_answers_the_message_only() -> None:
    meaning = read(done(), "Oui", question=DESK_MESSAGE)

    assert meaning.commands == ()
    assert meaning.is_message


def test_yes_to_what_is_wrong_does_not_close() -> None:
    meaning = read(done(), "Oui", question=WANTS_REASON)

    assert meaning.commands == ()
    assert meaning.is_mixed


@pytest.mark.parametrize(
    "reach", [submitted, waiting, assigned, underway, planned, to_approve, closed]
)
def test_yes_without_a_pending_question_is_a_message(reach: Stage) -> None:
    meaning = read(reach(), "Oui")

    assert meaning.commands == ()
    assert meaning.is_message


def test_yes_to_a_recap_confirms_it() -> None:
    bare = c.OpenAssistance(
        id=opening().id,
        ref=opening().ref,
        requester=opening().requester,
        answers=REQUEST,
    )
    it = play(None, [(bare, CLIENT)])

    assert wanted(read(it, "OUI")) == (c.ConfirmRequest(),)
    assert read(it, "OUI", question=DESK_MESSAGE).is_message
    assert read(incomplete(), "OUI").is_message


def test_no_with_words_reopens_and_a_bare_no_is_asked_once_why() -> None:
    assert wanted(read(done(), "Non, la chambre 2 est froide")) == (
        c.RefuseClosing("la chambre 2 est froide"),
    )
    bare = read(done(), "NON")
    assert bare.commands == ()
    assert bare.asks == (Ask(NoticeKind.REASON_WANTED, {"word": "refuse_closing"}),)


@pytest.mark.parametrize(
    ("text", "comment"),
    [
        ("La chambre 2 reste froide.", "La chambre 2 reste froide."),
        ("Non, la chambre 2 reste froide.", "la chambre 2 reste froide."),
    ],
)
def test_the_answer_to_why_reopens_with_those_words(text: str, comment: str) -> None:
    meaning = read(done(), text, question=WANTS_REASON)

    assert wanted(meaning) == (c.RefuseClosing(comment),)


def test_a_mixed_answer_is_a_flagged_message() -> None:
    meaning = read(done(), "OUI mais la chambre 2 est froide")

    assert (meaning.commands, meaning.is_message, meaning.is_mixed) == ((), True, True)


def test_another_date_is_a_wish_when_a_visit_is_planned() -> None:
    assert wanted(read(planned(), "Autre date : vendredi")) == (
        c.AskOtherDate("vendredi"),
    )
    assert read(underway(), "Autre date : vendredi").is_message


def test_cancelling_is_asked_back_before_it_happens() -> None:
    meaning = read(submitted(), "ANNULER le chantier est arrêté")

    (ask,) = meaning.asks
    assert meaning.commands == ()
    assert ask.kind is NoticeKind.CONFIRM_WORD
    assert ask.facts == {"word": "cancel", "reason": "le chantier est arrêté"}
    yes = read(submitted(), "oui", question=Question(ask.kind, ask.facts))
    assert wanted(yes) == (c.CancelAssistance("le chantier est arrêté"),)
    bare = Question(NoticeKind.CONFIRM_WORD, {"word": "cancel", "reason": ""})
    assert wanted(read(submitted(), "oui", question=bare)) == (
        c.CancelAssistance("ANNULER"),
    )
    assert read(closed(), "ANNULER").asks == ()


def test_a_confirmation_nobody_knows_is_a_message() -> None:
    unknown = Question(NoticeKind.CONFIRM_WORD, {"word": "?"})

    assert read(done(), "oui", question=unknown).is_message


@pytest.mark.parametrize(("text", "less"), [("STOP", True), ("REPRENDRE", False)])
def test_stop_and_resume_are_about_the_person(text: str, less: bool) -> None:
    for it, actor in ((done(), CLIENT), (assigned(), STATION)):
        meaning = read(it, text, actor)
        assert meaning.preference == Preference(less)
        assert meaning.commands == ()


@pytest.mark.parametrize("before", ["", "OK, voici :\n", "Oui, voilà\n", "Non :\n"])
def test_labels_are_read_whatever_stands_before_them(before: str) -> None:
    meaning = read(incomplete(), f"{before}Nombre de thermostats : 8")

    assert c.AmendRequest({"thermostat_count": 8}) in meaning.commands


def test_a_value_that_cannot_be_taken_is_told_with_its_reason() -> None:
    meaning = read(incomplete(), "Nombre de thermostats : beaucoup")

    assert meaning.commands == ()
    assert meaning.unread["thermostat_count"][0] == "beaucoup"


def test_words_beside_labels_stay_a_message() -> None:
    meaning = read(
        incomplete(), "Nombre de thermostats : 8\n\nLe gardien est absent lundi."
    )

    assert meaning.is_message
    assert meaning.commands


def test_ordinary_words_are_a_message_at_every_stage() -> None:
    for reach in (submitted, waiting, assigned, planned, done, closed):
        meaning = read(reach(), "Le digicode est 1234.")
        assert meaning == Meaning(is_message=True)


def test_an_empty_text_and_an_agents_words_are_a_message() -> None:
    assert read(done(), "  \n").is_message
    assert read(done(), "OUI", AGENT) == Meaning(is_message=True)


# --- stations -----------------------------------------------------------------------


def test_a_station_accepts_with_a_yes() -> None:
    meaning = read(assigned(), "OUI", STATION)

    assert wanted(meaning) == (c.AcceptMission(),)
    assert meaning.said is not None
    assert meaning.said.word is Word.YES
    assert read(underway(), "OUI", STATION).is_message
    other = Question(NoticeKind.CANCELLED)
    assert read(assigned(), "OUI", STATION, other).is_message


def test_a_station_accepts_and_plans_in_one_line() -> None:
    for text in ("OUI, 26/03 14h", "26/03/2026 14h"):
        assert wanted(read(assigned(), text, STATION)) == (
            c.AcceptMission(at("2026-03-26T13:00")),
        )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("NON, trop loin", RefusalReason.OUT_OF_ZONE),
        ("Non indisponible cette semaine", RefusalReason.UNAVAILABLE),
        ("NON pas habilités", RefusalReason.SKILL),
        ("Non, il manque une pièce", RefusalReason.MATERIAL),
        ("Non, désolé", RefusalReason.OTHER),
    ],
)
def test_a_station_refuses_with_a_reason_from_its_words(
    text: str, reason: RefusalReason
) -> None:
    (command,) = wanted(read(assigned(), text, STATION))

    assert isinstance(command, c.RefuseMission)
    assert command.reason is reason
    assert command.comment


def test_a_station_that_only_says_no_is_asked_why() -> None:
    meaning = read(assigned(), "NON", STATION)
    (ask,) = meaning.asks
    answer = read(assigned(), "hors zone", STATION, Question(ask.kind, ask.facts))

    assert meaning.commands == ()
    assert wanted(answer) == (c.RefuseMission(RefusalReason.OUT_OF_ZONE, "hors zone"),)


@pytest.mark.parametrize("reach", [underway, to_approve])
def test_a_date_plans_the_visit_that_awaits_one(reach: Stage) -> None:
    (command,) = wanted(read(reach(), "26/03/2026 14h", STATION))

    assert isinstance(command, c.ScheduleIntervention)
    assert command.planned_at == at("2026-03-26T13:00")


def test_a_date_for_a_planned_visit_moves_it_with_the_stations_words() -> None:
    (command,) = wanted(read(planned(), "26/03/2026 14h\nPièce en retard", STATION))

    assert isinstance(command, c.ScheduleIntervention)
    assert "Pièce en retard" in command.reason


def test_a_date_that_can_be_read_twice_is_read_back_before_it_counts() -> None:
    meaning = read(underway(), "mercredi", STATION)
    (ask,) = meaning.asks

    assert meaning.commands == ()
    assert ask.kind is NoticeKind.CONFIRM_WORD
    assert ask.facts == {
        "word": "date",
        "planned_at": "2026-03-25T08:00:00+00:00",
        "reason": "mercredi",
    }
    yes = read(underway(), "oui", STATION, Question(ask.kind, ask.facts))
    assert wanted(yes) == (
        c.ScheduleIntervention(at("2026-03-25T08:00"), reason="mercredi"),
    )


def test_a_mixed_answer_of_a_station_is_flagged() -> None:
    assert read(assigned(), "oui mais pas seul", STATION).is_mixed
    assert read(done(), "Le rapport suit.", STATION) == Meaning(is_message=True)


# --- nothing said -----------------------------------------------------------------


@pytest.mark.parametrize("rule", ["only-quotation", "only-signature", "empty"])
@pytest.mark.parametrize("text", ["> OUI", "Téléphone : 01 99 00 44 55", "STOP"])
def test_a_reply_without_words_is_read_for_nothing(rule: str, text: str) -> None:
    for it in (done(), submitted()):
        meaning = interpret(it, CLIENT, Reply(text, (), rule), None, NOW)
        assert meaning == Meaning(is_message=True)


def test_words_after_a_value_stay_a_message() -> None:
    meaning = read(submitted(), "Téléphone : 01 99 00 44 55. Code de la porte 12 A")
    assert meaning.commands == (c.AmendRequest({"phone": "+33199004455"}),)
    assert meaning.is_message


def test_a_country_after_the_address_is_no_message() -> None:
    text = "Adresse : 18 rue des Charmettes, 69100 Villeurbanne, France"
    assert not read(submitted(), text).is_message
