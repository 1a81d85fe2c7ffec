/* Short messages above everything; the newest way back is what Z takes (ux.md X17). */

import { say } from "./words.js";

const place = document.getElementById("toasts");
let newest = null;

/**
 * Show a message; it goes by itself.
 *
 * @param {string} text
 * @param {object} [more]
 * @param {() => Promise<void>} [more.undo]  what « Annuler » does
 * @param {number} [more.seconds]            how long it stays
 * @param {boolean} [more.isBad]
 * @param {{label: string, href: string}} [more.link]
 */
export function toast(text, { undo, seconds = 8, isBad = false, link } = {}) {
  const box = document.createElement("div");
  box.className = isBad ? "toast bad" : "toast";
  box.append(Object.assign(document.createElement("span"), { textContent: text }));
  const leave = () => {
    box.remove();
    if (newest === entry) newest = null;
  };
  const entry = undo && { run: () => (leave(), undo()) };
  if (entry) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = say("undo");
    button.addEventListener("click", entry.run);
    box.append(button);
    newest = entry;
  }
  if (link) box.append(Object.assign(document.createElement("a"), { href: link.href, textContent: link.label }));
  place.append(box);
  setTimeout(leave, seconds * 1000);
  return leave;
}

/** Take the newest change back that still can be; false when there is none. */
export function undoNewest() {
  newest?.run();
  return newest !== null;
}
