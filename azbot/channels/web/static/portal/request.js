// Keeps each field of a new request as soon as it is left, and says so.
// Files are kept as they arrive; those that take longer follow the request.
// Without this script every step is a form like any other.

import { mountUploads } from "../uploads.js";

const form = document.querySelector("form.request");
const state = form.querySelector("[data-state]");
const AGAIN = 5000;

/** What the server has of each field. */
const kept = JSON.parse(form.elements.was.value || "{}");
/** Fields that it does not have yet. */
const waiting = new Set();
let isBusy = false;
let isOver = false;

const keyOf = (control) => control.name.replace(/\.other$/, "");
const controlsOf = (key) => [...form.querySelectorAll(`[name="${key}"]`)];

function textOf(key) {
  const controls = controlsOf(key);
  const [first] = controls;
  if (first.type === "radio" || first.type === "checkbox") {
    return controls.filter((one) => one.checked).map((one) => one.value).join(" ");
  }
  const other = form.elements[`${key}.other`];
  return first.value === "other:" && other ? first.value + other.value : first.value;
}

function say(words, isBad = false) {
  state.textContent = words;
  state.classList.toggle("bad", isBad);
}

/** Note that a field was left, and keep it when it is another one than before. */
function left(control) {
  const key = keyOf(control);
  if (control.name && !control.matches("[type=hidden], [type=file]") && textOf(key) !== (kept[key] ?? "")) {
    waiting.add(key);
    keep();
  }
}

const bodyOf = (key, value) => JSON.stringify({
  // Half a character is none: no octets stand for it.
  key,
  value: value.toWellFormed?.() ?? value,
  draft: form.elements.draft.value,
  source: form.elements.source.value,
});

const put = (key, value, more = {}) => fetch("/portal/new", {
  method: "PUT",
  headers: { "Content-Type": "application/json", "Azbot-Part": "field" },
  body: bodyOf(key, value),
  ...more,
});

/** One field after the other: the first of them begins the draft. */
async function keep() {
  if (isBusy || isOver) return;
  isBusy = true;
  say(form.dataset.saving);
  try {
    for (const key of waiting) {
      const value = textOf(key);
      const answer = await put(key, value);
      if (answer.status === 409) {
        isOver = true;
        say(form.dataset.gone, true);
        return;
      }
      if (answer.status >= 500 || answer.status === 429) throw new Error(`${answer.status}`);
      waiting.delete(key);
      // What cannot be kept now is judged with its step.
      if (!answer.ok) continue;
      take(key, value, await answer.json());
      if (textOf(key) !== (kept[key] ?? "")) waiting.add(key);
    }
    say(form.dataset.saved);
  } catch {
    say(form.dataset.unsaved, true);
    setTimeout(keep, AGAIN);
  } finally {
    isBusy = false;
  }
}

/** Show what the server made of a field, unless somebody types in it again. */
function take(key, value, told) {
  for (const hidden of document.querySelectorAll("[data-draft]")) hidden.value = told.draft;
  kept[key] = value;
  for (const [name, text] of Object.entries(told.said ?? {})) {
    const [control] = controlsOf(name);
    const isIdle = control !== document.activeElement
      && (name === key ? textOf(key) === value : textOf(name) === (kept[name] ?? ""));
    if (control.matches("input:not([type=radio]), textarea")) {
      if (!isIdle) continue;
      control.value = text;
    }
    kept[name] = text;
  }
  if (told.place) document.getElementById("postcode-hint").textContent = told.place;
  complain(key, told.why);
  form.elements.was.value = JSON.stringify(kept);
}

/** Put the words of what is wrong next to a field, or take them away. */
function complain(key, why) {
  const [control] = controlsOf(key);
  const field = control?.closest(".field");
  if (!field) return;
  const id = `${key}-why`;
  const told = document.getElementById(id);
  field.classList.toggle("wrong", Boolean(why));
  const described = (control.getAttribute("aria-describedby") ?? "")
    .split(" ").filter((each) => each && each !== id);
  if (why) {
    const words = told ?? field.appendChild(document.createElement("p"));
    Object.assign(words, { id, className: "why", textContent: why });
    control.setAttribute("aria-invalid", "true");
    described.push(id);
  } else {
    told?.remove();
    control.removeAttribute("aria-invalid");
  }
  control.setAttribute("aria-describedby", described.join(" "));
  if (!described.length) control.removeAttribute("aria-describedby");
}

form.addEventListener("change", ({ target }) => left(target));
form.addEventListener("input", ({ target }) => {
  // The region follows from a postcode at once, not when the next field is chosen.
  if (target.name === "postcode" && /^\d{5}$/.test(target.value)) left(target);
});
addEventListener("online", keep);
document.addEventListener("visibilitychange", () => {
  const { activeElement: control } = document;
  if (document.visibilityState !== "hidden" || control?.form !== form || isOver) return;
  const key = keyOf(control);
  if (key in form.elements && control.matches("input, textarea, select")
      && !control.matches("[type=file]") && textOf(key) !== (kept[key] ?? "")) {
    put(key, textOf(key), { keepalive: true }).catch(() => waiting.add(key));
  }
});
form.addEventListener("submit", (event) => {
  if (uploader?.pending && event.submitter?.value === "send") {
    event.preventDefault();
    sendNow(event.submitter);
    return;
  }
  isOver = true;
  // After the browser has read the form, so that the button pressed is sent, too.
  setTimeout(() => {
    for (const button of form.querySelectorAll("button")) button.disabled = true;
  });
});
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload();
});

// --- files ---------------------------------------------------------------------------

const root = form.querySelector("[data-uploads]");
const uploader = root ? mountUploads(root) : null;
/** Files the draft has, by handle: what a list no longer shows goes there, too. */
const arrived = new Map();
/** Where files that arrive from now on belong, once the request is sent. */
let follows = "";

root?.addEventListener("uploaded", async ({ detail: file }) => {
  const { handle } = file;
  if (follows) {
    await add(handle);
    return;
  }
  arrived.set(file, handle);
  const answer = await put("upload", handle).catch(() => null);
  // What the draft does not have comes with the form all the same.
  if (!answer?.ok) return;
  const { draft, blob } = await answer.json();
  for (const hidden of document.querySelectorAll("[data-draft]")) hidden.value = draft;
  const line = root.querySelector(`[name=upload][value="${handle}"]`)?.closest("li");
  if (line && !line.querySelector("[name=proof]")) line.append(proof(blob));
});
root?.addEventListener("click", () => setTimeout(() => {
  for (const [file, handle] of follows ? [] : arrived) {
    if (uploader.files.includes(file) && file.handle === handle) continue;
    arrived.delete(file);
    put("drop", handle).catch(() => {});
  }
}));

/** Ask of a file whether it is the proof of the order. */
function proof(blob) {
  const label = Object.assign(document.createElement("label"), { className: "check" });
  const box = Object.assign(document.createElement("input"), { type: "checkbox", name: "proof", value: blob });
  const words = Object.assign(document.createElement("span"), { textContent: form.dataset.proof });
  label.append(box, words);
  return label;
}

const post = (url, body) => fetch(url, { method: "POST", headers: { "Azbot-Part": "request" }, body });

/** Register the request without waiting for its files; they follow (ux.md 7.3). */
async function sendNow(button) {
  button.disabled = true;
  const data = new FormData(form);
  data.set("go", "send");
  data.delete("files");
  try {
    const answer = await post("/portal/new", data);
    if (!answer.headers.get("Content-Type")?.startsWith("application/json")) {
      location.assign(answer.url);
      return;
    }
    const { url } = await answer.json();
    isOver = true;
    const page = new DOMParser().parseFromString(await (await fetch(url)).text(), "text/html");
    follows = url.split("?")[0];
    // What arrived between the press and the answer is in neither of the two yet.
    for (const [file, handle] of arrived) if (!data.getAll("upload").includes(handle)) add(file.handle);
    history.replaceState(null, "", url);
    document.title = page.title;
    const main = document.querySelector("main");
    main.replaceChildren(...page.querySelector("main").children);
    main.querySelector(".sent").after(root);
    const heading = main.querySelector("h1");
    heading.tabIndex = -1;
    heading.focus();
    scrollTo(0, 0);
  } catch {
    button.disabled = false;
    say(form.dataset.unsaved, true);
  }
}

/** Add a file to the request that was sent; the server takes each once. */
async function add(handle, pause = 1000) {
  const answer = await post(follows, new URLSearchParams({ upload: handle })).catch(() => null);
  if (!answer || answer.status >= 500) setTimeout(() => add(handle, pause * 2), pause);
}
