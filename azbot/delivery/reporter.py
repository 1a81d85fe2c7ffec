"""Makes the files deliveries name: reports, calendar files, documents.

A report is made when the first mail needs it, stored with its seal, and from then on
read: the same file for everybody, for ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from azbot.delivery.invites import Method, Visit, invitation
from azbot.delivery.letters import Postmark
from azbot.desk import Desk
from azbot.errors import NotFound, PermanentFailure
from azbot.i18n import formats
from azbot.i18n.catalogue import Catalogue, catalogue
from azbot.messages import BlobId, OutboundFile, Trust
from azbot.ports import Clock
from azbot.reports.assembly import assemble
from azbot.reports.content import Brand, ReportContent, file_name, fingerprint
from azbot.reports.seal import seal
from azbot.store import Delivery, Person, Store, UnitOfWork
from azbot.store.outbox import LETTERS
from azbot.tokens import issue_uid
from azbot.workflow.commands import NewDocument, RecordReport
from azbot.workflow.model import (
    Actor,
    Assistance,
    AssistanceId,
    Document,
    DocumentKind,
    Intervention,
    InterventionStatus,
    Role,
)

_PDF = "application/pdf"
_DRAW_WITHIN = 60
REPORT_KEY = "report_key"
"""Name of the sealing key among the store's values."""
SEAL = "seal:"
"""Prefix of the seals among the store's named values; the fingerprint follows."""

PRINTER = Actor(Role.SYSTEM, None, "azbot", Trust.STAFF, "report")


class Reporter:
    """Makes and keeps files; one report at a time is drawn.

    Args:
        postmark: gives the present name, colour and logo of the desk.
        key: seals reports.
        largest: octets of all documents one mail may carry; the others stay
            behind the link of the mail.
    """

    def __init__(
        self,
        store: Store,
        desk: Desk,
        clock: Clock,
        postmark: Callable[[], Postmark],
        key: Ed25519PrivateKey,
        largest: int = 10_000_000,
    ) -> None:
        self._store = store
        self._desk = desk
        self._clock = clock
        self._postmark = postmark
        self._key = key
        self._largest = largest
        self._drawing = asyncio.Lock()

    @property
    def _mark(self) -> Postmark:
        return self._postmark()

    async def make(
        self, delivery: Delivery, room: int | None = None
    ) -> tuple[OutboundFile, ...]:
        """Return the files a delivery names; see ``dispatch.Files``.

        Args:
            delivery: which names them.
            room: octets all its documents may have; None: as in a mail.

        Raises:
            PermanentFailure: it names something that does not exist.
        """
        if delivery.assistance_id is None:
            return ()
        key = delivery.assistance_id
        it = await self._store.write(lambda uow: uow.assistances.get(key))
        most = self._largest if room is None else room
        made: list[OutboundFile] = []
        for name in delivery.files:
            kind, _, number = name.partition(":")
            left = most - sum(len(file.content) for file in made)
            made += await self._one(it, kind, int(number), delivery, left)
        return tuple(made)

    async def report(self, key: AssistanceId, number: int) -> Document:
        """Return the stored report of a visit, 0 for the combined one.

        Makes and records it the first time it is asked for.

        Raises:
            NotFound: no finished visit has this number.
        """
        async with self._drawing:
            it = await self._store.write(lambda uow: uow.assistances.get(key))
            if (known := _known_report(it, number)) is not None:
                return known
            return await self._draw(it, number)

    async def _one(
        self, it: Assistance, kind: str, number: int, delivery: Delivery, room: int
    ) -> list[OutboundFile]:
        """Make one file; a document for which there is no room stays behind."""
        match kind:
            case "report":
                try:
                    document = await self.report(it.id, number)
                except NotFound as error:
                    raise PermanentFailure(str(error)) from error
                return [self._attached(document)]
            case "document":
                found = it.document(number)
                fits = found is not None and found.size <= room
                return [self._attached(found)] if found and fits else []
            case "invite" | "cancel":
                invite = self._calendar(it, kind, number, delivery)
                return [invite] if invite else []
            case _:
                raise PermanentFailure(f"unknown file {kind}")

    def _attached(self, document: Document) -> OutboundFile:
        content = self._store.blobs.read(document.blob)
        return OutboundFile(document.name, document.media_type, content)

    # -- reports -------------------------------------------------------------------

    async def _draw(self, it: Assistance, number: int) -> Document:
        numbers = [number] if number else _finished(it)
        if not numbers:
            raise NotFound("report", f"{it.ref}/{number}")
        made_at = self._clock.now()

        def work() -> tuple[bytes, bytes, str]:
            try:
                contents = [self._content(it, one) for one in numbers]
            except LookupError as error:
                raise NotFound("report", f"{it.ref}/{number}") from error
            sealed = seal(
                self._traceable(contents),
                made_at=made_at,
                key=self._key,
                is_combined=not number,
            )
            return sealed.pdf, sealed.seal.to_json(), sealed.seal.fingerprint

        async with asyncio.timeout(_DRAW_WITHIN):
            pdf, signed, mark = await asyncio.to_thread(work)
        return await self._store.write(
            lambda uow: self._keep(uow, it.id, number, pdf, signed, mark)
        )

    def _content(self, it: Assistance, number: int) -> ReportContent:
        mark, read = self._mark, self._store.blobs.read
        logo = read(BlobId(mark.logo)) if mark.logo else None
        brand = Brand(name=mark.brand.name, colour=mark.brand.colour, logo=logo)
        words, lists = catalogue(it.language), self._desk.rules.lists
        return assemble(it, number, words, read, brand, lists)

    def _traceable(self, contents: Sequence[ReportContent]) -> list[ReportContent]:
        """Name the page that knows this file: of several visits, all of them."""
        if not self._mark.public_url:
            return list(contents)
        url = f"{self._mark.public_url}/v/{fingerprint(*contents)}"
        return [replace(content, verification_url=url) for content in contents]

    def _keep(
        self,
        uow: UnitOfWork,
        key: AssistanceId,
        number: int,
        pdf: bytes,
        signed: bytes,
        mark: str,
    ) -> Document:
        it = uow.assistances.get(key)
        if (known := _known_report(it, number)) is not None:
            return known
        name = file_name(it.ref, _rank(it, number) if number else None)
        document = NewDocument(name, _PDF, len(pdf), uow.blobs.put(pdf))
        command = RecordReport(document, mark, number or None)
        after = self._desk.apply(uow, it, command, PRINTER).assistance
        uow.settings.put(f"{SEAL}{mark}", signed.decode())
        return after.documents[-1]

    # -- calendar --------------------------------------------------------------------

    def _calendar(
        self, it: Assistance, kind: str, number: int, delivery: Delivery
    ) -> OutboundFile | None:
        """Return the calendar file of a visit as the notice told it (M9)."""
        visit = it.intervention(number)
        if visit is None or visit.planned_at is None:
            return None
        facts = delivery.facts
        told = facts.get("planned_at") if kind == "invite" else None
        start = _instant(told) or visit.planned_at
        sequence = facts.get("sequence") if kind == "invite" else visit.sequence
        event = self._visit(
            it,
            visit,
            start,
            sequence if isinstance(sequence, int) else visit.sequence,
            (delivery.person or 0, delivery.address, delivery.language),
        )
        # Only a mail program answers an invitation; a chat hands on the event.
        offered = Method.REQUEST if delivery.channel == LETTERS else Method.PUBLISH
        method = offered if kind == "invite" else Method.CANCEL
        content = invitation(event, method)
        return OutboundFile(f"{it.ref}.ics", "text/calendar", content, method.value)

    def event(self, it: Assistance, number: int, reader: Person) -> bytes:
        """Return a planned visit for somebody's own calendar (C16).

        It has the name the invitation by mail has: whoever takes both has one event.

        Raises:
            NotFound: no visit of this number has a date.
        """
        visit = it.intervention(number)
        if visit is None or visit.planned_at is None:
            raise NotFound("visit", number)
        person = (reader.id, reader.address, reader.language)
        event = self._visit(it, visit, visit.planned_at, visit.sequence, person)
        return invitation(event, Method.PUBLISH)

    def _visit(
        self,
        it: Assistance,
        visit: Intervention,
        start: datetime,
        sequence: int,
        reader: tuple[int, str, str],
    ) -> Visit:
        """Return a visit for calendars; a reader is number, address and language."""
        mark, (person, address, language) = self._mark, reader
        words = catalogue(language)
        service = words.t(f"service.{it.service.value}") if it.service else it.ref
        site = formats.address_line(
            it.answer("address"), it.answer("postcode"), it.answer("town")
        )
        return Visit(
            uid=issue_uid(mark.keyring, mark.host, it.id, visit.number, person),
            sequence=sequence,
            starts_at=start,
            ends_at=start + (visit.lasts or timedelta(hours=2)),
            stamped_at=self._clock.now(),
            summary=f"{service} · {it.ref}",
            location=site,
            description="\n".join(_lines(it, words)),
            organizer=mark.mailbox.email,
            organizer_name=mark.mailbox.name,
            attendee=address,
            language=language,
        )


def _lines(it: Assistance, words: Catalogue) -> Iterator[str]:
    """Who comes and how to reach them, in the calendar's own words."""
    yield it.ref
    if it.mission is not None:
        station = it.mission.station
        phone = formats.phone(station.phone) if station.phone else ""
        yield ", ".join(part for part in (station.company, phone) if part)
    name, phone = it.answer("contact_name"), it.answer("phone")
    if name:
        label = words.t("form.assistance.contact_name.label")
        yield f"{label} : {name} {formats.phone(phone) if phone else ''}".strip()


def _instant(value: object) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) and value else None


def _finished(it: Assistance) -> list[int]:
    return [i.number for i in it.interventions if i.finished_at is not None]


def _known_report(it: Assistance, number: int) -> Document | None:
    """Return the report that was made; a combined one only while it is complete."""
    if number:
        visit = it.intervention(number)
        return it.document(visit.report) if visit and visit.report else None
    ends = [i.finished_at for i in it.interventions if i.finished_at is not None]
    return next(
        (
            d
            for d in reversed(it.documents)
            if d.kind is DocumentKind.REPORT
            and d.intervention is None
            and ends
            and d.added_at >= max(ends)
        ),
        None,
    )


def _rank(it: Assistance, number: int) -> int:
    kept = [
        i.number
        for i in it.interventions
        if i.status is not InterventionStatus.CANCELLED
    ]
    return kept.index(number) + 1 if number in kept else number
