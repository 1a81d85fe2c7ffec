"""Files in an answer, by what they contain."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from azbot.forms.folding import clean_line
from azbot.forms.kinds.answers import (
    Accepted,
    Context,
    Problem,
    Raw,
    Value,
    as_text,
)

_BLOB = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Files:
    """Stored files, by the SHA-256 of their content, maybe with a caption.

    A file may be named before it has arrived: whoever knows its octets knows its
    name.

    Attributes:
        most: how many at most (R142).
        longest: characters of a caption.
    """

    most: int = 30
    longest: int = 200
    name: ClassVar[str] = "files"
    inputmode: ClassVar[str] = "text"

    def check(self, raw: Raw, _context: Context, /) -> Accepted | Problem:
        """Return the files in the order given, each once.

        A file is its name, or ``{"file": …, "caption": …}`` when it has a caption.
        """
        text = as_text(raw)
        items: Sequence[Raw] | None = (
            text[:5000].replace(",", " ").split()
            if text is not None
            else raw
            if isinstance(raw, Sequence)
            else None
        )
        if items is None:
            return Problem("files_invalid")
        if not items:
            return Problem("empty")
        if len(items) > self.most:
            return Problem("too_many_files", {"most": str(self.most)})
        files: dict[str, Value] = {}
        for item in items:
            name, caption = self._parts(item)
            if not _BLOB.fullmatch(name):
                return Problem("files_invalid")
            if len(caption) > self.longest:
                return Problem(
                    "too_long",
                    {"longest": str(self.longest), "length": str(len(caption))},
                )
            files[name] = {"file": name, "caption": caption} if caption else name
        return Accepted(tuple(files.values()))

    def _parts(self, item: Raw) -> tuple[str, str]:
        """Return name and caption; an empty name for what is no file."""
        if isinstance(item, str):
            return item, ""
        if not isinstance(item, Mapping) or not set(item) <= {"file", "caption"}:
            return "", ""
        name, caption = item.get("file"), item.get("caption", "")
        if not isinstance(name, str) or not isinstance(caption, str):
            return "", ""
        return name, clean_line(caption[: self.longest * 4])
