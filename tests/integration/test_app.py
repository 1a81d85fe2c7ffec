"""The composition root: what the file says reaches who needs it."""

from __future__ import annotations

from pathlib import Path

from azbot.app import SECTIONS, opened
from azbot.channels.web.settings import Notice
from azbot.config import load

_FILE = """
[service]
organisation = "Régulation Exemple"

[web]
public_url = "https://sav.example/"
trusted_proxies = ["127.0.0.1", "10.0.0.0/8"]
largest_file_mb = 25
metrics_token_env = "SCRAPE"

[retention]
years = 2
archive_years = 4

[email]
address = "sav@exemple.example"
"""


async def test_the_web_gets_what_the_file_says(tmp_path: Path) -> None:
    file = tmp_path / "azbot.toml"
    file.write_text(_FILE, encoding="utf-8")
    settings = load(file, SECTIONS, {"SCRAPE": "word"})
    async with opened(settings, environ={}) as app:
        web = app.web()
        assert web.metrics is app.metrics
    assert web.settings.public_url == "https://sav.example"
    assert web.settings.trusted_proxies == ("127.0.0.1", "10.0.0.0/8")
    assert web.settings.largest_file == 25_000_000
    assert web.settings.metrics_token == "word"
    assert web.controller == "Régulation Exemple"
    assert web.settings.notice == Notice(
        "sav@exemple.example", years=2, archive_years=4
    )
