"""The lives as a table and as a Mermaid diagram, for people and for the docs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from azbot.workflow.definition import Life, Transition
from azbot.workflow.model import InterventionStatus, MissionStatus, Status

AnyLife = Life[Status] | Life[MissionStatus] | Life[InterventionStatus]
"""One of the three."""
AnyStep = (
    Transition[Status] | Transition[MissionStatus] | Transition[InterventionStatus]
)

_COLUMNS = ("life", "from", "to", "event", "who", "told")


def table(lives: Iterable[AnyLife]) -> str:
    """Return every step of every life, one line each, columns aligned."""
    rows = [_COLUMNS, *(_row(life.name, step) for life in lives for step in life.steps)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(_COLUMNS))]
    lines = [
        "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]]) + "\n"


def mermaid(lives: Iterable[AnyLife]) -> str:
    """Return one state diagram per life, in Mermaid's language."""
    return "\n".join(_diagram(life) for life in lives)


def _row(name: str, step: AnyStep) -> Sequence[str]:
    return (
        name,
        step.source.value if step.source else "-",
        step.target.value,
        step.event.__name__,
        ", ".join(sorted(role.value for role in step.roles)),
        ", ".join(kind.value for kind in step.tells) or "-",
    )


def _diagram(life: AnyLife) -> str:
    steps = {
        (t.source.value if t.source else "[*]", t.target.value, t.event.__name__)
        for t in life.steps
    }
    lines = [f"    {a} --> {b}: {event}" for a, b, event in sorted(steps)]
    ends = [f"    {end.value} --> [*]" for end in sorted(life.ends)]
    return "\n".join(
        [f"---\ntitle: {life.name}\n---", "stateDiagram-v2", *lines, *ends, ""]
    )
