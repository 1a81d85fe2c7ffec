"""Graph walks over a definition: what would make a life impossible or endless."""

from __future__ import annotations

from collections.abc import Collection, Sequence

Step = tuple[str | None, str]


def _closure(starts: Collection[str], edges: Collection[tuple[str, str]]) -> set[str]:
    seen, queue = set(starts), list(starts)
    while queue:
        here = queue.pop()
        for source, target in edges:
            if source == here and target not in seen:
                seen.add(target)
                queue.append(target)
    return seen


def complaints(
    *,
    statuses: Sequence[str],
    steps: Sequence[Step],
    ends: Collection[str],
    labelled: Collection[str],
    untold: Sequence[str],
    unmanned: Sequence[str],
) -> list[str]:
    """Say everything wrong with a life, one sentence each; empty when it is sound."""
    starts = {target for source, target in steps if source is None}
    edges = {(source, target) for source, target in steps if source is not None}
    forward = _closure(starts, edges)
    backward = _closure(set(ends), {(target, source) for source, target in edges})
    named = {name for pair in edges for name in pair} | starts | set(ends)
    return [
        *(["no first step"] if not starts else []),
        *(f"unknown status {s}" for s in sorted(named - set(statuses))),
        *(f"{s} cannot be reached" for s in statuses if s not in forward),
        *(f"{s} is a trap: no way to an end" for s in statuses if s not in backward),
        *(f"{s} has no label" for s in statuses if s not in labelled),
        *(f"{step} tells nobody" for step in untold),
        *(f"{step} is allowed to nobody" for step in unmanned),
    ]
