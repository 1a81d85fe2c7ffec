/* One press sends one form, and the button says that it is on its way (ux.md X19). */

/** Watch every form marked ``data-send`` that is not watched yet. */
export function sendOnce(root) {
  for (const form of root.querySelectorAll("form[data-send]:not([data-watched])")) {
    form.dataset.watched = "";
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent !== undefined) return event.preventDefault();
      form.dataset.sent = "";
      const button = event.submitter ?? form.querySelector("button");
      button?.setAttribute("aria-disabled", "true");
      if (button) say(button);
    });
  }
}

function say(button) {
  const words = document.body.dataset.sending;
  if (!words) return;
  button.dataset.words = button.innerHTML;
  button.textContent = words;
}

// Back from the next page, the browser may show this one as it was left.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("button[data-words]")) {
    button.innerHTML = button.dataset.words;
    button.removeAttribute("aria-disabled");
  }
});
