"""From a notice and the people around it: who gets it, where. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from azbot.messages import PersonId
from azbot.workflow.decision import Audience, Notice, NoticeKind


@dataclass(frozen=True, slots=True)
class Reachable:
    """Somebody a notice may go to.

    Attributes:
        person: None for a bare address and for the desk itself.
        address: where mail goes; empty: cannot be reached by mail.
        wants_less: said STOP; only what cannot be silenced still leaves.
    """

    person: PersonId | None
    address: str
    language: str = "fr"
    wants_less: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class People:
    """Everybody around one assistance at the time of a decision.

    Attributes:
        contact: on site, None when the requester is on site (R153).
        stations: contacts of each station of the assistance, by station id.
        colleagues: people the requester let in, by number.
    """

    requester: Reachable | None
    contact: Reachable | None
    desk: Reachable
    admin: Reachable
    stations: dict[int, tuple[Reachable, ...]] = field(default_factory=dict)
    colleagues: dict[int, Reachable] = field(default_factory=dict)


def route(notices: Sequence[Notice], people: People) -> Iterator[tuple[int, Reachable]]:
    """Yield (index of the notice, recipient), in order.

    One person gets one fact once: a report that the requester's own mail already
    carries is not sent a second time (R153, ux.md 9.1).
    """
    told: set[tuple[str, tuple[str, ...]]] = set()
    for index, notice in enumerate(notices):
        for reader in _readers(notice, people):
            if not reader.address or (reader.wants_less and notice.is_optional):
                continue
            if notice.kind is NoticeKind.REPORT and (
                (reader.address.casefold(), notice.files) in told
            ):
                continue
            told.add((reader.address.casefold(), notice.files))
            yield index, reader


def _readers(notice: Notice, people: People) -> Iterator[Reachable]:
    match notice.to:
        case Audience.REQUESTER:
            if people.requester:
                yield people.requester
        case Audience.CONTACT:
            if people.contact and not _same(people.contact, people.requester):
                yield people.contact
        case Audience.COLLEAGUE:
            person = notice.facts.get("person")
            found = people.colleagues.get(person if isinstance(person, int) else 0)
            if found:
                yield found
        case Audience.STATION:
            station = notice.facts.get("station_id")
            yield from people.stations.get(
                station if isinstance(station, int) else 0, ()
            )
        case Audience.DESK:
            yield people.desk
        case Audience.ADMIN:
            yield people.admin
        case Audience.ADDRESS:
            spoken = people.requester.language if people.requester else "fr"
            language = str(notice.facts.get("language", spoken))
            name = str(notice.facts.get("name", ""))
            yield Reachable(
                notice.person, str(notice.facts.get("to", "")), language, name=name
            )


def _same(one: Reachable, other: Reachable | None) -> bool:
    return other is not None and one.address.casefold() == other.address.casefold()
