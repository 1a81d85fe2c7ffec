"""Errors nobody foresaw: a short code for whoever met one, and all about it kept.

The page, the chat or the terminal shows the code. The log has it, and so has the
store, so that ``azbot log CODE`` answers wherever the logs went.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import partial

import structlog

from azbot import __version__
from azbot.errors import Conflict, StoreUnreachable
from azbot.logs import named, places
from azbot.store import Store, UnitOfWork
from azbot.store.codec import encode

_log = structlog.get_logger(__name__)
PREFIX = "incident."
"""Begins the name of each incident among the store's named values."""
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's alphabet: no sign is read as another one."""
_LOOKALIKES = str.maketrans("OIL", "011")
_HALF = 4
_MOST = 100
_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Incident:
    """One error nobody foresaw; holds nothing that people wrote.

    Attributes:
        code: ``K7Q2-M9XD``.
        event: of the log, ``http.crashed``.
        failure: its class and those of its causes; our own errors with their words.
        where: places in the code, innermost last.
        facts: as the log has them: route, number of the message.
    """

    code: str
    at: datetime
    event: str
    failure: str
    where: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    version: str = __version__


def new_code() -> str:
    """Return a code that can be read out on the telephone: ``K7Q2-M9XD``."""
    signs = "".join(secrets.choice(_SIGNS) for _ in range(2 * _HALF))
    return f"{signs[:_HALF]}-{signs[_HALF:]}"


def read_code(text: str) -> str:
    """Return the code somebody typed; empty when it cannot be one."""
    signs = "".join(text.upper().split()).replace("-", "").translate(_LOOKALIKES)
    is_code = len(signs) == 2 * _HALF and set(signs) <= set(_SIGNS)
    return f"{signs[:_HALF]}-{signs[_HALF:]}" if is_code else ""


async def report(
    store: Store, event: str, error: Exception, now: datetime, **facts: object
) -> str:
    """Log an error nobody foresaw, keep it, and return its code.

    Never fails: where the store is what failed, the log alone has it.

    Args:
        store: where it is kept.
        event: names it in the log.
        error: what was raised.
        now: the present.
        facts: numbers and routes; never a text, an address or a token.
    """
    return await _report(store, new_code(), event, error, now, facts)


async def report_again(
    store: Store, event: str, error: Exception, now: datetime, **facts: object
) -> str:
    """Do as ``report`` for work that comes back by itself until it succeeds.

    The same failure of the same work has one code however often it comes: what fails
    each minute leaves room for all others, and is found by any line of the log.
    """
    told = [event, named(error), *places(error), *sorted(map(str, facts.items()))]
    digest = hashlib.sha256("\n".join(told).encode()).digest()
    signs = "".join(_SIGNS[octet % len(_SIGNS)] for octet in digest[: 2 * _HALF])
    code = f"{signs[:_HALF]}-{signs[_HALF:]}"
    return await _report(store, code, event, error, now, facts)


async def _report(
    store: Store,
    code: str,
    event: str,
    error: Exception,
    now: datetime,
    facts: Mapping[str, object],
) -> str:
    _log.error(event, incident=code, exc_info=error, **facts)
    told = {name: str(value) for name, value in facts.items()}
    it = Incident(code, now, event, named(error), places(error), told)
    try:
        async with asyncio.timeout(_SECONDS):
            await store.write(partial(_keep, it))
    except (StoreUnreachable, Conflict, TimeoutError):
        _log.warning("incident.not_kept", incident=code)
    return code


def recent(kept: Mapping[str, str]) -> list[Incident]:
    """Return incidents, newest first.

    Args:
        kept: values of the store by code.
    """
    found = (_read(code, text) for code, text in kept.items())
    return sorted(found, key=lambda one: one.at, reverse=True)


def _keep(it: Incident, uow: UnitOfWork) -> None:
    """Keep an incident; only the newest ones are."""
    facts = {**asdict(it), "at": it.at.isoformat()}
    del facts["code"]
    uow.settings.put(f"{PREFIX}{it.code}", encode(facts))
    for old in recent(uow.settings.below(PREFIX))[_MOST:]:
        uow.settings.drop(f"{PREFIX}{old.code}")


def _read(code: str, text: str) -> Incident:
    facts = json.loads(text)
    at, where = datetime.fromisoformat(facts.pop("at")), tuple(facts.pop("where"))
    return Incident(code, at, where=where, **facts)
