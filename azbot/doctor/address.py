"""The public address: reached, believed, and whether its proxy holds news back."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from ssl import cert_time_to_seconds
from urllib.parse import urlsplit

from azbot.doctor.finding import Finding, Note, Repair, failure, ok, skipped, warning
from azbot.doctor.http import Answer, ask
from azbot.doctor.reaching import fault_of
from azbot.ports import Clock

PAGE = "docs/admin/proxy.md"
SOON = 14
"""Days a certificate must hold: renewed ones do, from thirty days before their end."""

_PIECES_APART = 0.5
"""Half of what azbot lets pass between the pieces of its answer."""

_START = Repair("start", {}, "systemctl start azbot", "shell", PAGE)
_BUFFERING = {
    # What ``Server:`` begins with → what is pasted there.
    "nginx": "proxy_buffering off;\nproxy_read_timeout 60s;",
    "apache": (
        "ProxyPass / {local}/ flushpackets=on\nSetEnvIf Request_URI . no-gzip=1"
    ),
    "caddy": "reverse_proxy {local} {{\n    flush_interval -1\n}}",
}


class AddressProbe:
    """Asks azbot at the address people use.

    Args:
        public_url: that address; empty: none is set.
        local: where azbot listens on this machine, ``http://127.0.0.1:8080``.
        clock: tells how long the certificate still holds.
    """

    name = "address"

    def __init__(self, public_url: str, local: str, clock: Clock) -> None:
        self._url = public_url.rstrip("/")
        self._local = local
        self._clock = clock

    async def check(self) -> Finding:
        """Look, within ten seconds."""
        return Finding(self.name, await self._notes())

    async def _notes(self) -> tuple[Note, ...]:
        if not self._url:
            paste = '[web]\npublic_url = "https://…"'
            repair = Repair("public_url", {}, paste, "config", PAGE)
            return (warning("no_address", repair),)
        try:
            answer = await ask(f"{self._url}/healthz")
        except (OSError, ValueError) as error:
            return (await self._unreached(error),)
        if note := await self._stranger(answer):
            return (ok("address", url=self._url), note)
        return (
            ok("address", url=self._url),
            *await self._certificate(),
            *await self._stream(answer),
        )

    async def _stranger(self, answer: Answer) -> Note | None:
        """Say what answers when azbot does not."""
        if answer.status == 200 and _is_ours(answer.body):
            return None
        status = {"status": str(answer.status)}
        if answer.status in {502, 503, 504}:
            return await self._behind(**status)
        if 300 <= answer.status < 400:
            to = answer.headers.get("location", "").removesuffix("/healthz")
            paste = f'[web]\npublic_url = "{to}"'
            repair = Repair("redirect", {"to": to}, paste, "config", PAGE)
            return failure("redirected", repair, to=to)
        paste = f"location / {{\n    proxy_pass {self._local};\n}}"
        return failure("stranger", Repair("proxy", {}, paste, "proxy", PAGE), **status)

    async def _behind(self, **status: str) -> Note:
        """The proxy answers, azbot does not: which of the two is to blame?"""
        repair = _START
        if await self._is_here():
            paste = f"proxy_pass {self._local};"
            repair = Repair("proxy_elsewhere", {}, paste, "proxy", PAGE)
        return failure("not_running", repair, **status)

    async def _is_here(self) -> bool:
        """Whether azbot answers on this machine, without the proxy."""
        try:
            return _is_ours((await ask(f"{self._local}/healthz", patience=2.0)).body)
        except OSError:
            return False

    async def _unreached(self, error: Exception) -> Note:
        fault = fault_of(error) or "unreachable"
        split = urlsplit(self._url)
        url = {"url": self._url}
        host = split.hostname or ""
        if fault in {"expired", "early"}:
            repair = Repair("renew_here", url, "certbot renew", "shell", PAGE)
            return failure("certificate_expired", repair, server=split.netloc)
        if fault in {"self_signed", "untrusted", "other_name", "tls", "not_tls"}:
            paste = f"certbot --nginx -d {host}"
            repair = Repair("obtain", url, paste, "shell", PAGE)
            return failure(f"address_{fault}", repair, **url)
        if fault == "name":
            record = Repair("address_record", url, f"{host}. IN A …", "dns", PAGE)
            return failure("address_name", record, **url)
        repair = _START
        if await self._is_here():
            port = split.port or (443 if split.scheme == "https" else 80)
            listens = f"ss -ltnp 'sport = :{port}'"
            reach = Repair("open_web", {"port": str(port)}, listens, "shell", PAGE)
            start = Repair("proxy_start", {}, "systemctl start nginx", "shell", PAGE)
            repair = start if fault == "refused" else reach
        return failure(f"address_{fault}", repair, **url)

    async def _certificate(self) -> tuple[Note, ...]:
        split = urlsplit(self._url)
        if split.scheme != "https":
            paste = f"certbot --nginx -d {split.hostname}"
            repair = Repair("https", {}, paste, "shell", PAGE)
            is_local = split.hostname in {"localhost", "127.0.0.1", "::1"}
            return () if is_local else (warning("address_http", repair),)
        host, port = split.hostname or "", split.port or 443
        async with asyncio.timeout(4.0):
            _, writer = await asyncio.open_connection(host, port, ssl=True)
        try:
            shown = writer.get_extra_info("peercert") or {}
        finally:
            writer.transport.abort()
        ends = cert_time_to_seconds(str(shown["notAfter"]))
        left = datetime.fromtimestamp(ends, UTC) - self._clock.now()
        if left.days < SOON:
            renew = Repair("renew_soon", {}, "certbot renew", "shell", PAGE)
            return (warning("certificate_soon", renew, days=str(left.days)),)
        return (ok("certificate", days=str(left.days)),)

    async def _stream(self, health: Answer) -> tuple[Note, ...]:
        """Look whether pieces come one by one, as the live pages need them."""
        try:
            answer = await ask(f"{self._url}/healthz/stream", patience=5.0)
        except OSError:
            return (skipped("stream_unknown"),)
        if answer.status != 200:
            return (skipped("stream_unknown"),)
        if answer.seconds >= _PIECES_APART:
            return (ok("stream"),)
        server = health.headers.get("server", "").lower()
        known = next((name for name in _BUFFERING if server.startswith(name)), "nginx")
        paste = _BUFFERING[known].format(local=self._local)
        repair = Repair("buffering", {"proxy": known}, paste, "proxy", PAGE)
        return (warning("stream_held", repair),)


def _is_ours(body: bytes) -> bool:
    """Whether this is what azbot says at ``/healthz``."""
    try:
        said = json.loads(body)
    except ValueError:
        return False
    return isinstance(said, dict) and {"status", "version"} <= said.keys()
