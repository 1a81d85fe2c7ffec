"""The configuration file: everything that is wrong with it, and who may read it."""

from __future__ import annotations

import asyncio
import difflib
import shlex
import stat
from collections.abc import Sequence
from pathlib import Path

from azbot.doctor.clock import zone_repair
from azbot.doctor.finding import Finding, Level, Note, Repair, ok, warning
from azbot.doctor.servers import lines, typed_in
from azbot.errors import Problem

SECRETS = Path("/etc/azbot/secrets")
"""What the unit of systemd reads variables from."""

_STRANGERS = stat.S_IROTH | stat.S_IWOTH | stat.S_IWGRP


class ConfigurationProbe:
    """Tells what reading the file has found.

    Args:
        file: the configuration.
        problems: what keeps azbot from starting.
        warnings: what should be looked at.
        secrets: where systemd reads variables from.
    """

    name = "configuration"

    def __init__(
        self,
        file: Path,
        problems: Sequence[Problem] = (),
        warnings: Sequence[Problem] = (),
        secrets: Path = SECRETS,
    ) -> None:
        self._file = file
        self._problems = problems
        self._warnings = warnings
        self._secrets = secrets

    async def check(self) -> Finding:
        """Look; asks nobody."""
        mode = await asyncio.to_thread(_mode_of, self._file)
        notes = [ok("file", file=str(self._file), mode=f"{mode or 0:o}")]
        notes += [self._note(each, Level.FAILURE) for each in self._problems]
        notes += [
            self._note(each, Level.WARNING)
            for each in self._warnings
            if each.code != "readable_by_others" or each.path
        ]
        if mode is not None and mode & _STRANGERS:
            file = {"file": str(self._file)}
            notes.append(warning("readable", _closed(self._file), **file))
        return Finding(self.name, tuple(notes))

    def _note(self, problem: Problem, level: Level) -> Note:
        place = str(self._file.name)
        if problem.line is not None:
            place = f"{place}:{problem.line}"
        where = problem.facts.get("variable") or place
        facts = {**problem.facts, "where": f"{where} {problem.path}".strip()}
        return Note(f"config.{problem.code}", facts, level, (self._repair(problem),))

    def _repair(self, problem: Problem) -> Repair:
        """Return what puts one line right; at worst, where it is."""
        facts = problem.facts
        section, _, name = problem.path.rpartition(".")
        match problem.code:
            case "unknown_key_near" | "unknown_section_near":
                return self._edit(problem, f"s/{name}/{facts['nearest']}/")
            case "unknown_key" | "duplicate_key":
                return self._edit(problem, "s/^/#/")
            case "variable_missing" | "variable_empty":
                return Repair("variable", {}, self._typed(facts["name"]))
            case "secret_file_missing" | "secret_file_empty":
                file = self._file.parent / facts["file"]
                return Repair("secret_file", {}, typed_in(file))
            case "readable_by_others":
                return _closed(Path(facts["file"]))
            case "missing_key":
                return _key(section, name, "…")
            case "clear_text":
                return _key(section, name, "starttls")
            case "unlikely_port":
                usual = facts["usual"].partition(" ")[0]
                return _key(problem.path.removesuffix(".port"), "security", usual)
            case "unknown_zone":
                return zone_repair(facts["value"])
            case "not_a_choice":
                choices = facts["expected"].split(", ")
                near = difflib.get_close_matches(
                    facts["value"].casefold(), choices, 1, 0.6
                )
                return _key(section, name, (near or choices)[0])
            case "unverified":
                paste = f"[{section}]\nverify = true"
                return Repair("config", {}, paste, "config")
            case _:
                line = f"+{problem.line} " if problem.line else ""
                paste = f"editor {line}{shlex.quote(str(self._file))}"
                return Repair("edit", {}, paste)

    def _edit(self, problem: Problem, change: str) -> Repair:
        if problem.line is None:
            return self._unset(problem)
        paste = f"sed -i '{problem.line}{change}' {shlex.quote(str(self._file))}"
        return Repair("line", {"line": str(problem.line)}, paste)

    def _unset(self, problem: Problem) -> Repair:
        variable = problem.facts.get("variable", "")
        paste = f"sed -i '/^{variable}=/d' {shlex.quote(str(self._secrets))}"
        return Repair("unset", {"variable": variable}, paste)

    def _typed(self, name: str) -> str:
        file = shlex.quote(str(self._secrets))
        return f"(umask 077; read -rs p && printf '{name}=%s\\n' \"$p\" >> {file})"


def _key(section: str, name: str, value: str) -> Repair:
    return Repair("config", {}, lines(section, **{name: value}), "config")


def _closed(file: Path) -> Repair:
    """Return what keeps a file from strangers' eyes."""

    async def mend() -> None:
        await asyncio.to_thread(file.chmod, 0o600)

    paste = f"chmod 600 {shlex.quote(str(file))}"
    return Repair("chmod", {"file": str(file)}, paste, "shell", "", mend)


def _mode_of(file: Path) -> int | None:
    try:
        return stat.S_IMODE(file.stat().st_mode)
    except OSError:
        return None
