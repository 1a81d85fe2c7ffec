/* Parts of the page, drawn by the server: asked for by name, put in place. */

import { say } from "./words.js";
import { toast } from "./toasts.js";

const HEADER = "Azbot-Part";

/** The session is over: whoever listens on the document shows the way back. */
export const SIGNED_OUT = "azbot:signed-out";

/** What a server refused, with its words. */
export class Refused extends Error {
  constructor(status, answer) {
    super(answer.detail ?? answer.title ?? String(status));
    this.status = status;
    this.answer = answer;
  }
}

/**
 * Ask the server as a script does: JSON comes back.
 *
 * @throws {Refused}    the server said no
 * @throws {TypeError}  the server was not reached
 */
export async function ask(url, { method = "GET", body, parts = "data", signal } = {}) {
  const answer = await fetch(url, {
    method, body, signal,
    headers: { [HEADER]: parts, Accept: "application/json" },
    credentials: "same-origin",
  });
  if (answer.status === 401) document.dispatchEvent(new Event(SIGNED_OUT));
  const text = await answer.text();
  const found = text ? JSON.parse(text) : {};
  if (!answer.ok) throw new Refused(answer.status, found);
  return found;
}

/** Put parts in their places; what has the focus keeps it when it is still there. */
export function place(parts) {
  for (const [name, html] of Object.entries(parts)) {
    const slot = document.querySelector(`[data-part="${name}"]`);
    if (!slot) continue;
    const focused = slot.contains(document.activeElement) && document.activeElement.id;
    slot.innerHTML = html;
    if (focused) document.getElementById(focused)?.focus();
  }
}

/** Ask for parts of an address and put them in their places. */
export async function renew(url, names, signal) {
  const { parts, title } = await ask(url, { parts: names.join(" "), signal });
  place(parts);
  if (title) document.title = title;
  return parts;
}

/** Tell what went wrong, and what is safe. */
export function complain(error) {
  if (error.name === "AbortError") return;
  if (error instanceof Refused && error.status === 401) return;
  if (!(error instanceof Refused)) {
    toast(say("offline"), { isBad: true });
    return;
  }
  const code = error.answer.request_id;
  const isOurs = error.status >= 500 && code;
  toast(isOurs ? say("incident", { words: error.message, code }) : error.message, { isBad: true });
}
