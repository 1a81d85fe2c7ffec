"""Every notice has its words, every rule its sentence, every step its notice."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from azbot.i18n.catalogue import LANGUAGES, words_of
from azbot.workflow.decision import NoticeKind
from azbot.workflow.lives import LIVES
from tests.architecture.sources import PACKAGE, ROOT, modules, tree
from tests.mails.pages import page
from tests.mails.samples import LANGUAGES as WRITTEN
from tests.mails.samples import SAMPLES

MAILS = ROOT / "templates" / "mail"
_SENTENCE = re.compile(r"""\bt\(\s*"([a-z_0-9.]+)"[,)]""")
_BEGUN = re.compile(r""""((?:mail|desk|reason|status)\.[a-z_0-9.]*[._])"\s*~""")


def templates() -> dict[str, str]:
    """Return every template of mails by its name."""
    found = {
        path.relative_to(MAILS).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(MAILS.rglob("*.j2"))
    }
    assert len(found) > 70
    return found


@pytest.mark.parametrize("kind", NoticeKind, ids=lambda kind: str(kind.value))
def test_a_notice_has_a_subject_and_both_parts(kind: NoticeKind) -> None:
    folder = MAILS / kind.value
    assert (folder / "subject.txt.j2").is_file()
    for part in ("txt", "html"):
        names = (f"body.{part}.j2", "body.j2")
        assert any((folder / name).is_file() for name in names), part


def test_no_template_is_left_over() -> None:
    folders = {path.name for path in MAILS.iterdir()} - {"_frame"}
    assert folders == {kind.value for kind in NoticeKind}


def test_every_notice_has_a_sample_in_every_language() -> None:
    assert {one.kind for one in SAMPLES} == set(NoticeKind)
    assert set(WRITTEN) == set(LANGUAGES)
    names = [one.name for one in SAMPLES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_a_template_names_has_words(language: str) -> None:
    known = words_of(language)
    for name, text in templates().items():
        for key in _SENTENCE.findall(text):
            assert key in known, f"{key} in {name}"
        for begun in _BEGUN.findall(text):
            assert any(key.startswith(begun) for key in known), f"{begun}… in {name}"


def test_no_words_of_mails_are_left_over() -> None:
    texts = list(templates().values())
    texts += [path.read_text(encoding="utf-8") for path in modules(PACKAGE / "render")]
    everything = "\n".join(texts)
    begun = re.findall(r'"(mail\.[a-z_0-9.]+)"\s*~', everything)
    begun += re.findall(r'"(mail\.[a-z_0-9.]+[._])"', everything)
    begun += re.findall(r'f"(mail\.[a-z_0-9.]+[._])\{', everything)
    left = [
        key
        for key in words_of("fr")
        if key.startswith("mail.")
        and f'"{key}"' not in everything
        and not key.startswith(tuple(begun))
    ]
    assert left == []


def test_templates_hold_no_words_of_their_own() -> None:
    for name, text in templates().items():
        bare = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}|<!--.*?-->", "", text, flags=re.DOTALL)
        bare = re.sub(r"<style>.*?</style>|<[^>]*>|&#?\w+;", "", bare, flags=re.DOTALL)
        assert not re.search(r"[^\W\d_]{2,}", bare), (name, bare.strip())


@pytest.mark.parametrize("life", LIVES, ids=lambda life: str(life.name))
def test_what_a_step_tells_exists(life: object) -> None:
    steps = getattr(life, "steps", ())
    assert steps
    for step in steps:
        assert step.tells or step.is_silent
        assert set(step.tells) <= set(NoticeKind)


def refused_codes() -> Iterator[str]:
    """Yield every code a rule of the workflow, or intake, may refuse with."""
    for path in (*modules(PACKAGE / "workflow"), *modules(PACKAGE / "intake")):
        for node in ast.walk(tree(path)):
            match node:
                case ast.Call(
                    func=ast.Name("refuse" | "Refusal" | "Refused"),
                    args=[ast.Constant(str(code)), *_],
                ):
                    yield code


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_has_a_sentence(language: str) -> None:
    codes = set(refused_codes())
    assert len(codes) > 30
    sentences = {key for key in words_of(language) if key.startswith("refusal.")}
    assert sentences == {f"refusal.{code}" for code in codes}


def desk_matters() -> Iterator[str]:
    """Yield every matter the desk is told of (``what`` of E23)."""
    for path in modules(PACKAGE / "workflow"):
        for node in ast.walk(tree(path)):
            match node:
                case ast.Call(func=ast.Attribute(attr="desk"), args=[first, *_]):
                    for part in ast.walk(first):
                        if isinstance(part, ast.Constant):
                            yield str(part.value)
                case ast.Assign(targets=[ast.Name("what")], value=value):
                    for part in ast.walk(value):
                        if isinstance(part, ast.Constant) and part.value:
                            yield str(part.value)


def test_what_intake_tells_has_words() -> None:
    found = {
        value.value
        for path in modules(PACKAGE / "intake")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and key.value == "what"
        if isinstance(value, ast.Constant) and isinstance(value.value, str)
    }
    assert found
    known = words_of("fr")
    for what in found:
        assert f"desk.{what}" in known or f"mail.rejected.subject.{what}" in known


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_matter_for_the_desk_has_a_sentence(language: str) -> None:
    matters = set(desk_matters())
    assert len(matters) > 12
    assert {f"desk.{matter}" for matter in matters} <= set(words_of(language))


def test_the_page_of_mails_is_the_one_written_from_the_code() -> None:
    written = (ROOT / "docs" / "developers" / "mails.md").read_text(encoding="utf-8")
    assert written == page(), "run: python -m tests.mails.pages"
