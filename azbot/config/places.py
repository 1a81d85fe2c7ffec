"""Where each key of a TOML file stands. Pure.

``tomllib`` forgets lines; a message to an administrator needs them. The text has
been read by ``tomllib`` before, so only its shape is followed here, not its rules.

Source: TOML 1.0.0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = re.compile(
    r"""[ \t]*(?:"(?P<basic>(?:[^"\\\n]|\\.)*)"|'(?P<literal>[^'\n]*)'"""
    r"""|(?P<bare>[A-Za-z0-9_-]+))[ \t]*"""
)
_SCALAR = re.compile(r"[^,\]}#\n]*")
_STRINGS = {
    '"""': re.compile(r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}', re.DOTALL),
    "'''": re.compile(r"'''(?:[^']|'(?!''))*'{3,5}", re.DOTALL),
    '"': re.compile(r'"(?:[^"\\\n]|\\.)*"'),
    "'": re.compile(r"'[^'\n]*'"),
}


def places(text: str) -> Mapping[str, int]:
    """Return the line of every section and key, by dotted path.

    Args:
        text: a document that ``tomllib`` accepts, LF or CRLF line ends.

    Returns:
        1-based lines. Of a key given in an array of tables the first one counts.
    """
    return _Walk(text).run()


class _Walk:
    """One pass over the document."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._found: dict[str, int] = {}

    def run(self) -> Mapping[str, int]:
        section: tuple[str, ...] = ()
        self._take(_BLANK)
        while self._at < len(self._text):
            before = self._at
            if self._text.startswith("[", self._at):
                section = self._header()
            else:
                self._pair(section)
            self._take(_BLANK)
            if self._at == before:  # not the TOML that was promised
                break
        return self._found

    def _header(self) -> tuple[str, ...]:
        brackets = 2 if self._text.startswith("[[", self._at) else 1
        self._at += brackets
        path = self._keys(())
        self._at += brackets
        return path

    def _pair(self, path: tuple[str, ...]) -> None:
        path = self._keys(path)
        self._skip("=")
        self._value(path)

    def _keys(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """Read ``a."b".c`` and note each step of it."""
        while found := _KEY.match(self._text, self._at):
            name = found["basic"] or found["literal"] or found["bare"] or ""
            path = (*path, name)
            self._found.setdefault(".".join(path), self._line)
            self._at = found.end()
            if not self._skip("."):
                break
        return path

    def _value(self, path: tuple[str, ...]) -> None:
        self._take(_BLANK)
        for quotes, pattern in _STRINGS.items():
            if self._text.startswith(quotes, self._at):
                self._take(pattern)
                return
        if self._skip("["):
            self._items(path, "]")
        elif self._skip("{"):
            self._items(path, "}")
        else:
            self._take(_SCALAR)

    def _items(self, path: tuple[str, ...], end: str) -> None:
        """Follow an array or an inline table to its end."""
        self._take(_BLANK)
        while not self._skip(end) and self._at < len(self._text):
            before = self._at
            if end == "]":
                self._value(path)
            else:
                self._pair(path)
            self._take(_BLANK)
            self._skip(",")
            self._take(_BLANK)
            if self._at == before:
                return

    def _skip(self, sign: str) -> bool:
        is_there = self._text.startswith(sign, self._at)
        self._at += len(sign) if is_there else 0
        return is_there

    def _take(self, pattern: re.Pattern[str]) -> None:
        if found := pattern.match(self._text, self._at):
            self._line += found[0].count("\n")
            self._at = found.end()
