"""Typography and completeness of the catalogues (X20, R126)."""

import ast
import re
from importlib.resources import files
from pathlib import Path

import pytest

import azbot
from azbot.forms.assistance import ASSISTANCE
from azbot.forms.intervention import INTERVENTION
from azbot.forms.places import COUNTRIES
from azbot.i18n.catalogue import LANGUAGES, placeholders, words_of
from azbot.i18n.formats import typographic
from azbot.messages import Reason

FRENCH = sorted(words_of("fr").items())
SOURCES = sorted(Path(azbot.messages.__file__).parent.joinpath("forms").rglob("*.py"))
NARROW = re.compile("\u202f(?=[;!?])")
HEADER = re.compile(r"(?<=«\u00a0)[A-Z][A-Za-z-]+: ")  # of HTTP, quoted as typed
PAGES = {
    *("web", "inbox", "signin", "signing", "account", "admin", "station", "stats"),
    *("portal", "request", "upload", "visit", "visitor"),
}
IN_NUMBERS = re.compile(r"(?<=[0-9A-F]):(?=[0-9A-F])")


def test_the_catalogue_is_found() -> None:
    assert len(FRENCH) > 250


FAULTS = {
    "ASCII space": re.compile(r"[ \t][:;!?%»]|«[ \t]"),
    "no space": re.compile(r"[\w)»}][:;!?%](?![/\w])"),
    "straight apostrophe": re.compile("'"),
    "straight quotation mark": re.compile('"'),
    "narrow space, mails show U+00A0": re.compile("\u202f"),
    "exclamation mark": re.compile("!"),
}


def faults(key: str, shown: str) -> list[str]:
    # Pages may narrow these spaces (ux.md 5.1); mails and texts may not.
    is_page = key.partition(".")[0] in PAGES
    words = NARROW.sub("\u00a0", shown) if is_page else shown
    words = HEADER.sub("", words)
    text = IN_NUMBERS.sub("", re.sub(r"https?://\S+|mailto:\S+", "", words))
    found = [name for name, pattern in FAULTS.items() if pattern.search(text)]
    return found + (["not as typographic()"] if typographic(words) != words else [])


def test_french_words_follow_french_typography() -> None:
    """One test for all of them: a list of every fault tells more than the first."""
    wrong = [
        (key, shown, found)
        for key, forms in FRENCH
        for shown in forms
        if (found := faults(key, shown))
    ]
    assert wrong == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_key_has_words_in_every_language(language: str) -> None:
    missing = sorted(set(words_of("fr")) - set(words_of(language)))
    surplus = sorted(set(words_of(language)) - set(words_of("fr")))
    assert missing == []
    assert surplus == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_translation_says_the_same_facts(language: str) -> None:
    for key, forms in words_of(language).items():
        french = placeholders(" ".join(words_of("fr")[key]))
        assert placeholders(" ".join(forms)) == french, key
        assert len(forms) == len(words_of("fr")[key]), key


@pytest.mark.parametrize("language", ["en", "es"])
def test_english_and_spanish_have_no_french_spacing(language: str) -> None:
    for key, forms in words_of(language).items():
        for words in forms:
            assert not re.search(r"\s[:;!?]", words), key
            assert "'" not in words, key
            assert '"' not in words, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_words_have_stray_spaces(language: str) -> None:
    for key, forms in words_of(language).items():
        for words in forms:
            assert words == words.strip(), key
            assert "  " not in words, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_a_form_shows_has_words(language: str) -> None:
    shown = ASSISTANCE.catalogue_keys() | INTERVENTION.catalogue_keys()
    shown |= {f"form.country.{code}" for code in COUNTRIES}
    shown |= {f"reason.{reason}" for reason in Reason}
    assert shown - set(words_of(language)) == set()


def _problem_codes() -> set[str]:
    codes = set()
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Name("Problem"), args=[ast.Constant(str(code)), *_]
                ):
                    codes.add(code)
                case ast.Assign(targets=[ast.Name("code")], value=value):
                    codes |= {
                        part.value
                        for part in ast.walk(value)
                        if isinstance(part, ast.Constant) and part.value in _KNOWN
                    }
    return codes


_KNOWN = {key.removeprefix("error.") for key in words_of("fr") if "error." in key}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_problem_of_a_validator_has_a_sentence(language: str) -> None:
    codes = _problem_codes()
    assert len(codes) > 35
    missing = {f"error.{code}" for code in codes} - set(words_of(language))
    assert missing == set()


def test_a_repair_sentence_ends_like_a_sentence() -> None:
    for key, forms in FRENCH:
        if key.startswith(("error.", "date.")) and key != "error.labelled":
            assert all(words.endswith(".") for words in forms), key


def test_only_catalogue_files_lie_beside_each_other() -> None:
    for language in LANGUAGES:
        names = {file.name for file in files("azbot.i18n").joinpath(language).iterdir()}
        french = {file.name for file in files("azbot.i18n").joinpath("fr").iterdir()}
        assert names == french
        assert all(name.endswith(".po") for name in names)
