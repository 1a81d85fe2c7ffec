"""Files that are named on the command line."""

from __future__ import annotations

import sys
from pathlib import Path

from azbot.errors import Refused


def read_file(file: Path, most: int) -> bytes:
    """Return the content of a file; ``-`` is standard input.

    Args:
        file: its path.
        most: octets; a larger file is no mail and no report.

    Raises:
        Refused: ``file_missing``, ``file_folder``, ``file_unreadable``,
            ``file_too_large``.
    """
    try:
        if str(file) == "-":
            content = sys.stdin.buffer.read(most + 1)
        else:
            with file.open("rb") as stream:
                content = stream.read(most + 1)
    except FileNotFoundError as error:
        raise Refused("file_missing", {"file": file}) from error
    except IsADirectoryError as error:
        raise Refused("file_folder", {"file": file}) from error
    except (OSError, ValueError) as error:
        raise Refused("file_unreadable", {"file": file}) from error
    if len(content) > most:
        raise Refused("file_too_large", {"file": file})
    return content
