"""Which services do not answer, and since when: the desk sees it while it works."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from azbot.channels.web.seams import WebDeps

_RECEIVES = "receive."
_BLIP = timedelta(minutes=1)


def outages(deps: WebDeps) -> Mapping[str, datetime]:
    """Return the services that do not answer, by channel, and since when (ux.md G12).

    What is over within a minute is nobody's business.
    """
    begun = deps.clock.now() - _BLIP
    return {
        loop.name.removeprefix(_RECEIVES): loop.failing_since_at
        for loop in deps.loops.health()
        if loop.name.startswith(_RECEIVES)
        and loop.failing_since_at is not None
        and loop.failing_since_at <= begun
    }
