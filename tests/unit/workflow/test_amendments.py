"""Messages of a chat that change after they came: edited, or joined by more."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from azbot.messages import BlobId
from azbot.workflow import amendments
from azbot.workflow import commands as c
from azbot.workflow.commands import Command
from azbot.workflow.conversation import Said, answered_in, messages
from azbot.workflow.decide import conclude
from azbot.workflow.decision import NoticeKind, Recorded, Refusal
from azbot.workflow.model import Actor, Assistance, Attention
from azbot.workflow.situation import Outcome, Situation
from tests.unit.workflow.stages import (
    AGENT,
    CLIENT,
    NOW,
    RULES,
    SOPHIE,
    STRANGER,
    after,
    decided,
    done,
    submitted,
)

CHAT = replace(CLIENT, channel="telegram")
ON_PAGES = replace(CLIENT, channel="web")
PHOTO = c.NewDocument("p1.jpg", "image/jpeg", 9, BlobId("1" * 64))
OTHER = c.NewDocument("p2.jpg", "image/jpeg", 9, BlobId("2" * 64))


@dataclass
class Told:
    it: Assistance
    history: list[Recorded] = field(default_factory=list)

    def say(self, command: Command, actor: Actor, now: datetime = NOW) -> Said:
        decision = decided(self.it, command, actor, now)
        self.it = decision.assistance
        self._keep(decision.history)
        return messages(self.history)[-1]

    def take(self, outcome: Outcome, now: datetime) -> list[str]:
        """Apply what was decided; return what the desk is told."""
        assert not isinstance(outcome, Refusal), outcome
        decision = conclude(self.it, outcome, Situation(CHAT, now, RULES))
        self.it = decision.assistance
        self._keep(decision.history)
        desk = [n for n in decision.notices if n.kind is NoticeKind.DESK]
        return [f"{n.facts['what']} {n.occasion}" for n in desk]

    def _keep(self, lines: tuple[Recorded, ...]) -> None:
        first = len(self.history) + 1
        self.history += [replace(line, id=first + n) for n, line in enumerate(lines)]


def situation(actor: Actor = CHAT, now: datetime = NOW) -> Situation:
    return Situation(actor, now, RULES)


def test_an_edited_message_keeps_its_place_and_its_former_words() -> None:
    told = Told(submitted())
    said = told.say(c.AddMessage("1234", message_id="m1"), CHAT)
    told.say(c.AddMessage("Merci."), AGENT, after(hours=1))
    assert not told.it.attention

    now = after(hours=2)
    outcome = amendments.edit(told.it, said, "4321", situation(now=now))
    assert told.take(outcome, now) == [f"edited edited:{said.id}"]
    first, _ = messages(told.history)
    assert (first.text, first.former, first.at) == ("4321", ("1234",), NOW)
    # What was answered already says something else now: an agent must look.
    assert told.it.attention is Attention.MESSAGE
    assert told.it.latest is not None
    assert told.it.latest.text == "Merci."


def test_lists_show_the_new_words_of_the_newest_message() -> None:
    told = Told(submitted())
    said = told.say(c.AddMessage("1234"), CHAT)
    told.take(amendments.edit(told.it, said, "4321", situation()), NOW)
    assert told.it.latest is not None
    assert told.it.latest.text == "4321"


def test_the_same_words_again_change_nothing() -> None:
    told = Told(submitted())
    said = told.say(c.AddMessage("1234"), CHAT)
    assert amendments.edit(told.it, said, "1234", situation()) == ()


def test_nobody_edits_what_came_another_way_or_from_somebody_else() -> None:
    told = Told(submitted())
    by_mail = told.say(c.AddMessage("1234"), CLIENT)
    by_agent = told.say(c.AddMessage("Bonjour."), AGENT)
    for said in (by_mail, by_agent):
        stop = amendments.edit(told.it, said, "x", situation())
        assert isinstance(stop, Refusal)
        assert stop.code == "not_editable"
    said = told.say(c.AddMessage("1234"), CHAT)
    stranger = replace(STRANGER, channel="telegram")
    stop = amendments.edit(told.it, said, "x", situation(stranger))
    assert isinstance(stop, Refusal)
    assert stop.code == "not_yours"


def test_words_cannot_be_edited_away_unless_a_file_is_left() -> None:
    told = Told(submitted())
    said = told.say(c.AddMessage("1234"), CHAT)
    stop = amendments.edit(told.it, said, " ", situation())
    assert isinstance(stop, Refusal)
    assert stop.code == "empty_message"
    said = told.say(c.AddMessage("Voici", documents=(PHOTO,)), CHAT)
    told.take(amendments.edit(told.it, said, "", situation()), NOW)
    assert messages(told.history)[-1].text == ""


def test_what_was_sent_together_is_one_message() -> None:
    told = Told(submitted())
    first = c.AddMessage("Les pièces", documents=(PHOTO,), album="a1")
    said = told.say(first, CHAT)
    count = (told.it.messages, told.it.inbound)
    outcome = amendments.join(told.it, said, (OTHER,), "", situation())
    assert told.take(outcome, NOW) == ["message album:a1"]
    (whole,) = messages(told.history)
    assert (whole.text, whole.documents) == ("Les pièces", (2, 3))
    assert (told.it.messages, told.it.inbound) == count

    # The same piece again, and a caption that comes with a later one.
    whole = messages(told.history)[-1]
    assert amendments.join(told.it, whole, (OTHER,), "x", situation()) == ()
    third = replace(OTHER, name="p3.jpg", blob=BlobId("3" * 64))
    told.take(amendments.join(told.it, whole, (third,), "Fin", situation()), NOW)
    assert messages(told.history)[-1].text == "Les pièces\nFin"


def test_a_change_after_the_closing_question_stops_the_silence() -> None:
    told = Told(done())
    said = told.say(c.AddMessage("Bien."), CHAT)
    told.say(c.AddMessage("Merci."), AGENT)
    assert not told.it.needs_agent
    told.take(amendments.edit(told.it, said, "Mal.", situation()), NOW)
    assert told.it.needs_agent


def test_people_are_answered_where_they_were_heard_last() -> None:
    told, chats = Told(submitted()), frozenset({"telegram"})
    assert answered_in(told.history, SOPHIE, chats) == "telegram"
    assert answered_in(told.history, SOPHIE, frozenset()) == ""
    told.say(c.AddMessage("sur le portail"), ON_PAGES)
    assert answered_in(told.history, SOPHIE, chats) == "telegram"
    told.say(c.AddMessage("par lettre"), CLIENT)
    assert answered_in(told.history, SOPHIE, chats) == ""
    told.say(c.AddMessage("sur le portail"), ON_PAGES)
    assert answered_in(told.history, SOPHIE, chats) == ""
    told.say(c.AddMessage("ici"), CHAT)
    assert answered_in(told.history, SOPHIE, chats) == "telegram"
    assert answered_in(told.history, SOPHIE, frozenset()) == ""
