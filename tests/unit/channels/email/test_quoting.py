from __future__ import annotations

import pytest

from azbot.channels.email.quoting import looks_forwarded, separate

SENT = """Bonjour,

Nous préparons l'intervention à Villeurbanne, prévue le mercredi 25 mars à 13 h.

Il manque 2 informations. Complétez après les deux-points et répondez :
Système :
Nombre de thermostats :

Support technique, 01 99 00 12 00"""
QUOTED = "\n".join(f"> {line}".rstrip() for line in SENT.split("\n"))


def new(text: str, *sent: str) -> str:
    return separate(text, None, sent).text


@pytest.mark.parametrize(
    "introduction",
    [
        "Le lun. 15 nov. 2021 à 19:42, Support <s@desk.example> a écrit :",
        "Le lun. 15 nov. 2021 à 19:42, Support <s@desk.example>\na écrit\u202f:",
        "Le lun. 15 nov. 2021 à 19:42, Support <s@desk.example> a\nécrit\u00a0\n:",
        "- Le 2021-04-09 23:25, Support a écrit :",
        "Le mercredi 12 mars 2026 à 10:22:31 \u200eUTC+1, S <s@desk.example> a écrit :",
        "On Mon, Aug 26, 2019 at 4:37 PM Support <\ns@desk.example> wrote:",
        "El 19/03/2014 11:34, Soporte <s@desk.example> escribió:",
        "Am 25.06.2015 um 10:55 schrieb Support:",
        "Il giovedì 8 dicembre 2016, Support <s@desk.example>\nha scritto:",
        "Em seg., 10 de jul. de 2017 às 16:32, Support <s@desk.example>\nescreveu:",
        "-----Message d'origine-----",
        "-------- Courriel initial --------",
        "----- Mail original -----",
        "-------- Mensaje original --------",
        "De\u00a0: Support <s@desk.example>\nEnvoyé\u00a0: lundi 2 mars\nÀ\u00a0: Anna",
        "*De :* Support <s@desk.example>\n*Envoyé :* lundi 2 mars 2026\n*À :* Anna",
        "De: Soporte <s@desk.example>\nEnviado el: lunes, 2 de marzo\nAsunto: Re: x",
        "________________\nFrom: S <s@desk.example>\nSent: Monday, 2 May",
        "##- Répondez au-dessus de cette ligne -##",
    ],
)
def test_what_programs_write_above_a_quotation_begins_it(introduction: str) -> None:
    text = f"Le groupe est en panne.\n\n{introduction}\n\nBonjour,\nVotre demande."
    assert new(text) == "Le groupe est en panne."


@pytest.mark.parametrize(
    "sentence",
    [
        "Le technicien a écrit :\nattendre.",
        "Le 12 mars votre technicien nous a écrit :\nà suivre.",
        "On the surface this looks like a header.\nOn average it is fine.",
        "De : Lyon\nÀ : Paris",
        "Objet : panne\nDate : lundi",
        "From now on: nothing.\nTo do: everything.",
        "Envoyé de mon bureau, c'est plus simple qu'au téléphone.",
        "-Sophie",
        "— Sophie Martin",
        "Code erreur\n-----------\nE4\nE7",
        "A : oui\nB : non\nC : à voir",
        "Mesures du 12/03/2026 à 10:22 :\n21 °C",
        "2026-03-12 10:22:31\n2026/03/12 10:22",
        "> 30 °C dans la salle, c'est trop.\nMerci de passer.\n< 5 °C dehors",
    ],
)
def test_ordinary_writing_is_not_cut(sentence: str) -> None:
    reply = separate(f"Bonjour,\n\n{sentence}\n\nMerci", None)
    assert "Merci" in reply.text
    kept = sentence if not sentence.startswith(">") else sentence.split("\n")[1]
    assert kept in reply.text


@pytest.mark.parametrize(
    "line",
    [
        "Envoyé de mon iPhone",
        "Envoyé depuis mon mobile Orange",
        "Envoyé à partir de Outlook pour iOS<https://aka.example/x>",
        "Télécharger Outlook pour Android",
        "Provenance : Courrier pour Windows",
        "Envoyé avec la messagerie sécurisée Proton Mail.",
        "Sent from my iPhone",
        "Get Outlook for iOS",
        "Enviado desde mi iPhone",
        "Obtener Outlook para Android",
    ],
)
def test_the_line_of_a_telephone_is_no_text(line: str) -> None:
    assert new(f"D'accord\n\n{line}") == "D'accord"


def test_text_below_the_line_of_a_telephone_stays() -> None:
    assert "demain" in new("D'accord\n\nEnvoyé de mon iPhone\n\nPlutôt demain.")


def test_a_signature_is_set_aside_with_its_telephone_number() -> None:
    reply = separate("D'accord\n\n-- \nAnna\n01 99 00 55 66", None)
    assert reply.text == "D'accord"
    assert "01 99 00 55 66" in reply.elided[0]
    assert reply.rule == "signature"


def test_our_own_words_are_known_without_any_sign() -> None:
    assert new(f"C'est fait.\n\n{SENT}", SENT) == "C'est fait."


def test_our_own_words_are_known_however_they_are_wrapped() -> None:
    wrapped = SENT.replace("prévue le mercredi", "prévue le\nmercredi")
    assert new(f"C'est fait.\n\n{wrapped}", SENT) == "C'est fait."


def test_one_line_of_ours_alone_is_no_quotation() -> None:
    line = "Il manque 2 informations. Complétez après les deux-points et répondez :"
    assert line in new(f"Vous écrivez :\n{line}\nmais je ne comprends pas.", SENT)


def test_a_form_is_completed_inside_the_quotation() -> None:
    text = QUOTED.replace("Système :", "Système : Daikin VRV")
    text = text.replace("thermostats :", "thermostats : 12")
    said = new(f"Le 12/03/2026 à 10:22, S <s@desk.example> a écrit :\n{text}", SENT)
    assert said == "Système : Daikin VRV\nNombre de thermostats : 12"


def test_a_form_is_completed_without_a_sign_of_quotation() -> None:
    text = SENT.replace("Système :", "Système : Daikin VRV")
    said = new(f"De : S <s@desk.example>\nEnvoyé : 2 mars 2026\nÀ : A\n\n{text}", SENT)
    assert said == "Système : Daikin VRV"


def test_a_form_completed_on_top_stays_as_written() -> None:
    assert new(f"Système : Daikin\n\n{SENT}", SENT) == "Système : Daikin"


def test_answers_between_quoted_lines_stay_with_their_question() -> None:
    text = "> Quel modèle ?\nREYQ10\n> Quelle erreur ?\nE4"
    assert new(text) == "> Quel modèle ?\nREYQ10\n> Quelle erreur ?\nE4"


def test_one_answer_below_a_quotation_stands_alone() -> None:
    text = (
        "Le 12/03/2026 à 10:22, S <s@desk.example> a écrit :\n> Quel modèle ?\n\nREYQ10"
    )
    assert new(text) == "REYQ10"


def test_a_word_of_ours_is_an_answer_when_the_person_writes_it() -> None:
    ours = "Peut-on clôturer votre demande ?\nRépondez OUI ou NON à ce message.\nOUI"
    asked = "> Peut-on clôturer votre demande ?\n> Répondez OUI ou NON à ce message."
    assert new(f"{asked}\n\nOUI", ours) == "OUI"
    assert new(f"OUI\n\n{asked}", ours) == "OUI"


def test_the_mark_of_html_decides_where_words_do_not() -> None:
    reply = separate("D'accord\nVotre demande\nest complète", "D'accord")
    assert (reply.text, reply.rule) == ("D'accord", "html")


def test_the_mark_of_html_is_not_followed_over_answers_below() -> None:
    text = "Voir\n> Quel modèle ?\nREYQ10\n> Quelle erreur ?\nE4"
    assert "REYQ10" in separate(text, "Voir").text


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("> Bonjour,\n> merci", "only-quotation"),
        ("-- \nAnna", "only-signature"),
        ("Envoyé de mon iPhone", "only-signature"),
        ("Bonjour", "whole"),
        ("", "empty"),
    ],
)
def test_nothing_is_cut_when_nothing_would_remain(text: str, rule: str) -> None:
    reply = separate(text, None)
    assert (reply.text, reply.elided, reply.rule) == (text, (), rule)


def test_lines_beyond_the_last_that_rules_see_are_kept() -> None:
    text = "\n".join(f"ligne {number}" for number in range(6_000))
    assert new(text) == text


def test_lines_beyond_the_last_that_rules_see_stay_quoted() -> None:
    text = "Oui\n-----Message d'origine-----\n" + "ligne\n" * 6_000
    reply = separate(text, None)
    assert reply.text == "Oui"
    assert reply.elided[0].count("ligne") == 6_000


@pytest.mark.parametrize(
    ("subject", "text", "expected"),
    [
        ("Tr: panne", "", True),
        ("Fwd: panne", "", True),
        ("RV: avería", "", True),
        ("WG: Störung", "", True),
        ("Re: Fwd: panne", "---------- Forwarded message ---------", False),
        ("panne", "Pour vous\n\n---------- Forwarded message ---------\nDe : x", True),
        ("panne", "Début du message transféré :\n\n> De : x", True),
        ("panne", "> ---------- Forwarded message ---------", False),
        ("Intervention : mardi", "Bonjour", False),
        ("panne", "Bonjour", False),
    ],
)
def test_a_forward_is_known(subject: str, text: str, expected: bool) -> None:
    assert looks_forwarded(subject, text) is expected


def test_a_link_that_a_scanner_rewrote_is_still_ours() -> None:
    ours = "Votre demande est complète depuis hier.\nOuvrir ma demande : https://desk.example/a"
    text = ours.replace("https://desk.example/a", "<https://scan.example/?u=1&d=x>")
    head = "-----Message d'origine-----"
    assert new(f"OUI\n\n{head}\n\n{text}\nNous répondons demain.", ours) == (
        "OUI\n\nNous répondons demain."
    )


def test_a_poor_header_above_our_words_is_one() -> None:
    assert new(f"Oui\n\nDe : Support\nEnvoyé : jeudi\n\n{SENT}", SENT) == "Oui"


RECAP = """Bonjour,

Voici ce que nous avons compris :
Contact sur place : Paul Durand 06 39 98 12 34
Adresse : 18 rue des Charmettes, 69100 Villeurbanne
Problème constaté : la régulation ne répond plus

Il manque 2 informations. Complétez après les deux-points et répondez :
Number of systems:
Maker of the unit:

Support technique, 01 99 00 12 00"""


@pytest.mark.parametrize(
    "typed",
    [
        "Number of systems:\n1\nMaker of the unit:\nDaikin",
        "contact sur place : Paul Durand",
        "Adresse : 18 rue des Charmettes\nContact sur place : Paul Durand",
        "la régulation ne répond plus du tout\n\nSupport technique, 01 99 00 12 00",
    ],
)
@pytest.mark.parametrize(
    "below",
    [
        "",
        "\n\nLe lun. 15 nov. 2021 à 19:42, S <s@desk.example> a écrit :\n{marked}",
        "\n\nDe : S <s@desk.example>\nEnvoyé : 2 mars 2026\nÀ : A\nObjet : x\n\n{sent}",
        "\n\n{sent}",
    ],
    ids=["alone", "marked", "headers", "bare"],
)
def test_our_labels_typed_by_a_person_are_theirs(typed: str, below: str) -> None:
    marked = "\n".join(f"> {line}".rstrip() for line in RECAP.split("\n"))
    text = typed + below.format(marked=marked, sent=RECAP)
    assert new(text, RECAP) == typed


@pytest.mark.parametrize(
    "head",
    [
        "De : S <s@desk.example>\nEnvoyé : 2 mars 2026\nÀ : A\nObjet : x\n\n",
        "Le lun. 15 nov. 2021 à 19:42, S <s@desk.example> a écrit :\n\n",
        "-----Message d'origine-----\n",
        "",
    ],
)
def test_our_mail_alone_is_only_a_quotation(head: str) -> None:
    reply = separate(head + RECAP, None, (RECAP,))
    assert (reply.text, reply.rule) == (head + RECAP, "only-quotation")


def test_links_of_a_scanner_between_blank_lines_are_still_ours() -> None:
    link = "https://desk.example/a"
    ours = RECAP.replace("Number of", f"Ouvrir ma demande :\n{link}\nNumber of")
    rewritten = ours.replace(link, "<https://scan.example/?u=1>")
    apart = "\n\n".join(rewritten.split("\n"))
    head = "De : S <s@desk.example>\nEnvoyé : 2 mars 2026\nÀ : A\nObjet : x\n\n"
    assert new(f"OUI\n\n{head}{apart}", ours) == "OUI"


def test_a_link_of_the_person_below_our_words_is_theirs() -> None:
    marked = "\n".join(f"> {line}".rstrip() for line in RECAP.split("\n"))
    assert new(f"{marked}\n\nhttps://photos.example/1", RECAP) == (
        "https://photos.example/1"
    )
