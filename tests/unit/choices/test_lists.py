"""Entries of lists: keys that stay, names that change, words that are read."""

from __future__ import annotations

import pytest

from azbot.choices.lists import (
    STARTERS,
    Entry,
    checked_entry,
    entry_from,
    entry_of,
    list_in_force,
    new_key,
)
from azbot.choices.values import lists_of
from azbot.choices.words import Unfit
from azbot.forms.assistance import ASSISTANCE
from azbot.forms.kinds import Accepted, Context, Problem
from azbot.i18n.answers import answer_words
from azbot.i18n.catalogue import catalogue
from azbot.store.codec import decode, encode

MAKER = ASSISTANCE.fields["maker"]
SYSTEM = ASSISTANCE.fields["system"]


def given(name: str, **entries: Entry) -> Context:
    return Context(catalogues={name: list_in_force(name, entries)})


def test_an_untouched_list_is_the_delivered_one() -> None:
    for name, starter in STARTERS.items():
        assert set(list_in_force(name, {})) == set(starter)


def test_a_new_maker_is_taken_by_name_and_by_synonym() -> None:
    context = given("makers", zehnder=Entry("Zehnder", synonyms=("comfosystems",)))
    assert MAKER.kind.check("zehnder", context) == Accepted("zehnder")
    assert MAKER.kind.check("ComfoSystems", context) == Accepted("zehnder")
    assert MAKER.kind.check("Zehnder", Context()) == Accepted("other:Zehnder")


def test_makers_stay_in_alphabetical_order() -> None:
    names = [o.name for o in list_in_force("makers", {"b": Entry("Beretta")})]
    assert names.index("Atlantic") < names.index("Beretta") < names.index("Bosch")


def test_a_renamed_entry_keeps_its_key_and_its_former_name() -> None:
    entry = checked_entry(Entry("Daikin Europe"), "daikin", STARTERS["makers"])
    context = given("makers", daikin=entry)
    assert MAKER.kind.check("Daikin", context) == Accepted("daikin")
    assert MAKER.kind.check("daikin europe", context) == Accepted("daikin")
    assert answer_words(MAKER, "daikin", catalogue("fr"), context) == "Daikin Europe"


def test_a_name_in_one_language_leaves_the_others_to_the_catalogue() -> None:
    entry = Entry(names=(("fr", "Gainable à zones"),))
    context = given("systems", zoned_ducted=entry)
    french, english = catalogue("fr"), catalogue("en")
    assert answer_words(SYSTEM, "zoned_ducted", french, context) == "Gainable à zones"
    assert answer_words(SYSTEM, "zoned_ducted", english, context) == answer_words(
        SYSTEM, "zoned_ducted", english
    )


def test_a_retired_entry_is_shown_and_no_longer_chosen() -> None:
    context = given("makers", york=Entry("York", is_active=False))
    assert MAKER.kind.check("York", context) == Accepted("other:York")
    assert MAKER.kind.check("york", context) == Accepted("york")
    assert answer_words(MAKER, "york", catalogue("fr"), context) == "York"


def test_a_retired_entry_is_not_read_in_a_list_without_other() -> None:
    assert isinstance(
        ASSISTANCE.fields["service"].kind.check("Zehnder", Context()), Problem
    )


def test_entries_survive_the_store() -> None:
    entry = Entry("Zehnder", (("en", "Zehnder UK"),), ("zehn",), is_active=False)
    assert entry_from(decode(encode(entry))) == entry
    for option in STARTERS["makers"]:
        assert entry_from(decode(encode(entry_of(option)))) == entry_of(option)


def test_new_entries_stand_in_the_order_they_came_in() -> None:
    found = lists_of(
        {
            "list.models.zzz": {"name": "Première", "rank": 1},
            "list.models.aaa": {"name": "Seconde", "rank": 2},
            "list.unknown.x": {"name": "x"},
        }
    )
    assert [o.key for o in found["models"]][-2:] == ["zzz", "aaa"]
    assert set(found) == {"models"}


def test_keys_are_plain_and_told_apart() -> None:
    assert new_key("Élan & Cie", ()) == "elan_cie"
    assert new_key("Élan & Cie", {"elan_cie", "elan_cie_2"}) == "elan_cie_3"
    assert new_key("空調", ()) == "entry"


@pytest.mark.parametrize(
    ("entry", "key", "field", "code"),
    [
        (Entry(""), "", "name", "no_name"),
        (Entry("x" * 81), "", "name", "words_long"),
        (Entry("Bon", synonyms=("x" * 81,)), "", "synonyms", "words_long"),
        (Entry("daïkin"), "", "name", "taken"),
        (Entry("Bon", synonyms=("altherma",)), "", "synonyms", "taken"),
        (Entry("B", synonyms=tuple(map(str, range(61)))), "", "synonyms", "many_words"),
        (Entry("B", (("en", "x" * 81),)), "", "name_en", "words_long"),
    ],
)
def test_an_entry_that_cannot_serve_is_refused(
    entry: Entry, key: str, field: str, code: str
) -> None:
    with pytest.raises(Unfit) as refused:
        checked_entry(entry, key, STARTERS["makers"])
    assert [(p.path, p.code) for p in refused.value.problems] == [(field, code)]


def test_words_are_cleaned_and_kept_once() -> None:
    entry = checked_entry(
        Entry(" Zehnder\n Group ", synonyms=("zehn", " ZEHN ", "", "zg")), "", ()
    )
    assert entry.name == "Zehnder Group"
    assert entry.synonyms == ("zehn", "zg")
    assert checked_entry(Entry("x" * 80), "", ()).name == "x" * 80
