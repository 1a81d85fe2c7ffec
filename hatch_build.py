"""Puts the data of the root into the wheel.

``templates/`` stays at the root, where people look for it, and enters a wheel as
``azbot/_data/templates``; so does the example of the configuration, of which
``azbot init`` makes a file. Editable installs read the folder itself: a static
``force-include`` would copy it even there, and edits would not be seen.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

DATA = ("templates", "config.example.toml")


class DataFolders(BuildHookInterface[Any]):
    """Adds ``DATA`` to wheels that are not editable."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Extend what the wheel takes in; called once before each build."""
        if self.target_name != "wheel" or version == "editable":
            return
        for name in DATA:
            source = str(Path(self.root) / name)
            build_data["force_include"][source] = f"azbot/_data/{name}"
