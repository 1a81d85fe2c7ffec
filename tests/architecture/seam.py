"""What channels of other packages are promised, as text: ``tests/snapshots/seam/``.

``python -m tests.architecture.seam`` writes it anew. Before you commit a difference
read docs/decisions/0020-what-plug-ins-are-promised.md: does the number have to grow?
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from azbot.plugins import SEAM

ROOT = Path(__file__).parents[2]
WRITTEN = ROOT / "tests" / "snapshots" / "seam" / f"{SEAM}.txt"

_PROMISED: Mapping[str, tuple[str, ...]] = {
    "azbot/plugins.py": ("Plugin",),
    "azbot/config/models.py": ("Section",),
    "azbot/config/secrets.py": ("read_secret",),
    "azbot/ports.py": ("Channel", "Chat", "ChatLimits", "Clock", "Rate", "Sink"),
    "azbot/messages.py": (
        *("Address", "Inbound", "InboundFile", "RawMessage", "Reason", "RejectedFile"),
        *("RemoteFile", "Reply", "Spot", "Tap", "Turn", "TurnKind", "Unparseable"),
        *("clean_name", "clean_text", "whole"),
    ),
    "azbot/screens.py": (
        *("Acknowledge", "Button", "Clear", "Menu", "Post", "PostFile", "Posted"),
        *("Redraw", "Say", "Screen", "Share", "Style"),
        *("from_facts", "plain", "to_facts", "words_of"),
    ),
    "azbot/errors.py": (
        *("AzbotError", "ChatMoved", "PermanentFailure", "StoreUnreachable"),
        *("TemporaryFailure", "Unanswered", "Unreachable"),
    ),
    "azbot/clock.py": ("SystemClock",),
    "azbot/testing/clock.py": ("FakeClock",),
    "azbot/testing/sink.py": ("RecordingSink",),
    "azbot/testing/contracts/ends.py": ("ChatService", "Seen", "Service"),
    "azbot/testing/contracts/channel.py": ("ChannelContract",),
    "azbot/testing/contracts/chat.py": ("ChatContract",),
}
"""Module → the names of it that a package may use."""


def page() -> str:
    """Return every promise, one a line."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    for module, names in _PROMISED.items():
        body = ast.parse((ROOT / module).read_text(encoding="utf-8")).body
        kinds = (ast.ClassDef, ast.FunctionDef)
        found = {node.name: node for node in body if isinstance(node, kinds)}
        yield f"# {module}"
        for name in names:
            node = found[name]
            if isinstance(node, ast.ClassDef):
                bases = ", ".join(map(ast.unparse, node.bases))
                yield f"class {name}({bases})"
                yield from _members(node)
            else:
                yield _signature(node)


def _members(node: ast.ClassDef) -> Iterator[str]:
    for member in node.body:
        match member:
            case ast.AnnAssign(target=ast.Name(id=name)) if name[0] != "_":
                yield f"    {ast.unparse(member)}"
            case ast.Assign(targets=[ast.Name(id=name)]) if name[0] != "_":
                yield f"    {ast.unparse(member)}"
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                is_made = name == "__init__"
                if name[0] != "_" or is_made:
                    yield f"    {_signature(member)}"


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    kind = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    marks = "".join(f"@{ast.unparse(each)} " for each in node.decorator_list)
    given = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{marks}{kind} {node.name}({ast.unparse(node.args)}){given}"


if __name__ == "__main__":
    WRITTEN.parent.mkdir(parents=True, exist_ok=True)
    WRITTEN.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{WRITTEN.relative_to(ROOT)}\n")
