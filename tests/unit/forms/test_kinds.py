"""One table per validator: what is taken, in which form, and what is refused."""

from typing import Any

import pytest

from azbot.forms.kinds import (
    Accepted,
    CheckPoint,
    Choice,
    Context,
    Country,
    Decimal,
    Distance,
    Email,
    Files,
    Integer,
    Kind,
    LongText,
    Mac,
    Moment,
    MultipleChoice,
    Option,
    Part,
    Phone,
    Place,
    Postcode,
    Problem,
    Repeated,
    SerialNumber,
    Signature,
    Text,
    TimeOfDay,
    YesNo,
)

FRANCE = Context(country="FR")
BLOB = "ab" * 32
COLOURS = (
    Option("red", name="Rouge", synonyms=("rouge vif",)),
    Option("dark_red", name="Rouge foncé"),
    Option("blue", label="colour.blue", synonyms=("bleu", "azul")),
)
UNITS = Repeated(
    (Part("maker", Text(), is_mandatory=True), Part("count", Integer(1, 9))), most=2
)
STROKE = [[0, 0], [30, 40]]


def taken(kind: Kind, raw: Any, context: Context = FRANCE) -> Any:
    outcome = kind.check(raw, context)
    assert isinstance(outcome, Accepted), outcome
    again = kind.check(outcome.value, context)
    assert isinstance(again, Accepted), again
    assert again.value == outcome.value, "checked twice gives another value"
    return outcome.value


def refused(kind: Kind, raw: Any, context: Context = FRANCE) -> str:
    outcome = kind.check(raw, context)
    assert isinstance(outcome, Problem), outcome
    return outcome.code


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("06 39 98 12 34", "+33639981234"),
        ("06.39.98.12.34", "+33639981234"),
        ("06-39-98-12-34", "+33639981234"),
        ("06\u00a039\u202f98 12 34", "+33639981234"),
        ("0639981234", "+33639981234"),
        ("+33 6 39 98 12 34", "+33639981234"),
        ("+33 (0)6 39 98 12 34", "+33639981234"),
        ("+33 0 6 39 98 12 34", "+33639981234"),
        ("0033639981234", "+33639981234"),
        ("33639981234", "+33639981234"),
        ("tel:+33639981234", "+33639981234"),
        ("０６３９９８１２３４", "+33639981234"),  # noqa: RUF001 - full-width digits
        ("01 99 00 12 34", "+33199001234"),
        ("0262 12 34 56", "+262262123456"),
        ("0692 12 34 56", "+262692123456"),
        ("+33 692 12 34 56", "+262692123456"),
        ("+262 692 12 34 56", "+262692123456"),
        ("0590 12 34 56", "+590590123456"),
        ("+590 590 12 34 56", "+590590123456"),
        ("0594 12 34 56", "+594594123456"),
        ("0696 12 34 56", "+596696123456"),
        ("0508 41 12 34", "+508411234"),
        ("+508 41 12 34", "+508411234"),
        ("+687 12 34 56", "+687123456"),
        ("+689 40 12 34 56", "+68940123456"),
        ("+34 612 345 678", "+34612345678"),
        ("+1 202 555 0123", "+12025550123"),
        ("+352 12 34", "+3521234"),
    ],
)
def test_phones_are_kept_as_e164(raw: str, value: str) -> None:
    assert taken(Phone(), raw) == value


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("06 39 98 12 3", "phone_short"),
        ("06 39 98 12 34 5", "phone_long"),
        ("600 000 000", "phone_short"),
        ("6000000000", "phone_invalid"),
        ("demain", "phone_invalid"),
        ("+", "phone_invalid"),
        ("00", "phone_invalid"),
        ("0000000000", "phone_invalid"),
        ("06+39981234", "phone_invalid"),
        ("+33 6 39 98 12", "phone_short"),
        ("+33 6 39 98 12 34 56", "phone_long"),
        ("+34 612", "phone_short"),
        ("1" * 61, "phone_invalid"),
        (None, "phone_invalid"),
    ],
)
def test_other_digits_are_no_phone(raw: Any, code: str) -> None:
    assert refused(Phone(), raw) == code


def test_nine_spanish_digits_need_a_spanish_context() -> None:
    assert taken(Phone(), "612 345 678", Context(country="ES")) == "+34612345678"
    assert refused(Phone(), "61234567", Context(country="ES")) == "phone_short"


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("sophie@clim.example", "sophie@clim.example"),
        (" Sophie.Martin+sav@CLIM.Example. ", "Sophie.Martin+sav@clim.example"),
        ("Sophie Martin <sophie@clim.example>", "sophie@clim.example"),
        ("mailto:sophie@clim.example", "sophie@clim.example"),
        ("élodie@société.example", "élodie@société.example"),
        ("a@" + "b" * 63 + ".fr", "a@" + "b" * 63 + ".fr"),
        ("a" * 64 + "@b.fr", "a" * 64 + "@b.fr"),
    ],
)
def test_addresses_are_kept_bare(raw: str, value: str) -> None:
    assert taken(Email(), raw) == value


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "empty"),
        ("sophie", "email_without_at"),
        ("sophie@", "email_invalid"),
        ("@clim.example", "email_invalid"),
        ("so phie@clim.example", "email_invalid"),
        ("a..b@clim.example", "email_invalid"),
        ("a@b@c.example", "email_invalid"),
        ("sophie@clim", "email_domain"),
        ("sophie@clim.e", "email_domain"),
        ("sophie@10.0.0.1", "email_domain"),
        ("sophie@-clim.example", "email_invalid"),
        ("a" * 65 + "@b.fr", "email_invalid"),
        ("a@" + "b" * 64 + ".fr", "email_invalid"),
        ("a@" + "b.cd" * 70, "email_invalid"),
    ],
)
def test_other_words_are_no_address(raw: str, code: str) -> None:
    assert refused(Email(), raw) == code


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("69100", "69100"), ("69 100", "69100"), ("F-69100", "69100"),
        ("fr 69100", "69100"), ("69603 CEDEX", "69603"), ("69603 Cedex 07", "69603"),
        ("20000", "20000"), ("20600", "20600"), ("97410", "97410"), ("98800", "98800"),
        (69100, "69100"),
    ],
)  # fmt: skip
def test_french_postcodes_have_five_digits(raw: Any, value: str) -> None:
    assert taken(Postcode(), raw) == value


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("6910", "postcode_five_digits"), ("691000", "postcode_five_digits"),
        ("Lyon", "postcode_five_digits"), ("96000", "postcode_department"),
        ("00100", "postcode_department"), ("98100", "postcode_department"),
        ("", "empty"),
    ],
)  # fmt: skip
def test_other_postcodes_are_none_of_france(raw: str, code: str) -> None:
    assert refused(Postcode(), raw) == code


def test_without_country_foreign_postcodes_pass() -> None:
    for postcode in ("1204", "SW1A 1AA", "L-1234", "28001"):
        assert taken(Postcode(), postcode, Context()) == postcode
    assert refused(Postcode(), "Lyon", Context()) == "postcode_invalid"


@pytest.mark.parametrize(
    ("raw", "value"),
    [("France", "FR"), ("españa", "ES"), ("Royaume uni", "GB"), ("be", "BE")],
)
def test_countries_are_known_in_three_languages(raw: str, value: str) -> None:
    assert taken(Country(), raw) == value


def test_an_unknown_country_is_refused() -> None:
    assert refused(Country(), "Lyonnesse") == "country_unknown"
    assert refused(Country(), " ") == "empty"


@pytest.mark.parametrize(
    "raw",
    ["0004A31F529C", "00:04:a3:1f:52:9c", "00-04-A3-1F-52-9C", "0004.a31f.529c",
     "MAC : 00 04 A3 1F 52 9C", "00.04.A3.1F:529C"],
)  # fmt: skip
def test_a_mac_is_shown_in_pairs(raw: str) -> None:
    assert taken(Mac(), raw) == "00:04:A3:1F:52:9C"


def test_another_mac_is_kept_after_a_warning() -> None:
    outcome = Mac().check("192.168.1.20:80", FRANCE)
    assert isinstance(outcome, Accepted)
    assert outcome.value == "192.168.1.20:80"
    assert outcome.warning is not None
    assert outcome.warning.code == "mac_unusual"
    assert refused(Mac(), "x" * 41) == "mac_invalid"
    assert refused(Mac(), "") == "empty"


@pytest.mark.parametrize(
    ("raw", "value"),
    [("0", "0"), ("12", "12"), ("12,5 km", "12.5"), ("12.50 kms", "12.5"),
     ("2 000", "2000"), ("1\u00a0250 km", "1250"), (7, "7"), (7.5, "7.5")],
)  # fmt: skip
def test_distances_are_kilometres(raw: Any, value: str) -> None:
    assert taken(Distance(), raw) == value


@pytest.mark.parametrize(
    ("raw", "code"),
    [("", "empty"), ("-1", "out_of_bounds"), ("2000,1", "out_of_bounds"),
     ("2001", "out_of_bounds"), ("12,55", "too_many_places"),
     ("500 m", "distance_unit"), ("10 miles", "distance_unit"),
     ("loin", "not_number"), ("1e3", "distance_unit"), ("nan", "not_number"),
     (float("inf"), "not_number")],
)  # fmt: skip
def test_other_distances_are_refused(raw: Any, code: str) -> None:
    assert refused(Distance(), raw) == code


@pytest.mark.parametrize(
    ("raw", "value"),
    [("13 h 05", "13:05"), ("13h05", "13:05"), ("13\u00a0h\u00a005", "13:05"),
     ("13h", "13:00"), ("8 h", "08:00"), ("13:05", "13:05"), ("13.05", "13:05"),
     ("1305", "13:05"), ("905", "09:05"), ("9", "09:00"), ("1:05 pm", "13:05"),
     ("12 am", "00:00"), ("12 pm", "12:00"), ("midi", "12:00"), ("minuit", "00:00"),
     ("a las 9", "09:00"), ("23:59", "23:59"), ("0:00", "00:00"),
     ("9 heures 30", "09:30")],
)  # fmt: skip
def test_times_of_day_are_read(raw: str, value: str) -> None:
    assert taken(TimeOfDay(), raw) == value


@pytest.mark.parametrize("raw", ["24:00", "13:60", "25", "13 pm", "tôt", "2560", "-1"])
def test_other_times_are_refused(raw: str) -> None:
    assert refused(TimeOfDay(), raw) == "time_invalid"


@pytest.mark.parametrize(
    ("raw", "value"),
    [("2026-03-25T12:00Z", "2026-03-25T12:00Z"),
     ("2026-03-25T13:00+01:00", "2026-03-25T12:00Z"),
     ("2026-03-25T13:00", "2026-03-25T12:00Z"),
     ("2026-03-25 13:00:59.5", "2026-03-25T12:00Z"),
     ("25/03/2026 13 h", "2026-03-25T12:00Z"),
     ("25/07/2026 à 13h00", "2026-07-25T11:00Z"),
     ("2026-10-25T02:30", "2026-10-25T00:30Z")],
)  # fmt: skip
def test_moments_are_kept_in_utc(raw: str, value: str) -> None:
    assert taken(Moment(), raw) == value


@pytest.mark.parametrize(
    ("raw", "code"),
    [("2026-03-29T02:30", "moment_gap"), ("29/03/2026 2h30", "moment_gap"),
     ("2026-02-30T10:00", "moment_invalid"), ("demain", "moment_invalid"),
     ("31/02/2026 10h", "moment_invalid"), ("", "empty"),
     ("2026-03-25T13:00+99:00", "moment_invalid"),
     ("0001-01-01T00:00+16:00", "moment_invalid"),
     ("9999-12-31T23:00-16:00", "moment_invalid")],
)  # fmt: skip
def test_other_moments_are_refused(raw: str, code: str) -> None:
    assert refused(Moment(), raw) == code


def test_a_moment_is_meant_on_the_clocks_of_the_site() -> None:
    site = Context(zone="Indian/Reunion")
    assert taken(Moment(), "2026-03-25T13:00", site) == "2026-03-25T09:00Z"


@pytest.mark.parametrize(("raw", "value"), [("1", 1), ("99", 99), (" 5 ", 5), (5.0, 5)])
def test_whole_numbers_within_bounds_are_taken(raw: Any, value: int) -> None:
    assert taken(Integer(1, 99), raw) == value


@pytest.mark.parametrize(
    ("raw", "code"),
    [("0", "out_of_bounds"), ("100", "out_of_bounds"), ("-5", "out_of_bounds"),
     ("5,5", "not_whole"), ("cinq", "not_integer"), ("", "empty"),
     ("5 thermostats", "not_integer"), (True, "not_integer"),
     ("9" * 500, "not_integer"), ("\u0665", "not_integer")],
)  # fmt: skip
def test_other_numbers_are_refused(raw: Any, code: str) -> None:
    assert refused(Integer(1, 99), raw) == code


def test_decimals_lose_their_last_zeros() -> None:
    assert taken(Decimal(-10, 10), "-0,50") == "-0.5"
    assert taken(Decimal(-10, 10), "10.0") == "10"
    assert taken(Decimal(-10, 10), "-0") == "0"
    assert refused(Decimal(-10, 10), "10,01") == "out_of_bounds"


@pytest.mark.parametrize(
    ("raw", "value"),
    [("rouge", "red"), ("ROUGE VIF", "red"), ("rouge foncé", "dark_red"),
     ("Rouge fonce !", "dark_red"), ("un rouge foncé", "dark_red"), ("azul", "blue"),
     ("blue", "blue"), ("dark_red", "dark_red")],
)  # fmt: skip
def test_an_option_is_known_by_any_of_its_names(raw: str, value: str) -> None:
    assert taken(Choice("colours", COLOURS), raw) == value


def test_words_outside_the_list_need_a_list_that_takes_them() -> None:
    assert refused(Choice("colours", COLOURS), "vert") == "unknown_choice"
    open_list = Choice("colours", COLOURS, has_other=True)
    assert taken(open_list, " vert  d'eau ") == "other:vert d'eau"
    assert taken(open_list, "other:vert") == "other:vert"
    assert refused(open_list, "other:") == "empty"
    assert refused(open_list, "x" * 121) == "too_long"


def test_two_options_at_once_are_no_choice() -> None:
    assert refused(Choice("colours", COLOURS), "rouge ou bleu") == "unknown_choice"


def test_an_administrators_list_replaces_the_starter() -> None:
    context = Context(catalogues={"colours": (Option("green", name="Vert"),)})
    assert taken(Choice("colours", COLOURS), "vert", context) == "green"
    assert refused(Choice("colours", COLOURS), "bleu", context) == "unknown_choice"


def test_several_options_come_in_the_order_of_the_list() -> None:
    kind = MultipleChoice("colours", COLOURS, fewest=2, has_other=True)
    assert taken(kind, "vert, bleu; rouge") == ("red", "blue", "other:vert")
    assert taken(kind, ["blue", "red", "blue"]) == ("red", "blue")
    assert refused(kind, "bleu") == "too_few"
    assert refused(kind, []) == "empty"
    assert refused(kind, {"a": 1}) == "unknown_choice"


@pytest.mark.parametrize(
    ("raw", "value"),
    [("oui", True), ("Oui.", True), ("sí", True), ("yes", True), (True, True),
     ("non", False), ("No", False), ("aucun", False), (False, False), ("0", False)],
)  # fmt: skip
def test_yes_and_no_are_read(raw: Any, value: bool) -> None:
    assert taken(YesNo(), raw) is value


def test_perhaps_is_neither_yes_nor_no() -> None:
    assert refused(YesNo(), "peut-être") == "not_yes_no"
    assert refused(YesNo(), "oui mais") == "not_yes_no"


@pytest.mark.parametrize(
    ("raw", "answer", "remark"),
    [("oui", "yes", ""), ("sans objet", "not_applicable", ""),
     ("S.O.", "not_applicable", ""), ("non : câble absent", "no", "câble absent"),
     ("Non, le câble manque", "no", "le câble manque"),
     ("non câble absent", "no", "câble absent"), (True, "yes", ""),
     ({"answer": "no", "remark": " rien\r\n de fait "}, "no", "rien\nde fait"),
     ({"answer": "oui"}, "yes", ""), ("n/a (pas de relais)", "not_applicable",
                                      "pas de relais")],
)  # fmt: skip
def test_a_point_is_yes_no_or_not_applicable(
    raw: Any, answer: str, remark: str
) -> None:
    assert taken(CheckPoint(), raw) == {"answer": answer, "remark": remark}


@pytest.mark.parametrize(
    ("raw", "code"),
    [("non", "remark_missing"), (False, "remark_missing"), ("", "empty"),
     ("bof", "not_check_point"), ({"answer": 3}, "not_check_point"),
     ({"answer": "no", "remark": "x" * 1001}, "too_long")],
)  # fmt: skip
def test_a_no_needs_words(raw: Any, code: str) -> None:
    assert refused(CheckPoint(), raw) == code


def test_text_is_cleaned_of_what_cannot_be_seen() -> None:
    assert taken(Text(), " a\u200b\x00b\u202e\tc ") == "a b c"
    assert taken(LongText(), "a\r\n\r\n\r\n b \x07") == "a\n\nb"
    assert refused(Text(3), "abcd") == "too_long"
    assert taken(Text(3), "abc") == "abc"
    assert refused(Text(), "\u200b\n") == "empty"
    assert refused(LongText(), ["a"]) == "not_text"


def test_a_serial_number_is_kept_as_written() -> None:
    assert taken(SerialNumber(), " AZ-12/34  b ") == "AZ-12/34 b"
    assert refused(SerialNumber(), "---") == "serial_invalid"
    assert refused(SerialNumber(), "a" * 61) == "too_long"


def test_a_place_is_two_degrees() -> None:
    value = {"latitude": "45.764000", "longitude": "4.835700"}
    assert taken(Place(), "45.764, 4.8357") == value
    assert taken(Place(), {"latitude": 45.764, "longitude": 4.8357}) == value
    assert refused(Place(), "91, 0") == "place_invalid"
    assert refused(Place(), "Lyon") == "place_invalid"


def test_files_are_named_by_their_content() -> None:
    assert taken(Files(), [BLOB, BLOB]) == (BLOB,)
    assert refused(Files(), ["../etc"]) == "files_invalid"
    assert refused(Files(1), [BLOB, "cd" * 32]) == "too_many_files"


def test_a_file_may_have_a_caption() -> None:
    named = {"file": BLOB, "caption": "  Gaine \n du couloir "}
    assert taken(Files(), [named]) == ({"file": BLOB, "caption": "Gaine du couloir"},)
    assert taken(Files(), [{"file": BLOB, "caption": " "}]) == (BLOB,)
    assert taken(Files(), [BLOB, named]) == taken(Files(), [named]), "one file, once"
    assert refused(Files(), [{**named, "caption": "x" * 201}]) == "too_long"
    for odd in ({"caption": "x"}, {**named, "more": 1}, {"file": 1}, 3, [BLOB]):
        assert refused(Files(), [odd]) == "files_invalid"


def test_a_point_may_have_photos() -> None:
    point = {"answer": "non", "remark": "gaine commune", "photos": [BLOB]}
    value = taken(CheckPoint(), point)
    assert value == {"answer": "no", "remark": "gaine commune", "photos": (BLOB,)}
    assert taken(CheckPoint(), {**point, "photos": []}).keys() == {"answer", "remark"}
    outcome = CheckPoint().check({**point, "photos": ["../etc"]}, FRANCE)
    assert isinstance(outcome, Problem)
    assert (outcome.code, outcome.path) == ("files_invalid", ("photos",))


def test_a_signature_has_a_name_and_a_stroke_long_enough() -> None:
    drawn = taken(Signature(), {"name": " Léa  Petit", "strokes": [STROKE]})
    assert drawn == {
        "name": "Léa Petit",
        "strokes": (((0, 0), (30, 40)),),
        "is_typed": False,
    }
    typed = taken(Signature(), {"name": "Léa Petit", "is_typed": True})
    assert typed["strokes"] == ()


@pytest.mark.parametrize(
    ("raw", "code"),
    [({"strokes": [STROKE]}, "signature_name"),
     ({"name": " ", "strokes": [STROKE]}, "signature_name"),
     ({"name": "Léa", "strokes": []}, "signature_short"),
     ({"name": "Léa", "strokes": [[[5, 5]]]}, "signature_short"),
     ({"name": "Léa", "strokes": [[[0, 0], [39, 0]]]}, "signature_short"),
     ({"name": "Léa", "strokes": [[[0, 0], [1e9, 0]]]}, "signature_invalid"),
     ({"name": "Léa", "strokes": [[[0, float("nan")], [50, 0]]]}, "signature_invalid"),
     ({"name": "Léa", "strokes": "m0,0"}, "signature_invalid"),
     ("Léa", "signature_invalid")],
)  # fmt: skip
def test_a_dot_is_no_signature(raw: Any, code: str) -> None:
    assert refused(Signature(), raw) == code


def test_blocks_are_checked_part_by_part() -> None:
    assert taken(
        UNITS, [{"maker": "A", "count": ""}, {"maker": "B", "count": "2"}]
    ) == (
        {"maker": "A"},
        {"maker": "B", "count": 2},
    )


@pytest.mark.parametrize(
    ("raw", "code", "path"),
    [([], "empty", ()), ("x", "blocks_invalid", ()), ([1], "blocks_invalid", (0,)),
     ([{"maker": "A"}] * 3, "too_many_blocks", ()),
     ([{"maker": "A"}, {"maker": ""}], "empty", (1, "maker")),
     ([{"maker": "A", "count": "x"}], "not_integer", (0, "count")),
     ([{"model": "A"}], "unknown_field", (0,))],
)  # fmt: skip
def test_a_wrong_block_is_named(
    raw: Any, code: str, path: tuple[int | str, ...]
) -> None:
    outcome = UNITS.check(raw, FRANCE)
    assert isinstance(outcome, Problem)
    assert (outcome.code, outcome.path) == (code, path)
