"""What lists, searches and figures need of a state, as columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter, is_
from typing import Any, NamedTuple

from azbot.forms.folding import fold
from azbot.forms.places import department_of, site_key
from azbot.store.codec import encode
from azbot.store.search import searchable
from azbot.workflow.model import (
    Assistance,
    Hearers,
    Intervention,
    InterventionStatus,
    Mission,
    MissionStatus,
)


def row_of(it: Assistance) -> dict[str, Any]:
    """Return the row of an assistance, by column."""
    row = {name: value for part in _PARTS for name, value in part.columns(it).items()}
    return {**row, "state": encode(it)}


def changes(before: Assistance, after: Assistance) -> dict[str, Any]:
    """Return the columns of the later of two states that differ, by column.

    What follows from fields that both states share is not worked out again.
    """
    row: dict[str, Any] = {"state": encode(after)}
    for part in _PARTS:
        if not part.is_shared(before, after):
            old, new = part.columns(before), part.columns(after)
            row |= {name: new[name] for name in new if new[name] != old[name]}
    return row


def says_the_same(before: Assistance, after: Assistance) -> bool:
    """Whether a search finds the same words in both."""
    return _shares(_SEARCHED, before, after) or words_of(before) == words_of(after)


class _Part(NamedTuple):
    """Some columns.

    Attributes:
        fields: what they follow from, and nothing else.
        columns: works them out.
    """

    fields: attrgetter[tuple[object, ...]]
    columns: Callable[[Assistance], dict[str, Any]]

    def is_shared(self, before: Assistance, after: Assistance) -> bool:
        return _shares(self.fields, before, after)


def _shares(
    fields: attrgetter[tuple[object, ...]], before: Assistance, after: Assistance
) -> bool:
    return all(map(is_, fields(before), fields(after)))


def _own(it: Assistance) -> dict[str, Any]:
    return {
        "id": it.id,
        "ref": it.ref,
        "version": it.version,
        "status": it.status.value,
        "requester_id": it.requester,
        "contact_id": it.contact,
        "opened_at": it.opened_at,
        "opened_via": it.opened_via,
        "updated_at": it.updated_at or it.opened_at,
        "waiting_since": it.waiting_since,
        "closed_at": it.closed_at,
        "messages": it.messages,
        "needs_agent": it.needs_agent,
        "is_completed": it.is_completed,
        "cancellation_asked": it.cancellation_asked,
        "owner_id": it.owner,
        "owner": _clean(it.owner_name),
        "attention": it.attention.value if it.attention else None,
        "attention_since": it.attention_since,
        "snoozed_until": it.snoozed_until,
        "inbound": it.inbound,
        "first_answer_at": it.first_answer_at,
        "desk_seconds": int(it.desk_time.total_seconds()),
        "client_seconds": int(it.client_time.total_seconds()),
        "station_seconds": int(it.station_time.total_seconds()),
    }


def _asked(it: Assistance) -> dict[str, Any]:
    country = it.answer("country") or it.ref[2:4]
    postcode = it.answer("postcode")
    department = department_of(postcode) if country == "FR" else None
    return {
        "service": it.service.value if it.service else None,
        "company": _clean(it.answer("installer") or it.answer("distributor")),
        "own_number": _clean(fold(it.answer("own_number"))),
        "country": _clean(country)[:2],
        "postcode": _clean(postcode),
        "department": department.code if department else "",
        "town": _clean(it.answer("town")),
        "address": _clean(it.answer("address")),
        "place": searchable(place_of(it)),
        "site": _clean(site_key(it.answer("address"), postcode, country)),
    }


def _work(it: Assistance) -> dict[str, Any]:
    mission, visit = it.mission, it.visit
    cancelled = InterventionStatus.CANCELLED
    return {
        "documents": len(it.present_documents),
        "station_id": mission.station.id if mission else None,
        "station": _clean(mission.station.company) if mission else "",
        "is_silent": mission.is_silent if mission else False,
        "planned_at": visit.planned_at if visit and _is_dated(visit) else None,
        "is_to_approve": it.is_to_approve,
        "visits": sum(i.status is not cancelled for i in it.interventions),
    }


def _is_dated(visit: Intervention) -> bool:
    return visit.status is not InterventionStatus.UNPLANNED


def _said(it: Assistance) -> dict[str, Any]:
    latest = it.latest
    return {
        "channel": latest.channel if latest else it.opened_via,
        "preview": _clean(latest.text) if latest else "",
        "preview_by": latest.author.value if latest else "",
        "preview_at": latest.at if latest else None,
        "preview_to": (latest.to if latest else Hearers.CLIENT).value,
    }


def _tagged(it: Assistance) -> dict[str, Any]:
    return {
        "tags": _marked(it.tags),
        "tag_keys": _marked(tuple(fold(tag) for tag in it.tags)),
    }


def _wordless(it: Assistance) -> dict[str, Any]:
    """Return what the newest message is when it has no words, for lists to say.

    ``preview_amount``: seconds of what is heard or watched, else how many files.
    """
    latest = it.latest
    if latest is None or latest.text:
        return {"preview_what": "", "preview_amount": 0}
    found = [d for n in latest.documents if (d := it.document(n)) is not None]
    kinds = {_WORDLESS.get(d.media_type.partition("/")[0], "document") for d in found}
    if not kinds:
        return {"preview_what": "", "preview_amount": 0}
    if len(found) == 1 and kinds & {"voice", "video"}:
        return {"preview_what": kinds.pop(), "preview_amount": found[0].seconds or 0}
    what = kinds.pop() if len(kinds) == 1 else "files"
    # Several that are heard or watched are files like others: their lengths add up to
    # nothing anybody asks for.
    what = "files" if what in ("voice", "video") else what
    return {"preview_what": what, "preview_amount": len(found)}


_WORDLESS = {"image": "photo", "audio": "voice", "video": "video"}
"""What files are called in a list, by the first half of their type."""


_WORK = ("documents", "missions", "interventions")
_SEARCHED = attrgetter("ref", "answers", *_WORK)
_PARTS = (
    # These follow from twenty fields; the version differs whenever one does.
    _Part(attrgetter("version", "id"), _own),
    _Part(attrgetter("ref", "answers"), _asked),
    _Part(attrgetter(*_WORK), _work),
    _Part(attrgetter("latest", "opened_via"), _said),
    _Part(attrgetter("latest", "documents"), _wordless),
    _Part(attrgetter("tags", "ref"), _tagged),
)


def _marked(tags: tuple[str, ...]) -> str:
    """Return ``|one|two|``: with its marks each can be found by LIKE."""
    return _clean(f"|{'|'.join(tags)}|") if tags else ""


def tags_in(marked: str) -> tuple[str, ...]:
    """Return the tags of a ``tags`` column."""
    return tuple(marked.strip("|").split("|")) if marked else ()


def mission_row(it: Assistance, mission: Mission) -> dict[str, Any]:
    """Return the row of one mission, by column."""
    is_refused = mission.status is MissionStatus.REFUSED
    return {
        "assistance_id": it.id,
        "number": mission.number,
        "station_id": mission.station.id,
        "status": mission.status.value,
        "proposed_at": mission.proposed_at,
        "answered_at": mission.answered_at,
        "refusal": mission.reason if is_refused else "",
    }


def place_of(it: Assistance) -> str:
    """Return street, postcode, town and country as one line (R27, R33)."""
    parts = (it.answer(key) for key in ("address", "postcode", "town", "country"))
    return " ".join(part for part in parts if part)


def words_of(it: Assistance) -> str:
    """Return what a search finds of a state: answers, forms, shared files, stations."""
    found = [it.ref, *_texts(it.answers)]
    for visit in it.interventions:
        found += _texts(visit.answers)
    found += [document.name for document in it.present_documents if document.is_shared]
    found += [mission.station.company for mission in it.missions]
    return " ".join(found)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)


def _clean(line: str) -> str:
    """PostgreSQL refuses NUL; the document keeps it, escaped."""
    return line.replace("\x00", "")
