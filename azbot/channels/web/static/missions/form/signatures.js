/* The three signatures: a card for each, a pad over the whole screen (R118 to R138). */

import { el, icon, ink } from "./dom.js";
import { clockAt } from "./normal.js";
import { Pad } from "./pad.js";
import { ROLES } from "./state.js";
import { complaint, count, page, say, spoken } from "./words.js";

/** Draw the cards. */
export function signatureCards(visit) {
  const cards = ROLES.map((role) => card(visit, role));
  const frozen = el("div", { class: "frozen", hidden: true }, el("p", {}, say("frozen")),
    el("button", { type: "button", class: "btn", onclick: () => askToReopen(visit) }, say("modify")));
  const show = () => {
    cards.forEach((each) => each.show());
    frozen.hidden = !visit.signatures.length || visit.isOver || visit.isEnding;
  };
  return { element: el("div", { class: "sigs" }, cards.map((each) => each.element), frozen), show };
}

function card(visit, role) {
  const state = el("span", { class: "at" });
  const who = el("p", {});
  const body = el("div", { class: "given" });
  const element = el("div", { class: "sig", "data-role": role, tabindex: "-1" }, el("h3", {}, say(`role.${role}`), state), who, body);
  let drawn = "";
  const show = () => {
    const given = visit.signature(role);
    const proposed = page.signatories[role];
    const now = JSON.stringify([given, visit.told.invited, visit.isArrived, visit.isEnding, visit.isOver, visit.lost]);
    if (now === drawn) return;
    drawn = now;
    state.replaceChildren(...(given ? [icon("check"), ` ${given.at}`] : []));
    const known = given ?? (role === "client" ? null : proposed);
    who.textContent = known ? [known.name || (given?.method === "waived" ? say("waived", { reason: given.reason }) : ""), known.company].filter(Boolean).join(", ") : say("client_is");
    body.replaceChildren(...(given ? signed(given) : unsigned(visit, role)));
  };
  return { element, show };
}

function signed(given) {
  const parts = [];
  if (given.strokes?.length) parts.push(el("div", { class: "pad" }, ink(given.strokes, given.aspect, say("signature_of", { name: given.name }))));
  else if (given.method === "typed") parts.push(el("div", { class: "pad typed" }, given.name));
  if (given.wants_report) parts.push(el("p", { class: "small" }, say("report_to", { email: given.email })));
  if (given.isWaiting) parts.push(el("p", { class: "small" }, say("waiting_to_send")));
  return parts;
}

function unsigned(visit, role) {
  if (!visit.isArrived || visit.isOver || visit.isEnding || visit.lost) return [];
  const more = el("div", { class: "alt" });
  const told = el("p", { class: "wrong", role: "status" });
  const invited = visit.told.invited[role];
  if (role !== "station") more.append(linkButton(visit, role, told));
  more.append(el("button", { type: "button", class: "btn plain", onclick: () => openPad(visit, role, true) }, say("by_keyboard")));
  if (page.allow_waiver) more.append(el("button", { type: "button", class: "btn plain", onclick: () => askToWaive(visit, role) }, say("waive")));
  return [
    invited ? el("p", { class: "small" }, say("link_sent", { name: invited })) : "",
    el("button", { type: "button", class: "pad empty", onclick: () => openPad(visit, role, false) }, icon("sign"), say(role === "station" ? "sign" : "have_signed")),
    more, told,
  ];
}

/** « Absent, envoyer un lien »: on a page of its own, for the form as the server has it. */
function linkButton(visit, role, told) {
  const later = (event) => {
    if (!visit.orders.length) return;
    event.preventDefault();
    told.textContent = say("absent_later");
  };
  return el("a", { class: "btn plain", href: `${location.pathname}/signatures/${role}/link`, onclick: later }, say("absent"));
}

/** The whole screen for one signature. */
function openPad(visit, role, isTyped) {
  const wrong = [...visit.fields.keys()].filter((key) => visit.shown.has(key) && visit.trouble(key));
  const proposed = page.signatories[role];
  const told = el("p", { class: "wrong", role: "alert" });
  const name = field("sig-name", say("signatory_name"), proposed.name, { autocomplete: "off", autocapitalize: "words" });
  const company = field("sig-company", say("company"), proposed.company, { autocomplete: "off" });
  const email = field("sig-email", say("email"), proposed.email, { type: "email", inputmode: "email", autocomplete: "off" });
  const wants = el("input", { type: "checkbox" });
  wants.checked = Boolean(proposed.email);
  email.input.addEventListener("input", () => (wants.checked = Boolean(email.input.value.trim())));
  const agrees = el("input", { type: "checkbox", id: "sig-agrees" });
  const canvas = el("canvas", { class: "glass", "aria-label": say("glass"), role: "img" });
  const pad = isTyped ? null : new Pad(canvas);
  const dialog = el("dialog", { class: "full", "aria-labelledby": "sig-title", onclose: () => {
    pad?.stop();
    dialog.remove();
  } });
  const sign = () => {
    const typed = name.input.value.replace(/\s+/g, " ").trim();
    const problem = !typed ? complaint("signature_name") : pad && !pad.isLongEnough ? say("too_short") : !pad && !agrees.checked ? say("agree_first") : "";
    told.textContent = problem;
    if (problem) return (!typed ? name.input : pad ? canvas : agrees).focus();
    const given = { method: isTyped ? "typed" : "drawn", name: typed, company: company.input.value.trim(), email: email.input.value.trim(), wants_report: wants.checked && Boolean(email.input.value.trim()) };
    if (pad) Object.assign(given, { strokes: pad.strokes, aspect: pad.aspect });
    visit.sign(role, given, spoken(clockAt(page.mission.zone)));
    dialog.close();
  };
  dialog.append(
    el("header", {}, el("h2", { id: "sig-title" }, say(`role.${role}`)), el("button", { type: "button", class: "icon", "aria-label": say("close"), onclick: () => dialog.close() }, icon("cross"))),
    el("div", { class: "inner" },
      wrong.length ? el("p", { class: "wrong" }, say("correct_first", { label: visit.fields.get(wrong[0]).label })) : summary(visit),
      name.element,
      isTyped ? el("label", { class: "check" }, agrees, say("agree")) : el("div", { class: "sheet-of-glass" }, canvas),
      told,
      el("details", {}, el("summary", {}, say("more_of_signatory")), company.element),
      email.element,
      el("label", { class: "check" }, wants, say("send_report"))),
    el("footer", {},
      pad && el("button", { type: "button", class: "btn", onclick: () => (pad.clear(), (told.textContent = "")) }, say("clear")),
      el("button", { type: "button", class: "btn primary", disabled: wrong.length > 0, onclick: sign }, say("validate"))));
  document.body.append(dialog);
  dialog.showModal();
  if (!name.input.value) name.input.focus();
}

function field(id, label, value, more) {
  const input = el("input", { id, type: "text", ...more });
  input.value = value ?? "";
  return { input, element: el("div", { class: "field" }, el("label", { class: "label", for: id }, label), input) };
}

/** What is signed, in a few lines. */
function summary(visit) {
  const { values } = visit;
  const points = visit.points.map((key) => values[key]?.answer);
  const no = points.filter((answer) => answer === "no").length;
  const left = visit.missing.filter((each) => each.key).length;
  const lines = [
    [say("what"), `${page.mission.service}, ${page.mission.site}`],
    [say("hours"), [values.time_in, values.time_out].filter(Boolean).map(spoken).join(" – ")],
    [say("points"), [count("points_yes", points.filter((answer) => answer === "yes").length), no ? count("points_no", no) : ""].filter(Boolean).join(", ")],
    [say("result"), values.solved === true ? say("is_solved") : values.solved === false ? say("is_not_solved") : ""],
    [say("notes"), values.action_notes ?? ""],
  ];
  return el("div", { class: "signed-what" }, el("dl", {}, lines.filter(([, words]) => words).map(([title, words]) => el("div", {}, el("dt", {}, title), el("dd", {}, words)))),
    left ? el("p", { class: "doubt" }, count("still_missing", left)) : null);
}

export function askToReopen(visit) {
  const names = visit.signatures.map((each) => each.name || say(`role.${each.role}`));
  const list = new Intl.ListFormat(page.language).format(names);
  ask(say("modify"), count("modify_warning", names.length, { names: list }), say("modify_yes"), () => visit.reopen());
}

function askToWaive(visit, role) {
  const reason = el("textarea", { id: "waiver", rows: 3, maxlength: 1000 });
  const box = el("div", { class: "field" }, el("label", { class: "label", for: "waiver" }, say("waive_why")), reason);
  ask(say("waive"), box, say("validate"), () => {
    if (!reason.value.trim()) return reason.focus() ?? false;
    visit.sign(role, { method: "waived", reason: reason.value.trim(), name: "" }, spoken(clockAt(page.mission.zone)));
    return true;
  });
}

/** Ask before what cannot be taken back. */
export function ask(title, words, yes, onYes) {
  const dialog = el("dialog", { class: "sheet", "aria-labelledby": "ask-title", onclose: () => dialog.remove() },
    el("h2", { id: "ask-title" }, title), typeof words === "string" ? el("p", {}, words) : words,
    el("div", { class: "two" },
      el("button", { type: "button", class: "btn", onclick: () => dialog.close() }, say("cancel")),
      el("button", { type: "button", class: "btn primary", onclick: () => onYes() !== false && dialog.close() }, yes)));
  document.body.append(dialog);
  dialog.showModal();
}

