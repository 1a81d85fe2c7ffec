"""The bucket that keeps the files: written to, read, listed, and cleaned up again."""

from __future__ import annotations

import asyncio
import json
import shlex
import sys
from pathlib import Path
from time import monotonic

from azbot.config import BucketSettings
from azbot.doctor.finding import Finding, Note, Repair, failure, ok
from azbot.doctor.servers import lines
from azbot.errors import StoreUnreachable

PAGE = "docs/admin/growing.md"
_SECTION = "store.s3"
_CONNECT, _COMMAND = 2.0, 2.0
"""Seconds: four requests fit into the ten of a probe."""


class FilesProbe:
    """Keeps a tiny object in the bucket for a moment.

    Args:
        bucket: ``[store.s3]``, the key in it.
    """

    name = "files"

    def __init__(self, bucket: BucketSettings) -> None:
        self._bucket = bucket

    async def check(self) -> Finding:
        """Look, within ten seconds."""
        return Finding(self.name, (await self._note(),))

    async def _note(self) -> Note:
        bucket = self._bucket
        hurried = bucket.model_copy(
            update={
                "connect_seconds": min(bucket.connect_seconds, _CONNECT),
                "command_seconds": min(bucket.command_seconds, _COMMAND),
            }
        )
        try:
            from azbot.store.visiting import visit  # noqa: PLC0415 - an extra
        except ModuleNotFoundError:
            pip = shlex.quote(str(Path(sys.executable).with_name("pip")))
            paste = f"{pip} install obstore~=0.12.1"
            return failure("bucket_extra", Repair("bucket_extra", {}, paste))
        began = monotonic()
        try:
            hurdle = await asyncio.to_thread(visit, hurried)
        except StoreUnreachable:
            return failure("bucket_ca", self._trust(), where=bucket.url)
        if hurdle is None:
            ms = f"{(monotonic() - began) * 1000:.0f}"
            return ok("bucket", bucket=bucket.bucket, ms=ms)
        return self._told(hurdle.code, hurdle.step, hurdle.region)

    def _told(self, code: str, step: str, region: str) -> Note:
        bucket, where = self._bucket.bucket, self._bucket.url
        match code:
            case "NoSuchBucket":
                return failure("bucket_none", self._made(), bucket=bucket)
            case "InvalidAccessKeyId":
                return failure("bucket_key", self._key())
            case "SignatureDoesNotMatch":
                return failure("bucket_secret", self._secret())
            case "no_key":
                return failure("bucket_no_key", self._key())
            case "AccessDenied" | "403":
                return failure(f"bucket_may_not_{step}", self._rights(), bucket=bucket)
            case "RequestTimeTooSkewed":
                repair = Repair("clock", {}, "timedatectl set-ntp true")
                return failure("bucket_clock", repair)
            case (
                "AuthorizationHeaderMalformed"
                | "PermanentRedirect"
                | "IllegalLocationConstraintException"
                | "301"
                | "307"
            ):
                return failure("bucket_region", self._region(region), bucket=bucket)
            case "name":
                return failure("bucket_name", self._endpoint(), where=where)
            case "connect":
                return failure("bucket_refused", self._endpoint(), where=where)
            case "silent":
                return failure("bucket_silent", self._endpoint(), where=where)
            case "certificate":
                return failure("bucket_certificate", self._trust(), where=where)
            case _:
                return failure("bucket_fault", code=code, where=where)

    def _made(self) -> Repair:
        endpoint = shlex.quote(self._bucket.endpoint or self._bucket.url)
        paste = (
            f"aws --endpoint-url {endpoint} --region {self._bucket.region}"
            f" s3 mb s3://{self._bucket.bucket}"
        )
        return Repair("bucket_make", {}, paste, "shell", PAGE)

    def _key(self) -> Repair:
        paste = lines(_SECTION, access_key="…", secret_key_file="s3-secret")  # noqa: S106 - a file
        return Repair("bucket_key", {}, paste, "config", PAGE)

    def _secret(self) -> Repair:
        file = self._bucket.secret_key_file
        if file is None:
            return self._key()
        # Typed unseen, and never part of a command.
        paste = f'read -rs it && printf %s "$it" > {shlex.quote(str(file))}'
        return Repair("bucket_secret", {"file": str(file)}, paste, "shell", PAGE)

    def _rights(self) -> Repair:
        """Give the policy that lets a key do what azbot does, and nothing else."""
        bucket = f"arn:aws:s3:::{self._bucket.bucket}"
        prefix = f"{self._bucket.prefix}/" if self._bucket.prefix else ""
        inside = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
        inside.append("s3:AbortMultipartUpload")
        allow = [
            {"Effect": "Allow", "Action": inside, "Resource": f"{bucket}/{prefix}*"},
            {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": bucket},
        ]
        policy = json.dumps({"Version": "2012-10-17", "Statement": allow}, indent=1)
        file = shlex.quote("azbot-policy.json")
        paste = f"cat > {file} <<'END'\n{policy}\nEND"
        return Repair("bucket_rights", {}, paste, "shell", PAGE)

    def _region(self, region: str) -> Repair:
        if not region:
            return Repair("bucket_region_ask", {}, "", "config", PAGE)
        paste = lines(_SECTION, region=region)
        return Repair("bucket_region", {"region": region}, paste, "config")

    def _endpoint(self) -> Repair:
        paste = lines(_SECTION, endpoint="https://s3.example.org")
        return Repair("bucket_endpoint", {}, paste, "config", PAGE)

    def _trust(self) -> Repair:
        paste = lines(_SECTION, ca_file="/etc/ssl/private-ca.pem")
        return Repair("bucket_trust", {}, paste, "config", PAGE)
