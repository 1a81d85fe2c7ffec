"""Channels of other packages: found by their entry points, one section each.

A package names a ``Plugin`` in the entry-point group ``azbot.channels``; who installs
it writes ``[channels.<name>]``, and azbot talks through it. Only what has a section is
loaded. Whatever is wrong with a package is said as a ``Problem`` of its section, and
its channel is absent: nobody else's falls silent for it.

What is promised to such packages has a version, ``SEAM``: see
docs/decisions/0020-what-plug-ins-are-promised.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import structlog

from azbot.config import Section
from azbot.errors import AzbotError, Problem
from azbot.ports import Chat, Clock

GROUP = "azbot.channels"
"""The entry-point group: name of the channel = place of its ``Plugin``."""

SEAM = 1
"""Version of what is promised to plug-ins."""

_NAME = re.compile(r"[a-z]{2,20}")
_OURS = frozenset(
    {"email", "telegram", "web", "portal", "api", "cli", "timer", "mail", "demo"}
)
"""Names that the history knows already."""
_LONGEST = 120

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Plugin:
    """A channel of another package.

    Attributes:
        seam: the version of the seam it was written for, a number, not ``SEAM``.
        label: what people call the service, in every language.
        settings: model of its section, a frozen ``azbot.config.Section``.
        build: makes the channel of its settings, the clock and the environment;
            nothing is connected yet. ``PermanentFailure`` tells why it cannot be.
    """

    seam: int
    label: str
    settings: type[Section]
    build: Callable[[Any, Clock, Mapping[str, str]], Chat]


def settings_of(name: str) -> type[Section] | Problem:
    """Return the model of a plug-in's section, or why there is none."""
    found = find(name)
    return found if isinstance(found, Problem) else found.settings


def find(name: str) -> Plugin | Problem:
    """Return an installed plug-in, or what is wrong with it."""
    if not _NAME.fullmatch(name) or name in _OURS:
        return _problem(name, "plugin_bad_name")
    entries = {_package(one): one for one in entry_points(group=GROUP, name=name)}
    if not entries:
        known = ", ".join(sorted(entry_points(group=GROUP).names - _OURS)) or "–"
        return _problem(name, "plugin_missing", known=known)
    if len(entries) > 1:
        return _problem(name, "plugin_twice", packages=", ".join(sorted(entries)))
    ((package, entry),) = entries.items()
    try:
        plugin: object = entry.load()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - code of others
        _log.debug("plugin.broken", plugin=name, exc_info=True)
        return _problem(name, "plugin_broken", package=package, what=_told(error))
    if not isinstance(plugin, Plugin):
        what = f"{entry.value}: {type(plugin).__name__}"
        return _problem(name, "plugin_broken", package=package, what=what)
    if plugin.seam != SEAM:
        seams = {"theirs": str(plugin.seam), "ours": str(SEAM)}
        return _problem(name, "plugin_other_seam", package=package, **seams)
    model: object = plugin.settings
    if not (isinstance(model, type) and issubclass(model, Section)):
        what = f"{entry.value}.settings: {model!r}"
        return _problem(name, "plugin_broken", package=package, what=what)
    return plugin


def build(
    name: str, section: object, clock: Clock, environ: Mapping[str, str]
) -> tuple[Chat, str] | Problem:
    """Return the channel of a section and what people call it, or what failed."""
    plugin = find(name)
    if isinstance(plugin, Problem):
        return plugin
    try:
        chat = plugin.build(section, clock, environ)
        given = chat.name
    except (Exception, SystemExit) as error:  # noqa: BLE001 - code of others
        _log.debug("plugin.failed", plugin=name, exc_info=True)
        # What a foreign error says may hold a secret of the section.
        what = str(error) if isinstance(error, AzbotError) else type(error).__name__
        return _problem(name, "plugin_failed", what=what)
    if given != name:
        return _problem(name, "plugin_failed", what=f"name {given!r}")
    return chat, plugin.label


def _problem(name: str, code: str, **facts: str) -> Problem:
    return Problem(f"channels.{name}", None, code, {"name": name, **facts})


def _package(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else entry.value


def _told(error: BaseException) -> str:
    line = " ".join(f"{type(error).__name__}: {error}".split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
