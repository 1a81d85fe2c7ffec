"""The room of the figures over HTTP."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from tests.webdesk import BROWSER, Web

TABLES = (
    *("summary", "flow", "open", "answers", "parties"),
    *("visits", "stations", "station_times", "refusals"),
)


async def test_the_page_counts_what_the_desk_did(web: Web) -> None:
    await web.finished()
    await web.opened(service="incident")
    agent = await web.sign_in("agent")
    answer = await web.client.get("/inbox/stats?period=7", headers=agent)
    page = await answer.text()
    assert answer.status == 200
    assert "<dt>Ouvertes maintenant</dt><dd>2</dd>" in page
    assert "<dt>Reçues</dt><dd>2</dd>" in page
    assert page.count('role="img"') == 8
    assert "style=" not in page
    assert "<script" not in page
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy


async def test_filters_narrow_the_figures_and_stay_in_the_addresses(web: Web) -> None:
    await web.opened(service="incident", postcode="75011")
    await web.opened(service="marking")
    agent = await web.sign_in("agent")
    address = "/inbox/stats?period=90&service=incident&department=75"
    page = await (await web.client.get(address, headers=agent)).text()
    assert "<dt>Reçues</dt><dd>1</dd>" in page
    assert "period=90&amp;service=incident&amp;department=75" in page
    assert '<option value="75" selected>' in page
    none = await web.client.get(f"{address[:-2]}2A", headers=agent)
    assert "<dt>Reçues</dt><dd>0</dd>" in await none.text()


async def test_dates_that_make_no_period_are_told_and_the_usual_one_shown(
    web: Web,
) -> None:
    agent = await web.sign_in("agent")
    address = "/inbox/stats?period=free&from=2026-03-02&to=2026-03-01"
    page = await (await web.client.get(address, headers=agent)).text()
    assert 'role="alert"' in page
    assert "La première date vient après la seconde." in page


@pytest.mark.parametrize("table", TABLES)
async def test_every_table_can_be_taken_away(web: Web, table: str) -> None:
    await web.underway()
    await web.clock.advance(timedelta(hours=3))
    agent = await web.sign_in("agent")
    address = f"/inbox/stats.csv?period=7&table={table}"
    answer = await web.client.get(address, headers=agent)
    assert answer.status == 200
    assert answer.content_type == "text/csv"
    assert f"azbot-{table}-" in answer.headers["Content-Disposition"]
    text = (await answer.read()).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert len({len(row) for row in rows}) == 1
    assert len(rows) > 1


async def test_an_unknown_table_is_not_there(web: Web) -> None:
    agent = await web.sign_in("agent")
    answer = await web.client.get("/inbox/stats.csv?table=x", headers=agent)
    assert answer.status == 404


@pytest.mark.parametrize("path", ["/inbox/stats", "/inbox/stats.csv?table=open"])
async def test_who_is_not_signed_in_sees_no_figures(web: Web, path: str) -> None:
    answer = await web.client.get(path, headers=BROWSER, allow_redirects=False)
    assert answer.status == 303
