"""docs/admin/logs.md names every event of the log, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
LEVELS = {"debug", "info", "warning", "error", "exception", "log"}
REPORTS = {"report", "report_again", "_crashed", "_report"}
"""Log an error under the code of an incident."""
EVENT = re.compile(r"[a-z]+\.[a-z_]+")
ROW = re.compile(
    r"^\| `(?P<event>[a-z]+\.[a-z_]+)` \| (?P<levels>[a-z, ]+) \|", re.MULTILINE
)


def calls(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield the event of each line that is logged, and the name it is called by."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Attribute):
            name, owner = called.attr, ast.unparse(called.value).casefold()
        else:
            name, owner = ast.unparse(called), ""
        is_logged = name in LEVELS and owner.endswith("log")
        if not (is_logged or name in REPORTS):
            continue
        for argument in node.args:
            value = argument.value if isinstance(argument, ast.Constant) else None
            if isinstance(value, str) and EVENT.fullmatch(value):
                yield value, name


def logged() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for file in (ROOT / "azbot").rglob("*.py"):
        for event, name in calls(ast.parse(file.read_text("utf-8"))):
            level = "error" if name in {*REPORTS, "exception"} else name
            found.setdefault(event, set()).add(level)
    return found


def documented() -> dict[str, set[str]]:
    page = (ROOT / "docs" / "admin" / "logs.md").read_text("utf-8")
    return {
        row["event"]: {level.strip() for level in row["levels"].split(",")}
        for row in ROW.finditer(page)
    }


def test_every_event_of_the_log_is_documented_with_its_level() -> None:
    found = logged()
    assert len(found) > 50
    # Lines of libraries keep the level they came with.
    found["library.said"] = {"warning"}
    assert documented() == found


def test_the_events_are_in_order() -> None:
    page = (ROOT / "docs" / "admin" / "logs.md").read_text("utf-8")
    events = [row["event"] for row in ROW.finditer(page)]
    assert events == sorted(events, key=lambda event: event.partition(".")[0])
