"""``export``: one person's data, or one assistance, as a zip anybody can open.

person.json                     who, addresses, numbers, chats
ASFR26000184/assistance.json    answers, dates, visits
ASFR26000184/history.json       what happened, by whom
ASFR26000184/messages/…eml      as they came and left
ASFR26000184/files/…            documents and reports, under their names
index.json                      every file of the zip with its SHA-256
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from pydantic_core import to_json

from azbot import __version__
from azbot.errors import NotFound, Refused
from azbot.messages import PersonId
from azbot.store import Direction, Person, Store, UnitOfWork
from azbot.store.blobs import sync_folder
from azbot.store.forgetting import involved
from azbot.store.keeping import Letter, letters
from azbot.store.snapshot import Progress, silent
from azbot.workflow.conversation import heard_by_client
from azbot.workflow.decision import Recorded
from azbot.workflow.model import Assistance, AssistanceRef, Document, Party

_UNSAFE = re.compile(r"[^\w.\- ]+")
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written.

    Attributes:
        missing: files that are named and gone.
    """

    archive: Path
    assistances: tuple[AssistanceRef, ...]
    files: int
    missing: int


@dataclass(frozen=True, slots=True)
class _Life:
    """One assistance as it is exported."""

    it: Assistance
    history: tuple[Recorded, ...]
    letters: tuple[Letter, ...]


class _Zip:
    """A zip being written, and the list of what is in it."""

    def __init__(self, path: Path, at: datetime) -> None:
        number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(number, "w+b")
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED)
        self._at = at.timetuple()[:6]
        self.index: dict[str, str] = {}

    def add(self, name: str, content: bytes) -> None:
        """Write one file."""
        info = zipfile.ZipInfo(name, self._at)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o600 << 16
        self._zip.writestr(info, content)
        self.index[name] = hashlib.sha256(content).hexdigest()

    def close(self) -> None:
        """Write the list and make all of it durable."""
        self.add("index.json", _json({"azbot": __version__, "sha256": self.index}))
        self._zip.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()


async def export(
    store: Store,
    what: str,
    target: Path,
    now: datetime,
    *,
    is_internal: bool = False,
    progress: Progress = silent,
) -> Exported:
    """Write everything about a person or an assistance into a zip.

    Args:
        store: the open store.
        what: a reference, an address of mail, or the number of a person.
        target: must not exist.
        now: instant the entries carry.
        is_internal: with the notes of the desk and all it said with stations, which
            no client reads otherwise.
        progress: told how far it is.

    Raises:
        Refused: ``export_unknown``, ``backup_exists``.
        OSError: it cannot be written.
    """
    part = _part_of(target)
    person, lives = await store.write(
        lambda uow: _collected(uow, what, is_internal=is_internal)
    )
    try:
        sink = _Zip(part, now)
        if person is not None:
            chats = await store.write(lambda uow: uow.chats.of_person(person.id))
            sink.add("person.json", _json({"person": person, "chats": chats}))
        missing = 0
        for done, life in enumerate(lives, 1):
            missing += await _write(store, sink, life)
            progress("assistances", done, len(lives))
        sink.close()
        part.replace(target)
        sync_folder(part.parent)
    finally:
        part.unlink(missing_ok=True)
    refs = tuple(life.it.ref for life in lives)
    return Exported(target, refs, len(sink.index), missing)


def _part_of(target: Path) -> Path:
    if target.exists():
        raise Refused("backup_exists", {"file": target})
    name = f".{target.name}.{secrets.token_hex(4)}.part"
    return target.absolute().with_name(name)


def _collected(
    uow: UnitOfWork, what: str, *, is_internal: bool
) -> tuple[Person | None, list[_Life]]:
    person: Person | None = None
    try:
        its = [uow.assistances.by_ref(AssistanceRef(what.upper()), from_archive=True)]
    except NotFound:
        person = _person(uow, what)
        where = involved(uow, person.id)
        its = [
            uow.assistances.get(key, from_archive=True)
            for key in (*where.asked, *where.others)
        ]
    return person, [_life(uow, it, person, is_internal=is_internal) for it in its]


def _person(uow: UnitOfWork, who: str) -> Person:
    person = uow.people.by_address(who) or uow.people.removed(who)
    if person is None and who.isdecimal():
        try:
            person = uow.people.get(PersonId(int(who)))
        except NotFound:
            person = None
    if person is None:
        raise Refused("export_unknown", {"what": who})
    return person


def _life(
    uow: UnitOfWork, it: Assistance, person: Person | None, *, is_internal: bool
) -> _Life:
    lines = uow.events.of(it.id)
    if not is_internal:
        # Whoever is given this reads what a client may read, and no more (R176).
        lines, it = heard_by_client(lines), _told_to_client(it)
    of_whom = None if is_internal and person is None else _people(uow, it, person)
    return _Life(it, lines, tuple(_theirs(letters(uow, it.id), of_whom)))


def _told_to_client(it: Assistance) -> Assistance:
    """Return the state without what is between the desk and stations."""
    is_told = it.latest is not None and it.latest.to.includes(Party.CLIENT)
    return replace(
        it,
        documents=tuple(d for d in it.documents if d.is_for(Party.CLIENT)),
        latest=it.latest if is_told else None,
        missions=tuple(replace(mission, reason="") for mission in it.missions),
    )


def _people(uow: UnitOfWork, it: Assistance, person: Person | None) -> Sequence[Person]:
    """Return whose letters are exported: of one person, or of the client's side."""
    if person is not None:
        return [person]
    around = (it.requester, it.contact, *it.joined)
    return [uow.people.get(key) for key in dict.fromkeys(around) if key is not None]


def _theirs(
    found: Iterable[Letter], people: Sequence[Person] | None
) -> Iterable[Letter]:
    """Yield what people wrote and what was written to them; None: everybody."""
    for letter in found:
        if letter.octets is None:
            continue
        if people is None or any(_is_theirs(letter, person) for person in people):
            yield letter


def _is_theirs(letter: Letter, person: Person) -> bool:
    known = {address.casefold() for address in person.addresses}
    return letter.person == person.id or letter.other.casefold() in known


async def _write(store: Store, sink: _Zip, life: _Life) -> int:
    """Write one assistance; return how many of its files are gone."""
    it, missing = life.it, 0
    shown = [d for d in it.present_documents if not d.is_internal]
    sink.add(f"{it.ref}/assistance.json", _json(it))
    sink.add(f"{it.ref}/history.json", _json([_told(line) for line in life.history]))
    for letter in life.letters:
        sink.add(f"{it.ref}/messages/{_letter_name(letter)}", letter.octets or b"")
    for document in shown:
        try:
            content = await _content(store, document)
        except NotFound:
            missing += 1
            continue
        sink.add(f"{it.ref}/files/{_file_name(document)}", content)
    return missing


async def _content(store: Store, document: Document) -> bytes:
    chunks = [chunk async for chunk in store.blobs.stream(document.blob)]
    return b"".join(chunks)


def _told(line: Recorded) -> dict[str, object]:
    return {
        "at": line.at,
        "what": type(line.event).__name__,
        "by": line.actor.name,
        "role": line.actor.role,
        "channel": line.actor.channel,
        "status": line.after,
        "event": line.event,
    }


def _letter_name(letter: Letter) -> str:
    way = "in" if letter.direction is Direction.IN else "out"
    begins = (letter.octets or b"").lstrip()[:1]
    ending = "json" if begins in (b"{", b"[") else "eml"
    if letter.channel != "email" and ending == "eml":
        ending = "txt"
    return f"{letter.at:%Y%m%dT%H%M%SZ}-{way}-{letter.number}.{ending}"


def _file_name(document: Document) -> str:
    name = _UNSAFE.sub("_", document.name).strip(". ")[-_LONGEST:] or "file"
    return f"{document.number:02d}-{name}"


def _json(value: object) -> bytes:
    return to_json(value, indent=1, inf_nan_mode="constants")
