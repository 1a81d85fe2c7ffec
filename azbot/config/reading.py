"""From the octets of the file, and the environment, to one document."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from azbot.config.places import places
from azbot.config.shapes import is_list, model_at, types_of
from azbot.errors import ConfigError, Problem

PREFIX = "AZBOT_"
_LARGEST = 1_000_000
_SYNTAX = re.compile(
    r"^(?P<what>.*) \(at (?:line (?P<line>\d+), .*|end of document)\)$"
)
_FAULTS = (
    # What tomllib says, and what we call it.
    ("Cannot overwrite a value", "duplicate_key"),
    ("Cannot mutate immutable", "duplicate_key"),
    ("Duplicate inline table key", "duplicate_key"),
    ("Cannot declare", "duplicate_section"),
    ("Cannot redefine namespace", "duplicate_section"),
    ("Cannot create", "duplicate_section"),
    ("Expected '=' after a key", "no_equal_sign"),
    ("Invalid statement", "no_statement"),
    ("Expected newline or end of document", "rest_of_line"),
    ("Invalid value", "no_value"),
    ("Unescaped '\\'", "backslash"),
    ("Invalid hex value", "backslash"),
    ("Unterminated string", "open_string"),
    ("Illegal character", "open_string"),
    ("Expected", "open_bracket"),
    ("Unclosed", "open_bracket"),
    ("Invalid initial character for a key part", "bad_key"),
)


@dataclass(frozen=True, slots=True)
class Document:
    """What was given, and where.

    Attributes:
        tables: section → its keys, as TOML or the environment gave them.
        lines: dotted path → line of the file.
        variables: dotted path → name of the variable that gave it.
    """

    tables: Mapping[str, object]
    lines: Mapping[str, int]
    variables: Mapping[str, str]

    def line(self, path: str) -> int | None:
        """Return the line of a key, else of the nearest section around it."""
        if path in self.variables:
            return None
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path.rpartition(".")[0]
        return None


def read_text(file: Path) -> str:
    """Return the text of the file, LF line ends, without byte-order mark.

    Raises:
        ConfigError: it cannot be read, or is not UTF-8.
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise _refusal(file, None, "file_too_large")
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError as error:
        raise _refusal(file, None, "no_file") from error
    except IsADirectoryError as error:
        raise _refusal(file, None, "is_folder") from error
    except PermissionError as error:
        raise _refusal(file, None, "no_right_to_read") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise _refusal(file, line, "not_utf8") from error
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise _refusal(file, None, "unreadable", why=why) from error


def read_document(
    file: Path, models: Mapping[str, type[BaseModel]], environ: Mapping[str, str]
) -> Document:
    """Return the file's tables with the environment's values laid over them.

    Raises:
        ConfigError: the file cannot be read, or is not TOML.
    """
    text = read_text(file)
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax(file, str(error), text) from error
    except RecursionError as error:
        raise _refusal(file, None, "too_deep") from error
    lines = places(text)
    variables = dict(_overlay(tables, environ, models))
    return Document(tables, lines, variables)


def _syntax(file: Path, message: str, text: str) -> ConfigError:
    found = _SYNTAX.match(message)
    if found is None:
        return _refusal(file, None, "syntax", what=message)
    line = int(found["line"]) if found["line"] else text.count("\n") + 1
    code = next((c for words, c in _FAULTS if found["what"].startswith(words)), "")
    if not code:
        return _refusal(file, line, "syntax", what=found["what"])
    return _refusal(file, line, code)


def _refusal(file: Path, line: int | None, code: str, **facts: str) -> ConfigError:
    return ConfigError(str(file), [Problem("", line, code, facts)])


def _overlay(
    tables: dict[str, object],
    environ: Mapping[str, str],
    models: Mapping[str, type[BaseModel]],
) -> list[tuple[str, str]]:
    """Let ``AZBOT_EMAIL__IMAP__HOST`` win over ``[email.imap] host``.

    Returns:
        (dotted path, name of the variable) of each value laid over.
    """
    laid = []
    for name, value in sorted(environ.items()):
        path = tuple(name.removeprefix(PREFIX).lower().split("__"))
        if not name.startswith(PREFIX) or len(path) < 2:
            continue
        here = tables
        for part in path[:-1]:
            inner = here.setdefault(part, {})
            if not isinstance(inner, dict):
                break
            here = inner
        else:
            here[path[-1]] = _value(models, path, value)
            laid.append((".".join(path), name))
    return laid


def _value(
    models: Mapping[str, type[BaseModel]], path: tuple[str, ...], value: str
) -> str | list[str]:
    model = model_at(models.get(path[0]), path[1:-1])
    annotation = types_of(model).get(path[-1]) if model else None
    if annotation is None or not is_list(annotation):
        return value
    return [part.strip() for part in value.split(",") if part.strip()]
