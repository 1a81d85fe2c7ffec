/* The list: moving, ticking several, what is new above, more below.
 *
 *   const list = mount(document.getElementById("list"), { open, more, send, renew });
 *   list.step(1); list.tick(); list.fresh(["ASFR26000184"]); list.renewed();
 *
 * It listens on the section alone, so the server may draw its content anew at any time:
 * call `renewed` then. Without this file the list is links, forms and one page at a time.
 */

import { make, tint } from "./elements.js";

const TICK_EVERY = 30000;
const NBSP = "\u00a0";
const DAY = 24 * 60;

/**
 * @param {HTMLElement} section           its content is `inbox/_list`
 * @param {object} calls                  each may be left out: then the browser does it
 * @param {(link: HTMLAnchorElement) => void} calls.open  a line was pressed
 * @param {(url: string) => Promise<string>} calls.more   gives `inbox/_list` of an address
 * @param {(form: HTMLFormElement, button: HTMLElement) => void} calls.send  several at once
 * @param {() => void} calls.renew        asks for the list again
 */
export function mount(section, { open, more, send, renew } = {}) {
  const picked = new Set();
  const waiting = new Set();
  let last; // the box ticked last, for Shift
  let pages = 1;
  let top = 0;
  let isRestoring = false;
  let present = () => [];

  const find = (what) => section.querySelector(what);
  const links = () => [...section.querySelectorAll(".rows .it")];
  const row = (link) => link.closest("[data-ref]");
  const boxOf = (link) => row(link).querySelector(".pick");
  const words = () => JSON.parse(find("[data-words]")?.dataset.words ?? "{}");
  const current = () => document.activeElement?.closest?.(".it") ?? find(".it.sel");
  const scroller = () => {
    const items = find("[data-items]");
    return items && items.scrollHeight > items.clientHeight + 1 ? items : document.scrollingElement;
  };

  /** Move by so many lines; returns the link that has the focus now. */
  function step(by) {
    const all = links();
    const from = all.indexOf(current());
    const to = from < 0 ? (by > 0 ? 0 : all.length - 1) : from + by;
    const next = all[Math.min(Math.max(to, 0), all.length - 1)];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
    return next;
  }

  /** Tick a line, or untick it; without one the line that has the focus. */
  function tick(link = current(), on) {
    if (!link) return;
    const box = boxOf(link);
    box.checked = on ?? !box.checked;
    last = box;
    count();
  }

  /** Tick this line and the next one (Shift+J, Shift+K). */
  function extend(by) {
    const from = current();
    if (from) tick(from, true);
    const next = step(by);
    if (next) tick(next, true);
  }

  function clear() {
    for (const link of links()) boxOf(link).checked = false;
    picked.clear();
    section.classList.remove("picking");
    count();
  }

  function count() {
    for (const link of links()) picked[boxOf(link).checked ? "add" : "delete"](row(link).dataset.ref);
    const shown = find("[data-picked]");
    if (shown) shown.textContent = picked.size || "";
  }

  /** Something new stands above; who reads further down is told, not moved (X16). */
  function fresh(refs) {
    if (scroller().scrollTop < 8 && !picked.size) return renew?.();
    for (const ref of refs) waiting.add(ref);
    const bar = find("[data-news]");
    if (!bar) return;
    const forms = words().news ?? ["{count}", "{count}"];
    bar.textContent = forms[waiting.size > 1 ? 1 : 0].replace("{count}", waiting.size);
    bar.hidden = false;
  }

  /** Who else is at which assistance: `at(ref)` gives the colleagues of the live link. */
  function presence(at) {
    present = at;
    for (const link of links()) show(link, present(row(link).dataset.ref));
  }

  function show(link, colleagues) {
    const said = words();
    const phrase = ({ level, name }) => (said[level] ?? "{name}").replace("{name}", name);
    link.querySelector("[data-presence]")?.replaceChildren(
      ...colleagues.slice(0, 2).map((one) =>
        make("span", {
          className: `av ${tint(one.person)} ${["types", "briefs"].includes(one.level) ? "typing" : "seeing"}`,
          textContent: one.initials,
          title: phrase(one),
        })),
    );
    link.setAttribute("aria-label", [link.dataset.label, ...colleagues.map(phrase)].join(", "));
  }

  /** The server drew the list again: ticks, colleagues, further pages are put back, these in time. */
  function renewed() {
    waiting.clear();
    if (pages > 1 && more) return restore(pages, top);
    return settle();
  }

  function settle() {
    for (const link of links()) boxOf(link).checked = picked.has(row(link).dataset.ref);
    const shown = new Set(links().map((link) => row(link).dataset.ref));
    for (const ref of picked) if (!shown.has(ref)) picked.delete(ref);
    const mode = find("[data-pick-mode]");
    if (mode) mode.hidden = false;
    count();
    age();
    presence(present);
  }

  /** Let the minutes pass. */
  function age() {
    for (const time of section.querySelectorAll("time.age[datetime]")) {
      const minutes = Math.floor((Date.now() - Date.parse(time.dateTime)) / 60000);
      if (minutes < 1 || minutes >= DAY) continue;
      const rest = String(minutes % 60).padStart(2, "0");
      time.textContent = minutes < 60 ? `${minutes}${NBSP}min` : `${Math.floor(minutes / 60)}${NBSP}h${NBSP}${rest}`;
    }
  }

  /** Add the next page; returns its first line. */
  async function append(link) {
    link.ariaDisabled = "true";
    try {
      const page = document.createElement("template");
      page.innerHTML = await more(link.href);
      if (!link.isConnected) return undefined; // the list was drawn again meanwhile
      const first = page.content.querySelector(".rows .it");
      const [end] = [...section.querySelectorAll(".endl")].slice(-1);
      find(".rows")?.append(...page.content.querySelectorAll(".rows > li"));
      end.replaceWith(...[...page.content.querySelectorAll(".endl")].slice(-1));
      presence(present);
      return first;
    } finally {
      link.ariaDisabled = null;
    }
  }

  async function restore(wanted, place) {
    isRestoring = true;
    try {
      for (let page = 1; page < wanted && find("[data-next]"); page++) await append(find("[data-next]"));
    } finally {
      settle();
      scroller().scrollTop = place;
      isRestoring = false;
    }
  }

  async function further(link) {
    if (link.ariaDisabled === "true") return;
    pages += 1; // a list that is drawn meanwhile brings it along
    (await append(link))?.focus();
  }

  function closeMenus(but) {
    for (const each of section.querySelectorAll("details[open]")) if (!each.contains(but)) each.open = false;
  }

  section.addEventListener("click", (event) => {
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.altKey;
    const box = event.target.closest(".pick");
    const link = event.target.closest(".it");
    if (box) {
      if (event.shiftKey && last?.isConnected) {
        const boxes = links().map(boxOf);
        const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
        for (const each of boxes.slice(from, to + 1)) each.checked = box.checked;
      }
      last = box;
      count();
    } else if (link && plain && event.shiftKey) {
      event.preventDefault();
      tick(link);
    } else if (link && plain && open) {
      event.preventDefault();
      open(link);
    } else if (event.target.closest("[data-next]") && plain && more) {
      event.preventDefault();
      further(event.target.closest("[data-next]"));
    } else if (event.target.closest("[data-news]")) {
      pages = 1;
      scroller().scrollTop = 0;
      renew?.();
    } else if (event.target.closest("[data-pick-mode]")) {
      section.classList.add("picking");
      closeMenus();
    }
  });
  document.addEventListener("click", (event) => closeMenus(event.target));
  document.addEventListener("scroll", () => isRestoring || (top = scroller().scrollTop), { capture: true, passive: true });
  section.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest("details[open]");
    if (!menu) return;
    event.stopPropagation();
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  // Chromium leaves what is half in sight where it is; a filter must be seen (2.4.11).
  section.addEventListener("focusin", ({ target }) => {
    if (target.matches(".filter > summary")) target.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
  section.addEventListener("reset", clear);
  section.addEventListener("submit", (event) => {
    const isExport = event.submitter?.value === "export";
    if (!event.target.matches("[data-bulk]") || isExport || !send) return;
    event.preventDefault();
    closeMenus();
    send(event.target, event.submitter);
  });
  // An address holds what was filled in, and nothing else.
  section.addEventListener("formdata", (event) => {
    if (!event.target.matches("[data-filters]")) return;
    const names = [...new Set(event.formData.keys())];
    for (const name of names) {
      const values = event.formData.getAll(name).filter((value) => value.trim());
      event.formData.delete(name);
      for (const value of values) event.formData.append(name, value);
    }
  });
  // Days are given or named, not both.
  section.addEventListener("change", ({ target }) => {
    const days = target.closest(".days");
    if (!days) return;
    if (target.type === "radio" && target.value) for (const one of days.querySelectorAll("[type=date]")) one.value = "";
    if (target.type === "date") days.querySelector('[type=radio][value=""]').checked = true;
  });

  renewed();
  setInterval(age, TICK_EVERY);
  return { step, tick, extend, clear, current, fresh, presence, renewed, get picked() { return [...picked]; } };
}
