"""The eight questions of ``azbot init``, as values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from azbot.cli.setup import proposals, reading
from azbot.cli.setup.draft import Draft
from azbot.cli.setup.reading import Around, Asked, Default, Parse


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


def _is_odd(section: str) -> Asked:
    """Ask what is spoken where the port does not tell."""

    def asked(draft: Draft) -> bool:
        port, host = draft.get(f"{section}.port"), draft.text(f"{section}.host")
        return port not in reading.USUAL or reading.is_here(host)

    return asked


def _has_user(section: str) -> Asked:
    return lambda draft: bool(draft.text(f"{section}.user"))


def _is_secret_missing(section: str) -> Asked:
    def asked(draft: Draft) -> bool:
        has = draft.has_secret(f"{section}.password")
        return bool(draft.text(f"{section}.user")) and not has

    return asked


_SECRET_OF = {
    "imap_password": "email.imap.password",
    "smtp_password": "email.smtp.password",
    "token": "telegram.token",
}


def kept(line: Line, draft: Draft) -> str:
    """Return what an empty line means for a secret: a code, or nothing."""
    path = _SECRET_OF.get(line.code, "")
    if path and draft.has_secret(path):
        return "kept"
    return "shared" if line.code == "smtp_password" and reading.is_shared(draft) else ""


# --- the questions --------------------------------------------------------------------


def _server(
    kind: Literal["imap", "smtp"], usual: int, user: Default, *more: Line
) -> Question:
    """Ask for one mail server and its account.

    Args:
        kind: which.
        usual: the port that is proposed.
        user: the account that is proposed.
        more: what is asked behind.
    """
    section = f"email.{kind}"
    lines = (
        Line(
            "server",
            reading.place(section, usual),
            proposals.place(kind, usual),
            is_needed=True,
        ),
        Line(
            "security",
            reading.security(section),
            proposals.said(f"{section}.security"),
            _is_odd(section),
        ),
        Line("user", reading.to(f"{section}.user"), user),
        Line(
            f"{kind}_password",
            reading.secret(f"{section}.password"),
            asked=_has_user(section),
            is_secret=True,
        ),
        Line(
            "elsewhere",
            reading.elsewhere(f"{section}.password"),
            asked=_is_secret_missing(section),
        ),
    )
    return Question(kind, (*lines, *more), lambda draft: _where(draft, section))


def _where(draft: Draft, section: str) -> tuple[str, ...]:
    host, port = draft.text(f"{section}.host"), draft.text(f"{section}.port")
    return f"{host}:{port}", draft.text(f"{section}.user")


QUESTIONS = (
    Question(
        "name",
        (
            Line(
                "organisation",
                reading.to("service.organisation"),
                proposals.said("service.organisation"),
            ),
            Line("name", reading.to("email.name"), proposals.name, is_needed=True),
        ),
        lambda draft: (draft.text("service.organisation"), draft.text("email.name")),
    ),
    Question(
        "domain",
        (Line("domain", reading.domain, proposals.domain, is_needed=True),),
        lambda draft: (reading.domain_of(draft),),
    ),
    Question(
        "addresses",
        (
            Line(
                "address",
                reading.to("email.address"),
                proposals.address,
                is_needed=True,
            ),
            Line("own_addresses", reading.own_addresses, proposals.own_addresses),
            Line("public_url", reading.public_url, proposals.public_url),
        ),
        lambda draft: (draft.text("email.address"), draft.text("web.public_url")),
    ),
    _server("imap", 993, proposals.user),
    _server(
        "smtp",
        587,
        proposals.smtp_user,
        Line("round_trip", reading.yes, proposals.yes),
    ),
    Question(
        "telegram",
        (Line("token", reading.token, is_secret=True),),
        lambda draft: ("•••" if draft.has_secret("telegram.token") else "",),
    ),
    Question(
        "zone",
        (
            Line("zone", reading.zone, proposals.zone, is_needed=True),
            Line("country", reading.country, proposals.country, is_needed=True),
        ),
        lambda draft: (draft.text("workflow.zone"), draft.text("workflow.country")),
    ),
    Question(
        "administrator",
        (
            Line(
                "person",
                reading.to("administrator.name"),
                proposals.said("administrator.name"),
                is_needed=True,
            ),
            Line("email", reading.email, proposals.admin, is_needed=True),
        ),
        lambda draft: (draft.text("administrator.name"), _admin_of(draft)),
    ),
)
"""In the order they are asked."""


def _admin_of(draft: Draft) -> str:
    return draft.text("administrator.email") or draft.text("service.admin")
