"""Broken requests: each gets its clear error, and nothing changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pytest

from tests.webdesk import PDF, Web

COMMANDS = "/assistances/{ref}/commands"


@dataclass(frozen=True)
class Bad:
    """One broken request.

    Attributes:
        at: pointers or parameters that must be named.
        field_codes: their codes.
    """

    name: str
    method: str
    path: str
    status: int
    code: str
    body: object = None
    data: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    at: tuple[str, ...] = ()
    field_codes: tuple[str, ...] = ()
    token: str | None = None


JSON = {"Content-Type": "application/json"}
TABLE = [
    Bad("no token", "GET", "/me", 401, "token_missing", token=""),
    Bad("another scheme", "GET", "/me", 401, "token_missing", token="",
        headers={"Authorization": "Basic YTpi"}),
    Bad("a wrong token", "GET", "/me", 401, "token_wrong", token="azbot_" + "x" * 43),
    Bad("a token of another shape", "GET", "/me", 401, "token_wrong", token="secret"),
    Bad("an unknown path", "GET", "/nothing", 404, "not_found"),
    Bad("a method that is not there", "PUT", "/me", 405, "method_not_allowed", {}),
    Bad("an unknown reference", "GET", "/assistances/ASFR26999999", 404, "not_found"),
    Bad("no reference at all", "GET", "/assistances/hello", 404, "not_found"),
    Bad("a reference with a quote", "GET", "/assistances/AS'--", 404, "not_found"),
    Bad("an unknown command", "POST", COMMANDS + "/explode", 404, "not_found", {}),
    Bad("a command only azbot sends", "POST", COMMANDS + "/fire-timer", 404,
        "not_found", {"kind": "close"}),
    Bad("a body that is no JSON", "POST", COMMANDS + "/add-note", 400, "not_json",
        data=b"{'text': 1}", headers=JSON),
    Bad("a body cut in the middle", "POST", COMMANDS + "/add-note", 400, "not_json",
        data=b'{"text": "bonj', headers=JSON),
    Bad("a body in another charset", "POST", COMMANDS + "/add-note", 400, "not_json",
        data='{"text": "é"}'.encode("latin-1"), headers=JSON),
    Bad("half a surrogate pair", "POST", COMMANDS + "/add-note", 400, "not_json",
        data=b'{"text": "\\ud800"}', headers=JSON),
    Bad("brackets a thousand deep", "POST", COMMANDS + "/add-note", 400, "not_json",
        data=b'{"text": ' + b"[" * 1000, headers=JSON),
    Bad("an empty body", "POST", COMMANDS + "/add-note", 400, "not_json",
        data=b"", headers=JSON),
    Bad("a list for an object", "POST", COMMANDS + "/add-note", 422, "invalid", [],
        at=("",), field_codes=("not_object",)),
    Bad("a form for JSON", "POST", COMMANDS + "/add-note", 415,
        "unsupported_media_type", data=b"text=1",
        headers={"Content-Type": "application/x-www-form-urlencoded"}),
    Bad("a body over the limit", "POST", COMMANDS + "/add-note", 413, "too_large",
        data=b'{"text": "' + b"a" * 1_100_000 + b'"}', headers=JSON),
    Bad("a body where none belongs", "DELETE", "/stations/1", 400, "body_unexpected",
        {"is_active": False}, token="admin"),
    Bad("two values wrong at once", "POST", COMMANDS + "/schedule-intervention", 422,
        "invalid", {"planned_at": "demain", "number": "2", "colour": "blue"},
        at=("/planned_at", "/number", "/colour"),
        field_codes=("not_instant", "not_integer", "unknown_field")),
    Bad("a date without zone", "POST", COMMANDS + "/schedule-intervention", 422,
        "invalid", {"planned_at": "2026-03-25T13:00:00"}, at=("/planned_at",),
        field_codes=("no_time_zone",)),
    Bad("a visit of a week", "POST", COMMANDS + "/schedule-intervention", 422,
        "invalid", {"planned_at": "2026-03-25T13:00:00Z", "lasts": "P7D"},
        at=("/lasts",), field_codes=("too_large",)),
    Bad("a date before calendars", "POST", COMMANDS + "/schedule-intervention", 422,
        "invalid", {"planned_at": "0001-01-01T00:00:00+09:00"}, at=("/planned_at",),
        field_codes=("too_small",)),
    Bad("a missing value", "POST", COMMANDS + "/requalify", 422, "invalid",
        {"reason": "x"}, at=("/service",), field_codes=("required",)),
    Bad("a service that is none", "POST", COMMANDS + "/requalify", 422, "invalid",
        {"service": "repair", "reason": "x"}, at=("/service",),
        field_codes=("not_choice",)),
    Bad("a number no database holds", "POST", COMMANDS + "/review-document", 422,
        "invalid", {"number": 10**30, "review": "accepted"}, at=("/number",),
        field_codes=("too_large",)),
    Bad("the character NUL", "POST", COMMANDS + "/add-note", 422, "invalid",
        {"text": "a\x00b"}, at=("/text",), field_codes=("nul_character",)),
    Bad("a text of 30,000 characters", "POST", COMMANDS + "/add-note", 422, "invalid",
        {"text": "a" * 30_000}, at=("/text",), field_codes=("too_long",)),
    Bad("an unknown station", "POST", COMMANDS + "/assign-station", 422, "invalid",
        {"station": 999, "override_reason": "x"}, at=("/station",),
        field_codes=("unknown_station",)),
    Bad("an upload that is made up", "POST", COMMANDS + "/add-message", 422, "invalid",
        {"text": "x", "documents": [{"upload": "1.abc.def"}]},
        at=("/documents/0/upload",), field_codes=("unknown_upload",)),
    Bad("a phone of four digits", "POST", COMMANDS + "/amend-request", 422, "invalid",
        {"answers": {"phone": "0612"}}, at=("/answers/phone",),
        field_codes=("phone_short",)),
    Bad("a question that does not exist", "POST", COMMANDS + "/amend-request", 422,
        "invalid", {"answers": {"shoe_size": 44}}, at=("/answers/shoe_size",),
        field_codes=("unknown_field",)),
    Bad("a mission without order proof", "POST", COMMANDS + "/assign-station", 409,
        "missing_prerequisite", {"station": 1}),
    Bad("a visit before any mission", "POST", COMMANDS + "/schedule-intervention", 409,
        "wrong_status", {"planned_at": "2026-03-25T13:00:00Z"}),
    Bad("a closing before the work", "POST", COMMANDS + "/confirm-closing", 409,
        "wrong_status", {}),
    Bad("a complement without words", "POST", COMMANDS + "/ask-complement", 422,
        "comment_needed", {"comment": "  "}),
    Bad("an empty note", "POST", COMMANDS + "/add-note", 422, "empty_message",
        {"text": " "}),
    Bad("a document that is not there", "POST", COMMANDS + "/review-document", 404,
        "unknown_document", {"number": 7, "review": "accepted"}),
    Bad("a station as an agent", "POST", COMMANDS + "/add-note", 403, "role_forbidden",
        {"text": "x"}, token="station"),
    Bad("a stranger's mission", "POST", COMMANDS + "/accept-mission", 404, "not_found",
        {}, token="station"),
    Bad("an unknown parameter", "GET", "/assistances?colour=blue", 422, "invalid",
        at=("colour",), field_codes=("unknown_field",)),
    Bad("a limit of zero", "GET", "/assistances?limit=0", 422, "invalid",
        at=("limit",), field_codes=("too_small",)),
    Bad("a status that is none", "GET", "/assistances?status=lost", 422, "invalid",
        at=("status",), field_codes=("not_choice",)),
    Bad("a day that is none", "GET", "/assistances?opened_from=31/02/2026", 422,
        "invalid", at=("opened_from",), field_codes=("not_day",)),
    Bad("the last day of all", "GET", "/assistances?planned_to=9999-12-31", 422,
        "invalid", at=("planned_to",), field_codes=("too_large",)),
    Bad("a cursor that is none", "GET", "/assistances?cursor=zzz", 422, "invalid",
        at=("cursor",), field_codes=("bad_cursor",)),
    Bad("a cursor beyond all numbers", "GET", "/assistances?cursor="
        "WyIyMDI2LTAzLTAyVDA4OjAwOjAwKzAwOjAwIiwxMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMF0",
        422, "invalid", at=("cursor",), field_codes=("bad_cursor",)),
    Bad("an idempotency key with a space", "POST", COMMANDS + "/remind-client", 400,
        "key_malformed", {}, headers={"Idempotency-Key": "a b"}),
    Bad("If-Match with rubbish", "POST", COMMANDS + "/confirm-request", 412,
        "version_changed", {}, headers={"If-Match": "seven"}),
    Bad("an empty file", "POST", "/assistances/{ref}/documents?name=a.pdf", 422,
        "empty_file", data=b"", headers={"Content-Type": "application/pdf"}),
    Bad("a program named like a picture", "POST",
        "/assistances/{ref}/documents?name=photo.jpg", 415, "kind_refused",
        data=b"MZ" + b"\x00" * 500, headers={"Content-Type": "image/jpeg"}),
    Bad("a picture that is a page", "POST", "/uploads?name=plan.svg", 415,
        "kind_refused", data=b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        headers={"Content-Type": "image/svg+xml"}),
    Bad("a report made by hand", "POST", "/assistances/{ref}/documents?kind=report",
        422, "invalid", data=PDF, headers={"Content-Type": "application/pdf"},
        at=("kind",), field_codes=("not_choice",)),
    Bad("a form without a file", "POST", "/assistances/{ref}/documents", 400, "no_file",
        data=b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n',
        headers={"Content-Type": "multipart/form-data; boundary=x"}),
    Bad("a form without boundary", "POST", "/assistances/{ref}/documents", 400,
        "multipart_malformed", data=b"abc",
        headers={"Content-Type": "multipart/form-data"}),
    Bad("a document number that is a word", "GET", "/assistances/{ref}/documents/one",
        404, "not_found"),
    Bad("a report before its visit", "GET", "/assistances/{ref}/reports/1.pdf", 404,
        "not_found"),
    Bad("a station without company", "POST", "/stations", 422, "invalid",
        {"company": " ", "email": "a@sta.example"}, at=("/company",),
        field_codes=("bad_format",)),
    Bad("a station without address", "POST", "/stations", 422, "invalid",
        {"company": "A", "email": "nowhere"}, at=("/email",)),
    Bad("a station's address twice", "POST", "/stations", 409, "address_taken",
        {"company": "A", "email": "froid@sta.example"}, at=("/email",)),
    Bad("a time zone on the moon", "POST", "/stations", 422, "invalid",
        {"company": "A", "email": "a@sta.example", "zone_name": "Moon/Base"},
        at=("/zone_name",), field_codes=("zone_unknown",)),
    Bad("nobody to look for", "GET", "/people", 422, "invalid", at=("email",)),
    Bad("a dead letter that lives", "POST", "/deliveries/1/resend", 409,
        "delivery_not_dead"),
    Bad("a delivery that is not there", "POST", "/deliveries/999/resend", 404,
        "not_found"),
    Bad("a decision without assistance", "POST", "/quarantine/1/decision", 422,
        "invalid", {"action": "attach"}, at=("/ref",), field_codes=("required",)),
    Bad("a decision about nothing", "POST", "/quarantine/999/decision", 404,
        "not_found", {"action": "junk"}),
]  # fmt: skip


@pytest.mark.parametrize("bad", TABLE, ids=[bad.name for bad in TABLE])
async def test_a_broken_request_gets_its_error_and_changes_nothing(
    web: Web, bad: Bad
) -> None:
    ref = await web.opened()
    before = await _everything(web, ref)
    more: dict[str, Any] = {} if bad.data is None else {"data": BytesIO(bad.data)}
    named = {"station": web.station, "admin": web.admin}
    token = named.get(bad.token or "", bad.token)
    response = await web.call(
        bad.method,
        bad.path.format(ref=ref),
        bad.body,
        token=token,
        headers=bad.headers,
        **more,
    )
    problem = await response.json(content_type="application/problem+json")
    assert (response.status, problem["code"]) == (bad.status, bad.code), problem
    assert problem["status"] == bad.status
    assert problem["type"] == f"urn:azbot:problem:{bad.code}"
    assert problem["detail"], problem
    assert "{" not in problem["detail"] + problem["title"]
    assert "web." not in problem["detail"] + problem["title"]
    errors = problem.get("errors", [])
    places = [e.get("pointer", e.get("parameter")) for e in errors]
    assert sorted(places) == sorted(bad.at), problem
    if bad.field_codes:
        assert sorted(e["code"] for e in errors) == sorted(bad.field_codes)
    assert all(e["detail"] and "web." not in e["detail"] for e in errors)
    assert await _everything(web, ref) == before


async def _everything(web: Web, ref: str) -> object:
    views = web.deps.store.views
    listed = await views.page()
    stations = await views.stations()
    letters = await views.outbox(limit=200)
    return [i.version for i in listed.items], stations, letters, await web.events(ref)


def test_the_table_is_long_enough() -> None:
    assert len(TABLE) >= 60


async def test_problems_are_told_in_the_language_asked_for(web: Web) -> None:
    said = {}
    for language in ("fr", "en", "es", "de"):
        response = await web.call(
            "GET", "/nothing", headers={"Accept-Language": language}
        )
        said[language] = (await response.json(content_type=None))["title"]
        assert response.headers["Vary"] == "Accept-Language"
    assert said["de"] == said["fr"] == "Introuvable"
    assert (said["en"], said["es"]) == ("Not found", "No encontrado")


async def test_a_refusal_names_its_facts_for_programs(web: Web) -> None:
    ref = await web.opened()
    path = f"/assistances/{ref}/commands/assign-station"
    problem = await (await web.call("POST", path, {"station": web.station_id})).json(
        content_type=None
    )
    assert problem["facts"] == {"items": ["order_proof"]}
