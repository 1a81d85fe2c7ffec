"""From a posted dialog to the commands it stands for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from azbot.channels.web.form import posted
from azbot.channels.web.inbox.asking import NOT_AMENDED, proposed_visit
from azbot.errors import Refused
from azbot.messages import PersonId
from azbot.store import UnitOfWork
from azbot.workflow import commands as c
from azbot.workflow.commands import Command
from azbot.workflow.model import (
    Assistance,
    DocumentKind,
    RefusalReason,
    Review,
    ServiceType,
    Station,
    StationId,
)


@dataclass(frozen=True, slots=True)
class Given:
    """What was posted.

    Attributes:
        values: one for each name.
        lists: all values of a name.
    """

    values: Mapping[str, str]
    lists: Mapping[str, Sequence[str]]
    zone: str

    def text(self, name: str) -> str:
        """Return a value without the spaces around it."""
        return self.values.get(name, "").strip()

    def number(self, name: str) -> int | None:
        """Return a whole number, None when there is none."""
        text = self.text(name)
        return int(text) if text.isascii() and text.isdigit() and text else None

    def moment(self, name: str) -> datetime | None:
        """Return a date and hour of the zone as an instant, None when empty.

        Raises:
            Refused: ``date_needed``, it cannot be read.
        """
        text = self.text(name)
        if not text:
            return None
        try:
            return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(self.zone))
        except ValueError as error:
            raise Refused("date_needed") from error


Build = Callable[[Given, Assistance, UnitOfWork], tuple[Command, ...]]
"""What was posted, the present state, the unit of work → commands, in order."""


def station_of(uow: UnitOfWork, given: Given) -> Station:
    """Return the station that was chosen.

    Raises:
        Refused: ``station_needed``, none was, or it takes no mission any more.
    """
    number = given.number("station")
    known = {entry.station.id: entry for entry in uow.stations.all()}
    entry = known.get(StationId(number or 0))
    if entry is None or not entry.is_active:
        raise Refused("station_needed")
    return entry.station


def amend(keys: tuple[str, ...]) -> Build:
    """Return what changes the fields that the agent changed, and no others."""

    # Two who edit the same value: the second sees both and chooses (ux.md 6.5).
    def build(given: Given, it: Assistance, _: UnitOfWork) -> tuple[Command, ...]:
        wanted = posted([k for k in keys if k not in NOT_AMENDED], given.values)
        changed = {
            key: value
            for key, value in wanted.items()
            if value != given.values.get(f"seen.{key}", "")
        }
        clashing = {
            key: it.answer(key)
            for key, value in changed.items()
            if it.answer(key) != given.values.get(f"seen.{key}", "")
            and it.answer(key) != value
        }
        if clashing:
            raise Refused("field_changed", {"fields": clashing})
        return (c.AmendRequest(changed),)

    return build


def simple(kind: Callable[[], Command]) -> Build:
    """Return what makes a command that says nothing more."""
    return lambda _given, _it, _uow: (kind(),)


def with_reason(kind: Callable[[str], Command], name: str = "reason") -> Build:
    """Return what makes a command with one text."""
    return lambda given, _it, _uow: (kind(given.text(name)),)


def assign(given: Given, _: Assistance, uow: UnitOfWork) -> tuple[Command, ...]:
    """Give it to the chosen station."""
    return (c.AssignStation(station_of(uow, given), given.text("override_reason")),)


def change(given: Given, it: Assistance, uow: UnitOfWork) -> tuple[Command, ...]:
    """Take the mission back and give it to another station."""
    (given_to,) = assign(given, it, uow)
    return (c.WithdrawMission(given.text("reason")), given_to)


def complement(given: Given, *_: object) -> tuple[Command, ...]:
    """Ask the client."""
    items = tuple(given.lists.get("items", ()))
    return (c.AskComplement(given.text("comment"), items),)


def _needed(at: datetime | None) -> datetime:
    if at is None:
        raise Refused("date_needed")
    return at


def schedule(given: Given, it: Assistance, _: UnitOfWork) -> tuple[Command, ...]:
    """Set the date of a visit, in the hours of the site (R125)."""
    site = Given(given.values, given.lists, it.zone_name)
    return (
        c.ScheduleIntervention(
            planned_at=_needed(site.moment("planned_at")),
            number=given.number("visit"),
            reason=given.text("reason"),
            note=given.text("note"),
        ),
    )


def approve(given: Given, it: Assistance, _: UnitOfWork) -> tuple[Command, ...]:
    """Agree with a proposed visit, maybe at another date (R148)."""
    visit = proposed_visit(it)
    site = Given(given.values, given.lists, it.zone_name)
    at = site.moment("planned_at")
    proposed = visit.planned_at if visit else None
    # The field holds minutes; the proposed instant itself is what is approved.
    is_same = at is not None and proposed is not None and abs(at - proposed) < _MINUTE
    number = visit.number if visit else None
    return (c.ApproveIntervention(number, None if is_same else at),)


_MINUTE = timedelta(minutes=1)


def cancel_visit(given: Given, *_: object) -> tuple[Command, ...]:
    """Drop a visit."""
    return (c.CancelIntervention(given.text("reason"), given.number("visit")),)


def requalify(given: Given, it: Assistance, _: UnitOfWork) -> tuple[Command, ...]:
    """Change the service type."""
    wanted = given.text("service")
    known = {s.value: s for s in ServiceType}
    service = known.get(wanted) or it.service or ServiceType.INCIDENT
    return (c.Requalify(service, given.text("reason")),)


def refuse(given: Given, *_: object) -> tuple[Command, ...]:
    """Note that the station declines."""
    known = {r.value: r for r in RefusalReason}
    why = known.get(given.text("why"), RefusalReason.OTHER)
    return (c.RefuseMission(why, given.text("comment_short")),)


def review(given: Given, *_: object) -> tuple[Command, ...]:
    """Judge a document."""
    number = given.number("document") or 0
    known = {r.value: r for r in Review}
    kinds = {k.value: k for k in DocumentKind}
    return (
        c.ReviewDocument(
            number,
            known.get(given.text("review"), Review.ACCEPTED),
            kinds.get(given.text("kind")),
            given.text("reason"),
        ),
    )


def snooze(given: Given, *_: object) -> tuple[Command, ...]:
    """Let it come back by itself."""
    return (c.Snooze(_needed(given.moment("until"))),)


def take(given: Given, _: Assistance, uow: UnitOfWork) -> tuple[Command, ...]:
    """Look after it oneself."""
    return (_owner(given.number("me"), uow),)


def owner(given: Given, _: Assistance, uow: UnitOfWork) -> tuple[Command, ...]:
    """Let somebody look after it, or nobody."""
    return (_owner(given.number("owner"), uow),)


def _owner(number: int | None, uow: UnitOfWork) -> c.ChooseOwner:
    if number is None:
        return c.ChooseOwner(None)
    person = uow.people.get(PersonId(number))
    return c.ChooseOwner(person.id, person.name or person.address)


def tags(given: Given, *_: object) -> tuple[Command, ...]:
    """Replace the tags."""
    named = [tag.strip() for tag in given.text("tags").split(",")]
    return (c.SetTags(tuple(tag for tag in named if tag)),)
