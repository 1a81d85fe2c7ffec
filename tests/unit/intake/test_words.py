from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from azbot.intake.words import Said, Word, recognise, words_of

YES = (
    "OUI", "oui", "Oui.", "oui !", "Oui merci", "oui, merci beaucoup", "OK", "ok",
    "Ok pour moi", "ok pour nous, merci", "D'accord", "d’accord", "D’ACCORD.",
    "Accepte", "J'accepte", "Je confirme", "je confirme, merci",
    "Je confirme la clôture",
    "C'est bon", "c’est bon pour moi", "C'est ok", "Tout est ok, merci", "Parfait",
    "Parfait, merci !", "Très bien", "Entendu", "Bien sûr", "Tout à fait",
    "Vous pouvez clôturer", "Vous pouvez clôturer la demande, merci",
    "Oui, vous pouvez clôturer", "Oui, tout fonctionne", "Tout fonctionne, merci",
    "Problème résolu", "Le problème est résolu", "Oui le problème est résolu, merci",
    "Bonjour,\nOui.\nCordialement", "Bonjour, oui\nCordialement,\nSophie Martin",
    "Bonjour,\n\nOUI\n\nBien cordialement,\nSophie Martin\nClim Martin SARL",
    "Bonjour oui merci", "Oui\n\nSophie", "oui\nS. Martin", "OUI OUI",
    "Oui avec plaisir", "Oui pas de problème", "Oui, bonne journée", "ouais", "👍 oui",
    "yes", "Yes please", "Yes, thank you", "Agreed", "I confirm", "OK thanks",
    "Please close", "All good, thanks", "Go ahead", "Sí", "si", "Sí, gracias",
    "De acuerdo", "Vale", "Vale, muchas gracias", "Confirmo", "Acepto la fecha",
    "Hola, sí\nSaludos", "Pueden cerrar",
    "No problem, you can close", "Pas de problème, vous pouvez clôturer",
    "Merci, tout fonctionne", "Merci beaucoup, c'est parfait", "Bonjour c'est bon",
    "Bonsoir,\nje confirme",
)  # fmt: skip

NO = {
    "NON": "",
    "non": "",
    "Non.": "",
    "non merci": "",
    "Non, ça ne marche pas": "ça ne marche pas",
    "Non, la chambre 2 ne chauffe pas": "la chambre 2 ne chauffe pas",
    "NON : le thermostat est éteint": "le thermostat est éteint",
    "Non\nLe thermostat du salon reste éteint.": "Le thermostat du salon reste éteint.",
    "Bonjour,\nNon, il fait froid.\nSophie": "il fait froid.\nSophie",
    "Bonjour, non il fait froid": "il fait froid",
    "Je refuse, trop loin": "trop loin",
    "REFUSE indisponible": "indisponible",
    "Refusé : hors zone": "hors zone",
    "Pas d'accord, il reste une fuite": "il reste une fuite",
    "No, room 2 is cold": "room 2 is cold",
    "No": "",
    "No, la habitación 2 no calienta": "la habitación 2 no calienta",
    "Nope": "",
}

TRICKY = (
    "OUI mais la chambre 2 ne chauffe pas", "Oui, mais pas demain",
    "Oui sauf le salon", "Oui par contre il reste un bruit",
    "OK mais attendez la semaine prochaine", "ok, cependant le salon est froid",
    "Oui toutefois une question", "Oui, tout fonctionne sauf la chambre 2",
    "Oui ça marche presque", "Oui, ça marche mal", "Oui enfin non",
    "Oui non attendez", "oui ou non ?", "Oui ?", "OK ?", "D'accord ?",
    "C'est bon ?", "Vous pouvez clôturer ?", "Ça fonctionne ?", "Oui... et le devis ?",
    "ok je regarde et je reviens vers vous", "Ok je vous tiens au courant",
    "D'accord, je demande à mon chef", "Oui je vous rappelle demain",
    "Oui le technicien est passé", "Oui il est venu mais rien n'a changé",
    "Oui, une partie fonctionne", "Ok pour mercredi", "Oui mercredi",
    "Ok pour le rendez-vous mais pas la clôture", "Oui, à condition de revenir",
    "Oui si vous repassez", "Si le technicien repasse",
    "Si ça ne marche pas je fais quoi",
    "Si vous voulez", "Non, c'est bon", "Ce n'est pas bon", "C'est pas bon",
    "Ça ne fonctionne pas", "Tout ne fonctionne pas", "Rien ne fonctionne",
    "Je ne confirme pas", "Je n'accepte pas", "N'acceptez pas", "Ne clôturez pas",
    "Ne pas clôturer", "Surtout ne clôturez pas", "Il ne faut pas clôturer",
    "Vous ne pouvez pas clôturer", "Vous pouvez clôturer dès que le salon chauffe",
    "Le problème n'est pas résolu", "Problème non résolu", "Problème résolu en partie",
    "Le problème est résolu à moitié", "Oui non", "OKLM", "okapi", "ouistiti",
    "Parfaitement nul", "Parfait exemple de travail bâclé",
    "Très bien pour le salon, pas la chambre",
    "Bien reçu votre message, on vérifie", "Tout est bon sauf la zone nuit",
    "Tout marche de travers", "Ça marche pas", "Ça marche toujours pas",
    "Yes but room 2 is cold", "Yes, except the living room", "Ok however it is noisy",
    "Yes?", "Not ok", "It is not all good", "Do not close",
    "Please close the door next time",
    "I confirm that it is still broken", "Sí pero la habitación 2 está fría",
    "Sí, salvo el salón", "¿Sí?", "No está bien", "Si no funciona, ¿qué hago?",
    "Vale la pena revisar", "Correcto solo en parte", "", "   \n ", "?", "...",
    "Oui\n\nPS : la chambre 2 reste froide", "OUI\nIl reste juste le salon à voir",
    "Merci, c'est noté", "Bonjour,", "Cordialement", "Je suis absent jusqu'à lundi",
    "Oui 12", "Oui la facture est fausse", "Ok boomer", "Confirmé par qui",
    "Tout est ok de votre côté je suppose", "Accepte-t-il", "Valide jusqu'au 12 mai",
)  # fmt: skip

OTHER = {
    "AUTRE DATE": (Word.OTHER_DATE, ""),
    "Autre date : plutôt vendredi": (Word.OTHER_DATE, "plutôt vendredi"),
    "Bonjour,\nAutre date svp, vendredi matin": (
        Word.OTHER_DATE,
        "svp, vendredi matin",
    ),
    "Une autre date, s'il vous plaît": (Word.OTHER_DATE, "s'il vous plaît"),
    "Another date please": (Word.OTHER_DATE, "please"),
    "Otra fecha, el viernes": (Word.OTHER_DATE, "el viernes"),
    "ANNULER": (Word.CANCEL, ""),
    "Annuler, le chantier est arrêté": (Word.CANCEL, "le chantier est arrêté"),
    "cancel": (Word.CANCEL, ""),
    "Cancelar": (Word.CANCEL, ""),
    "STOP": (Word.STOP, ""),
    "Stop.": (Word.STOP, ""),
    "stop merci": (Word.STOP, ""),
    "STOP\nSophie Martin": (Word.STOP, ""),
    "REPRENDRE": (Word.RESUME, ""),
    "unsubscribe": (Word.STOP, ""),
}

NAMES = ("Sophie Martin", "S. Martin", "Clim Martin SARL")


@pytest.mark.parametrize("text", YES)
def test_a_yes_and_nothing_else_is_a_yes(text: str) -> None:
    assert recognise(text, NAMES) == Said(Word.YES)


@pytest.mark.parametrize(("text", "rest"), NO.items())
def test_a_no_keeps_its_reason(text: str, rest: str) -> None:
    assert recognise(text) == Said(Word.NO, rest)


@pytest.mark.parametrize("text", TRICKY)
def test_nothing_is_closed_by_a_text_that_says_more(text: str) -> None:
    said = recognise(text, NAMES)

    assert said is None or said.word is not Word.YES


@pytest.mark.parametrize(("text", "expected"), OTHER.items())
def test_other_words_act_too(text: str, expected: tuple[Word, str]) -> None:
    assert recognise(text, NAMES) == Said(*expected)


@pytest.mark.parametrize(
    "text",
    [
        "OUI mais la chambre 2 ne chauffe pas",
        "Oui, tout fonctionne sauf la chambre 2",
        "Oui ?",
        "ok je regarde et je reviens vers vous",
        "Yes but room 2 is cold",
        "Sí pero la habitación 2 está fría",
        "Non mais en fait c'est bon, clôturez",
    ],
)
def test_a_mixed_answer_is_told_from_an_ordinary_message(text: str) -> None:
    assert recognise(text) == Said(Word.MIXED)


@pytest.mark.parametrize(
    "text",
    [
        "Le digicode est 1234.",
        "Notre référence a changé.",
        "Stop chantier la semaine prochaine",
        "Nonobstant votre message",
        "Nous avons bien reçu le technicien, il reste un bruit.",
        "Okay Solutions vous contacte",
        "Report de garantie en pièce jointe, merci de regarder",
    ],
)
def test_an_ordinary_message_says_no_word(text: str) -> None:
    said = recognise(text)

    assert said is None or said.word in (Word.MIXED, Word.OTHER_DATE)


def test_the_writers_own_name_says_nothing() -> None:
    signed = "Oui\nSophie Martin\nClim Martin SARL"

    assert recognise(signed, NAMES) == Said(Word.YES)
    assert recognise(signed) == Said(Word.MIXED)


def test_a_name_that_means_no_is_not_skipped_over() -> None:
    said = recognise("Oui mais", ("Jean Mais",))

    assert said is None or said.word is not Word.YES


def test_words_have_neither_accents_nor_case() -> None:
    assert words_of("L’été, à Orléans !") == ("l", "ete", "a", "orleans")


# --- whatever comes ---------------------------------------------------------

_WORDS = st.text("abcdefghijklmnopqrstuvwxyzéèêàùçñ' ,.\n", max_size=60)
_BUT = st.sampled_from(
    ("mais", "Mais", "sauf", "par contre", "cependant", "but", "except", "pero")
)
_BARE_YES = st.sampled_from([y for y in YES if "\n" not in y and len(y) < 30])


@given(_BARE_YES, _BUT, _WORDS, st.sampled_from((" ", ", ", "\n", ". ")))
def test_a_yes_with_a_but_is_never_a_yes(
    yes: str, but: str, rest: str, gap: str
) -> None:
    said = recognise(f"{yes}{gap}{but} {rest}", NAMES)

    assert said is None or said.word is not Word.YES


@given(_BARE_YES, _WORDS)
def test_a_question_is_never_a_yes(yes: str, rest: str) -> None:
    for text in (f"{yes} {rest}?", f"{yes} ?\n{rest}", f"{rest}?\n{yes}"):
        said = recognise(text, NAMES)
        assert said is None or said.word is not Word.YES


@given(_BARE_YES, st.sampled_from(("ne", "pas", "non", "jamais", "not", "no", "nunca")))
def test_a_yes_with_a_negation_is_never_a_yes(yes: str, word: str) -> None:
    assume("pas de probleme" not in f"{yes} {word}")
    for text in (f"{yes} {word}", f"{yes}\n{word} encore", f"{yes}, {word} du tout"):
        said = recognise(text, NAMES)
        assert said is None or said.word is not Word.YES


@given(st.text(max_size=300), st.lists(st.text(max_size=20), max_size=3))
def test_any_text_gives_an_answer_and_no_error(text: str, names: list[str]) -> None:
    said = recognise(text, names)

    assert said is None or isinstance(said.word, Word)


@given(st.lists(st.text("abcdefghij", min_size=4, max_size=9), min_size=1))
def test_a_yes_among_other_words_never_closes(words: list[str]) -> None:
    said = recognise(f"Oui {' '.join(words)}")

    assert said is None or said.word is not Word.YES
