from __future__ import annotations

import pytest

from azbot.channels.email.body import unflow
from azbot.channels.email.charsets import clean_text, decode_text
from azbot.channels.email.headers import (
    decode_words,
    read_addresses,
    read_date,
    read_parameters,
)
from azbot.channels.email.mime import (
    Limits,
    Part,
    Unusual,
    decode_base64,
    read_lean,
    read_message,
    read_stdlib,
)

NESTED = b"".join(
    b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n)
    for n in range(200)
)


def kinds(part: Part) -> list[str]:
    return [one.media_type for one in part.walk()]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no header at all",
        b"From: a@b\nnonsense\n\nx",
        b"From: a@b\rTo: c@d\n\nx",
        b"From: a@b\nContent-Type: multipart/mixed\n\nx",
        b"From: a@b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx",
        b"From: a@b\nContent-Type: multipart/digest; boundary=b\n\n--b\n\nx\n--b--\n",
    ],
)
def test_the_lean_reader_leaves_what_it_is_not_sure_of(content: bytes) -> None:
    with pytest.raises(Unusual):
        read_lean(content, Limits())
    read_message(content, Limits())


def test_parts_beyond_the_limit_are_told() -> None:
    head = b"From: a@b\nContent-Type: multipart/mixed; boundary=b\n\n"
    content = head + b"--b\n\nx\n" * 10_000 + b"--b--\n"
    tree = read_message(content, Limits(parts=1_000))
    assert tree.is_cut
    assert len(tree.parts) == 999
    assert not read_message(head + b"--b\n\nx\n" * 998 + b"--b--\n", Limits()).is_cut


@pytest.mark.parametrize("end", [b"", b"".join(b"\n--b%d--" % n for n in range(200))])
def test_depth_beyond_the_limit_is_told(end: bytes) -> None:
    tree = read_message(b"From: a@b\n" + NESTED + b"\nx\n" + end, Limits(depth=40))
    assert tree.is_cut


def test_a_message_too_odd_and_too_deep_keeps_its_headers() -> None:
    tree = read_stdlib(b"From: a@b\nSubject: x\n" + NESTED, Limits())
    assert (tree.headers.text("subject"), tree.is_cut) == ("x", True)


def test_a_boundary_that_begins_another_is_not_confused() -> None:
    content = (
        b"From: a@b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
        b"Content-Type: multipart/alternative; boundary=bb\n\n--bb\n\nx\n"
        b"--bb--\n--b--\n"
    )
    wanted = ["multipart/mixed", "multipart/alternative", "text/plain"]
    assert kinds(read_lean(content, Limits())) == wanted
    assert kinds(read_stdlib(content, Limits())) == wanted


@pytest.mark.parametrize("body", [b"w6k=", b"w6k", b"w 6 k =", b"\nw6\nk=\n", b"w6k=!"])
def test_base64_of_any_quality_is_decoded(body: bytes) -> None:
    assert decode_base64(body).rstrip(b"\x00") == "é".encode()


@pytest.mark.parametrize(
    ("content", "declared", "text"),
    [
        ("é€".encode(), "utf-8", "é€"),
        ("é€".encode("cp1252"), "utf-8", "é€"),
        ("é€".encode("cp1252"), "iso-8859-1", "é€"),
        ("é".encode(), "us-ascii", "é"),
        ("é".encode(), "x-unknown", "é"),
        ("é".encode(), "punycode", "é"),
        ("é".encode(), "unicode_escape", "é"),
        ("é".encode(), "base64", "é"),
        ("é".encode(), "utf8mb4", "é"),
        ("한".encode("cp949"), "ks_c_5601-1987", "한"),
        ("é".encode("cp850"), "cp-850", "é"),
        (b"\xef\xbb\xbfx", "utf-8", "x"),
    ],
)
def test_text_is_decoded_whatever_was_declared(
    content: bytes, declared: str, text: str
) -> None:
    assert decode_text(content, declared) == text


def test_every_octet_gives_a_character() -> None:
    assert len(decode_text(bytes(range(256)), "utf-8")) > 0


def test_text_is_fit_for_any_store() -> None:
    assert clean_text("a\r\nb\rc\x00\ud800e\u0301") == "a\nb\nc?é"


def test_sorting_a_long_run_of_marks_is_not_tried() -> None:
    text = "a" + "\u0301\u0327" * 100_000
    assert clean_text(f"e\u0301 {text}") == f"é {text}"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=?utf-8?q?=C3=A9t=C3=A9?=", "été"),
        ("=?utf-8?b?w6k=?= =?utf-8?b?w6k=?=", "éé"),
        ("=?utf-8?b?ww==?= =?utf-8?b?qQ==?=", "é"),
        ("a =?iso-8859-1?q?=E9_b?= c", "a é b c"),
        ("=?utf-8?b?!!!?=", ""),
        ("=?utf-8*fr?q?=C3=A9?=", "é"),
        ("=?x?y?z?=", "=?x?y?z?="),
    ],
)
def test_encoded_words_are_read(value: str, text: str) -> None:
    assert decode_words(value) == text


@pytest.mark.parametrize(
    ("value", "main", "parameters"),
    [
        ("text/plain; charset=utf-8", "text/plain", {"charset": "utf-8"}),
        ('a; b="x; y"; c=z', "a", {"b": "x; y", "c": "z"}),
        ('a; b="x\\"y"', "a", {"b": 'x"y'}),
        ("a; b*=utf-8''%C3%A9", "a", {"b": "é"}),
        ("a; b*1=y; b*0=x", "a", {"b": "xy"}),
        ('a; b="=?utf-8?q?=C3=A9?="', "a", {"b": "é"}),
        ("a; b*=x", "a", {"b": "x"}),
        ('a; b="unclosed', "a", {"b": '"unclosed'}),
    ],
)
def test_parameters_are_read(value: str, main: str, parameters: dict[str, str]) -> None:
    assert read_parameters(value) == (main, parameters)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("a@b.fr", [("a@b.fr", "")]),
        ("Anna <a@B.FR>", [("a@b.fr", "Anna")]),
        (
            '"Martin, Anna" <a@b.fr>, c@d.fr',
            [("a@b.fr", "Martin, Anna"), ("c@d.fr", "")],
        ),
        ("a@b.fr (Anna)", [("a@b.fr", "Anna")]),
        (
            "Equipe: a@b.fr, c@d.fr;, e@f.fr",
            [("a@b.fr", ""), ("c@d.fr", ""), ("e@f.fr", "")],
        ),
        ("undisclosed-recipients:;", []),
        ("=?utf-8?q?Ren=C3=A9?= <r@b.fr>", [("r@b.fr", "René")]),
        ("a@xn--bcher-kva.example", [("a@bücher.example", "")]),
        ("nobody", []),
        ("", []),
    ],
)
def test_addresses_are_read(value: str, found: list[tuple[str, str]]) -> None:
    boxes = read_addresses(value)
    assert [(box.address.email, box.address.name) for box in boxes] == found


def test_a_date_without_meaning_is_none() -> None:
    assert read_date("Thu, 32 Foo 99999 25:61:61 +9999") is None
    assert read_date("") is None


def test_flowed_lines_are_joined_and_a_signature_is_not() -> None:
    text = "a \nb\n> c \n> d\n-- \nAnna"
    assert unflow(text) == "a b\n> c d\n-- \nAnna"
