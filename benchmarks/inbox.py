"""How long the inbox takes with many assistances: list, search, one assistance.

``dev.py bench inbox [--assistances 10000] [--many 200000]``. The real web on loopback,
in a process of its own, over SQLite files that hold 10 messages for each of the first
and 3 for each of the many; one signed-in agent asks for one page after another over a
kept connection. Beside it, in the same process and run, aiohttp pages that draw the
same templates with the same values from memory: what is left is the database and azbot.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import random
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote, urlsplit

from aiohttp import web
from typing_extensions import override

from azbot.app import opened
from azbot.channels.web.pages import desk_html
from azbot.channels.web.server import build_app, serve
from azbot.channels.web.staff import (
    COOKIE,
    IDLE_FOR,
    Handler,
    new_secret,
    secret_hash,
)
from azbot.clock import SystemClock
from azbot.config import (
    RetentionSettings,
    ServiceSettings,
    Settings,
    StoreSettings,
    WebSettings,
    WorkflowSettings,
)
from azbot.demo.clock import StoryClock
from azbot.logs import set_up
from azbot.messages import PersonId
from azbot.render.pages import Look, Pages
from azbot.resources import data_dir
from azbot.store.accounts import Session
from benchmarks import _rig
from benchmarks._lives import CLIENTS, NOW, RARE, fill, ref_of
from benchmarks.latency import figures

FEW, MESSAGES_OF_FEW = 10_000, 10
MANY, MESSAGES_OF_MANY = 200_000, 3
_WARM = 5


@dataclass(frozen=True, slots=True)
class Served:
    """A running azbot.

    Attributes:
        address: where it is.
        memory: where the pages from memory are.
        secret: of the session that opens it.
    """

    address: str
    memory: str
    secret: str


class Remembered(Pages):
    """Pages that know with what each template was last drawn."""

    def __init__(self) -> None:
        super().__init__(data_dir("templates"), lambda: Look("Support technique"))
        self.last: tuple[str, str, Mapping[str, object]] = ("", "fr", {})

    @override
    def page(self, name: str, language: str, /, **context: object) -> str:
        self.last = (name, language, context)
        return super().page(name, language, **context)


def kinds(count: int, rounds: int) -> dict[str, list[str]]:
    """Return the addresses of each kind of page, different ones where there are."""
    rnd = random.Random(5)
    numbers = [rnd.randrange(1, count + 1) for _ in range(rounds)]
    words = ("chambre", "passerelle", "thermostat", "centrale")
    lists = {
        "list_todo": ["/inbox"],
        "list_status": [f"/inbox?queue=all&statut={s}" for s in _STATUSES],
        "list_filters": [
            f"/inbox?queue=all&type={service}&dept={department}"
            for service in ("hors", "marquage")
            for department in ("69", "75", "13")
        ],
        "search_rare": [f"/inbox?queue=all&q={quote(RARE)}"],
        "search_common": [f"/inbox?queue=all&q={word}" for word in words],
        "search_reference": [f"/inbox?queue=all&q={ref_of(n)[-6:]}" for n in numbers],
        "one": [f"/inbox/a/{ref_of(n)}" for n in numbers],
    }
    return {
        kind: [addresses[n % len(addresses)] for n in range(rounds)]
        for kind, addresses in lists.items()
    }


_STATUSES = ("demandee", "attente", "assignee", "cours", "realisee", "cloturee")


def measured(site: str, secret: str, addresses: Sequence[str]) -> list[float]:
    """Ask for one page after another; return how long each took, in seconds.

    Raises:
        RuntimeError: a page was not given.
    """
    place = urlsplit(site)
    connection = HTTPConnection(place.hostname or "", place.port, timeout=60)
    headers = {"Cookie": f"{COOKIE}={secret}", "Accept-Encoding": "identity"}
    taken = []
    for address in (*addresses[:_WARM], *addresses):
        began = time.perf_counter()
        connection.request("GET", address, headers=headers)
        answer = connection.getresponse()
        answer.read()
        taken.append(time.perf_counter() - began)
        if answer.status != 200:
            raise RuntimeError(f"{address}: {answer.status}")
    connection.close()
    return taken[_WARM:]


def size(folder: Path, count: int, messages: int, rounds: int) -> dict[str, object]:
    """Fill a database and ask for every kind of page; return the figures."""
    began = time.perf_counter()
    folder.mkdir()
    fill(folder, count, messages)
    filled = time.perf_counter() - began
    found: dict[str, object] = {
        "assistances": count,
        "messages_each": messages,
        "filled_in_s": round(filled, 1),
        "database_mb": round((folder / "azbot.db").stat().st_size / 1e6),
    }
    with serving(folder) as served:
        for kind, addresses in kinds(count, rounds).items():
            own = measured(served.address, served.secret, addresses)
            memory = measured(served.memory, served.secret, ["/"] * rounds)
            per_second = len(own) / sum(own)
            found[kind] = {
                **figures(own),
                "per_second": round(per_second, 1),
                "from_memory_per_second": round(len(memory) / sum(memory), 1),
                "ratio_to_limit": round(sum(memory) / sum(own), 3),
            }
    return found


def ratios(few: Mapping[str, object], many: Mapping[str, object]) -> dict[str, float]:
    """Return by how much p95 grows from one size to the other."""
    found = {}
    for kind, own in few.items():
        other = many.get(kind)
        if isinstance(own, Mapping) and isinstance(other, Mapping):
            found[kind] = round(other["p95_ms"] / own["p95_ms"], 2)
    return found


# --- the process that serves --------------------------------------------------------


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """Serve the database of a folder from another process while inside."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(folder, theirs), daemon=True)
    process.start()
    try:
        yield Served(*ours.recv())
    finally:
        process.terminate()
        process.join()


def _serve(folder: Path, pipe: Connection) -> None:
    set_up("error", "console", sys.stderr)
    asyncio.run(_run(folder, pipe))


async def _run(folder: Path, pipe: Connection) -> None:
    clock = StoryClock(SystemClock(), NOW)
    async with opened(_settings(folder), clock=clock, channels={}) as app:
        secret, agent = new_secret(), PersonId(CLIENTS + 1)
        session = Session(secret_hash(secret), agent, NOW, NOW, NOW + IDLE_FOR)
        await app.store.write(lambda uow: uow.sessions.add(session))
        deps = app.web()
        pages = Remembered()
        site = build_app(replace(deps, pages=pages))

        async def from_memory(_: web.Request) -> web.Response:
            name, language, values = pages.last
            return desk_html(pages.page(name, language, **values), language)

        async with serve(site, "127.0.0.1", 0) as address:
            pipe.send((address, await _bare(from_memory), secret))
            await asyncio.Event().wait()


async def _bare(handler: Handler) -> str:
    """Serve one page with nothing around it until the process ends."""
    app = web.Application()
    app.router.add_get("/", handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}"


def _settings(folder: Path) -> Settings:
    return Settings(
        file=folder / "azbot.toml",
        service=ServiceSettings(desk=_rig.READERS, log_level="error"),
        store=StoreSettings(url=f"sqlite:///{folder}/azbot.db", files=folder / "files"),
        web=WebSettings(),
        workflow=WorkflowSettings(),
        retention=RetentionSettings(),
        channels={"email": None},
    )


def main(few: int, many: int, rounds: int) -> None:
    with TemporaryDirectory(prefix="azbot-bench-") as name:
        one = size(Path(name) / "few", few, MESSAGES_OF_FEW, rounds)
        found: dict[str, object] = {"bench": "inbox", "few": one}
        if many:
            other = size(Path(name) / "many", many, MESSAGES_OF_MANY, rounds)
            found |= {"many": other, "p95_many_to_few": ratios(one, other)}
        _rig.emit(found)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--assistances", type=int, default=FEW)
    arguments.add_argument("--many", type=int, default=MANY, help="0: leave it out")
    arguments.add_argument("--rounds", type=int, default=200, help="pages of each kind")
    given = arguments.parse_args()
    main(given.assistances, given.many, given.rounds)
