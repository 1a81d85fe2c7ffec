"""What ``contrib/`` offers is accepted by the programs it is for, where they are."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path

import azbot
from azbot.backup.units import service_unit, timer_unit
from azbot.config import WebSettings
from tests.servers.certificate import Certificate
from tests.servers.places import free_port

CONTRIB = Path(azbot.__file__).parents[1] / "contrib"
UNITS = sorted((CONTRIB / "systemd").iterdir())
PROGRAM = Path("/opt/azbot/bin/azbot")
CONFIG = Path("/etc/azbot/azbot.toml")


def accepted(*command: str | Path) -> None:
    """Run a checker; what it complains of is the failure."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout


def test_the_units_are_what_systemd_accepts(tmp_path: Path) -> None:
    assert {path.name for path in UNITS} == {
        *("azbot.service", "azbot-backup.service", "azbot-backup.timer"),
        *("azbot-purge.service", "azbot-purge.timer"),
    }
    for unit in UNITS:
        # The program is not installed where this runs; another one stands for it.
        text = unit.read_text().replace(str(PROGRAM), sys.executable)
        (tmp_path / unit.name).write_text(text.replace("User=azbot", "User=nobody"))
        read = configparser.ConfigParser(strict=False, interpolation=None)
        read.read_string(text)
        assert {"Unit", "Service"} <= {*read} or {"Unit", "Timer"} <= {*read}
    if checker := shutil.which("systemd-analyze"):
        accepted(checker, "verify", "--man=no", *sorted(tmp_path.iterdir()))


def test_the_nightly_backup_is_the_one_the_command_prints() -> None:
    target = Path("/var/lib/azbot/backups")
    service = service_unit(PROGRAM, CONFIG, target, 14, "azbot")
    assert (CONTRIB / "systemd/azbot-backup.service").read_text() == service
    assert (CONTRIB / "systemd/azbot-backup.timer").read_text() == timer_unit()
    bare = service_unit(PROGRAM, CONFIG, target, 14, "azbot", with_files=False)
    assert "--keep 14 --without-files\n" in bare


def test_a_path_with_odd_letters_survives_in_a_unit() -> None:
    unit = service_unit(PROGRAM, Path("/srv/50% $x/a.toml"), Path("/b c"), 0, "azbot")
    assert "'/srv/50%% $$x/a.toml'" in unit
    assert "'/b c'" in unit
    assert "--keep" not in unit


def test_nginx_passes_live_lines_and_large_files(
    tmp_path: Path, certificate: Certificate
) -> None:
    text = (CONTRIB / "proxy/nginx.conf").read_text()
    assert "proxy_buffering off;" in text
    assert "proxy_request_buffering off;" in text
    largest = re.search(r"client_max_body_size (\d+)m;", text)
    assert largest
    assert int(largest[1]) > WebSettings().largest_file_mb
    assert text.count("{") == text.count("}") > 0
    code = (line.partition("#")[0].strip() for line in text.splitlines())
    assert all(line == "" or line[-1] in ";{}" for line in code)
    if (nginx := shutil.which("nginx")) is None:
        return
    for before, after in (
        ("/etc/ssl/certs/sav.example.org.pem", certificate.file),
        ("/etc/ssl/private/sav.example.org.key", certificate.key),
    ):
        text = text.replace(before, str(after))
    # Ports anybody may listen on, of this machine alone.
    text = re.sub(r"listen \[::\].*\n", "", text)
    text = re.sub(r"listen (\d+)", rf"listen 127.0.0.1:{free_port()}", text)
    (tmp_path / "azbot.conf").write_text(text)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = " ".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in kinds)
    whole = tmp_path / "nginx.conf"
    whole.write_text(
        f"pid {tmp_path}/pid; error_log stderr; events {{}} "
        f"http {{ access_log off; {temporary} include {tmp_path}/azbot.conf; }}"
    )
    accepted(nginx, "-t", "-p", tmp_path, "-c", whole)


def test_caddy_passes_live_lines_and_large_files() -> None:
    file = CONTRIB / "proxy/Caddyfile"
    text = file.read_text()
    assert "flush_interval -1" in text
    largest = re.search(r"max_size (\d+)MB", text)
    assert largest
    assert int(largest[1]) > WebSettings().largest_file_mb
    assert text.count("{") == text.count("}") > 0
    if caddy := shutil.which("caddy"):
        accepted(caddy, "validate", "--adapter", "caddyfile", "--config", file)
