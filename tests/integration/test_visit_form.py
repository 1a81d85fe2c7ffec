"""The form of a visit, order by order, as a phone sends them (ux.md 8.2)."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from aiohttp import ClientResponse
from PIL import Image

from azbot.desk import Desk, DeskSettings
from azbot.messages import PersonId
from azbot.store import Store
from azbot.testing.clock import FakeClock
from azbot.workflow import commands as c
from azbot.workflow import events as e
from azbot.workflow.deadlines import Rules
from azbot.workflow.model import AssistanceRef, Intervention, StationId
from tests.webdesk import BROWSER, PNG, VISIT, Web, running

IDS = (f"order-{number:04d}" for number in count())
NAMES = {"installer": "Karim Benali", "client": "Sophie Martin", "station": "Luc Petit"}
TRACK = [[[100, 500], [400, 300], [900, 700]]]


@pytest.fixture
async def each_web(store: Store, clock: FakeClock) -> AsyncIterator[Web]:
    async with running(store, clock) as served:
        yield served


class Phone:
    """A technician's phone that holds the link of a mission."""

    def __init__(self, web: Web, ref: str, headers: dict[str, str]) -> None:
        self.web = web
        self.ref = ref
        self.url = f"/missions/{ref}/visits/1"
        self.headers = {**headers, "Accept": "application/json"}

    async def post(self, path: str, **body: object) -> ClientResponse:
        order = {"id": next(IDS), **body}
        return await self.web.client.post(
            f"{self.url}/{path}", json=order, headers=self.headers
        )

    async def sent(self, path: str, **body: object) -> Any:
        response = await self.post(path, **body)
        found = await response.json()
        assert response.status == 200, found
        return found

    async def photo(self, octets: bytes, **query: str) -> ClientResponse:
        query = {"id": next(IDS), "name": "photo.jpg", **query}
        return await self.web.client.post(
            f"{self.url}/photos", params=query, data=octets, headers=self.headers
        )

    async def sign(self, role: str, **more: Any) -> ClientResponse:
        order = {
            "method": "drawn",
            "name": NAMES[role],
            "strokes": TRACK,
            "seen": (await self.visit()).answers,
            **more,
        }
        return await self.post(f"signatures/{role}", **order)

    async def visit(self) -> Intervention:
        it = await self.web.deps.store.views.by_ref(AssistanceRef(self.ref))
        visit = it.intervention(1)
        assert visit is not None
        return visit

    async def told(self) -> list[e.Event]:
        views = self.web.deps.store.views
        it = await views.by_ref(AssistanceRef(self.ref))
        return [line.event for line in await views.timeline(it.id, is_internal=True)]


async def contact_of(web: Web, station: int) -> PersonId:
    key = StationId(station)
    return (await web.deps.store.views.contacts_of([key]))[key][0].id


async def phone_of(web: Web, *, is_on_site: bool = True) -> Phone:
    ref = await web.underway()
    when = (web.clock.now() + timedelta(days=2)).isoformat()
    await web.command(ref, "schedule-intervention", planned_at=when)
    person = await contact_of(web, web.station_id)
    phone = Phone(web, ref, await web.visitor(ref, person))
    if is_on_site:
        await phone.sent("arrival")
    return phone


def jpeg(red: int = 200) -> bytes:
    octets = io.BytesIO()
    Image.new("RGB", (64, 48), (red, 80, 80)).save(octets, "JPEG")
    return octets.getvalue()


def sha(octets: bytes) -> str:
    return hashlib.sha256(octets).hexdigest()


async def test_a_whole_visit_goes_through_and_every_order_may_come_twice(
    each_web: Web,
) -> None:
    """X19, T8, T18: answers, photos, signatures, the end, each sent again at once."""
    phone = await phone_of(each_web, is_on_site=False)
    orders: list[tuple[str, dict[str, object]]] = [
        ("arrival", {}),
        ("answers", {"changes": {**VISIT, "photos": [sha(jpeg())]}}),
    ]
    for path, body in orders:
        order = {"id": next(IDS), **body}
        first, second = [await phone.sent(path, **order) for _ in range(2)]
        assert first == second
    seen = (await phone.visit()).answers
    for role, name in NAMES.items():
        order = {
            "id": next(IDS),
            "name": name,
            "method": "drawn",
            "strokes": TRACK,
            "aspect": 2400,
            "seen": seen,
            "email": "sophie@clim-martin.example" if role == "client" else "",
            "wants_report": role == "client",
        }
        for _ in range(2):
            await phone.sent(f"signatures/{role}", **order)

    early = await phone.post("finish")
    assert early.status == 409
    assert (await early.json())["code"] == "photos_missing"
    query = {"id": next(IDS), "point": "2"}
    for _ in range(2):
        taken = await phone.photo(jpeg(), **query)
        assert taken.status == 200
        assert (await taken.json())["file"] == sha(jpeg())
    order = {"id": next(IDS)}
    for _ in range(2):
        ended = await phone.sent("finish", **order)
        assert ended["told"]["status"] == "finished"

    events = await phone.told()
    kinds = [type(event) for event in events]
    once = (e.StationArrived, e.InterventionFormSaved, e.InterventionFinished)
    assert all(kinds.count(kind) == 1 for kind in once)
    assert kinds.count(e.SignatureGiven) == 3
    it = await each_web.deps.store.views.by_ref(AssistanceRef(phone.ref))
    (document,) = [d for d in it.documents if d.intervention == 1]
    assert (document.kind, document.point) == ("photo", 2)
    assert [s.aspect for s in (await phone.visit()).signatures] == [2400] * 3


async def test_a_bad_answer_is_explained_and_stops_no_other(web: Web) -> None:
    phone = await phone_of(web)
    changes = {
        "distance_km": "12,5",
        "time_in": "vers midi",
        "next_visit_at": "2020-01-01T10:00",
        "production_units": [{"maker": "Daikin"}],
        "nothing_of_the_form": 1,
    }
    told = await phone.sent("answers", changes=changes)
    problems = told["problems"]
    assert sorted(problems) == sorted(set(changes) - {"distance_km"})
    assert (
        problems["time_in"]["words"]
        == "Écrivez une heure, par exemple 13\u00a0h\u00a005."
    )
    assert problems["production_units"]["path"] == [0, "model"]
    assert told["told"]["answers"] == {"distance_km": "12.5"}

    taken_back = await phone.sent("answers", changes={"distance_km": None})
    assert not (await phone.visit()).answers.get("distance_km")
    assert taken_back["told"]["revision"] == 2


async def test_two_phones_merge_field_by_field_and_the_last_one_wins(web: Web) -> None:
    """Ux.md 8.2, conflict: both values stand in the history."""
    phone = await phone_of(web)
    await phone.sent("answers", changes={"distance_km": 12, "time_in": "13:00"})
    late = {"id": next(IDS), "changes": {"distance_km": 14}}
    await phone.sent("answers", **late)
    await phone.sent("answers", changes={"distance_km": 15})
    again = await phone.sent("answers", **late)
    assert again["told"]["answers"]["distance_km"] == "15", (
        "a replay overwrites nothing"
    )
    assert again["told"]["answers"]["time_in"] == "13:00"
    saved = [x for x in await phone.told() if isinstance(x, e.InterventionFormSaved)]
    pairs = [
        (x.before, x.after)
        for each in saved
        for x in each.changes
        if x.field == "distance_km"
    ]
    assert pairs == [(None, "12"), ("12", "14"), ("14", "15")]


async def test_a_signature_stands_on_what_was_seen_and_freezes_it(web: Web) -> None:
    """R137, R138, T9, T10."""
    phone = await phone_of(web)
    await phone.sent("answers", changes=VISIT)
    older = {**(await phone.visit()).answers, "distance_km": "999"}
    cases: list[tuple[dict[str, Any], str]] = [
        ({"seen": older}, "form_changed"),
        ({"name": "  "}, "signatory_name_needed"),
        ({"strokes": [[[500, 500], [510, 505]]]}, "signature_too_short"),
        ({"strokes": []}, "signature_too_short"),
        ({"email": "pas une adresse"}, "bad_answers"),
        ({"method": "waived", "reason": "absent"}, "waiver_off"),
    ]
    for more, code in cases:
        refused = await phone.sign("client", **more)
        assert refused.status in (409, 422), code
        assert (await refused.json())["code"] == code
    raw = {**VISIT, "distance_km": " 12 km", "time_out": "15h"}
    assert (await phone.sign("client", seen=raw)).status == 200, "as it was typed"

    frozen = await phone.post("answers", changes={"distance_km": "99"})
    assert (frozen.status, (await frozen.json())["code"]) == (409, "form_signed")
    stray = await phone.photo(jpeg(10))
    assert (await stray.json())["code"] == "form_signed", "no photo of the form"
    other = await phone.sign("client", name="Jean Autre")
    assert (await other.json())["code"] == "already_signed"

    await phone.sent("signatures/remove")
    assert (await phone.visit()).signatures == ()
    assert any(isinstance(x, e.SignaturesRemoved) for x in await phone.told())
    await phone.sent("answers", changes={"distance_km": "99"})


async def test_a_reasoned_waiver_stands_where_the_setting_allows_it(
    sqlite_store: Store, clock: FakeClock
) -> None:
    """R136."""
    rules = Rules(allow_waiver=True)
    address = DeskSettings("support@sav.example", "admin@sav.example")
    desk = Desk(sqlite_store, clock, address, lambda: rules)
    async with running(sqlite_store, clock, desk=desk) as web:
        phone = await phone_of(web)
        await phone.sent("answers", changes=VISIT)
        page = await web.client.get(phone.url, headers={**phone.headers, **BROWSER})
        assert '"allow_waiver": true' in await page.text()
        refused = await phone.sign("client", method="waived", name="")
        assert (await refused.json())["code"] == "reason_needed"
        waived = await phone.sign(
            "client", method="waived", name="", reason="Absent, injoignable"
        )
        told = (await waived.json())["told"]["signatures"]
        assert [(s["method"], s["reason"]) for s in told] == [
            ("waived", "Absent, injoignable")
        ]


async def test_nothing_is_finished_past_the_page(web: Web) -> None:
    """T8 by direct request, T19."""
    phone = await phone_of(web)
    refused = await phone.post("finish")
    assert (await refused.json())["code"] == "form_incomplete"
    await phone.sent("answers", changes=VISIT)
    for role in ("installer", "client"):
        assert (await phone.sign(role)).status == 200
    refused = await phone.post("finish")
    told = await refused.json()
    assert (refused.status, told["code"]) == (409, "signatures_missing")
    assert (await phone.sign("station")).status == 200
    await phone.sent("finish")
    for path, body in (
        ("answers", {"changes": {"distance_km": "99"}}),
        ("signatures/remove", {}),
    ):
        late = await phone.post(path, **body)
        assert late.status == 409, path
    assert (await phone.photo(jpeg(3))).status == 409
    assert (await phone.visit()).answers["distance_km"] == "12"


async def test_another_station_a_client_and_a_lost_mission_find_nothing(
    web: Web,
) -> None:
    """C14: as if it did not exist."""
    phone = await phone_of(web)
    foreign = await contact_of(web, web.other_station_id)
    link = await web.link(phone.ref, foreign)
    assert (await web.client.get(link, headers=BROWSER)).status == 410
    client = Phone(web, phone.ref, await web.visitor(phone.ref))
    nobody = Phone(web, phone.ref, dict(BROWSER))
    unknown = Phone(web, "ASFR99999999", dict(BROWSER))
    for each in (client, nobody, unknown):
        for path in ("arrival", "finish", "signatures/remove"):
            assert (await each.post(path)).status == 404
        assert (await each.post("answers", changes={"distance_km": 1})).status == 404
        assert (await each.photo(jpeg())).status == 404
        shown = await web.client.get(each.url, headers=each.headers)
        assert shown.status == 404
    strange = await web.client.get(
        f"/missions/{phone.ref}/visits/7", headers=phone.headers
    )
    assert strange.status == 404

    await web.do(phone.ref, c.WithdrawMission("autre station"))
    lost = await phone.post("answers", changes={"distance_km": 1})
    assert lost.status == 410
    assert (await lost.json())["detail"]


async def test_orders_of_no_shape_and_of_other_sites_are_turned_away(web: Web) -> None:
    phone = await phone_of(web)
    for body, status in (
        ({"id": "x"}, 422),
        ({"id": next(IDS), "changes": []}, 422),
        ({"id": next(IDS), "changes": {}, "more": 1}, 422),
    ):
        answer = await web.client.post(
            f"{phone.url}/answers", json=body, headers=phone.headers
        )
        assert answer.status == status, body
    broken = await web.client.post(
        f"{phone.url}/answers",
        data=b"{",
        headers={**phone.headers, "Content-Type": "application/json"},
    )
    assert broken.status == 400
    form = await web.client.post(
        f"{phone.url}/answers", data={"id": next(IDS)}, headers=phone.headers
    )
    assert form.status == 415
    elsewhere = {**phone.headers, "Sec-Fetch-Site": "cross-site"}
    crossed = await web.client.post(
        f"{phone.url}/finish", json={"id": next(IDS)}, headers=elsewhere
    )
    assert crossed.status == 403
    assert (await phone.photo(b"%PDF-1.7\n" + b"x" * 90)).status == 415
    assert (await phone.photo(PNG, id="!")).status == 400


async def test_the_page_tells_what_a_phone_needs_and_whose_it_is(web: Web) -> None:
    phone = await phone_of(web)
    headers = {**phone.headers, **BROWSER}
    page = await web.client.get(phone.url, headers=headers)
    text = await page.text()
    assert page.headers["Cache-Control"] == "no-store"
    assert len(page.headers["Azbot-Reader"]) == 16
    data = text.partition('id="visit">')[2].partition("</script>")[0]
    told = json.loads(data)
    assert told["mission"]["site"] == "18 rue des Charmettes, 69100 Villeurbanne"
    assert told["signatories"]["installer"]["name"] == "Sophie Martin"
    assert told["proposed"] == {"integration": "none"}
    assert len([s for s in told["form"]["sections"] if s["key"] != "station"]) == 7

    worker = await web.client.get("/missions/sw.js")
    script = await worker.text()
    assert worker.headers["Content-Type"].startswith("text/javascript")
    assert worker.headers["Cache-Control"] == "no-cache"
    files = json.loads(script.partition("const FILES = ")[2].partition(";\n")[0])
    for file in files:
        assert (await web.client.get(file)).status == 200, file
    for file in files:
        if file.endswith(".js"):
            source = await (await web.client.get(file)).text()
            for name in _imported(source):
                folder = file.rpartition("/")[0]
                path = folder + name.removeprefix(".")
                assert path in files, f"{file} loads {name}, which is not kept"


def _imported(source: str) -> list[str]:
    return [
        line.partition(' from "')[2].partition('"')[0]
        for line in source.splitlines()
        if line.startswith(("import ", "export ")) and ' from "' in line
    ]
