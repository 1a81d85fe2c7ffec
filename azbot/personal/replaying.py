"""What was forgotten after a backup is forgotten again once the backup came back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from azbot.errors import NotFound
from azbot.personal.erasing import Erased, erase_each
from azbot.personal.journal import Entry, Journal
from azbot.store import Person, PersonKind, Store, UnitOfWork
from azbot.store.backups import RESTORED_FROM
from azbot.store.drawers import INSTANCE
from azbot.store.forgetting import involved
from azbot.store.snapshot import Progress, silent
from azbot.workflow.anonymous import GONE


@dataclass(frozen=True, slots=True)
class Replayed:
    """What was done again.

    Attributes:
        erased: who was forgotten again.
        strangers: entries whose number is somebody else's in this database: nothing
            was done about them.
    """

    erased: tuple[Erased, ...] = ()
    strangers: tuple[Entry, ...] = ()


async def replay(
    store: Store,
    url: str,
    journal: Journal,
    now: datetime,
    progress: Progress = silent,
) -> Replayed:
    """Forget again whom a restored archive brought back; nothing when none was.

    The database carries the mark of a restore until this is done: whoever opens it
    first does it, should the restore have been killed meanwhile.

    Raises:
        Refused: ``erasures_unreadable``.
    """
    told = await store.write(lambda uow: uow.settings.get(RESTORED_FROM))
    if told is None:
        return Replayed()
    since, entries = datetime.fromisoformat(told), journal.entries()
    due, strangers = await store.write(lambda uow: _due(uow, entries, since))
    erased = await erase_each(store, url, due, now, progress, ends_open=True)
    await store.write(lambda uow: uow.settings.drop(RESTORED_FROM))
    return Replayed(tuple(erased), tuple(strangers))


def _due(
    uow: UnitOfWork, entries: tuple[Entry, ...], since: datetime
) -> tuple[list[Person], list[Entry]]:
    # An archive of before anybody asked for its name says none: then references tell.
    instance = uow.settings.get(INSTANCE)
    due: dict[int, Person] = {}
    strangers = []
    for entry in entries:
        if instance not in (None, entry.instance) or entry.at <= since:
            continue
        try:
            person = uow.people.get(entry.person)
        except NotFound:
            # They came after the backup.
            continue
        if person.name == GONE and not person.addresses:
            continue
        asked = set(involved(uow, person.id).refs)
        is_other = bool(asked) and asked.isdisjoint(entry.refs)
        if is_other or person.kind is not PersonKind.CLIENT:
            strangers.append(entry)
        else:
            due[person.id] = person
    return list(due.values()), strangers
