"""The suite itself can be trusted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

SUITE = """
import contextlib
import socket

import pytest

def test_it_reaches_out_and_hides_it():
    with contextlib.suppress(Exception), socket.socket() as probe:
        probe.connect(("192.0.2.1", 9))

def test_its_neighbour_stays_at_home():
    pass

def test_it_is_skipped():
    pytest.skip("no server here")
"""


def run_suite(folder: Path, **environment: str) -> str:
    """Run ``SUITE`` with the conftest of this suite; return its closing line."""
    (folder / "test_it.py").write_text(SUITE, encoding="utf-8")
    options = ["-p", "tests.conftest", "--rootdir", str(ROOT)]
    outcome = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", "pyproject.toml", *options, str(folder)],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
    )
    return outcome.stdout.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("ci", "counts"),
    [
        ("", ["2 passed", "1 skipped", "1 error"]),
        ("true", ["2 passed", "1 failed", "1 error"]),
    ],
)
def test_leaving_the_machine_fails_and_a_skip_fails_under_ci(
    tmp_path: Path, ci: str, counts: list[str]
) -> None:
    closing = run_suite(tmp_path, CI=ci)
    assert [count for count in counts if count not in closing] == [], closing
