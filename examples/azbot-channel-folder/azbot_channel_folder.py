"""Folders of JSON files as a channel of azbot: whatever reads and writes files talks.

``<path>/<chat>/in/<number>.json`` is what somebody said or pressed: azbot takes it
away. ``<path>/<chat>/out/<number>.json`` is what stands in their chat: azbot writes,
rewrites and removes it. Who has no folder (any more) cannot be written to.
"""

import asyncio
import itertools
import json
import time
from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from azbot import messages as m
from azbot import screens as s
from azbot.config import Section
from azbot.errors import TemporaryFailure, Unreachable
from azbot.plugins import Plugin
from azbot.ports import Chat, ChatLimits, Clock, Rate, Sink


class FolderSettings(Section):
    path: Path
    every: float = Field(default=1.0, gt=0)
    """Seconds between two looks for what was said."""


class Said(BaseModel):
    name: str = ""
    text: str = ""
    tap: str = ""
    """What a button carries that was pressed, under the message ``on``."""
    on: str = ""


class FolderChat(Chat):
    name = "folder"
    limits = ChatLimits(Rate(timedelta(milliseconds=10), burst=50), 50_000_000)

    def __init__(self, settings: FolderSettings, clock: Clock) -> None:
        self.path, self.every, self.clock = settings.path, settings.every, clock
        self.numbers = itertools.count(time.time_ns())

    async def run(self, sink: Sink) -> None:
        while True:
            files = self.path.glob("*/in/[0-9]*.json")
            for file in sorted(files, key=lambda file: int(file.stem)):
                chat, octets, now = file.parts[-3], file.read_bytes(), self.clock.now()
                place, number, size = f"folder:{chat}", int(file.stem), len(octets)
                raw = m.RawMessage("folder", place, number, octets, now, size, chat)
                await sink.accept([raw])
                file.unlink()  # not before: whatever happens here, it comes again
            await asyncio.sleep(self.every)

    def parse(self, raw: m.RawMessage) -> m.Inbound | m.Unparseable:
        try:
            said = Said.model_validate_json(raw.content)
        except ValidationError:
            return m.Unparseable(m.Reason.UNPARSEABLE, "nothing somebody said")
        me, name = f"folder:{raw.lane}", m.clean_name(said.name)
        tap = m.Tap(str(raw.position), said.tap, said.on) if said.tap else None
        kind = m.TurnKind.TAPPED if tap else m.TurnKind.SAID
        turn = m.Turn(kind, account=raw.lane, chat=raw.lane, tap=tap)
        number, text = f"{me}/{raw.position}", m.clean_text(said.text)
        return m.Inbound("folder", number, m.Address(me, name), text=text, turn=turn)

    async def post(self, post: s.Post) -> s.Posted:
        if not (self.path / post.chat).is_dir():
            raise Unreachable("this chat has no folder")
        try:
            return self.do(post.act, post, self.path / post.chat / "out")
        except OSError as error:
            raise TemporaryFailure(f"cannot write: {error.strerror}") from error

    def do(self, act: s.Act, post: s.Post, out: Path) -> s.Posted:
        number, facts = str(next(self.numbers)), s.to_facts(act)
        old = out / f"{post.message_id.rpartition('/')[2]}.json"
        match act:
            case s.Acknowledge() | s.Menu():
                write(out / "told" / f"{number}.json", facts)
                return s.Posted()
            case s.Redraw() if old.exists() and not act.is_below:
                write(old, {**json.loads(old.read_bytes()), **facts})
                return s.Posted((post.message_id,))
            case s.Redraw() if act.is_only_if_there and not old.exists():
                return s.Posted()
        old.unlink(missing_ok=True)
        if isinstance(act, s.Clear):
            return s.Posted()
        names = [f"{number}-{Path(file.name).name}" for file in post.files]
        for name, file in zip(names, post.files, strict=True):
            write(out / "files" / name, file.content)
        shown = {**facts, "reply_to": post.reply_to, "files": names}
        write(out / f"{number}.json", shown)
        return s.Posted((f"folder:{post.chat}/{number}",))


def write(file: Path, content: bytes | dict[str, object]) -> None:
    """Put a file there in one step: nobody ever reads half of it."""
    octets = content if isinstance(content, bytes) else json.dumps(content).encode()
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_suffix(".half")
    half.write_bytes(octets)
    half.replace(file)


plugin = Plugin(
    seam=1,
    label="Folder",
    settings=FolderSettings,
    build=lambda settings, clock, environ: FolderChat(settings, clock),
)
