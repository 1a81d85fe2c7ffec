"""Words carried about at random: none is lost, none is said in two places."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from typing_extensions import override

from azbot.workflow import commands as c
from azbot.workflow import relocations as r
from azbot.workflow.conversation import messages, notes
from azbot.workflow.decide import conclude, decide
from azbot.workflow.decision import Decision, Refusal
from azbot.workflow.events import evolve
from azbot.workflow.model import Actor, Assistance
from azbot.workflow.situation import Situation
from tests.unit.workflow.stages import (
    AGENT,
    CLIENT,
    FROID,
    MARC,
    NOW,
    PROOF,
    RULES,
    SOPHIE,
    STATION,
)
from tests.unit.workflow.test_relocations import Told, told

SECRET = "zqx-internal-zqx"
PLACES = st.integers(0, 3)


class Words(RuleBasedStateMachine):
    """Four assistances, people who write, an agent who tidies up."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.now = NOW
        self.places: list[Told] = []
        self.said: set[str] = set()

    @initialize()
    def begin(self) -> None:
        for number, person in enumerate((SOPHIE, SOPHIE, MARC, SOPHIE), start=1):
            self.places.append(told(number, self._text(), person))

    def _text(self) -> str:
        self.count += 1
        text = f"mot-{self.count}"
        self.said.add(text)
        return text

    def _send(self, place: Told, command: c.Command, actor: Actor) -> bool:
        self.now += timedelta(minutes=1)
        outcome = decide(place.it, command, actor, self.now, RULES)
        if not isinstance(outcome, Decision):
            return False
        place.it = outcome.assistance
        place.keep(outcome.history)
        return True

    @rule(place=PLACES, has_file=st.booleans(), is_ours=st.booleans())
    def somebody_writes(self, place: int, has_file: bool, is_ours: bool) -> None:
        to = self.places[place]
        files = (PROOF,) * has_file
        who = AGENT if is_ours else CLIENT
        text = self._text()
        if not self._send(to, c.AddMessage(text, documents=files), who):
            self.said.discard(text)

    @rule(place=PLACES)
    def an_agent_notes(self, place: int) -> None:
        secret = f"{SECRET}-{self.count}"
        self._send(self.places[place], c.AddNote(secret, (PROOF,)), AGENT)

    @rule(place=PLACES, step=st.integers(0, 2))
    def it_goes_on(self, place: int, step: int) -> None:
        command, actor = (
            (c.AssignStation(FROID, "prête"), AGENT),
            (c.AcceptMission(), STATION),
            (c.WithdrawMission("débordée"), AGENT),
        )[step]
        self._send(self.places[place], command, actor)

    @rule(one=PLACES, other=PLACES, is_confirmed=st.booleans())
    def an_agent_merges(self, one: int, other: int, is_confirmed: bool) -> None:
        a, b = self.places[one], self.places[other]
        self._take(
            a, b, r.merge(a.it, b.it, a.history, AGENT, is_confirmed=is_confirmed)
        )

    @rule(one=PLACES, other=PLACES, data=st.data())
    def an_agent_moves(self, one: int, other: int, data: st.DataObject) -> None:
        a, b = self.places[one], self.places[other]
        line = data.draw(st.sampled_from(a.history))
        self._take(a, b, r.move(a.it, b.it, a.history, line.id, AGENT))

    @rule(one=PLACES, other=PLACES, is_on=st.booleans())
    def an_agent_links(self, one: int, other: int, is_on: bool) -> None:
        a, b = self.places[one], self.places[other]
        self._take(a, b, (r.link if is_on else r.unlink)(a.it, b.it, AGENT))

    def _take(self, a: Told, b: Told, verdict: r.Verdict) -> None:
        if isinstance(verdict, Refusal):
            assert verdict.code
            return
        self.now += timedelta(minutes=1)
        for place, events in ((a, verdict.source), (b, verdict.target)):
            situation = Situation(AGENT, self.now, RULES)
            decision = conclude(place.it, events, situation)
            for notice in decision.notices:
                assert SECRET not in str(notice.facts)
            place.it = decision.assistance
            place.keep(decision.history)

    @invariant()
    def every_word_is_said_in_one_place_that_goes_on(self) -> None:
        found = Counter(
            text
            for place in self.places
            if place.it.merged_into is None
            for text in place.texts
        )
        assert found == Counter(self.said)

    @invariant()
    def notes_stay_notes(self) -> None:
        for place in self.places:
            assert not any(SECRET in text for text in place.texts)
            assert all(SECRET in note.text for note in notes(place.history))

    @invariant()
    def files_are_where_their_words_are(self) -> None:
        for place in self.places:
            present = {d.number for d in place.it.present_documents}
            for said in (*messages(place.history), *notes(place.history)):
                assert set(said.documents) <= present
            numbers = [d.number for d in place.it.documents]
            assert numbers == list(range(1, len(numbers) + 1))

    @invariant()
    def links_are_mutual(self) -> None:
        linked = {(p.it.ref, ref) for p in self.places for ref in p.it.links}
        assert {(b, a) for a, b in linked} == linked

    @invariant()
    def every_merge_leads_to_one_that_goes_on(self) -> None:
        by_ref = {place.it.ref: place.it for place in self.places}
        here = list(by_ref.values())
        for _ in by_ref:
            here = [by_ref[it.merged_into] if it.merged_into else it for it in here]
        assert all(it.merged_into is None for it in here)

    @override
    def teardown(self) -> None:
        """The events rebuild each state from scratch."""
        for place in self.places:
            state: Assistance | None = None
            for line in place.history:
                state = evolve(state, line.event, line.at)
            assert state == place.it


TestWords = Words.TestCase
TestWords.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
