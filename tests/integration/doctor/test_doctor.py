"""The visit as a whole: order, limits, exit codes, and what is never said (D5, D6)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from azbot.cli import main
from azbot.config import StoreSettings
from azbot.doctor.database import DatabaseProbe
from azbot.doctor.examination import PROBES, looked, names_of
from azbot.doctor.finding import Finding, Level, ok
from azbot.testing.clock import FakeClock
from azbot.testing.telegram import TOKEN
from tests.doctoring import Setup
from tests.servers.certificate import Certificate, make_certificate
from tests.servers.dovecot import Dovecot
from tests.servers.names import NameServer
from tests.servers.places import free_port
from tests.servers.smtp import running_sink

PASSWORDS = ("mailbox-pass-phrase", "sender-pass-phrase", "metrics-pass-phrase")


async def test_nothing_secret_is_said_when_everything_is_broken(
    setup: Setup, names: NameServer, dovecot: Dovecot, tmp_path: Path
) -> None:
    """Every probe fails at once, in each language and as JSON; none says a secret.

    That nothing leaves this machine is watched by the whole suite: a connection
    elsewhere fails its test.
    """
    setup.names = names
    names.publish("mail.exemple.test. IN A 192.0.2.1")
    expired = make_certificate(tmp_path, timedelta(days=-1))
    with running_sink("starttls", expired, ("desk", "another")) as sink:
        setup.write(
            service={"desk": "desk@exemple.test"},
            store={"url": "sqlite:///nowhere/at/all.db"},
            web={
                "public_url": f"https://localhost:{free_port()}",
                "metrics_token": PASSWORDS[2],
            },
            email={"address": "desk@exemple.test"},
            email__imap={
                "host": "localhost",
                "port": dovecot.port,
                "security": "none",
                "user": "box@exemple.test",
                "password": PASSWORDS[0],
            },
            email__smtp={
                "host": "localhost",
                "port": sink.port,
                "user": "desk",
                "password": PASSWORDS[1],
            },
            telegram={"token": TOKEN, "api_base_url": "http://127.0.0.1:1"},
        )
        setup.file.chmod(0o644)

        seen = {each.probe: each for each in await setup.look()}
        told = [await setup.told(language=language) for language in ("fr", "en")]

    assert list(seen) == list(PROBES)
    assert {name: each.level for name, each in seen.items()} == {
        "configuration": "warning",
        "database": "warning",
        "files": "skipped",
        "address": "failure",
        "imap": "failure",
        "smtp": "failure",
        "roundtrip": "skipped",
        "dns": "failure",
        "loop": "failure",
        "telegram": "failure",
        "clock": "ok",
        "documents": "ok",
        "backup": "skipped",
        "trial": "skipped",
    }
    assert {*PASSWORDS, TOKEN} <= set(setup.secrets)
    assert all(line.startswith((" ", "8 ")) for line in told[0].splitlines())
    assert "8 problèmes\u00a0: 6 échecs, 2 alertes" in told[0]
    assert not sink.received
    # The name server is asked about the desk's own domain and nothing else.
    assert all("exemple.test." in name for name in names.asked)


BOTH = ("--only", "configuration", "--only", "loop")
KEYS = [
    ("email.imap", "password"),
    ("email.imap", "passwrd"),
    ("email.smtp", "password"),
    ("telegram", "token"),
    ("telegram", "tokn"),
    ("telegram", "token_env"),
    ("web", "metrics_token"),
    ("web", "metric_token"),
    ("store", "url"),
]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(KEYS),
    st.text("abcdefghijklmnopqrstuvwxyz0123456789-_.~", min_size=9, max_size=40),
    st.sampled_from(["{}", '"{}"', '"{}', "['{}']"]),
)
def test_a_secret_is_not_said_wherever_it_was_written(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    place: tuple[str, str],
    secret: str,
    form: str,
) -> None:
    section, key = place
    # A word in *_env that looks like the name of a variable is taken for one.
    secret = f"s3cr3t-{secret}"
    value = f"postgresql://azbot:{secret}@localhost/azbot" if key == "url" else secret
    file = tmp_path / "azbot.toml"
    file.write_text(
        f'[email]\naddress = "desk@exemple.test"\n[{section}]\n'
        f"{key} = {form.format(value)}\n"
    )
    for language in ("fr", "en"):
        main(
            ["doctor", "--config", str(file), "--lang", language, *BOTH],
            {},
        )
        out, err = capsys.readouterr()
        assert secret not in out + err


@pytest.mark.parametrize(
    ("keys", "code"),
    [({"zone": "Europe/Paris"}, 0), ({"zone": "Europe/Pari"}, 2)],
)
async def test_the_exit_code_is_that_of_the_worst(
    setup: Setup, keys: dict[str, str], code: int
) -> None:
    setup.write(workflow=keys)
    words = ["--only", "configuration", "--only", "documents"]

    assert (await asyncio.to_thread(setup.typed, *words))[0] == code
    if code == 0:
        setup.file.chmod(0o604)
        assert (await asyncio.to_thread(setup.typed, *words))[0] == 1


async def test_a_configuration_that_is_not_there_is_one_failure(setup: Setup) -> None:
    found = {each.probe: each for each in await setup.look()}

    assert found["configuration"].codes == ["config.no_file"]
    others = {each.level for name, each in found.items() if name != "configuration"}
    assert others == {"skipped", "ok"}


async def test_people_read_a_table_and_scripts_read_json(
    setup: Setup, dovecot: Dovecot
) -> None:
    keys = {"host": "localhost", "port": dovecot.port, "security": "none"}
    setup.write(
        email={"address": "desk@exemple.test"},
        email__imap=keys | {"user": "desk", "password": "secret", "folder": "Nulle"},
    )

    place = f"localhost:{dovecot.port}"
    told = (await setup.told("imap", "loop")).replace("\u00a0", " ")

    assert told.splitlines() == [
        f" ÉCHEC   IMAP              {place}, le dossier « Nulle » n’existe pas",
        "         → relevez la boîte de réception (docs/admin/mail.md)",
        "             [email.imap]",
        '             folder = "INBOX"',
        " OK      anti-boucle       1 adresse du support connue",
        "1 problème : 1 échec",
    ]


def test_names_stand_for_one_probe_or_several() -> None:
    assert names_of(()) == PROBES
    assert names_of(["backup", "imap"]) == ("imap", "backup")
    assert names_of(["mail"]) == ("imap", "smtp", "roundtrip", "dns", "loop")
    with pytest.raises(KeyError):
        names_of(["heart"])


@pytest.mark.parametrize("words", [["--only", "heart"], ["--resolver", "example.org"]])
async def test_a_wrong_word_is_wrong_usage(setup: Setup, words: list[str]) -> None:
    setup.write(store={})

    code, _ = await asyncio.to_thread(setup.typed, *words)

    assert code == 2


class Stubborn:
    """A probe that never ends, or ends badly."""

    name = "stubborn"

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    async def check(self) -> Finding:
        if self.error is not None:
            raise self.error
        await asyncio.Event().wait()
        return Finding(self.name, (ok("fonts"),))


async def test_a_probe_that_hangs_or_breaks_is_told_beside_the_others() -> None:
    hanging = await looked(Stubborn(), timedelta(milliseconds=20))
    broken = await looked(Stubborn(RuntimeError("secret")), timedelta(seconds=5))

    assert [note.what for note in hanging.notes] == ["probe_slow"]
    assert [note.what for note in broken.notes] == ["probe_crashed"]
    assert "secret" not in repr(broken)
    assert {hanging.level, broken.level} == {Level.FAILURE}


async def test_an_empty_database_is_set_up_on_each_kind(
    empty_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    store = StoreSettings(url=empty_url, files=tmp_path / "files")
    probe = DatabaseProbe(store, clock, tmp_path / "azbot.toml")

    before = await probe.check()
    for repair in before.repairs:
        assert repair.mend is not None
        await repair.mend()
    after = await probe.check()

    assert {note.what for note in before.notes} == {
        "database_none",
        "files_missing",
        "disk",
    }
    assert after.level is Level.OK


async def test_a_database_that_is_away_is_told_without_its_password(
    setup: Setup,
) -> None:
    setup.secrets = ("pg-pass-phrase",)
    url = f"postgresql://azbot:pg-pass-phrase@127.0.0.1:{free_port()}/azbot"
    setup.write(store={"url": url})

    database, backup = await setup.look("database", "backup")

    assert database.codes == ["database_unreached", "files_missing"]
    assert database.repairs[0]["paste"] == "systemctl start postgresql"
    assert backup.level == "skipped"


async def test_a_certificate_is_believed_only_where_it_was_kept(
    setup: Setup, dovecot: Dovecot, certificate: Certificate
) -> None:
    """The look behind a refused certificate says no password to anybody."""
    keys = {"host": "localhost", "port": dovecot.tls_port, "user": "desk"}
    setup.write(
        email={"address": "desk@exemple.test"},
        email__imap=keys | {"password": "only-for-my-server"},
    )

    (seen,) = await setup.look("imap")

    assert seen.codes == ["certificate_self_signed"]
    log = (dovecot.folder / "log").read_text(errors="replace")
    assert "only-for-my-server" not in log
