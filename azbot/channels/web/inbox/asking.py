"""The questions of each action, as its dialog shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from azbot.channels.web.form import Pick, Question, posted, questions
from azbot.channels.web.sentences import label_of
from azbot.forms.assistance import ASSISTANCE
from azbot.forms.kinds import Context
from azbot.i18n import formats
from azbot.i18n.catalogue import Catalogue
from azbot.render.voice import Voice
from azbot.workflow.model import (
    Assistance,
    DocumentKind,
    Intervention,
    InterventionStatus,
    RefusalReason,
    ServiceType,
)

CONTACT = ("contact_name", "phone", "phone_2", "contact_email")
SITE = (
    *("service", "address", "postcode", "town", "region", "country"),
    *("system", "system_count", "thermostat_count", "maker"),
)
REQUEST = ("distributor", "installer", "own_number")
NOT_AMENDED = frozenset({"service"})
"""Changed by « Requalifier », with a reason (R152)."""

_PLANNED = frozenset({InterventionStatus.PLANNED})


@dataclass(frozen=True, slots=True)
class Ask:
    """What the questions of an action are made from.

    Attributes:
        missing: prerequisites of assignment that are not met (R140).
        stations: number, company and the reason in words, the best first.
        agents: number and name of the people of the desk.
        me: who asks.
        zone: IANA zone of the desk.
        given: what was posted and refused, to be shown again (X10).
        wrong: question name → what is wrong with it.
        lists: lists an administrator changed.
    """

    it: Assistance
    words: Catalogue
    now: datetime
    zone: str
    missing: tuple[str, ...] = ()
    stations: Sequence[tuple[str, str, str]] = ()
    agents: Sequence[tuple[str, str]] = ()
    me: int = 0
    given: Mapping[str, str] = field(default_factory=dict)
    chosen: Mapping[str, Sequence[str]] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    lists: Context = field(default_factory=Context)

    def question(self, name: str, control: str = "text", **more: object) -> Question:
        """Return a question of ours, its words under ``inbox.ask.<name>``."""
        hint = f"inbox.ask.{name}.hint"
        value = self.given.get(name, str(more.pop("value", "")))
        return Question(
            name=name,
            label=str(more.pop("label", "") or self.words.t(f"inbox.ask.{name}")),
            control=control,
            value=value,
            hint=self.words.t(hint) if hint in self.words else "",
            why=self.wrong.get(name, ""),
            **more,  # type: ignore[arg-type]
        )


Questions = Callable[[Ask], tuple[Question, ...]]


def nothing(_: Ask) -> tuple[Question, ...]:
    """Ask nothing: one press does it."""
    return ()


def reason(ask: Ask) -> tuple[Question, ...]:
    """Ask why."""
    return (ask.question("reason", "long", is_required=True),)


def _stations(ask: Ask) -> Question:
    chosen = ask.given.get("station", "")
    picks = tuple(
        Pick(number, company, number == (chosen or ask.stations[0][0]), why)
        for number, company, why in ask.stations
    )
    return ask.question("station", "radio", picks=picks, is_required=True)


def assign(ask: Ask) -> tuple[Question, ...]:
    """Ask for a station; and why, when something is missing (R140)."""
    if not ask.missing:
        return (_stations(ask),)
    items = Voice(ask.words).things(ask.missing)
    label = ask.words.t("inbox.ask.override_reason", items=items)
    override = ask.question("override_reason", "long", is_required=True, label=label)
    return (_stations(ask), override)


def complement(ask: Ask) -> tuple[Question, ...]:
    """Ask what is missing, and for the words the client will read (R10)."""
    keys = dict.fromkeys((*ask.missing, DocumentKind.ORDER_PROOF.value, "photo"))
    chosen = ask.chosen.get("items", ask.missing)
    picks = tuple(
        Pick(key, label_of(key, ASSISTANCE, ask.words), key in chosen) for key in keys
    )
    items = Voice(ask.words).things(ask.missing)
    proposed = ask.words.t("inbox.ask.comment.proposed", items=items) if items else ""
    return (
        ask.question("items", "checks", picks=picks),
        ask.question("comment", "long", is_required=True, value=proposed),
    )


def change_station(ask: Ask) -> tuple[Question, ...]:
    """Ask for another station and why."""
    return (*assign(ask), *reason(ask))


def _local(at: datetime | None, zone: str) -> str:
    return f"{formats.local(at, zone):%Y-%m-%dT%H:%M}" if at else ""


def _when(ask: Ask, *, value: str = "", is_required: bool = True) -> Question:
    lowest = _local(ask.now, ask.it.zone_name)
    return ask.question(
        "planned_at", "moment", value=value, is_required=is_required, lowest=lowest
    )


def _visits(ask: Ask, statuses: frozenset[InterventionStatus]) -> tuple[Question, ...]:
    """Ask which visit, when there are several."""
    found = [i for i in ask.it.open_visits if i.status in statuses]
    if len(found) < 2:
        return ()
    chosen = ask.given.get("visit", str(found[0].number))
    picks = tuple(
        Pick(
            str(i.number),
            ask.words.t("intervention.numbered", number=i.number),
            str(i.number) == chosen,
        )
        for i in found
    )
    return (ask.question("visit", "radio", picks=picks, is_required=True),)


def move(ask: Ask) -> tuple[Question, ...]:
    """Ask for the new date of a visit and why it moves."""
    visit = next((i for i in ask.it.open_visits if i.status in _PLANNED), None)
    planned = _local(visit.planned_at, ask.it.zone_name) if visit else ""
    return (*_visits(ask, _PLANNED), _when(ask, value=planned), *reason(ask))


def plan(ask: Ask) -> tuple[Question, ...]:
    """Ask for the date of the visit that waits for one."""
    return (_when(ask), ask.question("note", "long"))


def approve(ask: Ask) -> tuple[Question, ...]:
    """Ask for the date, the proposed one first (R148)."""
    visit = proposed_visit(ask.it)
    planned = _local(visit.planned_at, ask.it.zone_name) if visit else ""
    return (_when(ask, value=planned),)


def cancel_visit(ask: Ask) -> tuple[Question, ...]:
    """Ask which visit is dropped and why."""
    return (*_visits(ask, frozenset(InterventionStatus)), *reason(ask))


def service(ask: Ask) -> tuple[Question, ...]:
    """Ask for the service type and why it changes (R152)."""
    present = ask.given.get("service", ask.it.service or "")
    picks = tuple(
        Pick(s.value, ask.words.t(f"service.{s.value}"), s.value == present)
        for s in ServiceType
    )
    return (
        ask.question("service", "radio", picks=picks, is_required=True),
        *reason(ask),
    )


def refusal(ask: Ask) -> tuple[Question, ...]:
    """Ask for the reason of a station (R147)."""
    chosen = ask.given.get("why", RefusalReason.UNAVAILABLE.value)
    picks = tuple(
        Pick(r.value, ask.words.t(f"reason.refusal.{r.value}"), r.value == chosen)
        for r in RefusalReason
    )
    return (
        ask.question("why", "radio", picks=picks, is_required=True),
        ask.question("comment_short", "long"),
    )


def comment(ask: Ask) -> tuple[Question, ...]:
    """Ask for a few words."""
    return (ask.question("comment_short", "long", is_required=True),)


def optional_reason(ask: Ask) -> tuple[Question, ...]:
    """Ask why; nothing is an answer too."""
    return (ask.question("closing_reason", "long"),)


def fields(keys: tuple[str, ...]) -> Questions:
    """Ask for fields of the request; what the agent saw goes along (ux.md 6.5)."""

    def asks(ask: Ask) -> tuple[Question, ...]:
        shown = [k for k in keys if k not in NOT_AMENDED]
        values = {**ask.it.answers, **posted(shown, ask.given)}
        seen = tuple(
            Question(f"seen.{key}", "", "hidden", ask.it.answer(key)) for key in shown
        )
        drawn = questions(
            ASSISTANCE, shown, values, ask.words, ask.lists, wrong=ask.wrong
        )
        return (*drawn, *seen)

    return asks


def proposed_visit(it: Assistance) -> Intervention | None:
    """Return the follow-up visit that waits for the desk (R148)."""
    wanted = InterventionStatus.TO_APPROVE
    return next((i for i in it.open_visits if i.status is wanted), None)


def snooze(ask: Ask) -> tuple[Question, ...]:
    """Ask until when: the usual moments, or any (ux.md A16)."""
    tomorrow = _local(ask.now + timedelta(days=1), ask.zone)[:10]
    value = f"{tomorrow}T08:00"
    return (ask.question("until", "moment", value=value, is_required=True),)


def owner(ask: Ask) -> tuple[Question, ...]:
    """Ask who looks after it."""
    chosen = ask.given.get("owner", str(ask.it.owner or ask.me))
    nobody = Pick("", ask.words.t("inbox.ask.owner.nobody"), chosen == "")
    picks = tuple(Pick(number, name, number == chosen) for number, name in ask.agents)
    return (ask.question("owner", "radio", picks=(*picks, nobody)),)


def tags(ask: Ask) -> tuple[Question, ...]:
    """Ask for the tags, separated by commas."""
    return (ask.question("tags", value=", ".join(ask.it.tags)),)
