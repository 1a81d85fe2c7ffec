"""Two azbots with a folder each, one PostgreSQL and one bucket: one desk."""

from __future__ import annotations

import json
import os
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from azbot.cli import main
from tests.processes import Service, configure, running
from tests.servers.s3 import S3
from tests.webdesk import REQUEST

ROOT = str(Path(__file__).parents[2])
PHOTO = b"\xff\xd8\xff\xe0" + os.urandom(300_000)
"""What begins as a JPEG does; so long that it leaves in many chunks."""


def asked(
    service: Service, token: str, path: str, body: object = None, **headers: str
) -> bytes:
    """Ask the API; octets are sent as they are, values as JSON."""
    data = body if isinstance(body, bytes) or body is None else _json(body)
    request = urllib.request.Request(
        f"{service.address()}/api/v1{path}",
        data=data,
        headers={"Authorization": f"Bearer {token}", **headers},
    )
    if data is not None:
        kind = "application/json" if data is not body else "image/jpeg"
        request.add_header("Content-Type", kind)
    with urllib.request.urlopen(request, timeout=60) as answer:
        content: bytes = answer.read()
        return content


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def typed(output: pytest.CaptureFixture[str], folder: Path, *words: str) -> str:
    """Type a command on one of the machines; return what it prints."""
    code = main([*words, "--config", str(folder / "azbot.toml")], {})
    out, err = output.readouterr()
    assert code == 0, err
    return out


@pytest.mark.postgres
def test_a_photo_that_one_took_the_other_shows_exports_and_erases(
    s3: S3,
    postgres_url: Callable[[], str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    bucket, url = s3.bucket(), postgres_url()
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
        (folder / "secret").write_text("secret-of-tests")
        configure(
            folder,
            f"""
            [web]
            port = 0
            [store]
            url = "{url.replace("+psycopg", "")}"
            files = "files"
            [store.s3]
            endpoint = "{bucket.endpoint}"
            bucket = "{bucket.bucket}"
            access_key = "key-of-tests"
            secret_key_file = "secret"
            """,
        )
    token = typed(capsys, one, "token", "add", "tests", "--role", "agent").strip()
    with (
        running(one, "run", PYTHONPATH=ROOT) as first,
        running(two, "run", PYTHONPATH=ROOT) as second,
    ):
        person = {"email": "sophie@clim-martin.example", "name": "Sophie Martin"}
        opening = {"requester": person, "answers": REQUEST, "is_confirmed": True}
        opened: dict[str, Any] = json.loads(
            asked(first, token, "/assistances", opening)
        )
        ref = opened["assistance"]["ref"]
        papers = f"/assistances/{ref}/documents"
        asked(first, token, f"{papers}?name=photo.jpg&kind=photo", PHOTO)
        [name] = s3.names(bucket)
        assert not list((one / "files").glob("??/*")), "the folder keeps nothing"

        assert asked(second, token, f"{papers}/1") == PHOTO
        part = asked(second, token, f"{papers}/1", Range="bytes=200000-200099")
        assert part == PHOTO[200_000:200_100]

        typed(capsys, two, "export", ref, str(two / "out.zip"))
        with zipfile.ZipFile(two / "out.zip") as archive:
            contents = [archive.read(each) for each in archive.namelist()]
        assert PHOTO in contents

        cancelled = {"reason": "essai"}
        asked(
            second, token, f"/assistances/{ref}/commands/cancel-assistance", cancelled
        )
        typed(capsys, two, "erase", person["email"], "--yes")
        assert name not in s3.names(bucket)
        assert first.stop()[0] == second.stop()[0] == 0
