"""``azbot report``: was this report altered?"""

from __future__ import annotations

import logging
import re
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from azbot.cli.complaints import FAILED
from azbot.cli.database import written
from azbot.cli.files import read_file
from azbot.cli.grammar import family, json_option, verb
from azbot.cli.terminal import Terminal
from azbot.delivery.reporter import REPORT_KEY, SEAL
from azbot.errors import Refused
from azbot.reports.labels import words
from azbot.reports.seal import Seal, public_pem, read_private_key, read_public_key
from azbot.reports.verify import Verification, describe
from azbot.reports.verify import verify as judge
from azbot.store import UnitOfWork

_LARGEST = 100_000_000
_FINGERPRINT = re.compile(r"\b[0-9a-f]{8}(?:\s+[0-9a-f]{8}){7}\b")
"""As it is printed: eight groups of eight."""


@verb("verify")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--key", "key_file", metavar="FILE", type=click.Path(path_type=Path))
@json_option()
def verify(
    terminal: Terminal, file: Path, key_file: Path | None, *, as_json: bool
) -> int:
    """Say whether a report is as it was sealed, and what was altered if not."""
    # What pypdf thinks of a damaged file is no part of the answer.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    pdf = read_file(file, _LARGEST)
    key = _public(read_file(key_file, _LARGEST)) if key_file else _own_key(terminal)
    found = judge(pdf, key)
    # With what the desk kept, even a removed seal names what differs.
    looks_further = not found.is_valid and key_file is None
    if looks_further and (stored := _stored_seal(terminal, pdf, found)):
        found = judge(pdf, key, stored)
    if as_json:
        terminal.print_json(_facts(found, terminal))
    else:
        _tell(found, terminal)
    return 0 if found.is_valid else FAILED


def _tell(found: Verification, terminal: Terminal) -> None:
    facts = {"ref": found.reference, "at": found.sealed_at, "digits": found.fingerprint}
    if found.is_valid:
        terminal.tell(terminal.say("cli.report.intact", **facts))
        return
    terminal.tell(terminal.say("cli.report.altered", count=len(found.altered)))
    for sentence in _sentences(found, terminal):
        terminal.print(f"  – {sentence}")


def _facts(found: Verification, terminal: Terminal) -> dict[str, object]:
    altered = [
        {
            "kind": each.kind,
            "section": each.section,
            "field": each.field,
            "expected": each.expected,
            "found": each.found,
            "page": each.page,
            "sentence": sentence,
        }
        for each, sentence in zip(
            found.altered, _sentences(found, terminal), strict=True
        )
    ]
    return {
        "is_valid": found.is_valid,
        "reference": found.reference,
        "fingerprint": found.fingerprint,
        "sealed_at": found.sealed_at,
        "altered": altered,
    }


def _sentences(found: Verification, terminal: Terminal) -> list[str]:
    say = words(terminal.language)  # type: ignore[arg-type]  # fr, en or es
    return [describe(each, say) for each in found.altered]


def _public(pem: bytes) -> Ed25519PublicKey:
    try:
        return read_public_key(pem)
    except ValueError as error:
        raise Refused("not_a_public_key") from error


def _own_key(terminal: Terminal) -> Ed25519PublicKey:
    """Return the key this installation seals with.

    Raises:
        Refused: ``no_report_key``: there is none, so nothing was sealed here.
    """
    if not terminal.has_config:
        raise Refused("no_report_key")
    pem = written(terminal, lambda uow: uow.settings.get(REPORT_KEY))
    if pem is None:
        raise Refused("no_report_key")
    return read_private_key(pem.encode()).public_key()


def _stored_seal(terminal: Terminal, pdf: bytes, found: Verification) -> Seal | None:
    """Find what the desk kept: by the seal in the file, else by what is printed."""
    marks = dict.fromkeys([found.fingerprint, *_printed(pdf)])

    def work(uow: UnitOfWork) -> str | None:
        kept = (uow.settings.get(f"{SEAL}{mark}") for mark in marks if mark)
        return next((each for each in kept if each), None)

    stored = written(terminal, work)
    return Seal.from_json(stored.encode()) if stored else None


def _printed(pdf: bytes) -> list[str]:
    from azbot.reports.reading import Unreadable, read  # noqa: PLC0415 - loads pypdf

    try:
        pages = read(pdf).pages
    except Unreadable:
        return []
    return [
        re.sub(r"\s", "", found)
        for page in pages
        for part in page.parts
        for found in _FINGERPRINT.findall(part.text)
    ]


@verb("key")
def show_key(terminal: Terminal) -> None:
    """Print the public key, for whoever wants to verify reports elsewhere."""

    def work(uow: UnitOfWork) -> str | None:
        return uow.settings.get(REPORT_KEY)

    pem = written(terminal, work)
    if pem is None:
        raise Refused("no_report_key")
    key = read_private_key(pem.encode())
    terminal.print(public_pem(key).decode().rstrip("\n"))


report = family("report", verify, show_key)
"""``azbot report``."""
