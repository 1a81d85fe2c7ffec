"""An assistance lives from its registration to its end through the API alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from azbot.workflow.commands import COMMANDS
from azbot.workflow.model import Status
from tests.webdesk import API, PNG, Web


async def test_a_request_is_registered_with_a_reference_and_a_first_mail(
    web: Web,
) -> None:
    response = await web.call(
        "POST",
        "/assistances",
        {
            "requester": {
                "email": "Sophie@Clim-Martin.example",
                "name": "Sophie Martin",
            },
            "answers": {"service": "mise en service", "phone": "06 39 98 12 34"},
            "text": "Mise en service lundi.",
        },
    )
    found = await response.json()
    assert response.status == 201
    assert response.headers["Location"] == f"{API}/assistances/ASFR26000001"
    assert response.headers["ETag"] == '"1"'
    it = found["assistance"]
    assert (it["status"], it["service"]) == ("submitted", "commissioning")
    assert it["answers"]["phone"] == "+33639981234"
    assert "address" in it["missing"]
    assert {n["to"] for n in found["notices"]} >= {"requester", "desk"}


async def test_every_command_of_the_workflow_has_its_path(web: Web) -> None:
    document = await web.json("GET", "/openapi.json")
    paths = {
        path.rpartition("/")[2] for path in document["paths"] if "/commands/" in path
    }
    inner = {"RecordReport", "RecordDeliveryFailure", "RecordAbsence", "FireTimer"}
    inner.add("RecordChatBlocked")
    inner.add("SignRemotely")  # whoever was invited to sign has the link alone
    assert len(paths) == len(COMMANDS) - len(inner) - 1  # OpenAssistance has its own


async def test_a_station_accepts_and_plans_and_the_client_is_told(web: Web) -> None:
    ref = await web.underway()
    when = web.clock.now() + timedelta(days=3)
    found = await web.json(
        "POST",
        f"/assistances/{ref}/commands/schedule-intervention",
        {"planned_at": when.isoformat(), "lasts": "PT3H", "note": "Accès par la cour."},
        token=web.station,
    )
    visit = found["assistance"]["interventions"][0]
    assert (visit["status"], visit["lasts"]) == ("planned", "PT3H")
    assert found["events"][-1]["sentence"].startswith("Visite 1 programmée le jeudi 5")
    rows = await web.json("GET", f"/assistances/{ref}/deliveries")
    assert "planned" in {row["kind"] for row in rows["items"]}


async def test_a_command_that_changes_nothing_says_so(web: Web) -> None:
    ref = await web.opened()
    first = await web.command(ref, "requalify", service="marking", reason="Chantier")
    again = await web.command(ref, "requalify", service="marking", reason="Chantier")
    assert (first["is_changed"], again["is_changed"]) == (True, False)
    assert again["events"] == []


async def test_a_visit_is_filled_signed_and_finished_and_the_client_closes(
    web: Web,
) -> None:
    ref = await web.finished()
    it = await web.json("GET", f"/assistances/{ref}")
    visit = it["interventions"][0]
    assert (it["status"], visit["status"]) == ("done", "finished")
    assert visit["answers"]["time_out"] == "15:00"
    assert (
        len({s["fingerprint"] for s in visit["signatures"]} | {visit["fingerprint"]})
        == 1
    )
    closed = await web.command(ref, "confirm-closing")
    assert closed["assistance"]["status"] == "closed"


async def test_the_form_of_a_visit_says_what_it_still_needs(web: Web) -> None:
    ref = await web.underway()
    await web.command(ref, "arrive-on-site")
    saved = await web.command(
        ref, "save-intervention-form", answers={"distance_km": 12}
    )
    missing = saved["assistance"]["interventions"][0]["missing"]
    assert "distance_km" not in missing
    assert "solved" in missing


async def test_the_seven_filters_combine(web: Web) -> None:
    ref = await web.underway()
    other = await web.opened(town="Évry", postcode="91000", service="marking")
    when = web.clock.now() + timedelta(days=3)
    await web.command(ref, "schedule-intervention", planned_at=when.isoformat())
    cases = {
        "ref=000001": [ref],
        "service=marking": [other],
        "service=marking,commissioning": [other, ref],
        "address=evry": [other],
        "opened_from=2026-03-02&opened_to=2026-03-02": [other, ref],
        "opened_from=2026-03-03": [],
        "planned_from=2026-03-05&planned_to=2026-03-05": [ref],
        "status=underway&status=submitted": [other, ref],
        f"station={web.station_id}": [ref],
        "q=charmettes+clim": [other, ref],
        "department=91": [other],
        f"status=underway&service=commissioning&station={web.station_id}": [ref],
    }
    for query, wanted in cases.items():
        found = await web.json("GET", f"/assistances?{query}")
        assert [item["ref"] for item in found["items"]] == wanted, query


async def test_pages_follow_one_another_and_end(web: Web) -> None:
    refs = [await web.opened() for _ in range(5)]
    seen: list[str] = []
    path = "/assistances?limit=2&sort=opened"
    cursor = ""
    while True:
        page = await web.json("GET", path + cursor)
        seen += [item["ref"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == refs


async def test_counts_name_every_status(web: Web) -> None:
    await web.opened()
    found = await web.json("GET", "/assistances/counts")
    counts = {item["status"]: item["count"] for item in found["items"]}
    assert set(counts) == {status.value for status in Status}
    assert counts["submitted"] == 1


async def test_the_history_reads_in_three_languages_both_ways(web: Web) -> None:
    ref = await web.assigned()
    path = f"/assistances/{ref}/timeline"
    newest = await web.json("GET", path)
    oldest = await web.json("GET", f"{path}?sort=at&limit=1")
    assert [e["kind"] for e in newest["items"]] == [
        "StationAssigned",
        "AssistanceOpened",
    ]
    assert [e["kind"] for e in oldest["items"]] == ["AssistanceOpened"]
    rest = await web.json("GET", f"{path}?sort=at&cursor={oldest['next']}")
    assert [e["kind"] for e in rest["items"]] == ["StationAssigned"]
    spanish = await web.json(
        "GET", path, headers={"Accept-Language": "es-ES, fr;q=0.5"}
    )
    assert spanish["items"][-1]["sentence"] == "Solicitud registrada."


async def test_messages_and_notes_are_kept_apart(web: Web) -> None:
    ref = await web.underway()
    said = await web.call("POST", f"/assistances/{ref}/messages", {"text": "Bonjour"})
    assert said.status == 201
    await web.json("POST", f"/assistances/{ref}/notes", {"text": "Client pressé"})
    messages = await web.json("GET", f"/assistances/{ref}/messages")
    notes = await web.json("GET", f"/assistances/{ref}/notes")
    assert [m["text"] for m in messages["items"]] == ["Bonjour"]
    assert [n["text"] for n in notes["items"]] == ["Client pressé"]


async def test_a_station_sees_its_own_and_nothing_internal(web: Web) -> None:
    ref = await web.underway()
    await web.opened(town="Lyon")
    await web.json("POST", f"/assistances/{ref}/notes", {"text": "Client pressé"})
    listed = await web.json("GET", "/assistances", token=web.station)
    assert [item["ref"] for item in listed["items"]] == [ref]
    for path in ("timeline", "messages", ""):
        text = await (
            await web.call(
                "GET", f"/assistances/{ref}/{path}".rstrip("/"), token=web.station
            )
        ).text()
        assert "pressé" not in text
        assert "bon de commande par" not in text
        assert "Durand" not in text
    assert (
        await web.call("GET", f"/assistances/{ref}/notes", token=web.station)
    ).status == 403
    found = await web.json("GET", "/assistances?q=presse", token=web.station)
    assert found["items"] == []
    stolen = f"/assistances?station={web.other_station_id}"
    assert (await web.json("GET", stolen, token=web.station))["items"] == []


async def test_another_stations_assistance_looks_like_none(web: Web) -> None:
    ref = await web.assigned()
    answers = []
    for path in (ref, "ASFR26999999"):
        response = await web.call(
            "GET", f"/assistances/{path}", token=web.other_station
        )
        body = await response.json()
        body.pop("instance"), body.pop("request_id")
        answers.append((response.status, body))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404
    command = f"/assistances/{ref}/commands/accept-mission"
    assert (await web.call("POST", command, {}, token=web.other_station)).status == 404


async def test_files_of_a_note_are_hidden_from_the_station(web: Web) -> None:
    ref = await web.underway()
    upload = await (await web.call("POST", "/uploads?name=secret.png", data=PNG)).json()
    await web.json(
        "POST",
        f"/assistances/{ref}/notes",
        {"text": "Devis", "documents": [{"upload": upload["id"]}]},
    )
    theirs = await web.json("GET", f"/assistances/{ref}/documents", token=web.station)
    ours = await web.json("GET", f"/assistances/{ref}/documents")
    assert theirs["items"] == []
    assert [d["is_internal"] for d in ours["items"]] == [True]
    path = f"/assistances/{ref}/documents/1"
    assert (await web.call("GET", path, token=web.station)).status == 404
    assert (await web.call("GET", path)).status == 200


async def test_a_stale_version_is_refused_and_a_fresh_one_taken(web: Web) -> None:
    ref = await web.opened()
    path = f"/assistances/{ref}/commands/requalify"
    body = {"service": "incident", "reason": "Hors garantie"}
    tag = (await web.call("GET", f"/assistances/{ref}")).headers["ETag"]
    stale = await web.call("POST", path, body, headers={"If-Match": '"0"'})
    weak = await web.call("POST", path, body, headers={"If-Match": f"W/{tag}"})
    fresh = await web.call("POST", path, body, headers={"If-Match": tag})
    assert (stale.status, weak.status, fresh.status) == (412, 412, 200)
    assert (await stale.json())["facts"] == {"version": 1}
    assert fresh.headers["ETag"] == '"2"'


async def test_stations_are_added_changed_and_retired(web: Web) -> None:
    added = await web.json(
        "POST",
        "/stations",
        {"company": "Chaud Ouest", "email": "ouest@sta.example", "zones": ["44", "2A"],
         "phone": "01 99 00 55 66"},
    )  # fmt: skip
    path = f"/stations/{added['id']}"
    assert added["phone"] == "+33199005566"
    changed = await web.json("PATCH", path, {"email": "nouveau@sta.example"})
    assert (changed["email"], changed["company"]) == (
        "nouveau@sta.example",
        "Chaud Ouest",
    )
    contact = await web.json("GET", "/people?email=NOUVEAU@sta.example")
    assert contact["items"][0]["station"] == added["id"]
    assert (await web.call("DELETE", path)).status == 403
    assert (await web.call("DELETE", path, token=web.admin)).status == 204
    assert (await web.json("GET", path))["is_active"] is False
    found = await web.json("GET", "/stations?active=true&zone=44")
    assert found["items"] == []
    ref = await web.opened()
    refused = await web.call(
        "POST", f"/assistances/{ref}/commands/assign-station", {"station": added["id"]}
    )
    assert (await refused.json())["errors"][0]["code"] == "station_inactive"


async def test_a_token_tells_whom_it_speaks_for(web: Web) -> None:
    me = await web.json("GET", "/me", token=web.station)
    assert (me["role"], me["station"], me["token"]) == (
        "station",
        web.station_id,
        "froid",
    )
    assert "accept-mission" in me["commands"]
    assert "assign-station" not in me["commands"]


async def test_a_revoked_token_opens_nothing_at_once(web: Web) -> None:
    plain = await web.token("spare", "agent")
    assert (await web.call("GET", "/me", token=plain)).status == 200
    tokens = await web.deps.store.write(lambda uow: uow.tokens.all())
    key = next(t.id for t in tokens if t.name == "spare")
    now = web.clock.now()
    await web.deps.store.write(lambda uow: uow.tokens.revoke(key, now))
    assert (await web.call("GET", "/me", token=plain)).status == 401


@pytest.mark.parametrize("name", ["request", "intervention"])
async def test_forms_are_told_with_labels(web: Web, name: str) -> None:
    french = await web.json("GET", f"/forms/{name}")
    english = await web.json("GET", f"/forms/{name}", headers={"Accept-Language": "en"})
    labels = [f["label"] for s in french["sections"] for f in s["fields"]]
    assert all(label and "form." not in label for label in labels)
    assert french != english


async def test_the_workflow_is_told_as_it_is_defined(web: Web) -> None:
    found = await web.json("GET", "/workflow")
    assert [life["name"] for life in found["lives"]] == [
        "assistance",
        "mission",
        "intervention",
    ]
    assert found["lives"][0]["statuses"][0]["label"] == "Demandée"
