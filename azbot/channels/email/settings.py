"""What can be set about e-mail.

The sections ``[email]``, ``[email.imap]`` and ``[email.smtp]`` of the configuration
file. Values only: a password named by variable or file is read when a connection is
built, never at import.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    model_validator,
)

from azbot.config.models import DeskName
from azbot.config.secrets import read_secret

_LONGEST_HOST = 28  # so that any Message-ID of ours stays under 70 octets

Security = Literal["tls", "starttls", "none"]
"""``tls`` from the first octet, ``starttls`` after a greeting, ``none`` in clear."""

Receiver = Literal["authserv-id", "m365", "gmail", "none"]
"""Whose Authentication-Results are believed, and in which form they come."""


def _mail_address(value: str) -> str:
    """Keep a bare ASCII address; its domain is compared in lower case."""
    local, at, domain = value.rpartition("@")
    is_odd = not value.isascii() or any(char in value for char in ' <>,;"\r\n\t')
    if is_odd or not (local and at and domain) or "@" in local:
        raise ValueError("not a mail address")
    return f"{local}@{domain.lower()}"


MailAddress = Annotated[str, AfterValidator(_mail_address)]


class _Section(BaseModel):
    """Frozen; unknown keys are errors; errors never repeat a value (a secret)."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )


class _Server(_Section):
    """One mail server and how to sign in to it."""

    host: str = Field(min_length=1)
    """Name of the server; its certificate must carry it."""
    user: str = ""
    """Account; empty for a server without accounts (a local relay)."""
    password: SecretStr | None = None
    """Better given by ``password_env`` or ``password_file``."""
    password_env: str | None = None
    """Name of the environment variable that holds the password."""
    password_file: Path | None = None
    """File that holds the password; a line end after it does not count."""
    ca_file: Path | None = None
    """Certificates to believe instead of the system's, for a private authority."""
    verify: bool = True
    """Check the server's certificate; False only for a test server."""

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        """Refuse two places for one secret."""
        given = (self.password, self.password_env, self.password_file)
        if sum(value is not None for value in given) > 1:
            raise ValueError("give one of password, password_env and password_file")
        return self

    def secret(self, environ: Mapping[str, str]) -> str:
        """Return the password, empty when none is set.

        Args:
            environ: the process environment.

        Raises:
            LookupError: the variable is not set.
            OSError: the file cannot be read.
        """
        return read_secret(
            self.password, self.password_env, self.password_file, environ
        )


class ImapSettings(_Server):
    """``[email.imap]``: where mail is read."""

    port: int = Field(default=993, ge=1, le=65535)
    """993 for ``tls``, 143 for ``starttls`` and ``none``."""
    security: Security = "tls"
    """How the connection is protected."""
    folder: str = Field(default="INBOX", min_length=1)
    """The folder that is read; with Gmail INBOX, never All Mail."""
    after: Literal["leave", "seen", "move"] = "leave"
    """What is done with a message once it is stored here."""
    processed_folder: str = "Processed"
    """Where ``move`` puts messages; made when it does not exist."""
    idle_minutes: float = Field(default=4.0, gt=0, le=9.0)
    """One IDLE lasts this long, then the link is proved alive by ending it."""
    poll_seconds: float = Field(default=60.0, ge=0.05, le=600.0)
    """Look for new mail at least this often, whatever the server announces."""
    done_seconds: float = Field(default=8.0, gt=0, le=30.0)
    """A server that has not ended IDLE after this is gone."""
    connect_seconds: float = Field(default=20.0, gt=0, le=120.0)
    """Time for connecting, securing and signing in, each."""
    command_seconds: float = Field(default=60.0, gt=0, le=600.0)
    """Time for the answer to any other command."""
    batch_messages: int = Field(default=50, ge=1, le=100)
    """Messages asked for at once; more than 800 would break the library."""
    batch_bytes: int = Field(default=2_000_000, ge=1, le=64_000_000)
    """Octets asked for at once, one message at least."""
    max_message_bytes: int = Field(default=35_000_000, ge=1_000, le=200_000_000)
    """A larger message is kept by its beginning only and its sender told."""
    giant_bytes: int = Field(default=1_000_000, ge=1_000, le=35_000_000)
    """How much of such a giant is fetched."""


class SmtpSettings(_Server):
    """``[email.smtp]``: where mail leaves."""

    port: int = Field(default=587, ge=1, le=65535)
    """465 for ``tls``, 587 for ``starttls``, 25 for a local relay."""
    security: Security = "starttls"
    """How the connection is protected."""
    hello_name: str = Field(default="", pattern=r"^[A-Za-z0-9.:\[\]-]*$")
    """How this machine greets the server; empty: its own name."""
    connections: int = Field(default=2, ge=1, le=3)
    """Connections kept open and used again."""
    per_domain: int = Field(default=2, ge=1, le=20)
    """Messages on their way to one recipient domain at the same time."""
    connect_seconds: float = Field(default=20.0, gt=0, le=120.0)
    """Time for connecting, securing and signing in, all together."""
    command_seconds: float = Field(default=60.0, gt=0, le=600.0)
    """Time for one message, plus a second for every 50 kB."""
    idle_seconds: float = Field(default=30.0, gt=0, le=300.0)
    """A connection unused for longer is replaced, before the server cuts it."""


class EmailSettings(_Section):
    """``[email]``: the desk's mailbox and whom it believes."""

    address: MailAddress
    """The desk's mailbox: From, and the base of every reply address."""
    name: DeskName = "Support technique"
    """Shown beside the address."""
    own_addresses: tuple[MailAddress, ...] = ()
    """Other addresses that reach the same mailbox: mail *from* them is a loop."""
    reply_mode: Literal["plus", "references"] = "plus"
    """``references`` for services that drop ``+token`` from addresses."""
    separator: Literal["+", "-", "="] = "+"
    """What the service puts between mailbox and sub-address."""
    message_id_host: str = Field(default="", max_length=_LONGEST_HOST)
    """Right side of Message-IDs; empty: the address's domain, shortened to fit."""
    receiver: Receiver = "none"
    """Which of the Authentication-Results headers is our own receiver's."""
    authserv_id: str = ""
    """The name our receiver signs with, for ``receiver = "authserv-id"``."""
    max_attachment_bytes: int = Field(default=10_000_000, ge=0, le=30_000_000)
    """A larger file leaves as a link."""
    imap: ImapSettings | None = None
    """Absent: nothing is received by IMAP."""
    smtp: SmtpSettings | None = None
    """Absent: nothing leaves by SMTP."""

    @model_validator(mode="after")
    def _receiver_is_named(self) -> Self:
        """A header can only be told apart by its name."""
        if self.receiver == "authserv-id" and not self.authserv_id:
            raise ValueError('receiver = "authserv-id" needs authserv_id')
        return self

    @property
    def domain(self) -> str:
        """Domain of the desk's address."""
        return self.address.rpartition("@")[2]

    @property
    def id_host(self) -> str:
        """Right side of our Message-IDs, at most 28 characters.

        The domain loses leading labels, then characters, until it fits: the
        signature, not the host, makes the ids unique.
        """
        host = self.message_id_host or self.domain
        while len(host) > _LONGEST_HOST and host.count(".") > 1:
            host = host.partition(".")[2]
        return host[-_LONGEST_HOST:].lstrip("-.")

    @property
    def loop_mark(self) -> str:
        """What ``X-Azbot-Loop`` says: this desk, without naming it."""
        return hashlib.sha256(self.address.lower().encode()).hexdigest()[:16]

    @property
    def list_id(self) -> str:
        """What ``List-Id`` says: ``support.example.fr``, for filters."""
        local = self.address.rpartition("@")[0].lower()
        return f"{local}.{self.domain}"
