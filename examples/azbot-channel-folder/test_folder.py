"""The folder channel keeps every promise that azbot's own channels keep."""

import itertools
import json
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from azbot_channel_folder import FolderSettings, plugin

from azbot.clock import SystemClock
from azbot.ports import Chat
from azbot.screens import Screen, words_of
from azbot.testing.contracts import ChatContract, Seen


class Folder:
    """The other end: Jo, who reads and writes the files of her chat."""

    chat = "jo"

    def __init__(self, path: Path) -> None:
        self.path, self.jo = path, path / self.chat
        (self.jo / "in").mkdir(parents=True)
        self.numbers = itertools.count(time.time_ns())
        self.channel = self.restarted()

    def restarted(self) -> Chat:
        settings = FolderSettings(path=self.path, every=0.05)
        return plugin.build(settings, SystemClock(), {})

    def write(self, text: str) -> None:
        self._put({"name": "Jo", "text": text})

    def press(self, label: str) -> None:
        for name, shown in self._shown():
            for button in itertools.chain(*shown["screen"]["rows"]):
                if button["label"] == label:
                    self._put({"tap": button["data"], "on": name})

    def sees(self) -> list[Seen]:
        return [
            Seen(
                name,
                words_of(Screen(shown["screen"]["text"])),
                [b["label"] for b in itertools.chain(*shown["screen"]["rows"])],
                shown["reply_to"],
            )
            for name, shown in self._shown()
        ]

    def answers(self) -> list[str]:
        told = sorted((self.jo / "out" / "told").glob("*.json"))
        return [json.loads(file.read_bytes())["text"] for file in told]

    def remove(self, name: str) -> None:
        (self.jo / "out" / f"{name.rpartition('/')[2]}.json").unlink()

    def block(self) -> None:
        shutil.rmtree(self.jo)

    def be_busy(self) -> None:
        pytest.skip("a folder never asks for a pause")

    def be_broken(self) -> None:
        (self.jo / "out").write_text("where a folder should be")

    def _put(self, said: dict[str, str]) -> None:
        file = self.jo / "in" / f"{next(self.numbers)}.half"
        file.write_text(json.dumps(said))
        file.rename(file.with_suffix(".json"))

    def _shown(self) -> list[tuple[str, dict[str, Any]]]:
        files = sorted((self.jo / "out").glob("*.json"))
        return [(f"folder:jo/{f.stem}", json.loads(f.read_bytes())) for f in files]


class TestFolder(ChatContract):
    @pytest.fixture
    def service(self, tmp_path: Path) -> Folder:
        return Folder(tmp_path)
