from __future__ import annotations

import pytest

from azbot.workflow.diagram import mermaid, table
from azbot.workflow.lives import LIVES
from tests.unit.workflow.pages import PAGES, ROOT


@pytest.mark.parametrize("path", PAGES)
def test_the_page_says_what_the_code_does(path: str) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == PAGES[path]()


def test_no_snapshot_is_left_over() -> None:
    folder = ROOT / "tests/snapshots/workflow"
    found = {p.relative_to(ROOT).as_posix() for p in folder.iterdir()}

    assert found
    assert found <= set(PAGES)


def test_the_table_has_one_line_per_step() -> None:
    lines = table(LIVES).splitlines()

    assert len(lines) == 2 + sum(len(life.steps) for life in LIVES)
    assert not any(line.endswith(" ") for line in lines)


def test_a_diagram_shows_every_status_of_its_life() -> None:
    for life in LIVES:
        drawn = mermaid([life])
        assert all(f" {status.value}" in drawn for status in life.statuses)
        assert drawn.count("[*] -->") >= 1
        assert drawn.count("--> [*]") == len(life.ends)
