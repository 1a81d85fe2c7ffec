"""What the keyboard reaches on a page, and whether one sees where one is (X3)."""

from __future__ import annotations

from playwright.sync_api import Page

# Marks what the keyboard must reach: of radios with one name, one is enough. After each
# key the page itself notes what has the focus: [mark, whether its outline or that of
# what stands for it is seen, whether it is covered, html].
_BEGIN = """
() => {
  document.activeElement?.blur();
  const groups = new Set();
  let count = 0;
  for (const one of document.querySelectorAll(
      'a[href], button, summary, input, select, textarea, [tabindex="0"]')) {
    if (!one.checkVisibility({ visibilityProperty: true }) || one.disabled) continue;
    if (one.type === 'hidden' || one.tabIndex < 0) continue;
    if (one.type === 'radio') {
      if (groups.has(one.name)) continue;
      groups.add(one.name);
      for (const each of document.getElementsByName(one.name)) {
        each.dataset.stop = count + 1;
      }
    }
    one.dataset.stop = ++count;
  }
  const note = () => {
    const one = document.activeElement;
    const { stop } = one.dataset;
    // A date has several stops inside, which Chromium draws itself.
    if (!stop || window.stops.some(([mark]) => mark === stop)) return;
    const drawn = [one, one.nextElementSibling, one.parentElement,
      one.closest('label')];
    const isSeen = drawn.some((it) => {
      if (!it) return false;
      const { outlineWidth, outlineStyle } = getComputedStyle(it);
      return parseFloat(outlineWidth) >= 2 && outlineStyle !== 'none';
    });
    const box = one.getBoundingClientRect();
    const isOne = (top) => top && (one.contains(top) || top.contains(one)
      || top.closest('label')?.contains(one));
    const places = [0.1, 0.5, 0.9].map((part) => [box.x + box.width * part,
      box.y + Math.min(box.height / 2, 20)]);
    const isHid = box.width > 2
      && !places.some((at) => isOne(document.elementFromPoint(...at)));
    window.stops.push([stop, isSeen, isHid, one.outerHTML.slice(0, 200)]);
  };
  if (!window.stops) addEventListener('keyup', note, { capture: true });
  window.stops = [];
  return count;
}
"""
_SPARE = 15
"""How many stops a page may have that are none of ours: parts of dates, the window."""


def walk(page: Page) -> None:
    """Press Tab until everything was reached; assert that each stop was seen."""
    count: int = page.evaluate(_BEGIN)
    for _ in range(count):
        page.keyboard.press("Tab")
    for _ in range(_SPARE):
        if page.evaluate("stops.length") == count:
            break
        page.keyboard.press("Tab")
    stops: list[tuple[str, bool, bool, str]] = page.evaluate("stops")
    for _, is_seen, is_hid, html in stops:
        assert is_seen, html
        assert not is_hid, html
    assert len(stops) == count
