/* One mission, kept up to date: nothing is sent twice, and what the desk does shows. */

import { sendOnce } from "./sending.js";

const EVERY = 4000;
const HEADER = "Azbot-Part";
let isAsking = false;

sendOnce(document);
showMessageAtOnce();
if (document.body.dataset.live) setInterval(refresh, EVERY);
document.addEventListener("visibilitychange", refresh);

/** Ask whether something has changed; a mission that was lost says so in words. */
async function refresh() {
  const { live, tag } = document.body.dataset;
  if (!live || document.hidden || isAsking) return;
  isAsking = true;
  try {
    const answer = await fetch(live, {
      headers: { [HEADER]: "mission", "If-None-Match": tag, Accept: "text/html" },
    });
    if (answer.status === 410) location.reload();
    else if (answer.status === 200) put(await answer.text(), answer.headers.get("ETag"));
  } catch {
    // No network in the basement: the page stays as it was, the next turn asks again.
  } finally {
    isAsking = false;
  }
}

/** Put the new state in place; what is typed, unfolded or focused stays as it is. */
function put(text, tag) {
  const main = document.querySelector("main");
  if (main.contains(document.activeElement)) return;
  const sent = new DOMParser().parseFromString(text, "text/html");
  const bar = sent.querySelector("[data-bar]");
  const old = document.querySelector("[data-bar]");
  if (old?.contains(document.activeElement)) return;
  bar?.remove();
  const open = [...main.querySelectorAll("details")].map((each) => each.open);
  main.replaceChildren(...sent.body.childNodes);
  main.querySelectorAll("details").forEach((each, place) => (each.open = open[place] ?? each.open));
  old?.remove();
  if (bar) document.body.append(bar);
  document.body.dataset.tag = tag;
  sendOnce(document);
}

/** A message stands in the conversation the moment it is sent (ux.md A12). */
function showMessageAtOnce() {
  const form = document.querySelector(".write form");
  form?.addEventListener("submit", () => {
    const text = form.elements.text.value.trim();
    if (!text) return;
    const bubble = document.createElement("article");
    bubble.className = "bubble own pending";
    const by = document.createElement("p");
    by.className = "by";
    by.textContent = document.body.dataset.sending;
    const said = document.createElement("p");
    said.textContent = text;
    bubble.append(by, said);
    document.querySelector("#messages .tap")?.parentElement.before(bubble);
  });
}
