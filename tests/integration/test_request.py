"""A new request in four steps, by a browser without script (ux.md 7.3)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from aiohttp import FormData
from typing_extensions import override
from yarl import URL

from azbot.channels.web.staff import new_secret
from azbot.channels.web.uploads import Upload, issue
from azbot.channels.web.visitors.access import SESSION, session_hash
from azbot.forms.assistance import ASSISTANCE
from azbot.forms.filling import ASKED, REQUESTER, step_of
from azbot.i18n.catalogue import catalogue
from azbot.messages import PersonId
from azbot.store import NewPerson, PersonKind, Store, UnitOfWork
from azbot.store.accounts import Session
from azbot.store.queries import Filters
from azbot.store.request_drafts import owner_of
from azbot.testing.clock import FakeClock
from azbot.workflow.model import Assistance, DocumentKind
from tests.webdesk import BROWSER, KEYRING, PDF, PNG, REQUEST, Web, running

NEW = "/portal/new"
SITE = {
    "service": "commissioning",
    "address": "18 rue des Charmettes",
    "postcode": "69100",
    "town": "Villeurbanne",
}
INSTALLATION = {
    "system": "zoned_ducted",
    "system_count": "1",
    "thermostat_count": "5",
    "maker": "daikin",
    "own_number": "CM-4471",
}
CONTACT = {"contact_name": "Karim Benali", "phone": "06 39 98 56 78"}
ANSWERS = (SITE, INSTALLATION, CONTACT)


class Form(HTMLParser):
    """What a browser would send of the form of a step, untouched."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._is_inside = False
        self._select = ""
        self._long = ""
        self.feed(html)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "form":
            self._is_inside = given.get("id") == "request"
        elif not self._is_inside or (not name and tag != "option"):
            return
        elif tag == "input":
            kind = given.get("type")
            if kind in ("radio", "checkbox"):
                if "checked" in given:
                    self.values[name] = value
            elif kind != "file":
                self.values[name] = value
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in given:
            self.values[self._select] = value
        elif tag == "textarea":
            self._long = name
            self.values[name] = ""

    @override
    def handle_data(self, data: str) -> None:
        if self._long:
            self.values[self._long] += data

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._long = ""
        if tag == "form":
            self._is_inside = False


@dataclass
class Client:
    """Somebody a code proved, and their browser, which runs no script."""

    web: Web
    person: PersonId
    headers: Mapping[str, str]
    html: str = ""
    status: int = 0
    path: str = ""
    seen: list[str] = field(default_factory=list)

    async def open(self, path: str = NEW) -> str:
        """Open a page, and those it leads to."""
        return await self.ask("GET", path)

    async def ask(self, method: str, path: str, **more: Any) -> str:
        answer = await self.web.client.request(
            method, path, headers=self.headers, allow_redirects=False, **more
        )
        self.status, self.html = answer.status, await answer.text()
        self.path = path
        assert answer.status < 500, self.html
        if answer.status == 303:
            self.seen.append(answer.headers["Location"])
            return await self.open(answer.headers["Location"])
        return self.html

    @property
    def form(self) -> dict[str, str]:
        return Form(self.html).values

    @property
    def step(self) -> int:
        return int(self.form["step"])

    async def press(self, go: str = "next", **typed: str) -> str:
        """Type into the page that is open, and press one of its buttons."""
        return await self.ask("POST", NEW, data={**self.form, "go": go, **typed})

    async def attach(self, *files: tuple[str, bytes], go: str = "add") -> str:
        """Choose files at the last step, and press a button."""
        form = FormData()
        for name, value in {**self.form, "go": go}.items():
            form.add_field(name, value)
        for name, content in files:
            form.add_field("files", content, filename=name)
        return await self.ask("POST", NEW, data=form)

    async def fill(self, *steps: Mapping[str, str]) -> None:
        """Fill steps one after the other; each must be left."""
        for typed in steps:
            before = self.step
            await self.press(**typed)
            assert (self.status, self.step) == (200, before + 1), self.why
        assert self.status == 200

    async def put(self, key: str, value: str, **more: str) -> tuple[int, Any]:
        """Leave a field as a script does."""
        body = {"key": key, "value": value, **more}
        headers = {**self.headers, "Accept": "*/*", "Azbot-Part": "field"}
        answer = await self.web.client.put(NEW, json=body, headers=headers)
        return answer.status, await answer.json()

    @property
    def why(self) -> dict[str, str]:
        """What is wrong, by field, as it stands next to each."""
        found = re.findall(r'<p class="why" id="(\w+)-why">(.*?)</p>', self.html)
        return dict(found)

    async def theirs(self) -> list[Assistance]:
        """Every request of theirs, newest first."""
        views = self.web.deps.store.views
        found = await views.page(Filters(requester=self.person))
        return [await views.by_ref(line.ref) for line in found.items]

    async def draft(self) -> Any:
        return await self.web.deps.store.views.request_draft_of(owner_of(self.person))


async def a_client(
    web: Web,
    address: str = "sophie@clim-martin.example",
    account_type: str = "installer",
    language: str = "fr",
    phone: str = "+33639981234",
) -> Client:
    """Let somebody sign in with a code, as their browser then is."""
    secret, now = new_secret(), web.clock.now()

    def work(uow: UnitOfWork) -> PersonId:
        person = uow.people.by_address(address) or uow.people.add(
            NewPerson(
                PersonKind.CLIENT,
                (address,),
                name="Sophie Martin",
                company="Clim Martin SARL",
                phones=(phone,) if phone else (),
                language=language,
                account_type=account_type,
                is_verified=True,
            )
        )
        until = now + timedelta(days=30)
        uow.sessions.add(Session(session_hash(secret), person.id, now, now, until))
        return person.id

    person = await web.deps.store.write(work)
    return Client(web, person, {**BROWSER, "Cookie": f"{SESSION}={secret}"})


@pytest.fixture
async def client(web: Web) -> Client:
    found = await a_client(web)
    await found.open()
    return found


async def test_four_steps_without_script_make_one_request(client: Client) -> None:
    await client.fill(*ANSWERS)
    assert client.step == 4
    assert "4 sur 4" in client.html
    for words in ("18 rue des Charmettes", "Mise en service", "Daikin", "Karim Benali"):
        assert words in client.html
    await client.press("send")
    (it,) = await client.theirs()
    assert it.ref in client.html
    assert client.path == f"{NEW}/sent/{it.ref}"
    assert it.is_confirmed
    assert it.missing == ()
    assert it.answers == {
        "first_name": "Sophie",
        "last_name": "Martin",
        "email": "sophie@clim-martin.example",
        "installer": "Clim Martin SARL",
        "contact_name": "Karim Benali",
        "phone": "+33639985678",
        "contact_email": "sophie@clim-martin.example",
        "service": "commissioning",
        "address": "18 rue des Charmettes",
        "postcode": "69100",
        "town": "Villeurbanne",
        "region": "Auvergne-Rhône-Alpes",
        "country": "FR",
        "system": "zoned_ducted",
        "system_count": 1,
        "thermostat_count": 5,
        "maker": "daikin",
        "own_number": "CM-4471",
    }
    assert await client.draft() is None


# --- what must be answered (C4, X10) --------------------------------------------------

MANDATORY = tuple(
    key
    for key in ASKED
    if key not in ("region", "country")
    and key in {each.key for each in ASSISTANCE.required({"country": "FR"})}
)
OPTIONAL = ("phone_2", "own_number", "distributor")


def test_every_field_of_the_form_is_asked_once_or_known_of_the_requester() -> None:
    """R38–R57: the steps name the fields of the one definition, all of them."""
    assert sorted((*ASKED, *REQUESTER)) == sorted(ASSISTANCE.fields)


@pytest.mark.parametrize("key", MANDATORY)
async def test_a_mandatory_field_is_asked_with_its_label_and_a_repair(
    key: str, client: Client
) -> None:
    """C4, X10: the summary leads to the field, which says the same."""
    number = step_of(key)
    await client.fill(*ANSWERS[: number - 1])
    await client.press(**{**ANSWERS[number - 1], key: ""})
    assert (client.status, client.step) == (422, number)
    why = client.why[key]
    assert len(why.split()) >= 4, "a sentence"
    label = catalogue("fr").t(ASSISTANCE.label(key))
    assert f'<li><a href="#{key}">{label}</a>\u00a0: {why}</li>' in client.html
    assert 'role="alert" tabindex="-1" autofocus' in client.html
    assert set(client.why) == {key}
    for other, text in ANSWERS[number - 1].items():
        if other != key:
            assert client.form[other] in (text, text.replace(" ", "\u00a0"))


@pytest.mark.parametrize("key", OPTIONAL)
async def test_an_optional_field_stops_nobody(key: str, client: Client) -> None:
    await client.fill(*({**each, key: ""} if key in each else each for each in ANSWERS))
    await client.press("send")
    (it,) = await client.theirs()
    assert key not in it.answers


async def test_a_country_and_its_region_are_known_before_anybody_answers(
    client: Client,
) -> None:
    await client.press(**SITE, country="")
    assert client.why == {"country": "Choisissez le pays du chantier."}
    await client.press(country="FR")
    assert client.step == 2


async def test_another_country_needs_no_french_region(client: Client) -> None:
    """A rule that does not hold asks nothing (R157)."""
    spain = {"postcode": "28001", "town": "Madrid", "country": "ES"}
    await client.press(**{**SITE, **spain})
    assert client.step == 2, client.why


BAD = {
    "postcode": ("99999", "Aucun département"),
    "phone": ("06 12", "Il manque des chiffres"),
    "contact_email": ("sophie.example", "@"),
    "system_count": ("0", "de 1 à 99"),
    "thermostat_count": ("beaucoup", "nombre"),
    "phone_2": ("06 39 98 56 78", "déjà le premier"),
}


@pytest.mark.parametrize("key", BAD)
async def test_what_cannot_be_taken_is_kept_with_the_reason(
    key: str, client: Client
) -> None:
    text, why = BAD[key]
    number = step_of(key)
    await client.fill(*ANSWERS[: number - 1])
    await client.press(**{**ANSWERS[number - 1], key: text})
    assert client.status == 422
    assert list(client.why) == [key]
    assert why in client.why[key].replace("\u00a0", " ")
    await client.open()
    assert client.form[key].replace("\u00a0", " ") == text, "also for the next device"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\x00b", "ab"),
        ("Chantier 🏗️ été", "Chantier 🏗️ été"),
        ("\u202e\u05e9\u05dc\u05d5\u05dd 12", None),
        ("x" * 200_000, None),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("' OR 1=1 --", "' OR 1=1 --"),
    ],
    ids=["nul", "emoji", "right-to-left", "200 KB", "markup", "sql"],
)
async def test_no_text_breaks_a_step(
    text: str, kept: str | None, client: Client
) -> None:
    status, _ = await client.put("own_number", text)
    assert status == 200
    await client.fill(SITE, {**INSTALLATION, "own_number": ""})
    await client.press("back")
    await client.press(own_number=text)
    assert client.status in (200, 422)
    if kept is not None:
        assert (await client.draft()).texts["own_number"] == kept
    assert "<script>alert" not in client.html


async def test_the_step_asked_for_is_not_beyond_what_is_answered(
    client: Client,
) -> None:
    await client.fill(SITE)
    await client.open(f"{NEW}?step=4")
    assert client.step == 2
    await client.open(f"{NEW}?step=999999999999")
    assert client.step == 2


# --- resumed (C5) ---------------------------------------------------------------------


async def test_after_two_days_another_device_shows_step_three_with_everything(
    client: Client,
) -> None:
    """C5: what was typed and not yet right is there as well."""
    await client.fill(SITE, INSTALLATION)
    await client.put("contact_name", "Karim", draft=client.form["draft"])
    await client.put("phone", "06 39", draft=client.form["draft"])
    await client.web.clock.advance(timedelta(days=2))
    phone = await a_client(client.web)
    await phone.open()
    assert phone.step == 3
    assert phone.form["contact_name"] == "Karim"
    assert phone.form["phone"] == "06 39"
    assert "Reprise de votre demande" in phone.html
    await phone.press("back")
    assert phone.form["system"] == "zoned_ducted"
    await phone.press("back")
    assert phone.form["address"] == SITE["address"]
    await phone.fill(SITE, INSTALLATION, CONTACT)
    await phone.press("send")
    assert len(await phone.theirs()) == 1


async def test_files_survive_the_two_days_too(client: Client) -> None:
    """A handle lives for a day; the draft keeps the file itself."""
    await client.fill(*ANSWERS)
    await client.attach(("bon.pdf", PDF))
    await client.web.clock.advance(timedelta(days=2))
    phone = await a_client(client.web)
    await phone.open()
    assert "bon.pdf" in phone.html
    await phone.press("send")
    (it,) = await phone.theirs()
    assert [each.name for each in it.documents] == ["bon.pdf"]


async def test_looking_begins_nothing(client: Client) -> None:
    for path in (NEW, f"{NEW}?step=3", f"{NEW}/restart"):
        await client.open(path)
    assert await client.draft() is None


async def test_going_back_keeps_what_was_typed(client: Client) -> None:
    await client.fill(SITE)
    await client.press("back", maker="daikin")
    assert client.step == 1
    assert (await client.draft()).texts["maker"] == "daikin"


async def test_two_tabs_merge_field_by_field(client: Client) -> None:
    """What one tab did not touch is what the other wrote."""
    await client.fill(SITE)
    other = await a_client(client.web)
    await other.open()
    await client.press("back", maker="daikin", system_count="2")
    await other.press("back", maker="", system_count="", own_number="CM-1")
    texts = (await client.draft()).texts
    assert texts["maker"] == "daikin"
    assert texts["system_count"] == "2"
    assert texts["own_number"] == "CM-1"


async def test_beginning_again_asks_and_then_empties(client: Client) -> None:
    await client.fill(SITE)
    await client.open(f"{NEW}/restart")
    assert "Recommencer la demande" in client.html
    assert await client.draft() is not None
    await client.ask("POST", f"{NEW}/restart")
    assert await client.draft() is None
    assert client.form["address"] == ""


async def test_a_changed_postcode_brings_its_region(client: Client) -> None:
    await client.fill(SITE)
    await client.press("back")
    assert client.form["region"] == "Auvergne-Rhône-Alpes"
    await client.press(postcode="33000", town="Bordeaux")
    await client.press("back")
    assert client.form["region"] == "Nouvelle-Aquitaine"
    assert "33 – Gironde" in client.html


async def test_a_region_somebody_wrote_stays(client: Client) -> None:
    await client.fill({**SITE, "region": "Rhône-Alpes"})
    await client.press("back")
    assert client.form["region"] == "Rhône-Alpes"


async def test_a_field_that_is_left_tells_what_follows(client: Client) -> None:
    status, told = await client.put("postcode", "69 100")
    assert status == 200
    assert told["said"] == {"postcode": "69100", "region": "Auvergne-Rhône-Alpes"}
    assert told["place"] == "69 – Rhône"
    status, told = await client.put("phone", "06 12", draft=told["draft"])
    assert "Il manque des chiffres" in told["why"]
    assert told["said"]["phone"] == "06 12"


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"key":"email","value":"a@b.c"}', b'{"key":1}']
)
async def test_a_field_nobody_asks_is_refused(body: bytes, client: Client) -> None:
    answer = await client.web.client.put(NEW, data=body, headers=client.headers)
    assert answer.status == 400


# --- known already (X11, R154) --------------------------------------------------------


@pytest.mark.parametrize("kind", ["installer", "distributor"])
async def test_the_company_goes_where_the_account_type_says(
    kind: str, web: Web
) -> None:
    client = await a_client(web, "karim@negoce.example", kind)
    await client.open()
    await client.fill(SITE, INSTALLATION)
    other = "distributor" if kind == "installer" else "installer"
    assert client.form[kind] == "Clim Martin SARL"
    assert client.form[other] == ""
    assert client.form["contact_email"] == "karim@negoce.example"
    assert client.form["contact_name"] == "Sophie Martin"
    assert client.form["phone"].replace("\u00a0", " ") == "06 39 98 12 34"


async def test_an_earlier_request_lends_contact_company_maker_and_system(
    client: Client,
) -> None:
    ref = await client.web.opened(contact_name="Nadia Roux", phone="06 39 98 00 11")
    await client.open()
    assert ref in client.html
    await client.press("back", address="3 quai Rambaud")
    key = client.form["draft"]
    await client.ask("POST", f"{NEW}/from", data={"ref": ref, "draft": key})
    texts = (await client.draft()).texts
    assert texts["contact_name"] == "Nadia Roux"
    assert texts["maker"] == "other:Marque A"
    assert texts["system"] == "other:Zonage"
    assert texts["address"] == "3 quai Rambaud"
    assert "system_count" not in texts
    assert "sont repris" in client.html


async def test_a_request_is_made_again_with_its_address(client: Client) -> None:
    """« Refaire une demande » of a cancelled one (ux.md 7.2)."""
    ref = await client.web.opened()
    await client.open(f"{NEW}?from={ref}")
    assert client.form["address"] == REQUEST["address"]
    assert await client.draft() is None, "opening the link changed nothing"
    await client.press()
    await client.press()
    await client.press()
    assert client.step == 4, client.why
    await client.press("send")
    again, before = await client.theirs()
    assert again.answers == {**before.answers, **_who(again)}


def _who(it: Assistance) -> dict[str, object]:
    return {key: it.answers[key] for key in REQUESTER}


async def test_a_request_begun_is_not_replaced_without_a_word(client: Client) -> None:
    ref = await client.web.opened()
    await client.fill({**SITE, "address": "3 quai Rambaud"})
    await client.open(f"{NEW}?from={ref}")
    assert "Vous avez une demande commencée" in client.html
    await client.ask("POST", f"{NEW}/from", data={"ref": ref, "whole": "1"})
    assert client.form["address"] == REQUEST["address"]


# --- sent (C6, X19, R140) -------------------------------------------------------------


async def test_the_reference_is_shown_at_once_and_the_mail_leaves_now(
    client: Client,
) -> None:
    """C6."""
    await client.fill(*ANSWERS)
    await client.press("send")
    (it,) = await client.theirs()
    assert re.search(rf'<strong class="mono">{it.ref}</strong>', client.html)
    assert "Réponse avant le" in client.html
    assert "sophie@clim-martin.example" in client.html
    sent = await client.web.deps.store.views.deliveries(it.id)
    mail = next(each for each in sent if each.kind == "opened")
    assert mail.due_at <= client.web.clock.now()


async def test_the_same_press_twice_is_one_request(client: Client) -> None:
    """X19: a double tap, and a reload of what it answered."""
    await client.fill(*ANSWERS)
    form = {**client.form, "go": "send"}
    first, second = await asyncio.gather(
        *(
            client.web.client.post(NEW, data=form, headers=client.headers)
            for _ in range(2)
        )
    )
    assert first.url == second.url
    await client.ask("POST", NEW, data=form)
    (it,) = await client.theirs()
    assert it.ref in client.html


async def test_a_stale_tab_sends_nothing_again(client: Client) -> None:
    await client.fill(*ANSWERS)
    stale = client.form
    await client.press("send")
    await client.ask("POST", NEW, data={**stale, "go": "back", "step": "2"})
    assert "a déjà été envoyée" in client.html
    assert await client.draft() is None
    status, told = await client.put("note", "Allô", draft=stale["draft"])
    assert (status, told["code"]) == (409, "request_gone")


async def test_what_another_tab_emptied_is_asked_for_when_sending(
    client: Client,
) -> None:
    await client.fill(*ANSWERS)
    await client.put("town", "", draft=client.form["draft"])
    await client.press("send")
    assert client.step == 1
    assert client.why == {"town": "Indiquez la commune du chantier."}
    assert await client.theirs() == []
    await client.press(town="Villeurbanne")
    await client.press()
    await client.press()
    await client.press("send")
    assert len(await client.theirs()) == 1


async def test_files_sent_with_the_button_arrive_and_bad_ones_stop_nothing(
    client: Client,
) -> None:
    """R140, C6: the request is registered whatever becomes of its files."""
    await client.fill(*ANSWERS)
    await client.attach(
        ("photo.png", PNG), ("virus.exe", b"MZ" + b"\0" * 90), ("vide.pdf", b""),
        go="send",
    )  # fmt: skip
    (it,) = await client.theirs()
    assert [each.name for each in it.documents] == ["photo.png"]
    assert it.ref in client.html
    assert client.html.count('class="note"') == 2


async def test_a_file_said_to_be_the_order_is_its_proof(client: Client) -> None:
    """R60: no guess is needed where the client was asked."""
    await client.fill(*ANSWERS)
    await client.attach(("photo.png", PNG), ("autre.pdf", PDF))
    blob = next(f.blob for f in (await client.draft()).files if f.name == "photo.png")
    await client.press("send", proof=blob)
    (it,) = await client.theirs()
    kinds = {each.name: each.kind for each in it.documents}
    assert kinds == {
        "photo.png": DocumentKind.ORDER_PROOF, "autre.pdf": DocumentKind.OTHER,
    }  # fmt: skip
    assert "Il nous faudra" not in client.html


async def test_a_file_is_taken_off_again_and_the_same_one_counts_once(
    client: Client,
) -> None:
    await client.fill(*ANSWERS)
    await client.attach(("photo.png", PNG), ("photo.png", PNG), ("bon.pdf", PDF))
    files = (await client.draft()).files
    assert [each.name for each in files] == ["photo.png", "bon.pdf"]
    await client.press("", drop=files[0].blob)
    assert [each.name for each in (await client.draft()).files] == ["bon.pdf"]


async def test_more_files_than_a_request_keeps_are_told_and_stop_nothing(
    client: Client,
) -> None:
    await client.fill(*ANSWERS)
    many = [(f"{n}.pdf", PDF + bytes([n])) for n in range(32)]
    await client.attach(*many, go="send")
    (it,) = await client.theirs()
    assert len(it.documents) == 30
    assert "30 au plus" in client.html


async def test_a_file_that_comes_after_the_request_joins_it_once(
    client: Client,
) -> None:
    """What was still on its way when the button was pressed (ux.md 7.3)."""
    await client.fill(*ANSWERS)
    await client.press("send")
    (it,) = await client.theirs()
    now, scope = client.web.clock.now(), f"visitor:{client.person}"
    blob = client.web.deps.store.blobs.put(PDF)
    upload = Upload(blob, "bon de commande.pdf", "application/pdf", len(PDF))
    handle = issue(KEYRING, upload, scope, now + timedelta(hours=1))
    for _ in range(2):
        await client.ask("POST", f"{NEW}/sent/{it.ref}", data={"upload": handle})
    (it,) = await client.theirs()
    assert [each.name for each in it.documents] == ["bon de commande.pdf"]
    foreign = issue(KEYRING, upload, "visitor:999", now + timedelta(hours=1))
    await client.ask("POST", f"{NEW}/sent/{it.ref}", data={"upload": foreign})
    assert client.status == 400


async def test_a_file_a_script_sent_is_kept_by_the_draft_and_goes_again(
    client: Client,
) -> None:
    """The handle lives for a day, the draft as long as it takes (C5)."""
    await client.fill(*ANSWERS)
    key, scope = client.form["draft"], f"visitor:{client.person}"
    blob = client.web.deps.store.blobs.put(PDF)
    upload = Upload(blob, "bon.pdf", "application/pdf", len(PDF))
    until = client.web.clock.now() + timedelta(hours=1)
    handle = issue(KEYRING, upload, scope, until)
    status, told = await client.put("upload", handle, draft=key)
    assert (status, told) == (200, {"draft": key, "blob": blob})
    await client.put("proof", blob, draft=key)
    (file,) = (await client.draft()).files
    assert (file.name, file.is_proof) == ("bon.pdf", True)
    foreign = issue(KEYRING, upload, "visitor:999", until)
    for what in (foreign, "", "x.y.z"):
        status, told = await client.put("upload", what, draft=key)
        assert (status, told["code"]) == (422, "upload_expired")
    await client.put("drop", handle, draft=key)
    assert (await client.draft()).files == ()


async def test_free_words_reach_the_desk(client: Client) -> None:
    await client.fill(*ANSWERS)
    await client.press("send", note="La zone salon\r\nreste froide.")
    (it,) = await client.theirs()
    line = (await client.web.deps.store.views.timeline(it.id, is_internal=True))[0]
    assert getattr(line.event, "text", "") == "La zone salon\nreste froide."


# --- whose it is ----------------------------------------------------------------------


async def test_nobody_sees_the_draft_or_the_request_of_somebody_else(
    client: Client,
) -> None:
    await client.fill(*ANSWERS)
    mine = client.form["draft"]
    other = await a_client(client.web, "karim@autre.example")
    await other.open()
    assert "18 rue des Charmettes" not in other.html
    status, _ = await other.put("town", "Lyon", draft=mine)
    assert status == 409
    assert (await client.draft()).texts["town"] == "Villeurbanne"
    await client.press("send")
    (it,) = await client.theirs()
    for method, path, data in (
        ("GET", f"{NEW}/sent/{it.ref}", None),
        ("GET", f"{NEW}?from={it.ref}", None),
        ("POST", f"{NEW}/from", {"ref": it.ref}),
        ("POST", f"{NEW}/sent/{it.ref}", {"upload": "x"}),
    ):
        await other.ask(method, path, data=data)
        assert other.status == 404, path
        assert it.ref not in other.html.replace(path, "")
    assert it.ref not in await other.open()


async def test_a_link_alone_opens_no_request_and_the_door_leads_back(web: Web) -> None:
    """ux.md 7.1: creating needs a person a code proved."""
    ref = await web.opened()
    for headers in (await web.visitor(ref), BROWSER):
        answer = await web.client.get(
            f"{NEW}?step=2", headers=headers, allow_redirects=False
        )
        assert answer.status == 303
        door = URL(answer.headers["Location"])
        assert door.path == "/portal/signin"
        assert door.query["next"] == f"{NEW}?step=2"
        answer = await web.client.post(NEW, headers=headers, data={"step": "1"})
        assert answer.status == 401


async def test_another_site_asks_for_nothing_in_their_name(client: Client) -> None:
    headers = {**client.headers, "Sec-Fetch-Site": "cross-site"}
    answer = await client.web.client.post(NEW, headers=headers, data={"step": "1"})
    assert answer.status == 403


@pytest.mark.parametrize("language", ["en", "es"])
async def test_every_page_speaks_the_language_of_its_reader(
    language: str, web: Web
) -> None:
    client = await a_client(web, f"{language}@autre.example", language=language)
    await client.open()
    await client.press()
    await client.fill(*ANSWERS)
    await client.press("send")
    (it,) = await client.theirs()
    assert it.ref in client.html
    assert f'<html lang="{language}">' in client.html


async def test_every_database_keeps_a_draft_and_sends_it_once(
    store: Store, clock: FakeClock
) -> None:
    async with running(store, clock) as web:
        client = await a_client(web)
        await client.open()
        left = await asyncio.gather(
            *(client.put(key, text) for key, text in SITE.items())
        )
        assert len({told["draft"] for _, told in left}) == 1, "one draft"
        assert SITE.items() <= (await client.draft()).texts.items()
        await client.open()
        await client.fill(*ANSWERS)
        form = {**client.form, "go": "send"}
        answers = await asyncio.gather(
            *(web.client.post(NEW, data=form, headers=client.headers) for _ in "123")
        )
        assert len({str(each.url) for each in answers}) == 1
        assert len(await client.theirs()) == 1
