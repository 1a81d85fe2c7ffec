"""The sections of the configuration file, as frozen values.

The docstring of each key is its comment in ``config.example.toml``; a test keeps
both at the same keys and defaults.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from ipaddress import ip_network
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from azbot.config.secrets import read_secret
from azbot.errors import Problem


class Section(BaseModel):
    """Frozen; unknown keys are errors; errors never repeat a value (a secret)."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )


def _address_or_nothing(value: str) -> str:
    local, at, domain = value.rpartition("@")
    is_odd = any(char in value for char in ' <>,;"\r\n\t') or "@" in local
    if value and (is_odd or not (local and at and domain)):
        raise PydanticCustomError("not_an_address", "not a mail address")
    return value


def _ascending(values: tuple[float, ...]) -> tuple[float, ...]:
    if any(b <= a for a, b in pairwise(values)):
        raise PydanticCustomError("not_ascending", "not in ascending order")
    return values


def _network(value: str) -> str:
    try:
        ip_network(value, strict=False)
    except ValueError:
        raise PydanticCustomError("not_a_network", "not a network") from None
    return value


MailAddress = Annotated[str, AfterValidator(_address_or_nothing)]
Delay = Annotated[float, Field(gt=0, le=8760, allow_inf_nan=False)]
Delays = Annotated[tuple[Delay, ...], Field(max_length=5), AfterValidator(_ascending)]
Network = Annotated[str, AfterValidator(_network)]
Weekday = Annotated[int, Field(ge=1, le=7)]
Colour = Annotated[str, Field(pattern="^#[0-9a-fA-F]{6}$")]
DeskName = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\r\n\x00]*$")]


class ServiceSettings(Section):
    """``[service]``: who runs azbot."""

    organisation: str = Field(default="", max_length=80)
    """Company behind the desk, for footers and reports."""
    admin: MailAddress = ""
    """Where alerts go; empty: the desk's address."""
    desk: MailAddress = ""
    """Where the desk reads its notices (E23); empty: nobody is written to."""
    language: Literal["fr", "en", "es"] = "fr"
    """Of the desk, and of people whose language is not known."""
    colour: Colour = "#0b5c86"
    """Of buttons and links."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Bodies, addresses and tokens never stand above debug."""
    log_format: Literal["auto", "json", "console"] = "auto"
    """``auto``: readable lines on a terminal, one JSON object a line elsewhere."""


class BucketSettings(Section):
    """``[store.s3]``: a bucket that keeps the files, for several machines."""

    bucket: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")
    """Its name; it must exist."""
    endpoint: str = Field(default="", pattern=r"^(https?://[^/\s]+/?)?$")
    """Where the service listens; empty: Amazon's own of the region."""
    region: str = Field(default="us-east-1", pattern=r"^[A-Za-z0-9-]+$")
    """As the service calls it; most that are not Amazon take the default."""
    prefix: str = Field(default="azbot", pattern=r"^([A-Za-z0-9_.-]+/?)*$")
    """Begins every name in the bucket, which others may use too."""
    access_key: str = ""
    """Name of the key; without one: AWS_ACCESS_KEY_ID, or the role of the machine."""
    access_key_env: str | None = None
    """Name of the environment variable that holds it instead."""
    secret_key: SecretStr | None = None
    """Better given by ``secret_key_env`` or ``secret_key_file``."""
    secret_key_env: str | None = None
    """Name of the environment variable that holds the secret."""
    secret_key_file: Path | None = None
    """File that holds the secret; a line end after it does not count."""
    addressing: Literal["path", "virtual"] = "path"
    """``path``: endpoint/bucket; ``virtual``: bucket.endpoint, as Amazon wants it."""
    ca_file: Path | None = None
    """Certificates to believe too, for a private authority."""
    connect_seconds: float = Field(default=5.0, gt=0, le=60.0)
    """Time for connecting."""
    command_seconds: float = Field(default=30.0, gt=0, le=600.0)
    """Time for one request, of at most eight million octets."""

    @field_validator("endpoint", "prefix")
    @classmethod
    def _no_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @model_validator(mode="after")
    def _both_halves(self) -> Self:
        """Refuse a name without its secret, and a secret without its name."""
        names = (self.access_key or None, self.access_key_env)
        secrets = (self.secret_key, self.secret_key_env, self.secret_key_file)
        if any(n is not None for n in names) != any(s is not None for s in secrets):
            raise PydanticCustomError("half_a_key", "half a key")
        return self

    @property
    def url(self) -> str:
        """Where requests go."""
        suffix = ".cn" if self.region.startswith("cn-") else ""
        amazon = f"https://s3.{self.region}.amazonaws.com{suffix}"
        scheme, _, host = (self.endpoint or amazon).partition("://")
        bucket = f"{self.bucket}." if self.addressing == "virtual" else ""
        return f"{scheme}://{bucket}{host}"

    def with_secrets(self, environ: Mapping[str, str]) -> Self:
        """Return the section with both halves of the key in it, wherever they were.

        Raises:
            LookupError: a variable is not set.
            OSError: the file cannot be read.
        """
        name = environ[self.access_key_env] if self.access_key_env else self.access_key
        secret = read_secret(
            self.secret_key, self.secret_key_env, self.secret_key_file, environ
        )
        both = {"access_key": name.strip(), "secret_key": SecretStr(secret.strip())}
        return self.model_copy(update=both) if name else self


class StoreSettings(Section):
    """``[store]``: where everything is kept."""

    url: str = Field(default="sqlite:///data/azbot.db", repr=False)
    """``sqlite:///path`` or ``postgresql://user:password@host/name``."""
    url_env: str | None = None
    """Name of the environment variable that holds the URL instead."""
    files: Path = Path("data/files")
    """Folder of attachments and reports; with ``[store.s3]`` of what is on its way."""
    synchronous: Literal["FULL", "NORMAL"] = "FULL"
    """SQLite only: FULL survives a power cut."""
    s3: BucketSettings | None = None
    """A bucket that keeps the files instead of the folder."""

    @field_validator("url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        scheme = value.partition(":")[0]
        if scheme not in {"sqlite", "postgresql", "postgresql+psycopg"}:
            raise PydanticCustomError("store_url_unknown", "unknown kind of database")
        if scheme == "sqlite" and value.partition("///")[2] in {"", ":memory:"}:
            raise PydanticCustomError("store_url_in_memory", "no file is named")
        return value


class WebSettings(Section):
    """``[web]``: pages and API."""

    host: str = Field(default="127.0.0.1", min_length=1)
    """Address to listen on; a reverse proxy stands before it."""
    port: int = Field(default=8080, ge=0, le=65535)
    """0 takes a free one and prints it."""
    public_url: str = Field(default="", pattern=r"^(https?://[^/\s]+(/\S*)?)?$")
    """How people reach it; links in mails begin with it. Empty: no links."""
    trusted_proxies: tuple[Network, ...] = ()
    """Reverse proxies whose ``X-Forwarded-For`` is believed."""
    largest_file_mb: int = Field(default=100, ge=1, le=2000)
    """Of one uploaded file, in millions of octets (R142)."""
    clamd: str = Field(default="", pattern=r"^(/\S+|\S+:[0-9]{1,5})?$")
    """Where ClamAV's daemon listens, ``host:port`` or a path; empty: no virus scan."""
    unchecked_files: Literal["accept", "refuse"] = "accept"
    """What becomes of files while the daemon does not answer."""
    metrics_token: SecretStr | None = None
    """Opens ``/metrics`` to other machines; better given by variable or file."""
    metrics_token_env: str | None = None
    """Name of the environment variable that holds the token."""
    metrics_token_file: Path | None = None
    """File that holds the token; a line end after it does not count."""

    @field_validator("public_url")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        return value.rstrip("/")

    def with_secret(self, environ: Mapping[str, str]) -> Self:
        """Return the section with its token in ``metrics_token``, wherever it was.

        Raises:
            KeyError: the variable is not set.
            OSError: the file cannot be read.
        """
        if self.metrics_token_env is not None:
            token = environ[self.metrics_token_env]
        elif self.metrics_token_file is not None:
            token = self.metrics_token_file.read_text("utf-8")
        else:
            return self
        return self.model_copy(update={"metrics_token": SecretStr(token.strip())})


class WorkflowSettings(Section):
    """``[workflow]``: delays and rules; durations in hours or days."""

    country: str = Field(default="FR", pattern="^[A-Z]{2}$")
    """Two letters: in references, and of addresses that name none."""
    zone: str = "Europe/Paris"
    """IANA time zone of the desk's working hours."""
    opens: time = time(8)
    """Beginning of a working day."""
    closes: time = Field(default=time(18), validate_default=True)
    """End of a working day."""
    working_days: Annotated[frozenset[Weekday], Field(min_length=1)] = frozenset(
        {1, 2, 3, 4, 5}
    )
    """ISO weekdays, Monday is 1."""
    french_holidays: bool = True
    """The public holidays of France do not count."""
    closed_on: frozenset[date] = frozenset()
    """Further days that do not count."""
    proof_required: frozenset[
        Literal["marking", "commissioning", "incident_warranty", "incident"]
    ] = frozenset({"marking", "commissioning", "incident"})
    """Services whose assignment needs the order proof (R140)."""
    answer_hours: float = Field(default=24, gt=0, le=720)
    """First answer of the desk, told in the first mail; 24 h are one working day."""
    complement_reminder_days: Delays = (2, 5)
    """Reminders of a waiting or incomplete request, in working days."""
    station_reminder_hours: Delays = (24, 48)
    """Reminders of a silent station; 24 h are one working day (R147)."""
    station_silent_hours: float = Field(
        default=72, gt=0, le=2000, validate_default=True
    )
    """Then the station is « sans réponse »."""
    closing_reminder_days: float = Field(default=3, ge=0, le=365)
    """Reminder of the closing question (R150); 0 = never."""
    closing_days: float = Field(default=10, ge=0, le=365, validate_default=True)
    """Closing after silence (R150); 0 = never."""
    reopen_days: float = Field(default=30, ge=0, le=3650)
    """How long a closed assistance takes a reply as its own."""
    allow_waiver: bool = False
    """A signature may be waived with a reason (R136)."""
    max_documents: int = Field(default=30, ge=1, le=500)
    """Per assistance (R142)."""

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise PydanticCustomError("unknown_zone", "unknown time zone")
        return ZoneInfo(value).key

    @field_validator("opens", "closes")
    @classmethod
    def _without_zone(cls, value: time) -> time:
        if value.tzinfo is not None:
            raise PydanticCustomError("not_time", "the hour has a zone of its own")
        return value

    @field_validator("closes")
    @classmethod
    def _closes_later(cls, value: time, info: ValidationInfo) -> time:
        opens = info.data.get("opens")
        if opens is not None and value <= opens:
            first = {"first": f"{opens:%H:%M}"}
            raise PydanticCustomError("closes_too_early", "closes too early", first)
        return value

    @field_validator("station_silent_hours")
    @classmethod
    def _silent_later(cls, value: float, info: ValidationInfo) -> float:
        return _after(value, info.data.get("station_reminder_hours") or (0,))

    @field_validator("closing_days")
    @classmethod
    def _closing_later(cls, value: float, info: ValidationInfo) -> float:
        reminder = info.data.get("closing_reminder_days") or 0
        return _after(value, (reminder,)) if value else value

    def days(self, count: float) -> timedelta:
        """Return a number of days as a duration."""
        return timedelta(days=count)


def _after(value: float, reminders: tuple[float, ...]) -> float:
    last = max(reminders)
    if value <= last:
        raise PydanticCustomError(
            "before_reminder", "before the last reminder", {"last": f"{last:g}"}
        )
    return value


class BrandSettings(Section):
    """What people see of the desk; no section of the file, but bound as those are.

    An administrator changes it on the pages; the file says it in ``[email]`` and
    ``[service]``.
    """

    name: DeskName
    """Of the desk, beside its address."""
    organisation: str = Field(default="", max_length=80)
    """Company behind it, at the foot of mails; who answers for personal data."""
    colour: Colour
    """Of buttons and links."""


class RetentionSettings(Section):
    """``[retention]``: how long personal data are kept (ux.md 5.1)."""

    years: int = Field(default=3, ge=1, le=30)
    """After the last activity of a client; told in the privacy lines."""
    archive_years: int = Field(default=5, ge=1, le=30, validate_default=True)
    """Restricted archive until then, counted from the same day; then erasure."""

    @field_validator("archive_years")
    @classmethod
    def _archive_lasts(cls, value: int, info: ValidationInfo) -> int:
        years = info.data.get("years")
        if years is not None and value < years:
            raise PydanticCustomError(
                "archive_too_short", "ends too early", {"years": str(years)}
            )
        return value


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the file says; relative paths now start at the file's folder.

    Attributes:
        file: the file that was read.
        channels: the validated section of each channel, None when absent.
        plugins: the validated section of each channel of another package.
        absent: channels of other packages that cannot be had, and why.
        warnings: what works and should be looked at, in the order of the file.
    """

    file: Path
    service: ServiceSettings
    store: StoreSettings
    web: WebSettings
    workflow: WorkflowSettings
    retention: RetentionSettings
    channels: Mapping[str, BaseModel | None]
    plugins: Mapping[str, BaseModel] = field(default_factory=dict)
    absent: Mapping[str, Problem] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()


CORE: Mapping[str, type[BaseModel]] = {
    "service": ServiceSettings,
    "store": StoreSettings,
    "web": WebSettings,
    "workflow": WorkflowSettings,
    "retention": RetentionSettings,
}
"""The sections every installation has, in the order of the file."""
