"""``erase``: a client is forgotten, what was done stays."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from azbot.delivery.reporter import SEAL
from azbot.errors import Refused
from azbot.messages import BlobId, PersonId, Trust
from azbot.personal.journal import Entry, Journal
from azbot.store import Person, PersonKind, Store, UnitOfWork
from azbot.store.forgetting import (
    Involved,
    compact,
    forget,
    involved,
    mentions,
    only_there,
    redact_rows,
)
from azbot.store.named import FILES, files_named
from azbot.store.snapshot import Progress, silent
from azbot.workflow.anonymous import GONE
from azbot.workflow.decision import Recorded
from azbot.workflow.events import AssistanceCancelled, evolve
from azbot.workflow.model import Actor, AssistanceId, AssistanceRef, Role
from azbot.workflow.redacting import Redact, redactor

_ERASER = Actor(Role.SYSTEM, None, "azbot", Trust.STAFF, "erase")
_AGAIN = "restore"
"""Why something is cancelled whose requester is forgotten again."""
_NOWHERE = Involved((), (), ())
_PHONES = ("phone", "phone_2")
_EMAILS = ("email", "contact_email")


@dataclass(frozen=True, slots=True)
class Erased:
    """What was done.

    Attributes:
        person: who it was; a number and nothing else.
        assistances: those that are anonymous now.
        others: of other people, in which they took part.
        files: how many were deleted.
        held_tables: of PostgreSQL, that others used: what was deleted stands in their
            files until it is written over.
    """

    person: PersonId
    assistances: tuple[AssistanceRef, ...]
    others: int
    files: int
    held_tables: tuple[str, ...] = ()


def found(uow: UnitOfWork, who: str) -> Person:
    """Return the client meant by an address of mail, or by a number.

    Raises:
        Refused: ``erase_unknown``, ``erase_staff``, ``erase_done``.
    """
    person = uow.people.by_address(who) or uow.people.removed(who)
    if person is None and who.isdecimal():
        person = uow.people.get(PersonId(int(who)))
    if person is None:
        raise Refused("erase_unknown", {"who": who})
    if person.kind is not PersonKind.CLIENT:
        raise Refused("erase_staff", {"who": who})
    if person.name == GONE and not person.addresses:
        raise Refused("erase_done", {"who": who})
    return person


async def erase(
    store: Store,
    url: str,
    person: Person,
    now: datetime,
    progress: Progress = silent,
    *,
    journal: Journal | None = None,
) -> Erased:
    """Take one client out of database and files.

    Statuses, dates, devices, the work and the hashes of what was signed stay, without
    a word of theirs. Backups made before still have everything.

    Args:
        store: the open store.
        url: its database.
        person: whom.
        now: the present.
        progress: told how far it is.
        journal: where it is written down, for a backup that comes back.

    Raises:
        Refused: ``erase_open``: something they asked for is not over.
        OSError: the journal cannot be written; nothing was done.
    """
    done = await erase_each(store, url, [person], now, progress, journal=journal)
    return done[0]


async def erase_each(
    store: Store,
    url: str,
    who: Sequence[Person],
    now: datetime,
    progress: Progress = silent,
    *,
    journal: Journal | None = None,
    ends_open: bool = False,
) -> list[Erased]:
    """Forget several, and look through everything once for what nobody needs.

    Args:
        store: the open store.
        url: its database.
        who: whom.
        now: the present.
        progress: told how far it is.
        journal: where it is written down, for a backup that comes back.
        ends_open: what they asked for and is open is cancelled; else it refuses. For
            an archive in which it was open still.
    """
    done, dropped = [], set[BlobId]()
    for person in who:
        if await store.write(partial(_is_gone, key=person.id)):
            # Known by what an earlier one asked for alone, they went with it.
            continue
        if ends_open:
            await store.write(partial(_end_open, person=person, now=now))
        erased, files = await _forgotten(store, url, person, now, progress, journal)
        done.append(erased)
        dropped |= files

    async def drop() -> None:
        named = await asyncio.to_thread(files_named, url, progress)
        for blob in dropped - named:
            await asyncio.to_thread(store.drop_file, blob)

    await store.alone(FILES, drop)
    kept = await asyncio.to_thread(compact, url)
    return [replace(erased, held_tables=kept) for erased in done]


@dataclass(frozen=True, slots=True)
class _Plan:
    """Whom it is about, and how mentions of them are found.

    Attributes:
        company: others who are known by what they asked for alone.
        broad: for assistances they took part in.
        strict, is_said: for everything else.
    """

    where: Involved
    company: Sequence[Person]
    broad: Redact
    strict: Redact
    is_said: Callable[[str], bool]


async def _forgotten(
    store: Store,
    url: str,
    person: Person,
    now: datetime,
    progress: Progress,
    journal: Journal | None,
) -> tuple[Erased, frozenset[BlobId]]:
    plan = await store.write(lambda uow: _plan(uow, person))
    rows = await asyncio.to_thread(mentions, url, plan.is_said, progress)

    def work(uow: UnitOfWork) -> frozenset[BlobId]:
        _refuse_open(uow, plan.where)
        files = forget(uow, person, plan.where, plan.broad, now, SEAL)
        for each in plan.company:
            files |= forget(uow, each, _NOWHERE, plan.broad, now, SEAL)
        redact_rows(uow, rows, plan.strict)
        return files

    where = plan.where
    entries = await store.write(lambda uow: _entries(uow, person, plan, now))
    if journal is not None:
        await asyncio.to_thread(journal.note, entries)
    try:
        files = await store.write(work)
    except Refused:
        # Of any other failure nobody knows whether it happened: then it was asked for.
        if journal is not None:
            back = [replace(each, is_taken_back=True) for each in entries]
            await asyncio.to_thread(journal.note, back)
        raise
    erased = Erased(person.id, where.refs, len(where.others), len(files))
    return erased, files


def _is_gone(uow: UnitOfWork, key: PersonId) -> bool:
    person = uow.people.get(key)
    return person.name == GONE and not person.addresses


def _entries(
    uow: UnitOfWork, person: Person, plan: _Plan, now: datetime
) -> list[Entry]:
    instance = uow.settings.instance_id()
    first = Entry(instance, now, person.id, plan.where.refs)
    return [first, *(Entry(instance, now, each.id) for each in plan.company)]


def _end_open(uow: UnitOfWork, person: Person, now: datetime) -> None:
    """Cancel what somebody asked for; nobody is told: they are forgotten next."""
    for key in involved(uow, person.id).asked:
        it = uow.assistances.get(key, from_archive=True)
        if it.is_open:
            event = AssistanceCancelled(_AGAIN, Role.SYSTEM)
            after = evolve(it, event, now)
            line = Recorded(event, now, _ERASER, it.status, after.status)
            uow.assistances.save(after)
            uow.events.append(key, [line])
            uow.timers.replace(key, ())


def _refuse_open(uow: UnitOfWork, where: Involved) -> None:
    open_ones = [
        ref
        for key, ref in zip(where.asked, where.refs, strict=True)
        if uow.assistances.get(key, from_archive=True).is_open
    ]
    if open_ones:
        raise Refused("erase_open", {"refs": ", ".join(open_ones)})


def _plan(uow: UnitOfWork, person: Person) -> _Plan:
    where = involved(uow, person.id)
    _refuse_open(uow, where)
    company = only_there(uow, where)
    names, emails, phones = set[str](), set[str](), set[str]()
    for each in (person, *company):
        names.add(each.name)
        emails |= set(each.addresses)
        phones |= set(each.phones)
    for key in where.asked:
        answers = _answers(uow, key)
        names.add(f"{answers.get('first_name', '')} {answers.get('last_name', '')}")
        # They may stand there under another name; somebody else on site is not them.
        other = uow.people.by_address(answers.get("contact_email", ""))
        if other is None or other.id == person.id:
            names.add(answers.get("contact_name", ""))
            emails |= {answers[name] for name in _EMAILS if answers.get(name)}
            phones |= {answers[name] for name in _PHONES if answers.get(name)}
    broad, _ = redactor(names, emails, phones, is_broad=True)
    strict, is_said = redactor(names, emails, phones, is_broad=False)
    return _Plan(where, company, broad, strict, is_said)


def _answers(uow: UnitOfWork, key: AssistanceId) -> dict[str, str]:
    answers = uow.assistances.get(key, from_archive=True).answers
    return {name: value for name, value in answers.items() if isinstance(value, str)}
