import pytest

from azbot.i18n.po import CatalogueError, read_po

HEADER = 'msgid ""\nmsgstr ""\n"Language: fr\\n"\n\n'


def test_an_entry_is_read() -> None:
    assert read_po(HEADER + 'msgid "a.b"\nmsgstr "Été"\n', "x") == {"a.b": ("Été",)}


def test_strings_over_several_lines_are_one() -> None:
    text = 'msgid "a.b"\nmsgstr ""\n"un "\n"deux\\n"\n'
    assert read_po(text, "x") == {"a.b": ("un deux\n",)}


def test_escapes_are_undone() -> None:
    text = r'msgid "a.b"' + "\n" + r'msgstr "\"\\n\t\\"'
    assert read_po(text, "x") == {"a.b": ('"\\n\t\\',)}


def test_plural_forms_are_kept_in_order() -> None:
    text = 'msgid "a"\nmsgid_plural "a"\nmsgstr[0] "un"\nmsgstr[1] "des"\n'
    assert read_po(text, "x") == {"a": ("un", "des")}


def test_comments_and_empty_translations_are_left_out() -> None:
    text = '# why\n#. how\nmsgid "a"\nmsgstr ""\n\r\n'
    assert read_po(text, "x") == {}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('msgid "a"\nmsgstr "b\n', 2),
        ('msgid "a"\nmsgstr "b"c"\n', 2),
        ('msgid "a"\nmsgstr "b\\"\n', 2),
        ("msgid a\n", 1),
        ('msgstr "a"\n', 1),
        ('"a"\n', 1),
        ('msgid "a"\nmsgstr "b"\nmsgstr "c"\n', 3),
        ('msgid "a"\nmsgstr "b"\nmsgid "a"\nmsgstr "c"\n', 3),
        ('msgctxt "a"\nmsgid "a"\nmsgstr "b"\n', 1),
        ('#, fuzzy\nmsgid "a"\nmsgstr "b"\n', 1),
        ('#~ msgid "a"\n#~ msgstr "b"\n', 1),
    ],
)
def test_a_broken_file_names_the_line(text: str, line: int) -> None:
    with pytest.raises(CatalogueError) as caught:
        read_po(text, "fr/mail.po")
    assert (caught.value.file, caught.value.line) == ("fr/mail.po", line)
