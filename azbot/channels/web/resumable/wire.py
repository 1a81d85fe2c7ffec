"""What tus says in headers, read and written; pure.

Source: https://tus.io/protocols/resumable-upload, version 1.0.0.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from email.utils import format_datetime

from azbot.channels.web.problems import HttpProblem
from azbot.store.uploads import Arrival

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,termination"
PIECE_TYPE = "application/offset+octet-stream"
_LONGEST = 4096


def require_version(given: str | None) -> None:
    """Refuse a client of another version.

    Raises:
        HttpProblem: 412.
    """
    if given != VERSION:
        headers = {"Tus-Version": VERSION}
        raise HttpProblem(412, "tus_version", {"version": VERSION}, headers=headers)


def number(name: str, given: str | None) -> int:
    """Return a count of octets.

    Raises:
        HttpProblem: 400, the header is missing or no number.
    """
    if given is None or not (given.isascii() and given.isdigit() and len(given) < 19):
        raise HttpProblem(400, "tus_header", {"header": name})
    return int(given)


def metadata_of(given: str) -> dict[str, str]:
    """Return what a client says of its file: names and values, decoded.

    Raises:
        HttpProblem: 400, it cannot be read.
    """
    problem = HttpProblem(400, "tus_header", {"header": "Upload-Metadata"})
    if len(given) > _LONGEST:
        raise problem
    found: dict[str, str] = {}
    for pair in filter(None, (each.strip() for each in given.split(","))):
        key, _, value = pair.partition(" ")
        try:
            text = base64.b64decode(value.strip(), validate=True).decode()
        except (ValueError, binascii.Error) as error:
            raise problem from error
        if key in found:
            raise problem
        found[key] = text
    return found


def metadata(values: Mapping[str, str]) -> str:
    """Return names and values as one header."""
    return ",".join(
        f"{key} {base64.b64encode(value.encode()).decode()}"
        for key, value in values.items()
    )


def told(it: Arrival, offset: int, handle: str = "") -> dict[str, str]:
    """Return what every answer about a file says.

    Args:
        it: the file.
        offset: how much of it has come.
        handle: what stands for it in a form, once it is whole and stored.
    """
    headers = {
        "Upload-Offset": str(offset),
        "Upload-Length": str(it.size),
        "Upload-Expires": format_datetime(it.expires_at, usegmt=True),
        "Upload-Metadata": metadata(
            {"filename": it.name}
            | ({"filetype": it.media_type} if it.media_type else {})
        ),
    }
    return headers | ({"Upload-Handle": handle} if handle else {})
