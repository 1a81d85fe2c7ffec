"""``azbot doctor --only files``: what is wrong with a bucket, and its repair."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.doctoring import Setup
from tests.servers.s3 import S3, complaint, grumbling

KEY = {"access_key": "key-of-tests", "secret_key": "secret-of-tests"}


def configure(setup: Setup, endpoint: str, bucket: str = "files", **more: str) -> None:
    keys = {"endpoint": endpoint, "bucket": bucket, **KEY, **more}
    setup.write(store__s3=keys)
    setup.secrets += (KEY["secret_key"],)


async def test_a_bucket_is_tried_out_and_left_as_it_was(setup: Setup, s3: S3) -> None:
    bucket = s3.bucket()
    configure(setup, s3.url, bucket.bucket)
    (seen,) = await setup.look("files")
    assert (seen.level, seen.codes) == ("ok", [])
    assert bucket.bucket in seen.words
    assert s3.names(bucket) == []


async def test_without_a_bucket_there_is_nothing_to_look_at(setup: Setup) -> None:
    setup.write(store={"files": "files"})
    (seen,) = await setup.look("files")
    assert seen.level == "skipped"


async def test_a_bucket_that_is_not_there_is_made(setup: Setup, s3: S3) -> None:
    configure(setup, s3.url, "of-the-desk")
    # The program of Amazon, as far as the line that is shown needs it.
    setup.program(
        "aws",
        f'exec {sys.executable} -c "import sys, urllib.request as web; '
        "web.urlopen(web.Request(sys.argv[2] + '/' + sys.argv[7][5:], "
        'method=\'PUT\'))" "$@"',
    )
    (seen,) = await setup.look("files")
    assert (seen.level, seen.codes) == ("failure", ["bucket_none"])
    await setup.paste(seen)
    (seen,) = await setup.look("files")
    assert seen.level == "ok"


@pytest.mark.parametrize(
    ("status", "answer", "code"),
    [
        (403, complaint("InvalidAccessKeyId"), "bucket_key"),
        (403, complaint("SignatureDoesNotMatch"), "bucket_secret"),
        (403, complaint("AccessDenied"), "bucket_may_not_write"),
        (403, complaint("RequestTimeTooSkewed"), "bucket_clock"),
        (301, complaint("PermanentRedirect"), "bucket_region"),
        (500, complaint("InternalError"), "bucket_fault"),
    ],
)
async def test_what_the_service_refuses_is_told(
    setup: Setup, status: int, answer: str, code: str
) -> None:
    with grumbling((status, answer)) as service:
        configure(setup, service.url)
        (seen,) = await setup.look("files")
        told = await setup.told("files", language="en")
    assert (seen.level, seen.codes) == ("failure", [code])
    assert "doctor." not in told


async def test_a_key_without_rights_is_given_those_it_needs(setup: Setup) -> None:
    with grumbling((403, complaint("AccessDenied"))) as service:
        configure(setup, service.url)
        (seen,) = await setup.look("files")
        await setup.paste(seen)
    policy = (setup.folder / "azbot-policy.json").read_text()
    assert '"arn:aws:s3:::files/azbot/*"' in policy


async def test_a_region_that_is_wrong_is_set_to_the_one_the_service_names(
    setup: Setup,
) -> None:
    answer = complaint("AuthorizationHeaderMalformed", "<Region>eu-west-3</Region>")
    with grumbling((400, answer)) as service:
        configure(setup, service.url)
        (seen,) = await setup.look("files")
        await setup.paste(seen)
    assert seen.codes == ["bucket_region"]
    assert 'region = "eu-west-3"' in setup.file.read_text()


async def test_a_secret_that_is_wrong_is_typed_into_its_file(setup: Setup) -> None:
    file = setup.folder / "s3-secret"
    file.write_text("an older one\n")
    with grumbling((403, complaint("SignatureDoesNotMatch"))) as service:
        keys = {"endpoint": service.url, "bucket": "files", "access_key": "key"}
        setup.write(store__s3={**keys, "secret_key_file": str(file)})
        (seen,) = await setup.look("files")
        await setup.paste(seen, typing="secret-of-today")
    assert file.read_text() == "secret-of-today"


async def test_an_address_where_nothing_listens_is_told(setup: Setup) -> None:
    configure(setup, "http://127.0.0.1:1")
    (seen,) = await setup.look("files")
    assert seen.codes == ["bucket_refused"]
    configure(setup, "http://127.0.0.1:1", ca_file=str(Path(__file__)))
    (seen,) = await setup.look("configuration")
    assert "ca_file_none" in " ".join(seen.codes)


async def test_the_extra_that_is_missing_is_told(
    setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "azbot.store.visiting", None)
    configure(setup, "http://127.0.0.1:1")
    (seen,) = await setup.look("files")
    assert seen.codes == ["bucket_extra"]
    assert "obstore" in seen.repairs[0]["paste"]


async def test_the_service_is_a_witness_of_the_time(setup: Setup) -> None:
    with grumbling((200, "")) as service:
        configure(setup, service.url)
        (seen,) = await setup.look("clock")
    assert seen.level == "ok"
    assert service.asked == ["HEAD"]
