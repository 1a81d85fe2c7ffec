"""Charts are well-formed, tell their title, and draw to scale."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, fromstring

import pytest

from azbot.channels.web.stats import charts
from azbot.channels.web.stats.charts import Bar, Frame, Series

FRAME = Frame("chart-x", "Reçues & clôturées", "Sept <fois> trois.")


def parsed(svg: str) -> Element:
    root = fromstring(svg)
    assert root.tag == "svg"
    return root


def with_class(root: Element, name: str) -> Iterator[Element]:
    return (e for e in root.iter() if name in e.get("class", "").split())


def percent(text: str | None) -> float:
    assert text is not None
    assert text.endswith("%")
    return float(text[:-1])


ALL = {
    "bars": charts.bars(FRAME, [Bar("a", (3, 1), "4"), Bar("b", (2, 0), "2")]),
    "histogram": charts.histogram(FRAME, [Bar("<1 h", (5,), "5"), Bar("x", (1,), "1")]),
    "line": charts.line(
        FRAME, ["1/1", "2/1"], [Series("a", (1, 2)), Series("b", (0, 1))]
    ),
    "nothing in bars": charts.bars(FRAME, []),
    "zeros in bars": charts.bars(FRAME, [Bar("a", (0, 0), "0")]),
    "nothing in a histogram": charts.histogram(FRAME, []),
    "one point of a line": charts.line(FRAME, ["1/1"], [Series("a", (0,))]),
}


@pytest.mark.parametrize("svg", ALL.values(), ids=ALL)
def test_every_chart_is_a_named_picture(svg: str) -> None:
    root = parsed(svg)
    assert root.get("role") == "img"
    named = {e.get("id"): e.text for e in root.iter() if e.get("id")}
    title, description = (root.get("aria-labelledby") or "").split()
    assert (named[title], named[description]) == (FRAME.title, FRAME.description)


@pytest.mark.parametrize("svg", ALL.values(), ids=ALL)
def test_no_chart_has_a_style_a_script_or_an_address(svg: str) -> None:
    root = parsed(svg)
    for element in root.iter():
        assert element.tag not in ("style", "script", "image", "a", "foreignObject")
        assert not [name for name in element.attrib if name.startswith(("on", "style"))]
        assert "href" not in element.attrib
    fills = set(re.findall(r"url\(#([^)]+)\)", svg))
    assert fills <= {e.get("id") for e in root.iter("pattern")}
    assert all(name.startswith(FRAME.name) for name in fills)


def test_bars_are_as_long_as_their_values() -> None:
    root = parsed(ALL["bars"])
    parts = list(with_class(root, "part"))
    assert [percent(e.get("width")) for e in parts] == [75, 25, 50]
    assert [percent(e.get("x")) for e in parts] == [0, 75, 0]
    assert parts[0].get("fill") != parts[1].get("fill")
    assert [e.text for e in root.iter("text")] == ["a", "4", "b", "2"]


def test_series_differ_by_more_than_colour() -> None:
    root = parsed(charts.bars(FRAME, [Bar("a", (1, 1, 1, 1, 1), "5")]))
    drawn = [e.find("path") for e in root.iter("pattern")]
    assert len({path.get("d") for path in drawn if path is not None}) == 5


def test_columns_are_as_high_as_their_values() -> None:
    root = parsed(ALL["histogram"])
    first, second = (float(e.get("height", "")) for e in with_class(root, "part"))
    assert first == pytest.approx(5 * second)
    assert [e.text for e in with_class(root, "tick")] == ["<1 h", "x"]


def test_a_line_goes_from_point_to_point() -> None:
    root = parsed(ALL["line"])
    lines = list(with_class(root, "course"))
    assert [e.get("class") for e in lines] == ["course s0", "course s1"]
    rises = [float(e.get("y1", "")) - float(e.get("y2", "")) for e in lines]
    assert rises[0] == pytest.approx(rises[1])
    assert rises[0] > 0
    marks = [percent(e.get("cx")) for e in with_class(root, "mark")]
    assert max(marks) <= 100


def test_a_long_line_writes_few_labels() -> None:
    labels = [str(n) for n in range(53)]
    root = parsed(charts.line(FRAME, labels, [Series("a", tuple(range(53)))]))
    written = [e for e in with_class(root, "tick") if "mid" in e.get("class", "")]
    assert 3 <= len(written) <= 6
    assert not list(with_class(root, "mark"))


@pytest.mark.parametrize(
    ("highest", "top"),
    [(0, 2), (1, 2), (2, 2), (3, 4), (7, 8), (9, 10), (10, 10), (11, 20), (350, 400)],
)
def test_an_axis_ends_at_a_round_number(highest: float, top: float) -> None:
    assert charts.scale_top(highest) == top


def test_samples_are_decoration() -> None:
    for svg in (charts.swatch(FRAME, 1), charts.sample(1)):
        root = parsed(svg)
        assert root.get("aria-hidden") == "true"
