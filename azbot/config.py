"""One TOML file → frozen settings, every problem at once.

Nothing is read at import. Secrets come by environment or by file; a value from the
environment, ``AZBOT_WEB__PORT``, wins over the file.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from azbot.errors import ConfigError, Problem

_PREFIX = "AZBOT_"
_SECTION = re.compile(r"^\s*\[([A-Za-z0-9_.\-]+)\]\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\-]+)\s*=")
_SYNTAX = re.compile(r"^(?P<what>.*?) \(at line (?P<line>\d+), column \d+\)$")


class Section(BaseModel):
    """Frozen; unknown keys are errors; errors never repeat a value (a secret)."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )


class ServiceSettings(Section):
    """``[service]``: who runs azbot."""

    organisation: str = Field(default="", max_length=80)
    """Company behind the desk, for footers and reports."""
    admin: str = ""
    """Where alerts go; empty: the desk's address."""
    desk: str = ""
    """Where the desk reads its notices (E23); empty: nobody is written to."""
    language: Literal["fr", "en", "es"] = "fr"
    """Of the desk, and of people whose language is not known."""
    colour: str = Field(default="#0b5c86", pattern="^#[0-9a-fA-F]{6}$")
    """Of buttons and links."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Bodies, addresses and tokens never stand above debug."""


class StoreSettings(Section):
    """``[store]``: where everything is kept."""

    url: str = "sqlite:///data/azbot.db"
    """``sqlite:///path`` or ``postgresql+psycopg://user:password@host/name``."""
    url_env: str | None = None
    """Name of the environment variable that holds the URL."""
    files: Path = Path("data/files")
    """Folder of attachments and reports."""
    synchronous: Literal["FULL", "NORMAL"] = "FULL"
    """SQLite only: FULL survives a power cut."""


class WebSettings(Section):
    """``[web]``: pages and API."""

    host: str = "127.0.0.1"
    """Address to listen on; a reverse proxy stands before it."""
    port: int = Field(default=8080, ge=0, le=65535)
    """0 takes a free one and prints it."""
    public_url: str = Field(default="", pattern="^(https?://[^/ ]+(/[^ ]*)?)?$")
    """How people reach it; links in mails begin with it. Empty: no links."""


class WorkflowSettings(Section):
    """``[workflow]``: delays and rules; durations in hours or days."""

    country: str = Field(default="FR", pattern="^[A-Z]{2}$")
    """Two letters: in references, and of addresses that name none."""
    zone: str = "Europe/Paris"
    """IANA time zone of the desk's working hours."""
    opens: time = time(8)
    """Beginning of a working day."""
    closes: time = time(18)
    """End of a working day."""
    working_days: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    """ISO weekdays, Monday is 1."""
    french_holidays: bool = True
    """The public holidays of France do not count."""
    closed_on: frozenset[date] = frozenset()
    """Further days that do not count."""
    proof_required: frozenset[
        Literal["marking", "commissioning", "incident_warranty", "incident"]
    ] = frozenset({"marking", "commissioning", "incident"})
    """Services whose assignment needs the order proof (R140)."""
    answer_hours: float = Field(default=24, gt=0, le=720)
    """First answer of the desk, told in the first mail; working time."""
    complement_reminder_days: tuple[float, ...] = (2, 5)
    """Reminders of a waiting or incomplete request, in working days."""
    station_reminder_hours: tuple[float, ...] = (24, 48)
    """Reminders of a silent station, in working time (R147)."""
    station_silent_hours: float = Field(default=72, gt=0, le=2000)
    """Then the station is « sans réponse »."""
    closing_reminder_days: float = Field(default=3, ge=0, le=365)
    """Reminder of the closing question (R150); 0 = never."""
    closing_days: float = Field(default=10, ge=0, le=365)
    """Closing after silence (R150); 0 = never."""
    reopen_days: float = Field(default=30, ge=0, le=3650)
    """How long a closed assistance takes a reply as its own."""
    allow_waiver: bool = False
    """A signature may be waived with a reason (R136)."""
    max_documents: int = Field(default=30, ge=1, le=500)
    """Per assistance (R142)."""

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("unknown time zone")
        return ZoneInfo(value).key

    def days(self, count: float) -> timedelta:
        """Return a number of days as a duration."""
        return timedelta(days=count)


class RetentionSettings(Section):
    """``[retention]``: how long personal data are kept (ux.md 5.1)."""

    years: int = Field(default=3, ge=1, le=30)
    """After the last activity of a client; told in the privacy lines."""
    archive_years: int = Field(default=5, ge=1, le=30)
    """Then restricted archive, then erasure."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the file says.

    Attributes:
        file: the file that was read.
        channels: the validated section of each channel, None when absent.
    """

    file: Path
    service: ServiceSettings
    store: StoreSettings
    web: WebSettings
    workflow: WorkflowSettings
    retention: RetentionSettings
    channels: Mapping[str, BaseModel | None]


_CORE: Mapping[str, type[BaseModel]] = {
    "service": ServiceSettings,
    "store": StoreSettings,
    "web": WebSettings,
    "workflow": WorkflowSettings,
    "retention": RetentionSettings,
}


def load(
    file: Path,
    channels: Mapping[str, type[BaseModel]],
    environ: Mapping[str, str] = os.environ,
) -> Settings:
    """Read and check a configuration file.

    Args:
        file: TOML, UTF-8.
        channels: section name → its model.
        environ: ``AZBOT_<SECTION>__<KEY>`` values win over the file.

    Raises:
        ConfigError: the file cannot be read, or anything in it is wrong; carries
            every problem with its line and the nearest known key.
    """
    text = _read(file)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(file), [_syntax(str(error))]) from error
    lines = dict(_lines(text))
    models = {**_CORE, **channels}
    problems = [
        _unknown(name, models, lines) for name in document if name not in models
    ]
    _overlay(document, environ, models)
    found: dict[str, BaseModel | None] = {}
    for name, model in models.items():
        if name in channels and name not in document:
            found[name] = None
            continue
        try:
            found[name] = model.model_validate(document.get(name, {}))
        except ValidationError as error:
            problems += _problems(name, model, error, lines)
    if problems:
        problems.sort(key=lambda p: (p.line is None, p.line or 0, p.path))
        raise ConfigError(str(file), problems)
    return _settings(file, found, channels)


def _settings(
    file: Path,
    found: Mapping[str, BaseModel | None],
    channels: Mapping[str, type[BaseModel]],
) -> Settings:
    core = {name: found[name] for name in _CORE}
    return Settings(
        file=file,
        channels={name: found[name] for name in channels},
        **core,  # type: ignore[arg-type]  # each was validated by its own model
    )


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except FileNotFoundError as error:
        raise ConfigError(str(file), [Problem("", None, "no_file")]) from error
    except UnicodeDecodeError as error:
        raise ConfigError(str(file), [Problem("", None, "not_utf8")]) from error
    except OSError as error:
        facts = {"why": error.strerror or type(error).__name__}
        raise ConfigError(str(file), [Problem("", None, "unreadable", facts)]) from error


def _syntax(message: str) -> Problem:
    found = _SYNTAX.match(message)
    if found is None:
        return Problem("", None, "syntax", {"what": message})
    return Problem("", int(found["line"]), "syntax", {"what": found["what"]})


def _lines(text: str) -> Iterator[tuple[str, int]]:
    """Yield (dotted key, line) for every section and key of the file."""
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _SECTION.match(line):
            section = found[1]
            yield section, number
        elif found := _KEY.match(line):
            yield f"{section}.{found[1]}" if section else found[1], number


def _overlay(
    document: dict[str, object],
    environ: Mapping[str, str],
    models: Mapping[str, type[BaseModel]],
) -> None:
    """Let ``AZBOT_EMAIL__IMAP__HOST`` win over ``[email.imap] host``."""
    for name, value in environ.items():
        path = name.removeprefix(_PREFIX).lower().split("__")
        if not name.startswith(_PREFIX) or len(path) < 2 or path[0] not in models:
            continue
        here = document
        for part in path[:-1]:
            inner = here.setdefault(part, {})
            if not isinstance(inner, dict):
                break
            here = inner
        else:
            here[path[-1]] = value


def _unknown(
    name: str, known: Mapping[str, object], lines: Mapping[str, int]
) -> Problem:
    nearest = difflib.get_close_matches(name.rpartition(".")[2], list(known), 1, 0.5)
    code = "unknown_key_near" if nearest else "unknown_key"
    facts = {"nearest": nearest[0]} if nearest else {"known": ", ".join(known)}
    return Problem(name, lines.get(name), code, facts)


def _problems(
    section: str,
    model: type[BaseModel],
    error: ValidationError,
    lines: Mapping[str, int],
) -> Iterator[Problem]:
    for one in error.errors(include_input=False, include_url=False):
        names = [str(part) for part in one["loc"] if not isinstance(part, int)]
        path = ".".join([section, *names])
        line = lines.get(path) or lines.get(path.rpartition(".")[0])
        kind = one["type"]
        if kind == "extra_forbidden":
            known = _fields(model, names[:-1])
            problem = _unknown(path, known, lines)
            yield Problem(path, line, problem.code, problem.facts)
        elif kind == "missing":
            yield Problem(path, line, "missing_key")
        else:
            context = {k: str(v) for k, v in one.get("ctx", {}).items()}
            code = _CODES.get(kind, "bad_value")
            yield Problem(path, line, code, {"what": one["msg"], **context})


_CODES = {
    "greater_than_equal": "too_small",
    "greater_than": "too_small",
    "less_than_equal": "too_large",
    "less_than": "too_large",
    "int_parsing": "not_integer",
    "int_type": "not_integer",
    "int_from_float": "not_integer",
    "float_parsing": "not_number",
    "float_type": "not_number",
    "bool_parsing": "not_boolean",
    "bool_type": "not_boolean",
    "string_type": "not_text",
    "literal_error": "not_a_choice",
    "string_pattern_mismatch": "bad_form",
    "time_parsing": "not_time",
    "date_from_datetime_parsing": "not_date",
    "model_type": "not_a_section",
    "dict_type": "not_a_section",
}


def _fields(model: type[BaseModel], path: list[str]) -> Mapping[str, object]:
    """Return the known keys of a section or sub-section."""
    for name in path:
        field = model.model_fields.get(name)
        if field is None:
            return {}
        inner = [
            part
            for part in (field.annotation, *getattr(field.annotation, "__args__", ()))
            if isinstance(part, type) and issubclass(part, BaseModel)
        ]
        if not inner:
            return {}
        model = inner[0]
    return model.model_fields
