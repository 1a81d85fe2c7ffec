"""What this machine knows of itself: its time zone and its domain."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import available_timezones

_LINK = Path("/etc/localtime")
_NAME = Path("/etc/timezone")


def machine_zone(
    environ: Mapping[str, str], link: Path = _LINK, name: Path = _NAME
) -> str:
    """Return the time zone of this machine, Europe/Paris when it has none of a place.

    Args:
        environ: the process environment; ``TZ`` wins.
        link: the file the system's zone is a link from (localtime(5)).
        name: where Debian writes its name.
    """
    given = [environ.get("TZ", "").removeprefix(":")]
    try:
        given.append(str(link.readlink()).partition("zoneinfo/")[2])
        given.append(name.read_text("utf-8").strip())
    except OSError:
        pass
    known = available_timezones()
    # Servers mostly run on UTC: nobody's desk does.
    places = (zone for zone in given if zone in known and "/" in zone)
    return next((z for z in places if not z.startswith("Etc/")), "Europe/Paris")


def machine_domain() -> str:
    """Return the domain of this machine's name, empty when it has none."""
    _, _, domain = socket.gethostname().partition(".")
    return domain if "." in domain else ""
