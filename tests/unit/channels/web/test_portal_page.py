"""The page of a client as a value: the next step, the steps, the tabs (ux.md 7.2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from azbot.channels.web.portal.asking import Given, ask_of, command_of
from azbot.channels.web.portal.blocks import request_blocks, station_tab
from azbot.channels.web.portal.next_step import card_of
from azbot.channels.web.portal.page import Asked, page_of
from azbot.channels.web.portal.past import past_of
from azbot.channels.web.portal.scene import TABS, Scene
from azbot.channels.web.portal.steps import steps_of
from azbot.channels.web.portal.talk import talk_of, unread_of
from azbot.channels.web.visitors.access import Visitor
from azbot.errors import NotFound, Refused
from azbot.i18n.catalogue import LANGUAGES
from azbot.messages import BlobId, PersonId, Trust
from azbot.store import Person, PersonKind
from azbot.workflow import commands as c
from azbot.workflow import events as e
from azbot.workflow.deadlines import Rules
from azbot.workflow.decision import Recorded
from azbot.workflow.model import (
    Actor,
    Assistance,
    AssistanceId,
    AssistanceRef,
    Document,
    DocumentKind,
    Intervention,
    InterventionStatus,
    Mission,
    MissionStatus,
    RefusalReason,
    Role,
    Station,
    StationId,
    Status,
)

NOW = datetime(2026, 3, 20, 11, tzinfo=UTC)  # a Friday, noon in Paris
NBSP, NNBSP = "\u00a0", "\u202f"
STATION = Station(
    StationId(1), "Froid Rhône Services", "a@sta.example", phone="+33199001234"
)
SOPHIE = Person(
    PersonId(1), PersonKind.CLIENT, ("sophie@clim.example",), "Sophie Martin"
)
HUGO = Person(PersonId(2), PersonKind.CLIENT, ("hugo@site.example",), "Hugo Lambert")
CLIENT = Actor(Role.CLIENT, PersonId(1), "Sophie Martin", Trust.PROVEN, "web")
AGENT = Actor(Role.AGENT, PersonId(9), "Camille Durand", Trust.STAFF, "web")
STA = Actor(Role.STATION, PersonId(5), "Karim Benali", Trust.PROVEN, "email")
IT = Assistance(
    id=AssistanceId(1),
    ref=AssistanceRef("ASFR26000184"),
    version=1,
    status=Status.SUBMITTED,
    opened_at=NOW,
    opened_via="email",
    requester=SOPHIE.id,
    contact=HUGO.id,
    language="fr",
    zone_name="Europe/Paris",
    answers={
        "service": "commissioning",
        "address": "18 rue des Charmettes",
        "postcode": "69100",
        "town": "Villeurbanne",
        "contact_name": "Sophie Martin",
        "phone": "+33639981234",
        "own_number": "CM-4471",
    },
    waiting_since=NOW,
)
MISSION = Mission(
    1, STATION, MissionStatus.ACCEPTED, NOW, NOW + timedelta(days=3), answered_at=NOW
)
HOUR = timedelta(hours=1)


def scene(
    it: Assistance,
    *history: tuple[e.Event, Actor],
    person: Person = SOPHIE,
    now: datetime = NOW,
    language: str = "fr",
    is_preview: bool = False,
) -> Scene:
    reader = replace(person, language=language)
    lines, before = [], None
    for number, (event, actor) in enumerate(history, 1):
        at = NOW - timedelta(days=2) + number * HOUR
        after = _after.get(type(event), before or Status.SUBMITTED)
        lines.append(Recorded(event, at, actor, before, after, number))
        before = after
    return Scene(
        Visitor(it, reader), tuple(lines), Rules(), now, f"/portal/{it.ref}", is_preview
    )


_after = {
    e.ComplementAsked: Status.WAITING,
    e.StationAssigned: Status.ASSIGNED,
    e.MissionRefused: Status.SUBMITTED,
}


def visited(status: InterventionStatus, at: datetime | None = NOW) -> Assistance:
    visit = Intervention(1, 1, status, planned_at=at)
    return replace(
        IT, status=Status.UNDERWAY, missions=(MISSION,), interventions=(visit,)
    )


PROPOSED = replace(MISSION, status=MissionStatus.PROPOSED)
DONE = replace(IT, status=Status.DONE, done_at=NOW, waiting_since=NOW)
WAITING = replace(
    IT,
    status=Status.WAITING,
    asked_items=("order_proof",),
    asked_comment="Une photo lisible suffit.",
)
STATES: dict[str, tuple[Assistance, str, str]] = {
    "submitted": (IT, "Nous vérifions votre demande.", ""),
    "incomplete": (replace(IT, missing=("system",)), "Il nous manque", "/edit/missing"),
    "waiting": (WAITING, f"Il nous manque{NBSP}: bon de commande", ""),
    "waiting for words": (
        replace(IT, status=Status.WAITING),
        "Nous attendons votre réponse.",
        "",
    ),
    "assigned": (
        replace(IT, status=Status.ASSIGNED, missions=(PROPOSED,)),
        "Froid Rhône Services doit confirmer la mission.",
        "tel:+33199001234",
    ),
    "without date": (
        visited(InterventionStatus.UNPLANNED, None),
        "La STA vous propose une date de visite.",
        "tel:+33199001234",
    ),
    "to approve": (
        visited(InterventionStatus.TO_APPROVE),
        "La STA vous propose une date de visite.",
        "tel:+33199001234",
    ),
    "planned": (
        visited(InterventionStatus.PLANNED),
        "Visite de Froid Rhône Services",
        "/visits/1/visit.ics",
    ),
    "on site": (
        visited(InterventionStatus.UNDERWAY),
        "La station technique est sur place.",
        "tel:+33199001234",
    ),
    "done": (DONE, f"Le problème est-il résolu{NNBSP}?", "/close"),
    "closed": (
        replace(DONE, status=Status.CLOSED, closed_at=NOW),
        f"Terminé le 20{NBSP}mars.",
        "",
    ),
    "cancelled": (
        replace(IT, status=Status.CANCELLED, reason="Doublon"),
        "Cette demande a été annulée.",
        "/portal/new?from=ASFR26000184",
    ),
    "merged": (
        replace(
            IT,
            status=Status.CANCELLED,
            reason="Doublon",
            merged_into=AssistanceRef("ASFR26000180"),
        ),
        "ASFR26000180",
        "",
    ),
}


@pytest.mark.parametrize("name", STATES)
def test_each_state_says_what_follows_and_has_one_thing_to_press(name: str) -> None:
    it, title, leads = STATES[name]
    card = card_of(scene(it))
    assert title in card.title
    assert (card.links[0].url if card.links else "").endswith(leads)
    assert sum(link.is_main for link in card.links) <= 1
    assert card.takes_files == name.startswith("waiting")


def test_a_promised_hour_is_said_and_not_repeated_once_it_has_passed() -> None:
    assert f"23{NBSP}mars à 12{NBSP}h" in card_of(scene(IT)).text
    late = card_of(scene(IT, now=NOW + timedelta(days=9)))
    assert "mars" not in late.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", STATES)
def test_no_language_leaves_a_hole(name: str, language: str) -> None:
    it = STATES[name][0]
    for person in (SOPHIE, HUGO):
        here = scene(it, person=person, language=language)
        for tab in here.tabs:
            said = repr(page_of(here, Asked(tab)))
            assert "{" not in said.replace("frozenset({", "").replace("={", "")
            assert "'portal." not in said


def test_a_proposed_date_is_nobodys_business_yet() -> None:
    """R105."""
    here = scene(
        visited(InterventionStatus.TO_APPROVE),
        (e.InterventionProposed(1, NOW, HOUR), STA),
    )
    assert card_of(here).date is None
    assert [line.when for line in station_tab(here).visits] == [""]
    assert past_of(here) == ()


def test_the_contact_on_site_learns_of_visits_alone() -> None:
    """R153."""
    for it, _, _ in STATES.values():
        card = card_of(scene(it, person=HUGO))
        assert "Doublon" not in card.text
        assert not card.comment
        assert not any("close" in link.url for link in card.links)
    here = scene(visited(InterventionStatus.PLANNED), person=HUGO)
    assert set(TABS) - set(here.tabs) == {"documents", "history"}
    assert "CM-4471" not in repr(page_of(here, Asked("request")))
    for act in ("close", "not-solved", "cancel", "edit/contact"):
        with pytest.raises(NotFound):
            ask_of(here, act)
    assert ask_of(here, "other-date").is_possible


def test_a_step_has_the_day_it_began_and_one_that_was_not_needed_has_none() -> None:
    """R129."""
    it = replace(IT, status=Status.ASSIGNED, missions=(PROPOSED,))
    here = scene(it, (e.StationAssigned(1, STATION, NOW), AGENT))
    steps = steps_of(here)
    assert [step.state for step in steps] == [
        *("done", "skipped", "now", "next", "next", "next"),
    ]
    assert [step.day for step in steps] == ["20 mars", "", "18 mars", "", "", ""]
    assert steps_of(scene(STATES["cancelled"][0])) == ()


def test_history_tells_no_surname_of_the_desk_and_not_what_is_settled_inside() -> None:
    """C15, R171, R172."""
    here = scene(
        WAITING,
        (e.ComplementAsked(("order_proof",), "Le bon de commande."), AGENT),
        (e.AssistanceLinked(AssistanceRef("ASFR26000001")), AGENT),
        (e.StationAssigned(1, STATION, NOW, "faute de mieux"), AGENT),
        (e.MissionRefused(1, _refusal(), "en arrêt"), STA),
        (e.MessageAdded("à nous deux", author=Role.STATION), STA),
    )
    told = repr(past_of(here))
    assert "Camille D." in told
    assert "Le bon de commande." in told
    for hidden in ("Durand", "ASFR26000001", "faute de mieux", "arrêt", "à nous"):
        assert hidden not in told
    assert [line.id for line in past_of(here)] == [4, 3, 1]
    assert [line.id for line in past_of(here, oldest_first=True)] == [1, 3, 4]


def _refusal() -> RefusalReason:
    return RefusalReason.UNAVAILABLE


def test_files_of_notes_never_leave() -> None:
    """A7, C15."""
    paper = Document(
        1, "note.pdf", "application/pdf", 9, BlobId("a" * 64),
        DocumentKind.OTHER, Role.AGENT, NOW, is_internal=True,
    )  # fmt: skip
    here = scene(replace(IT, documents=(paper,)))
    assert page_of(here, Asked("documents")).papers == ()


def test_what_the_desk_wrote_is_unread_until_the_reader_writes() -> None:
    said = (e.MessageAdded("Bonjour", author=Role.AGENT), AGENT)
    answer = (e.MessageAdded("Merci", author=Role.CLIENT), CLIENT)
    assert unread_of(scene(IT, said, said)) == (1, 2)
    assert unread_of(scene(IT, said, answer)) == ()
    assert [
        b.side for d in talk_of(scene(IT, said, answer)).days for b in d.bubbles
    ] == [
        *("theirs", "mine"),
    ]


def test_out_of_hours_the_notice_says_when_the_desk_is_back() -> None:
    assert talk_of(scene(IT)).closed == ""
    night = talk_of(scene(IT, now=NOW + timedelta(hours=9)))
    assert f"lundi 23{NBSP}mars à 8{NBSP}h" in night.closed


def test_values_can_be_changed_until_a_station_has_the_mission() -> None:
    assert {b.edit.rpartition("/")[0] for b in request_blocks(scene(IT))} == {
        "/portal/ASFR26000184/edit"
    }
    later = replace(IT, status=Status.ASSIGNED, missions=(PROPOSED,))
    assert {b.edit.partition("?")[0] for b in request_blocks(scene(later))} == {
        "/portal/ASFR26000184/mistake"
    }


@pytest.mark.parametrize("words", ["", "non", "ça marche"])
def test_a_no_needs_three_words(words: str) -> None:
    """C13."""
    with pytest.raises(Refused):
        command_of(scene(DONE), "not-solved", {"words": words})


def test_a_no_of_three_words_is_one() -> None:
    said = "ça marche pas"
    assert command_of(scene(DONE), "not-solved", {"words": said}) == c.RefuseClosing(
        said
    )


def test_only_what_was_changed_on_the_page_is_changed() -> None:
    values = {"phone": "06 39 98 12 35", "seen.phone": "+33639981234"}
    values |= {"contact_name": "Sophie Martin", "seen.contact_name": "Sophie Martin"}
    command = command_of(scene(IT), "edit/contact", values)
    assert command == c.AmendRequest({"phone": "06 39 98 12 35"})


def test_the_page_says_whether_cancelling_is_theirs_or_the_desks() -> None:
    """R151."""
    alone = ask_of(scene(IT), "cancel", Given())
    later = ask_of(scene(visited(InterventionStatus.PLANNED)), "cancel", Given())
    assert "tout de suite" in alone.follows[0]
    assert "transmis au support" in later.follows[0]


def test_an_agent_who_looks_can_press_nothing() -> None:
    """A21."""
    for it, _, _ in STATES.values():
        page = page_of(scene(it, is_preview=True), Asked("documents"))
        assert not page.may_write
        assert not page.cancel
        assert not page.card.takes_files
        assert all(link.url.startswith("tel:") for link in page.card.links)
