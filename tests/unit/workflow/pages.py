"""The rules as text: what every command, role and step does, one line each.

``python -m tests.unit.workflow.pages`` writes them again after a rule changed on
purpose; the difference then shows in review what the change does.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from azbot.messages import Trust
from azbot.workflow.commands import Command
from azbot.workflow.decide import decide
from azbot.workflow.decision import Refusal
from azbot.workflow.diagram import mermaid, table
from azbot.workflow.lives import LIVES
from azbot.workflow.model import Actor, Assistance, Role
from azbot.workflow.policy import permit
from tests.unit.workflow.samples import SAMPLES
from tests.unit.workflow.stages import (
    ADMIN,
    AGENT,
    CLIENT,
    CONTACT,
    RULES,
    SIGNATORY,
    STAGES,
    STATION,
    SYSTEM,
    VISIT_AT,
    VISIT_STAGES,
    done,
)

S = TypeVar("S", bound=StrEnum)
ROOT = Path(__file__).parents[3]


def verdict(it: Assistance | None, command: Command, actor: Actor) -> str:
    """Say what happens: the events and the new status, or the refusal."""
    outcome = decide(it, command, actor, VISIT_AT, RULES)
    if isinstance(outcome, Refusal):
        return f"({outcome.code})"
    if not outcome.history:
        return "nothing"
    events = " ".join(type(line.event).__name__ for line in outcome.history)
    target = outcome.assistance.status
    return events if it and target is it.status else f"{events} -> {target.value}"


def matrix(stages: Mapping[S, Callable[[], Assistance]]) -> str:
    """Return every command at every stage, sent by who usually sends it."""
    lines = []
    for command, actor in SAMPLES:
        lines.append(f"{type(command).__name__}, by the {actor.role.value}")
        for stage, reach in stages.items():
            lines.append(f"    {stage.value:<10} {verdict(reach(), command, actor)}")
    return "\n".join(lines) + "\n"


def permissions() -> str:
    """Return the least trust each role needs for each command."""
    names = [*(role.value for role in Role), "contact"]
    lines = [f"{'':<22}" + "".join(f"{name:<10}" for name in names)]
    for command, _ in SAMPLES:
        needed = [_least_trust(command, actor) for actor in _ACTORS]
        lines.append(
            f"{type(command).__name__:<22}" + "".join(f"{n:<10}" for n in needed)
        )
    return "\n".join(line.rstrip() for line in lines) + "\n"


_ACTORS = (CLIENT, AGENT, ADMIN, STATION, SYSTEM, SIGNATORY, CONTACT)


_SOME = done()


def _least_trust(command: Command, actor: Actor) -> str:
    for trust in Trust:
        if permit(_SOME, command, replace(actor, trust=trust)) is None:
            return trust.name.lower()
    return "-"


_HEAD = """\
# The workflow

An assistance, its mission and its interventions are three lives. Each step below is
one line of `azbot/workflow/lives.py`: the status before and after, the event that
makes the step, who may cause it, and the notices one of which at least leaves with
it. This page is written from the code by `python -m tests.unit.workflow.pages`; a
test keeps the two equal. What each command does at each status is listed in
`tests/snapshots/workflow/`.

"""


def page() -> str:
    """Return ``docs/developers/workflow.md``."""
    return f"{_HEAD}```text\n{table(LIVES)}```\n\n```mermaid\n" + (
        "```\n\n```mermaid\n".join(mermaid([life]) for life in LIVES) + "```\n"
    )


PAGES: Mapping[str, Callable[[], str]] = {
    "docs/developers/workflow.md": page,
    "tests/snapshots/workflow/commands_by_status.txt": lambda: matrix(STAGES),
    "tests/snapshots/workflow/commands_by_visit.txt": lambda: matrix(VISIT_STAGES),
    "tests/snapshots/workflow/permissions.txt": permissions,
}
"""Every page, by its path from the root of the checkout."""


if __name__ == "__main__":
    for path, write in PAGES.items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(write(), encoding="utf-8")
        sys.stdout.write(f"{path}\n")
