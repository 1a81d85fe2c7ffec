"""Sets keys in the text of a configuration, and leaves every other line alone. Pure.

The comments of ``config.example.toml`` are the only description of the keys: a new file
is that text with values set in it, and an answer changed later is one changed line.

Source: TOML 1.0.0.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence

from azbot.errors import ConfigError, Problem

Value = str | bool | int | float | Sequence[str] | None
"""What a key is set to; None: it says nothing any more."""

_HEADER = re.compile(
    r"^#?\[(?P<path>[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)\]\s*(?:#.*)?$"
)
_KEY = re.compile(r"^(?P<off>#?)\s*(?P<key>[A-Za-z0-9_-]+)\s*=\s?(?P<rest>.*)$")
_TO_SET = "CHANGE"
"""Stands behind values of the example that nobody can guess."""


def rewritten(text: str, changes: Mapping[str, Value], example: str) -> str:
    """Return a configuration in which some keys say something else.

    Args:
        text: a document that ``tomllib`` accepts, LF line ends.
        changes: dotted path → value; None takes the key back.
        example: ``config.example.toml``: how a key taken back, or a section that is
            missing, looks with its comments.

    Returns:
        The text, each key where it stood, set or shown as a comment.

    Raises:
        ConfigError: ``written_otherwise``: a key stands in a form that only its author
            can change, an inline table for example.
    """
    lines = _lines(text)
    for path, value in changes.items():
        lines = _with(lines, path, value, _lines(example))
    made = "\n".join(lines) + "\n"
    _prove(text, made, changes)
    return made


def shown(value: Value) -> str:
    """Return a value as TOML writes it."""
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return repr(value)
        case str():
            # A JSON string is a basic string of TOML, but for this one octet.
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case None:
            raise ValueError("TOML has no word for nothing")
        case _:
            return f"[{', '.join(shown(each) for each in value)}]"


def flat(tables: Mapping[str, object], above: str = "") -> dict[str, object]:
    """Return the values of a document by dotted path."""
    found: dict[str, object] = {}
    for name, value in tables.items():
        if isinstance(value, dict):
            found |= flat(value, f"{above}{name}.")
        else:
            found[f"{above}{name}"] = value
    return found


def _lines(text: str) -> list[str]:
    # Not splitlines: a value may hold U+2028, which TOML takes for a letter.
    return text.rstrip("\n").split("\n") if text else []


# --- one key ------------------------------------------------------------------------


def _with(
    lines: list[str], path: str, value: Value, example: Sequence[str]
) -> list[str]:
    section, _, key = path.rpartition(".")
    region = _region(lines, section)
    if region is None:
        if value is None:
            return lines
        lines = [*lines, *([""] if lines else []), *_block(example, section)]
        region = _region(lines, section)
    if region is None:
        return lines
    at, is_set = _place(lines, region, key)
    if value is None:
        return _without(lines, at, key, section, example) if at and is_set else lines
    header = region[0]
    if at is None:
        at = _last(lines, region) + 1
        lines = [*lines[:at], f"{key} = {shown(value)}", *lines[at:]]
    else:
        end = _end(lines, at) if is_set else at + 1
        tail = _tail(lines[at], is_set=is_set) if end == at + 1 else ""
        lines = [*lines[:at], f"{key} = {shown(value)}{tail}", *lines[end:]]
    lines[header] = lines[header].removeprefix("#")
    return lines


def _without(
    lines: list[str], at: int, key: str, section: str, example: Sequence[str]
) -> list[str]:
    """Take a key back; nothing of its value stays, it may be a secret."""
    region = _region(example, section)
    there = _place(example, region, key)[0] if region else None
    shape = [] if there is None else [f"#{example[there].removeprefix('#')}"]
    return [*lines[:at], *shape, *lines[_end(lines, at) :]]


def _region(lines: Sequence[str], section: str) -> tuple[int, int] | None:
    """Return the line of a section's header and the line after its last."""
    heads = [at for at, line in enumerate(lines) if _HEADER.match(line)]
    for at, following in zip(heads, [*heads, len(lines)][1:], strict=True):
        found = _HEADER.match(lines[at])
        if found and found["path"] == section:
            return at, following
    return None


def _block(lines: Sequence[str], section: str) -> list[str]:
    """Return a section of the example with nothing set in it."""
    region = _region(lines, section)
    if region is None:
        return [f"[{section}]"]
    first, last = region[0], _last(lines, region)
    while first > 0 and lines[first - 1].startswith("#"):
        first -= 1
    block = list(lines[first : last + 1])
    for at, line in enumerate(block):
        if _KEY.match(line) and not line.startswith("#"):
            block[at] = f"#{line}"
    return block


def _place(
    lines: Sequence[str], region: tuple[int, int], key: str
) -> tuple[int | None, bool]:
    """Return the line of a key and whether it is set there, or only shown."""
    shown_at = None
    for at in range(region[0] + 1, region[1]):
        found = _KEY.match(lines[at])
        if found is None or found["key"] != key:
            continue
        if not found["off"]:
            return at, True
        shown_at = at if shown_at is None else shown_at
    return shown_at, False


def _last(lines: Sequence[str], region: tuple[int, int]) -> int:
    """Return the last line of a section that holds or shows a key, else its header."""
    keys = [at for at in range(*region) if at == region[0] or _is_key(lines[at])]
    return (
        _end(lines, keys[-1]) - 1 if not lines[keys[-1]].startswith("#") else keys[-1]
    )


def _is_key(line: str) -> bool:
    # A sentence may have an equal sign in it; a key shown has no space before it.
    return bool(_KEY.match(line)) and not line.startswith("# ")


def _end(lines: Sequence[str], at: int) -> int:
    """Return the line after a value, which may go over several."""
    for end in range(at + 1, len(lines) + 1):
        if _reads("\n".join(lines[at:end])):
            return end
    return at + 1


def _tail(line: str, *, is_set: bool) -> str:
    """Return the remark behind a value, but for the one that asks to set it."""
    if not is_set:
        return ""
    for found in re.finditer(r"\s*#", line):
        remark = line[found.start() :]
        if _reads(line[: found.start()]):
            return "" if remark.strip("# \t") == _TO_SET else remark
    return ""


def _reads(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


# --- what was promised ----------------------------------------------------------------


def _prove(before: str, after: str, changes: Mapping[str, Value]) -> None:
    """Compare both documents: what was asked for changed, and nothing else."""
    wanted = flat(tomllib.loads(before))
    for path, value in changes.items():
        wanted.pop(path, None)
        if value is not None:
            wanted[path] = tomllib.loads(f"it = {shown(value)}")["it"]
    try:
        got = flat(tomllib.loads(after))
    except tomllib.TOMLDecodeError:
        got = {}
    if got != wanted:
        raise ConfigError("", list(_unlike(got, wanted)))


def _unlike(
    got: Mapping[str, object], wanted: Mapping[str, object]
) -> Iterator[Problem]:
    for path in sorted({*got, *wanted}):
        if path not in got or path not in wanted or got[path] != wanted[path]:
            yield Problem(path, None, "written_otherwise")
            return
