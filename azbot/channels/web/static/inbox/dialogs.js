/* Actions: asked in a dialog, sent by fetch, taken back for eight seconds. */

import { ask, complain, Refused } from "./parts.js";
import { toast } from "./toasts.js";
import { say } from "./words.js";

const dialog = document.getElementById("dialog");
let whenDone = () => {};

/**
 * Let every action of the page work without leaving it.
 *
 * @param {(done: object) => void} onDone  called after an action was taken
 */
export function mount(onDone) {
  whenDone = onDone;
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-do]");
    if (link && isPlain(event)) {
      event.preventDefault();
      open(link.href);
    }
    if (event.target.closest("[data-close]") && dialog.open) {
      event.preventDefault();
      dialog.close();
    }
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-do], form[data-press]");
    if (!form) return;
    event.preventDefault();
    send(form, event.submitter);
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      dialog.querySelector("form")?.requestSubmit();
    }
  });
}

export const isPlain = (event) =>
  event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;

let asking;
/** Show no dialog any more that was asked for: its assistance is left. */
export const forget = () => asking?.abort();

async function open(url) {
  asking?.abort();
  asking = new AbortController();
  try {
    show((await ask(url, { parts: "dialog", signal: asking.signal })).dialog);
  } catch (error) {
    complain(error);
  }
}

function show(html) {
  dialog.innerHTML = html;
  if (!dialog.open) dialog.showModal();
  const first = dialog.querySelector(".errors, textarea:not(:disabled), input:checked, input:not([type=hidden]), select");
  (first ?? dialog.querySelector("h2"))?.focus();
}

/** Send a form as its button says; what comes back is shown. */
export async function send(form, submitter) {
  const button = submitter ?? form.querySelector("button:not([type=button])");
  if (button?.ariaDisabled === "true") return; // one press is on its way
  if (button) button.ariaDisabled = "true";
  const body = new URLSearchParams(new FormData(form, submitter));
  try {
    const done = await ask(form.action, { method: "POST", body });
    if (done.dialog) return show(done.dialog);
    if (dialog.open) dialog.close();
    tell(done);
    whenDone(done, form.dataset.do ?? "");
  } catch (error) {
    if (error instanceof Refused && error.answer.dialog) show(error.answer.dialog);
    else complain(error);
  } finally {
    if (button) button.ariaDisabled = null;
  }
}

function tell({ words, undo, seconds }) {
  if (!words) return;
  toast(words, { seconds, undo: undo && (() => takeBack(undo)) });
}

async function takeBack({ url, fields }) {
  try {
    await ask(url, { method: "POST", body: new URLSearchParams(fields) });
    toast(say("undone"), { seconds: 3 });
  } catch (error) {
    complain(error);
  }
  whenDone({}, "undo");
}
