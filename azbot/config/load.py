"""Checks a document against the models and says everything that is wrong with it."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import time
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError, create_model

from azbot.config.advice import advise
from azbot.config.models import CORE, Section, Settings, StoreSettings, WebSettings
from azbot.config.reading import Document, read_document
from azbot.config.secrets import secret_problems
from azbot.config.shapes import (
    bare,
    is_secret,
    model_at,
    section_of,
    types_of,
    wrong_kinds,
)
from azbot.errors import ConfigError, Problem

_CODES = {
    "greater_than_equal": "too_small",
    "greater_than": "too_small_or_equal",
    "less_than_equal": "too_large",
    "less_than": "too_large_or_equal",
    "finite_number": "not_number",
    "int_parsing": "not_integer",
    "int_type": "not_integer",
    "int_from_float": "not_integer",
    "float_parsing": "not_number",
    "float_type": "not_number",
    "bool_parsing": "not_boolean",
    "bool_type": "not_boolean",
    "string_type": "not_text",
    "string_too_short": "empty_text",
    "string_too_long": "too_long",
    "literal_error": "not_a_choice",
    "too_short": "empty_list",
    "too_long": "long_list",
    "time_parsing": "not_time",
    "time_type": "not_time",
    "date_parsing": "not_date",
    "date_type": "not_date",
    "date_from_datetime_parsing": "not_date",
    "date_from_datetime_inexact": "not_date",
    "model_type": "not_a_section",
    "dict_type": "not_a_section",
    "missing": "missing_key",
}
_FORMS = {
    "colour": "not_a_colour",
    "country": "not_a_country",
    "public_url": "not_a_url",
    "api_base_url": "not_a_url",
    "clamd": "not_clamd",
    "bucket": "not_a_bucket",
    "endpoint": "not_an_endpoint",
    "prefix": "not_a_prefix",
}
_TOLD = ""
"""Of a complaint that ``secret_problems`` makes too, with the line of the key."""
_SAID = {
    # What validators of channels say, and its sentence.
    "not a mail address": "not_an_address",
    "give one of password, password_env and password_file": _TOLD,
    'receiver = "authserv-id" needs authserv_id': "receiver_unnamed",
}
_OWN = frozenset(
    {
        "not_a_network", "not_an_address", "not_ascending", "store_url_unknown",
        "store_url_in_memory", "unknown_zone", "not_time", "closes_too_early",
        "before_reminder", "archive_too_short", "half_a_key",
    }
)  # fmt: skip
_LONGEST_SHOWN = 40
_NUMBERS = frozenset({"not_integer", "not_number"})
_WITH_UNIT = re.compile(r"(?P<number>[0-9]+(?:[.][0-9]+)?)\s*[^\W\d_.]+\.?")
"""« 24h », « 10 jours »: each key says itself what it counts."""

_PLUGGED = "channels"
"""The section of channels of other packages; a part for each."""

S = TypeVar("S", bound=BaseModel)
Find = Callable[[str, Mapping[str, object]], type[Section] | Problem]
"""Gives the model of a plug-in's section, by name and what stands in it, or why not."""


def none_installed(name: str, table: Mapping[str, object]) -> Problem:  # noqa: ARG001
    """Find nothing: for files without channels of other packages."""
    facts = {"name": name, "known": "–"}
    return Problem(f"{_PLUGGED}.{name}", None, "plugin_missing", facts)


def load(
    file: Path,
    channels: Mapping[str, type[BaseModel]],
    environ: Mapping[str, str] = os.environ,
    find: Find = none_installed,
) -> Settings:
    """Read and check a configuration file.

    Args:
        file: TOML, UTF-8.
        channels: section name → its model.
        environ: ``AZBOT_<SECTION>__<KEY>`` values win over the file; lists are
            written with commas.
        find: gives the models of the sections below ``[channels]``; what it cannot
            give is absent from the settings, which is no error of the file.

    Returns:
        The settings: the database's address is in ``store.url``, the key of the
        bucket in ``store.s3`` and the token of ``/metrics`` in
        ``web.metrics_token``, wherever they came from; relative paths start at the
        file's folder.

    Raises:
        ConfigError: the file cannot be read, or anything in it is wrong; carries
            every problem with its line and the nearest known key.
    """
    survey = survey_of(file, channels, environ, find)
    if survey.problems:
        raise ConfigError(str(file), survey.problems)
    core = {name: survey.sections[name] for name in CORE}
    return Settings(
        file=file,
        channels={name: survey.sections[name] for name in channels},
        plugins=_parts(survey.sections.get(_PLUGGED)),
        absent=survey.absent,
        warnings=survey.warnings,
        **core,  # type: ignore[arg-type]  # each was validated by its own model
    )


@dataclass(frozen=True, slots=True)
class Survey:
    """What can be made of a configuration, good or not.

    Attributes:
        sections: by name, as in ``Settings``; None: absent, or wrong.
        problems: everything that is wrong, in the order of the file.
        warnings: what works and should be looked at.
        absent: channels of other packages that cannot be had, and why.
    """

    sections: Mapping[str, BaseModel | None]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    absent: Mapping[str, Problem] = field(default_factory=dict)


def survey_of(
    file: Path,
    channels: Mapping[str, type[BaseModel]],
    environ: Mapping[str, str],
    find: Find = none_installed,
) -> Survey:
    """Read a configuration as far as it goes; arguments as for ``load``.

    Raises:
        ConfigError: the file cannot be read, or is not TOML.
    """
    models = {**CORE, **channels}
    document = read_document(file, models, environ)
    absent: Mapping[str, Problem] = {}
    if _PLUGGED in document.tables:
        models[_PLUGGED], absent = _plugged(document, find)
        # Once more: lists of variables are read as their models say.
        document = _without(absent, read_document(file, models, environ))
    problems = list(_strangers(document, models, find))
    found: dict[str, BaseModel | None] = {}
    for name, model in models.items():
        found[name] = None
        if name in channels and name not in document.tables:
            continue
        table = document.tables.get(name, {})
        if not isinstance(table, dict):
            problems.append(Problem(name, document.line(name), "not_a_section"))
            continue
        section, wrong = _section(name, model, table, document)
        wrong += secret_problems(name, model, table, document, environ, file.parent)
        found[name] = None if wrong else section
        problems += wrong
    sections = _finished(found, file.absolute().parent, environ)
    warnings = advise(file, sections, document)
    if isinstance(web := sections["web"], WebSettings):
        sections["web"] = web.with_secret(environ)
    if isinstance(store := sections["store"], StoreSettings) and store.s3:
        s3 = store.s3.with_secrets(environ)
        sections["store"] = store.model_copy(update={"s3": s3})
    return Survey(sections, tuple(_in_order(problems)), warnings, absent)


def checked(name: str, model: type[S], given: Mapping[str, object]) -> S:
    """Return a section that was given by other means than the file.

    Args:
        name: of the section, the beginning of each problem's path.
        model: what bounds it.
        given: values by key; texts are read as people write them in a form.

    Raises:
        ConfigError: with every problem, in the words the file's are told in.
    """
    table = dict(given)
    document = Document({name: table}, {}, {f"{name}.{key}": "" for key in table})
    section, problems = _section(name, model, table, document)
    if problems or not isinstance(section, model):
        raise ConfigError("", _in_order(problems))
    return section


def _in_order(problems: list[Problem]) -> list[Problem]:
    unique: dict[tuple[str, str], Problem] = {}
    for problem in problems:
        unique.setdefault((problem.path, problem.code), problem)
    return sorted(
        unique.values(), key=lambda p: (p.line is None, p.line or 0, p.path, p.code)
    )


# --- one section ----------------------------------------------------------------


def _section(
    name: str, model: type[BaseModel], table: Mapping[str, object], document: Document
) -> tuple[BaseModel | None, list[Problem]]:
    """Return the section, or everything that is wrong with it."""
    wrong = {
        ".".join((name, *path)): code
        for path, code in wrong_kinds(model, table)
        if ".".join((name, *path)) not in document.variables
    }
    problems = [_problem(path, code, document, model) for path, code in wrong.items()]
    try:
        valid = model.model_validate(table)
    except ValidationError as error:
        # Of two complaints about one key the first is the plainer one.
        problems += (
            problem
            for problem in _complaints(name, model, error, document)
            if problem.path not in wrong
        )
        return None, problems
    return (None if problems else valid), problems


def _complaints(
    section: str, model: type[BaseModel], error: ValidationError, document: Document
) -> Iterator[Problem]:
    for one in error.errors(include_input=False, include_url=False):
        names = tuple(str(part) for part in one["loc"] if not isinstance(part, int))
        path = ".".join((section, *names))
        if one["type"] == "extra_forbidden":
            yield _unknown(path, model_at(model, names[:-1]), document)
            continue
        context = {k: _plain(v) for k, v in one.get("ctx", {}).items() if k != "error"}
        item = next((part for part in one["loc"] if isinstance(part, int)), None)
        code = _code(one["type"], names, one["msg"])
        if code == _TOLD:
            continue
        if code == "not_a_choice":
            context["expected"] = (
                context["expected"].replace("'", "").replace(" or ", ", ")
            )
        problem = _problem(path, code, document, model, item)
        facts = {**problem.facts, "what": one["msg"], **context}
        yield Problem(path, problem.line, code, facts)


def _code(kind: str, names: tuple[str, ...], message: str) -> str:
    if kind in _OWN:
        return kind
    if kind == "string_pattern_mismatch":
        return _FORMS.get(names[-1], "bad_form")
    if kind == "value_error":
        return _SAID.get(message.removeprefix("Value error, "), "bad_value")
    if kind.startswith("time_"):
        return "not_time"
    if kind.startswith("date_"):
        return "not_date"
    return _CODES.get(kind, "bad_value")


def _problem(
    path: str,
    code: str,
    document: Document,
    model: type[BaseModel],
    item: int | None = None,
) -> Problem:
    facts = {"value": _shown(path, document, model, item)}
    if code in _NUMBERS and (found := _WITH_UNIT.fullmatch(facts["value"])):
        code, facts["number"] = "has_unit", found["number"]
    if path in document.variables:
        facts["variable"] = document.variables[path]
    return Problem(path, document.line(path), code, facts)


def _shown(
    path: str, document: Document, model: type[BaseModel], item: int | None
) -> str:
    """Return the value as it was written, shortened; dots for a secret."""
    names = tuple(path.split("."))
    holder = model_at(model, names[1:-1])
    annotation = types_of(holder).get(names[-1]) if holder else None
    if is_secret(annotation) or path == "store.url":
        return "•••"
    value: object = document.tables
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    if value is None and holder is not None and names[-1] in holder.model_fields:
        value = holder.model_fields[names[-1]].default
    if isinstance(value, list) and item is not None and item < len(value):
        value = value[item]
    if isinstance(value, dict | list):
        return "{…}" if isinstance(value, dict) else "[…]"
    text = "".join(char if char.isprintable() else "·" for char in _plain(value))
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def _plain(value: object) -> str:
    """Return a value as people would write it in the file."""
    match value:
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}"
        case time():
            return value.isoformat("minutes")
        case _:
            return str(value)


# --- channels of other packages -----------------------------------------------------


def _plugged(
    document: Document, find: Find
) -> tuple[type[Section], Mapping[str, Problem]]:
    """Return the model of ``[channels]``, and the parts of it that cannot be had."""
    tables = document.tables[_PLUGGED]
    models: dict[str, type[Section]] = {}
    absent: dict[str, Problem] = {}
    for name, table in tables.items() if isinstance(tables, dict) else ():
        found = find(name, table) if isinstance(table, dict) else None
        if isinstance(found, Problem):
            absent[name] = replace(found, line=document.line(found.path))
        elif found is not None:
            models[name] = found
    fields: dict[str, Any] = {n: (m | None, None) for n, m in models.items()}
    return create_model("Channels", __base__=Section, **fields), absent


def _without(absent: Mapping[str, Problem], document: Document) -> Document:
    tables = document.tables[_PLUGGED]
    if not isinstance(tables, dict):
        return document
    kept = {name: table for name, table in tables.items() if name not in absent}
    return replace(document, tables={**document.tables, _PLUGGED: kept})


# --- keys nobody knows ------------------------------------------------------------


def _strangers(
    document: Document, models: Mapping[str, type[BaseModel]], find: Find
) -> Iterator[Problem]:
    """Yield what stands at the top of the file and is no section."""
    for name in document.tables:
        if name in models:
            continue
        line = document.line(name)
        facts = {}
        inside = [v for p, v in document.variables.items() if p.startswith(f"{name}.")]
        if name not in document.lines and inside:
            facts["variable"] = inside[0]
        if home := _homes(name, models):
            facts["place"] = home[0]
            yield Problem(name, line, "key_elsewhere", facts)
        elif nearest := difflib.get_close_matches(name, list(models), 1, 0.5):
            facts["nearest"] = nearest[0]
            yield Problem(name, line, "unknown_section_near", facts)
        elif not isinstance(find(name, {}), Problem):
            facts["place"] = f"{_PLUGGED}.{name}"
            yield Problem(name, line, "key_elsewhere", facts)
        else:
            facts["known"] = ", ".join(dict.fromkeys((*models, _PLUGGED)))
            yield Problem(name, line, "unknown_section", facts)


def _unknown(path: str, model: type[BaseModel] | None, document: Document) -> Problem:
    """Name the key that was probably meant."""
    known = list(model.model_fields) if model else []
    section, _, name = path.rpartition(".")
    facts: dict[str, str] = {"section": section}
    if path in document.variables:
        facts["variable"] = document.variables[path]
    nearest = difflib.get_close_matches(name, known, 1, 0.6)
    if nearest:
        code, facts["nearest"] = "unknown_key_near", nearest[0]
    elif homes := _homes(name, {section: model} if model else {}) or _homes(name, CORE):
        code, facts["place"] = "key_elsewhere", homes[0]
    else:
        code, facts["known"] = "unknown_key", ", ".join(known)
    return Problem(path, document.line(path), code, facts)


def _homes(name: str, models: Mapping[str, type[BaseModel]]) -> list[str]:
    """Return the sections below which a key of this name exists."""
    found = []
    for section, model in models.items():
        for key, annotation in types_of(model).items():
            inner = section_of(annotation)
            if key == name:
                found.append(f"{section}.{key}")
            elif inner is not None:
                found += _homes(name, {f"{section}.{key}": inner})
    return found


# --- the settings -----------------------------------------------------------------


def _finished(
    found: Mapping[str, BaseModel | None], folder: Path, environ: Mapping[str, str]
) -> dict[str, BaseModel | None]:
    """Give paths and the database's address their final form."""
    sections = {
        name: None if section is None else _placed(section, folder)
        for name, section in found.items()
    }
    if isinstance(store := sections["store"], StoreSettings):
        sections["store"] = _store(store, folder, environ)
    return sections


def _parts(section: BaseModel | None) -> Mapping[str, BaseModel]:
    """Return the sections below a section, by name."""
    values = dict(section) if section else {}
    return {name: one for name, one in values.items() if isinstance(one, BaseModel)}


def _placed(section: BaseModel, folder: Path) -> BaseModel:
    """Let relative paths begin at the folder of the file, defaults included."""
    changed: dict[str, object] = {}
    for name, annotation in types_of(type(section)).items():
        value = getattr(section, name)
        if isinstance(value, BaseModel):
            changed[name] = _placed(value, folder)
        elif isinstance(value, Path) and bare(annotation) is Path:
            changed[name] = folder / value.expanduser()
    return section.model_copy(update=changed) if changed else section


def _store(
    section: StoreSettings, folder: Path, environ: Mapping[str, str]
) -> StoreSettings:
    """Give the database's address its final form."""
    url = environ[section.url_env] if section.url_env else section.url
    path = url.removeprefix("sqlite:///")
    if path != url:
        url = f"sqlite:///{folder / Path(path).expanduser()}"
    return section.model_copy(update={"url": url})
