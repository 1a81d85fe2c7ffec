"""Forgotten, exported, purged: lives of the demonstration, put into each database."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from azbot.app.opening import opened as app_opened
from azbot.backup.making import back_up
from azbot.backup.restoring import restore
from azbot.cli import main
from azbot.config import RetentionSettings, load
from azbot.demo.seed import seed
from azbot.demo.stage import staged
from azbot.desk import Desk, DeskSettings
from azbot.errors import Refused
from azbot.forms.folding import fold
from azbot.messages import PersonId, RawId, RawMessage, Reason, Trust
from azbot.personal.erasing import erase, found
from azbot.personal.exporting import export
from azbot.personal.journal import Entry, Journal
from azbot.personal.purging import purge, sweep_files
from azbot.personal.replaying import Replayed, replay
from azbot.store import (
    NewPerson,
    PersonKind,
    RawOutcome,
    RawState,
    Store,
    UnitOfWork,
    open_store,
)
from azbot.store.chats import ChatAccount
from azbot.store.drafts import Draft, DraftFile, DraftKind
from azbot.store.holds import NewHold
from azbot.store.request_drafts import RequestDraft, RequestFile, owner_of
from azbot.store.snapshot import line_of, snapshot
from azbot.testing.clock import FakeClock
from azbot.workflow.anonymous import GONE
from azbot.workflow.commands import AddMessage, CancelAssistance, NewDocument
from azbot.workflow.deadlines import Rules
from azbot.workflow.decision import Recorded
from azbot.workflow.events import (
    ColleagueInvited,
    MessageAdded,
    NoteAdded,
    RequestAmended,
    evolve,
)
from azbot.workflow.events.fact import Change
from azbot.workflow.model import Actor, Assistance, AssistanceId, AssistanceRef, Role
from tests.webdesk import running

THURSDAY = datetime(2026, 3, 12, 9, 24, tzinfo=UTC)
LATER = THURSDAY + timedelta(days=30)
JULIEN = "j.perrin@bati-confort.example"
NADIA = "n.haddad@azur-genie-clim.example"
CLAIRE = "c.voisin@atelier-voisin.example"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The twelve lives of the demonstration, backed up."""
    file = tmp_path_factory.mktemp("lives") / "lives.zip"

    async def play() -> None:
        async with staged() as stage:
            await seed(stage, THURSDAY)
            store = stage.app.store
            await back_up(store, stage.app.settings.store.url, file, THURSDAY)

    asyncio.run(play())
    return file


@dataclass(frozen=True)
class Place:
    """One installation and its files."""

    store: Store
    url: str
    files: Path

    def octets(self) -> bytes:
        """Everything that stands on the disk, and every row in words."""
        found = [path.read_bytes() for path in self.files.rglob("*") if path.is_file()]
        if self.url.startswith("sqlite"):
            file = Path(self.url.removeprefix("sqlite:///"))
            found += [path.read_bytes() for path in file.parent.glob(f"{file.name}*")]
        with snapshot(self.url) as seen:
            for shape in seen.shapes():
                found += [line_of(row) for row in seen.rows(shape)]
        return b"\n".join(found)


@pytest.fixture
async def place(
    empty_url: str, archive: Path, tmp_path: Path, clock: FakeClock
) -> AsyncIterator[Place]:
    """The twelve lives, on each database."""
    files = tmp_path / "files"
    restore(archive, empty_url, files, THURSDAY)
    store = open_store(empty_url, files, synchronous="OFF", clock=clock)
    async with store:
        yield Place(store, empty_url, files)


def asked_by(uow: UnitOfWork, person: PersonId) -> list[Assistance]:
    return uow.assistances.asked_by(person, 50)


async def ended(place: Place, person: PersonId) -> list[AssistanceId]:
    """Let the desk cancel whatever of theirs is not over."""
    desk = Desk(place.store, FakeClock(LATER), DeskSettings("", "", "fr"), Rules)
    agent = Actor(Role.AGENT, None, "Camille Durand", Trust.STAFF, "web")

    def work(uow: UnitOfWork) -> list[AssistanceId]:
        lives = asked_by(uow, person)
        for it in lives:
            if it.is_open:
                fresh = uow.assistances.get(it.id)
                desk.apply(uow, fresh, CancelAssistance("Fin de l’essai."), agent)
        return [it.id for it in lives]

    return await place.store.write(work)


def words_of(uow: UnitOfWork, person: PersonId) -> set[str]:
    """What must not be said any more, in the spellings it may stand in."""
    who = uow.people.get(person)
    plain = {who.name, who.company, *who.name.split(), *who.addresses, *who.phones}
    for it in asked_by(uow, person):
        plain |= {str(it.answers.get(key) or "") for key in ("address", "contact_name")}
        plain |= {document.name for document in it.documents}
        for line in uow.events.of(it.id):
            if line.actor.person == person:
                text = getattr(line.event, "text", "")
                plain |= {
                    part
                    for part in text.splitlines()
                    if len(part) > 20 and " : " not in part
                }
    spread = {f"0{number[3:]}" for number in who.phones}
    return {word for word in plain | spread | {fold(w) for w in plain} if len(word) > 4}


def draw_small(place: Place, lives: list[Assistance]) -> None:
    """Pages have made small pictures of the files."""
    for blob in {document.blob for it in lives for document in it.documents}:
        path = place.files / "thumbnails" / blob[:2] / f"{blob}-160.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"drawn small")


def small_pictures(place: Place) -> set[str]:
    return {path.name[:64] for path in place.files.glob("thumbnails/*/*")}


async def chatted(store: Store, person: PersonId) -> None:
    """They wrote in a chat too, once."""
    account = ChatAccount("telegram", "900", "900", LATER, LATER, person, "ju_perrin")
    await store.write(lambda uow: uow.chats.save(account))
    said = '{"text": "Le brûleur siffle"}'.encode()
    raw = RawMessage("telegram", "telegram:1", 1, said, LATER, len(said), "900")
    await store.accept([raw])


async def test_of_a_client_who_is_forgotten_no_word_is_left_anywhere(
    place: Place,
) -> None:
    person = await place.store.write(lambda uow: found(uow, JULIEN))
    words = await place.store.write(lambda uow: words_of(uow, person.id))
    keys = await ended(place, person.id)
    await chatted(place.store, person.id)
    words |= {"ju_perrin", "le brûleur siffle"}
    draw_small(place, [await place.store.views.assistance(key) for key in keys])
    before = place.octets().lower()
    drawn = small_pictures(place)
    assert sum(word.encode().lower() in before for word in words) > 12
    done = await erase(place.store, place.url, person, LATER)
    assert len(done.assistances) == len(keys) > 1
    after = place.octets().lower()
    left = {word for word in words if word.encode().lower() in after}
    assert left == set()
    # A file that somebody else sent too is theirs, and its picture with it.
    still = small_pictures(place)
    assert still < drawn
    assert still <= set(place.store.blobs.older(LATER + timedelta(days=9999)))


@pytest.mark.parametrize(
    "empty_url",
    [pytest.param("postgresql", marks=pytest.mark.postgres)],
    indirect=True,
)
async def test_postgresql_keeps_no_word_of_the_forgotten_in_its_tables(
    place: Place,
) -> None:
    """A plain VACUUM leaves them in tables and indexes; these are written anew."""
    person = await place.store.write(lambda uow: found(uow, JULIEN))
    await ended(place, person.id)
    assert b"Perrin" in tables_of(place.url, "ANALYZE")
    done = await erase(place.store, place.url, person, LATER)
    assert done.held_tables == ()
    assert b"Perrin" not in tables_of(place.url)


def tables_of(url: str, *before: str) -> bytes:
    """Everything in the files of a database of PostgreSQL, after some statements."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            for statement in (*before, "CHECKPOINT"):
                connection.exec_driver_sql(statement)
            data = connection.exec_driver_sql("SHOW data_directory").scalar_one()
            query = "SELECT oid FROM pg_database WHERE datname = current_database()"
            number = connection.exec_driver_sql(query).scalar_one()
    finally:
        engine.dispose()
    folder = Path(str(data)) / "base" / str(number)
    if not os.access(folder, os.R_OK | os.X_OK):
        pytest.skip("its files are another machine's, or another account's")
    return b"".join(file.read_bytes() for file in folder.iterdir())


async def test_what_was_done_stays_when_its_client_is_forgotten(place: Place) -> None:
    """Statuses, dates, devices and what was signed; the state is its history still."""
    person = await place.store.write(lambda uow: found(uow, JULIEN))
    await ended(place, person.id)

    def lives(uow: UnitOfWork) -> list[Assistance]:
        return asked_by(uow, person.id)

    before = await place.store.write(lives)
    await erase(place.store, place.url, person, LATER)
    after = await place.store.write(lives)
    for old, new in zip(before, after, strict=True):
        assert (new.ref, new.status, new.opened_at) == (
            old.ref,
            old.status,
            old.opened_at,
        )
        assert (new.closed_at, new.service) == (old.closed_at, old.service)
        assert [m.station for m in new.missions] == [m.station for m in old.missions]
        assert new.answers.get("system") == old.answers.get("system")
        assert len(new.documents) == len(old.documents)
        for was, now in zip(old.interventions, new.interventions, strict=True):
            assert now.answers.get("production_units") == was.answers.get(
                "production_units"
            )
            assert [s.fingerprint for s in now.signatures] == [
                s.fingerprint for s in was.signatures
            ]
            assert {s.name for s in now.signatures} <= {GONE}
        assert await place.store.write(partial(folded, it=new)) == new


def folded(uow: UnitOfWork, it: Assistance) -> Assistance:
    """The state as the history tells it."""
    state: Assistance | None = None
    for line in uow.events.of(it.id):
        state = evolve(state, line.event, line.at)
    assert state is not None
    return replace(state, version=it.version)


async def test_others_keep_their_assistance_when_a_colleague_is_forgotten(
    place: Place,
) -> None:
    """The colleague's own words go; those of others lose the name alone."""
    store = place.store

    def invited(uow: UnitOfWork) -> tuple[AssistanceId, PersonId]:
        nadia = found(uow, NADIA)
        it = asked_by(uow, nadia.id)[0]
        guest = uow.people.add(
            NewPerson(PersonKind.CLIENT, ("luc@guest.example",), name="Luc Ferrand")
        )
        client = Actor(Role.CLIENT, nadia.id, nadia.name, Trust.PROVEN, "web")
        theirs = Actor(Role.CLIENT, guest.id, guest.name, Trust.PROVEN, "web")
        floor = (Change("address", it.answers["address"], "3 quai Neuf"),)
        amended = RequestAmended(floor, (), it.zone_name)
        for who, event in (
            (client, ColleagueInvited(guest.id, guest.name)),
            (theirs, MessageAdded("Le code du portail est 4711.")),
            (theirs, amended),
            (client, MessageAdded("Merci Luc Ferrand, je serai sur place.")),
        ):
            fresh = uow.assistances.get(it.id)
            line = Recorded(event, LATER, who, fresh.status, fresh.status)
            uow.events.append(it.id, [line])
            uow.assistances.save(evolve(fresh, event, LATER))
        return it.id, guest.id

    key, guest = await store.write(invited)
    who = await store.write(lambda uow: uow.people.get(guest))
    done = await erase(store, place.url, who, LATER)
    assert (done.assistances, done.others) == ((), 1)
    octets = place.octets().lower()
    assert [
        w for w in (b"ferrand", b"code du portail", b"luc@guest") if w in octets
    ] == []
    lines = await store.views.timeline(key, is_internal=True)
    said = [x.event.text for x in lines if isinstance(x.event, MessageAdded)]
    assert said[-2:] == [GONE, f"Merci {GONE}, je serai sur place."]
    it = await store.views.assistance(key)
    assert it.is_open
    # About the site of somebody else.
    assert it.answers["address"] == "3 quai Neuf"


@pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
async def test_nobody_is_forgotten_who_waits_or_who_works_here(place: Place) -> None:
    store = place.store
    nadia = await store.write(lambda uow: found(uow, NADIA))
    with pytest.raises(Refused, match="erase_open") as refusal:
        await erase(store, place.url, nadia, LATER)
    assert "ASFR26" in str(refusal.value.facts["refs"])
    for who, code in (
        ("m.roussel@sav.example", "erase_staff"),
        ("nobody@example.org", "erase_unknown"),
    ):
        with pytest.raises(Refused, match=code):
            await store.write(partial(found, who=who))
    await ended(place, nadia.id)
    await erase(store, place.url, nadia, LATER)
    with pytest.raises(Refused, match="erase_done"):
        await store.write(lambda uow: found(uow, str(nadia.id)))


@pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
async def test_an_export_opens_and_holds_what_it_says(
    place: Place, tmp_path: Path
) -> None:
    target = tmp_path / "claire.zip"
    done = await export(place.store, CLAIRE, target, LATER)
    with zipfile.ZipFile(target) as opened:
        names = opened.namelist()
        index = json.loads(opened.read("index.json"))["sha256"]
        assert set(names) - {"index.json"} == set(index)
        for name, digest in index.items():
            assert hashlib.sha256(opened.read(name)).hexdigest() == digest
        person = json.loads(opened.read("person.json"))["person"]
        assert (person["name"], person["addresses"]) == ("Claire Voisin", [CLAIRE])
        mails = [opened.read(name) for name in names if name.endswith(".eml")]
        reports = [name for name in names if name.endswith(".pdf")]
        texts = b"".join(opened.read(n) for n in names if n.endswith(".json"))
    assert len(done.assistances) > 1
    assert done.missing == 0
    parsed = [message_from_bytes(mail, policy=default) for mail in mails]
    assert all(CLAIRE in f"{mail['From']} {mail['To']}" for mail in parsed)
    assert any(CLAIRE in mail["From"] for mail in parsed)
    assert any(CLAIRE in mail["To"] for mail in parsed)
    assert reports
    # Notes are for the desk.
    assert b"NoteAdded" not in texts
    assert (target.stat().st_mode & 0o777) == 0o600


@pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
async def test_one_assistance_is_exported_with_notes_when_asked(
    place: Place, tmp_path: Path
) -> None:
    noted = await place.store.write(noted_ref)
    for is_internal in (False, True):
        target = tmp_path / f"{is_internal}.zip"
        done = await export(
            place.store, noted.lower(), target, LATER, is_internal=is_internal
        )
        assert done.assistances == (noted,)
        with zipfile.ZipFile(target) as opened:
            history = opened.read(f"{noted}/history.json")
        assert (b"NoteAdded" in history) is is_internal


def noted_ref(uow: UnitOfWork) -> str:
    """An assistance that has a note."""
    for number in range(1, 13):
        lines = uow.events.of(AssistanceId(number))
        if any(isinstance(line.event, NoteAdded) for line in lines):
            return uow.assistances.get(AssistanceId(number)).ref
    raise AssertionError("no life has a note")


async def held(store: Store) -> RawId:
    """A message of a stranger that was set aside."""
    raw = RawMessage("email", "imap:a/b;1", 1, b"Bonjour", THURSDAY, 7)
    await store.accept([raw])

    def work(uow: UnitOfWork) -> RawId:
        (it,) = uow.raw.claim("x:1:y", 1, timedelta(minutes=1), LATER)
        outcome = RawOutcome(
            RawState.QUARANTINED, Reason.UNPARSEABLE, sender="loup@example.org"
        )
        uow.raw.finish(it.id, outcome)
        return it.id

    return await store.write(work)


async def test_the_purge_ends_what_is_over_and_nothing_else(place: Place) -> None:
    """Julien is over, Nadia is open: a day before his time nothing happens."""
    store, kept = place.store, RetentionSettings(years=1, archive_years=2)
    julien = await store.write(lambda uow: found(uow, JULIEN))
    await ended(place, julien.id)
    over = LATER.replace(year=LATER.year + 2)
    stranger = await held(store)
    early = await purge(store, place.url, kept, over - timedelta(days=1))
    assert early.people == 0
    trial = await purge(store, place.url, kept, over + timedelta(days=1), is_trial=True)
    done = await purge(store, place.url, kept, over + timedelta(days=1))
    # And whom he named as the person on site.
    assert trial.people == done.people == 2
    # What was set aside before, and is about nothing, waits for nobody any more.
    assert (early.messages, done.messages) == (1, 0)
    left = await store.write(lambda uow: uow.raw.get(stranger))
    assert (left.outcome.state, left.outcome.sender) == (RawState.IGNORED, "")
    with pytest.raises(Refused, match="erase_unknown"):
        await store.write(lambda uow: found(uow, JULIEN))
    assert await store.write(lambda uow: found(uow, NADIA)) is not None


async def test_only_files_that_nothing_names_are_swept(place: Place) -> None:
    """Drafts, held commands and begun requests name files too."""
    store = place.store
    blobs = [store.blobs.put(f"file {n}".encode()) for n in range(5)]
    drafted, held, begun, loose, fresh = blobs

    def work(uow: UnitOfWork) -> None:
        nadia = found(uow, NADIA)
        it = asked_by(uow, nadia.id)[0]
        agent = uow.people.agents()[0]
        file = DraftFile(drafted, "a.pdf", "application/pdf", 6)
        uow.drafts.put(Draft(agent.id, it.id, DraftKind.REPLY, "", LATER, (file,)))
        document = NewDocument("b.pdf", "application/pdf", 6, held)
        command = AddMessage("Voici.", documents=(document,))
        actor = Actor(Role.AGENT, agent.id, agent.name, Trust.STAFF, "web")
        uow.holds.add(NewHold("k", agent.id, it.id, actor, (command,), LATER, LATER))
        photo = RequestFile(begun, "c.jpg", "image/jpeg", 6)
        owner = owner_of(nadia.id)
        uow.request_drafts.begin(RequestDraft(owner, "12345678", LATER, files=(photo,)))

    await store.write(work)
    old = (LATER - timedelta(days=3)).timestamp()
    there = set(store.blobs.older(LATER + timedelta(days=9999)))
    for blob in there - {fresh}:
        os.utime(place.files / blob[:2] / blob, (old, old))
    assert await sweep_files(store, place.url, LATER) == (1, 6)
    assert there - set(store.blobs.older(LATER + timedelta(days=9999))) == {loose}


async def test_a_backup_that_comes_back_brings_nobody_back_who_was_forgotten(
    empty_url: str, archive: Path, tmp_path: Path, clock: FakeClock
) -> None:
    """What was open in the backup is cancelled, and named beside its archive."""
    files, beside = tmp_path / "files", tmp_path / "safe"
    beside.mkdir()
    restore(archive, empty_url, files, THURSDAY)
    journal = Journal(files, [beside])
    async with open_store(empty_url, files, synchronous="OFF", clock=clock) as store:
        place = Place(store, empty_url, files)
        julien = await store.write(lambda uow: found(uow, JULIEN))
        words = await store.write(lambda uow: words_of(uow, julien.id))
        await ended(place, julien.id)
        await erase(store, empty_url, julien, LATER, journal=journal)
    # Nothing in the journal is about anybody: a number, and references that stay.
    assert not [w for w in words if w.lower() in journal_text(beside).lower()]

    # On a new machine: the journal beside the archive is what is left.
    shutil.rmtree(files)
    moved = Journal(files, [beside])
    moved.share()
    restore(archive, empty_url, files, LATER, may_replace=True)
    async with open_store(empty_url, files, synchronous="OFF", clock=clock) as store:
        assert await store.write(lambda uow: found(uow, JULIEN)) is not None
        again = await replay(store, empty_url, moved, LATER)
        assert [each.person for each in again.erased] == [julien.id]
        assert again.strangers == ()
        after = Place(store, empty_url, files).octets().lower()
        assert {word for word in words if word.encode().lower() in after} == set()
        lives = await store.write(lambda uow: asked_by(uow, julien.id))
        assert lives
        assert not any(it.is_open for it in lives)
        assert await store.write(lambda uow: found(uow, NADIA)) is not None
        # Done once: the mark of the restore is gone.
        assert await replay(store, empty_url, moved, LATER) == Replayed()


def journal_text(folder: Path) -> str:
    return (folder / "azbot-erasures.jsonl").read_text(encoding="utf-8")


@pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
async def test_an_erasure_is_repeated_for_the_same_person_and_no_other(
    place: Place,
) -> None:
    """Numbers are given again after a restore: the references tell people apart."""
    store, journal = place.store, Journal(place.files)

    def prepare(uow: UnitOfWork) -> list[Entry]:
        here = uow.settings.instance_id()
        nadia, claire = found(uow, NADIA).id, found(uow, CLAIRE).id
        theirs = (AssistanceRef("ASFR26009999"),)
        early = THURSDAY - timedelta(days=1)
        return [
            Entry(here, LATER, nadia, theirs),
            Entry("of another desk", LATER, claire),
            Entry(here, early, claire),
            Entry(here, LATER, PersonId(4711)),
        ]

    entries = await store.write(prepare)
    journal.note(entries)
    done = await replay(store, place.url, journal, LATER)
    assert (done.erased, done.strangers) == ((), (entries[0],))
    for who in (NADIA, CLAIRE):
        assert await store.write(partial(found, who=who)) is not None


@pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
async def test_an_erasure_that_was_refused_is_not_in_the_journal(place: Place) -> None:
    store, journal = place.store, Journal(place.files)
    nadia = await store.write(lambda uow: found(uow, NADIA))
    with pytest.raises(Refused, match="erase_open"):
        await erase(store, place.url, nadia, LATER, journal=journal)
    assert journal.entries() == ()


@pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
async def test_pages_show_what_is_left_of_the_forgotten(
    place: Place, clock: FakeClock
) -> None:
    """The desk finds the record; links in old mails open nothing any more."""
    store = place.store
    person = await store.write(lambda uow: found(uow, JULIEN))
    await ended(place, person.id)
    async with running(store, clock) as web:
        desk = await web.sign_in()
        mailed = await web.link("ASFR26000001", person.id)
        await clock.advance(timedelta(seconds=2))
        refs = (await erase(store, place.url, person, clock.now())).assistances
        assert refs[0] == "ASFR26000001"
        response = await web.client.get(mailed)
        assert response.status == 410
        for ref in refs:
            for path in (f"/inbox/a/{ref}", f"/inbox?q={ref}"):
                response = await web.client.get(path, headers=desk)
                page = await response.text()
                assert response.status == 200, path
                assert ref in page
                assert "Perrin" not in page
            told = await web.json("GET", f"/assistances/{ref}")
            assert told["ref"] == ref
        for path in ("/inbox", "/inbox/stats"):
            response = await web.client.get(path, headers=desk)
            assert response.status == 200, path


async def _over(folder: Path) -> None:
    """Everything two clients asked for is over."""
    url, files = f"sqlite:///{folder / 'data/azbot.db'}", folder / "data/files"
    async with open_store(url, files, synchronous="OFF") as store:
        for who in (CLAIRE, JULIEN):
            person = await store.write(partial(found, who=who))
            await ended(Place(store, url, files), person.id)


async def _known_at_start(config: Path) -> list[bool]:
    """Whom a service knows that starts now."""
    async with app_opened(load(config, {}), channels={}, chats={}) as app:
        return [
            await app.store.views.by_address(who) is not None
            for who in (CLAIRE, JULIEN, NADIA)
        ]


def test_the_commands_say_what_they_did_and_ask_before_the_last_step(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "azbot.toml"
    config.write_text("[service]\nlanguage = 'en'\n")

    def typed(*arguments: str) -> tuple[int, str]:
        code = main([*arguments, "--config", str(config)], {})
        told = capsys.readouterr()
        return code, told.out + told.err

    assert typed("restore", str(archive))[0] == 0
    target = str(tmp_path / "claire.zip")
    code, told = typed("export", CLAIRE, target, "--json")
    assert (code, json.loads(told)["archive"]) == (0, target)
    assert typed("export", CLAIRE, target)[1].endswith("give another name.\n")
    assert "neither a reference" in typed("export", "nobody", "n.zip")[1]
    assert "add --yes" in typed("erase", CLAIRE)[1]
    code, told = typed("erase", CLAIRE, "--yes")
    assert (code, "still open: ASFR26" in told) == (1, True)
    asyncio.run(_over(tmp_path))
    code, told = typed("backup")
    assert code == 0
    made = next((tmp_path / "data/backups").glob("azbot-*.zip"))
    code, told = typed("erase", CLAIRE, "--yes", "--json")
    facts = json.loads(told)
    assert [each["place"] for each in facts["copies"]] == [str(made)]
    assert facts["copies"][0]["at"].startswith("20")
    assert [Path(each).name for each in facts["journal"]] == [
        "erasures.jsonl",
        "azbot-erasures.jsonl",
    ]
    code, told = typed("erase", JULIEN, "--yes")
    assert "1 earlier copy still has everything:" in told
    assert str(made) in told
    assert "the mailbox of the desk" in told
    code, told = typed("restore", "--replace", str(made), "--json")
    assert code == 0, told
    assert len(json.loads(told)["erased_again"]) >= 2
    assert typed("erase", CLAIRE, "--yes")[0] == 1
    # Killed before it forgot them again, the next start does it.
    url, files = f"sqlite:///{tmp_path / 'data/azbot.db'}", tmp_path / "data/files"
    restore(made, url, files, LATER, may_replace=True)
    assert asyncio.run(_known_at_start(config)) == [False, False, True]
    code, told = typed("purge", "--dry-run", "--json")
    assert (code, json.loads(told)["people"]) == (0, 0)
    code, told = typed("purge")
    assert (code, "0 clients forgotten." in told) == (0, True)
