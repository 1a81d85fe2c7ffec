import json

import pytest

from azbot.errors import NotFound
from azbot.forms.assistance import ASSISTANCE
from azbot.forms.draft import Draft, accept, freeze, merge, prefill, thaw, withdraw
from azbot.forms.form import Source
from azbot.forms.intervention import INTERVENTION
from azbot.forms.kinds import Context, Problem

FRANCE = Context(country="FR")


def with_answers(**given: str) -> Draft:
    draft = Draft()
    for key, raw in given.items():
        outcome = accept(ASSISTANCE, draft, key, raw, FRANCE)
        assert isinstance(outcome, Draft), outcome
        draft = outcome
    return draft


def test_an_answer_is_kept_in_its_normal_form() -> None:
    draft = with_answers(phone="06 39 98 12 34")
    assert draft.answers["phone"] == "+33639981234"
    assert draft.revision == 1


def test_the_same_answer_again_changes_nothing() -> None:
    draft = with_answers(town="Lyon")
    assert accept(ASSISTANCE, draft, "town", " Lyon ", FRANCE) is draft


def test_a_wrong_answer_leaves_the_draft_alone() -> None:
    outcome = accept(ASSISTANCE, Draft(), "system_count", "0", FRANCE)
    assert outcome == Problem("out_of_bounds", {"lowest": "1", "highest": "99"})


def test_an_unknown_field_is_told() -> None:
    with pytest.raises(NotFound):
        accept(ASSISTANCE, Draft(), "colour", "x", FRANCE)
    with pytest.raises(NotFound):
        withdraw(ASSISTANCE, Draft(), "colour")


def test_an_answer_can_be_taken_back() -> None:
    draft = withdraw(ASSISTANCE, with_answers(town="Lyon"), "town")
    assert "town" not in draft.answers
    assert draft.revision == 2
    assert withdraw(ASSISTANCE, draft, "town") is draft


def test_a_warning_goes_when_the_answer_is_corrected() -> None:
    odd = accept(INTERVENTION, Draft(), "webserver_mac", "sous le toit", FRANCE)
    assert isinstance(odd, Draft)
    assert odd.warnings["webserver_mac"].code == "mac_unusual"
    good = accept(INTERVENTION, odd, "webserver_mac", "0004A31F529C", FRANCE)
    assert isinstance(good, Draft)
    assert good.warnings == {}


def test_nobody_can_change_a_draft_in_place() -> None:
    given = {"town": "Lyon"}
    draft = Draft(given)
    given["town"] = "Paris"
    assert draft.answers["town"] == "Lyon"
    with pytest.raises(TypeError):
        draft.answers["town"] = "Paris"  # type: ignore[index]


def test_answers_survive_json() -> None:
    value = freeze([{"maker": "daikin", "count": 2, "ok": True, "files": ["a"]}])
    assert freeze(json.loads(json.dumps(thaw(value)))) == value


def test_what_json_cannot_carry_is_no_answer() -> None:
    with pytest.raises(TypeError):
        freeze(1.5)
    with pytest.raises(TypeError):
        freeze({"a": None})


def test_two_people_lose_nothing_by_filling_different_fields() -> None:
    base = with_answers(town="Lyon")
    mine = accept(ASSISTANCE, base, "postcode", "69001", FRANCE)
    theirs = accept(ASSISTANCE, base, "maker", "Daikin", FRANCE)
    assert isinstance(mine, Draft)
    assert isinstance(theirs, Draft)
    merged = merge(base, mine, theirs)
    assert merged.answers == {"town": "Lyon", "postcode": "69001", "maker": "daikin"}
    assert merged.revision == 3


def test_on_the_same_field_the_last_writer_wins() -> None:
    base = with_answers(town="Lyon")
    mine, theirs = with_answers(town="Bron"), with_answers(town="Nice")
    assert merge(base, mine, theirs).answers["town"] == "Bron"
    assert merge(base, base, theirs).answers["town"] == "Nice"


def test_a_withdrawal_survives_the_merge() -> None:
    base = with_answers(town="Lyon", maker="Daikin")
    theirs = withdraw(ASSISTANCE, base, "maker")
    assert "maker" not in merge(base, base, theirs).answers


PROFILE = {
    "first_name": "Sophie",
    "last_name": "Martin",
    "name": "Sophie Martin",
    "email": "sophie@clim.example",
    "phone": "06 39 98 12 34",
    "company": "Clim Martin",
}


def test_the_company_goes_where_the_account_type_says() -> None:
    for account, other in (("installer", "distributor"), ("distributor", "installer")):
        draft = prefill(
            ASSISTANCE, {Source.PROFILE: {**PROFILE, "account_type": account}}, FRANCE
        )
        assert draft.answers[account] == "Clim Martin"
        assert other not in draft.answers


def test_a_profile_fills_what_is_known_and_nothing_else() -> None:
    draft = prefill(ASSISTANCE, {Source.PROFILE: PROFILE}, FRANCE)
    assert draft.answers["phone"] == "+33639981234"
    assert draft.answers["contact_name"] == "Sophie Martin"
    assert draft.answers["country"] == "FR"
    assert "installer" not in draft.answers
    assert draft.revision == 0


def test_a_previous_assistance_wins_over_the_profile() -> None:
    draft = prefill(
        ASSISTANCE,
        {Source.PROFILE: PROFILE, Source.PREVIOUS: {"contact_name": "Luc Petit"}},
        FRANCE,
    )
    assert draft.answers["contact_name"] == "Luc Petit"


def test_prefilling_never_replaces_an_answer() -> None:
    draft = with_answers(contact_name="Ana")
    filled = prefill(ASSISTANCE, {Source.PROFILE: PROFILE}, FRANCE, draft)
    assert filled.answers["contact_name"] == "Ana"


def test_a_profile_with_a_broken_value_prefills_the_rest() -> None:
    draft = prefill(ASSISTANCE, {Source.PROFILE: {**PROFILE, "phone": "12"}}, FRANCE)
    assert "phone" not in draft.answers
    assert draft.answers["email"] == "sophie@clim.example"
