"""The search language takes anything, and writes what it reads."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qsl, urlsplit

from hypothesis import example, given
from hypothesis import strategies as st
from multidict import MultiDict

from azbot.channels.web.inbox.asked import Order, Queue, asked
from azbot.channels.web.inbox.fields import OPERATORS, Field, codes_of, written
from azbot.channels.web.inbox.query import Condition, Query, read

TODAY = date(2026, 3, 25)
VALUES = st.sampled_from(
    [
        *("attente", "en", "Réalisée", "ouvert", "mise", "garantie", "hors", "xyz"),
        *("69", "2a", "rhône", ">2026-03-01", "25/03", "..demain", "semaine", "oui"),
        *("froid rhône", "moi", "a,b", "184", "«", "30/02", ">=hier", "2026-02"),
    ]
)
NAMES = st.sampled_from([*OPERATORS, "Statut", "DEMANDÉE", "inconnu", "http", "x", "1"])
TERMS = st.builds(
    lambda name, value, mark, end: f"{name}{mark}{value}{end}",
    NAMES,
    VALUES | st.text(max_size=8),
    st.sampled_from([":", ':"', ": ", "::", ":,"]),
    st.sampled_from(["", '"', ",", ',"', " "]),
)
TYPED = st.lists(TERMS | st.text(max_size=12), max_size=6).map(" ".join) | st.text()


@given(TYPED)
@example('sta:"froid')
@example('a"b c')
@example("re: statut:")
@example('statut:"" inconnu:"')
@example('"statut:attente" etiquette:"a,b"')
def test_any_text_is_a_query_and_is_read_back_from_its_own_words(typed: str) -> None:
    query = read(typed, TODAY)
    assert read(str(query), TODAY) == query


@given(st.sampled_from(Field), VALUES | st.text(max_size=20))
def test_a_value_as_azbot_writes_it_means_the_same_again(
    field: Field, text: str
) -> None:
    for code in codes_of(field, text, TODAY):
        assert list(codes_of(field, written(field, code), TODAY)) == [code]


@given(TYPED, st.data())
def test_a_piece_taken_out_leaves_the_others(typed: str, data: st.DataObject) -> None:
    query = read(typed, TODAY)
    if query.pieces:
        gone = data.draw(st.sampled_from(query.pieces))
        left = query.without(gone)
        assert left == Query(tuple(p for p in query.pieces if p != gone))
        assert read(str(left), TODAY) == left


@given(TYPED)
def test_no_condition_is_empty(typed: str) -> None:
    for piece in read(typed, TODAY).pieces:
        assert str(piece)
        assert not isinstance(piece, Condition) or piece.codes


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [
                    *(field.value for field in Field),
                    *("demandee_du", "demandee_au", "programmee_du", "programmee_au"),
                    *("q", "queue", "tri", "apres", "vue", "autre"),
                ]
            ),
            VALUES | TYPED | st.sampled_from([*Queue, *Order, "2026-03-01", "7"]),
        ),
        max_size=6,
    )
)
@example([("demandee_du", "2026-03-05"), ("demandee_au", "2026-03-05")])
@example([("statut", "attente"), ("queue", "todo")])
@example([("demandee", "attente"), ("demandee", ">2026-03-01")])
def test_any_address_is_read_and_written_as_itself(
    pairs: list[tuple[str, str]],
) -> None:
    found = asked(MultiDict(pairs), TODAY)
    again = MultiDict(parse_qsl(urlsplit(found.url()).query, keep_blank_values=True))
    assert asked(again, TODAY) == found
    for piece in (*found.filters, *found.stray, *found.query.pieces):
        left = found.without(piece)
        assert asked(MultiDict(list(left.pairs())), TODAY) == left
