from __future__ import annotations

import re
import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azbot.channels.email.quoting import separate
from azbot.messages import Reply
from benchmarks.replies import HOSTILE

SENT = "Bonjour,\nIl manque deux informations à compléter :\nSystème :\nRépondez OUI."
PIECES = (
    *("Bonjour,", "Le groupe est en panne.", "OUI", "", "", "> ", ">> x", "-- "),
    *("Le 12/03/2026 à 10:22, Support <s@d.fr> a écrit :", "On 1 Jan 2026 x wrote:"),
    *("De : Support <s@d.fr>", "Envoyé : jeudi 12 mars 2026 10:22", "À : Anna"),
    *("Objet : Panne", "-----Message d'origine-----", "________________", "====", "--"),
    *("> Système : Daikin", "Système :", "Système : Daikin", "Envoyé de mon iPhone"),
    *("> Il manque deux informations à compléter :", "> Répondez OUI.", "a écrit :"),
    *("Il manque deux informations à compléter :", "Répondez OUI.", "<a@b.fr>:", ">:"),
    *("riak mailing list", "https://x.example/y", "\u200e\u202f", "-Anna", "x" * 500),
)
texts = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=25).map("\n".join),
    st.text(max_size=200),
)
sents = st.sampled_from([(), (SENT,)])


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text))


def everything(reply: Reply) -> str:
    return "\n".join([reply.text, *reply.elided])


@settings(max_examples=500)
@given(texts, sents)
def test_no_word_is_lost(text: str, sent: tuple[str, ...]) -> None:
    assert words(everything(separate(text, None, sent))) == words(text)


@settings(max_examples=300)
@given(texts, sents)
def test_a_message_never_becomes_empty(text: str, sent: tuple[str, ...]) -> None:
    assert bool(separate(text, None, sent).text) == bool(text.strip())


@settings(max_examples=300)
@given(texts, st.integers(0, 10), sents)
def test_a_mark_loses_no_word(text: str, lines: int, sent: tuple[str, ...]) -> None:
    marked = "\n".join(text.split("\n")[:lines]).rstrip()
    assert words(everything(separate(text, marked, sent))) == words(text)


@given(texts)
def test_a_forward_stays_whole(text: str) -> None:
    reply = separate(text, None, (SENT,), True)  # noqa: FBT003 - the seam's own call
    assert reply.text == text.strip()
    assert reply.elided == ()


@settings(max_examples=200)
@given(st.lists(st.sampled_from(PIECES[:4]), min_size=1, max_size=8))
def test_plain_words_above_a_quotation_survive(lines: list[str]) -> None:
    new = "\n".join(lines)
    quoted = "\n\nLe 12/03/2026 à 10:22, Support <s@d.fr> a écrit :\n> Bonjour"
    if new.strip():
        assert separate(new + quoted, None).text.split() == new.split()


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_takes_no_time(name: str) -> None:
    text = HOSTILE[name]()
    began = time.process_time()
    reply = separate(text, None, (SENT,) * 50)
    assert time.process_time() - began < 4
    assert bool(reply.text) == bool(text.strip())
