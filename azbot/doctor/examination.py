"""All probes of an installation, side by side, and the repairs that do themselves."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

import structlog
from pydantic import BaseModel

from azbot.channels.email.settings import EmailSettings
from azbot.channels.telegram.settings import TelegramSettings
from azbot.config import (
    ServiceSettings,
    StoreSettings,
    Survey,
    WebSettings,
    WorkflowSettings,
    survey_of,
)
from azbot.doctor.address import AddressProbe
from azbot.doctor.backup import BackupProbe
from azbot.doctor.clock import ClockProbe, Witness, by_greeting, by_http
from azbot.doctor.configuration import ConfigurationProbe
from azbot.doctor.database import DatabaseProbe, is_receiving
from azbot.doctor.dns import DnsProbe
from azbot.doctor.documents import DocumentsProbe
from azbot.doctor.files import FilesProbe
from azbot.doctor.finding import Finding, Note, Probe, failure, skipped
from azbot.doctor.imap import ImapProbe
from azbot.doctor.loop import LoopProbe
from azbot.doctor.names import Names, Unanswered
from azbot.doctor.roundtrip import QUICK, RoundTripProbe
from azbot.doctor.smtp import SmtpProbe
from azbot.doctor.telegram import TelegramProbe
from azbot.doctor.trial import TrialProbe
from azbot.errors import AzbotError, ConfigError
from azbot.plugins import settings_of
from azbot.ports import Clock

_log = structlog.get_logger(__name__)

PROBES = (
    *("configuration", "database", "files", "address", "imap", "smtp", "roundtrip"),
    *("dns", "loop", "telegram", "clock", "documents", "backup", "trial"),
)
"""Names of all, in the order they are told."""

GROUPS: Mapping[str, tuple[str, ...]] = {
    "mail": ("imap", "smtp", "roundtrip", "dns", "loop")
}
"""Names that stand for several."""

_PATIENCE = timedelta(seconds=10)
"""Of each probe; the letter may take longer, as its probe says."""

_SECTIONS: Mapping[str, type[BaseModel]] = {
    "email": EmailSettings,
    "telegram": TelegramSettings,
}

S = TypeVar("S", bound=BaseModel)


def names_of(given: Collection[str]) -> tuple[str, ...]:
    """Return the probes some names stand for; none stands for all.

    Raises:
        KeyError: nobody is called so.
    """
    wanted: set[str] = set()
    for name in given:
        if name not in PROBES and name not in GROUPS:
            raise KeyError(name)
        wanted.update(GROUPS.get(name, (name,)))
    return tuple(name for name in PROBES if name in wanted or not given)


@dataclass(frozen=True, slots=True)
class Patient:
    """An installation as far as its configuration can be read.

    Attributes:
        file: the configuration.
        survey: what it says, good or not.
        environ: for secrets named by variable.
        clock: the machine's.
        names: whom to ask about the DNS; None: whom the machine asks.
        wait_for: how long a letter may take.
    """

    file: Path
    survey: Survey
    environ: Mapping[str, str]
    clock: Clock
    names: Names | None = None
    wait_for: timedelta = QUICK

    @property
    def mailbox(self) -> str:
        """Where the letter goes that the round trip sends; empty: none will be."""
        email = self._section("email", EmailSettings)
        return email.address if email and email.imap and email.smtp else ""

    def probe(self, name: str) -> Probe:
        """Return one probe, ready to look; one that says why where it cannot."""
        made = self._made(name)
        return made if not isinstance(made, Note) else _Known(name, made)

    def _made(self, name: str) -> Probe | Note:
        match name:
            case "configuration":
                found = self.survey
                wrong = (*found.problems, *found.absent.values())
                return ConfigurationProbe(self.file, wrong, found.warnings)
            case "documents":
                return DocumentsProbe(str(Path(sys.executable).with_name("pip")))
            case "database" | "files" | "backup" | "trial":
                return self._of_store(name)
            case "address":
                return self._of_web()
            case "telegram":
                return self._of_telegram()
            case "clock":
                return self._of_clock()
            case _:
                return self._of_mail(name)

    def _of_store(self, name: str) -> Probe | Note:
        store = self._section("store", StoreSettings)
        if store is None:
            return self._absent("store")
        if name == "backup":
            return BackupProbe(store, self.clock, self.file)
        if name == "files":
            return FilesProbe(store.s3) if store.s3 else self._absent("store.s3")
        if name == "trial":
            return TrialProbe(store, self.file)
        return DatabaseProbe(store, self.clock, self.file)

    def _of_web(self) -> Probe | Note:
        web = self._section("web", WebSettings)
        if web is None:
            return self._absent("web")
        everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared
        host = everywhere.get(web.host, web.host)
        shown = f"[{host}]" if ":" in host else host
        return AddressProbe(web.public_url, f"http://{shown}:{web.port}", self.clock)

    def _of_telegram(self) -> Probe | Note:
        telegram = self._section("telegram", TelegramSettings)
        if telegram is None or not (token := telegram.secret(self.environ)):
            return self._absent("telegram")
        web = self._section("web", WebSettings)
        public_url = web.public_url if web else ""
        store = self._section("store", StoreSettings)
        ask = partial(is_receiving, store, self.clock) if store else None
        return TelegramProbe(telegram, token, public_url, self._folder, ask)

    def _of_clock(self) -> Probe | Note:
        workflow = self._section("workflow", WorkflowSettings)
        if workflow is None:
            return self._absent("workflow")
        witnesses: list[Witness] = []
        telegram = self._section("telegram", TelegramSettings)
        if telegram and telegram.secret(self.environ):
            witnesses.append(by_http(telegram.api_base_url))
        store = self._section("store", StoreSettings)
        if store and store.s3:
            witnesses.append(by_http(store.s3.url))
        email = self._section("email", EmailSettings)
        if email and email.smtp and email.smtp.security != "tls":
            witnesses.append(by_greeting(email.smtp.host, email.smtp.port))
        return ClockProbe(workflow.zone, self.clock, witnesses)

    def _of_mail(self, name: str) -> Probe | Note:
        email = self._section("email", EmailSettings)
        if email is None:
            return self._absent("email")
        imap, smtp = email.imap, email.smtp
        service = self._section("service", ServiceSettings)
        if name == "loop":
            return LoopProbe(email, service or ServiceSettings())
        if name == "imap":
            if imap is None:
                return self._absent("email.imap")
            return ImapProbe(imap, imap.secret(self.environ), self._folder)
        if name == "smtp":
            if smtp is None:
                return self._absent("email.smtp")
            password = smtp.secret(self.environ)
            largest = email.max_attachment_bytes
            return SmtpProbe(smtp, password, email.address, largest, self._folder)
        if imap is None or smtp is None:
            return self._absent("email.imap" if imap is None else "email.smtp")
        if name == "dns":
            admin = service.admin if service else ""
            return self._of_names(email.domain, imap.host, smtp.host, admin)
        passwords = imap.secret(self.environ), smtp.secret(self.environ)
        return RoundTripProbe(email, *passwords, self.clock, self.wait_for)

    def _of_names(
        self, domain: str, imap_host: str, smtp_host: str, admin: str
    ) -> Probe | Note:
        try:
            names = self.names or Names.of_system()
        except Unanswered:
            return failure("dns_silent")
        return DnsProbe(domain, imap_host, smtp_host, admin, names)

    def _section(self, name: str, kind: type[S]) -> S | None:
        found = self.survey.sections.get(name)
        return found if isinstance(found, kind) else None

    def _absent(self, section: str) -> Note:
        """Say why there is nothing to look at."""
        top = section.partition(".")[0]
        is_wrong = any(
            problem.path.partition(".")[0] in {top, ""}
            for problem in self.survey.problems
        )
        what = "config_first" if is_wrong else "not_set_up"
        return skipped(what, section=section)

    @property
    def _folder(self) -> Path:
        return self.file.absolute().parent


def patient_of(
    file: Path,
    environ: Mapping[str, str],
    clock: Clock,
    names: Names | None = None,
    wait_for: timedelta = QUICK,
) -> Patient:
    """Read a configuration as far as it goes; see ``Patient``."""
    try:
        survey = survey_of(file, _SECTIONS, environ, settings_of)
    except ConfigError as error:
        survey = Survey({}, error.problems, ())
    return Patient(file, survey, environ, clock, names, wait_for)


@asynccontextmanager
async def examining(
    patient: Patient, names: Sequence[str]
) -> AsyncIterator[Sequence[asyncio.Task[Finding]]]:
    """Let all probes look at once while inside; gives what each will have found.

    Args:
        patient: the installation.
        names: from ``names_of``; the findings come in their order.
    """
    async with asyncio.TaskGroup() as group:
        looks = [
            group.create_task(looked(patient.probe(name), _limit(patient, name)))
            for name in names
        ]
        try:
            yield looks
        finally:
            for look in looks:
                look.cancel()


async def examine(patient: Patient, names: Sequence[str]) -> list[Finding]:
    """Return what each probe found."""
    async with examining(patient, names) as looks:
        return [await look for look in looks]


async def mend(finding: Finding) -> list[str]:
    """Do the repairs of a finding that lose nothing; return the codes of those done."""
    done = []
    for repair in finding.repairs:
        if repair.mend is None:
            continue
        try:
            await repair.mend()
        except (AzbotError, OSError) as error:
            # It stays in the next finding, for somebody with more rights.
            _log.warning("doctor.not_mended", repair=repair.how, error=str(error))
        else:
            done.append(repair.how)
    return done


def _limit(patient: Patient, name: str) -> timedelta:
    return patient.wait_for + timedelta(seconds=5) if name == "roundtrip" else _PATIENCE


async def looked(probe: Probe, within: timedelta) -> Finding:
    """Let one probe look; whatever happens to it is told beside the others.

    Args:
        probe: to look.
        within: how long it may take.
    """
    try:
        async with asyncio.timeout(within.total_seconds()):
            return await probe.check()
    except TimeoutError:
        seconds = {"seconds": f"{within.total_seconds():.0f}"}
        return Finding(probe.name, (failure("probe_slow", **seconds),))
    except Exception as error:  # noqa: BLE001 - the border of one probe
        kind = type(error).__name__
        _log.debug("doctor.crashed", probe=probe.name, exc_info=True)
        return Finding(probe.name, (failure("probe_crashed", kind=kind),))


@dataclass(frozen=True, slots=True)
class _Known:
    """A probe that need not look."""

    name: str
    note: Note

    async def check(self) -> Finding:
        """Say what is known."""
        return Finding(self.name, (self.note,))
