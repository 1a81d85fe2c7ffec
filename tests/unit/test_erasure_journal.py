"""The journal of erasures: several files that say the same, whatever became of one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from azbot.errors import Refused
from azbot.messages import PersonId
from azbot.personal.journal import BESIDE_NAME, OWN_NAME, Entry, Journal
from azbot.workflow.model import AssistanceRef

AT = datetime(2026, 3, 12, 9, 24, tzinfo=UTC)
FIRST = Entry("a1b2", AT, PersonId(7), (AssistanceRef("ASFR26000184"),))
SECOND = Entry("a1b2", AT + timedelta(days=1), PersonId(9))


def test_every_file_says_what_one_of_them_says(tmp_path: Path) -> None:
    old, new, safe = tmp_path / "old", tmp_path / "new", tmp_path / "safe"
    safe.mkdir()
    Journal(old, [safe]).note([FIRST])
    # Another machine, which knows the folder of backups alone.
    other = Journal(new, [safe])
    assert other.entries() == (FIRST,)
    other.note([SECOND])
    assert Journal(old, [safe]).entries() == (FIRST, SECOND)
    reached = Journal(old, [safe]).share()
    assert reached == (old / OWN_NAME, safe / BESIDE_NAME)
    assert len({path.read_text() for path in reached}) == 1
    assert {path.stat().st_mode & 0o777 for path in reached} == {0o600}


def test_a_folder_that_is_away_stops_nothing_and_catches_up(tmp_path: Path) -> None:
    own, safe = tmp_path / "files", tmp_path / "safe"
    journal = Journal(own, [safe])
    journal.note([FIRST])
    assert not safe.exists()
    safe.mkdir()
    journal.note([SECOND])
    assert (safe / BESIDE_NAME).read_text() == (own / OWN_NAME).read_text()


def test_what_was_taken_back_never_happened(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.note([FIRST, SECOND])
    journal.note([replace(FIRST, is_taken_back=True)])
    assert journal.entries() == (SECOND,)


def test_half_a_line_of_a_power_cut_is_none_and_the_next_one_is_whole(
    tmp_path: Path,
) -> None:
    journal = Journal(tmp_path)
    journal.note([FIRST])
    file = tmp_path / OWN_NAME
    file.write_text(file.read_text() + SECOND.line[:20])
    assert journal.entries() == (FIRST,)
    journal.note([SECOND])
    assert journal.entries() == (FIRST, SECOND)


@pytest.mark.parametrize("spoilt", ["[]\n", '{"at": "now"}\n', "\ufffd oops\n"])
def test_a_journal_that_cannot_be_read_stops_whoever_needs_it(
    tmp_path: Path, spoilt: str
) -> None:
    (tmp_path / OWN_NAME).write_text(f"{FIRST.line}\n{spoilt}")
    with pytest.raises(Refused, match="erasures_unreadable") as refusal:
        Journal(tmp_path).entries()
    assert refusal.value.facts["line"] == 2
