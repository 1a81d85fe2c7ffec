from __future__ import annotations

import time

import pytest

from azbot.channels.email.layout import balanced, html_to_text
from azbot.channels.email.markers import find_mark

HOSTILE = {
    "20 000 nested div": "<div>" * 20_000 + "mot",
    "20 000 nested blockquotes": "<blockquote>" * 20_000 + "mot",
    "100 000 nested lists": "<ul><li>x" * 100_000 + " mot",
    "125 000 headers": "<header>" * 125_000 + "mot",
    "crossed elements": "<div></b><b></div>" * 50_000 + "mot",
    "tables left by a close": "<div><table><tr><td></div>" * 30_000 + "mot",
    "borders": '<p style="border-top:solid #E1E1E1">' * 25_000 + "mot",
    "marks that are none": '<p class="xgmail_quote">' * 40_000 + "mot",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_html_gives_its_words_in_time(name: str) -> None:
    began = time.process_time()
    find_mark(HOSTILE[name])
    whole, _ = html_to_text(HOSTILE[name])
    assert "mot" in whole.split()
    assert time.process_time() - began < 4


def test_quoted_blocks_get_their_sign() -> None:
    document = "<p>a</p><blockquote>b<blockquote>c</blockquote></blockquote><p>d</p>"
    assert html_to_text(document)[0].split("\n") == ["a", "", "> b", ">> c", "", "d"]


def test_what_nobody_sees_is_no_text() -> None:
    document = (
        "<head><title>t</title><style>s</style></head><!-- c --><script>x</script>"
        "<header>entête</header><img src='http://x'><p>corps</p><script>never closed"
    )
    assert html_to_text(document)[0].split() == ["entête", "corps"]


def test_signs_of_ours_in_foreign_text_mean_nothing() -> None:
    assert html_to_text("a\uf8f0b&#xf8f0;c\uf8f1d") == ("abcd", None)


def test_elements_are_balanced_and_shallow() -> None:
    assert balanced("<p>a<p>b</div></p><x>c") == "<p>a</p><p>b</p>c"
    assert balanced("<div><div>a", deepest=1) == "<div> a</div>"


@pytest.mark.parametrize(
    "document",
    [
        '<p>neuf</p><div class="x gmail_quote">cité</div>',
        "<p>neuf</p><div id=divRplyFwdMsg>cité</div>",
        '<p>neuf</p><hr><div id="x_divRplyFwdMsg">cité</div>',
        '<p>neuf</p><blockquote type="cite">cité</blockquote>',
        "<p>neuf</p><div class='moz-cite-prefix'>cité</div>",
        '<p>neuf</p><div class="protonmail_quote">cité</div>',
        '<p>neuf</p><div id="yahoo_quoted_7">cité</div>',
        '<p>neuf</p><div class="ydp1a2byahoo_quoted">cité</div>',
        '<p>neuf</p><div data-marker="__QUOTED_TEXT__">cité</div>',
        (
            '<p>neuf</p><div style="border:none;border-top:solid #B5C4DF 1.0pt">'
            "<b>Von:</b> x<br><b>Gesendet:</b> y<br><b>Betreff:</b> z</div>cité"
        ),
    ],
)
def test_the_mark_of_a_client_cuts(document: str) -> None:
    found = find_mark(document)
    assert found is not None
    assert html_to_text(document, found[0])[1] == "neuf"


@pytest.mark.parametrize(
    "document",
    [
        "<p>le mot gmail_quote dans le texte</p>",
        '<div class="gmail_quoted_by_me">a</div>',
        '<div style="border-top:solid #E1E1E1 1.0pt">Total : 30 €</div>',
        '<a href="https://x.example/?id=divRplyFwdMsg">a</a>',
        '<input type="cite">',
        '<p class="ydp1a2bwrap">a</p>',
    ],
)
def test_what_only_looks_like_a_mark_does_not_cut(document: str) -> None:
    assert find_mark(document) is None


def test_nothing_is_cut_when_nothing_would_remain() -> None:
    assert html_to_text("<div class=gmail_quote>cité</div>", 0) == ("cité", None)
