"""How lines are read: what was typed becomes answers, or cannot be meant. Pure.

What a key may hold is not said again here: the models of the file say it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from ipaddress import ip_address
from pathlib import Path
from zoneinfo import available_timezones

from azbot.cli.setup.draft import Draft
from azbot.config.writing import Value
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


def to(path: str) -> Parse:
    """Take a line as the value of one key."""

    def parse(text: str, _draft: Draft, _around: Around) -> Answers:
        return {path: "" if text == NOTHING else text}

    return parse


def domain(text: str, _draft: Draft, _around: Around) -> Answers:
    """Read a domain, or the address it stands in."""
    name = text.rpartition("@")[2].strip(".").casefold()
    try:
        name = name.encode("idna").decode()
    except UnicodeError:
        raise NotMeant("domain", value=text) from None
    if not re.fullmatch(r"(?!-)[a-z0-9-]+(\.[a-z0-9-]+)+", name):
        raise NotMeant("domain", value=text)
    return {"domain": name}


def domain_of(draft: Draft) -> str:
    """Return the domain that the answers so far are about."""
    return draft.text("domain") or draft.text("email.address").rpartition("@")[2]


def own_addresses(text: str, _draft: Draft, _around: Around) -> Answers:
    """Read addresses with commas, semicolons or spaces between them."""
    given = [] if text == NOTHING else re.split(r"[\s,;]+", text)
    return {"email.own_addresses": [each for each in given if each]}


def public_url(text: str, draft: Draft, _around: Around) -> Answers:
    """Read an address of pages; without a scheme it is https."""
    if not text or text == NOTHING:
        return {"web.public_url": ""}
    url = (text if "://" in text else f"https://{text}").rstrip("/")
    answers: dict[str, Value] = {"web.public_url": url}
    if url.startswith("https:") and not draft.get("web.trusted_proxies"):
        # azbot speaks plain HTTP: whoever has the certificate stands before it, on
        # this machine as the guide has it.
        answers["web.trusted_proxies"] = ["127.0.0.1"]
    return answers


USUAL: Mapping[int, str] = {993: "tls", 465: "tls", 143: "starttls", 587: "starttls"}


def is_here(host: str) -> bool:
    """Whether a server is on this machine, where nobody else hears."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def place(section: str, usual: int) -> Parse:
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
            spoken = USUAL.get(port, "none" if is_here(host) else "starttls")
            answers[f"{section}.security"] = spoken
        return answers

    return parse


def security(section: str) -> Parse:
    """Read how a connection is protected, as mail programs call it."""

    def parse(text: str, _draft: Draft, _around: Around) -> Answers:
        word = text.casefold().replace("-", "")
        ways = {"ssl": "tls", "ssl/tls": "tls"}
        return {f"{section}.security": ways.get(word, word)}

    return parse


def secret(path: str) -> Parse:
    """Take a secret as it is typed; nothing typed leaves what is known."""

    def parse(text: str, draft: Draft, _around: Around) -> Answers:
        if text:
            return {path: text, f"{path}_env": None, f"{path}_file": None}
        if path == "email.smtp.password" and is_shared(draft):
            ways = ("", "_env", "_file")
            return {
                f"{path}{w}": _value(draft, f"email.imap.password{w}") for w in ways
            }
        return {}

    return parse


def _value(draft: Draft, path: str) -> Value:
    value = draft.get(path)
    return None if value is None else str(value)


def is_shared(draft: Draft) -> bool:
    """Whether both servers have one account, and only one has its password yet."""
    return (
        draft.text("email.smtp.user") == draft.text("email.imap.user")
        and draft.has_secret("email.imap.password")
        and not draft.has_secret("email.smtp.password")
    )


def elsewhere(path: str) -> Parse:
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


def yes(text: str, _draft: Draft, around: Around) -> Answers:
    """Read yes or no."""
    letter = text[:1].casefold()
    if letter in around.words.t("setup.letters.yes"):
        return {"round_trip": True}
    if letter in around.words.t("setup.letters.no"):
        return {"round_trip": False}
    raise NotMeant("yes_or_no")


def token(text: str, draft: Draft, around: Around) -> Answers:
    """Read the token of a bot; taken back, it is nowhere any more."""
    if text == NOTHING:
        return dict.fromkeys(
            ("telegram.token", "telegram.token_env", "telegram.token_file")
        )
    if text and not re.fullmatch(r"\d+:[A-Za-z0-9_-]{20,}", text):
        raise NotMeant("token")
    return secret("telegram.token")(text, draft, around)


def zone(text: str, draft: Draft, _around: Around) -> Answers:
    """Read a time zone, or the city that names one."""
    known = {zone.casefold(): zone for zone in available_timezones()}
    name = text.replace(" ", "_").casefold()
    near = [zone for low, zone in known.items() if low.rpartition("/")[2] == name]
    zone = known.get(name) or (near[0] if len(near) == 1 else text)
    answers: dict[str, Value] = {"workflow.zone": zone}
    if draft.text("workflow.zone") != zone or not draft.text("workflow.country"):
        answers["workflow.country"] = country_of(zone) or None
    return answers


def country(text: str, draft: Draft, _around: Around) -> Answers:
    """Read a country, which decides on public holidays."""
    country = text.upper()
    answers: dict[str, Value] = {"workflow.country": country}
    if draft.filed.get("workflow.country") != country:
        # The only public holidays azbot knows by itself.
        answers["workflow.french_holidays"] = country == "FR"
    return answers


def country_of(zone: str) -> str:
    """Return the country most people of a time zone live in, two letters, or nothing.

    Source: zone1970.tab of the time zone database.
    """
    table = files("tzdata") / "zoneinfo" / "zone1970.tab"
    for line in table.read_text("utf-8").splitlines():
        if not line.startswith("#") and (cells := line.split("\t"))[2] == zone:
            return cells[0][:2]
    return ""


def email(text: str, draft: Draft, _around: Around) -> Answers:
    """Read the address of the administrator, who gets alerts too."""
    # What azbot sends to its own mailbox is a loop, and read by nobody.
    if text.casefold() == draft.text("email.address").casefold():
        raise NotMeant("own_mailbox")
    return {"administrator.email": text, "service.admin": text}
