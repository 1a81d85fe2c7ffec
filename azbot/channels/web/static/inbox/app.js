/* The inbox as one page: opens assistances in place, stays live, listens to keys. */

import { connect } from "./live.js";
import * as composer from "./composer.js";
import * as dialogs from "./dialogs.js";
import * as keys from "./keys.js";
import * as list from "./list.js";
import * as palette from "./palette.js";
import { ask, complain, renew, SIGNED_OUT } from "./parts.js";
import { toast, undoNewest } from "./toasts.js";
import { say } from "./words.js";

const body = document.body;
const shown = document.getElementById("assistance");
const OPEN_PARTS = ["assistance", "composer", "side"];
const SEEN_AFTER = 1000;
const RENEW_AFTER = 150;

document.documentElement.classList.add("scripted");

let ref = shown.dataset.ref ?? "";
let opening = new AbortController();

const live = connect({
  url: "/inbox/live",
  presence: "/inbox/presence",
  after: body.dataset.mark,
  me: Number(body.dataset.me),
});

// --- one assistance ---------------------------------------------------------------------

const hasQuery = () => location.search;
const addressOf = (one) => `/inbox/a/${one}${hasQuery()}`;

async function open(one, { push = true } = {}) {
  opening.abort();
  opening = new AbortController();
  const url = addressOf(one);
  composer.leave();
  list.current(one);
  try {
    // The panel has no place before the first assistance is open.
    if (!document.getElementById("side")) return location.assign(url);
    await renew(url, OPEN_PARTS, opening.signal);
  } catch (error) {
    return complain(error);
  }
  ref = one;
  shown.dataset.ref = one;
  body.classList.add("is-open");
  if (push) history.pushState({}, "", url);
  arrive();
  document.getElementById("assistance-title")?.focus({ preventScroll: true });
}

function arrive() {
  settle();
  composer.mount(document.querySelector("[data-part=composer]"), {
    ref,
    onSent: (next) => (refresh(), next && step(1)),
    onTyping: () => live.present.type(ref),
    onHandled: () => refresh(),
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
    list.seen(one);
  } catch {
    // Seen again at the next visit; nothing depends on it.
  }
}

/** Begin at the first message nobody here has read, else at the newest. */
function settle() {
  const timeline = document.querySelector("[data-timeline]");
  if (!timeline) return;
  const fresh = timeline.querySelector("[data-fresh]");
  if (fresh) fresh.scrollIntoView({ block: "center" });
  else timeline.scrollTop = timeline.scrollHeight;
}

let refreshing;
function refresh({ isOwn = true } = {}) {
  clearTimeout(refreshing);
  refreshing = setTimeout(async () => {
    const timeline = document.querySelector("[data-timeline]");
    const isAtEnd = !timeline || timeline.scrollHeight - timeline.scrollTop - timeline.clientHeight < 80;
    const top = timeline?.scrollTop ?? 0;
    try {
      await renew(location.pathname + location.search, ["queues", ...(ref ? ["assistance", "side"] : [])]);
      await list.renew({ isOwn });
    } catch (error) {
      return complain(error);
    }
    const renewed = document.querySelector("[data-timeline]");
    if (renewed) renewed.scrollTop = isAtEnd ? renewed.scrollHeight : top;
    list.current(ref);
    drawPresence();
  }, RENEW_AFTER);
}

function close() {
  composer.leave();
  live.present.see(null);
  body.classList.remove("is-open");
  location.assign(`/inbox${hasQuery()}`);
}

/** Open the assistance so many lines below the present one. */
function step(by) {
  const next = list.beside(ref, by);
  if (next) open(next);
}

// --- live ---------------------------------------------------------------------------------

live.addEventListener("change", ({ detail }) => {
  const isHere = detail.ref === ref;
  if (isHere || detail.by === live.me) refresh({ isOwn: detail.by === Number(body.dataset.me) });
  else list.news(detail.ref, () => refresh({ isOwn: false }));
});
for (const name of ["outbox", "ledger", "reset"]) {
  live.addEventListener(name, ({ detail }) => {
    if (name !== "outbox" || detail.ref === ref) refresh({ isOwn: false });
  });
}
live.addEventListener("settings", () => refresh({ isOwn: false }));
live.addEventListener("presence", () => drawPresence());
live.addEventListener("state", () => drawState());

function drawState() {
  const place = document.querySelector("[data-live]");
  const state = live.state;
  place.hidden = !state;
  place.className = `live ${state}`;
  place.textContent = state ? say(state) : "";
  if (state === "live") composer.retry();
  if (state === "signed-out") document.dispatchEvent(new Event(SIGNED_OUT));
}

function drawPresence() {
  list.presence((one) => live.othersAt(one));
  const online = document.querySelector("[data-online]");
  if (online) drawOnline(online, live.at(""));
  const place = document.querySelector("[data-presence-of]");
  if (!place) return;
  const others = live.othersAt(ref);
  place.hidden = !others.length;
  place.replaceChildren();
  if (!others.length) return;
  const types = others.filter(({ level }) => level === "types");
  const told = types.length ? types : others;
  for (const one of told) place.append(avatar(one));
  const names = told.map(({ name }) => name).join(", ");
  place.append(Object.assign(document.createElement("span"), {
    textContent: say(types.length ? "types" : "sees", { names }),
  }));
  if (types.length) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: say("draft") });
    button.addEventListener("click", () => composer.showDraftOf(ref, types[0].person));
    place.append(button);
  }
}

function avatar({ name, initials, level }) {
  const one = document.createElement("span");
  one.className = level === "types" ? "av b typing" : "av b";
  one.textContent = initials;
  one.role = "img";
  one.ariaLabel = name;
  return one;
}

function drawOnline(place, people) {
  place.replaceChildren(...people.slice(0, 5).map(avatar), say("online", { count: people.length }));
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
  if (!ref) return;
  clearTimeout(seeing);
  try {
    await ask(`/inbox/a/${ref}/unseen`, { method: "POST" });
    list.unseen(ref);
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
  reply: () => composer.focus("reply"),
  note: () => composer.focus("note"),
  send: () => composer.send(),
  undo: () => undoNewest(),
  assign: () => act("assign"),
  complement: () => act("complement"),
  close: () => act("close"),
  handled: () => act("handled"),
  snooze: () => act("snooze"),
  take: () => act("take"),
  validate,
  unread,
  select: () => list.select(),
  side: () => side(),
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
    Enter: () => list.openFocused(open),
    Escape: escape,
    r: COMMANDS.reply,
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
  else if (ref) list.focus(ref) || close();
}

const openPalette = palette.mount({
  suggest: "/inbox/suggest",
  run: (name) => COMMANDS[name]?.(),
  open: (url) => location.assign(url),
});

document.querySelector("[data-palette]")?.addEventListener("click", openPalette);
document.querySelector("[data-keys]")?.addEventListener("click", COMMANDS.sheet);

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-open]");
  if (link && dialogs.isPlain(event)) {
    event.preventDefault();
    open(link.dataset.open);
  }
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

dialogs.mount((_, name) => {
  document.querySelector("details[data-menu][open]")?.removeAttribute("open");
  // What ends a wait leads to the next one who waits (ux.md A4).
  const next = ["handled", "snooze"].includes(name) && list.beside(ref, 1);
  if (next) open(next);
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

list.mount(document.querySelector("[data-part=list]"), { onOpen: open });
if (ref) arrive();
drawState();
drawPresence();
