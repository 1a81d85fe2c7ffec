"""``azbot doctor``: what works, what does not, and the line that puts it right."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

import click

from azbot.cli.grammar import json_option, verb
from azbot.cli.terminal import Terminal, folded
from azbot.clock import SystemClock
from azbot.doctor.examination import (
    GROUPS,
    PROBES,
    Patient,
    examine,
    examining,
    mend,
    names_of,
    patient_of,
)
from azbot.doctor.finding import Finding, Level, Repair
from azbot.doctor.names import Names
from azbot.doctor.roundtrip import PATIENT, QUICK
from azbot.doctor.words import advised, found, grouped, is_of_a_line, noted

EXIT_CODES = {
    Level.OK: 0,
    Level.SKIPPED: 0,
    Level.WARNING: 1,
    Level.FAILURE: 2,
}

_COLOURS = {
    Level.OK: "green",
    Level.SKIPPED: "bright_black",
    Level.WARNING: "yellow",
    Level.FAILURE: "red",
}
_CHOICE = click.Choice([*PROBES, *GROUPS])


@verb("doctor")
@click.option("--only", "only", metavar="NAME", multiple=True, type=_CHOICE)
@click.option("--skip", "skip", metavar="NAME", multiple=True, type=_CHOICE)
@click.option("--fix", "is_fixing", is_flag=True)
@click.option("--resolver", metavar="ADDRESS", default="")
@json_option()
def doctor(
    terminal: Terminal,
    only: tuple[str, ...],
    skip: tuple[str, ...],
    resolver: str,
    *,
    is_fixing: bool,
    as_json: bool,
) -> int:
    """Look at everything azbot depends on."""
    left_out = names_of(skip) if skip else ()
    names = tuple(name for name in names_of(only) if name not in left_out)
    patient = patient_of(
        terminal.config,
        terminal.environ,
        SystemClock(),
        names_at(resolver) if resolver else None,
        PATIENT if names == ("roundtrip",) else QUICK,
    )
    visit = Visit(terminal, patient, names, is_fixing=is_fixing)
    if as_json:
        findings = asyncio.run(visit.silent())
        terminal.print_json(visit.document(findings))
    else:
        findings = asyncio.run(visit.told())
    return max((EXIT_CODES[finding.level] for finding in findings), default=0)


def names_at(given: str) -> Names:
    """Return a name server: ``192.0.2.53``, ``192.0.2.53:53``, ``[2001:db8::53]:53``.

    Raises:
        click.BadParameter: that is no address in numbers.
    """
    host, _, port = given.rpartition(":")
    if not host or (":" in host and not host.startswith("[")):
        host, port = given, "53"
    try:
        return Names.at(str(ip_address(host.strip("[]"))), int(port))
    except ValueError as error:
        raise click.BadParameter(given, param_hint="--resolver") from error


@dataclass(frozen=True, slots=True)
class Window:
    """Where a visit is followed.

    Attributes:
        show: shows a line.
        wait: says what is waited for, where somebody looks.
    """

    show: Callable[[str], None]
    wait: Callable[[str], None]


@dataclass(slots=True)
class Visit:
    """One visit of the doctor.

    Args:
        terminal: where it is told.
        patient: the installation.
        names: of the probes.
        is_fixing: do what can be done without losing anything.
    """

    terminal: Terminal
    patient: Patient
    names: Sequence[str]
    is_fixing: bool
    mended: dict[str, list[str]] = field(default_factory=dict)

    async def silent(self) -> list[Finding]:
        """Look; say only that a letter leaves."""
        self._announce()
        return [finding async for finding in self._findings()]

    async def told(self) -> list[Finding]:
        """Look, and tell each finding as soon as those before it are known."""
        terminal = self.terminal
        self._announce()
        findings: list[Finding] = []
        with self._window() as window:
            window.wait(self._awaited(0))
            async for finding in self._findings():
                findings.append(finding)
                for line in self._lines(finding):
                    window.show(line)
                window.wait(self._awaited(len(findings)))
        terminal.tell(self._sum(findings))
        return findings

    def document(self, findings: Sequence[Finding]) -> dict[str, object]:
        """Return everything as one JSON value."""
        levels = (finding.level for finding in findings)
        return {
            "level": max(levels, key=lambda level: level.gravity, default=Level.OK),
            "findings": [self._one(finding) for finding in findings],
        }

    # --- looking ---

    def _announce(self) -> None:
        """Say beforehand that something leaves this machine (D6)."""
        if "roundtrip" in self.names and (mailbox := self.patient.mailbox):
            told = self.terminal.say("doctor.announce", address=mailbox)
            self.terminal.warn(told)

    async def _findings(self) -> AsyncIterator[Finding]:
        async with examining(self.patient, self.names) as looks:
            for look in looks:
                finding = await look
                done = await mend(finding) if self.is_fixing else []
                if done:
                    self.mended[finding.probe] = done
                # What could not be looked at may have waited for a repair.
                if done or (finding.level is Level.SKIPPED and self.mended):
                    finding = await self._again(finding.probe)
                yield finding

    async def _again(self, name: str) -> Finding:
        """Look once more, with a configuration that may have been mended itself."""
        patient = self.patient
        fresh = patient_of(
            patient.file,
            patient.environ,
            patient.clock,
            patient.names,
            patient.wait_for,
        )
        (finding,) = await examine(fresh, [name])
        return finding

    @contextmanager
    def _window(self) -> Iterator[Window]:
        """Show on a terminal, below the findings, that somebody is at work."""
        if not sys.stdout.isatty():
            yield Window(self.terminal.print, lambda _: None)
            return
        from rich.console import Console  # noqa: PLC0415 - not for --help
        from rich.text import Text  # noqa: PLC0415

        console = Console(highlight=False)

        def show(line: str) -> None:
            # Through the console, which moves its sign out of the way.
            console.print(Text.from_ansi(line), soft_wrap=True)

        with console.status("") as status:
            yield Window(show, status.update)

    def _awaited(self, place: int) -> str:
        """Return what the finding of a place is waited for with."""
        say, patient = self.terminal.say, self.patient
        if self.names[place : place + 1] == ("roundtrip",) and patient.mailbox:
            seconds = f"{patient.wait_for.total_seconds():.0f}"
            return say("doctor.waiting", seconds=seconds)
        return say("doctor.looking")

    # --- telling ---

    def _lines(self, finding: Finding) -> Iterator[str]:
        words = self.terminal.words
        label = words.t(f"doctor.level.{finding.level}").ljust(self._widest_level)
        name = words.t(f"doctor.probe.{finding.probe}").ljust(self._widest_name)
        coloured = self._styled(label, fg=_COLOURS[finding.level], bold=True)
        at = 1 + self._widest_level + 2 + self._widest_name + 2
        yield f" {coloured}  {name}  {self._folded(found(finding, words), at)}"
        at = self._widest_level + 3
        indent = " " * at
        for how in self.mended.get(finding.probe, ()):
            tick = self._styled("✓", fg="green")
            done = self._folded(words.t(f"doctor.mended.{how}"), at + 2)
            yield f"{indent}{tick} {done}"
        for note in finding.notes:
            if is_of_a_line(note):
                yield f"{indent}{self._folded(noted(note, words), at)}"
        for repair, pastes in grouped(finding.repairs):
            advice = advised(repair, words)
            if repair.page:
                advice += f" {self._styled(f'({repair.page})', dim=True)}"
            yield f"{indent}→ {self._folded(advice, at + 2)}"
            # What is pasted stays on its line, however long.
            for line in pastes:
                yield f"{indent}    {self._styled(line, fg='cyan')}"

    def _folded(self, text: str, indent: int) -> str:
        """Return a text in lines that fit, where somebody looks at a window."""
        return folded(text, indent) if sys.stdout.isatty() else text

    def _styled(self, text: str, **style: Any) -> str:
        """Return a text in colour, unless colour is not wanted (no-color.org)."""
        if self.terminal.environ.get("NO_COLOR"):
            return text
        return click.style(text, **style)

    def _sum(self, findings: Sequence[Finding]) -> str:
        say = self.terminal.say
        counts = Counter(finding.level for finding in findings)
        failures, warnings = counts[Level.FAILURE], counts[Level.WARNING]
        if not failures + warnings:
            return say("doctor.well")
        parts = [
            say(f"doctor.sum.{level}", count=count)
            for level, count in (("failure", failures), ("warning", warnings))
            if count
        ]
        return say("doctor.sum.all", count=failures + warnings, parts=", ".join(parts))

    def _one(self, finding: Finding) -> dict[str, object]:
        words = self.terminal.words
        return {
            "probe": finding.probe,
            "level": finding.level,
            "found": found(finding, words),
            "notes": [
                {
                    "code": note.what,
                    "level": note.level,
                    "facts": dict(note.facts),
                    "words": noted(note, words),
                }
                for note in finding.notes
            ],
            "repairs": [self._repair(repair) for repair in finding.repairs],
            "mended": self.mended.get(finding.probe, []),
        }

    def _repair(self, repair: Repair) -> dict[str, object]:
        return {
            "code": repair.how,
            "words": advised(repair, self.terminal.words),
            "paste": repair.paste,
            "into": repair.into if repair.paste else "",
            "page": repair.page,
            "is_safe": repair.mend is not None,
        }

    @property
    def _widest_level(self) -> int:
        return max(len(self.terminal.say(f"doctor.level.{level}")) for level in Level)

    @property
    def _widest_name(self) -> int:
        names = (self.terminal.say(f"doctor.probe.{name}") for name in PROBES)
        return max(map(len, names))
