"""Reports and pictures: the fonts they are drawn with, HEIC from telephones."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from azbot.doctor.finding import Finding, Note, Repair, failure, ok, warning
from azbot.media import has_heic_support


def font_folder() -> Path | None:
    """Return where the fonts of reports are; None when they are not installed."""
    found = find_spec("ttf_opensans")
    return Path(found.origin).parent / "ttf" if found and found.origin else None


class DocumentsProbe:
    """Looks whether everything a report is made of is installed.

    Args:
        pip: installs into the Python that runs azbot.
        fonts: gives the folder of the fonts.
        has_heic: tells whether pictures of telephones can be read.
    """

    name = "documents"

    def __init__(
        self,
        pip: str,
        fonts: Callable[[], Path | None] = font_folder,
        has_heic: Callable[[], bool] = has_heic_support,
    ) -> None:
        self._pip = pip
        self._fonts = fonts
        self._has_heic = has_heic

    async def check(self) -> Finding:
        """Look; asks nobody."""
        return Finding(self.name, (self._drawn(), await self._read()))

    def _drawn(self) -> Note:
        folder = self._fonts()
        found = list(folder.glob("OpenSans-*.ttf")) if folder else []
        if len(found) >= 4:
            return ok("fonts")
        paste = f"{self._pip} install --force-reinstall --no-deps ttf-opensans"
        return failure("fonts_missing", Repair("fonts", {}, paste))

    async def _read(self) -> Note:
        if await asyncio.to_thread(self._has_heic):
            return ok("heic")
        paste = f"{self._pip} install pillow-heif"
        return warning("heic_missing", Repair("heic", {}, paste))
