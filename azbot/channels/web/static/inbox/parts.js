/* Parts of the page, drawn by the server: asked for by name, put in place. */

import { say } from "./words.js";
import { toast } from "./toasts.js";

/** By this header a script asks for parts of a page, or for data. */
export const HEADER = "Azbot-Part";

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
 * Ask the server as a script does; hear its answer, a refusal too.
 *
 * @param {string} url
 * @param {object} [more]
 * @param {BodyInit} [more.body]   a string is JSON
 * @param {string} [more.parts]    names of parts, by default none
 * @param {boolean} [more.keepalive]
 * @returns {Promise<{ok: boolean, status: number, told: object}>}
 * @throws {TypeError}  the server was not reached
 */
export async function hear(url, { method = "GET", body, parts = "data", signal, keepalive } = {}) {
  const headers = { [HEADER]: parts, Accept: "application/json" };
  if (typeof body === "string") headers["Content-Type"] = "application/json";
  const answer = await fetch(url, { method, body, signal, headers, keepalive });
  if (answer.status === 401) document.dispatchEvent(new Event(SIGNED_OUT));
  const text = await answer.text();
  return { ok: answer.ok, status: answer.status, told: read(text) };
}

function read(text) {
  try {
    return JSON.parse(text || "{}");
  } catch {
    return {}; // the page of a proxy says nothing to us
  }
}

/**
 * Ask the server as a script does: JSON comes back.
 *
 * @throws {Refused}    the server said no
 * @throws {TypeError}  the server was not reached
 */
export async function ask(url, more) {
  const { ok, status, told } = await hear(url, more);
  if (!ok) throw new Refused(status, told);
  return told;
}

/** Put parts in their places, and the title; what has the focus keeps it when it is still there. */
export function place({ parts, title }) {
  for (const [name, html] of Object.entries(parts)) {
    const slot = document.querySelector(`[data-part="${name}"]`);
    if (!slot) continue;
    const focused = slot.contains(document.activeElement) && document.activeElement.id;
    slot.innerHTML = html;
    if (focused) document.getElementById(focused)?.focus();
  }
  if (title) document.title = title;
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
