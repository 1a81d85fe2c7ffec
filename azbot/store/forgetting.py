"""One person taken out of every table, in one unit of work; see ``azbot.personal``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    Text,
    bindparam,
    case,
    create_engine,
    delete,
    func,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.types import String

from azbot.messages import BlobId, PersonId
from azbot.store.codec import decode_assistance, decode_event, encode
from azbot.store.engine import address_of
from azbot.store.erasure import erasing, forget_chats
from azbot.store.events import event_row, findable, recorded
from azbot.store.filters import seen_by
from azbot.store.people import LANGUAGE_CHOSEN
from azbot.store.projection import words_of
from azbot.store.records import DeliveryState, Person, PersonKind, RawState
from azbot.store.request_drafts import owner_of
from azbot.store.schema import (
    UtcDateTime,
    api_tokens,
    assistances,
    events,
    holds,
    idempotency,
    metadata,
    outbox,
    passkeys,
    people,
    proofs,
    raw_messages,
    reply_drafts,
    request_drafts,
    seen_files,
    sessions,
    settings,
    threads,
    uploads,
)
from azbot.store.snapshot import Progress, silent, snapshot
from azbot.store.sql import Statement
from azbot.store.translate import translating
from azbot.store.unit_of_work import UnitOfWork
from azbot.workflow.anonymous import GONE, anonymous
from azbot.workflow.decision import Recorded
from azbot.workflow.events import (
    AssistanceOpened,
    DocumentAdded,
    Event,
    ReportRecorded,
    RequestAmended,
    evolve,
)
from azbot.workflow.events.fact import Change
from azbot.workflow.model import Assistance, AssistanceId, AssistanceRef
from azbot.workflow.redacting import Redact

_KEY = bindparam("key", type_=assistances.c.id.type)
_PERSON = bindparam("person", type_=assistances.c.id.type)
_ADDRESS: ColumnElement[str] = bindparam("of_address", type_=Text())
_REF: ColumnElement[str] = bindparam("of_ref", type_=Text())

_LINES = select(events).where(events.c.assistance_id == _KEY).order_by(events.c.seq)
_LINE = select(events).where(events.c.id == bindparam("line"))
_STATE = (
    select(assistances.c.id, assistances.c.state, people.c.folded)
    .join(people, people.c.id == assistances.c.requester_id)
    .where(assistances.c.id == _KEY)
)
_CHANGE_LINE = (
    update(events)
    .where(events.c.id == bindparam("line"))
    .values(
        actor=bindparam("new_actor"),
        comment=bindparam("new_comment"),
        data=bindparam("new_data"),
    )
)
_ASKED = select(assistances.c.id, assistances.c.ref).where(
    assistances.c.requester_id == _PERSON
)
_SEEN = seen_by(bindparam("person", type_=assistances.c.id.type))
_MOVED = select(events.c.assistance_id).where(
    or_(events.c.kind == "MessageArrived", events.c.kind == "NoteArrived"),
    events.c.data.contains(_REF),
)

_IS_HELD = raw_messages.c.state == RawState.QUARANTINED.value
EMPTIED: Mapping[str, Any] = {
    # Of what is empty nobody can decide anything any more.
    "state": case(
        (_IS_HELD, literal(RawState.IGNORED.value)), else_=raw_messages.c.state
    ),
    "reason": case((_IS_HELD, null()), else_=raw_messages.c.reason),
    "detail": "",
    "sha256": "",
    "message_id": "",
    "sender": "",
    "subject": "",
    "blob": None,
    "content": b"",
}
_OF_LETTERS = or_(
    func.lower(outbox.c.address) == _ADDRESS, func.lower(outbox.c.recipient) == _ADDRESS
)
_FROM = func.lower(raw_messages.c.sender) == _ADDRESS
_HERE = raw_messages.c.assistance_id == _KEY
_UNDERSTOOD = raw_messages.c.state != RawState.RECEIVED.value
_LEFT = outbox.c.state != DeliveryState.PENDING.value

_FILES_OF_ASSISTANCE = (
    select(raw_messages.c.blob).where(_HERE, raw_messages.c.blob.is_not(None)),
    select(outbox.c.blob).where(
        outbox.c.assistance_id == _KEY, outbox.c.blob.is_not(None)
    ),
)
_FILES_OF_ADDRESS = (
    select(raw_messages.c.blob).where(_FROM, raw_messages.c.blob.is_not(None)),
    select(outbox.c.blob).where(_OF_LETTERS, outbox.c.blob.is_not(None)),
)
_FORGET_ASSISTANCE: tuple[Statement, ...] = (
    # The number of a message stays: brought again by its mailbox it must be known.
    update(raw_messages).where(_HERE).values(EMPTIED),
    delete(outbox).where(outbox.c.assistance_id == _KEY),
    delete(threads).where(threads.c.assistance_id == _KEY),
    delete(reply_drafts).where(reply_drafts.c.assistance_id == _KEY),
    delete(holds).where(holds.c.assistance_id == _KEY),
)
# Of what others asked for: letters that left or were understood have served.
_EMPTY_ASSISTANCE: tuple[Statement, ...] = (
    update(raw_messages).where(_HERE, _UNDERSTOOD).values(EMPTIED),
    update(outbox)
    .where(outbox.c.assistance_id == _KEY, _LEFT)
    .values(facts="{}", text="", blob=None, content=None),
    delete(threads).where(
        threads.c.assistance_id == _KEY, threads.c.person_id == _PERSON
    ),
)
_FORGET_ADDRESS: tuple[Statement, ...] = (
    update(raw_messages).where(_FROM).values(EMPTIED),
    delete(outbox).where(_OF_LETTERS),
)
_FORGET_PERSON: tuple[Statement, ...] = (
    delete(outbox).where(outbox.c.person_id == _PERSON),
    *(
        delete(table).where(table.c.person_id == _PERSON)
        for table in (sessions, proofs, passkeys)
    ),
    update(api_tokens)
    .where(api_tokens.c.person_id == _PERSON, api_tokens.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("at", type_=UtcDateTime)),
    delete(request_drafts).where(request_drafts.c.owner == bindparam("owner")),
    delete(uploads).where(
        or_(
            uploads.c.owner == bindparam("visitor"), uploads.c.owner == bindparam("web")
        )
    ),
    delete(seen_files).where(seen_files.c.scope == bindparam("owner")),
)
_ANSWERS = delete(idempotency).where(idempotency.c.response.contains(_REF))
_SEAL = delete(settings).where(settings.c.name == bindparam("of_name"))


@dataclass(frozen=True, slots=True)
class Involved:
    """Where somebody takes part.

    Attributes:
        asked: what they asked for.
        others: what others asked for, and they are on site, invited, or moved to.
    """

    asked: tuple[AssistanceId, ...]
    refs: tuple[AssistanceRef, ...]
    others: tuple[AssistanceId, ...]


def involved(uow: UnitOfWork, person: PersonId) -> Involved:
    """Return every assistance in which somebody has a part."""
    rows = uow.sql.all(_ASKED, {"person": person})
    asked = {AssistanceId(row.id): AssistanceRef(row.ref) for row in rows}
    seen = {AssistanceId(row[0]) for row in uow.sql.all(_SEEN, {"person": person})}
    for ref in asked.values():
        values = {"of_ref": f'"origin":"{ref}"'}
        seen |= {AssistanceId(row[0]) for row in uow.sql.all(_MOVED, values)}
    others = tuple(sorted(seen - set(asked)))
    return Involved(tuple(asked), tuple(asked.values()), others)


def only_there(uow: UnitOfWork, where: Involved) -> list[Person]:
    """Return the others who are known by what somebody asked for and by nothing else.

    Whoever was named as the person on site, and nowhere else, goes with the request.
    """
    here = set(where.asked)
    people: dict[PersonId, Person] = {}
    for key in where.asked:
        it = uow.assistances.get(key, from_archive=True)
        for other in {it.contact, *it.joined} - {None, it.requester}:
            if other is not None and other not in people:
                part = involved(uow, other)
                if not part.asked and here.issuperset(part.others):
                    people[other] = uow.people.get(other)
    return [each for each in people.values() if each.kind is PersonKind.CLIENT]


def forget(
    uow: UnitOfWork,
    person: Person,
    where: Involved,
    redact: Redact,
    now: datetime,
    seal: str,
) -> frozenset[BlobId]:
    """Take one person out of every table but the record of what was done.

    Args:
        uow: the unit of work.
        person: who.
        where: see ``involved``.
        redact: takes their name, addresses and numbers out of a text.
        now: the present.
        seal: what the names of the settings begin with that keep seals of reports.

    Returns:
        files nothing may need any more; whoever deletes them looks before.
    """
    sql = uow.sql
    files: set[BlobId] = set()
    for key in (*where.asked, *where.others):
        for query in _FILES_OF_ASSISTANCE:
            files |= {BlobId(row.blob) for row in sql.all(query, {"key": key})}
    for address in person.addresses:
        values = {"of_address": address.lower()}
        for query in _FILES_OF_ADDRESS:
            files |= {BlobId(row.blob) for row in sql.all(query, values)}
    files |= forget_chats(sql, uow.chats.of_person(person.id))
    _forget_letters(uow, person, where, now)
    nobody = replace(
        person,
        addresses=(),
        name=GONE,
        company="",
        phones=(),
        notices_off=True,
        is_verified=False,
        is_active=False,
    )
    uow.people.update(nobody)
    uow.people.trust_phones(person.id, ())
    uow.settings.drop(f"{LANGUAGE_CHOSEN}{person.id}")
    uow.revocations.revoke(person.id, now)
    with erasing(sql, "a person is forgotten"):
        for key in where.asked:
            before = uow.assistances.get(key, from_archive=True)
            files |= {document.blob for document in before.documents}
            for mark in _rewrite(uow, before, anonymous):
                sql.run(_SEAL, {"of_name": f"{seal}{mark}"})
        for key in where.others:
            before = uow.assistances.get(key, from_archive=True)
            after = _without(person, where.refs, redact)
            _rewrite(uow, before, after)
            kept = {
                d.blob for d in uow.assistances.get(key, from_archive=True).documents
            }
            files |= {d.blob for d in before.documents} - kept
    files.discard(BlobId(""))
    return frozenset(files)


def _forget_letters(
    uow: UnitOfWork, person: Person, where: Involved, now: datetime
) -> None:
    sql = uow.sql
    for key in where.asked:
        for statement in _FORGET_ASSISTANCE:
            sql.run(statement, {"key": key})
    for key in where.others:
        for statement in _EMPTY_ASSISTANCE:
            sql.run(statement, {"key": key, "person": person.id})
    for address in person.addresses:
        for statement in _FORGET_ADDRESS:
            sql.run(statement, {"of_address": address.lower()})
    for ref in where.refs:
        sql.run(_ANSWERS, {"of_ref": ref})
    values = {
        "person": person.id,
        "at": now,
        "owner": owner_of(person.id),
        "visitor": f"visitor:{person.id}",
        "web": f"web:{person.id}",
    }
    for statement in _FORGET_PERSON:
        sql.run(statement, values)


def _without(
    person: Person, refs: Iterable[AssistanceRef], redact: Redact
) -> Callable[[Recorded], Recorded]:
    origins = frozenset(refs)

    def change(line: Recorded) -> Recorded:
        event, actor = line.event, line.actor
        is_theirs = actor.person == person.id
        # What they filled in or sent is about the site of somebody else.
        is_kept = isinstance(event, RequestAmended | DocumentAdded)
        is_moved = getattr(event, "origin", None) in origins
        if is_moved or (is_theirs and not is_kept):
            return anonymous(line)
        kind = type(event).__name__
        cleaned = _answered(decode_event(kind, redact(encode(event))))
        name = GONE if is_theirs else redact(actor.name)
        return replace(line, event=cleaned, actor=replace(actor, name=name))

    return change


def _answered(event: Event) -> Event:
    """Return an event whose answers are gone where nothing is left of them."""
    match event:
        case AssistanceOpened(answers=answers):
            kept = {key: given for key, given in answers.items() if given != GONE}
            return replace(event, answers=kept)
        case RequestAmended(changes=changes):
            return replace(event, changes=tuple(_kept(change) for change in changes))
        case _:
            return event


def _kept(change: Change) -> Change:
    before, after = (
        None if value == GONE else value for value in (change.before, change.after)
    )
    return Change(change.field, before, after)


def _rewrite(
    uow: UnitOfWork, before: Assistance, change: Callable[[Recorded], Recorded]
) -> Iterable[str]:
    """Change each line of a history, and the state with it; return seals of reports."""
    it: Assistance | None = None
    seals = []
    for row in uow.sql.all(_LINES, {"key": before.id}):
        was = recorded(row)
        line = change(was)
        it = evolve(it, line.event, line.at)
        new = event_row(before.id, line)
        told = {"line": row.id, "new_actor": new["actor"]}
        told |= {"new_comment": new["comment"], "new_data": new["data"]}
        uow.sql.run(_CHANGE_LINE, told)
        if findable(was.event):
            uow.search.index(
                before.id,
                (row.id, row.seq),
                findable(line.event),
                is_internal=new["is_internal"],
            )
        if isinstance(line.event, ReportRecorded):
            seals.append(line.event.fingerprint)
    if it is not None:
        uow.assistances.save(replace(it, version=before.version))
    return seals


# --- what is said of them elsewhere ---------------------------------------------------


_LEFT_ALONE = frozenset(
    {
        # Somebody of the same name keeps it.
        *("people", "addresses", "known_phones", "stations"),
        # What is searched follows from what is said.
        "search_texts",
        # Seals: what was signed for somebody else stays as it was signed.
        "settings",
    }
)


def mentions(
    url: str, is_said: Callable[[str], bool], progress: Progress = silent
) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows whose words name somebody: table → keys. Reads everything."""
    found: dict[str, list[tuple[object, ...]]] = {}
    with snapshot(url) as seen:
        for shape, row in seen.each(progress):
            if any(isinstance(cell, str) and is_said(cell) for cell in row):
                keys = metadata.tables[shape.name].primary_key.columns
                names = [name for name, _ in shape.columns]
                key = tuple(row[names.index(column.name)] for column in keys)
                found.setdefault(shape.name, []).append(key)
    return found


def redact_rows(
    uow: UnitOfWork,
    rows: dict[str, list[tuple[object, ...]]],
    redact: Redact,
) -> int:
    """Take words out of the rows ``mentions`` found; return how many changed."""
    count = 0
    with erasing(uow.sql, "a person is forgotten"):
        for name, keys in rows.items():
            for key in () if name in _LEFT_ALONE else keys:
                count += _redact_row(uow, metadata.tables[name], key, redact)
    return count


def _redact_row(
    uow: UnitOfWork, table: Table, key: tuple[object, ...], redact: Redact
) -> int:
    which = [
        column == bindparam(f"k_{column.name}", type_=column.type)
        for column in table.primary_key.columns
    ]
    values = {f"k_{c.name}": k for c, k in zip(table.primary_key, key, strict=True)}
    if any(isinstance(part, str) and redact(part) != part for part in key):
        return uow.sql.run(delete(table).where(*which), values)
    texts = [c for c in table.c if isinstance(c.type, String) and not c.primary_key]
    if not texts:
        return 0
    row = uow.sql.one(select(*texts).where(*which), values)
    if row is None:
        return 0
    said = {c.name: getattr(row, c.name) for c in texts}
    new = {
        name: redact(words)
        for name, words in said.items()
        if words and redact(words) != words
    }
    if not new:
        return 0
    told = {name: bindparam(f"v_{name}", type_=table.c[name].type) for name in new}
    values |= {f"v_{name}": words for name, words in new.items()}
    touched = uow.sql.run(update(table).where(*which).values(told), values)
    _search_again(uow, table, values)
    return touched


def _search_again(uow: UnitOfWork, table: Table, values: Mapping[str, object]) -> None:
    """Let nobody find what is no longer said."""
    if table is events:
        row = uow.sql.one(_LINE, {"line": values["k_id"]})
        place = (row.id, row.seq)
        uow.search.index(
            row.assistance_id, place, row.comment, is_internal=row.is_internal
        )
    elif table is assistances:
        row = uow.sql.one(_STATE, {"key": values["k_id"]})
        words = f"{words_of(decode_assistance(row.state))} {row.folded}"
        uow.search.index(AssistanceId(row.id), None, words)


_INDEXES = ("search_index", "place_index")


def compact(url: str) -> tuple[str, ...]:
    """Let nothing that was deleted be found in the files of the database. Blocking.

    Both write their files anew. SQLite: pages that were freed keep their words until
    then. PostgreSQL: what a plain VACUUM frees stands in tables and indexes until it is
    written over, which may be never (measured: every word of it); a table that somebody
    holds for too long, or for whose copy there is no room, gets no more than that.

    Returns:
        the tables that were not written anew.

    Raises:
        StoreUnreachable: somebody else is writing for too long.
    """
    address = address_of(url)
    engine = create_engine(address.url, isolation_level="AUTOCOMMIT")
    try:
        with translating(), engine.connect() as connection:
            if address.is_postgresql:
                return tuple(_written_over(connection))
            connection.exec_driver_sql("PRAGMA busy_timeout = 30000")
            for index in _INDEXES:
                words = f"INSERT INTO {index}({index}) VALUES ('rebuild')"  # noqa: S608 - our own names
                connection.exec_driver_sql(words)
            connection.exec_driver_sql("VACUUM")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            return ()
    finally:
        engine.dispose()


def _written_over(connection: Connection) -> Iterator[str]:
    """Write every table anew; yield those that only got a plain VACUUM."""
    # Longer would be a desk that stands still: everybody waits behind who waits.
    connection.exec_driver_sql("SET lock_timeout = '5s'")
    for table in metadata.sorted_tables:
        try:
            connection.exec_driver_sql(f"VACUUM (FULL, ANALYZE) {table.name}")
        except OperationalError:
            connection.exec_driver_sql(f"VACUUM (ANALYZE) {table.name}")
            yield table.name
    # What is common in a column is noted there, word for word.
    try:
        connection.exec_driver_sql("VACUUM FULL pg_catalog.pg_statistic")
    except OperationalError:
        yield "pg_statistic"
