"""A folder where what pages tell people to type is really typed, on a real database.

Whatever a block names is there before: the messages and deliveries by their numbers,
the assistances, a mail and a report as files. Paths of the machine lead into the
folder, so that nothing outside is touched.
"""

from __future__ import annotations

import asyncio
import io
import re
import shutil
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TypeVar

from sqlalchemy import create_engine, text

from azbot.app import SECTIONS
from azbot.cli import main
from azbot.config import load
from azbot.messages import RawMessage
from azbot.store import DeliveryId, NewDelivery, UnitOfWork, open_store
from tests.docs.typed import Typed
from tests.sealing import known_by, sealed_report

T = TypeVar("T")
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
CONFIG = """
[email]
address = "sav@example.org"
imap = { host = "localhost" }
smtp = { host = "localhost" }
"""
_ASSISTANCES = 12
JO = "jo@client.example"
"""Who writes what nobody else is named for."""
_MAIL = """\
From: Sophie Martin <{sender}>
To: sav@example.org
Subject: Demande
Message-ID: <m{number}@client.example>
Date: Mon, 23 Nov 2026 08:00:00 +0000
Content-Type: text/plain; charset=utf-8

{words}
"""
_REQUEST = "Bonjour,\n\nMise en service, {number} rue des Lilas, 69002 Lyon."
_PEOPLE = (
    ("station", "add", "Clim Azur", "--email", "azur@station.example"),
    ("station", "add", "Thermie", "--email", "thermie@station.example"),
    ("station", "add", "Duval", "--email", "duval@station.example"),
    ("agent", "add", "Marie Durand", "marie@example.org"),
    ("user", "add", "Paul Morel", "admin@example.org", "--role", "admin"),
)


@dataclass(frozen=True, slots=True)
class Site:
    """The folder.

    Attributes:
        folder: has ``azbot.toml`` and what it names.
    """

    folder: Path

    def type(self, typed: Typed) -> tuple[int, str]:
        """Type a command of azbot; return its exit code and what it printed."""
        return self.run(*map(self._here, typed.words))

    def run(self, *words: str) -> tuple[int, str]:
        """Run azbot on the configuration of the folder."""
        out = io.StringIO()
        with redirect_stdout(out):
            code = main(["--config", str(self.config), *_without_config(words)], {})
        return code, out.getvalue()

    @property
    def config(self) -> Path:
        """The configuration."""
        return self.folder / "azbot.toml"

    def prepare(self, block: Sequence[Typed]) -> None:
        """Let there be what the commands of a block name."""
        words = [" ".join(typed.words) for typed in block if typed.program == "azbot"]
        for line in words:
            if found := re.match(r"quarantine \w+ (\d+)", line):
                self._hold(int(found[1]))
            elif found := re.match(r"replay (\d+)", line):
                self._receive(int(found[1]))
            elif found := re.match(r"outbox resend (\d+)", line):
                self._give_up(int(found[1]))
            elif found := re.match(r"export (\S+@\S+)", line):
                self._receive(98, _REQUEST, found[1])
                self.run("replay", "98")
            elif found := re.match(r"explain (\S+)", line):
                (self.folder / found[1]).write_bytes(_a_mail(99, _REQUEST, JO))
            elif found := re.match(r"report verify (\S+)", line):
                self._seal(self.folder / found[1])

    def write(self, work: Callable[[UnitOfWork], T]) -> T:
        """Do something to the store."""

        async def go() -> T:
            where = load(self.config, SECTIONS, {}).store
            async with open_store(where.url, where.files) as store:
                return await store.write(work)

        return asyncio.run(go())

    def _here(self, word: str) -> str:
        """Lead a path of the machine into the folder."""
        if not word.startswith("/"):
            return word
        place = self.folder / "machine" / PurePosixPath(word).relative_to("/")
        folder = place.parent if place.suffix else place
        folder.mkdir(parents=True, exist_ok=True)
        return str(place)

    def _receive(self, number: int, words: str = _REQUEST, sender: str = JO) -> None:
        """Let a message wait in the ledger under this number."""
        content = _a_mail(number, words, sender)
        raw = RawMessage("email", "imap:test", number, content, NOW, len(content))
        self.write(lambda uow: uow.raw.accept([raw]))
        self._rename("raw_messages", number)

    def _hold(self, number: int) -> None:
        self._receive(number, "OUI")
        self.run("replay", str(number))

    def _give_up(self, number: int) -> None:
        new = NewDelivery(f"dead-{number}", "opened", "x@example.org", "email", NOW)
        self.write(lambda uow: uow.outbox.put([new]))
        self._rename("outbox", number)
        given_up = DeliveryId(number)
        self.write(lambda uow: uow.outbox.dead(given_up, "550 no such user", 1))

    def _rename(self, table: str, number: int) -> None:
        engine = create_engine(load(self.config, SECTIONS, {}).store.url)
        newest = f"(SELECT max(id) FROM {table})"
        with engine.begin() as connection:
            update = f"UPDATE OR IGNORE {table} SET id = :number WHERE id = {newest}"
            connection.execute(text(update), {"number": number})
        engine.dispose()

    def _seal(self, file: Path) -> None:
        """Make a report that was sealed here."""
        report, pem = sealed_report(NOW)
        file.write_bytes(report.pdf)
        for name, value in known_by(report, pem).items():
            self.write(partial(_put, name, value))


def a_site(folder: Path, migrated: Path) -> Site:
    """Make a site where twelve assistances are open, three stations work, and Marie."""
    site = Site(folder)
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "azbot.db").write_bytes(migrated.read_bytes())
    site.config.write_text(CONFIG)
    for words in _PEOPLE:
        assert site.run(*words)[0] == 0, words
    numbers = range(1, _ASSISTANCES + 1)
    mails = [
        _a_mail(number, _REQUEST, f"client{number}@client.example")
        for number in numbers
    ]
    raws = [
        RawMessage("email", "imap:first", at, mail, NOW, len(mail))
        for at, mail in zip(numbers, mails, strict=True)
    ]
    site.write(lambda uow: uow.raw.accept(raws))
    code, told = site.run("replay", *map(str, numbers))
    assert code == 0, told
    return site


def a_copy(site: Site, folder: Path) -> Site:
    """Return a site of its own, made like another."""
    shutil.copytree(site.folder, folder)
    return Site(folder)


def _put(name: str, value: str, uow: UnitOfWork) -> None:
    uow.settings.put(name, value)


def _a_mail(number: int, words: str, sender: str) -> bytes:
    said = words.format(number=number)
    return _MAIL.format(number=number, words=said, sender=sender).encode()


def _without_config(words: Sequence[str]) -> list[str]:
    """Leave ``--config FILE`` out: there is one configuration here."""
    kept = list(words)
    while "--config" in kept:
        at = kept.index("--config")
        del kept[at : at + 2]
    return kept
