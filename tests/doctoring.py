"""An installation that is broken, examined, and repaired by pasting what is shown."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from azbot.cli import main
from tests.servers.names import NameServer

SECRETS = ("password", "token", "metrics_token")
"""Keys whose values must never be printed; shorter ones are words."""
ROOT = Path(__file__).resolve().parents[1]
RIVALS = {
    "password_file": ("password", "password_env"),
    "token_file": ("token", "token_env"),
}
"""What has to go when a secret is said in another place."""


@dataclass
class Setup:
    """A configuration, and the machine around it.

    Attributes:
        folder: where ``azbot.toml`` lies and pastes are typed.
        output: captures what azbot prints.
        names: whose zone ``dns`` pastes go into.
        proxy: the proxy's configuration, for ``proxy`` pastes.
        secrets: what must never be printed.
        shown: everything that was printed so far.
    """

    folder: Path
    output: pytest.CaptureFixture[str]
    names: NameServer | None = None
    proxy: Path | None = None
    secrets: tuple[str, ...] = ()
    environ: dict[str, str] = field(default_factory=dict)
    shown: str = ""

    @property
    def file(self) -> Path:
        return self.folder / "azbot.toml"

    def write(self, **sections: dict[str, Any]) -> None:
        """Write the configuration; ``__`` in a name stands for a dot."""
        text = ""
        for name, keys in sections.items():
            text += f"[{name.replace('__', '.')}]\n"
            self.secrets += tuple(
                keys[each] for each in SECRETS if len(str(keys.get(each, ""))) > 6
            )
            text += "".join(f"{k} = {json.dumps(v)}\n" for k, v in keys.items())
        self.file.write_text(text, encoding="utf-8")
        self.file.chmod(0o600)

    # --- the examination ---

    async def look(self, *names: str, more: Sequence[str] = ()) -> list[Seen]:
        """Return what ``azbot doctor --json`` says of some probes."""
        return await asyncio.to_thread(self.look_now, *names, more=more)

    def look_now(self, *names: str, more: Sequence[str] = ()) -> list[Seen]:
        """Do the same, blocking."""
        _, text = self.typed(*_only(names), "--json", *more)
        found = [Seen(each) for each in json.loads(text)["findings"]]
        assert [each.probe for each in found] == list(names) or not names
        return found

    async def told(self, *names: str, language: str = "fr") -> str:
        """Return what ``azbot doctor`` prints for people."""
        words = (*_only(names), "--lang", language)
        _, text = await asyncio.to_thread(self.typed, *words)
        return text

    def typed(self, *words: str) -> tuple[int, str]:
        """Run ``azbot doctor`` with these words; return its code and its answer."""
        given = ["doctor", "--config", str(self.file), *words]
        if self.names is not None:
            given += ["--resolver", f"{self.names.host}:{self.names.port}"]
        code = main(given, {**os.environ, **self.environ})
        out, err = self.output.readouterr()
        self.shown += out + err
        for secret in self.secrets:
            assert secret not in out + err
        return code, out

    # --- the repair ---

    async def paste(self, *seen: Seen, typing: str = "") -> None:
        """Paste every repair of some findings where it belongs.

        Args:
            seen: from ``look``.
            typing: the secret somebody types when the shell asks for it.
        """
        self.secrets += (typing,) if typing else ()
        for repair in (repair for each in seen for repair in each.repairs):
            await asyncio.to_thread(self._pasted, repair, typing)

    def _pasted(self, repair: dict[str, Any], typing: str) -> None:
        paste = repair["paste"]
        match repair["into"]:
            case "shell" if paste.startswith("azbot "):
                # The program itself, without the second it takes to start.
                words = shlex.split(paste)[1:]
                given = () if "--config" in words else ("--config", str(self.file))
                assert main([*words, *given], os.environ) == 0, paste
                self.output.readouterr()
            case "shell":
                # What a command prints may be a record to be published.
                for line in self.run(paste, typing).splitlines():
                    if " IN TXT " in line and self.names is not None:
                        self.names.publish(line)
            case "config":
                text = self.file.read_text("utf-8")
                self.file.write_text(merged(text, paste), encoding="utf-8")
            case "dns":
                assert self.names is not None
                self.names.publish(paste)
            case "proxy":
                assert self.proxy is not None
                with self.proxy.open("a", encoding="utf-8") as file:
                    file.write(f"{paste}\n")

    def run(self, command: str, typing: str = "") -> str:
        """Run a command as an administrator would; return what it prints."""
        programs = self.folder / "bin"
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
            | {"PYTHONPATH": str(ROOT)},
            input=f"{typing}\n",
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return done.stdout

    def program(self, name: str, body: str) -> None:
        """Put a program on the path of what is pasted."""
        file = self.folder / "bin" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"#!/bin/bash\n{body}\n", encoding="utf-8")
        file.chmod(0o755)


@dataclass(frozen=True)
class Seen:
    """One finding, as JSON says it."""

    document: dict[str, Any]

    @property
    def probe(self) -> str:
        return str(self.document["probe"])

    @property
    def level(self) -> str:
        return str(self.document["level"])

    @property
    def words(self) -> str:
        return str(self.document["found"])

    @property
    def codes(self) -> list[str]:
        """Of what is not as it should be."""
        notes = self.document["notes"]
        return [n["code"] for n in notes if n["level"] in {"warning", "failure"}]

    @property
    def repairs(self) -> list[dict[str, Any]]:
        return list(self.document["repairs"])


def merged(text: str, paste: str) -> str:
    """Return a configuration with keys set as an administrator sets them."""
    lines, section = text.splitlines(), ""
    for line in paste.splitlines():
        if line.startswith("["):
            section = line
            if section not in lines:
                lines.append(section)
            continue
        key = line.partition("=")[0].strip()
        begin = lines.index(section) + 1
        titles = (at for at in range(begin, len(lines)) if lines[at].startswith("["))
        end = next(titles, len(lines))
        gone = {key, *RIVALS.get(key, ())}
        others = lines[begin:end]
        kept = [each for each in others if each.partition("=")[0].strip() not in gone]
        lines[begin:end] = [line, *kept]
    return "\n".join(lines) + "\n"


def _only(names: Sequence[str]) -> list[str]:
    return [word for name in names for word in ("--only", name)]
