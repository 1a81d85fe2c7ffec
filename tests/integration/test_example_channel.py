"""The example of another package's channel: built, installed, tried, talked to."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pytest

from azbot.testing.patience import PATIENCE
from tests.architecture.sources import ROOT
from tests.processes import Service, configure, running

EXAMPLE = ROOT / "examples" / "azbot-channel-folder"


def done(*command: object, cwd: Path) -> str:
    """Run a command that must succeed; return what it said."""
    outcome = subprocess.run(
        list(map(str, command)), check=False, capture_output=True, text=True, cwd=cwd
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return outcome.stdout


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The interpreter of a fresh environment with azbot and the example's wheel.

    azbot and what it needs are lent by this environment, with a path file: what is
    tried is the package of somebody else.
    """
    folder = tmp_path_factory.mktemp("environment")
    source = shutil.copytree(EXAMPLE, folder / "source")
    hatchling = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]
    done(*hatchling, "-d", folder, cwd=source)
    (wheel,) = folder.glob("*.whl")
    # The interpreter below all environments: it has pip, as dev.py asks for.
    base = Path(sys._base_executable)  # type: ignore[attr-defined]
    done(base, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    say_where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(done(python, "-c", say_where, cwd=folder).strip())
    lent = f"{ROOT}\n{sysconfig.get_path('purelib')}\n"
    (site / "lent.pth").write_text(lent)
    pip = [base, "-m", "pip", "--python", python, "--disable-pip-version-check"]
    done(*pip, "install", "--no-deps", "--no-index", "--quiet", wheel, cwd=folder)
    return str(python)


def test_it_keeps_the_promises_of_every_channel(python: str, tmp_path: Path) -> None:
    for name in ("test_folder.py", "pyproject.toml"):
        shutil.copy(EXAMPLE / name, tmp_path)
    told = done(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=tmp_path)
    assert re.search(r"\d\d passed, 1 skipped", told)


def test_azbot_talks_through_it(python: str, tmp_path: Path) -> None:
    """Jo begins, is shown buttons, presses one, and is answered."""
    configure(
        tmp_path,
        """
        [web]
        port = 0
        [channels.folder]
        path = "chats"
        every = 0.05
        """,
    )
    jo = tmp_path / "chats" / "jo"
    (jo / "in").mkdir(parents=True)
    with running(tmp_path, "run", python=python) as service:
        service.address()
        say(jo, 1, {"name": "Jo", "text": "/start"})
        menu = awaited(jo / "out", service, '"data": "request.open"')
        say(jo, 2, {"tap": "request.open", "on": f"folder:jo/{menu.stem}"})
        awaited(jo / "out" / "told", service, '"act": "acknowledge"')
        assert service.stop()[0] == 0
        assert "Traceback" not in service.err
    assert not list((jo / "in").iterdir())


def say(jo: Path, number: int, said: dict[str, str]) -> None:
    half = jo / "in" / "half"
    half.write_text(json.dumps(said))
    half.rename(jo / "in" / f"{number}.json")


def awaited(folder: Path, service: Service, text: str) -> Path:
    """Return the first file that has the text, once there is one."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for file in sorted(folder.glob("*.json")):
            if text in file.read_text():
                return file
        time.sleep(0.05)
    raise AssertionError(f"nothing in {folder.name}: {service.err}")
