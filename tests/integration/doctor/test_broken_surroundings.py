"""Everything else set up wrongly; what the doctor shows, pasted, repairs it (D5)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from azbot.app import SECTIONS, opened
from azbot.clock import SystemClock
from azbot.config import load
from azbot.doctor.clock import ClockProbe
from azbot.doctor.dns import DnsProbe
from azbot.doctor.documents import DocumentsProbe
from azbot.doctor.names import Names
from azbot.store import open_store
from azbot.store.backups import LastBackup
from azbot.testing.clock import FakeClock
from azbot.testing.telegram import TOKEN, fake_telegram
from tests.doctoring import ROOT, Seen, Setup
from tests.servers.certificate import Certificate, make_certificate
from tests.servers.names import NameServer
from tests.servers.places import free_port, is_root
from tests.servers.proxy import Proxy
from tests.servers.telegram import asked

DESK = {"address": "desk@exemple.test"}


# --- the configuration ---


async def test_a_mistyped_key_in_an_open_file_is_corrected_and_closed(
    setup: Setup,
) -> None:
    keys = {"host": "localhost", "prot": 993, "password": "nobody-reads-this"}
    setup.write(email=DESK, email__imap=keys)
    setup.file.chmod(0o644)

    (seen,) = await setup.look("configuration")

    assert (seen.level, seen.codes) == (
        "failure",
        ["config.unknown_key_near", "readable"],
    )
    words = [note["words"] for note in seen.document["notes"]]
    assert "azbot.toml:5 email.imap.prot\u00a0: Clé inconnue" in words[1]
    await setup.paste(seen)
    (seen,) = await setup.look("configuration")
    assert (seen.level, seen.codes) == ("ok", [])
    assert setup.file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("section", "keys", "paste"),
    [
        ("workflow", {"zone": "Europe/Pari"}, '[workflow]\nzone = "Europe/Paris"'),
        ("service", {"language": "French"}, '[service]\nlanguage = "fr"'),
        ("web", {"hosts": "::"}, "sed -i '2s/hosts/host/' {file}"),
        ("web", {"nonsense": 1}, "sed -i '2s/^/#/' {file}"),
        ("web", {"port": 70_000}, "editor +2 {file}"),
    ],
)
async def test_each_mistake_has_its_line(
    setup: Setup, section: str, keys: dict[str, Any], paste: str
) -> None:
    setup.write(**{section: keys})

    (seen,) = await setup.look("configuration")

    assert seen.level == "failure"
    assert seen.repairs[0]["paste"] == paste.format(file=setup.file)
    if "editor" not in paste:
        await setup.paste(seen)
        (seen,) = await setup.look("configuration")
        assert seen.level == "ok"


async def test_other_sections_are_looked_at_beside_a_wrong_one(setup: Setup) -> None:
    setup.write(email={"adress": "desk@exemple.test"}, store={})

    found = {seen.probe: seen for seen in await setup.look("database", "loop")}

    assert found["database"].codes == ["database_none", "files_missing"]
    assert found["loop"].level == "skipped"


async def test_what_is_safe_is_done_by_fix(setup: Setup) -> None:
    setup.write(store={})
    setup.file.chmod(0o644)

    names = ("configuration", "database", "backup")
    found = await setup.look(*names, more=["--fix"])

    assert [(seen.level, seen.codes) for seen in found[:2]] == [("ok", [])] * 2
    assert [seen.document["mended"] for seen in found] == [
        ["chmod"],
        ["migrate", "folder_make"],
        [],
    ]
    # The backup could be looked for once there was a database.
    assert found[2].codes == ["backup_never"]


# --- the disk ---

IN_A_SMALL_WORLD = """
import contextlib, io, json, subprocess
from pathlib import Path
from azbot.cli import main

def look(name, *more):
    with contextlib.redirect_stdout(io.StringIO()) as told:
        main(["doctor", "--json", "--only", "database", *more])
    Path(name).write_text(told.getvalue())
    return json.loads(told.getvalue())["findings"][0]["repairs"]

Path("data").mkdir()
subprocess.run("mount -t tmpfs -o size=24m tmpfs data", shell=True, check=True)
look("empty.json", "--fix")
subprocess.run("head -c 30m /dev/zero > data/filler", shell=True)
for repair in look("full.json"):
    subprocess.run(repair["paste"], shell=True, check=True, stdout=subprocess.PIPE)
look("repaired.json")
"""


def test_a_full_disk_is_made_larger(setup: Setup) -> None:
    """A file system of its own, in a world of its own: nothing else sees it."""
    # Root needs no right to it, and has none to become another root in a container.
    world = [shutil.which("unshare") or "unshare", "-m" if is_root() else "-rm"]
    if subprocess.run([*world, "true"], check=False).returncode:
        pytest.skip(f"the kernel gives nobody a world of their own ({world[1]})")
    setup.write(store={})

    subprocess.run(
        [*world, sys.executable, "-c", IN_A_SMALL_WORLD],
        cwd=setup.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
        timeout=120,
    )

    (full,) = _read(setup.folder / "full.json")
    assert full.level == "failure"
    assert full.codes[-1] == "disk_full"
    (repaired,) = _read(setup.folder / "repaired.json")
    assert (repaired.level, repaired.codes) == ("ok", [])


def _read(file: Path) -> list[Seen]:
    return [Seen(each) for each in json.loads(file.read_text("utf-8"))["findings"]]


# --- the public address ---


@asynccontextmanager
async def azbot_behind(setup: Setup, proxy: Proxy) -> AsyncIterator[None]:
    """Run azbot and a proxy that leads to it."""
    setup.write(web={"port": 0})
    settings = load(setup.file, SECTIONS, {})
    async with opened(settings, environ={}) as app, app.serving() as address:
        proxy.file.write_text(f"proxy_pass {address};\n")
        setup.proxy = proxy.file
        async with proxy.serving():
            port = int(address.rpartition(":")[2])
            setup.write(web={"port": port, "public_url": proxy.url})
            yield


@pytest.fixture
def trusted(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> Certificate:
    """A certificate this process believes, as it would one of an authority."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.file))
    return certificate


async def test_a_proxy_that_holds_the_stream_back_lets_it_go(
    setup: Setup, trusted: Certificate
) -> None:
    proxy = Proxy(setup.folder / "proxy.conf", trusted)
    async with azbot_behind(setup, proxy):
        (seen,) = await setup.look("address")

        assert (seen.level, seen.codes) == ("warning", ["stream_held"])
        assert "proxy_buffering off;" in seen.repairs[0]["paste"]
        await setup.paste(seen)
        (seen,) = await setup.look("address")
        assert (seen.level, seen.codes) == ("ok", [])
        assert "certificat valable 29 jours" in seen.words


async def test_a_proxy_that_looks_elsewhere_is_led_to_azbot(
    setup: Setup, trusted: Certificate
) -> None:
    proxy = Proxy(setup.folder / "proxy.conf", trusted)
    async with azbot_behind(setup, proxy):
        proxy.file.write_text("proxy_buffering off;\nproxy_pass http://127.0.0.1:1;\n")

        (seen,) = await setup.look("address")

        assert (seen.level, seen.codes) == ("failure", ["not_running"])
        await setup.paste(seen)
        (seen,) = await setup.look("address")
        assert (seen.level, seen.codes) == ("ok", [])


async def test_who_is_down_is_started(setup: Setup, trusted: Certificate) -> None:
    proxy = Proxy(setup.folder / "proxy.conf", trusted)
    async with azbot_behind(setup, proxy):
        url = f"https://localhost:{free_port()}"
        local = setup.file.read_text()
        setup.file.write_text(local.replace(proxy.url, url))

        (with_azbot,) = await setup.look("address")
    (without,) = await setup.look("address")

    assert with_azbot.codes == without.codes == ["address_refused"]
    assert with_azbot.repairs[0]["paste"] == "systemctl start nginx"
    assert without.repairs[0]["paste"] == "systemctl start azbot"


@pytest.mark.parametrize(
    ("days", "level", "code"),
    [(-1, "failure", "certificate_expired"), (13, "warning", "certificate_soon")],
)
async def test_an_old_certificate_is_renewed(
    setup: Setup, monkeypatch: pytest.MonkeyPatch, days: int, level: str, code: str
) -> None:
    """What is pasted runs here too: a certbot that renews this one certificate."""
    hours = timedelta(days=days, hours=1)
    old = make_certificate(setup.folder, hours)
    monkeypatch.setenv("SSL_CERT_FILE", str(old.file))
    proxy = Proxy(setup.folder / "proxy.conf", old)
    async with azbot_behind(setup, proxy):
        proxy.file.write_text(proxy.file.read_text() + "proxy_buffering off;\n")

        (seen,) = await setup.look("address")

        assert (seen.level, seen.codes) == (level, [code])
        setup.program("certbot", f'[ "$1" = renew ] && {_renewing(setup.folder)}')
        await setup.paste(seen)
    async with proxy.serving():
        (seen,) = await setup.look("address")
        assert "certificate" not in " ".join(seen.codes)


def _renewing(folder: Path) -> str:
    code = (
        "from pathlib import Path; from tests.servers.certificate import"
        f" make_certificate; make_certificate(Path({str(folder)!r}))"
    )
    return f'{sys.executable} -c "{code}"'


# --- the DNS ---


async def test_a_bare_domain_gets_its_records(setup: Setup, names: NameServer) -> None:
    setup.names = names
    names.publish(
        "smtp.exemple.test. IN A 192.0.2.10\nimap.exemple.test. IN A 192.0.2.11"
    )
    setup.write(**_domain())

    (seen,) = await setup.look("dns")

    assert (seen.level, seen.codes) == (
        "failure",
        ["dns_mx", "dns_spf", "dns_dkim", "dns_dmarc"],
    )
    assert [repair["paste"] for repair in seen.repairs if repair["into"] == "dns"] == [
        "exemple.test. IN MX 10 imap.exemple.test.",
        'exemple.test. IN TXT "v=spf1 a:smtp.exemple.test ~all"',
        '_dmarc.exemple.test. IN TXT "v=DMARC1; p=none; rua=mailto:chef@exemple.test"',
    ]
    await setup.paste(seen)
    (seen,) = await setup.look("dns")
    assert (seen.level, seen.words) == ("ok", "MX, SPF, DKIM, DMARC (p=none)")


@pytest.mark.parametrize(
    ("record", "level", "better"),
    [
        (
            "v=spf1 mx -all",
            "failure",
            "v=spf1 mx a:smtp.exemple.test -all",
        ),
        (
            "v=spf1 ip4:198.51.100.0/24 ~all",
            "warning",
            "v=spf1 ip4:198.51.100.0/24 a:smtp.exemple.test ~all",
        ),
    ],
)
async def test_a_sender_missing_from_spf_is_let_in(
    setup: Setup, names: NameServer, record: str, level: str, better: str
) -> None:
    setup.names = names
    _publish_all(names)
    names.publish(f'exemple.test. IN TXT "{record}"')
    setup.write(**_domain())

    (seen,) = await setup.look("dns")

    assert (seen.level, seen.codes) == (level, ["dns_spf_sender"])
    assert seen.repairs[0]["paste"] == f'exemple.test. IN TXT "{better}"'
    await setup.paste(seen)
    (seen,) = await setup.look("dns")
    assert seen.level == "ok"


async def test_two_spf_records_become_one(setup: Setup, names: NameServer) -> None:
    setup.names = names
    _publish_all(names)
    names.lines.append('exemple.test. IN TXT "v=spf1 a:smtp.exemple.test -all"')
    setup.write(**_domain())

    (seen,) = await setup.look("dns")

    assert seen.codes == ["dns_spf_twice"]
    await setup.paste(seen)
    (seen,) = await setup.look("dns")
    assert seen.level == "ok"


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ("exemple.test. IN MX 0 .", "dns_mx_null"),
        ("exemple.test. IN MX 10 gone.exemple.test.", "dns_mx_nowhere"),
    ],
)
async def test_a_domain_that_takes_no_mail_is_given_a_server(
    setup: Setup, names: NameServer, record: str, code: str
) -> None:
    setup.names = names
    _publish_all(names)
    names.lines = [line for line in names.lines if " IN MX " not in line]
    names.publish(record)
    setup.write(**_domain())

    (seen,) = await setup.look("dns")

    assert (seen.level, seen.codes) == ("failure", [code])
    names.lines.remove(record)
    await setup.paste(seen)
    (seen,) = await setup.look("dns")
    assert seen.level == "ok"


async def test_a_house_is_told_apart_by_its_servers(names: NameServer) -> None:
    """Mail given to smtp.gmail.com leaves by other machines: only the record of the
    house knows them. A part of a domain is covered by the policy of the whole.
    """
    _publish_all(names)
    resolver = Names.at(names.host, names.port)
    probe = DnsProbe(
        "sav.exemple.test", "imap.gmail.com", "smtp.gmail.com", "", resolver
    )

    finding = await probe.check()

    assert [note.what for note in finding.notes] == [
        "dns_mx",
        "dns_spf",
        "dns_dkim",
        "dns_dmarc_ok",
    ]
    assert [repair.paste for repair in finding.repairs] == [
        "sav.exemple.test. IN MX 1 smtp.google.com.",
        'sav.exemple.test. IN TXT "v=spf1 include:_spf.google.com ~all"',
        "",
    ]
    assert finding.repairs[2].how == "dkim_gmail"


def _domain() -> dict[str, dict[str, Any]]:
    return {
        "service": {"admin": "chef@exemple.test"},
        "email": DESK,
        "email__imap": {"host": "imap.exemple.test"},
        "email__smtp": {"host": "smtp.exemple.test"},
    }


def _publish_all(names: NameServer) -> None:
    names.publish(
        "smtp.exemple.test. IN A 192.0.2.10\n"
        "imap.exemple.test. IN A 192.0.2.11\n"
        "exemple.test. IN MX 10 imap.exemple.test.\n"
        'exemple.test. IN TXT "v=spf1 a:smtp.exemple.test ~all"\n'
        'unheard-of._domainkey.exemple.test. IN TXT "v=DKIM1; k=rsa; p=MIIB"\n'
        '_dmarc.exemple.test. IN TXT "v=DMARC1; p=reject"'
    )


# --- Telegram ---


async def test_a_refused_token_is_typed_again(setup: Setup) -> None:
    wrong = "110201543:AAa-token-that-was-taken-back"
    async with fake_telegram() as server:
        url = server.base_url.removesuffix("/bot")
        setup.write(telegram={"token": wrong, "api_base_url": url})

        (seen,) = await setup.look("telegram")

        assert (seen.level, seen.codes) == ("failure", ["token"])
        await setup.paste(seen, typing=TOKEN)
        (seen,) = await setup.look("telegram")
        assert (seen.level, seen.codes) == ("ok", [])


async def test_a_webhook_of_somebody_else_is_taken_away(setup: Setup) -> None:
    async with fake_telegram() as server:
        url = server.base_url.removesuffix("/bot")
        setup.write(telegram={"token": TOKEN, "api_base_url": url})
        elsewhere = {"url": "https://localhost:8443/elsewhere", "secret_token": "else"}
        assert (await asked(server, "setWebhook", **elsewhere))["ok"]

        (seen,) = await setup.look("telegram")

        assert (seen.level, seen.codes) == ("failure", ["webhook_conflict"])
        await setup.paste(seen)
        (seen,) = await setup.look("telegram")
        assert (seen.level, seen.codes) == ("ok", [])


async def test_whether_azbot_receives_is_seen_in_the_database(
    setup: Setup, migrated_file: Path
) -> None:
    shutil.copy(migrated_file, setup.folder / "azbot.db")
    async with fake_telegram() as server:
        url = server.base_url.removesuffix("/bot")
        setup.write(
            telegram={"token": TOKEN, "api_base_url": url},
            store={"url": "sqlite:///azbot.db"},
        )

        (resting,) = await setup.look("telegram")
        database = f"sqlite:///{setup.folder}/azbot.db"
        async with open_store(database, setup.folder / "files") as store:
            place, now = f"telegram.{TOKEN.partition(':')[0]}", SystemClock().now()
            await store.write(
                lambda uow: uow.seats.take(place, "host:1:x", timedelta(hours=1), now)
            )
        (receiving,) = await setup.look("telegram")

    assert resting.words.endswith("relève à l’arrêt, azbot ne tourne pas")
    assert receiving.words.endswith(", relève active")
    assert {call.method for call in server.calls} == {"getMe", "getWebhookInfo"}


async def test_a_service_that_cannot_be_reached_is_told(setup: Setup) -> None:
    keys = {"token": TOKEN, "api_base_url": "http://127.0.0.1:1"}
    setup.write(telegram=keys)

    (seen,) = await setup.look("telegram")

    assert (seen.level, seen.codes) == ("failure", ["api_unreached"])
    assert 'api_base_url = "https://api.telegram.org"' in seen.repairs[0]["paste"]


# --- the clock ---


async def test_a_clock_that_is_slow_is_set(setup: Setup) -> None:
    """The time of a server azbot talks to anyway is ahead of ours by a minute."""
    ahead = setup.folder / "ahead"
    ahead.write_text("60")

    async def tell(_: web.Request) -> web.Response:
        late = timedelta(seconds=int(ahead.read_text()))
        date = format_datetime(SystemClock().now() + late, usegmt=True)
        return web.Response(headers={"Date": date})

    app = web.Application()
    app.router.add_get("/", tell)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        port = runner.addresses[0][1]
        keys = {"token": TOKEN, "api_base_url": f"http://127.0.0.1:{port}"}
        setup.write(telegram=keys)

        (seen,) = await setup.look("clock")

        assert (seen.level, seen.codes) == ("failure", ["clock_late"])
        setup.program("timedatectl", f'[ "$*" = "set-ntp true" ] && echo 0 > {ahead}')
        await setup.paste(seen)
        (seen,) = await setup.look("clock")
        assert (seen.level, seen.codes) == ("ok", [])
        assert seen.words.endswith(", Europe/Paris")
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(4.4, "clock_ok"), (5.4, "clock_late"), (-4.4, "clock_ok"), (-5.6, "clock_early")],
)
async def test_five_seconds_are_borne(
    clock: FakeClock, seconds: float, code: str
) -> None:
    async def witness() -> datetime | None:
        # Half a second has gone by on average when a server writes whole ones.
        return clock.now() + timedelta(seconds=seconds - 0.5)

    finding = await ClockProbe("Europe/Paris", clock, [witness]).check()

    assert finding.notes[0].what == code


async def test_the_zone_that_was_meant_is_named(clock: FakeClock) -> None:
    finding = await ClockProbe("Europe/Pari", clock).check()

    assert finding.repairs[0].paste == '[workflow]\nzone = "Europe/Paris"'


# --- documents ---


async def test_missing_fonts_and_heic_are_installed(setup: Setup) -> None:
    """What is pasted runs a pip that has both at hand."""
    fonts, heic = setup.folder / "ttf", setup.folder / "heic"
    fonts.mkdir()
    names = " ".join(
        f"OpenSans-{n}.ttf" for n in ("Regular", "Bold", "Italic", "Light")
    )
    setup.program(
        "pip",
        f'case "$*" in *ttf-opensans) cd {fonts} && touch {names};;'
        f" *pillow-heif) touch {heic};; esac",
    )
    pip = str(setup.folder / "bin" / "pip")
    probe = DocumentsProbe(pip, lambda: fonts, heic.exists)

    finding = await probe.check()

    assert [note.what for note in finding.notes] == ["fonts_missing", "heic_missing"]
    for repair in finding.repairs:
        setup.run(repair.paste)
    finding = await probe.check()
    assert [note.what for note in finding.notes] == ["fonts", "heic"]


# --- the backup ---


@pytest.mark.parametrize(
    ("hours", "level"), [(None, "warning"), (49, "warning"), (47, "ok")]
)
async def test_a_backup_is_two_days_old_at_most(
    setup: Setup, migrated_file: Path, hours: int | None, level: str
) -> None:
    shutil.copy(migrated_file, setup.folder / "azbot.db")
    setup.write(store={"url": "sqlite:///azbot.db"})
    if hours is not None:
        url, files = f"sqlite:///{setup.folder}/azbot.db", setup.folder / "files"
        at = SystemClock().now() - timedelta(hours=hours)
        async with open_store(url, files) as store:
            done = LastBackup(at, "/backup/azbot.zip", 1)
            await store.write(lambda uow: uow.backups.note(done))

    (seen,) = await setup.look("backup")

    assert seen.level == level
    if level == "ok":
        assert seen.words == "il y a 47 h"
        return
    await setup.paste(seen)
    (seen,) = await setup.look("backup")
    assert (seen.level, seen.words) == ("ok", "il y a moins d’une heure")
