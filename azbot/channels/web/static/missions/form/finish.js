/* The end of the visit: what is missing, each a link to it, then one button (T8, T13). */

import { el, icon } from "./dom.js";
import { ask } from "./signatures.js";
import { count, say } from "./words.js";

/**
 * Draw the last panel.
 *
 * @param {(item: object) => void} goTo  leads to something that is missing
 */
export function ending(visit, goTo) {
  const title = el("h2", {});
  const list = el("ul", {});
  const button = el("button", { type: "button", class: "btn primary wide", onclick: () => finish(visit) }, say("finish"));
  const note = el("p", {});
  const element = el("section", { class: "end" }, title, note, list, button);
  const show = () => {
    const left = visit.missing;
    element.hidden = !visit.isArrived && !visit.isOver;
    button.hidden = left.length > 0 || visit.isEnding || visit.isOver || Boolean(visit.lost);
    list.hidden = !left.length || visit.isOver;
    title.textContent = visit.isOver ? say("over") : visit.isEnding ? say("ending") : left.length ? count("missing", left.length) : say("complete");
    note.textContent = visit.isOver ? say("over_note") : visit.isEnding ? say("ending_note") : left.length ? "" : say("complete_note");
    list.replaceChildren(...left.map((item) => el("li", {}, el("button", { type: "button", class: "btn plain", onclick: () => goTo(item) }, nameOf(visit, item), icon("right")))));
  };
  return { element, show };
}

export const nameOf = (visit, item) => (item.role ? say(`signature_role.${item.role}`) : visit.fields.get(item.key).label);

/** Ask, and end the visit. */
export function finish(visit) {
  const addresses = visit.signatures.filter((each) => each.wants_report).map((each) => each.email);
  const words = addresses.length ? say("finish_mails", { emails: [...new Set(addresses)].join(", ") }) : say("finish_words");
  ask(say("finish"), words, say("finish"), () => visit.finish());
}
