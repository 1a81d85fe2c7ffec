/* Signing from afar: a pad where there is a script, the name and its box where not. */

import { el } from "./form/dom.js";
import { Pad } from "./form/pad.js";
import { sendOnce } from "./sending.js";

const form = document.querySelector("#sign");
const place = form.querySelector("[data-pad]");
const canvas = el("canvas", { class: "glass", role: "img", "aria-label": place.dataset.label });
const clear = el("button", { type: "button", class: "btn plain" }, place.dataset.clear);
const pad = new Pad(canvas);

place.append(el("p", { class: "label" }, place.dataset.label), canvas, clear);
place.hidden = false;
clear.addEventListener("click", () => pad.clear());
// The button of the bar stands outside: what was drawn is put in when it is pressed.
form.addEventListener("submit", () => {
  form.elements.strokes.value = pad.isEmpty ? "" : JSON.stringify(pad.strokes);
  form.elements.aspect.value = pad.aspect;
});
sendOnce(document);
document.querySelector("#why")?.focus();
