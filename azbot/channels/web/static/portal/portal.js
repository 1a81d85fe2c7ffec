/* The page of one assistance, while it is open: tabs without a reload, messages that are
 * sent at once, and what happens elsewhere within seconds. Everything here also works
 * without this script, as whole pages. */

import { mountUploads } from "../uploads.js";

const root = document.documentElement;
const { base, preview, status: statusWords, news: newsWords, renewed, copied } = document.body.dataset;
const PARTS = ["head", "tabs", "panel", "foot"];
const AGAIN_AFTER = 5000; // a stream that was refused; the browser sees to those that broke

root.classList.add("has-script");
const told = document.getElementById("told");
const bar = document.querySelector("[data-say]");
let seen = Number(document.body.dataset.seen);
let shown = ""; // the status that was told last
let renewing = null;
let waiting = null; // parts that would disturb

const partOf = (name) => document.querySelector(`[data-part="${name}"]`);
// As the server wrote them: a part that did not change is left alone.
const written = new Map(PARTS.map((name) => [name, null]));

const say = (words) => { told.textContent = words; };

// --- parts ------------------------------------------------------------------------------

async function ask(url, parts = PARTS, options = {}) {
  const answer = await fetch(url, {
    ...options,
    headers: { "Azbot-Part": parts.join(" "), Accept: "application/json" },
    cache: "no-store",
  });
  const found = await answer.json().catch(() => ({}));
  return { ok: answer.ok, status: answer.status, ...found };
}

/** Whether somebody is writing, choosing or reading inside a part. */
function isBusy(part) {
  const here = document.activeElement;
  if (part.contains(here) && here.matches("input, textarea, select")) return true;
  // Files on their way stay where they are.
  return part.querySelector("[data-list] li") !== null;
}

function put(name, html) {
  const part = partOf(name);
  if (!part || written.get(name) === html) return false;
  const before = written.get(name);
  written.set(name, html);
  if (before === null && part.innerHTML.trim() === html.trim()) return false;
  const here = document.activeElement;
  const mark = part.contains(here) ? here.id || here.getAttribute("href") : "";
  const open = new Map([...part.querySelectorAll("details[id]")].map((one) => [one.id, one.open]));
  part.innerHTML = html;
  for (const one of part.querySelectorAll("[data-uploads]")) mountUploads(one);
  for (const one of part.querySelectorAll("details[id]")) {
    if (open.has(one.id)) one.open = open.get(one.id);
  }
  if (mark) {
    const again = [...part.querySelectorAll("a, button, summary, select")];
    again.find((one) => one.id === mark || one.getAttribute("href") === mark)?.focus({ preventScroll: true });
  }
  return true;
}

/** Put parts in their places; nothing that is read moves (X16). */
function draw(found, names = PARTS) {
  const panel = partOf("panel");
  const before = panel.getBoundingClientRect().top;
  const isReading = before < 60;
  for (const name of names) {
    if (name !== "panel" && found.parts[name] !== undefined) put(name, found.parts[name]);
  }
  if (isReading) scrollBy(0, panel.getBoundingClientRect().top - before);
  if (names.includes("panel") && found.parts.panel !== undefined) put("panel", found.parts.panel);
  if (found.once) for (const one of document.querySelectorAll("[name=once]")) one.value = found.once;
  if (found.seen) seen = Math.max(seen, found.seen);
  badge();
}

async function renew() {
  // What comes meanwhile is asked for afterwards.
  if (renewing) { renewing.again = true; return; }
  const mine = { again: false };
  renewing = mine;
  try {
    const found = await ask(location.href);
    if (found.ok) take(found);
    else if (found.status === 404 || found.status === 410) location.reload();
  } catch {
    // The line is away: the stream says when it is back.
  } finally {
    renewing = null;
    if (mine.again) renew();
  }
}

function take(found) {
  const panel = partOf("panel");
  const isChanged = written.get("panel") !== null && written.get("panel") !== found.parts.panel;
  const isInside = panel.getBoundingClientRect().top < 0 && !panel.querySelector(".talk");
  const late = PARTS.filter((name) => partOf(name) && isBusy(partOf(name)));
  if (isChanged && isInside && !late.includes("panel")) late.push("panel");
  draw(found, PARTS.filter((name) => !late.includes(name)));
  if (found.status !== shown && shown) say(statusWords.replace("{status}", found.status));
  else say(renewed);
  shown = found.status;
  waiting = late.length ? { found, late } : null;
  offer();
}

function offer() {
  document.querySelector(".news")?.remove();
  if (!waiting) return;
  const button = document.createElement("button");
  button.className = "news";
  button.type = "button";
  button.textContent = newsWords;
  button.onclick = () => {
    const { found, late } = waiting;
    waiting = null;
    button.remove();
    draw(found, late);
  };
  document.body.append(button);
}

// --- tabs -------------------------------------------------------------------------------

const isPlain = (event) => event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;

async function go(url, isBack = false) {
  if (!isBack) history.pushState(null, "", url);
  let found;
  try {
    found = await ask(url);
  } catch {
    location.assign(url);
    return;
  }
  if (!found.ok) { location.assign(url); return; }
  if (location.href !== new URL(url, location.href).href) return;
  waiting = null;
  offer();
  draw(found);
  const tab = document.querySelector("[data-tab][aria-current]");
  if (tab) document.title = document.title.replace(/[^·]*$/, ` ${tab.firstChild.textContent.trim()}`);
  if (bar && tab) bar.elements.tab.value = tab.dataset.tab;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-tab], a[data-go]");
  if (link && isPlain(event)) {
    event.preventDefault();
    go(link.href);
  }
  const ref = event.target.closest("[data-copy]");
  if (ref) navigator.clipboard?.writeText(ref.dataset.copy).then(() => say(copied), () => {});
  if (event.target.closest('a[href="#message"]')) {
    event.preventDefault();
    document.getElementById("message")?.focus();
  }
});

addEventListener("popstate", () => go(location.href, true));

document.addEventListener("keydown", (event) => {
  const tab = event.target.closest?.("[data-tab]");
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 3, ArrowUp: -3 }[event.key];
  if (!tab || (!step && event.key !== "Home" && event.key !== "End")) return;
  event.preventDefault();
  const all = [...document.querySelectorAll("[data-tab]")];
  const here = all.indexOf(tab);
  const at = { Home: 0, End: all.length - 1 }[event.key] ?? (here + step + all.length) % all.length;
  all[at].focus();
});

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-pick]");
  if (form) go(`${form.action}?visit=${encodeURIComponent(event.target.value)}`);
});

/** What was looked at is not new any more: on this device at once, and in the list. */
function badge() {
  const key = `azbot-read-${base}`;
  const mark = document.querySelector("em[data-unread]");
  const numbers = (mark?.dataset.unread ?? "").split(" ").map(Number);
  let read = 0;
  try {
    read = Number(localStorage.getItem(key) ?? 0);
    const newest = Math.max(0, ...numbers);
    if (preview === undefined && newest > read && document.querySelector("[data-tab=messages][aria-current]")) {
      read = newest;
      fetch(`${base}/seen`, { method: "POST" }).catch(() => {});
      localStorage.setItem(key, newest);
    }
  } catch {
    // A browser that keeps nothing shows more than it needs to.
  }
  if (!mark) return;
  const left = numbers.filter((one) => one > read).length;
  mark.hidden = !left;
  mark.textContent = left;
  if (!left) mark.nextElementSibling?.remove();
}

// --- messages ---------------------------------------------------------------------------

if (bar) {
  const state = document.querySelector("[data-state]");
  const text = bar.elements.text;
  const told = (name, isBad = false) => {
    state.textContent = state.dataset[name] ?? name;
    state.classList.toggle("bad", isBad);
  };
  bar.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = bar.querySelector(".go");
    if (button.disabled) return;
    button.disabled = true;
    told("sending");
    document.getElementById("bar-why")?.remove();
    try {
      const found = await ask(bar.action, PARTS, { method: "POST", body: new FormData(bar) });
      if (!found.ok) {
        told(found.why || found.detail || "failed", true);
        return;
      }
      const had = text.value;
      bar.reset();
      text.value = "";
      told("sent");
      draw(found);
      if (had && document.querySelector("[data-tab=messages][aria-current]")) {
        document.querySelector(".talk:last-of-type li:last-child")?.scrollIntoView({ block: "nearest" });
      }
    } catch {
      told("failed", true);
    } finally {
      button.disabled = false;
      text.focus({ preventScroll: true });
    }
  });
  text.addEventListener("input", () => told(""));
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) bar.requestSubmit(bar.querySelector(".go"));
  });
}

// --- what happens elsewhere ---------------------------------------------------------------

let source = null;
let timer = 0;

/** Listen while the page is seen: a browser has few lines, and a phone little power. */
function listen() {
  clearTimeout(timer);
  source?.close();
  source = null;
  if (document.hidden) return;
  source = new EventSource(`${base}/live?after=${seen}`);
  source.addEventListener("change", renew);
  source.onerror = () => {
    if (source?.readyState === EventSource.CLOSED) timer = setTimeout(listen, AGAIN_AFTER);
  };
}

badge();
if (preview === undefined) {
  document.addEventListener("visibilitychange", listen);
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => { if (event.persisted) listen(); });
  listen();
}
