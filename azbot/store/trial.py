"""The trial of an installation: whether it lasts, and its end without a trace.

While it lasts every letter stays inside. Its end is one unit of work: what people wrote
and what azbot would still say to them is gone in the same commit that opens the way
out, so that no crash leaves a letter of the trial in an outbox that leaves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import Table, bindparam, delete, func, or_, select

from azbot.errors import Refused, TrialOver
from azbot.messages import BlobId
from azbot.store.codec import decode, encode
from azbot.store.drawers import Settings
from azbot.store.erasure import erasing
from azbot.store.named import named_in
from azbot.store.records import PersonKind
from azbot.store.schema import (
    accounts,
    addresses,
    api_tokens,
    assistances,
    attempts,
    audit,
    canned_answers,
    chat_paces,
    chat_slots,
    chats,
    companions,
    erasure_gate,
    events,
    holds,
    idempotency,
    identities,
    known_phones,
    metadata,
    missions,
    outbox,
    passkeys,
    people,
    presence,
    proofs,
    raw_messages,
    readings,
    reference_counters,
    reply_drafts,
    request_drafts,
    revocations,
    saved_views,
    search_texts,
    seen_files,
    sessions,
    settings,
    signals,
    stations,
    threads,
    timers,
    uploads,
)
from azbot.store.sql import Sql

BEGUN_AT = "trial.begun_at"
"""Name of the value that says since when nothing leaves: ISO 8601, UTC."""

TOPIC = "trial"
"""Rings when one ends."""

_FILES = "trial.files"
"""Files that rows of a trial named, in capitals: this row names none of them
(``store.named``). Whoever starts next deletes those."""


class Fate(StrEnum):
    """What becomes of the rows of a table when a trial ends."""

    KEPT = "kept"
    """It was set up: people of the desk, stations, words, looks."""
    GONE = "gone"
    """It happened: everything people wrote, did, were told."""
    PARTED = "parted"
    """Some of each: rows of clients are gone."""


FATES: Mapping[Table, Fate] = {
    **dict.fromkeys(
        (stations, accounts, passkeys, canned_answers, saved_views, audit), Fate.KEPT
    ),
    # Numbers are not given twice: what names one of the trial's finds nothing.
    identities: Fate.KEPT,
    # Never holds a row that was committed.
    erasure_gate: Fate.KEPT,
    **dict.fromkeys(
        (people, addresses, known_phones, api_tokens, sessions, proofs, settings),
        Fate.PARTED,
    ),
    **dict.fromkeys(
        (
            *(assistances, missions, companions, revocations, events, timers),
            *(raw_messages, threads, seen_files, outbox, signals, reference_counters),
            *(chats, chat_slots, chat_paces, idempotency, search_texts, attempts),
            *(reply_drafts, request_drafts, readings, holds, presence, uploads),
        ),
        Fate.GONE,
    ),
}
"""Every table, with what becomes of it; a test finds one that is forgotten here."""

_CLIENT = PersonKind.CLIENT.value
_CLIENTS = select(people.c.id).where(people.c.kind == _CLIENT)
_OF_CLIENTS = tuple(
    delete(table).where(table.c.person_id.in_(_CLIENTS))
    for table in (addresses, known_phones, api_tokens, sessions, proofs)
)
_GO = tuple(
    table for table in reversed(metadata.sorted_tables) if FATES[table] is Fate.GONE
)
_HAPPENED = delete(settings).where(
    # Seals of reports, and what administrators were alerted of, and where.
    or_(
        settings.c.name.startswith("seal:", autoescape=True),
        settings.c.name.startswith("alert.", autoescape=True),
    )
)
_BEGUN = select(settings.c.value).where(settings.c.name == bindparam("name"))
# Whoever ends the trial waits for those who work in it, and they for nobody.
_HELD = _BEGUN.with_for_update(read=True)
_USED = tuple(select(func.count()).select_from(t) for t in (assistances, raw_messages))
_COUNTS = (
    select(func.count()).select_from(assistances),
    select(func.count()).select_from(outbox).where(outbox.c.sent_at.is_not(None)),
    select(func.count()).select_from(people).where(people.c.kind == _CLIENT),
)


@dataclass(frozen=True, slots=True)
class Tried:
    """What a trial holds, and its end throws away.

    Attributes:
        letters: that stayed inside.
    """

    assistances: int
    letters: int
    clients: int


class Trial:
    """The trial, inside one unit of work."""

    def __init__(self, sql: Sql, topics: set[str]) -> None:
        self._sql = sql
        self._topics = topics
        self._settings = Settings(sql)

    def begun_at(self) -> datetime | None:
        """Return since when nothing leaves; None: it does."""
        value = self._settings.get(BEGUN_AT)
        return datetime.fromisoformat(value) if value else None

    def begin(self, now: datetime) -> None:
        """Keep everything inside from now on.

        Only for whoever knows that nobody uses the database; see ``store.alone``.

        Raises:
            Refused: ``trial_on`` already, or ``trial_too_late``: there is something
                that its end would throw away.
        """
        if self.begun_at() is not None:
            raise Refused("trial_on")
        if any(self._sql.value(query) for query in _USED):
            raise Refused("trial_too_late")
        self._settings.put(BEGUN_AT, now.astimezone(UTC).isoformat())

    def require(self) -> None:
        """Let this unit of work count only while the trial lasts.

        Raises:
            TrialOver: it does not.
        """
        if self._sql.value(_HELD, {"name": BEGUN_AT}) is None:
            raise TrialOver

    def tried(self) -> Tried:
        """Return what is there now."""
        return Tried(*(int(self._sql.value(query)) for query in _COUNTS))

    def end(self) -> Tried:
        """Throw away what happened, keep what was set up, and let letters leave.

        No link or address of the trial opens anything afterwards: they were signed
        with a key that nobody has any more.

        Returns:
            what was there.

        Raises:
            Refused: ``trial_off`` already.
        """
        if not self._settings.drop(BEGUN_AT):
            raise Refused("trial_off")
        tried, files = self.tried(), self._files()
        with erasing(self._sql, "the trial is over"):
            for table in _GO:
                self._sql.run(delete(table))
        for query in _OF_CLIENTS:
            self._sql.run(query)
        self._sql.run(delete(people).where(people.c.kind == _CLIENT))
        self._sql.run(_HAPPENED)
        self._settings.rotate_keyring(keep=1)
        self._settings.put(_FILES, encode(sorted(map(str.upper, files))))
        self._topics.add(TOPIC)
        return tried

    def left_behind(self) -> list[BlobId]:
        """Return the files that rows of a trial named which is over."""
        value = self._settings.get(_FILES)
        return [BlobId(name.lower()) for name in decode(value)] if value else []

    def forget_files(self) -> None:
        """Note that those are gone."""
        self._settings.drop(_FILES)

    def _files(self) -> set[str]:
        """Return the name of every file that rows name which are about to go."""
        return {
            name
            for table in _GO
            for row in self._sql.all(select(table))
            for name in named_in(row)
        }
