// The page of the sandbox: one stream brings its parts, presses go back by POST.

const body = document.body;
const at = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const seen = { client: 0, station: 0, desk: 0, "phone-client": 0, "phone-station": 0 };
let shown = "";
let follows = false;

// --- the stream ------------------------------------------------------------------------

const stream = new EventSource("/demo/live");
stream.addEventListener("part", (event) => {
  const { name, html } = JSON.parse(event.data);
  const part = at(`[data-part="${name}"]`);
  const focused = part.contains(document.activeElement) ? document.activeElement.dataset.key : "";
  const places = all(".talk, .log", part).map((one) => [one.scrollTop, isAtEnd(one)]);
  part.innerHTML = html;
  all(".talk, .log", part).forEach((one, number) => {
    const [top, wasAtEnd] = places[number] ?? [0, true];
    one.scrollTop = one.matches(".talk") && wasAtEnd ? one.scrollHeight : top;
  });
  if (focused) at(`[data-key="${CSS.escape(focused)}"]`, part)?.focus({ preventScroll: true });
  // Before the first world is there, nothing can be pressed.
  if (name === "guide") at("#panes").inert = Boolean(at(".waiting", part));
  if (name === "mails") mailsCame();
  if (name === "phones") chatsCame();
});
stream.addEventListener("act", (event) => {
  const { pane, who } = JSON.parse(event.data);
  follows = true;
  show("pane", pane);
  if (pane === "mail") show("box", who);
  if (pane === "phone") show("phone", who);
});
stream.onerror = () => { if (stream.readyState === EventSource.CLOSED) say(body.dataset.lost); };

const isAtEnd = (one) => one.scrollHeight - one.scrollTop - one.clientHeight < 60;

// --- what is looked at -----------------------------------------------------------------

function show(what, value) {
  body.dataset[what] = value;
  const name = { pane: "show", box: "boxOf", phone: "phoneOf" }[what];
  const attribute = { pane: "data-show", box: "data-box-of", phone: "data-phone-of" }[what];
  for (const one of all(`[${attribute}]`)) one.setAttribute("aria-pressed", String(one.dataset[name] === value));
  if (value === "phone") toEnd(body.dataset.phone);
  if (what === "box") { compose(false); mark(value, list(value)); open(newest(value)); }
  if (what === "phone") { mark(`phone-${value}`, chat(value)); toEnd(value); }
}

const list = (box) => at(`[data-list="${box}"]`);
const chat = (who) => at(`[data-chat="${who}"]`);
const newest = (box) => at("[data-mail]", list(box) ?? body)?.dataset.mail ?? "";
const button = (key) => at(key.startsWith("phone-") ? `[data-phone-of="${key.slice(6)}"]` : `[data-box-of="${key}"]`);

function mark(key, part) {
  if (part) seen[key] = Number(part.dataset.count);
  const badge = at(".count", button(key));
  badge.hidden = true;
}

function tell(key, part) {
  const count = Number(part?.dataset.count ?? 0);
  if (count < seen[key]) seen[key] = count;
  const badge = at(".count", button(key));
  badge.hidden = count <= seen[key];
  badge.textContent = String(count - seen[key]);
}

function mailsCame() {
  if (isFirst) for (const box of ["client", "station", "desk"]) seen[box] = Number(list(box).dataset.count);
  for (const box of ["client", "station", "desk"]) {
    if (box === body.dataset.box) mark(box, list(box)); else tell(box, list(box));
  }
  const there = shown && at(`[data-mail="${shown}"]`, list(body.dataset.box));
  if (!there || follows) open(newest(body.dataset.box)); else current();
}

let isFirst = true;
function chatsCame() {
  if (isFirst) {
    for (const who of ["client", "station"]) { seen[`phone-${who}`] = Number(chat(who).dataset.count); toEnd(who); }
    isFirst = false;
  }
  for (const who of ["client", "station"]) {
    if (who === body.dataset.phone) mark(`phone-${who}`, chat(who)); else tell(`phone-${who}`, chat(who));
  }
  const toast = chat(body.dataset.phone)?.dataset.toast;
  if (toast && toast !== chatsCame.told) say(toast);
  chatsCame.told = toast;
  if (follows) toEnd(body.dataset.phone);
}

function toEnd(who) {
  const talk = at(".talk", chat(who) ?? body);
  if (talk) talk.scrollTop = talk.scrollHeight;
}

// --- a mail ----------------------------------------------------------------------------

function current() {
  for (const one of all("[data-mail]")) {
    if (one.dataset.mail === shown) one.setAttribute("aria-current", "true"); else one.removeAttribute("aria-current");
  }
}

async function open(key) {
  if (key === shown && key) { current(); return; }
  shown = key;
  current();
  const reader = at("#reader"), reply = at("#reply");
  if (!key) { reader.replaceChildren(); reply.hidden = true; return; }
  const answer = await fetch(`/demo/mail/${key}`);
  if (!answer.ok || shown !== key) return;
  reader.innerHTML = await answer.text();
  reply.hidden = !at("[data-answerable]", reader);
}

function view(kind) {
  for (const one of all("[data-view]")) one.setAttribute("aria-pressed", String(one.dataset.view === kind));
  for (const one of all("[data-body]")) one.hidden = one.dataset.body !== kind;
}

function compose(isOn) {
  at(".mails").classList.toggle("composing", isOn);
  at("#compose").hidden = !isOn;
  if (isOn) at("#compose input[name=subject]").focus();
}

// --- going back ------------------------------------------------------------------------

async function post(path, data = new FormData()) {
  try {
    const answer = await fetch(path, { method: "POST", body: data });
    if (!answer.ok) say(body.dataset.failed);
    return answer.ok;
  } catch {
    say(body.dataset.failed);
    return false;
  }
}

async function send(form, path) {
  const data = new FormData(form);
  for (const one of all("[data-sample][aria-pressed=true]", form)) data.append("sample", one.dataset.sample);
  form.inert = true;
  follows = true;
  if (await post(path, data)) { form.reset(); forget(form); }
  form.inert = false;
}

function forget(form) {
  for (const one of all("[data-sample]", form)) one.removeAttribute("aria-pressed");
  names(form);
}

function names(form) {
  const files = at("input[type=file]", form), told = at(".attached", form);
  told.textContent = [...files.files].map((file) => file.name).join(", ");
  told.hidden = !files.files.length;
}

let fading = 0;
function say(words) {
  at("#toast").textContent = words;
  clearTimeout(fading);
  fading = setTimeout(() => { at("#toast").textContent = ""; }, 5000);
}

// --- what is pressed -------------------------------------------------------------------

const PRESSES = {
  show: (one) => show("pane", one.dataset.show),
  boxOf: (one) => { follows = false; show("box", one.dataset.boxOf); },
  phoneOf: (one) => show("phone", one.dataset.phoneOf),
  mail: (one) => { follows = false; open(one.dataset.mail); },
  view: (one) => view(one.dataset.view),
  until: (one) => post("/demo/play", form({ until: one.dataset.until })),
  post: async (one) => {
    one.disabled = true;
    const isDone = await post(`/demo/${one.dataset.post}`);
    if (isDone && one.dataset.post === "restart") location.reload();
    one.disabled = false;
  },
  press: (one) => {
    one.disabled = true;
    follows = true;
    post(`/demo/phone/${body.dataset.phone}/press`, form({ data: one.dataset.press, message: one.dataset.message ?? "" }))
      .finally(() => { one.disabled = false; });
  },
  attach: (one) => at("input[type=file]", one.closest("form")).click(),
  sample: (one) => one.setAttribute("aria-pressed", String(one.getAttribute("aria-pressed") !== "true")),
  act: (one) => ({
    compose: () => compose(true),
    leave: () => compose(false),
    away: () => { follows = true; return post(`/demo/mail/${shown}/away`); },
  })[one.dataset.act](),
};

function form(values) {
  const data = new FormData();
  for (const [name, value] of Object.entries(values)) data.append(name, value);
  return data;
}

document.addEventListener("click", (event) => {
  const one = event.target.closest("button[type=button]");
  if (!one) return;
  for (const [name, act] of Object.entries(PRESSES)) if (name in one.dataset) { act(one); return; }
});
document.addEventListener("change", (event) => {
  if (event.target.type === "file") names(event.target.form);
});
at("#reply").addEventListener("submit", (event) => {
  event.preventDefault();
  send(event.target, `/demo/mail/${shown}/answer`);
});
at("#compose").addEventListener("submit", async (event) => {
  event.preventDefault();
  const data = event.target;
  const box = document.createElement("input");
  Object.assign(box, { type: "hidden", name: "box", value: body.dataset.box });
  data.append(box);
  await send(data, "/demo/write");
  box.remove();
  compose(false);
});
at("#type").addEventListener("submit", (event) => {
  event.preventDefault();
  send(event.target, `/demo/phone/${body.dataset.phone}/say`);
});
