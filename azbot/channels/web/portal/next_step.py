"""The next step: who acts now and by when, and the one thing to press (ux.md 7.2)."""

from __future__ import annotations

from dataclasses import dataclass

from azbot.channels.web.portal.scene import Scene, report_of
from azbot.forms.assistance import ASSISTANCE
from azbot.i18n import formats
from azbot.render.voice import Voice
from azbot.workflow.deadlines import closes_at
from azbot.workflow.model import (
    Assistance,
    DocumentKind,
    Intervention,
    InterventionStatus,
    Status,
)

_LONG = 150
"""Characters of a comment from which it is folded: the button must be in sight (C1)."""
_MOST_NAMED = 3
"""Things named in a headline; of more, how many there are."""


@dataclass(frozen=True, slots=True)
class Link:
    """Something to press that leads on.

    Attributes:
        icon: name of its picture, possibly empty.
        is_file: the browser keeps what it leads to.
    """

    label: str
    url: str
    icon: str = ""
    is_main: bool = False
    is_file: bool = False


@dataclass(frozen=True, slots=True)
class Date:
    """The date of a visit, large."""

    day: str
    hour: str
    zone: str


@dataclass(frozen=True, slots=True)
class Card:
    """The next step.

    Attributes:
        tone: ``act`` (the reader has to), ``calm``, ``good`` or ``over``.
        text: what follows, possibly empty.
        comment: the desk's own words; folded when ``is_long``.
        takes_files: offers to photograph, to join and to reply (C2).
        links: the main one first.
        note: a last line, possibly empty.
    """

    tone: str
    title: str
    text: str = ""
    comment: str = ""
    items: tuple[str, ...] = ()
    date: Date | None = None
    phone: str = ""
    phone_label: str = ""
    takes_files: bool = False
    links: tuple[Link, ...] = ()
    note: str = ""

    @property
    def is_long(self) -> bool:
        """Whether the comment would push the button out of sight (C1)."""
        return len(self.comment) > _LONG or self.comment.count("\n") > 2


def card_of(scene: Scene) -> Card:
    """Return the card of the present status, for this reader."""
    it = scene.it
    match it.status:
        case Status.SUBMITTED if it.missing and scene.visitor.is_requester:
            return _incomplete(scene)
        case Status.SUBMITTED:
            return _submitted(scene)
        case Status.WAITING if scene.sees_all:
            return _waiting(scene)
        case Status.WAITING:
            return Card("calm", scene.t("card.preparing"))
        case Status.ASSIGNED:
            return _assigned(scene)
        case Status.UNDERWAY:
            return _underway(scene)
        case Status.DONE if scene.visitor.is_requester:
            return _done(scene)
        case Status.DONE | Status.CLOSED:
            return _closed(scene)
        case Status.CANCELLED:
            return _cancelled(scene)


def _submitted(scene: Scene) -> Card:
    it = scene.it
    since = it.waiting_since or it.opened_at
    answer_by = scene.rules.working.after(since, scene.rules.answer_within)
    key = "card.completed" if it.is_completed else "card.submitted"
    if answer_by < scene.now:
        # A promise that was not kept is not repeated (ux.md 4, La Poste).
        return Card("calm", scene.t(key), scene.t("card.late"))
    return Card(
        "calm", scene.t(key), scene.t("card.answer_by", date=scene.when(answer_by))
    )


def _incomplete(scene: Scene) -> Card:
    it, labels = scene.it, _things(scene.it.missing, scene)
    return Card(
        "act",
        _wanted(labels, scene),
        scene.t("card.incomplete"),
        items=labels if len(labels) > _MOST_NAMED else (),
        links=_completing(scene),
        note=scene.t("card.by_mail") if it.opened_via == "email" else "",
    )


def _waiting(scene: Scene) -> Card:
    it = scene.it
    labels = _things(it.asked_items, scene)
    has_files = _wants_files(it)
    fields = [key for key in it.asked_items if key in ASSISTANCE.fields]
    return Card(
        "act",
        _wanted(labels, scene) if labels else scene.t("card.asked"),
        "" if it.asked_comment else scene.t("card.then_assigned"),
        comment=it.asked_comment,
        items=labels if len(labels) > _MOST_NAMED else (),
        takes_files=has_files and not scene.is_preview,
        links=_completing(scene) if fields or not has_files else (),
        note=scene.t("card.by_mail_with_file" if has_files else "card.by_mail"),
    )


def _wants_files(it: Assistance) -> bool:
    kinds = {kind.value for kind in DocumentKind}
    return not it.asked_items or not kinds.isdisjoint(it.asked_items)


def _completing(scene: Scene) -> tuple[Link, ...]:
    if not scene.may_act:
        return ()
    asked = scene.it.missing or scene.it.asked_items
    if not any(key in ASSISTANCE.fields for key in asked):
        return ()
    url = scene.url("edit", "missing")
    return (Link(scene.t("card.complete"), url, "check", is_main=True),)


def _wanted(labels: tuple[str, ...], scene: Scene) -> str:
    if len(labels) > _MOST_NAMED:
        return scene.t("card.wanted_many", count=len(labels))
    named = formats.listing(labels, scene.language)
    return scene.t("card.wanted", items=named)


def _things(keys: tuple[str, ...], scene: Scene) -> tuple[str, ...]:
    voice = Voice(scene.words)
    return tuple(voice.thing(key) for key in keys)


def _assigned(scene: Scene) -> Card:
    mission = scene.it.mission
    company = mission.station.company if mission else ""
    phone = mission.station.phone if mission else ""
    answer_by = mission.answer_by if mission else scene.now
    text = ""
    if answer_by > scene.now:
        text = scene.t("card.confirms_by", date=scene.when(answer_by))
    return _with_phone(
        Card("calm", scene.t("card.assigned", station=company), text), phone, scene
    )


def _with_phone(card: Card, phone: str, scene: Scene) -> Card:
    if not phone:
        return card
    label = formats.phone(phone)
    call = Link(scene.t("card.call", phone=label), f"tel:{phone}", "phone")
    return Card(
        card.tone, card.title, card.text, date=card.date, links=(*card.links, call)
    )


def _underway(scene: Scene) -> Card:
    visit = scene.it.visit
    mission = scene.it.mission
    phone = mission.station.phone if mission else ""
    match visit:
        case Intervention(status=InterventionStatus.PLANNED, planned_at=at) if at:
            return _planned(scene, visit)
        case Intervention(status=InterventionStatus.UNDERWAY):
            card = Card("good", scene.t("card.on_site"), scene.t("card.on_site.then"))
            return _with_phone(card, phone, scene)
        case _:
            return _with_phone(_unplanned(scene), phone, scene)


def _unplanned(scene: Scene) -> Card:
    it = scene.it
    is_follow_up = any(i.finished_at for i in it.interventions)
    since = it.mission.answered_at if it.mission else None
    title = scene.t("card.next_visit" if is_follow_up else "card.unplanned")
    days = scene.rules.date_within.days
    if since is None or is_follow_up or days < 1:
        return Card("calm", title)
    by = scene.rules.working.after(since, scene.rules.date_within)
    if by < scene.now:
        return Card("calm", title)
    return Card("calm", title, scene.t("card.unplanned.within", count=days))


def _planned(scene: Scene, visit: Intervention) -> Card:
    at = visit.planned_at or scene.now
    mission = scene.it.mission
    there = formats.local(at, scene.it.zone_name)
    date = Date(
        scene.long_day(at),
        formats.hour(there, scene.language),
        formats.zone_name(scene.it.zone_name, scene.language),
    )
    links = (
        Link(
            scene.t("card.calendar"),
            scene.url("visits", visit.number, "visit.ics"),
            "cal",
            is_main=True,
            is_file=True,
        ),
        Link(scene.t("card.other_date"), scene.url("other-date"), "clock"),
    )
    company = mission.station.company if mission else ""
    phone = mission.station.phone if mission else ""
    return Card(
        "good",
        scene.t("card.planned", station=company),
        date=date,
        links=() if scene.is_preview else links,
        phone=phone,
        phone_label=formats.phone(phone) if phone else "",
    )


def _done(scene: Scene) -> Card:
    end = closes_at(scene.it, scene.rules)
    links = (
        Link(scene.t("card.yes"), scene.url("close"), "check", is_main=True),
        Link(scene.t("card.no"), scene.url("not-solved")),
    )
    return Card(
        "act",
        scene.t("card.done"),
        scene.t("card.done.finished", date=_ended(scene)),
        links=links if scene.may_act else (),
        note=scene.t("card.done.until", date=scene.long_day(end)) if end else "",
    )


def _ended(scene: Scene) -> str:
    it = scene.it
    return scene.day(it.done_at or it.closed_at or it.opened_at)


def _closed(scene: Scene) -> Card:
    finished = [i for i in scene.it.interventions if i.finished_at is not None]
    text = ""
    if scene.sees_all and scene.it.closed_at is not None:
        text = scene.t("card.closed.on", date=scene.day(scene.it.closed_at))
    number = finished[-1].number if finished else 0
    has_report = number and report_of(scene, number) and not scene.is_preview
    report = Link(
        scene.t("card.report"),
        scene.url("visits", number, "report.pdf"),
        "file",
        is_main=True,
        is_file=True,
    )
    title = scene.t("card.closed", date=_ended(scene))
    return Card("good", title, text, links=(report,) if has_report else ())


def _cancelled(scene: Scene) -> Card:
    it = scene.it
    if it.merged_into is not None:
        return Card("over", scene.t("card.merged", ref=it.merged_into))
    again = Link(
        scene.t("card.again"), f"/portal/new?from={it.ref}", "plus", is_main=True
    )
    reason = it.reason if scene.sees_all else ""
    return Card(
        "over",
        scene.t("card.cancelled"),
        scene.t("card.cancelled.reason", reason=reason) if reason else "",
        links=(again,) if scene.may_act else (),
    )
