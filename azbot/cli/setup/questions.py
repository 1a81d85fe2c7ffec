"""The eight questions of ``azbot init``, as values.

What is typed becomes answers by a pure function that refuses what cannot be meant.
What a key may hold is not said again here: the models of the file say it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from zoneinfo import available_timezones

from azbot.cli.setup.draft import Draft, Place
from azbot.config.writing import Value
from azbot.doctor.providers import provider_of
from azbot.i18n.catalogue import Catalogue

NOTHING = "-"
"""Typed for « nothing », where an empty line takes what is proposed."""

Answers = Mapping[str, Value]


class NotMeant(Exception):
    """What was typed can be no answer.

    Args:
        code: of its words, below ``setup.wrong``.
        facts: their values.
    """

    def __init__(self, code: str, **facts: str) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


@dataclass(frozen=True, slots=True)
class Around:
    """Where the answers are given.

    Attributes:
        words: in the language of the reader, which becomes the desk's.
        environ: the process environment.
        folder: where the file goes.
        zone: of this machine.
        domain: of this machine, empty when it has none.
    """

    words: Catalogue
    environ: Mapping[str, str]
    folder: Path
    zone: str = "Europe/Paris"
    domain: str = ""


Parse = Callable[[str, Draft, Around], Answers]
Default = Callable[[Draft, Around], str]
Asked = Callable[[Draft], bool]


def _always(_draft: Draft) -> bool:
    return True


def _nothing(_draft: Draft, _around: Around) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is typed.

    Attributes:
        code: of its words, below ``setup.ask``.
        parse: makes answers of what was typed; an empty text is what was proposed.
        default: what is proposed.
        asked: whether it is asked at all, after the lines above it.
        is_secret: not shown while it is typed, nor afterwards.
        is_needed: an empty line is no answer.
    """

    code: str
    parse: Parse
    default: Default = _nothing
    asked: Asked = _always
    is_secret: bool = False
    is_needed: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """One question, of one line or a few.

    Attributes:
        name: on the command line, and of its words.
        lines: in the order they are asked.
        told: what stands in the summary.
    """

    name: str
    lines: tuple[Line, ...]
    told: Callable[[Draft], tuple[str, ...]] = field(repr=False)


# --- how lines are read ---------------------------------------------------------------


def _to(path: str) -> Parse:
    """Take a line as the value of one key."""

    def parse(text: str, _draft: Draft, _around: Around) -> Answers:
        return {path: "" if text == NOTHING else text}

    return parse


def _is(path: str) -> Default:
    """Propose what a key says."""
    return lambda draft, _around: draft.text(path)


def _domain(text: str, _draft: Draft, _around: Around) -> Answers:
    name = text.rpartition("@")[2].strip(".").casefold()
    try:
        name = name.encode("idna").decode()
    except UnicodeError:
        raise NotMeant("domain", value=text) from None
    if not re.fullmatch(r"(?!-)[a-z0-9-]+(\.[a-z0-9-]+)+", name):
        raise NotMeant("domain", value=text)
    return {"domain": name}


def _default_domain(draft: Draft, around: Around) -> str:
    return draft.text("domain") or domain_of(draft) or around.domain


def domain_of(draft: Draft) -> str:
    """Return the domain that the answers so far are about."""
    return draft.text("domain") or draft.text("email.address").rpartition("@")[2]


def _name(draft: Draft, around: Around) -> str:
    return draft.text("email.name") or around.words.t("setup.default.name")


def _address(draft: Draft, around: Around) -> str:
    word = around.words.t("setup.default.mailbox")
    return draft.text("email.address") or f"{word}@{domain_of(draft)}"


def _own_addresses(text: str, _draft: Draft, _around: Around) -> Answers:
    given = [] if text == NOTHING else re.split(r"[\s,;]+", text)
    return {"email.own_addresses": [each for each in given if each]}


def _others(draft: Draft, _around: Around) -> str:
    value = draft.get("email.own_addresses")
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else ""


def _public_url(text: str, draft: Draft, _around: Around) -> Answers:
    if not text or text == NOTHING:
        return {"web.public_url": ""}
    url = (text if "://" in text else f"https://{text}").rstrip("/")
    answers: dict[str, Value] = {"web.public_url": url}
    if url.startswith("https:") and not draft.get("web.trusted_proxies"):
        # azbot speaks plain HTTP: whoever has the certificate stands before it, on
        # this machine as the guide has it.
        answers["web.trusted_proxies"] = ["127.0.0.1"]
    return answers


def _default_url(draft: Draft, around: Around) -> str:
    if draft.filed or "web.public_url" in draft.answers:
        return draft.text("web.public_url")
    return f"https://{around.words.t('setup.default.mailbox')}.{domain_of(draft)}"


_USUAL: Mapping[int, str] = {993: "tls", 465: "tls", 143: "starttls", 587: "starttls"}


def is_here(host: str) -> bool:
    """Whether a server is on this machine, where nobody else hears."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _place(section: str, usual: int) -> Parse:
    """Read ``host`` or ``host:port``; a well-known port says what is spoken there."""

    def parse(text: str, draft: Draft, _around: Around) -> Answers:
        bare = re.sub(r"^[a-z]+://", "", text).rstrip("/")
        found = re.fullmatch(r"(?:\[([^\]]+)\]|([^:\s\[\]]+))(?::(\d{1,5}))?", bare)
        if found is None:
            raise NotMeant("server", value=text)
        host, port = found[1] or found[2], int(found[3] or usual)
        answers: dict[str, Value] = {f"{section}.host": host, f"{section}.port": port}
        before = (draft.text(f"{section}.host"), draft.get(f"{section}.port"))
        if before != (host, port) or not draft.text(f"{section}.security"):
            spoken = _USUAL.get(port, "none" if is_here(host) else "starttls")
            answers[f"{section}.security"] = spoken
        return answers

    return parse


def _default_place(kind: Literal["imap", "smtp"], usual: int) -> Default:
    section = f"email.{kind}"
    guessed = _imap if kind == "imap" else _smtp

    def default(draft: Draft, _around: Around) -> str:
        host, port = draft.text(f"{section}.host"), draft.text(f"{section}.port")
        if host:
            return f"{host}:{port or usual}"
        return str(guessed(draft) or f"{kind}.{domain_of(draft)}:{usual}")

    return default


def _imap(draft: Draft) -> Place | None:
    return draft.guess.imap


def _smtp(draft: Draft) -> Place | None:
    """Guess where mail leaves: beside where it is read, whatever the domain says."""
    read = draft.text("email.imap.host")
    is_guessed = draft.guess.imap is None or read == draft.guess.imap.host
    if not read or (is_guessed and draft.guess.smtp is not None):
        return draft.guess.smtp
    if provider := provider_of(read):
        return Place(provider.smtp, 587, "starttls")
    host = f"smtp.{read.removeprefix('imap.')}" if read.startswith("imap.") else read
    return Place(host, 587, "starttls")


def _is_odd(section: str) -> Asked:
    """Ask what is spoken where the port does not tell."""

    def asked(draft: Draft) -> bool:
        port, host = draft.get(f"{section}.port"), draft.text(f"{section}.host")
        return port not in _USUAL or is_here(host)

    return asked


def _security(section: str) -> Parse:
    def parse(text: str, _draft: Draft, _around: Around) -> Answers:
        word = text.casefold().replace("-", "")
        ways = {"ssl": "tls", "ssl/tls": "tls"}
        return {f"{section}.security": ways.get(word, word)}

    return parse


def _user(draft: Draft, _around: Around) -> str:
    if draft.filed or "email.imap.user" in draft.answers:
        return draft.text("email.imap.user")
    return draft.text("email.address")


def _smtp_user(draft: Draft, around: Around) -> str:
    if draft.filed or "email.smtp.user" in draft.answers:
        return draft.text("email.smtp.user")
    return _user(draft, around)


def _secret(path: str) -> Parse:
    """Take a secret as it is typed; nothing typed leaves what is known."""

    def parse(text: str, draft: Draft, _around: Around) -> Answers:
        if text:
            return {path: text, f"{path}_env": None, f"{path}_file": None}
        if path == "email.smtp.password" and _is_shared(draft):
            ways = ("", "_env", "_file")
            return {
                f"{path}{w}": _value(draft, f"email.imap.password{w}") for w in ways
            }
        return {}

    return parse


def _value(draft: Draft, path: str) -> Value:
    value = draft.get(path)
    return None if value is None else str(value)


def _is_shared(draft: Draft) -> bool:
    """Whether both servers have one account, and only one has its password yet."""
    return (
        draft.text("email.smtp.user") == draft.text("email.imap.user")
        and draft.has_secret("email.imap.password")
        and not draft.has_secret("email.smtp.password")
    )


def kept(line: Line, draft: Draft) -> str:
    """Return what an empty line means for a secret: a code, or nothing."""
    path = _SECRET_OF.get(line.code, "")
    if path and draft.has_secret(path):
        return "kept"
    return "shared" if line.code == "smtp_password" and _is_shared(draft) else ""


_SECRET_OF = {
    "imap_password": "email.imap.password",
    "smtp_password": "email.smtp.password",
    "token": "telegram.token",
}


def _elsewhere(path: str) -> Parse:
    """Read where a secret stands: a file, else the name of a variable."""

    def parse(text: str, _draft: Draft, around: Around) -> Answers:
        if not text:
            return {}
        if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", text.removeprefix("$")):
            name = text.removeprefix("$")
            if not around.environ.get(name):
                raise NotMeant("variable", value=name)
            return {path: None, f"{path}_env": name, f"{path}_file": None}
        file = around.folder / Path(text).expanduser()
        if not os.access(file, os.R_OK):
            raise NotMeant("file", value=str(file))
        return {path: None, f"{path}_env": None, f"{path}_file": str(file)}

    return parse


def _has_user(section: str) -> Asked:
    return lambda draft: bool(draft.text(f"{section}.user"))


def _is_secret_missing(section: str) -> Asked:
    def asked(draft: Draft) -> bool:
        has = draft.has_secret(f"{section}.password")
        return bool(draft.text(f"{section}.user")) and not has

    return asked


def _yes(text: str, _draft: Draft, around: Around) -> Answers:
    letter = text[:1].casefold()
    if letter in around.words.t("setup.letters.yes"):
        return {"round_trip": True}
    if letter in around.words.t("setup.letters.no"):
        return {"round_trip": False}
    raise NotMeant("yes_or_no")


def _default_yes(_draft: Draft, around: Around) -> str:
    return around.words.t("setup.letters.yes")[:1]


def _token(text: str, draft: Draft, around: Around) -> Answers:
    if text == NOTHING:
        return dict.fromkeys(
            ("telegram.token", "telegram.token_env", "telegram.token_file")
        )
    if text and not re.fullmatch(r"\d+:[A-Za-z0-9_-]{20,}", text):
        raise NotMeant("token")
    return _secret("telegram.token")(text, draft, around)


def _zone(text: str, draft: Draft, _around: Around) -> Answers:
    known = {zone.casefold(): zone for zone in available_timezones()}
    name = text.replace(" ", "_").casefold()
    near = [zone for low, zone in known.items() if low.rpartition("/")[2] == name]
    zone = known.get(name) or (near[0] if len(near) == 1 else text)
    answers: dict[str, Value] = {"workflow.zone": zone}
    if draft.text("workflow.zone") != zone or not draft.text("workflow.country"):
        answers["workflow.country"] = country_of(zone) or None
    return answers


def _default_zone(draft: Draft, around: Around) -> str:
    return draft.text("workflow.zone") or around.zone


def _country(text: str, draft: Draft, _around: Around) -> Answers:
    country = text.upper()
    answers: dict[str, Value] = {"workflow.country": country}
    if draft.filed.get("workflow.country") != country:
        # The only public holidays azbot knows by itself.
        answers["workflow.french_holidays"] = country == "FR"
    return answers


def _default_country(draft: Draft, _around: Around) -> str:
    return draft.text("workflow.country") or "FR"


def country_of(zone: str) -> str:
    """Return the country most people of a time zone live in, two letters, or nothing.

    Source: zone1970.tab of the time zone database.
    """
    table = files("tzdata") / "zoneinfo" / "zone1970.tab"
    for line in table.read_text("utf-8").splitlines():
        if not line.startswith("#") and (cells := line.split("\t"))[2] == zone:
            return cells[0][:2]
    return ""


def _email(text: str, draft: Draft, _around: Around) -> Answers:
    # What azbot sends to its own mailbox is a loop, and read by nobody.
    if text.casefold() == draft.text("email.address").casefold():
        raise NotMeant("own_mailbox")
    return {"administrator.email": text, "service.admin": text}


def _admin(draft: Draft, _around: Around) -> str:
    return draft.text("administrator.email") or draft.text("service.admin")


# --- the questions --------------------------------------------------------------------


def _server(kind: Literal["imap", "smtp"], usual: int) -> tuple[Line, Line]:
    section = f"email.{kind}"
    return (
        Line(
            "server",
            _place(section, usual),
            _default_place(kind, usual),
            is_needed=True,
        ),
        Line(
            "security",
            _security(section),
            _is(f"{section}.security"),
            _is_odd(section),
        ),
    )


def _where(draft: Draft, section: str) -> tuple[str, ...]:
    host, port = draft.text(f"{section}.host"), draft.text(f"{section}.port")
    return f"{host}:{port}", draft.text(f"{section}.user")


QUESTIONS = (
    Question(
        "name",
        (
            Line(
                "organisation", _to("service.organisation"), _is("service.organisation")
            ),
            Line("name", _to("email.name"), _name, is_needed=True),
        ),
        lambda draft: (draft.text("service.organisation"), draft.text("email.name")),
    ),
    Question(
        "domain",
        (Line("domain", _domain, _default_domain, is_needed=True),),
        lambda draft: (domain_of(draft),),
    ),
    Question(
        "addresses",
        (
            Line("address", _to("email.address"), _address, is_needed=True),
            Line("own_addresses", _own_addresses, _others),
            Line("public_url", _public_url, _default_url),
        ),
        lambda draft: (draft.text("email.address"), draft.text("web.public_url")),
    ),
    Question(
        "imap",
        (
            *_server("imap", 993),
            Line("user", _to("email.imap.user"), _user),
            Line(
                "imap_password",
                _secret("email.imap.password"),
                asked=_has_user("email.imap"),
                is_secret=True,
            ),
            Line(
                "elsewhere",
                _elsewhere("email.imap.password"),
                asked=_is_secret_missing("email.imap"),
            ),
        ),
        lambda draft: _where(draft, "email.imap"),
    ),
    Question(
        "smtp",
        (
            *_server("smtp", 587),
            Line("user", _to("email.smtp.user"), _smtp_user),
            Line(
                "smtp_password",
                _secret("email.smtp.password"),
                asked=_has_user("email.smtp"),
                is_secret=True,
            ),
            Line(
                "elsewhere",
                _elsewhere("email.smtp.password"),
                asked=_is_secret_missing("email.smtp"),
            ),
            Line("round_trip", _yes, _default_yes),
        ),
        lambda draft: _where(draft, "email.smtp"),
    ),
    Question(
        "telegram",
        (Line("token", _token, is_secret=True),),
        lambda draft: ("•••" if draft.has_secret("telegram.token") else "",),
    ),
    Question(
        "zone",
        (
            Line("zone", _zone, _default_zone, is_needed=True),
            Line("country", _country, _default_country, is_needed=True),
        ),
        lambda draft: (draft.text("workflow.zone"), draft.text("workflow.country")),
    ),
    Question(
        "administrator",
        (
            Line(
                "person",
                _to("administrator.name"),
                _is("administrator.name"),
                is_needed=True,
            ),
            Line("email", _email, _admin, is_needed=True),
        ),
        lambda draft: (draft.text("administrator.name"), _admin_of(draft)),
    ),
)
"""In the order they are asked."""


def _admin_of(draft: Draft) -> str:
    return draft.text("administrator.email") or draft.text("service.admin")
