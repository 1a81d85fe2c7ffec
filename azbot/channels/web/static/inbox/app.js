/* The inbox as one page: opens assistances in place, stays live, listens to keys. */

import { connect } from "./live.js";
import * as composer from "./composer.js";
import { make, tint } from "./elements.js";
import * as dialogs from "./dialogs.js";
import * as keys from "./keys.js";
import { mount as mountList } from "./list.js";
import * as palette from "./palette.js";
import { ask, complain, place, SIGNED_OUT } from "./parts.js";
import { toast, undoNewest } from "./toasts.js";
import { say } from "./words.js";

const body = document.body;
const shown = document.getElementById("assistance");
const OPEN_PARTS = "assistance composer side";
const SEEN_AFTER = 1000;
const RENEW_AFTER = 150;

document.documentElement.classList.add("scripted");

const list = mountList(document.getElementById("list"), {
  open: (link) => open(link.closest("[data-ref]").dataset.ref),
  more: async (url) => (await ask(url, { parts: "list" })).parts.list,
  send: (form, button) => dialogs.send(form, button),
  renew: () => refresh(),
});

let ref = shown.dataset.ref ?? "";
let opening = null; // aborts the assistance on its way, and says its ref
let next = null; // the command that waits for it

const me = Number(body.dataset.me);
const live = connect({
  url: "/inbox/live",
  presence: "/inbox/presence",
  after: body.dataset.mark,
  me,
});

// --- one assistance ---------------------------------------------------------------------

const addressOf = (one) => `/inbox/a/${one}${location.search}`;

async function open(one, { push = true } = {}) {
  const url = addressOf(one);
  // The panel has no place before the first assistance is open.
  if (!document.getElementById("side")) return location.assign(url);
  opening?.abort();
  drawing?.abort(); // late, it would show the one before under this one's composer
  dialogs.forget();
  const mine = (opening = Object.assign(new AbortController(), { ref: one }));
  next = null;
  try {
    place(await ask(url, { parts: OPEN_PARTS, signal: mine.signal }));
  } catch (error) {
    return complain(error);
  } finally {
    if (opening === mine) opening = null;
    if (isStale) refresh();
  }
  shown.ariaLabel = shown.ariaLabel.replace(ref, one);
  ref = one;
  shown.dataset.ref = one;
  body.classList.add("is-open");
  if (push) history.pushState({}, "", url);
  mark(one);
  arrive();
  document.getElementById("assistance-title")?.focus({ preventScroll: true });
  next?.();
}

/**
 * What is pressed while an assistance is on its way is meant for that one. Only the first
 * key waits: after R, the others are words of a text that is not there yet.
 */
const here = (command) => () => {
  if (opening) next ??= command;
  else command();
};

/** Show in the list which line is open. */
function mark(one) {
  for (const link of document.querySelectorAll("#list .it")) {
    const isOpen = link.closest("[data-ref]").dataset.ref === one;
    link.classList.toggle("sel", isOpen);
    if (isOpen) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

function arrive() {
  settle();
  composer.mount(document.querySelector("[data-part=composer]"), {
    onSent: (isNext, told) => {
      refresh();
      if (isNext) leave(told.ref);
    },
    onTyping: () => live.present.type(ref, ["station", "both"].includes(composer.reader()) ? "briefs" : "types"),
    onHandled: refresh,
    onReread: refresh,
  });
  live.present.see(ref);
  drawPresence();
  clearTimeout(seeing);
  seeing = setTimeout(() => see(ref), SEEN_AFTER);
}

let seeing;
async function see(one) {
  if (document.visibilityState !== "visible" || one !== ref) return;
  try {
    await ask(`/inbox/a/${one}/seen`, { method: "POST" });
    lineOf(one)?.classList.remove("un");
  } catch {
    // Seen again at the next visit; nothing depends on it.
  }
}

const lineOf = (one) => document.querySelector(`#list [data-ref="${one}"] .it`);

/** Begin at the first message nobody here has read, else at the newest. */
function settle() {
  const timeline = document.querySelector("[data-timeline]");
  if (!timeline) return;
  const fresh = timeline.querySelector("[data-fresh]");
  if (fresh) fresh.scrollIntoView({ block: "center" });
  else timeline.scrollTop = timeline.scrollHeight;
}

let refreshing;
let drawing = null; // aborts the parts on their way
let isStale = false;

/** Draw anew what may have changed; several at once are one. */
function refresh() {
  isStale = true;
  clearTimeout(refreshing);
  refreshing = setTimeout(redraw, RENEW_AFTER);
}

/** Ask for parts one time after the other: no answer can overtake a newer one. */
async function redraw() {
  if (opening || drawing) return; // at its end this is called again
  isStale = false;
  drawing = new AbortController();
  const { signal } = drawing;
  // Who listens to a voice hears it to its end: the history waits.
  const history = isPlaying() ? [] : ["assistance"];
  const parts = ["queues", "list", ...(ref ? [...history, "recipients", "side"] : [])].join(" ");
  const url = ref ? addressOf(ref) : location.pathname + location.search;
  try {
    const answer = await ask(url, { parts, signal });
    const focused = document.activeElement.id;
    const putBack = scrolled();
    place(answer);
    composer.redrawn();
    putBack();
    await list.renewed();
    if (focused && document.activeElement === document.body) document.getElementById(focused)?.focus({ preventScroll: true });
    drawPresence();
  } catch (error) {
    isStale ||= signal.aborted;
    complain(error);
  } finally {
    drawing = null;
    if (isStale) refresh();
  }
}

const isPlaying = () => [...document.querySelectorAll("#assistance :is(audio, video)")].some((one) => !one.paused);

// At the end of a voice, what waited for it is drawn; these events do not bubble.
for (const end of ["pause", "ended"]) {
  document.addEventListener(end, ({ target }) => target.closest?.("#assistance") && refresh(), true);
}

/** Note how far one has scrolled; returns what scrolls there again. */
function scrolled() {
  const before = document.querySelector("[data-timeline]");
  const isAtEnd = !before || before.scrollHeight - before.scrollTop - before.clientHeight < 80;
  const top = before?.scrollTop ?? 0;
  const items = document.querySelector("[data-items]")?.scrollTop ?? 0;
  return () => {
    const timeline = document.querySelector("[data-timeline]");
    if (timeline) timeline.scrollTop = isAtEnd ? timeline.scrollHeight : top;
    const list_ = document.querySelector("[data-items]");
    if (list_) list_.scrollTop = items;
  };
}

/** Open the assistance so many lines below the present one. */
function step(by) {
  const link = list.step(by);
  if (link && ref) open(link.closest("[data-ref]").dataset.ref);
}

/** Go on to the next one, unless somebody has gone on meanwhile. */
function leave(one) {
  if (one === ref && !opening) step(1);
}

// --- live ---------------------------------------------------------------------------------

live.addEventListener("change", ({ detail }) => {
  if ([ref, opening?.ref].includes(detail.ref) || detail.by === me) refresh();
  else list.fresh([detail.ref]);
});
live.addEventListener("outbox", ({ detail }) => [ref, opening?.ref].includes(detail.ref) && refresh());
for (const name of ["ledger", "outage", "reset", "settings"]) live.addEventListener(name, refresh);
live.addEventListener("presence", drawPresence);
live.addEventListener("state", drawState);

function drawState() {
  const place = document.querySelector("[data-live]");
  const state = live.state;
  place.hidden = !state;
  place.className = `live ${state}`;
  place.textContent = state ? say(state) : "";
  if (state === "signed-out") document.dispatchEvent(new Event(SIGNED_OUT));
}

function drawPresence() {
  list.presence((one) => live.othersAt(one));
  const team = document.querySelector("[data-team]");
  const online = live.at("");
  if (team) {
    team.hidden = !online.length;
    team.replaceChildren(...online.slice(0, 5).map(avatar), make("span", {}, say("online", { count: online.length })));
  }
  const place = document.querySelector("[data-presence-of]");
  if (!place) return;
  const others = live.othersAt(ref);
  const types = others.filter(writes);
  const told = types.length ? types : others;
  const does = types.length ? types[0].level : "sees";
  place.hidden = !told.length;
  const names = told.filter(({ level }) => !types.length || level === does).map(({ name }) => name).join(", ");
  place.replaceChildren(...told.map(avatar), make("span", {}, told.length ? say(does, { names }) : ""));
  if (types.length) place.append(draftButton(types[0].person));
}

/** Whether a colleague writes, to whomever. */
const writes = ({ level }) => level === "types" || level === "briefs";

function avatar({ name, initials, level, person }) {
  const className = `av ${tint(person)}${writes({ level }) ? " typing" : ""}`;
  return make("span", { className, role: "img", ariaLabel: name }, initials);
}

function draftButton(person) {
  const button = make("button", { type: "button" }, say("draft"));
  button.addEventListener("click", () => composer.showDraftOf(ref, person));
  return button;
}

// --- what is pressed -------------------------------------------------------------------------

const press = (name) => document.querySelector(`#assistance [data-do="${name}"]`);

function act(name) {
  const target = press(name);
  if (!target) return;
  if (target.tagName === "FORM") target.requestSubmit();
  else target.click();
}

/** V validates what waits: the document first, else the proposed visit. */
function validate() {
  const document_ = document.querySelector("#side [data-do=review]");
  if (document_) document_.requestSubmit();
  else act("approve");
}

async function unread() {
  const one = ref;
  if (!one) return;
  clearTimeout(seeing);
  try {
    await ask(`/inbox/a/${one}/unseen`, { method: "POST" });
    lineOf(one)?.classList.add("un");
  } catch (error) {
    complain(error);
  }
}

function side(isOpen) {
  const panel = document.getElementById("side");
  if (!panel) return;
  panel.classList.toggle("open", isOpen);
  document.querySelector("[data-side]")?.setAttribute("aria-expanded", String(panel.classList.contains("open")));
  if (panel.classList.contains("open")) panel.querySelector("[data-side-close]")?.focus();
}

const COMMANDS = {
  reply: here(() => composer.focus("reply")),
  "reply-station": here(() => composer.focus("reply", "station")),
  note: here(() => composer.focus("note")),
  send: here(() => composer.send()),
  undo: undoNewest,
  assign: here(() => act("assign")),
  complement: here(() => act("complement")),
  close: here(() => act("close")),
  handled: here(() => act("handled")),
  snooze: here(() => act("snooze")),
  take: here(() => act("take")),
  validate: here(validate),
  unread: here(unread),
  select: () => list.tick(),
  side: here(() => side()),
  sheet: () => document.getElementById("keys").showModal(),
  "go-todo": () => location.assign("/inbox?queue=todo"),
  "go-mine": () => location.assign("/inbox?queue=mine"),
  "go-approvals": () => location.assign("/inbox?queue=approvals"),
};

keys.mount(
  {
    j: () => step(1),
    k: () => step(-1),
    "Shift+j": () => list.extend(1),
    "Shift+k": () => list.extend(-1),
    Enter: () => list.current()?.click(),
    Escape: escape,
    r: COMMANDS.reply,
    t: COMMANDS["reply-station"],
    n: COMMANDS.note,
    m: COMMANDS.take,
    a: COMMANDS.assign,
    d: COMMANDS.complement,
    v: COMMANDS.validate,
    c: COMMANDS.close,
    e: COMMANDS.handled,
    s: COMMANDS.snooze,
    u: COMMANDS.unread,
    x: COMMANDS.select,
    z: COMMANDS.undo,
    i: COMMANDS.side,
    "g t": COMMANDS["go-todo"],
    "g m": COMMANDS["go-mine"],
    "g v": COMMANDS["go-approvals"],
    "?": COMMANDS.sheet,
  },
  { hasLetters: "letters" in body.dataset, onPalette: () => openPalette() },
);

function escape() {
  const panel = document.getElementById("side");
  if (panel?.classList.contains("open")) side(false);
  else if (document.activeElement?.closest("[data-part=composer]")) document.getElementById("assistance-title").focus();
  else if (ref && matchMedia("(max-width: 699px)").matches) location.assign(`/inbox${location.search}`);
  else if (!opening) (lineOf(ref) ?? list.current())?.focus();
}

const openPalette = palette.mount({
  suggest: "/inbox/suggest",
  run: (name) => COMMANDS[name]?.(),
  open: (url) => location.assign(url),
});

document.querySelector("[data-palette]")?.addEventListener("click", openPalette);
document.querySelector("[data-keys]")?.addEventListener("click", COMMANDS.sheet);

document.addEventListener("click", async (event) => {
  if (event.target.closest("[data-side]")) side();
  if (event.target.closest("[data-side-close]")) side(false);
  const copied = event.target.closest("[data-copy]");
  if (copied) {
    await navigator.clipboard.writeText(copied.dataset.copy);
    toast(say("copied"), { seconds: 2 });
  }
  const menu = document.querySelector("details[data-menu][open]");
  if (menu && !menu.contains(event.target)) menu.open = false;
});

dialogs.mount((done, name) => {
  document.querySelector("details[data-menu][open]")?.removeAttribute("open");
  // What ends a wait leads to the next one who waits (ux.md A4).
  if (["handled", "snooze"].includes(name)) leave(done.ref);
  refresh();
});

document.addEventListener(SIGNED_OUT, () => {
  const href = `/signin?next=${encodeURIComponent(location.pathname + location.search)}`;
  toast(say("signed-out"), { isBad: true, seconds: 60, link: { href, label: say("sign-in") } });
});

addEventListener("popstate", () => {
  const found = location.pathname.match(/^\/inbox\/a\/(AS[A-Z]{2}\d{8})$/);
  if (found) open(found[1], { push: false });
  else location.reload();
});

if (ref) arrive();
drawState();
drawPresence();
