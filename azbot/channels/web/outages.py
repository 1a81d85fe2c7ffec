"""Which services do not answer, and since when: the desk sees it while it works."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from azbot.channels.web.seams import WebDeps

_BY_CHANNEL = frozenset({"receive", "send"})
_BLIP = timedelta(minutes=1)


def outages(deps: WebDeps) -> Mapping[str, datetime]:
    """Return the services that do not answer, by channel, and since when (ux.md G12).

    What is over within a minute is nobody's business.
    """
    begun = deps.clock.now() - _BLIP
    found: dict[str, datetime] = {}
    for loop in deps.loops.health():
        way, _, channel = loop.name.partition(".")
        since = loop.failing_since_at
        if way in _BY_CHANNEL and since is not None and since <= begun:
            found[channel] = min(since, found.get(channel, since))
    return found
