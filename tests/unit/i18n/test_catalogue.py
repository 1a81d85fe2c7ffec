import pytest

from azbot.i18n.catalogue import (
    LANGUAGES,
    Catalogue,
    MissingWords,
    catalogue,
    placeholders,
    plural_form,
    strict_catalogue,
    words_of,
)
from azbot.workflow.model import Status


def a_catalogue(*, is_strict: bool = False, language: str = "fr") -> Catalogue:
    return Catalogue(
        language,
        {
            "mail.hello": ("Bonjour {name},",),
            "mail.files": ("{count} fichier", "{count} fichiers"),
        },
        is_strict=is_strict,
    )


def test_facts_fill_their_placeholders() -> None:
    assert a_catalogue().t("mail.hello", name="Sophie") == "Bonjour Sophie,"


def test_a_fact_is_never_read_as_a_placeholder_itself() -> None:
    assert a_catalogue().t("mail.hello", name="{name} {0}") == "Bonjour {name} {0},"


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 fichier"), (1, "1 fichier"), (2, "2 fichiers"), (21, "21 fichiers")],
)
def test_french_counts_zero_as_one(count: int, words: str) -> None:
    assert a_catalogue().t("mail.files", count=count) == words


def test_english_and_spanish_count_zero_as_many() -> None:
    assert [plural_form("en", n) for n in (0, 1, 2)] == [1, 0, 1]
    assert [plural_form("es", n) for n in (0, 1, 2)] == [1, 0, 1]


def test_a_strict_catalogue_refuses_an_unknown_key() -> None:
    with pytest.raises(MissingWords) as caught:
        a_catalogue(is_strict=True).t("mail.bye")
    assert caught.value.key == "mail.bye"


def test_a_strict_catalogue_refuses_a_missing_fact() -> None:
    with pytest.raises(MissingWords) as caught:
        a_catalogue(is_strict=True).t("mail.hello")
    assert caught.value.fact == "name"
    with pytest.raises(MissingWords) as caught:
        a_catalogue(is_strict=True).t("mail.files")
    assert caught.value.fact == "count"


def test_in_production_french_stands_in_for_a_missing_translation() -> None:
    spanish = Catalogue("es", {}, fallback=a_catalogue())
    assert spanish.t("mail.hello", name="Ana") == "Bonjour Ana,"
    assert spanish.t("mail.files", count=0) == "0 fichier"


def test_in_production_a_key_without_words_stands_for_itself() -> None:
    assert catalogue("es").t("no.such.key") == "no.such.key"
    assert a_catalogue().t("mail.hello") == "Bonjour {name},"
    assert a_catalogue().t("mail.files") == "{count} fichiers"


@pytest.mark.parametrize("asked", ["fr-CA", "fr_FR", "FR", "de", ""])
def test_an_unknown_language_gets_french(asked: str) -> None:
    assert catalogue(asked).t("status.done") == "Réalisée"


@pytest.mark.parametrize(
    ("language", "words"), [("en-GB", "In progress"), ("ES", "En curso")]
)
def test_a_region_does_not_matter(language: str, words: str) -> None:
    assert catalogue(language).t("status.underway") == words


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_can_be_said_with_its_facts(language: str) -> None:
    spoken = strict_catalogue(language)
    for key in words_of(language):
        facts = {fact: "x" for form in spoken.forms(key) for fact in placeholders(form)}
        assert "{" not in spoken.t(key, **{**facts, "count": 2})


def test_statuses_are_feminine_and_as_decided() -> None:
    words = [catalogue("fr").t(f"status.{status}") for status in Status]
    assert words == [
        "Demandée", "En attente", "Assignée", "En cours", "Réalisée", "Clôturée",
        "Annulée",
    ]  # fmt: skip


def test_keys_tell_what_a_language_has() -> None:
    assert a_catalogue().keys == {"mail.hello", "mail.files"}
    assert "mail.hello" in a_catalogue()
    assert a_catalogue().forms("mail.files")[0] == "{count} fichier"
    with pytest.raises(MissingWords):
        a_catalogue().forms("mail.bye")
