"""Killed in the middle of the switch, a trial lasts; killed behind it, it is over."""

from __future__ import annotations

import signal
from datetime import timedelta
from pathlib import Path

from azbot.app import opened
from azbot.demo.photos import photo
from azbot.store import open_store
from azbot.testing.clock import FakeClock
from tests.crash import switcher
from tests.crash.forks import begin as fork
from tests.servers.smtp import SmtpSink
from tests.stores import NOW
from tests.trialdesk import asks, begin, settings_of, trying


async def test_a_switch_is_done_or_has_not_begun_whenever_it_is_killed(
    store_url: str, tmp_path: Path, clock: FakeClock, smtp_sink: SmtpSink
) -> None:
    settings = settings_of(tmp_path, store_url, smtp_sink.port)
    begin(settings, NOW)
    async with trying(settings, clock) as app:
        await asks(app, files=(("plaque.jpg", "image/jpeg", photo(2)),))
        kept = [
            box.address for box in await app.store.views.trial_boxes(with_keys=True)
        ]

    process, heard = fork(switcher.run, store_url, settings.store.files)
    with heard:
        assert heard.recv() == "done, not committed"
    process.join()
    assert process.exitcode == -signal.SIGKILL

    async with trying(settings, clock) as app:
        views = app.store.views
        assert len((await views.page()).items) == 1
        boxes = await views.trial_boxes(with_keys=True)
        assert [box.address for box in boxes] == kept

    # Committed, and dead before anybody could tidy up.
    async with open_store(store_url, settings.store.files, clock=clock) as store:
        await store.write(lambda uow: uow.trial.end())
        named = await store.write(lambda uow: uow.trial.left_behind())
        left = [blob for blob in named if store.blobs.is_whole(blob)]
        assert left
    async with opened(settings, clock=clock, environ={}) as app:
        await clock.advance(timedelta(days=60))
        await app.settle()
        assert (await app.store.views.page()).items == ()
        assert not any(app.store.blobs.is_whole(blob) for blob in left)
        assert await app.store.write(lambda uow: uow.trial.left_behind()) == []
    assert smtp_sink.received == []
