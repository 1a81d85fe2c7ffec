"""Whatever is said in whatever order, each side hears its own talk and all of it."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from azbot.messages import BlobId
from azbot.workflow import commands as c
from azbot.workflow.conversation import (
    heard_by_client,
    heard_by_station,
    messages,
    unanswered,
)
from azbot.workflow.decide import decide
from azbot.workflow.decision import Audience, Decision, NoticeKind, Recorded
from azbot.workflow.model import Actor, Attention, Hearers, Party, Role
from tests.unit.workflow import stages as s

TURNS = st.lists(
    st.tuples(
        st.sampled_from([s.CLIENT, s.STATION, s.AGENT]), st.sampled_from(Hearers)
    ),
    max_size=8,
)
"""Who speaks, and to whom they would like to."""


def heard_of(actor: Actor, to: Hearers) -> Hearers:
    """Who reads it: clients and stations have no choice (R176)."""
    if actor.role is Role.CLIENT:
        return Hearers.CLIENT
    return Hearers.STATION if actor.role is Role.STATION else to


@given(TURNS)
def test_each_side_hears_its_own_talk_and_all_of_it(
    turns: list[tuple[Actor, Hearers]],
) -> None:
    it, history = s.assigned(), list[Recorded]()
    expected: dict[Party, list[str]] = {Party.CLIENT: [], Party.STATION: []}
    for place, (actor, to) in enumerate(turns):
        words = f"mot-{place}"
        blob = BlobId(f"{place:064x}")
        file = c.NewDocument(f"{words}.pdf", "application/pdf", 9, blob)
        command = c.AddMessage(words, documents=(file,), to=to)
        now = s.NOW + timedelta(minutes=place)
        outcome = decide(it, command, actor, now, s.RULES)
        assert isinstance(outcome, Decision), outcome
        hearers = heard_of(actor, to)
        for party, said in expected.items():
            if hearers.includes(party):
                said.append(words)
        told = {n.to for n in outcome.notices if n.kind is NoticeKind.MESSAGE}
        is_staff = actor is s.AGENT
        assert (Audience.REQUESTER in told) is (
            is_staff and hearers.includes(Party.CLIENT)
        )
        assert (Audience.STATION in told) is (
            is_staff and hearers.includes(Party.STATION)
        )
        number = outcome.assistance.documents[-1].number
        it = outcome.assistance
        history += [
            Recorded(x.event, x.at, x.actor, x.before, x.after, len(history) + n)
            for n, x in enumerate(outcome.history, start=1)
        ]
        document = it.document(number)
        assert document is not None
        station = it.mission.station.id if it.mission else None
        assert document.is_for(Party.CLIENT) is hearers.includes(Party.CLIENT)
        # What a client sends is part of the order.
        assert document.is_for(Party.STATION, station) is (
            hearers.includes(Party.STATION) or actor is s.CLIENT
        )
    assert it.mission is not None
    sides = {
        Party.CLIENT: heard_by_client(history),
        Party.STATION: heard_by_station(history, it.mission.station.id),
    }
    for party, lines in sides.items():
        assert [one.text for one in messages(lines)] == expected[party]
    elsewhere = heard_by_station(history, s.OTHER_STATION.id)
    assert messages(elsewhere) == ()
    waiting = unanswered(messages(history))
    assert set(waiting) == _waiting(turns)
    if turns and waiting:
        assert it.attention in (Attention.MESSAGE, Attention.NEW)
    elif turns:
        assert it.attention is None


def _waiting(turns: list[tuple[Actor, Hearers]]) -> set[Hearers]:
    """Who spoke since the desk last spoke to them."""
    found: set[Hearers] = set()
    for actor, to in turns:
        if actor is s.AGENT:
            found = {each for each in found if not _covers(to, each)}
        else:
            found.add(heard_of(actor, to))
    return found


def _covers(to: Hearers, side: Hearers) -> bool:
    return to in (Hearers.BOTH, side)


def test_sides_join_and_leave() -> None:
    assert Hearers.CLIENT.joined(Hearers.STATION) is Hearers.BOTH
    assert Hearers.CLIENT.joined(None) is Hearers.CLIENT
    assert Hearers.BOTH.without(Hearers.CLIENT) is Hearers.STATION
    assert Hearers.BOTH.without(Hearers.BOTH) is None
    assert Hearers.CLIENT.without(Hearers.STATION) is Hearers.CLIENT
    assert {role for role in Role if role.value in {h.value for h in Hearers}} == {
        Role.CLIENT,
        Role.STATION,
    }
