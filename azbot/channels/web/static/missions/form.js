/* The intervention form: opens what the phone keeps, draws it, and lets it be sent. */

import { el, icon } from "./form/dom.js";
import { question } from "./form/draw.js";
import { download } from "./form/export.js";
import { ending, finish, nameOf } from "./form/finish.js";
import { clockAt } from "./form/normal.js";
import { keepOffline } from "./form/offline.js";
import { addPhotos, picker } from "./form/photos.js";
import { askToReopen, signatureCards } from "./form/signatures.js";
import { Visit } from "./form/state.js";
import { openStore } from "./form/store.js";
import { summaryOf } from "./form/summary.js";
import { Sync } from "./form/sync.js";
import { count, page, say } from "./form/words.js";

const { mission } = page;
const url = `/missions/${mission.ref}/visits/${mission.number}`;
const at = (id) => document.getElementById(id);

let isKept = true;
const store = await openStore(`${page.reader}/${mission.ref}/${mission.number}`, () => {
  isKept = false;
  if (document.body.dataset.ready !== undefined) showNotices();
});
const visit = new Visit(page, store);
visit.points = page.form.sections.find((section) => section.key === "checklist").fields.map((field) => field.key);
const sync = new Sync(url, visit);

// -- drawing --------------------------------------------------------------------------

const questions = new Map();
const cards = signatureCards(visit);
const end = ending(visit, goTo);
const sections = page.form.sections.filter((section) => section.key !== "station").map(section);
at("sections").append(...sections.map((each) => each.element), end.element);

function section(given, place) {
  const number = el("span", { class: "n" });
  const line = el("small", {});
  const title = given.key === "installation" ? say("installation") : given.title;
  const body = el("div", { class: "body", id: `body-${given.key}` }, automatic(given), given.fields.filter((field) => !field.is_automatic).map((field) => {
    const drawn = question(visit, field, moveOn);
    questions.set(field.key, drawn);
    return drawn.element;
  }), given.key === "conclusion" && cards.element);
  const head = el("button", { type: "button", "aria-controls": body.id, onclick: () => fold(own, own.isOpen) }, number, el("span", { class: "tx" }, title, line), icon("down"));
  const element = el("section", { class: "sec", id: `s-${given.key}` }, el("h2", {}, head), body);
  const own = { key: given.key, fields: given.fields, element, head, body, number, line, place, isOpen: false };
  return own;
}

/** What nobody is asked for, because it is known (X11). */
function automatic({ key }) {
  if (key !== "appointment") return null;
  const { station, contact } = mission;
  const rows = [
    [say("when"), mission.when], [say("site"), mission.site], [say("contact"), [contact.name, contact.shown].filter(Boolean).join(", ")],
    [say("station"), [station.company, station.phone, station.email].filter(Boolean).join(", ")],
  ];
  return el("dl", { class: "known" }, rows.filter(([, words]) => words).map(([title, words]) => el("div", {}, el("dt", {}, title), el("dd", {}, words))));
}

function fold(own, isFolded) {
  own.isOpen = !isFolded;
  own.body.hidden = isFolded;
  own.head.setAttribute("aria-expanded", String(own.isOpen));
}

function leftIn(own, missing) {
  const keys = new Set(own.fields.map((field) => field.key));
  return missing.filter((item) => (item.role ? own.key === "conclusion" : keys.has(item.key)));
}

function show() {
  const { shown, missing } = visit;
  document.body.classList.toggle("closed", !visit.isOpen);
  for (const [key, drawn] of questions) {
    drawn.element.hidden = !shown.has(key);
    drawn.show();
    for (const control of drawn.element.querySelectorAll("input, select, textarea, .more, .block .plain")) control.disabled = !visit.isOpen;
  }
  cards.show();
  end.show();
  const current = sections.find((own) => leftIn(own, missing).length);
  const bars = at("progress").children;
  let done = 0;
  for (const own of sections) {
    const left = leftIn(own, missing).length;
    const isDone = left === 0 && visit.isArrived && (isTouched(own) || !current);
    const state = isDone ? "ok" : own === current && visit.isArrived ? "on" : "";
    own.element.className = `sec ${state}`;
    own.number.replaceChildren(state === "ok" ? icon("check") : String(own.place + 1));
    own.line.textContent = summaryOf(visit, own.key, left);
    own.head.setAttribute("aria-label", [own.head.querySelector(".tx").firstChild.textContent, own.line.textContent, say(left ? "state.missing" : "state.complete")].join(", "));
    bars[own.place].className = { ok: "d", on: "c" }[state] ?? "";
    if (state === "ok") done += 1;
    if (state === "on") bars[own.place].style.setProperty("--part", `${part(own, left)}%`);
  }
  at("progress").setAttribute("aria-valuenow", done);
  at("progress").setAttribute("aria-valuetext", say("progress", { done, of: sections.length }));
  showBar(missing);
  showNotices();
  showSaved();
}

/** Whether anything was said in a section where nothing must be said. */
const isTouched = (own) => own.key !== "material" || own.fields.some((field) => field.key in visit.values);

/** How much of a section is done, of what it asks. */
function part(own, left) {
  const asked = own.fields.filter((field) => visit.shown.has(field.key) && field.mandatory.rule !== "never").length + (own.key === "conclusion" ? 3 : 0);
  return Math.round(100 * Math.max(0.12, 1 - left / Math.max(asked, 1)));
}

// -- what comes next --------------------------------------------------------------------

let here = ""; // the question that was answered last

function nextOf(missing) {
  const order = [...visit.fields.keys()];
  const from = order.indexOf(here);
  return missing.find((item) => item.role || order.indexOf(item.key) > from) ?? missing[0];
}

function showBar(missing) {
  const button = at("next");
  const [strong, more] = button.children;
  const item = nextOf(missing);
  const point = item?.key ? visit.points.indexOf(item.key) + 1 : 0;
  const isReady = visit.isArrived || visit.told.status === "planned";
  at("bar").hidden = visit.isOver || Boolean(visit.lost) || !isReady;
  button.hidden = visit.isEnding;
  at("photo").hidden = !visit.isOpen;
  if (!visit.isArrived) [strong.textContent, more.textContent] = [say("arrive"), ""];
  else if (!item) [strong.textContent, more.textContent] = [say("finish"), ""];
  else if (point) [strong.textContent, more.textContent] = [say("next_point"), say("point_of", { number: point, of: visit.points.length })];
  else [strong.textContent, more.textContent] = [say("next"), nameOf(visit, item)];
}

at("next").addEventListener("click", () => {
  if (!visit.isArrived) return visit.arrive(clockAt(mission.zone));
  const item = nextOf(visit.missing);
  // A signed form is opened again before anything in it can be answered (R138).
  if (item?.key && visit.signatures.length) return askToReopen(visit);
  return item ? goTo(item) : finish(visit);
});

/** Lead to something that is missing: its section open, the focus inside, in plain view. */
function goTo(item) {
  const own = sections.find((each) => leftIn(each, [item]).length);
  for (const each of sections) {
    if (each !== own && each.isOpen && !leftIn(each, visit.missing).length) fold(each, true);
  }
  fold(own, false);
  const element = item.role ? cards.element.querySelector(`[data-role="${item.role}"]`) : questions.get(item.key).element;
  if (item.key) here = item.key;
  const control = item.role
    ? element.querySelector("button")
    : [...element.querySelectorAll("[data-control], .more")].find((each) => isMissing(each)) ?? element.querySelector("[data-control], button");
  (control ?? element).focus({ preventScroll: true });
  element.scrollIntoView({ block: "center" });
  showBar(visit.missing);
}

/** Of several controls the first without an answer. */
function isMissing(control) {
  if (control.type === "radio" || control.type === "checkbox") return !control.closest("fieldset")?.querySelector(":checked");
  return !control.value && !control.classList.contains("more");
}

/** From one point of the list to the next. */
function moveOn(key) {
  here = key;
  const order = visit.points.slice(visit.points.indexOf(key) + 1);
  const left = new Set(visit.missing.map((item) => item.key));
  const following = order.find((point) => left.has(point));
  if (following) questions.get(following).element.scrollIntoView({ block: "center", behavior: "smooth" });
}

// -- how it is kept and sent --------------------------------------------------------------

const SAID = {
  saved: () => ["check", "", say("saved")],
  sending: () => ["sync", "", say("sending")],
  offline: () => ["nowifi", say("offline"), count("offline_kept", visit.unsent)],
  failed: () => ["warn", "", say("failed")],
};

let saidBefore = "";

function showSaved() {
  const state = sync.state;
  const [picture, strong, words] = SAID[state]();
  const now = [state, strong, words].join(" ");
  if (now === saidBefore) return; // a status that is said again would be read aloud again
  saidBefore = now;
  if (state === "saved") at("stay").hidden = true;
  const net = at("net");
  net.className = `net ${state}`;
  net.replaceChildren(icon(picture), el("span", {}, strong && el("b", {}, strong), strong && " ", words));
  at("retry").hidden = state !== "failed" || Boolean(visit.lost);
}

at("retry").addEventListener("click", () => sync.now());

function showNotices() {
  const notices = [];
  const save = () => el("button", { type: "button", class: "btn", onclick: () => download(visit) }, say("download"));
  if (!isKept) notices.push(["warn", say("not_kept"), null]);
  if (visit.lost) notices.push(["warn", say("lost"), save()]);
  for (const { words } of visit.refused.slice(-2)) notices.push(["warn", words, save()]);
  if (!visit.lost && ["unplanned", "to_approve"].includes(visit.told.status)) notices.push(["cal", say("no_date"), null]);
  if (visit.told.status === "cancelled") notices.push(["cross", say("cancelled"), save()]);
  if (visit.isOver) notices.push(["check", say("over_note"), null]);
  const key = JSON.stringify(notices.map(([, words]) => words));
  if (at("notices").dataset.key === key) return;
  at("notices").dataset.key = key;
  at("notices").replaceChildren(...notices.map(([picture, words, button]) => el("div", { class: "notice" }, icon(picture), el("p", {}, words), button)));
}

at("photo").prepend(picker(visit, async (list) => {
  const added = await addPhotos(visit, list, null);
  const known = visit.raw("photos") ?? [];
  const names = new Set(known.map((item) => item.file ?? item));
  const fresh = added.files.filter((file) => !names.has(file));
  if (fresh.length) visit.change("photos", [...known, ...fresh]);
}, say("photo"), true));

let isAsked = false;
let drawing = 0;
const soon = () => {
  if (!drawing) drawing = requestAnimationFrame(() => ((drawing = 0), show()));
};

visit.addEventListener("change", ({ detail }) => {
  // A photo may be taken at any time: it is no step on the way.
  if (detail.key && visit.fields.get(detail.key).kind !== "files") here = detail.key;
  if (!isAsked) {
    isAsked = true;
    navigator.storage?.persist?.();
  }
  soon();
});
for (const what of ["told", "refused"]) visit.addEventListener(what, soon);
sync.addEventListener("state", showSaved);

addEventListener("pagehide", () => visit.flush());
document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && visit.flush());
addEventListener("beforeunload", (event) => {
  if (!visit.orders.length || visit.lost) return;
  event.preventDefault();
  at("stay").hidden = false;
});

// What is led to must not end up below the bar on top, however many lines that has.
new ResizeObserver(([{ target }]) => document.documentElement.style.setProperty("--top", `${target.offsetHeight}px`)).observe(document.querySelector(".form-top"));

for (const own of sections) fold(own, true);
show();
const first = sections.find((own) => leftIn(own, visit.missing).length) ?? sections[0];
if (!visit.isOver) fold(first, false);
document.body.dataset.ready = "";
if (visit.orders.length) sync.now();
else sync.look();
keepOffline([url, `/missions/${mission.ref}`]);
