/* Serial numbers by the camera, where the browser can read bar codes. */

import { el, icon } from "./dom.js";
import { say } from "./words.js";

/**
 * Return a button that reads a bar code from a picture; null where none can be read.
 *
 * @param {(text: string) => void} onFound
 */
export function scanButton(onFound, label) {
  if (!("BarcodeDetector" in window)) return null;
  const told = el("span", { class: "sr", role: "status" });
  const input = el("input", { type: "file", accept: "image/*", capture: "environment", "aria-label": say("scan", { label }), onchange: async () => {
    const [file] = input.files;
    if (!file) return;
    input.value = "";
    const found = await read(file);
    told.textContent = found ? "" : say("no_code");
    button.classList.toggle("nothing", !found);
    if (found) onFound(found);
  } });
  const button = el("label", { class: "btn scan", title: say("scan", { label }) }, input, icon("scan"), told);
  return button;
}

async function read(file) {
  try {
    const codes = await new BarcodeDetector().detect(await createImageBitmap(file));
    return codes[0]?.rawValue ?? "";
  } catch {
    return "";
  }
}
