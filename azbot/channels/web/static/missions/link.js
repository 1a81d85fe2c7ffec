/* The link to a signature: copied with one tap where the browser allows it. */

import { sendOnce } from "./sending.js";

sendOnce(document);
const told = document.querySelector("[data-copied-here]");
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).value);
    told.textContent = document.body.dataset.copied;
  });
}
