"""The answers so far. Values: nothing is asked, tried or written here."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from pydantic import BaseModel
from typing_extensions import override

from azbot.channels.email.settings import EmailSettings, Security
from azbot.channels.telegram.settings import TelegramSettings
from azbot.config import CORE, checked
from azbot.config.shapes import model_at
from azbot.config.writing import Value, flat
from azbot.errors import ConfigError, Problem

CHANNELS: Mapping[str, type[BaseModel]] = {
    "email": EmailSettings,
    "telegram": TelegramSettings,
}
"""Channel → what bounds its section."""

ASIDE = frozenset(
    {"domain", "round_trip", "trial", "administrator.name", "administrator.email"}
)
"""Answers that are no keys of the file."""

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Place:
    """One mail server, as it is typed: ``imap.example.org:993``.

    Attributes:
        host: its name or address.
        port: where it listens.
        security: what is spoken there.
    """

    host: str
    port: int
    security: Security

    @override
    def __str__(self) -> str:
        """Return what is typed for it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Guess:
    """What the domain gives away about its mail.

    Attributes:
        provider: code of a house that is known, empty: none of these.
        imap: where mail is read.
        smtp: where mail leaves.
    """

    provider: str = ""
    imap: Place | None = None
    smtp: Place | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What the file will say, and who will be the administrator.

    Attributes:
        filed: what stands in the file already, by dotted path.
        answers: what was answered since; None takes a key back.
        guess: from the domain.
    """

    filed: Mapping[str, object] = field(default_factory=dict)
    answers: Mapping[str, Value] = field(default_factory=dict)
    guess: Guess = field(default_factory=Guess)

    def get(self, path: str) -> object:
        """Return what a key will say, be it by a file that leaves it out.

        None: it has no default, or there is no file yet.
        """
        return self.answers[path] if path in self.answers else self._said(path)

    def text(self, path: str) -> str:
        """Return what a key will say as text, empty when nothing is said."""
        value = self.get(path)
        return "" if value is None else str(value)

    def having(self, answers: Mapping[str, Value]) -> Draft:
        """Return the draft with further answers."""
        return replace(self, answers={**self.answers, **answers})

    @property
    def changes(self) -> dict[str, Value]:
        """What has to be written to the file."""
        return {
            path: value
            for path, value in self.answers.items()
            if path not in ASIDE and self._said(path) != value
        }

    def _said(self, path: str) -> object:
        """Return what a file says of a key, be it by leaving it out."""
        if path in self.filed or not self.filed or path in ASIDE:
            return self.filed.get(path)
        return _default(path)

    def has_secret(self, path: str) -> bool:
        """Whether a secret stands there, or is said to stand elsewhere."""
        ways = (path, f"{path}_env", f"{path}_file")
        return any(self.get(way) is not None for way in ways)

    # --- as the settings it will be --------------------------------------------------

    def section(self, name: str, model: type[M]) -> M:
        """Return a section as azbot will read it.

        Args:
            name: of the section, ``email.imap``.
            model: what bounds it.

        Raises:
            ConfigError: with every problem.
        """
        return checked(name, model, self._table(name))

    def _table(self, name: str) -> dict[str, object]:
        table: dict[str, object] = {}
        for path in {**self.filed, **self.answers}:
            head, _, rest = path.partition(f"{name}.")
            value = self.get(path)
            if head or not rest or value is None or path in ASIDE:
                continue
            *above, key = rest.split(".")
            here = table
            for each in above:
                here = here.setdefault(each, {})  # type: ignore[assignment]
            here[key] = value
        return table

    def problems(self, paths: set[str]) -> tuple[Problem, ...]:
        """Return what is wrong with some keys, by the rules of the file."""
        found: list[Problem] = []
        known = {**CORE, **CHANNELS}
        sections = {path.partition(".")[0] for path in paths - ASIDE}
        # Of others the whole file is asked, which knows the channels of packages.
        for name in sorted(sections & known.keys()):
            try:
                self.section(name, known[name])
            except ConfigError as error:
                found += [each for each in error.problems if each.path in paths]
        return tuple(found)


def _default(path: str) -> object:
    """Return what a key is when a file does not name it, as the file would say it."""
    name, *names = path.split(".")
    model = model_at({**CORE, **CHANNELS}.get(name), tuple(names[:-1]))
    key = model.model_fields.get(names[-1]) if model and names else None
    found = None if key is None or key.is_required() else key.default
    return list(found) if isinstance(found, tuple) else found


def read_answers(text: str, name: str = "") -> dict[str, Value]:
    """Return answers by dotted path: keys of the configuration, and ``administrator``.

    Args:
        text: TOML.
        name: of the file, for complaints.

    Raises:
        ConfigError: it is not TOML, or a value is of no kind that is answered.
    """
    try:
        found = flat(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        problem = Problem("", None, "syntax", {"what": str(error)})
        raise ConfigError(name, [problem]) from error
    answers: dict[str, Value] = {}
    for path, value in found.items():
        if not isinstance(value, str | bool | int | float | list):
            facts = {"value": str(value), "what": type(value).__name__}
            raise ConfigError(name, [Problem(path, None, "bad_value", facts)])
        answers[path] = value
    return answers
