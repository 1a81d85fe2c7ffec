"""Secrets and certificates named by variable or file: are they there, what are they?

Any key that ends in ``_env`` names a variable, any in ``_file`` a file. While settings
are read values are looked at and let go: settings carry the names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr

from azbot.config.reading import Document
from azbot.config.shapes import section_of, types_of
from azbot.errors import Problem


def read_secret(
    value: SecretStr | None,
    variable: str | None,
    file: Path | None,
    environ: Mapping[str, str],
) -> str:
    """Return a secret, empty when none is set; a line end after it does not count.

    Args:
        value: as written in the section.
        variable: name of the environment variable that holds it.
        file: the file that holds it.
        environ: the process environment.

    Raises:
        LookupError: the variable is not set.
        OSError: the file cannot be read.
    """
    if variable is not None:
        if variable not in environ:
            raise LookupError(f"the variable {variable} is not set")
        return environ[variable]
    if file is not None:
        return file.read_text("utf-8").rstrip("\r\n")
    return "" if value is None else value.get_secret_value()


def secret_problems(
    path: str,
    model: type[BaseModel],
    table: Mapping[str, object],
    document: Document,
    environ: Mapping[str, str],
    folder: Path,
) -> Iterator[Problem]:
    """Yield what is wrong with the secrets of a section and those below it.

    Args:
        path: dotted path of the section.
        model: its model.
        table: its keys as they were given.
        document: for lines.
        environ: where variables are looked up.
        folder: where relative paths begin.
    """
    known = types_of(model)
    for name, annotation in known.items():
        value = table.get(name)
        here = f"{path}.{name}"
        inner = section_of(annotation)
        if inner is not None and isinstance(value, dict):
            yield from secret_problems(here, inner, value, document, environ, folder)
        elif not isinstance(value, str):
            continue
        elif name.endswith("_env"):
            yield from _variable(here, value, document, environ)
        elif name == "ca_file":
            yield from _certificates(here, value, document, folder)
        elif name.endswith("_file"):
            yield from _file(here, value, document, folder)
    yield from _several(path, known, table, document)


def _variable(
    path: str, name: str, document: Document, environ: Mapping[str, str]
) -> Iterator[Problem]:
    if name not in environ:
        code = "variable_missing" if name.isidentifier() else "not_a_variable"
    elif not environ[name].strip():
        code = "variable_empty"
    elif path == "store.url_env" and "://" not in environ[name]:
        code = "variable_no_url"
    else:
        return
    # What is no name may be the secret itself, written on the wrong line.
    facts = {} if code == "not_a_variable" else {"name": name}
    yield Problem(path, document.line(path), code, facts)


def _file(path: str, value: str, document: Document, folder: Path) -> Iterator[Problem]:
    file = folder / Path(value).expanduser()
    try:
        with file.open("rb") as stream:
            is_empty = not stream.read(1)
    except FileNotFoundError:
        code = "secret_file_missing"
    except IsADirectoryError:
        code = "secret_file_folder"
    except (OSError, ValueError):
        code = "secret_file_unreadable"
    else:
        if not is_empty:
            return
        code = "secret_file_empty"
    yield Problem(path, document.line(path), code, {"file": value})


def _certificates(
    path: str, value: str, document: Document, folder: Path
) -> Iterator[Problem]:
    """Refuse what no certificate can be read from: no connection would ever be made."""
    import ssl  # noqa: PLC0415 - who names no file does not pay it

    try:
        ssl.create_default_context(cafile=folder / Path(value).expanduser())
    except FileNotFoundError:
        code = "ca_file_missing"
    except IsADirectoryError:
        code = "secret_file_folder"
    except ssl.SSLError:
        code = "ca_file_none"
    except (OSError, ValueError):
        code = "ca_file_unreadable"
    else:
        return
    yield Problem(path, document.line(path), code, {"file": value})


def _several(
    path: str, known: Mapping[str, Any], table: Mapping[str, object], document: Document
) -> Iterator[Problem]:
    """Refuse two places for one secret."""
    for name in known:
        ways = [way for way in (name, f"{name}_env", f"{name}_file") if way in known]
        given = [way for way in ways if way in table]
        if len(given) > 1:
            last = f"{path}.{given[-1]}"
            facts = {"ways": ", ".join(ways)}
            yield Problem(last, document.line(last), "one_secret", facts)
