"""A save sets the columns that differ: what it leaves out is as it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace

from hypothesis import given
from hypothesis import strategies as st

from azbot.store.projection import changes, row_of, says_the_same, words_of
from azbot.workflow.model import Assistance
from tests.unit.store.test_codec import TEXT, instances_of

STATES = instances_of(Assistance)
FIELDS = st.sampled_from([field.name for field in fields(Assistance)])
ANSWERED = st.sampled_from(["address", "postcode", "town", "country", "installer"])
ANSWERS = st.dictionaries(ANSWERED, TEXT)


@given(before=STATES, other=STATES, name=FIELDS, said=ANSWERS, amended=ANSWERS)
def test_whichever_field_changes_its_columns_do(
    before: Assistance,
    other: Assistance,
    name: str,
    said: Mapping[str, object],
    amended: Mapping[str, object],
) -> None:
    before, other = replace(before, answers=said), replace(other, answers=amended)
    given = {name: getattr(other, name), "version": before.version + 1}
    after = replace(before, **given)
    old, new = row_of(before), row_of(after)
    assert changes(before, after) == {
        column: new[column] for column in new if new[column] != old[column]
    }
    assert says_the_same(before, after) == (words_of(before) == words_of(after))
