"""``azbot run`` and ``azbot demo`` as processes: start, serve, stop."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from azbot.cli import main
from azbot.cli.serving import DRAIN_SECONDS, be_watched, tell_systemd, watchdog_period
from azbot.testing.patience import PATIENCE
from tests.processes import configure, running


def get(url: str) -> tuple[int, dict[str, object]]:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.status, json.load(answer)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_it_serves_from_a_bare_configuration_until_sigterm(tmp_path: Path) -> None:
    configure(tmp_path, "[web]\nport = 0\n")
    with running(tmp_path, "run") as service:
        status, health = get(f"{service.address()}/healthz")
        assert (status, health["status"]) == (200, "ok")
        code, seconds = service.stop()
        assert (code, seconds < DRAIN_SECONDS) == (0, True)
        assert "azbot est arrêté." in service.out
        assert "Il n’y a pas de section [email]" in service.err
        assert "azbot user add NOM ADRESSE --role admin" in service.err
        assert "Traceback" not in service.err
    assert (tmp_path / "data" / "azbot.db").exists()


def test_it_starts_again_on_the_same_database_and_stops_at_ctrl_c(
    tmp_path: Path,
) -> None:
    configure(tmp_path, '[web]\nport = 0\n[service]\nlanguage = "en"\n')
    for _ in range(2):
        with running(tmp_path, "run") as service:
            assert service.address()
            assert service.stop(signal.SIGINT)[0] == 0
            assert "azbot has stopped." in service.out


def test_the_web_answers_while_the_mail_servers_are_away(tmp_path: Path) -> None:
    port = free_port()
    configure(
        tmp_path,
        f"""
        [web]
        port = 0
        [email]
        address = "sav@example.org"
        imap = {{ host = "127.0.0.1", port = {port}, security = "none" }}
        smtp = {{ host = "127.0.0.1", port = {port}, security = "none" }}
        """,
    )
    with running(tmp_path, "run") as service:
        assert get(f"{service.address()}/healthz")[0] == 200
        code, seconds = service.stop()
        assert (code, seconds < DRAIN_SECONDS) == (0, True)
        assert "receiver vaut none" in service.err
        assert "OUI, NON, une date" in service.err


def test_every_mistake_of_the_configuration_is_told_before_anything_starts(
    tmp_path: Path,
) -> None:
    configure(tmp_path, '[web]\nport = "x"\n[email]\nadress = "a@b.fr"\n')
    with running(tmp_path, "run") as service:
        assert service.process.wait(timeout=PATIENCE) == 2
        first, port, address, adress = service.err.splitlines()
        assert first == "3 problèmes dans azbot.toml :"
        assert port.startswith("azbot.toml:2 web.port : « x » n’est pas un nombre")
        assert address == "azbot.toml:3 email.address : Cette clé manque : ajoutez-la."
        assert adress.endswith("email.adress : Clé inconnue : écrivez « address ».")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("127.0.0.1", "Le port {port} est déjà pris"),
        ("192.0.2.1", "Cette machine n’a pas l’adresse 192.0.2.1"),
    ],
)
def test_an_address_nobody_can_listen_on_is_told_in_words(
    tmp_path: Path, host: str, told: str
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        configure(tmp_path, f'[web]\nhost = "{host}"\nport = {port}\n')
        with running(tmp_path, "run") as service:
            assert service.process.wait(timeout=PATIENCE) == 2
            assert told.format(port=port) in service.err
            assert "Traceback" not in service.err


def test_the_service_manager_hears_of_start_and_stop(tmp_path: Path) -> None:
    configure(tmp_path, "[web]\nport = 0\n")
    name = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(name)
        manager.settimeout(PATIENCE)
        with running(tmp_path, "run", NOTIFY_SOCKET=name) as service:
            assert manager.recv(100) == b"READY=1"
            service.stop()
            assert manager.recv(100) == b"STOPPING=1"


async def test_a_service_manager_that_watches_hears_that_the_loop_turns(
    tmp_path: Path,
) -> None:
    name = str(tmp_path / "notify")
    watched = {"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "2000"}
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(name)
        manager.settimeout(0)
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
            task = group.create_task(be_watched(watched))
            for _ in range(3):
                assert await loop.sock_recv(manager, 100) == b"WATCHDOG=1"
            task.cancel()
    assert watchdog_period({**watched, "WATCHDOG_PID": "1"}) is None
    assert watchdog_period({"WATCHDOG_USEC": "60000000"}) == 60
    await be_watched({})


def test_a_service_manager_that_went_away_is_no_fault(tmp_path: Path) -> None:
    tell_systemd("READY=1", {"NOTIFY_SOCKET": str(tmp_path / "gone")})
    tell_systemd("READY=1", {})


def test_the_demonstration_prints_one_address_and_stops(tmp_path: Path) -> None:
    with running(
        tmp_path, "demo", "--no-open", "--json", "--port", "0", "--seconds", "300"
    ) as service:
        assert get(f"{service.address()}/healthz")[0] == 200
        assert service.stop()[0] == 0
        assert len(service.out.splitlines()) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"out", "err"}


@pytest.mark.postgres
def test_an_empty_postgresql_is_set_up_by_its_first_verb(
    tmp_path: Path, postgres_url: Callable[[], str], capsys: pytest.CaptureFixture[str]
) -> None:
    configure(tmp_path, '[store]\nurl_env = "WHERE"\n')
    environ = {"WHERE": postgres_url()}
    config = ("--config", str(tmp_path / "azbot.toml"), "--json")
    assert main(["agent", "add", "Marie", "m@example.org", *config], environ) == 0
    assert main(["agent", "list", *config], environ) == 0
    added, listed = capsys.readouterr().out.splitlines()
    assert json.loads(listed) == [json.loads(added)]
