"""What an administrator may set of the web."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from azbot.store.uploads import Room

KIB = 1024
MIB = 1024 * KIB
OWN_PLACES = frozenset(
    """
    a account admin api brand healthz inbox metrics missions portal privacy readyz
    sign signin static trial uploads v
    """.split()  # noqa: SIM905 - twenty quotation marks hide the words
)
"""How the addresses of pages begin: no other service brings anything there."""

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Notice:
    """What the privacy page has to tell of this installation.

    Attributes:
        address: mail address of the desk.
        years: how long data are kept after the last activity.
        archive_years: how long in all, the restricted archive included.
    """

    address: str = ""
    years: int = 3
    archive_years: int = 5


@dataclass(frozen=True, slots=True)
class WebSettings:
    """How the web listens and what it takes.

    Attributes:
        host, port: where it listens; port 0 takes any free one.
        public_url: address people use, ``https://sav.example.fr``, without slash at
            the end; empty while nobody but this machine uses it.
        trusted_proxies: addresses or networks whose ``X-Forwarded-For`` is believed.
        largest_body: octets of a JSON body.
        largest_file: octets of one uploaded file (R142: 100 MB by web).
        answer_within: how long one request may take, uploads and downloads apart.
        transfer_within: how long one upload or download may take.
        drain_within: how long open requests may go on after the stop was asked.
        metrics_token: bearer token of ``/metrics``; empty: this machine alone.
        wrong_tokens: wrong bearer tokens one address may try in ``wrong_within``.
        wrong_within: the window of ``wrong_tokens``.
        upload_for: how long an upload may wait for the command that uses it, and a
            part of one for the rest.
        upload_room: how many uploads may be on their way.
        silent_for: how long a line may bring next to nothing before an upload ends.
        zone_name: IANA zone of the days in filters.
        country: two capital letters, first value of a request's country (R179).
        name: of the desk, the title of the API.
        notice: what the privacy page tells.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str = ""
    trusted_proxies: tuple[str, ...] = ()
    largest_body: int = MIB
    largest_file: int = 100 * MEGABYTE
    answer_within: timedelta = timedelta(seconds=30)
    transfer_within: timedelta = timedelta(minutes=30)
    drain_within: timedelta = timedelta(seconds=8)
    metrics_token: str = field(default="", repr=False)
    wrong_tokens: int = 10
    wrong_within: timedelta = timedelta(minutes=1)
    upload_for: timedelta = timedelta(hours=24)
    upload_room: Room = field(default_factory=Room)
    silent_for: timedelta = timedelta(seconds=30)
    zone_name: str = "Europe/Paris"
    country: str = "FR"
    name: str = "Support technique"
    notice: Notice = field(default_factory=Notice)
