"""One mission as its station reads it on a phone: what, where, whom to call, how far.

Pure: the state and the reader's words in, what the page shows out. A station reads its
own mission and its own visits, no note, and of the desk's people the first name and an
initial (ux.md 8.1, R172).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from azbot.channels.web.missions.memory import Memory
from azbot.channels.web.missions.planning import length_words
from azbot.channels.web.prose import Words, paragraphs
from azbot.forms.assistance import ASSISTANCE
from azbot.forms.kinds import Context
from azbot.i18n import formats
from azbot.i18n.answers import answer_words
from azbot.i18n.catalogue import Catalogue
from azbot.i18n.ways import on_map, route_to, spot_of
from azbot.workflow.conversation import Said
from azbot.workflow.facts import short_name
from azbot.workflow.model import (
    Assistance,
    Document,
    DocumentKind,
    Hearers,
    Intervention,
    InterventionStatus,
    Mission,
    MissionStatus,
    Party,
    Role,
    StationId,
)
from azbot.workflow.todo import step_of

_KNOWN = ("system", "system_count", "thermostat_count", "maker")
_WHOSE = ("installer", "distributor", "own_number")
_LOOKS: Mapping[InterventionStatus, str] = {
    InterventionStatus.UNPLANNED: "unplanned",
    InterventionStatus.TO_APPROVE: "unplanned",
    InterventionStatus.PLANNED: "planned",
    InterventionStatus.UNDERWAY: "underway",
    InterventionStatus.FINISHED: "finished",
    InterventionStatus.CANCELLED: "cancelled",
}
_MISSION_LOOKS: Mapping[MissionStatus, str] = {
    MissionStatus.PROPOSED: "waiting",
    MissionStatus.ACCEPTED: "underway",
    MissionStatus.COMPLETED: "done",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A label, its value, and where the value leads (``tel:``), possibly nowhere."""

    label: str
    value: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """A file; ``picture`` is empty when none can be drawn of it."""

    number: int
    name: str
    note: str
    url: str
    icon: str
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """One message of the conversation.

    Attributes:
        is_theirs: somebody of the reader's own station wrote it.
        note: who else reads it, possibly empty.
    """

    author: str
    at: str
    lines: tuple[Words, ...]
    papers: tuple[Paper, ...]
    is_theirs: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """One trip of this mission.

    Attributes:
        looks: which chip its status has.
        length: how long it is expected to last, while it is to come.
        note: what it left to do, or what a follow-up is for.
        awaited: labels of the signatories it still waits for.
        report: address of its report, empty while there is none.
    """

    number: int
    title: str
    label: str
    looks: str
    when: str = ""
    length: str = ""
    note: str = ""
    awaited: tuple[str, ...] = ()
    report: str = ""
    is_open: bool = True
    is_underway: bool = False
    is_dated: bool = False


@dataclass(frozen=True, slots=True)
class MissionPage:
    """Everything the page of a mission shows.

    Attributes:
        step: what the bar at the bottom offers; see ``todo.step_of``.
        place: the address as people say it; ``route`` leads there.
        answer_by: until when the answer is expected (R147), empty once given.
        next: the visit that is due first, None when there is none.
    """

    ref: str
    service: str
    town: str
    own_number: str
    status: str
    looks: str
    step: str
    place: str
    route: str
    people: tuple[Row, ...]
    known: tuple[Row, ...]
    papers: tuple[Paper, ...]
    words: tuple[Word, ...]
    memory: Memory
    asked_at: str
    answer_by: str
    is_late: bool
    next: Visit | None
    visits: tuple[Visit, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """What a page is read with.

    Attributes:
        agent: what the browser calls itself, to find its maps.
        reader: the station that reads.
        lists: the lists in force.
    """

    it: Assistance
    mission: Mission
    words: Catalogue
    now: datetime
    agent: str = ""
    lists: Context = field(default_factory=Context)

    @property
    def reader(self) -> StationId:
        """The station that reads."""
        return self.mission.station.id

    @property
    def address(self) -> str:
        """Of the page of this mission."""
        return f"/missions/{self.it.ref}"

    def when(self, at: datetime, *, with_zone: bool = False) -> str:
        """« mercredi 25 mars 2026 à 13 h », on the site's clocks (R125)."""
        return formats.date_and_hour(
            at, self.it.zone_name, self.words.language, with_zone=with_zone
        )


def page_of(scene: Scene, said: Sequence[Said], memory: Memory) -> MissionPage:
    """Return what the page shows.

    Args:
        scene: the mission and who reads it.
        said: the conversation, oldest first.
        memory: what earlier visits at this address left behind.
    """
    it, mission, words = scene.it, scene.mission, scene.words
    is_asked = mission.status is MissionStatus.PROPOSED
    visits = tuple(_visits(scene))
    due = it.visit
    return MissionPage(
        ref=it.ref,
        service=service_of(it, words),
        town=it.answer("town"),
        own_number=it.answer("own_number"),
        status=words.t(f"mission.{mission.status.value}"),
        looks=_MISSION_LOOKS.get(mission.status, "cancelled"),
        step=step_of(it),
        place=place_of(it),
        route=route_to(place_of(it), scene.agent),
        people=tuple(_people(it, words)),
        known=(*_spot(scene), *_answers(scene, (*_KNOWN, *_WHOSE))),
        papers=tuple(
            paper_of(scene, d) for d in it.present_documents if is_shown(it, d, mission)
        ),
        words=tuple(_word(scene, each) for each in said),
        memory=memory,
        asked_at=scene.when(mission.proposed_at),
        answer_by=scene.when(mission.answer_by, with_zone=True) if is_asked else "",
        is_late=is_asked and mission.answer_by < scene.now,
        next=next((v for v in visits if due and v.number == due.number), None),
        visits=visits,
    )


def service_of(it: Assistance, words: Catalogue) -> str:
    """Return « Mise en service »."""
    service = it.service
    return words.t(f"service.{service.value}" if service else "web.status.untitled")


def place_of(it: Assistance) -> str:
    """Return « 18 rue des Charmettes, 69100 Villeurbanne »."""
    parts = (it.answer(key) for key in ("address", "postcode", "town"))
    return formats.address_line(*parts)


def is_shown(it: Assistance, document: Document, mission: Mission) -> bool:
    """Whether a station may have a file.

    Nothing internal, nothing the desk sent the client alone, and nothing of another
    station's visits and words.
    """
    if not document.is_for(Party.STATION, mission.station.id):
        return False
    if document.intervention is None:
        return document.kind is not DocumentKind.REPORT
    visit = it.intervention(document.intervention)
    return visit is not None and is_their_visit(it, visit, mission.station.id)


def is_their_visit(it: Assistance, visit: Intervention, station: StationId) -> bool:
    """Whether a visit belongs to a mission of this station."""
    return any(
        m.number == visit.mission and m.station.id == station for m in it.missions
    )


def paper_of(scene: Scene, document: Document) -> Paper:
    """Return a file as a line shows it."""
    kind = document.media_type.partition("/")[0]
    url = f"{scene.address}/documents/{document.number}"
    size = formats.size(document.size, scene.words.language)
    label = scene.words.t(f"web.document.{document.kind.value}")
    return Paper(
        document.number,
        document.name,
        f"{label} · {size}",
        url,
        {"image": "cam", "video": "film"}.get(kind, "file"),
        f"{url}/thumbnail" if kind == "image" else "",
    )


def _people(it: Assistance, words: Catalogue) -> Iterator[Row]:
    """Yield whom to call: the contact on site first (R43 to R45)."""
    name = it.answer("contact_name")
    for key in ("phone", "phone_2"):
        number = it.answer(key)
        if number:
            yield Row(name, formats.phone(number), f"tel:{number}")
    email = it.answer("contact_email")
    if email:
        yield Row(words.t("station.email"), email, f"mailto:{email}")


def _spot(scene: Scene) -> Iterator[Row]:
    """Yield where a phone said the site is."""
    spot = spot_of(scene.it.answers)
    if spot:
        label = scene.words.t(ASSISTANCE.label("spot"))
        yield Row(label, spot, on_map(spot, scene.agent))


def _answers(scene: Scene, keys: Iterable[str]) -> Iterator[Row]:
    for key in keys:
        value = scene.it.answers.get(key)
        if value in (None, ""):
            continue
        asked = ASSISTANCE.fields[key]
        shown = answer_words(asked, value, scene.words, scene.lists)  # type: ignore[arg-type]
        short = f"station.short.{key}"
        label = short if short in scene.words else ASSISTANCE.label(key)
        yield Row(scene.words.t(label), shown)


def _word(scene: Scene, said: Said) -> Word:
    is_desk = said.author in (Role.AGENT, Role.ADMIN)
    found = (scene.it.document(number) for number in said.documents)
    return Word(
        author=short_name(said.name) if is_desk else said.name,
        at=scene.when(said.at),
        lines=tuple(filter(None, paragraphs(said.text))),
        papers=tuple(
            paper_of(scene, d)
            for d in found
            if d is not None and is_shown(scene.it, d, scene.mission)
        ),
        is_theirs=said.author is Role.STATION,
        note=scene.words.t("station.messages.both") if said.to is Hearers.BOTH else "",
    )


def _visits(scene: Scene) -> Iterator[Visit]:
    """Yield the visits of this station, those to come first, then newest first."""
    it = scene.it
    open_ones = it.open_visits
    over = [i for i in reversed(it.interventions) if i not in open_ones]
    for visit in (*open_ones, *over):
        if is_their_visit(it, visit, scene.reader):
            yield visit_of(scene, visit)


def visit_of(scene: Scene, visit: Intervention) -> Visit:
    """Return one trip as the page shows it."""
    words, is_open = scene.words, visit in scene.it.open_visits
    at = visit.planned_at if is_open else (visit.arrived_at or visit.planned_at)
    at = at or visit.finished_at
    return Visit(
        number=visit.number,
        title=words.t("intervention.numbered", number=visit.number),
        label=words.t(f"intervention.{visit.status.value}"),
        looks=_LOOKS[visit.status],
        when=scene.when(at, with_zone=is_open) if at else "",
        length=length_words(visit.lasts, words) if is_open and at else "",
        note=visit.remaining,
        awaited=awaited(visit, words),
        report=f"{scene.address}/visits/{visit.number}/report.pdf"
        if visit.report is not None
        else "",
        is_open=is_open,
        is_underway=visit.status is InterventionStatus.UNDERWAY,
        is_dated=visit.status is InterventionStatus.PLANNED,
    )


def awaited(visit: Intervention, words: Catalogue) -> tuple[str, ...]:
    """Return in which roles somebody has still to sign (R136)."""
    return tuple(words.t(f"role.signatory.{role.value}") for role in visit.awaited)
