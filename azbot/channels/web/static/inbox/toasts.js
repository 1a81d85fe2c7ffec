/* Short messages above everything; the newest way back is what Z takes (ux.md X17). */

import { make } from "./elements.js";
import { say } from "./words.js";

const ways = []; // back, the newest last

function region() {
  const found = document.getElementById("toasts");
  if (found) return found;
  const made = make("div", { id: "toasts", className: "toasts", role: "status" });
  document.body.append(made);
  return made;
}

/** Put a message up that somebody else takes down. */
export const show = (box) => region().append(box);

/** Offer a way back to Z; returns how to withdraw it. */
export function offer(run) {
  ways.push(run);
  return () => {
    if (ways.includes(run)) ways.splice(ways.indexOf(run), 1);
  };
}

/**
 * Show a message; it goes by itself.
 *
 * @param {string|(string|Node)[]} words
 * @param {object} [more]
 * @param {() => Promise<void>} [more.undo]  what « Annuler » does
 * @param {number} [more.seconds]            how long it stays
 * @param {boolean} [more.isBad]
 * @param {{label: string, href: string}} [more.link]
 */
export function toast(words, { undo, seconds = 8, isBad = false, link } = {}) {
  const box = make("div", { className: isBad ? "toast bad" : "toast" }, make("span", {}, ...[words].flat()));
  let withdraw;
  const leave = () => {
    box.remove();
    withdraw?.();
  };
  if (undo) {
    const run = () => (leave(), undo());
    withdraw = offer(run);
    const button = make("button", { type: "button", textContent: say("undo") });
    button.addEventListener("click", run);
    box.append(button);
  }
  if (link) box.append(make("a", { href: link.href, textContent: link.label }));
  show(box);
  setTimeout(leave, seconds * 1000);
}

/** Take the newest change back that still can be. */
export const undoNewest = () => ways.at(-1)?.();
