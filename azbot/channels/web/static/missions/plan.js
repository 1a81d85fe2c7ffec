/* Choosing a date: hours that are over today fade, a date by hand clears the chips. */

import { sendOnce } from "./sending.js";

sendOnce(document);

const form = document.querySelector("#plan");
const now = form.dataset.now; // 2026-03-25T13:05 on the clocks of the site
const { other_day: otherDay, other_hour: otherHour } = form.elements;

form.addEventListener("change", (event) => {
  const { name } = event.target;
  if (name === "day") otherDay.value = "";
  if (name === "hour") otherHour.value = "";
  if (name === "other_day") clear("day");
  if (name === "other_hour") clear("hour");
  fade();
});
fade();
document.querySelector("#why")?.focus();

function clear(name) {
  for (const input of form.querySelectorAll(`input[name="${name}"]`)) input.checked = false;
}

function fade() {
  const day = otherDay.value || form.elements.day.value;
  for (const input of form.querySelectorAll('input[name="hour"]')) {
    const isOver = day !== "" && `${day}T${input.value}` < now;
    input.disabled = isOver;
    if (isOver) input.checked = false;
    input.parentElement.classList.toggle("off", isOver);
  }
}
