"""Logs: one line an event, ids from context, nothing that people wrote.

An event is named first and its facts follow: ``log.info("outbox.sent", delivery=12)``.
Whoever works on something binds its ids once (``structlog.contextvars``), and each
line inside has them. Above DEBUG no line holds a text, an address or a token of
anybody: what has such a name is left out, what looks like one is covered, and of
an exception that is not ours only the class and the place are told. Secrets are
covered at every level.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from collections.abc import Mapping, MutableMapping, Sequence
from datetime import date, datetime, time, timedelta
from enum import Enum
from pathlib import PurePath
from typing import Any, Literal, TextIO

import structlog
from typing_extensions import override

from azbot.errors import AzbotError

Style = Literal["auto", "json", "console"]
Event = MutableMapping[str, Any]

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_LONGEST = 300
_MOST_FRAMES = 12
_DEEPEST = 4

_SECRET_NAMES = re.compile(
    r"passw|secret|token|authorization|cookie|keyring|private|signature|pem$",
    re.IGNORECASE,
)
_TEXT_NAMES = frozenset(
    {
        "answers", "body", "bodies", "comment", "content", "elided", "facts", "files",
        "html", "line", "lines", "message", "note", "payload", "quoted", "raw_content",
        "reply", "subject", "text",
    }
)  # fmt: skip
_PERSON_NAMES = frozenset(
    {
        "address", "addresses", "cc", "company", "contact", "email", "from", "mailbox",
        "phone", "phones", "recipient", "recipients", "reply_to", "sender", "street",
        "to", "user",
    }
)  # fmt: skip

_COVERED = (
    # What looks like a secret, wherever it stands.
    (re.compile(r"-----BEGIN [A-Z ]{1,40}-----.*", re.DOTALL), "[secret]"),
    (re.compile(r"(?<=://)[^\s/@]{1,200}@"), "[secret]@"),
    (re.compile(r"\b(?:Bearer|Basic) +\S{1,500}", re.IGNORECASE), "[token]"),
    (re.compile(r"azbot_[\w-]{16,100}"), "[token]"),
    (re.compile(r"\b[0-9]{6,12}:[\w-]{30,50}"), "[token]"),
    (
        re.compile(
            r"(?:\b|(?<=[+=-]))(?:[0-9a-z]{1,12}\.){2,3}[0-9a-z]{1,4}[a-z2-7]{16,32}\b",
            re.IGNORECASE,
        ),
        "[token]",
    ),
)
_ADDRESS = re.compile(r"[^\s<>@\"',;:()\[\]]{1,64}@[^\s<>@\"',;()\[\]]{1,255}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def set_up(level: str, style: Style, stream: TextIO) -> None:
    """Send every log of this process to one stream.

    Args:
        level: ``debug``, ``info``, ``warning`` or ``error``. Other people's
            libraries speak from warnings on.
        style: ``auto`` is ``console`` on a terminal and ``json`` elsewhere.
        stream: mostly ``sys.stderr``.
    """
    is_json = style == "json" or (style == "auto" and not stream.isatty())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            explain_exceptions,
            redact,
            as_json if is_json else as_words,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,  # a later set-up must reach every module,
    )
    logging.captureWarnings(capture=True)
    root = logging.getLogger()
    root.handlers = [_Foreign()]
    root.setLevel(logging.WARNING)


class _Foreign(logging.Handler):
    """Hands the lines of other people's libraries to ours.

    Only the template of a line is kept: its arguments are data, and a mail library
    logs the mail it could not read.
    """

    @override
    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger(record.name)
        exc_info = record.exc_info if record.exc_info and record.exc_info[1] else None
        log.log(
            max(record.levelno, logging.WARNING),
            "library.said",
            library=record.name,
            said=str(record.msg)[:_LONGEST],
            **({"exc_info": exc_info} if exc_info else {}),
        )


# --- processors -------------------------------------------------------------------


def explain_exceptions(_logger: object, _name: str, event: Event) -> Event:
    """Replace ``exc_info`` by what may be told: classes, places, our own words."""
    exc_info = event.pop("exc_info", None)
    if exc_info is True:
        exc_info = structlog.processors._figure_out_exc_info(exc_info)  # noqa: SLF001
    failure = exc_info[1] if isinstance(exc_info, tuple) else exc_info
    if isinstance(failure, BaseException):
        event["failure"] = named(failure)
        event["where"] = list(places(failure))
    return event


def redact(_logger: object, _name: str, event: Event) -> Event:
    """Cover what people wrote and who they are; at DEBUG, secrets alone."""
    is_debug = event.get("level") == "debug"
    covered = {
        name: _cover(name, value, is_debug=is_debug) for name, value in event.items()
    }
    event.clear()
    event.update(covered)
    return event


def as_json(_logger: object, _name: str, event: Event) -> str:
    """Write one JSON object: ``at``, ``level`` and ``event`` first."""
    ordered = {key: event.pop(key) for key in ("at", "level", "event") if key in event}
    return json.dumps({**ordered, **event}, ensure_ascii=False, default=str)


def as_words(_logger: object, _name: str, event: Event) -> str:
    """Write one line for a person: time, level, event, then facts and failure."""
    at = str(event.pop("at", ""))[11:19]
    level, name = event.pop("level", ""), event.pop("event", "")
    where = event.pop("where", ())
    facts = " ".join(f"{key}={value}" for key, value in event.items())
    line = f"{at} {level:<7} {name:<24} {facts}".rstrip()
    return "\n    ".join([line, *where])


# --- what may be told -----------------------------------------------------------------


def _cover(name: str, value: object, *, is_debug: bool, depth: int = 0) -> object:
    """Return what may be told of one fact."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if _SECRET_NAMES.search(name):
        return "[secret]"
    if not is_debug and name in _TEXT_NAMES:
        return f"[{_length(value)}]"
    if not is_debug and name in _PERSON_NAMES:
        return "[person]"
    match value:
        case Enum():
            return _cover(name, value.value, is_debug=is_debug)
        case str() | PurePath():
            return cover(str(value), is_debug=is_debug)
        case datetime() | date() | time() | timedelta():
            return str(value)
        case bytes() | bytearray() | memoryview():
            return f"[{len(value)} octets]"
        case BaseException():
            return named(value)
        case Mapping() if depth < _DEEPEST:
            return {
                str(key): _cover(str(key), each, is_debug=is_debug, depth=depth + 1)
                for key, each in value.items()
            }
        case list() | tuple() | set() | frozenset() if depth < _DEEPEST:
            return [
                _cover("", each, is_debug=is_debug, depth=depth + 1) for each in value
            ]
        case _:
            # Its repr may hold anything: a message, a person.
            return f"[{type(value).__name__}]"


def cover(text: str, *, is_debug: bool = False) -> str:
    """Return a text on one line, without what looks like a secret or an address."""
    # Cut first, so that a hostile text costs nothing.
    is_cut = len(text) > _LONGEST
    text = text[:_LONGEST]
    for pattern, instead in _COVERED:
        text = pattern.sub(instead, text)
    if "@" in text and not is_debug:
        text = _ADDRESS.sub("[address]", text)
    return _CONTROL.sub(" ", text) + ("…" if is_cut else "")


def _length(value: object) -> str:
    if isinstance(value, str):
        return f"{len(value)} characters"
    if isinstance(value, bytes | bytearray):
        return f"{len(value)} octets"
    return f"{len(value)} parts" if isinstance(value, Sequence | Mapping) else "text"


def named(failure: BaseException) -> str:
    """Name a failure and its causes; foreign ones by their class alone."""
    told: list[str] = []
    seen: set[int] = set()
    each: BaseException | None = failure
    while each is not None and id(each) not in seen and len(told) < 5:
        seen.add(id(each))
        told.append(_named(each))
        each = each.__cause__ or (
            None if each.__suppress_context__ else each.__context__
        )
    return " < ".join(told)


def _named(failure: BaseException) -> str:
    name = type(failure).__name__
    if isinstance(failure, BaseExceptionGroup):
        inner = ", ".join(_named(each) for each in failure.exceptions[:3])
        return f"{name}({inner})"
    if isinstance(failure, AzbotError):
        return f"{name}: {cover(str(failure))}"
    if isinstance(failure, OSError) and failure.errno is not None:
        return f"{name}({failure.errno})"
    return name


def places(failure: BaseException) -> tuple[str, ...]:
    """Return where it went wrong, innermost last, without a line of code."""
    frames = traceback.extract_tb(failure.__traceback__)
    return tuple(
        f"{_short(frame.filename)}:{frame.lineno} {frame.name}"
        for frame in frames[-_MOST_FRAMES:]
    )


def _short(filename: str) -> str:
    """Return the end of a path: the package and what is below it."""
    parts = PurePath(filename).parts
    if "site-packages" in parts:
        return "/".join(parts[parts.index("site-packages") + 1 :])
    if "azbot" in parts[:-1]:
        start = len(parts) - 1 - parts[::-1].index("azbot")
        return "/".join(parts[start:])
    return "/".join(parts[-2:])
