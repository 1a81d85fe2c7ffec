"""A reader of gettext ``.po`` files, as far as azbot writes them.

Small on purpose: the catalogues are ours, start-up time is everyone's. Contexts,
obsolete entries and fuzzy marks are not used; meeting one is an error, not a guess.

Source: GNU gettext manual, "The Format of PO Files".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from azbot.errors import AzbotError

_ENTRY = re.compile(r'(msgid|msgid_plural|msgstr|msgstr\[([0-9])\]) (".*")')
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}
_ESCAPED = re.compile(r"\\(.)")


class CatalogueError(AzbotError):
    """A catalogue file cannot be read.

    Args:
        file: its name.
        line: where, 1-based.
        fault: what is wrong there.
    """

    def __init__(self, file: str, line: int, fault: str) -> None:
        super().__init__(f"{file}:{line}: {fault}")
        self.file = file
        self.line = line
        self.fault = fault


@dataclass(slots=True)
class _Entry:
    line: int
    texts: dict[str, str] = field(default_factory=dict)
    last: str = ""


def read_po(text: str, file: str) -> Mapping[str, tuple[str, ...]]:
    """Return the translations by key; two or more forms for a plural entry.

    Args:
        text: the whole file.
        file: its name, for errors.

    Returns:
        one string per plural form, one alone for entries without plural. The
        header and empty translations are left out.

    Raises:
        CatalogueError: a line that is none of the format, a key given twice.
    """
    found: dict[str, tuple[str, ...]] = {}
    for entry in _entries(text, file):
        key = entry.texts.get("msgid", "")
        forms = tuple(
            entry.texts[name] for name in sorted(entry.texts) if "msgstr" in name
        )
        if not key:
            continue
        if key in found:
            raise CatalogueError(file, entry.line, f"{key} is given twice")
        if any(forms):
            found[key] = forms
    return found


def _entries(text: str, file: str) -> Iterator[_Entry]:
    entry: _Entry | None = None
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip(" \t\r")
        if not line or (line.startswith("#") and not line.startswith(("#~", "#,"))):
            continue
        if line.startswith('"') and entry is not None and entry.last:
            entry.texts[entry.last] += _unquote(line, file, number)
            continue
        match = _ENTRY.fullmatch(line)
        if not match:
            raise CatalogueError(file, number, f"not understood: {line[:60]}")
        name = match[1]
        if name == "msgid":
            if entry is not None:
                yield entry
            entry = _Entry(number)
        if entry is None or name in entry.texts:
            raise CatalogueError(file, number, f"{name} without msgid")
        entry.texts[name] = _unquote(match[3], file, number)
        entry.last = name
    if entry is not None:
        yield entry


def _unquote(quoted: str, file: str, line: int) -> str:
    inner = quoted[1:-1]
    if len(quoted) > 1 and quoted[-1] == '"' and '"' not in inner and "\\" not in inner:
        return inner  # nearly all: it halves the time a catalogue takes
    bare = _ESCAPED.sub("", inner)
    if len(quoted) < 2 or not quoted.endswith('"') or '"' in bare or "\\" in bare:
        raise CatalogueError(file, line, "the quotation marks do not match")
    return _ESCAPED.sub(lambda found: _ESCAPES.get(found[1], found[0]), inner)
