"""The next step: who acts now and by when, and the one thing to press (ux.md 7.2)."""

from __future__ import annotations

from dataclasses import dataclass

from azbot.channels.web.portal.scene import Scene, report_of
from azbot.forms.assistance import ASSISTANCE
from azbot.i18n import formats
from azbot.render.voice import Voice
from azbot.workflow.next_step import NextStep, StepKind

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
    step = scene.next_step
    match step.kind:
        case StepKind.CHECKING:
            return _checking(scene, step)
        case StepKind.MISSING:
            return _missing(scene, step)
        case StepKind.ASKED:
            return _asked(scene, step)
        case StepKind.PREPARING:
            return Card("calm", scene.t("card.preparing"))
        case StepKind.CONFIRMING:
            return _confirming(scene, step)
        case StepKind.UNPLANNED | StepKind.NEXT_VISIT:
            return _with_phone(_unplanned(scene, step), scene)
        case StepKind.PLANNED:
            return _planned(scene, step)
        case StepKind.ON_SITE:
            card = Card("good", scene.t("card.on_site"), scene.t("card.on_site.then"))
            return _with_phone(card, scene)
        case StepKind.SOLVED:
            return _solved(scene, step)
        case StepKind.ENDED:
            return _ended(scene)
        case StepKind.MERGED:
            return Card("over", scene.t("card.merged", ref=scene.it.merged_into))
        case StepKind.CANCELLED:
            return _cancelled(scene)


def _checking(scene: Scene, step: NextStep) -> Card:
    key = "card.completed" if scene.it.is_completed else "card.submitted"
    if step.by is None:
        return Card("calm", scene.t(key), scene.t("card.late"))
    date = scene.when(step.by)
    return Card("calm", scene.t(key), scene.t("card.answer_by", date=date))


def _missing(scene: Scene, step: NextStep) -> Card:
    labels = _things(step.items, scene)
    return Card(
        "act",
        _wanted(labels, scene),
        scene.t("card.incomplete"),
        items=labels if len(labels) > _MOST_NAMED else (),
        links=_completing(scene),
        note=scene.t("card.by_mail") if scene.it.opened_via == "email" else "",
    )


def _asked(scene: Scene, step: NextStep) -> Card:
    labels = _things(step.items, scene)
    fields = [key for key in step.items if key in ASSISTANCE.fields]
    has_files = step.wants_files
    return Card(
        "act",
        _wanted(labels, scene) if labels else scene.t("card.asked"),
        "" if step.comment else scene.t("card.then_assigned"),
        comment=step.comment,
        items=labels if len(labels) > _MOST_NAMED else (),
        takes_files=has_files and not scene.is_preview,
        links=_completing(scene) if fields or not has_files else (),
        note=scene.t("card.by_mail_with_file" if has_files else "card.by_mail"),
    )


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


def _confirming(scene: Scene, step: NextStep) -> Card:
    mission = scene.it.mission
    company = mission.station.company if mission else ""
    text = scene.t("card.confirms_by", date=scene.when(step.by)) if step.by else ""
    return _with_phone(
        Card("calm", scene.t("card.assigned", station=company), text), scene
    )


def _with_phone(card: Card, scene: Scene) -> Card:
    mission = scene.it.mission
    phone = mission.station.phone if mission else ""
    if not phone:
        return card
    label = formats.phone(phone)
    call = Link(scene.t("card.call", phone=label), f"tel:{phone}", "phone")
    return Card(
        card.tone, card.title, card.text, date=card.date, links=(*card.links, call)
    )


def _unplanned(scene: Scene, step: NextStep) -> Card:
    is_follow_up = step.kind is StepKind.NEXT_VISIT
    title = scene.t("card.next_visit" if is_follow_up else "card.unplanned")
    within = scene.t("card.unplanned.within", count=step.days) if step.days else ""
    return Card("calm", title, within)


def _planned(scene: Scene, step: NextStep) -> Card:
    visit = step.visit
    at = (visit.planned_at if visit else None) or scene.now
    number = visit.number if visit else 0
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
            scene.url("visits", number, "visit.ics"),
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


def _solved(scene: Scene, step: NextStep) -> Card:
    end = step.by
    links = (
        Link(scene.t("card.yes"), scene.url("close"), "check", is_main=True),
        Link(scene.t("card.no"), scene.url("not-solved")),
    )
    return Card(
        "act",
        scene.t("card.done"),
        scene.t("card.done.finished", date=_end(scene)),
        links=links if scene.may_act else (),
        note=scene.t("card.done.until", date=scene.long_day(end)) if end else "",
    )


def _end(scene: Scene) -> str:
    it = scene.it
    return scene.day(it.done_at or it.closed_at or it.opened_at)


def _ended(scene: Scene) -> Card:
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
    title = scene.t("card.closed", date=_end(scene))
    return Card("good", title, text, links=(report,) if has_report else ())


def _cancelled(scene: Scene) -> Card:
    it = scene.it
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
