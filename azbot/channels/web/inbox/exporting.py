"""Lists as CSV: streamed, opened by spreadsheets as it is, harmless in them."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from aiohttp import web

from azbot.channels.web.downloads import disposition
from azbot.channels.web.inbox.rows import name_of
from azbot.channels.web.inbox.timeline import channel_label
from azbot.i18n import formats
from azbot.i18n.catalogue import Catalogue
from azbot.messages import PersonId
from azbot.store import Person
from azbot.store.queries import Filters, ListItem, Page, Sort
from azbot.store.views import Views

BOM = "\ufeff"
"""Without it spreadsheets take UTF-8 for something else."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_AT_ONCE = 500

COLUMNS = (
    *("ref", "status", "type", "company", "requester", "email"),
    *("address", "postcode", "town", "department", "country"),
    *("opened", "planned", "station", "owner", "tags", "channel"),
    *("documents", "messages", "updated", "waiting"),
)
"""In this order; their headers are ``list.csv.<name>``. No note is among them."""


@dataclass(frozen=True, slots=True)
class Export:
    """What is exported, in the order of the list it comes from.

    Attributes:
        filters: None: nothing but the headers.
        zone: IANA zone of the desk, for dates.
    """

    filters: Filters | None
    sort: Sort
    is_descending: bool
    words: Catalogue
    zone: str


async def send(
    request: web.Request, views: Views, export: Export, today: date
) -> web.StreamResponse:
    """Stream a list as a download."""
    name = f"{export.words.t('list.csv.name')}-{today.isoformat()}.csv"
    response = web.StreamResponse(headers={"Content-Disposition": disposition(name)})
    response.content_type, response.charset = "text/csv", "utf-8"
    response.enable_compression()
    await response.prepare(request)
    async for lines in written(views, export):
        await response.write(lines.encode())
    await response.write_eof()
    return response


async def written(views: Views, export: Export) -> AsyncIterator[str]:
    """Yield the file piece by piece: headers, then so many lines at once."""
    words = export.words
    yield BOM + lines_of([[words.t(f"list.csv.{name}") for name in COLUMNS]])
    after: str | None = ""
    while export.filters is not None and after is not None:
        page = await _page(views, export, after)
        people = await views.people_of(item.requester for item in page.items)
        yield lines_of(_cells(item, people, export) for item in page.items)
        after = page.after


async def _page(views: Views, export: Export, after: str) -> Page:
    return await views.page(
        export.filters,
        sort=export.sort,
        is_descending=export.is_descending,
        after=after or None,
        limit=_AT_ONCE,
    )


def lines_of(rows: Iterable[Sequence[str]]) -> str:
    """Return CSV lines; what a spreadsheet would compute is made a text.

    Source: RFC 4180, with the ``;`` that French spreadsheets expect; OWASP, "CSV
    Injection".
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return buffer.getvalue()


def _harmless(cell: str) -> str:
    line = cell.replace("\x00", "")
    return f"'{line}" if line.startswith(_FORMULA) else line


def _cells(item: ListItem, people: dict[PersonId, Person], export: Export) -> list[str]:
    words = export.words
    by = people.get(item.requester)
    found = {
        "ref": item.ref,
        "status": words.t(f"status.{item.status.value}"),
        "type": words.t(f"service.{item.service.value}") if item.service else "",
        "company": name_of(item, people, words),
        "requester": by.name if by else "",
        "email": by.address if by else "",
        "address": item.address,
        "postcode": item.postcode,
        "town": item.town,
        "department": item.department,
        "country": item.country,
        "opened": _day(item.opened_at, export.zone),
        "planned": _moment(item.planned_at, export.zone),
        "station": item.station_name,
        "owner": item.owner_name,
        "tags": ", ".join(item.tags),
        "channel": channel_label(item.channel, words),
        "documents": str(item.documents),
        "messages": str(item.messages),
        "updated": _moment(item.updated_at, export.zone),
        "waiting": _moment(item.attention_since, export.zone),
    }
    return [found[name] for name in COLUMNS]


def _day(at: datetime, zone: str) -> str:
    return formats.short_date(formats.local(at, zone))


def _moment(at: datetime | None, zone: str) -> str:
    return formats.short_date_and_clock(at, zone) if at else ""
