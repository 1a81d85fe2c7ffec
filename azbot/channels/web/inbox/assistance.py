"""One assistance as its page shows it: head, steps, actions, and the panel beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from azbot.channels.web.frame import Face, face_of
from azbot.channels.web.inbox.actions import UNDECIDED, Action, desk_actions, offered
from azbot.channels.web.inbox.asking import CONTACT, REQUEST
from azbot.channels.web.inbox.timeline import (
    Day,
    File,
    Scene,
    channel_label,
    file_of,
)
from azbot.channels.web.sentences import label_of
from azbot.forms.assistance import ASSISTANCE
from azbot.forms.kinds import Context
from azbot.forms.places import department_of
from azbot.i18n import formats
from azbot.i18n.answers import answer_words
from azbot.i18n.catalogue import Catalogue
from azbot.i18n.ways import on_map, spot_of
from azbot.store import Person
from azbot.store.chats import ChatAccount
from azbot.workflow.model import (
    Assistance,
    Document,
    DocumentKind,
    Intervention,
    InterventionStatus,
    Review,
    Status,
)

_TRACK = (
    Status.SUBMITTED,
    Status.WAITING,
    Status.ASSIGNED,
    Status.UNDERWAY,
    Status.DONE,
    Status.CLOSED,
)
"""The steps of ux.md R129; a cancelled assistance shows none."""

_GROUPS: Mapping[str, tuple[str, ...]] = {
    "site": ("address", "postcode", "town"),
    "system": ("system", "system_count", "thermostat_count", "maker"),
    "contact": ("contact_name", "phone", "contact_email"),
}
"""Prerequisites as the desk thinks of them, each with the fields it stands for."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the life: ``done``, ``now`` or ``next``."""

    label: str
    state: str
    status: str


@dataclass(frozen=True, slots=True)
class Row:
    """A label, a value, and where the value leads (``tel:``, ``mailto:``, empty)."""

    label: str
    value: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One block of the side panel; ``edit`` names the action that changes it."""

    name: str
    rows: tuple[Row, ...]
    edit: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """One prerequisite of assignment (R140).

    Attributes:
        document: a file that waits for the desk's verdict, None otherwise.
    """

    label: str
    is_met: bool
    document: int | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A station that could take the mission, and why."""

    id: int
    company: str
    initials: str
    why: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A file of the assistance with what the desk thinks of it."""

    file: File
    kind: str
    review: str
    review_label: str
    reason: str
    is_internal: bool


@dataclass(frozen=True, slots=True)
class Visit:
    """One trip, with its report when there is one."""

    number: int
    title: str
    when: str
    status: str
    label: str
    report: str


@dataclass(frozen=True, slots=True)
class AssistancePage:
    """Everything the page of one assistance shows.

    Attributes:
        flags: what must be seen first: « Le client demande l'annulation. ».
        actions: of the status; the first is the main one.
        desk_actions: the desk's own affairs.
        seen_event: number of the newest line shown (A11).
    """

    ref: str
    id: int
    title: str
    company: str
    service: str
    status: str
    status_label: str
    steps: tuple[Step, ...]
    flags: tuple[str, ...]
    actions: tuple[Action, ...]
    desk_actions: tuple[Action, ...]
    days: tuple[Day, ...]
    seen_event: int
    needs: tuple[Need, ...]
    proposals: tuple[Proposal, ...]
    cards: tuple[Card, ...]
    papers: tuple[Paper, ...]
    mission: tuple[Row, ...]
    visits: tuple[Visit, ...]
    is_open: bool
    reports: tuple[Visit, ...] = ()
    tags: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    owner: Face | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """The people around an assistance.

    Attributes:
        counted: how many assistances the requester has, and how many are open.
        chats: accounts of the requester, the one linked last first.
    """

    requester: Person
    counted: tuple[int, int] = (1, 1)
    chats: tuple[ChatAccount, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    lists: Context = field(default_factory=Context)


def page_of(
    scene: Scene,
    days: tuple[Day, ...],
    seen_event: int,
    missing: Sequence[str],
    around: Around,
) -> AssistancePage:
    """Return what the page shows.

    Args:
        scene: the state and who reads it.
        days: its history; see ``timeline.days_of``.
        seen_event: number of the newest line.
        missing: prerequisites of assignment that are not met.
        around: people and stations.
    """
    it, words = scene.it, scene.words
    company = company_of(it, around.requester)
    service = words.t(f"service.{it.service.value}") if it.service else ""
    visits = tuple(_visit(i, it, words) for i in reversed(it.interventions))
    return AssistancePage(
        ref=it.ref,
        id=it.id,
        title=" — ".join(
            part
            for part in (company, service or words.t("web.status.untitled"))
            if part
        ),
        company=company,
        service=service,
        status=it.status.value,
        status_label=words.t(f"status.{it.status.value}"),
        steps=_steps(it, words),
        flags=tuple(_flags(it, words, scene.zone)),
        actions=offered(it, tuple(missing)),
        desk_actions=desk_actions(it),
        days=days,
        seen_event=seen_event,
        needs=needs_of(it, missing, words) if it.status in UNDECIDED else (),
        proposals=around.proposals,
        cards=_cards(it, around, words),
        papers=tuple(_paper(it, d, words) for d in it.present_documents),
        mission=_mission(it, words),
        visits=visits,
        is_open=it.is_open,
        reports=tuple(v for v in visits if v.report),
        tags=it.tags,
        links=it.links,
        owner=face_of(it.owner, it.owner_name) if it.owner is not None else None,
    )


def company_of(it: Assistance, requester: Person) -> str:
    """Return whose request it is: the company, else the person."""
    named = it.answer("installer") or it.answer("distributor")
    return named or requester.company or requester.name or requester.address


def _steps(it: Assistance, words: Catalogue) -> tuple[Step, ...]:
    if it.status is Status.CANCELLED:
        return ()
    here = _TRACK.index(it.status)
    return tuple(
        Step(
            words.t(f"status.{status.value}"),
            "now" if place == here else "done" if place < here else "next",
            status.value,
        )
        for place, status in enumerate(_TRACK)
    )


def _flags(it: Assistance, words: Catalogue, zone: str) -> list[str]:
    mission = it.mission
    raised = {
        "completed": it.is_completed,
        "incomplete": bool(it.missing) and it.status is Status.SUBMITTED,
        "unconfirmed": not it.is_confirmed and it.status is Status.SUBMITTED,
        "cancellation": it.cancellation_asked,
        "silent": bool(mission and mission.is_silent),
        "unanswered": it.needs_agent,
    }
    flags = [words.t(f"inbox.flag.{name}") for name, is_up in raised.items() if is_up]
    if it.visit is not None and it.visit.awaited:
        names = [words.t(f"role.signatory.{role.value}") for role in it.visit.awaited]
        listed = formats.listing(names, words.language)
        flags.append(words.t("inbox.flag.signatures", names=listed))
    if it.merged_into is not None:
        flags.append(words.t("inbox.merged_into", ref=it.merged_into))
    if it.snoozed_until is not None:
        until = formats.date_and_hour(it.snoozed_until, zone, words.language)
        flags.append(words.t("inbox.snoozed_until", date=until))
    return flags


def needs_of(
    it: Assistance, missing: Sequence[str], words: Catalogue
) -> tuple[Need, ...]:
    """Return the prerequisites of assignment, met or not."""
    absent = set(missing)
    found = [
        Need(words.t(f"inbox.need.{name}"), is_met=absent.isdisjoint(keys))
        for name, keys in _GROUPS.items()
    ]
    grouped = {key for keys in _GROUPS.values() for key in keys}
    proof = DocumentKind.ORDER_PROOF.value
    others = [key for key in missing if key not in grouped and key != proof]
    found += [Need(label_of(k, ASSISTANCE, words), is_met=False) for k in others]
    orders = DocumentKind.ORDER_PROOF
    papers = [d for d in it.present_documents if d.kind is orders]
    if proof in absent or papers:
        found.append(_proof(papers, words, is_missing=proof in absent))
    return tuple(found)


def _proof(papers: Sequence[Document], words: Catalogue, *, is_missing: bool) -> Need:
    pending = next((d for d in papers if d.review is Review.PENDING), None)
    label = words.t("inbox.need.proof")
    if pending is not None:
        return Need(label, is_met=False, document=pending.number)
    return Need(label, is_met=not is_missing)


def _cards(it: Assistance, around: Around, words: Catalogue) -> tuple[Card, ...]:
    return (
        Card("contact", _answers(it, CONTACT, around, words), "edit-contact"),
        Card("site", _site(it, around, words), "edit-site"),
        Card("request", _requester(it, around, words), "edit-request"),
    )


def _answers(
    it: Assistance, keys: Sequence[str], around: Around, words: Catalogue
) -> tuple[Row, ...]:
    rows = []
    for key in keys:
        value = it.answers.get(key)
        if value in (None, ""):
            continue
        asked = ASSISTANCE.fields[key]
        shown = answer_words(asked, value, words, around.lists)  # type: ignore[arg-type]
        rows.append(Row(_short(key, words), shown, _leads(asked.key, value)))
    return tuple(rows)


def _short(key: str, words: Catalogue) -> str:
    """Return a label that fits beside its value; the form has the whole one."""
    short = f"inbox.short.{key}"
    return words.t(short) if short in words else words.t(ASSISTANCE.label(key))


def _leads(key: str, value: object) -> str:
    if key.startswith("phone"):
        return f"tel:{value}"
    return f"mailto:{value}" if key.endswith("email") else ""


def _site(it: Assistance, around: Around, words: Catalogue) -> tuple[Row, ...]:
    line = formats.address_line(
        it.answer("address"), it.answer("postcode"), it.answer("town")
    )
    rows = [Row(words.t("inbox.site.address"), line)] if line else []
    department = department_of(it.answer("postcode")) if it.answer("postcode") else None
    if department is not None:
        label = words.t("inbox.site.department")
        rows.append(Row(label, f"{department.code} — {department.name}"))
    if spot := spot_of(it.answers):
        rows.append(Row(_short("spot", words), spot, on_map(spot)))
    rows += _answers(it, ("service", "system"), around, words)
    counts = [
        words.t(f"inbox.site.{key}", count=number)
        for key in ("system_count", "thermostat_count")
        if isinstance(number := it.answers.get(key), int)
    ]
    if counts:
        rows.append(Row(words.t("inbox.site.counts"), ", ".join(counts)))
    return (*rows, *_answers(it, ("maker",), around, words))


def _requester(it: Assistance, around: Around, words: Catalogue) -> tuple[Row, ...]:
    person = around.requester
    kind = person.account_type
    company = person.company
    if company and kind:
        company = f"{company} ({words.t(f'inbox.account.{kind}')})"
    count, count_open = around.counted
    rows = [
        Row(words.t("inbox.requester.name"), person.name),
        Row(words.t("inbox.requester.company"), company),
        Row(
            words.t("inbox.requester.email"), person.address, f"mailto:{person.address}"
        ),
        *(
            Row(words.t("inbox.requester.phone"), formats.phone(each), f"tel:{each}")
            for each in person.phones
        ),
        *(
            Row(
                channel_label(each.channel, words),
                words.t(f"inbox.requester.chat.{each.state.value}"),
            )
            for each in around.chats
        ),
        Row(
            words.t("inbox.requester.assistances"),
            words.t("inbox.requester.assistances.count", count=count, open=count_open),
            f"/inbox?demandeur={person.id}",
        ),
        Row(words.t("inbox.requester.via"), channel_label(it.opened_via, words)),
    ]
    said = _answers(it, REQUEST, around, words)
    return (*(row for row in rows if row.value), *said)


def _mission(it: Assistance, words: Catalogue) -> tuple[Row, ...]:
    mission = it.mission
    if mission is None:
        return ()
    station = mission.station
    rows = [
        Row(words.t("inbox.mission.station"), station.company),
        Row(
            words.t("inbox.mission.status"), words.t(f"mission.{mission.status.value}")
        ),
        Row(
            words.t("inbox.mission.phone"),
            formats.phone(station.phone) if station.phone else "",
            f"tel:{station.phone}",
        ),
        Row(words.t("inbox.mission.email"), station.email, f"mailto:{station.email}"),
        Row(
            words.t("inbox.mission.since"),
            formats.date_and_hour(mission.proposed_at, it.zone_name, words.language),
        ),
    ]
    return tuple(row for row in rows if row.value)


def _visit(visit: Intervention, it: Assistance, words: Catalogue) -> Visit:
    at = visit.planned_at or visit.finished_at
    document = it.document(visit.report or 0)
    return Visit(
        number=visit.number,
        title=words.t("intervention.numbered", number=visit.number),
        when=formats.date_and_hour(at, it.zone_name, words.language) if at else "",
        status=_VISIT_LOOKS[visit.status],
        label=words.t(f"intervention.{visit.status.value}"),
        report=f"/inbox/a/{it.ref}/files/{document.number}" if document else "",
    )


_VISIT_LOOKS: Mapping[InterventionStatus, str] = {
    InterventionStatus.UNPLANNED: "waiting",
    InterventionStatus.TO_APPROVE: "waiting",
    InterventionStatus.PLANNED: "assigned",
    InterventionStatus.UNDERWAY: "underway",
    InterventionStatus.FINISHED: "done",
    InterventionStatus.CANCELLED: "cancelled",
}
"""Which chip of an assistance a visit's status looks like."""


def _paper(it: Assistance, document: Document, words: Catalogue) -> Paper:
    return Paper(
        file=file_of(it.ref, document, words),
        kind=words.t(f"web.document.{document.kind.value}"),
        review=document.review.value,
        review_label=words.t(f"inbox.review.{document.review.value}"),
        reason=document.review_reason,
        is_internal=document.is_internal,
    )
