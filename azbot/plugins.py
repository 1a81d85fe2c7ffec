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
from typing import Any, TypeVar

import structlog
from pydantic import ValidationError

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

T = TypeVar("T")
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


def settings_of(name: str, table: Mapping[str, object]) -> type[Section] | Problem:
    """Return the model of a plug-in's section, or why there is none.

    Args:
        name: of the section, below ``[channels]``.
        table: what stands in it; a model that crashes on it cannot be used.
    """
    found = find(name)
    if isinstance(found, Problem):
        return found
    model = found.settings
    tried = _tried(name, lambda: model.model_validate(table))
    if isinstance(tried, _Failure) and not isinstance(tried.error, ValidationError):
        return _problem(name, "plugin_failed", what=type(tried.error).__name__)
    return model


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
    loaded = _tried(name, entry.load)
    if isinstance(loaded, Plugin) and loaded.seam != SEAM:
        seams = {"theirs": str(loaded.seam), "ours": str(SEAM)}
        return _problem(name, "plugin_other_seam", package=package, **seams)
    if isinstance(loaded, Plugin) and _is_section(loaded.settings):
        return loaded
    return _problem(name, "plugin_broken", package=package, what=_told(entry, loaded))


def build(
    name: str, section: object, clock: Clock, environ: Mapping[str, str]
) -> tuple[Chat, str] | Problem:
    """Return the channel of a section and what people call it, or what failed."""
    plugin = find(name)
    if isinstance(plugin, Problem):
        return plugin

    def made() -> tuple[Chat, str]:
        chat = plugin.build(section, clock, environ)
        return chat, chat.name

    tried = _tried(name, made)
    if isinstance(tried, _Failure):
        # What a foreign error says may hold a secret of the section.
        error = tried.error
        what = str(error) if isinstance(error, AzbotError) else type(error).__name__
        return _problem(name, "plugin_failed", what=what)
    chat, given = tried
    if given != name:
        return _problem(name, "plugin_failed", what=f"name {given!r}")
    return chat, plugin.label


def link_of(name: str, chat: Chat) -> Callable[[str], str]:
    """Return ``Chat.link`` for mails and pages, which must not fail with it."""

    def address(payload: str) -> str:
        tried = _tried(name, lambda: chat.link(payload))
        return tried if isinstance(tried, str) else ""

    return address


async def close(name: str, chat: Chat) -> None:
    """Let go of a channel; whatever it does, others are let go of, too."""
    try:
        await chat.aclose()
    except Exception:  # noqa: BLE001 - the border to packages
        _log.warning("plugin.not_closed", plugin=name)


@dataclass(frozen=True, slots=True)
class _Failure:
    """What code of others raised."""

    error: BaseException


def _tried(name: str, work: Callable[[], T]) -> T | _Failure:
    """Run code of others, which may do anything."""
    try:
        return work()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the border to packages
        _log.debug("plugin.failed", plugin=name, exc_info=True)
        return _Failure(error)


def _problem(name: str, code: str, **facts: str) -> Problem:
    return Problem(f"channels.{name}", None, code, {"name": name, **facts})


def _package(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else entry.value


def _is_section(model: object) -> bool:
    return isinstance(model, type) and issubclass(model, Section)


def _told(entry: EntryPoint, loaded: object) -> str:
    """Return in a line what is at the place an entry point names."""
    match loaded:
        case _Failure(error):
            line = " ".join(f"{type(error).__name__}: {error}".split())
        case Plugin(settings=model):
            line = f"{entry.value}.settings: {model!r}"
        case _:
            line = f"{entry.value}: {type(loaded).__name__}"
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
