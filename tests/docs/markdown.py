"""Pages of the documentation, as far as tests look into them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]

_FENCE = re.compile(r"^( *)```(\S*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
_ABOVE = re.compile(r"<!--((?:(?!-->).)*)-->\s*\Z", re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+(?:\n[^`\n]+)?)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)|<(?:img|a)\s[^>]*?(?:src|href)=\"([^\"]+)\"")
_HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block.

    Attributes:
        where: ``docs/developers/api.md:7``.
        kind: what stands behind the fence, ``sh``.
        said: what a comment right above it says of it: (``not run``, the reason).
    """

    where: str
    kind: str
    text: str
    said: tuple[str, str] | None = None

    def exempt(self, from_what: str) -> bool:
        """Whether the comment above takes it out, and says why."""
        return (
            self.said is not None and self.said[0] == from_what and self.said[1] != ""
        )


@dataclass(frozen=True, slots=True)
class Page:
    """One page.

    Attributes:
        name: its path from the root.
        prose: its text with blocks and comments taken out, lines kept.
    """

    name: str
    text: str
    blocks: tuple[Block, ...]
    prose: str

    def code(self) -> Iterator[tuple[str, str]]:
        """Yield where and what of each piece between backticks."""
        for found in _INLINE.finditer(self.prose):
            line = self.prose.count("\n", 0, found.start()) + 1
            yield f"{self.name}:{line}", " ".join(found[1].split())

    def links(self) -> Iterator[tuple[str, str]]:
        """Yield where each link stands and where it leads."""
        for found in _LINK.finditer(self.prose):
            line = self.prose.count("\n", 0, found.start()) + 1
            yield f"{self.name}:{line}", found[1] or found[2]

    def anchors(self) -> frozenset[str]:
        """Return what headings can be linked to as, the way GitHub names them."""
        return frozenset(_slug(found[1]) for found in _HEADING.finditer(self.prose))


def read(text: str, name: str = "page.md") -> Page:
    """Read a page."""
    blocks = tuple(
        Block(
            f"{name}:{text.count(chr(10), 0, found.start()) + 1}",
            found[2],
            re.sub(f"^{found[1]}", "", found[3], flags=re.MULTILINE),
            _said(text[: found.start()]),
        )
        for found in _FENCE.finditer(text)
    )
    prose = _COMMENT.sub(_emptied, _FENCE.sub(_emptied, text))
    return Page(name, text, blocks, prose)


@cache
def pages() -> tuple[Page, ...]:
    """Return every page that people read: README, docs, examples."""
    files = [
        ROOT / "README.md",
        *sorted((ROOT / "docs").rglob("*.md")),
        *sorted((ROOT / "examples").glob("*/*.md")),
    ]
    found = tuple(
        read(file.read_text(encoding="utf-8"), str(file.relative_to(ROOT)))
        for file in files
    )
    assert len(found) > 20
    return found


def blocks(*kinds: str) -> list[Block]:
    """Return the blocks of these kinds, of all pages."""
    return [block for page in pages() for block in page.blocks if block.kind in kinds]


def _said(before: str) -> tuple[str, str] | None:
    found = _ABOVE.search(before)
    if found is None:
        return None
    what, _, why = found[1].partition(":")
    return what.strip(), " ".join(why.split())


def _emptied(found: re.Match[str]) -> str:
    return "\n" * found[0].count("\n")


def _slug(heading: str) -> str:
    """Return the anchor of a heading.

    Source: github.com/gjtorikian/html-pipeline, TableOfContentsFilter.
    """
    bare = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", heading).replace("`", "")
    return re.sub(r"[^\w\- ]", "", bare.lower()).replace(" ", "-")
