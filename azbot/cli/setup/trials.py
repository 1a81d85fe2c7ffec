"""Tries an answer as soon as it is given, with the probes of ``azbot doctor``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from azbot.channels.email.settings import EmailSettings, ImapSettings, SmtpSettings
from azbot.channels.telegram.settings import TelegramSettings
from azbot.cli.setup.draft import Draft, read_answers
from azbot.cli.setup.guessing import is_local, mail_of
from azbot.cli.setup.reading import Around, domain_of, is_here
from azbot.config import ServiceSettings
from azbot.config.writing import Value
from azbot.doctor.finding import Finding, Level, Repair
from azbot.doctor.imap import ImapProbe
from azbot.doctor.loop import LoopProbe
from azbot.doctor.names import Names, Unanswered
from azbot.doctor.providers import provider_of
from azbot.doctor.roundtrip import RoundTripProbe
from azbot.doctor.smtp import SmtpProbe
from azbot.doctor.words import advised, noted
from azbot.errors import ConfigError
from azbot.i18n.formats import hour
from azbot.ports import Clock

_RECEIVERS = {"gmail": "gmail", "microsoft": "m365"}
"""House → how its Authentication-Results are read."""


_TYPED_HERE = {"login", "login_gmail", "login_microsoft", "login_ovh", "token"}
_TYPED_ELSEWHERE = {"password_file", "token_file"}
"""Repairs by which the doctor has a secret typed into a file: here it is asked for."""

_USABLE = {Level.OK, Level.WARNING}

TRIED = frozenset({"domain", "addresses", "imap", "smtp", "telegram", "zone"})
"""Questions whose answers are tried; those to the others are only read."""


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that was seen, in words.

    Attributes:
        level: how well it goes.
        text: the sentence.
        advice: what to do about it, a line each.
        paste: what to type into a shell for it, as it stands.
        fix: answers that would put it right.
    """

    level: Level
    text: str
    advice: tuple[str, ...] = ()
    paste: tuple[str, ...] = ()
    fix: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What trying an answer gave.

    Attributes:
        draft: the answers, and what was learned by trying.
        told: what was seen.
    """

    draft: Draft
    told: tuple[Told, ...] = ()

    @property
    def level(self) -> Level:
        """The worst that was seen."""
        levels = (told.level for told in self.told)
        return max(levels, key=lambda level: level.gravity, default=Level.OK)

    @property
    def fix(self) -> Mapping[str, Value]:
        """What would put right the worst that was seen."""
        worst = (told.fix for told in self.told if told.level is self.level)
        return next((fix for fix in worst if fix), {})


class Trials:
    """What is tried after each question.

    Args:
        around: where the answers are given.
        clock: where time comes from.
        names: whom to ask about the DNS; None: whom this machine asks.
    """

    def __init__(
        self, around: Around, clock: Clock, names: Names | None = None
    ) -> None:
        self._around = around
        self._clock = clock
        self._names = names

    def before(self, question: str, draft: Draft) -> Iterator[Told]:
        """Yield what must be known before a question is answered."""
        if question == "imap" and draft.guess.provider:
            yield self._trap(draft.guess.provider)
        if question == "telegram":
            yield Told(Level.SKIPPED, self._words("setup.trap.telegram"))

    def beside(self, line: str, draft: Draft) -> Iterator[Told]:
        """Yield what a line about the mailbox makes known, before the next is asked."""
        house = provider_of(draft.text("email.imap.host"))
        if line == "server" and house and house.name != draft.guess.provider:
            yield self._trap(house.name)

    def _trap(self, house: str) -> Told:
        lines = self._words(f"setup.trap.{house}").split("\n")
        return Told(Level.WARNING, lines[0], tuple(lines[1:]))

    async def of(self, question: str, draft: Draft) -> Outcome:
        """Try the answers to one question, within ten seconds."""
        match question:
            case "domain":
                return await self._domain(draft)
            case "addresses":
                return await self._addresses(draft)
            case "imap":
                return await self._imap(draft)
            case "smtp":
                return await self._smtp(draft)
            case "telegram":
                return await self._telegram(draft)
            case "zone":
                return self._zone(draft)
            case _:
                return Outcome(draft)

    async def _domain(self, draft: Draft) -> Outcome:
        domain = domain_of(draft)
        if is_local(domain):
            return Outcome(draft, (self._seen(Level.SKIPPED, "local", domain=domain),))
        try:
            names = self._names or Names.of_system()
            mail = await mail_of(domain, names)
            is_known = bool(mail.exchanger) or await names.exists(domain)
        except Unanswered:
            return Outcome(draft, (self._seen(Level.WARNING, "no_dns"),))
        if not is_known:
            told = self._seen(Level.FAILURE, "no_domain", domain=domain)
            return Outcome(draft, (told,))
        house = mail.guess.provider
        if mail.exchanger:
            facts = {"domain": domain, "host": mail.exchanger}
            if house:
                facts["provider"] = self._words(f"setup.provider.{house}")
            told = self._seen(Level.OK, "mx" if house else "own", **facts)
        else:
            told = self._seen(Level.WARNING, "no_mx", domain=domain)
        return Outcome(replace(draft, guess=mail.guess), (told,))

    async def _addresses(self, draft: Draft) -> Outcome:
        url = draft.text("web.public_url")
        if not url:
            return Outcome(draft, (self._seen(Level.WARNING, "no_url"),))
        parts = urlsplit(url)
        host = parts.hostname or ""
        if is_here(host):
            return Outcome(draft, (self._seen(Level.OK, "this_machine"),))
        told = [await self._host(host)]
        if parts.scheme == "http":
            told.append(self._seen(Level.WARNING, "no_https"))
        return Outcome(draft, tuple(told))

    async def _host(self, host: str) -> Told:
        try:
            names = self._names or Names.of_system()
            is_known = is_local(host) or await names.addresses(host)
        except Unanswered:
            return self._seen(Level.WARNING, "no_dns")
        if not is_known:
            return self._seen(Level.WARNING, "no_host", host=host)
        return self._seen(Level.OK, "host", host=host)

    async def _imap(self, draft: Draft) -> Outcome:
        settings = draft.section("email.imap", ImapSettings)
        secret = self._secret(settings)
        if isinstance(secret, Told):
            return Outcome(draft, (secret,))
        probe = ImapProbe(settings, secret, self._around.folder)
        told = tuple(self._found(await probe.check()))
        return Outcome(draft.having(_believed(draft)), told)

    async def _smtp(self, draft: Draft) -> Outcome:
        settings = draft.section("email.smtp", SmtpSettings)
        secret = self._secret(settings)
        if isinstance(secret, Told):
            return Outcome(draft, (secret,))
        address = draft.text("email.address")
        probe = SmtpProbe(settings, secret, address, folder=self._around.folder)
        finding = await probe.check()
        told = list(self._found(finding))
        if finding.level in _USABLE:
            told += await self._around_mail(draft, secret)
        return Outcome(draft, tuple(told))

    async def _around_mail(self, draft: Draft, secret: str) -> list[Told]:
        """Look at the mailbox as a whole, now that both servers are known."""
        email = draft.section("email", EmailSettings)
        service = draft.section("service", ServiceSettings)
        # Who reads alerts is asked later.
        quiet = service.model_copy(update={"admin": "", "desk": ""})
        loop = await LoopProbe(email, quiet).check()
        told = [] if loop.level is Level.OK else list(self._found(loop))
        if draft.get("round_trip") and email.imap is not None:
            read = self._secret(email.imap)
            if isinstance(read, str):
                probe = RoundTripProbe(email, read, secret, self._clock)
                told += self._found(await probe.check())
        return told

    async def _telegram(self, draft: Draft) -> Outcome:
        if not draft.has_secret("telegram.token"):
            return Outcome(draft, (self._seen(Level.SKIPPED, "no_telegram"),))
        settings = draft.section("telegram", TelegramSettings)
        secret = self._secret(settings)
        if isinstance(secret, Told):
            return Outcome(draft, (secret,))
        # Most of a second, which only those pay who have a bot.
        from azbot.doctor.telegram import TelegramProbe  # noqa: PLC0415

        url = draft.text("web.public_url")
        probe = TelegramProbe(settings, secret, url, self._around.folder)
        return Outcome(draft, tuple(self._found(await probe.check())))

    def _zone(self, draft: Draft) -> Outcome:
        zone = draft.text("workflow.zone")
        now = self._clock.now().astimezone(ZoneInfo(zone))
        told = [
            self._seen(Level.OK, "clock", time=hour(now, self._around.words.language))
        ]
        if draft.get("workflow.french_holidays"):
            told.append(self._seen(Level.OK, "holidays"))
        return Outcome(draft, tuple(told))

    # --- what was seen, in words ------------------------------------------------------

    def _secret(self, settings: _HasSecret) -> str | Told:
        try:
            return settings.secret(self._around.environ)
        except (LookupError, OSError):
            return self._seen(Level.FAILURE, "no_secret")

    def _found(self, finding: Finding) -> Iterator[Told]:
        for note in finding.notes:
            repairs = [
                each for each in note.repairs if each.how not in _TYPED_ELSEWHERE
            ]
            fix: dict[str, Value] = {}
            if all(each.into == "config" for each in repairs):
                for each in repairs:
                    fix |= _answers(each)
            advice = tuple(map(self._advised, repairs))
            paste = tuple(line for each in repairs for line in _typed(each))
            text = noted(note, self._around.words)
            yield Told(note.level, f"{text[:1].upper()}{text[1:]}", advice, paste, fix)

    def _advised(self, repair: Repair) -> str:
        page = f" ({repair.page})" if repair.page else ""
        if repair.how in _TYPED_HERE:
            return f"{self._words(f'setup.repair.{repair.how}')}{page}"
        return f"{advised(repair, self._around.words)}{page}"

    def _seen(self, level: Level, code: str, **facts: str) -> Told:
        return Told(level, self._words(f"setup.seen.{code}", **facts))

    def _words(self, key: str, **facts: str) -> str:
        return self._around.words.t(key, **facts)


class _HasSecret(Protocol):
    def secret(self, environ: Mapping[str, str]) -> str: ...


def _believed(draft: Draft) -> dict[str, Value]:
    """Return whose word on senders is believed: the house's that receives the mail.

    Not the domain's: what a mailbox elsewhere receives, anybody may have signed in the
    name of Gmail.
    """
    house = provider_of(draft.text("email.imap.host"))
    receiver = _RECEIVERS.get(house.name if house else "", "none")
    if receiver != "none" or draft.get("email.receiver") in _RECEIVERS.values():
        return {"email.receiver": receiver}
    return {}


def _typed(repair: Repair) -> list[str]:
    """Return what a repair would have somebody type into a shell."""
    is_here = repair.into == "shell" and repair.how not in _TYPED_HERE
    return repair.paste.splitlines() if is_here else []


def _answers(repair: Repair) -> dict[str, Value]:
    """Return what a repair would have somebody paste into the file."""
    if repair.into != "config" or not repair.paste:
        return {}
    try:
        return read_answers(repair.paste)
    except ConfigError:
        return {}
