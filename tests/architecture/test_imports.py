"""The parts of azbot know each other in one direction only."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.architecture.sources import ROOT


def test_every_import_contract_is_kept(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("lint-imports")
    outcome = subprocess.run(
        [str(program), "--no-logo", "--cache-dir", str(tmp_path)],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_importing_azbot_starts_and_reads_nothing() -> None:
    script = """
import importlib, os, pkgutil, sys, threading
import azbot

done = []
watched = {
    "os.putenv", "socket.bind", "socket.connect", "sqlite3.connect", "subprocess.Popen"
}

def watch(event, arguments):
    if event in watched:
        done.append((event, arguments))

sys.addaudithook(watch)
class Environment(dict):
    def get(self, key, default=None):
        note(key)
        return super().get(key, default)
    def __getitem__(self, key):
        note(key)
        return super().__getitem__(key)

def note(key):
    if str(key).startswith("AZBOT"):
        done.append(("environment", key))

os.environ = Environment(os.environ)
names = [m.name for m in pkgutil.walk_packages(azbot.__path__, "azbot.")]
for name in names:
    # A program, and a script that Alembic runs: importing them is running them.
    if not name.endswith("__main__") and ".migrations." not in name:
        importlib.import_module(name)
done += [("thread", each.name) for each in threading.enumerate()[1:]]
assert len(names) > 5, names
assert not done, done
"""
    outcome = subprocess.run(
        [sys.executable, "-c", script],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert outcome.returncode == 0, outcome.stderr
