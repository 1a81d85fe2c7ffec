from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from azbot.messages import BlobId, PersonId, Trust
from azbot.workflow import commands as c
from azbot.workflow import relocations as r
from azbot.workflow.amendments import edit, join
from azbot.workflow.commands import Command
from azbot.workflow.conversation import messages, moved, note_documents, notes
from azbot.workflow.decide import conclude
from azbot.workflow.decision import Audience, NoticeKind, Recorded, Refusal
from azbot.workflow.events import Event
from azbot.workflow.model import (
    Actor,
    Assistance,
    AssistanceId,
    AssistanceRef,
    Attention,
    DocumentKind,
    Status,
)
from azbot.workflow.policy import permit
from azbot.workflow.situation import Outcome, Situation
from tests.unit.workflow.stages import (
    ADMIN,
    AGENT,
    CLIENT,
    CONTACT,
    FROID,
    MARC,
    NOW,
    PROOF,
    RULES,
    SOPHIE,
    STATION,
    STRANGER,
    SYSTEM,
    after,
    decided,
    kinds,
    opening,
    refused,
)

LATER = after(days=2)


@dataclass
class Told:
    """An assistance with its history, as the store keeps both."""

    it: Assistance
    history: list[Recorded] = field(default_factory=list)

    def keep(self, lines: tuple[Recorded, ...]) -> None:
        """Append lines; their numbers grow over all assistances."""
        first = int(self.it.id) * 1000 + len(self.history)
        self.history += [replace(ln, id=first + n) for n, ln in enumerate(lines)]

    def say(self, command: Command, actor: Actor, now: datetime = NOW) -> None:
        """Apply a command."""
        decision = decided(self.it, command, actor, now)
        self.it = decision.assistance
        self.keep(decision.history)

    def take(self, events: tuple[Event, ...]) -> list[NoticeKind]:
        """Apply what a relocation decided; return what leaves."""
        decision = conclude(self.it, events, Situation(AGENT, LATER, RULES))
        self.it = decision.assistance
        self.keep(decision.history)
        return kinds(decision)

    @property
    def texts(self) -> list[str]:
        """What is said here."""
        return [said.text for said in messages(self.history)]


def told(number: int, text: str = "", requester: PersonId = SOPHIE) -> Told:
    """A submitted request of its own."""
    command = replace(
        opening(),
        id=AssistanceId(number),
        ref=AssistanceRef(f"ASFR26{number:06d}"),
        text=text,
        requester=requester,
        contact=None,
    )
    decision = decided(None, command, replace(CLIENT, person=requester))
    found = Told(decision.assistance)
    found.keep(decision.history)
    return found


def two() -> tuple[Told, Told]:
    """A with three messages, a note and files; B with one message."""
    a, b = told(1, "Il fuit."), told(2, "Il gèle.")
    a.say(c.AddMessage("Voici.", documents=(PROOF,)), CLIENT, after(hours=1))
    a.say(c.AddNote("pénible", (replace(PROOF, name="n.pdf"),)), AGENT, after(hours=2))
    a.say(c.AddMessage("Nous regardons."), AGENT, after(hours=3))
    a.say(c.AddMessage("Absente.", is_automatic=True), CLIENT, after(hours=4))
    return a, b


def relocated(verdict: r.Verdict) -> r.Relocation:
    assert isinstance(verdict, r.Relocation), verdict
    return verdict


def code(verdict: r.Verdict) -> str:
    assert isinstance(verdict, Refusal), verdict
    return verdict.code


# --- links ------------------------------------------------------------------------


def test_a_link_stands_on_both_sides_until_it_is_taken_back() -> None:
    a, b = two()
    found = relocated(r.link(a.it, b.it, AGENT))
    assert (a.take(found.source), b.take(found.target)) == ([], [])
    assert (a.it.links, b.it.links) == ((b.it.ref,), (a.it.ref,))
    assert r.link(a.it, b.it, AGENT) == r.Relocation()

    found = relocated(r.unlink(b.it, a.it, AGENT))
    b.take(found.source)
    a.take(found.target)
    assert (a.it.links, b.it.links) == ((), ())
    assert r.unlink(a.it, b.it, AGENT) == r.Relocation()


def test_nobody_is_linked_with_themselves() -> None:
    a, _ = two()
    assert code(r.link(a.it, a.it, AGENT)) == "same_assistance"


@pytest.mark.parametrize(
    "actor",
    [CLIENT, CONTACT, STATION, STRANGER, SYSTEM, replace(AGENT, trust=Trust.HELD)],
)
def test_only_the_desk_says_what_belongs_where(actor: Actor) -> None:
    a, b = two()
    for verdict in (
        r.link(a.it, b.it, actor),
        r.unlink(a.it, b.it, actor),
        r.merge(a.it, b.it, a.history, actor),
        r.move(a.it, b.it, a.history, a.history[2].id, actor),
    ):
        assert code(verdict) == "not_allowed"
    relocated(r.link(a.it, b.it, ADMIN))


# --- merge ------------------------------------------------------------------------


def merged(a: Told, b: Told, **options: object) -> list[NoticeKind]:
    """Merge a into b; return what leaves for both."""
    found = relocated(r.merge(a.it, b.it, a.history, AGENT, **options))  # type: ignore[arg-type]
    return a.take(found.source) + b.take(found.target)


def test_a_merge_ends_one_and_carries_its_words_and_files_to_the_other() -> None:
    a, b = two()
    left = merged(a, b, reason=" doublon ")

    assert left == [NoticeKind.MERGED]
    assert (a.it.status, a.it.merged_into) == (Status.CANCELLED, b.it.ref)
    assert a.it.reason == "doublon"
    assert b.texts == ["Il gèle.", "Il fuit.", "Voici.", "Nous regardons.", "Absente."]
    assert [n.text for n in notes(b.history)] == ["pénible"]
    said = messages(b.history)[2]
    assert (said.at, said.name, said.channel) == (
        after(hours=1),
        "Sophie Martin",
        "email",
    )
    assert said.origin == a.it.ref


def test_files_keep_who_may_see_them_under_a_number_of_their_own() -> None:
    a, b = two()
    merged(a, b)
    assert [d.number for d in b.it.documents] == [1, 2, 3, 4]
    assert [d.is_internal for d in b.it.documents] == [False, False, False, True]
    assert note_documents(b.history) == {4}
    assert messages(b.history)[2].documents == (3,)
    assert b.it.documents[1].added_at == NOW


def test_a_report_of_another_visit_is_a_file_like_any_other() -> None:
    a, b = two()
    report = replace(
        a.it.documents[0], kind=DocumentKind.REPORT, intervention=2, point=3
    )
    a.it = replace(a.it, documents=(report,))
    merged(a, b)
    assert (b.it.documents[1].kind, b.it.documents[1].intervention) == (
        DocumentKind.OTHER,
        None,
    )


def test_who_waited_there_waits_here_as_long() -> None:
    a, b = two()
    b.say(c.MarkHandled(), AGENT)
    a.say(c.AddMessage("Alors ?"), CLIENT, after(hours=6))
    merged(a, b)
    assert (b.it.attention, b.it.attention_since) == (
        Attention.MESSAGE,
        after(hours=6),
    )
    assert a.it.attention is None


def test_a_merge_of_what_was_answered_makes_nobody_wait() -> None:
    a, b = two()
    b.say(c.MarkHandled(), AGENT)
    merged(a, b)
    assert b.it.attention is None


def test_unread_words_are_unread_there_and_old_ones_no_preview() -> None:
    a, b = two()
    b.say(c.AddMessage("Dernier mot."), CLIENT, after(hours=9))
    before = b.it.inbound
    merged(a, b)
    assert b.it.inbound == before + 2
    assert b.it.latest is not None
    assert b.it.latest.text == "Dernier mot."


def test_people_of_the_merged_one_may_go_on_writing() -> None:
    a, b = told(1, "Il fuit.", requester=MARC), told(2)
    assert code(r.merge(a.it, b.it, a.history, AGENT)) == "other_requester"
    merged(a, b, is_confirmed=True)

    marc = replace(CLIENT, person=MARC)
    assert b.it.joined == (MARC,)
    assert permit(b.it, c.AddMessage("Et ?"), marc) is None
    stop = permit(b.it, c.CancelAssistance("non"), marc)
    assert stop is not None
    assert stop.code == "requester_only"
    assert permit(b.it, c.AddMessage("Et ?"), STRANGER) is not None


def test_the_requester_alone_is_told_where_it_goes_on() -> None:
    a, b = two()
    found = relocated(r.merge(a.it, b.it, a.history, AGENT, reason="doublon"))
    decision = conclude(a.it, found.source, Situation(AGENT, LATER, RULES))
    (notice,) = decision.notices
    assert (notice.kind, notice.to) == (NoticeKind.MERGED, Audience.REQUESTER)
    assert notice.facts["into"] == b.it.ref
    assert not notice.is_optional
    assert decision.timers == ()


def ended(it: Told) -> None:
    it.say(c.CancelAssistance("arrêté"), CLIENT)


def given(it: Told) -> None:
    it.say(c.AssignStation(FROID), AGENT)


def accepted(it: Told) -> None:
    given(it)
    it.say(c.AcceptMission(), STATION)


@pytest.mark.parametrize(
    ("of_source", "of_target", "refusal"),
    [
        (ended, None, "wrong_status"),
        (None, ended, "target_ended"),
        (given, None, "mission_in_force"),
        (accepted, None, "mission_in_force"),
    ],
)
def test_a_merge_that_would_lose_something_is_refused(
    of_source: Callable[[Told], None] | None,
    of_target: Callable[[Told], None] | None,
    refusal: str,
) -> None:
    a, b = two()
    if of_source:
        of_source(a)
    if of_target:
        of_target(b)
    assert code(r.merge(a.it, b.it, a.history, AGENT)) == refusal


def test_a_mission_may_stand_where_it_goes_on() -> None:
    a, b = two()
    accepted(b)
    merged(a, b)
    assert b.it.status is Status.UNDERWAY


def test_what_is_merged_is_merged_once() -> None:
    a, b = two()
    other = told(3)
    merged(a, b)
    for one, two_ in ((a, other), (other, a)):
        assert code(r.merge(one.it, two_.it, one.history, AGENT)) == "merged_already"
    assert code(r.merge(a.it, a.it, a.history, AGENT)) == "same_assistance"


def test_nobody_speaks_where_it_goes_on_no_more() -> None:
    a, b = two()
    merged(a, b)
    for actor in (AGENT, CLIENT):
        stop = refused(a.it, c.AddMessage("Allô ?"), actor, LATER)
        assert (stop.code, stop.facts["into"]) == ("merged_already", b.it.ref)


def test_re_opened_it_is_its_own_again() -> None:
    a, b = two()
    merged(a, b)
    a.say(c.ReopenAssistance("erreur"), AGENT, LATER)
    assert (a.it.status, a.it.merged_into) == (Status.SUBMITTED, None)
    merged(b, a)
    assert b.it.merged_into == a.it.ref


# --- move -------------------------------------------------------------------------


def misfiled(a: Told) -> int:
    """Number of the line of « Voici. » with its file."""
    return next(s.id for s in messages(a.history) if s.text == "Voici.")


def moved_over(a: Told, b: Told, number: int) -> None:
    found = relocated(r.move(a.it, b.it, a.history, number, AGENT))
    assert a.take(found.source) + b.take(found.target) == []


def test_a_moved_message_is_said_there_and_here_no_more() -> None:
    a, b = two()
    number = misfiled(a)
    moved_over(a, b, number)

    assert "Voici." not in a.texts
    assert b.texts == ["Il gèle.", "Voici."]
    assert dict(moved(a.history)) == {number: b.it.ref}
    assert number in {line.id for line in a.history}, "the history keeps its line"
    assert messages(b.history)[1].at == after(hours=1)


def test_its_files_go_with_it() -> None:
    a, b = two()
    moved_over(a, b, misfiled(a))
    assert a.it.document(2) is None
    assert [d.number for d in a.it.present_documents] == [1, 3]
    assert messages(b.history)[1].documents == (2,)
    found = b.it.document(2)
    assert found is not None
    assert (found.name, found.added_at) == (PROOF.name, after(hours=1))
    a.say(c.AddMessage("Suite", documents=(PROOF,)), CLIENT, LATER)
    assert a.it.documents[-1].number == 4, "no number is given twice"


def test_it_waits_for_the_desk_where_it_belongs_since_it_was_written() -> None:
    a, b = two()
    for one in (a, b):
        one.say(c.MarkHandled(), AGENT, after(hours=5))
    a.say(c.AddMessage("Pour l’autre."), CLIENT, after(hours=6))
    moved_over(a, b, a.history[-1].id)
    assert a.it.attention is None
    assert (b.it.attention, b.it.attention_since) == (
        Attention.MESSAGE,
        after(hours=6),
    )


def test_another_reason_to_wait_stays() -> None:
    a, b = two()
    a.say(c.MarkHandled(), AGENT, after(hours=5))
    a.say(c.AddMessage("Le mien."), CLIENT, after(hours=6))
    a.say(c.AddMessage("Pour l’autre."), CLIENT, after(hours=7))
    moved_over(a, b, a.history[-1].id)
    assert a.it.attention_since == after(hours=6)


def test_the_preview_is_the_newest_message_that_stays() -> None:
    a, b = two()
    a.say(c.AddMessage("Pour l’autre."), CLIENT, after(hours=6))
    moved_over(a, b, a.history[-1].id)
    assert a.it.latest is not None
    assert (a.it.latest.text, a.it.latest.at) == ("Nous regardons.", after(hours=3))
    assert b.it.latest is not None
    assert b.it.latest.text == "Pour l’autre."


def test_of_a_bare_opening_nothing_is_left_to_preview() -> None:
    a, b = told(1), told(2)
    a.say(c.AddMessage("Pour l’autre."), CLIENT, after(hours=6))
    moved_over(a, b, a.history[-1].id)
    assert a.it.latest is not None
    assert (a.it.latest.text, a.it.latest.at) == ("", NOW)


def test_it_can_be_moved_on_and_once_only_from_each_place() -> None:
    a, b = two()
    third, number = told(3), misfiled(a)
    moved_over(a, b, number)
    assert code(r.move(a.it, b.it, a.history, number, AGENT)) == "moved_already"
    moved_over(b, third, messages(b.history)[1].id)
    assert "Voici." not in b.texts
    assert third.texts == ["Voici."]
    assert third.it.document(2) is not None


@pytest.mark.parametrize("text", ["Il fuit.", "Nous regardons.", "Absente."])
def test_openings_and_words_of_desk_and_robots_stay(text: str) -> None:
    a, b = two()
    number = next(s.id for s in messages(a.history) if s.text == text)
    assert code(r.move(a.it, b.it, a.history, number, AGENT)) == "not_movable"


def test_what_is_no_message_stays() -> None:
    a, b = two()
    for number in (0, a.history[1].id, notes(a.history)[0].id):
        assert code(r.move(a.it, b.it, a.history, number, AGENT)) == "not_movable"


def test_nothing_is_moved_into_what_goes_on_elsewhere() -> None:
    a, b = two()
    third, number = told(3), misfiled(a)
    merged(b, third)
    assert code(r.move(a.it, b.it, a.history, number, AGENT)) == "merged_already"


def test_what_was_moved_away_is_not_merged_too() -> None:
    a, b = two()
    third = told(3)
    moved_over(a, third, misfiled(a))
    merged(a, b)
    assert "Voici." not in b.texts
    assert len(b.it.documents) == 3


def test_a_moved_file_proves_no_order_here() -> None:
    bare = replace(opening(), documents=())
    a, b = two()
    a = Told(decided(None, bare, CLIENT).assistance)
    a.keep(decided(None, bare, CLIENT).history)
    a.say(c.AddMessage("Le bon", documents=(PROOF,)), CLIENT, after(hours=1))
    moved_over(a, b, a.history[-2].id)
    decision = decided(b.it, c.AssignStation(FROID))
    assert decision.history
    again = conclude(a.it, (), Situation(AGENT, LATER, RULES))
    assert [d.kind for d in again.assistance.present_documents] == []


def test_a_client_heard_late_stops_the_silence_that_closes() -> None:
    a, b = two()
    b.it = replace(b.it, status=Status.DONE, done_at=NOW + timedelta(hours=1))
    moved_over(a, b, misfiled(a))
    assert b.it.needs_agent


# --- refile -----------------------------------------------------------------------


def refiled(
    a: Told, b: Told, number: int, actor: Actor = CLIENT, **later: float
) -> r.Verdict:
    now = NOW + timedelta(**later)
    return r.refile(a.it, b.it, a.history, number, actor, now)


def test_a_writer_moves_their_own_message_within_half_an_hour() -> None:
    a, b = told(1), told(2)
    a.say(c.AddMessage("Il fuit."), CLIENT)
    found = relocated(refiled(a, b, a.history[-1].id, minutes=30))
    a.take(found.source)
    b.take(found.target)
    assert (a.texts, b.texts) == ([], ["Il fuit."])
    a, b = told(1), told(2)
    a.say(c.AddMessage("Il fuit."), CLIENT)
    assert code(refiled(a, b, a.history[-1].id, minutes=31)) == "too_late"


def test_a_writer_moves_nobody_elses_message_and_none_to_anothers() -> None:
    a, b = told(1), told(2)
    a.say(c.AddMessage("Il fuit."), CLIENT)
    number = a.history[-1].id
    assert code(refiled(a, b, number, STRANGER)) == "not_yours"
    assert code(refiled(a, b, number, CONTACT)) == "not_yours"
    anothers = told(3, requester=MARC)
    assert code(refiled(a, anothers, number)) == "not_yours"
    assert code(refiled(a, b, a.history[0].id)) == "not_movable"
    assert code(refiled(a, a, number)) == "same_assistance"


def test_a_message_moves_with_what_joined_it_and_what_it_said_before() -> None:
    a, b = told(1), told(2)
    a.say(c.AddMessage("1234", documents=(PROOF,), album="a1"), CLIENT)
    situation = Situation(CLIENT, NOW, RULES)
    more = replace(PROOF, blob=BlobId("e" * 64))
    a.take(_events(join(a.it, messages(a.history)[-1], (more,), "", situation)))
    a.take(_events(edit(a.it, messages(a.history)[-1], "4321", situation)))
    found = relocated(r.move(a.it, b.it, a.history, messages(a.history)[-1].id, AGENT))
    b.take(found.target)
    (moved_here,) = messages(b.history)
    assert (moved_here.text, moved_here.former) == ("4321", ("1234",))
    assert (len(moved_here.documents), moved_here.album) == (2, "a1")


def _events(outcome: Outcome) -> tuple[Event, ...]:
    assert not isinstance(outcome, Refusal), outcome
    return outcome
