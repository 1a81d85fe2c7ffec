"""What every mail keeps to (ux.md 5.1, 9.1, M1, M2, M12, M13)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from html import unescape

import pytest
from selectolax.lexbor import LexborHTMLParser

from azbot.forms.assistance import ASSISTANCE
from azbot.forms.reading import read_lines
from azbot.i18n.catalogue import strict_catalogue
from azbot.i18n.formats import NBSP
from azbot.intake.languages import labels_of
from azbot.render import CannotWrite, Links, Reader, Renderer, Words
from azbot.workflow.decision import NoticeKind
from tests.mails.samples import (
    BRAND,
    LANGUAGES,
    SAMPLES,
    Sample,
    a_renderer,
    links_for,
    reader_of,
    sample,
    write,
)

RENDERER = a_renderer()
NO_LINKS = Links("", "", "", "", "", "", "", "")
LONG = "Établissements Généraux de Climatisation et de Chauffage du Grand Sud-Ouest"
URL = re.compile(r"\S+://\S+|mailto:\S+|\S+@\S+")

every_mail = pytest.mark.parametrize("language", LANGUAGES)
every_sample = pytest.mark.parametrize("one", SAMPLES, ids=lambda one: one.name)


def drawn(one: Sample, language: str) -> Words:
    return write(one, language, RENDERER)


def visible(html: str) -> str:
    """Return the words a reader sees, one space between them."""
    tree = LexborHTMLParser(html)
    assert tree.body is not None
    return " ".join(tree.body.text(separator=" ").split(" ")).replace("\n", " ")


def plain(text: str) -> str:
    return " ".join(unescape(text).replace(NBSP, " ").split())


@every_mail
@every_sample
def test_a_mail_keeps_to_its_limits(one: Sample, language: str) -> None:
    words = drawn(one, language)
    assert len(words.subject) <= 70
    assert words.subject.endswith(str(one.all_facts["ref"]))
    assert 40 <= len(words.preheader) <= 110
    assert len(words.html.encode()) <= 20 * 1024
    assert "\n" not in words.subject + words.preheader


@every_mail
@every_sample
def test_long_names_change_no_limit(one: Sample, language: str) -> None:
    long = {
        key: LONG
        for key in ("town", "station", "installer", "contact_name", "address", "agent")
        if key in one.all_facts
    }
    words = drawn(replace(one, facts={**one.facts, **long}), language)
    assert len(words.subject) <= 70
    assert words.subject.endswith(str(one.all_facts["ref"]))
    assert 40 <= len(words.preheader) <= 110
    assert len(words.html.encode()) <= 20 * 1024


@every_mail
@every_sample
def test_both_parts_say_the_same(one: Sample, language: str) -> None:
    words = drawn(one, language)
    html = plain(visible(words.html))
    for line in plain_lines(words.text):
        assert line in html, line


def plain_lines(text: str) -> list[str]:
    """Return the sentences of plain text, folded lines put together."""
    blocks = re.split(r"\n(?=\n|- |  |\S[^\n]*:|-- )", text)
    lines = [plain(block) for block in blocks]
    shown = [re.sub(r"^(- |-- )", "", line) for line in lines]
    # Links stand behind buttons in HTML, and rows have no colon.
    bare = [re.sub(r"\s*:?\s*https?://\S+.*$", "", line) for line in shown]
    return [part for line in bare for part in re.split(r" ?: | ?:$", line) if part]


@every_mail
@every_sample
def test_lines_of_plain_text_are_folded_unless_they_are_links(
    one: Sample, language: str
) -> None:
    for line in drawn(one, language).text.splitlines():
        assert len(line) <= 72 or "://" in line


@every_sample
def test_the_french_of_a_mail_follows_french_typography(one: Sample) -> None:
    words = drawn(one, "fr")
    for shown in (words.subject, words.preheader, words.text, visible(words.html)):
        text = URL.sub("", shown)
        assert not re.search(r"[ \t\n][:;!?%»]", text), one.name
        assert not re.search(r"«[ \t]", text)
        assert "'" not in text
        assert "!" not in text
        assert not re.search(r"\d (?:h|min|km|Mo|Ko)\b", text)


@every_mail
@every_sample
def test_no_mail_says_what_mails_must_not_say(one: Sample, language: str) -> None:
    words = drawn(one, language)
    everything = words.subject + words.preheader + words.text + words.html
    assert "\u202f" not in everything
    assert not re.search(r"\b(GMT|UTC)\b", everything)
    assert not re.search("[\U0001f000-\U0001faff\u2600-\u27bf]", everything)
    tree = LexborHTMLParser(words.html)
    labels = {link.text(strip=True).casefold() for link in tree.css("a")}
    assert not labels & {"ici", "cliquez ici", "here", "click here", "aquí"}
    assert not re.search(r"\b(tu|ton|tes|toi)\b", words.text) or language != "fr"


@every_mail
@every_sample
def test_html_is_what_mail_programs_and_screen_readers_need(
    one: Sample, language: str
) -> None:
    html = drawn(one, language).html
    tree = LexborHTMLParser(html)
    root = tree.css_first("html")
    assert root is not None
    assert root.attributes["lang"] == language
    assert len(tree.css("h1")) == 1
    for table in tree.css("table"):
        captions = [child.tag for child in table.iter()].count("caption")
        assert (table.attributes.get("role") == "presentation") == (captions == 0)
    assert all(head.attributes.get("scope") == "row" for head in tree.css("th"))
    assert not tree.css("script, link, form, iframe, object")
    assert not tree.css("img"), "no image is needed to understand a mail"
    assert not re.search(r"url\(|@import|https?://(?!sav\.example|t\.me/)", html)
    assert '<meta name="color-scheme" content="light dark">' in html
    assert html.startswith("<!doctype html>")


@every_sample
def test_every_button_is_tall_enough_and_has_its_twin_for_outlook(one: Sample) -> None:
    html = drawn(one, "fr").html
    tree = LexborHTMLParser(html)
    buttons = tree.css("a.b1, a.b2")
    assert html.count("<v:roundrect") == len(buttons)
    for button in buttons:
        # 46 px of line and a border of 1 px above and below.
        assert "/46px" in str(button.attributes["style"])
    assert html.count("height:48px") == len(buttons)
    firsts = [button.attributes["class"] for button in buttons]
    assert firsts[:1] == ["b1"] * len(firsts[:1])
    assert firsts.count("b1") <= 1, "one main button"


@every_mail
@every_sample
def test_a_mail_without_links_still_says_everything(one: Sample, language: str) -> None:
    words = RENDERER.mail(one.kind, one.all_facts, reader_of(one, language), NO_LINKS)
    assert "://" not in words.text
    assert 'href=""' not in words.html
    assert not LexborHTMLParser(words.html).css("a.b1")
    assert len(words.text) > 150


def test_a_link_stands_in_full_in_plain_text() -> None:
    one = sample("planned")
    assert links_for(one).open in drawn(one, "fr").text


def test_a_prepared_answer_is_a_button_and_no_line_of_plain_text() -> None:
    words = drawn(sample("finished"), "fr")
    assert "mailto:" not in words.text
    assert "body=OUI" in words.html
    assert "répondez OUI" in words.text


def test_the_labels_to_complete_stand_alone_on_their_lines() -> None:
    lines = drawn(sample("incomplete"), "fr").text.splitlines()
    assert f"Système{NBSP}:" in lines
    assert f"Nombre de thermostats{NBSP}:" in lines
    assert "Number of thermostats:" in drawn(sample("incomplete"), "en").text


@every_mail
def test_the_labels_of_the_mail_are_those_a_reply_is_read_by(language: str) -> None:
    text = drawn(sample("incomplete"), language).text
    answers = {"system": "gainable", "thermostat_count": "6"}
    lines = [
        f"{line} {answer}"
        for line in text.splitlines()
        for key, answer in answers.items()
        if line.rstrip(f":{NBSP}")
        == strict_catalogue(language).t(ASSISTANCE.label(key))
    ]
    read = read_lines("\n".join(lines), ASSISTANCE, labels_of(language))
    assert set(read.answers) == set(answers)
    assert read.problems == ()


def test_a_region_is_never_asked_by_mail() -> None:
    one = sample("incomplete")
    facts = {**one.facts, "missing": ["region", "system"]}
    words = drawn(replace(one, facts=facts), "fr")
    assert "Il manque 1 information\n" in words.text
    assert "Région" not in words.text


def test_the_words_of_the_agent_come_first() -> None:
    words = drawn(sample("message"), "fr")
    assert words.text.startswith("Bonjour Madame Martin,")
    assert words.text.index("Camille D., Support technique") < words.text.index(
        "18 rue"
    )


def test_the_person_is_greeted_by_name_and_otherwise_politely() -> None:
    one = sample("planned")
    facts, links = one.all_facts, links_for(one)
    nobody = replace(reader_of(one, "fr"), name="")
    assert "Bonjour Sophie Martin," in drawn(one, "fr").text
    assert "Madame, Monsieur," in RENDERER.mail(one.kind, facts, nobody, links).text


def test_privacy_is_told_in_the_first_mail_alone() -> None:
    first, later = drawn(sample("opened"), "fr"), drawn(sample("planned"), "fr")
    for part in (first.text, visible(first.html)):
        assert "Regulia Confort SAS" in part
        assert f"3{NBSP}ans" in part or "3 ans" in part
    assert "Regulia Confort SAS" not in later.text + later.html


def test_the_hour_is_that_of_the_site_in_words() -> None:
    one = replace(
        sample("planned"),
        facts={**sample("planned").facts, "zone": "Indian/Reunion"},
    )
    text = drawn(one, "fr").text
    assert f"mercredi 25{NBSP}mars 2026 à{NBSP}16{NBSP}h\n" in text
    assert "heure de La Réunion" in text


@pytest.mark.parametrize(
    ("town", "where"),
    [
        ("Lyon", "à Lyon"),
        ("Le Mans", "au Mans"),
        ("Les Ulis", "aux Ulis"),
        ("La Rochelle", "à La Rochelle"),
    ],
)
def test_a_town_with_an_article_is_written_as_french_wants(
    town: str, where: str
) -> None:
    one = replace(sample("opened"), facts={**sample("opened").facts, "town": town})
    assert where in drawn(one, "fr").subject


HOSTILE: Mapping[str, object] = {
    "town": '"><script>alert(1)</script>\r\nBcc: x@evil.example',
    "station": "<b>Froid</b>{{ 7*7 }}{% raw %}",
    "contact_name": "Sophie\u202e\nMartin\x00",
    "own_number": "-->{count}<!--[if mso]>",
    "address": "18 rue </td></table><img src=x onerror=y>",
    "reason": "<script>\n-- \nvrai motif",
    "text": "<iframe src='//evil.example'>\n\n\u2067bonjour",
    "comment": "<svg onload=x>",
    "remaining": "</p><a href='javascript:x'>ici</a>",
    "agent": "Camille <D.>\r\nX: y",
}


@every_mail
@every_sample
def test_hostile_facts_are_words_and_nothing_else(one: Sample, language: str) -> None:
    facts = {key: value for key, value in HOSTILE.items() if key in one.all_facts}
    words = drawn(replace(one, facts={**one.facts, **facts}), language)
    assert "\n" not in words.subject
    tree = LexborHTMLParser(words.html)
    assert not tree.css("script, iframe, svg, img, b")
    links = {str(link.attributes["href"]) for link in tree.css("a")}
    assert not any(link.startswith("javascript") for link in links)
    everything = words.subject + words.preheader + words.text + words.html
    assert not re.search("[\x00\u202e\u2067\ue000-\ue002]", everything)
    assert "49" not in words.subject
    assert words.html.count("<h1") == 1
    assert words.html.rstrip().endswith("</html>")


def test_a_long_message_is_complete_in_plain_text_and_says_so_in_html() -> None:
    sentence = "Le thermostat numéro {} ne répond plus depuis ce matin.\n\n"
    text = "".join(sentence.format(number) for number in range(600))
    one = replace(sample("message"), facts={**sample("message").facts, "text": text})
    words = drawn(one, "fr")
    assert "numéro 599" in words.text
    assert len(words.html.encode()) <= 20 * 1024
    assert "La suite se lit dans la version texte" in words.html


def test_events_of_two_minutes_are_told_by_one_mail() -> None:
    first, second, third = (sample(n) for n in ("assigned", "planned", "message"))
    words = RENDERER.mail(
        first.kind,
        first.all_facts,
        reader_of(first, "fr"),
        links_for(first),
        also=[(one.kind, one.all_facts) for one in (second, third)],
    )
    assert words.subject.startswith("Une STA est attribuée")
    for part in (words.text, visible(words.html)):
        assert "Votre intervention est programmée" in part
        assert f"25{NBSP}mars 2026" in part
        assert "Votre bon de commande est bien arrivé" in part
        assert part.count("Cordialement,") == 1
    assert words.html.count("<h1") == 1
    assert words.html.count("<h2") == 2
    assert words.html.count("<!doctype") == 1


def test_grouped_long_messages_keep_to_the_budget_too() -> None:
    first, more = sample("assigned"), sample("message")
    facts = {**more.all_facts, "text": "Une phrase assez longue. " * 900}
    words = RENDERER.mail(
        first.kind,
        first.all_facts,
        reader_of(first, "fr"),
        links_for(first),
        also=[(more.kind, facts)] * 2,
    )
    assert len(words.html.encode()) <= 20 * 1024


def test_a_desk_with_a_name_of_its_own_signs_with_it() -> None:
    brand = replace(BRAND, name="Assistance Regulia", colour="#ffcc00")
    words = write(sample("planned"), "fr", a_renderer(brand))
    assert "Cordialement,\nAssistance Regulia\n" in words.text
    assert "#ffcc00" not in words.html, "white text on yellow cannot be read"


def test_a_logo_is_shown_when_there_is_one() -> None:
    brand = replace(BRAND, logo_url="https://sav.example/logo.png")
    words = write(sample("planned"), "fr", a_renderer(brand))
    assert '<img src="https://sav.example/logo.png" alt=""' in words.html


def test_an_unknown_sender_is_asked_to_confirm_the_address() -> None:
    one = sample("incomplete")
    links = replace(links_for(one), open="", verify="https://sav.example/v/1")
    words = RENDERER.mail(one.kind, one.all_facts, reader_of(one, "fr"), links)
    assert "https://sav.example/v/1" in words.text
    assert "Confirmer mon adresse" in words.html


def test_an_alert_says_cause_effect_and_command() -> None:
    words = drawn(sample("alert"), "fr")
    assert (
        words.subject == f"azbot{NBSP}: la relève des e-mails échoue depuis 10{NBSP}min"
    )
    for part in (words.text, visible(words.html)):
        assert "ou le mot de passe" in part.replace("\n  ", " ")
        assert "aucun n’est perdu" in part.replace("\n", " ")
        assert "azbot doctor --only imap" in part


def test_an_alert_nobody_foresaw_has_words() -> None:
    one = sample("alert")
    words = drawn(replace(one, facts={**one.facts, "what": "flood"}), "fr")
    assert "une panne demande votre attention" in words.subject


@pytest.mark.parametrize(
    "facts",
    [
        {"planned_at": "demain"},
        {"planned_at": ""},
        {"zone": "Europe/Atlantis"},
        {"service": "gardening"},
    ],
)
def test_facts_nothing_can_be_said_of_are_an_error(facts: dict[str, object]) -> None:
    one = replace(sample("planned"), facts={**sample("planned").facts, **facts})
    with pytest.raises(CannotWrite) as caught:
        drawn(one, "fr")
    assert caught.value.kind is NoticeKind.PLANNED


def test_the_same_facts_give_the_same_mail() -> None:
    one = sample("planned")
    assert drawn(one, "fr") == write(one, "fr", a_renderer())


def test_a_sender_without_case_is_told_nothing_of_any() -> None:
    reader = Reader("", "fr", "unknown", is_first_mail=False)
    facts = {"what": "unreadable", "why": "encrypted"}
    words = RENDERER.mail(NoticeKind.REJECTED, facts, reader, NO_LINKS)
    assert words.subject == "Votre e-mail n’a pas pu être lu"
    assert not re.search("AS[A-Z]{2}[0-9]{8}", words.text + words.html)


def test_one_renderer_serves_all_languages() -> None:
    renderer: Renderer = a_renderer()
    subjects = {write(sample("closed"), lang, renderer).subject for lang in LANGUAGES}
    assert len(subjects) == 3
