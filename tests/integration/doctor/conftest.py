"""What the tests of the doctor share: an installation that a test breaks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.doctoring import Setup
from tests.servers.names import names

__all__ = ["names", "setup"]


@pytest.fixture
def setup(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Setup:
    """A folder for a configuration, and what is printed about it."""
    return Setup(tmp_path, capsys)
