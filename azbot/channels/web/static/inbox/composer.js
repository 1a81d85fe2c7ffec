// The composer: two texts, their drafts and files, and what can still be undone.
//
// The page sends and saves without any of this. What is added: drafts that save
// themselves, a bar for each file, canned answers, undoing in place, and a queue that
// waits for the network. Words come from data-w-* of the section.

import { make } from "./elements.js";
import { hear, HEADER } from "./parts.js";
import { offer, show, toast } from "./toasts.js";
import { filled, folded } from "./words.js";

const AT_ONCE = 3;
const SAVE_AFTER = 600;
const AGAIN_AFTER = 5000;
const VARIABLE = /\{[\p{L}][^{}\n]{0,39}\}/gu;

let current = null;

/**
 * Bring a composer to life, in the place of the one before.
 *
 * @param {Element} element  the section, or something around it
 * @param {object} [options]
 * @param {(isNext: boolean, told: {ref: string, kind: string, hold: ?object}) => void}
 *   [options.onSent]  the server has taken a reply or a note
 * @param {() => void} [options.onTyping]   at each key
 * @param {() => void} [options.onHandled]  what was held has left, or was taken back
 * @param {() => void} [options.onReread]   the agent wants to read what is new
 */
export function mount(element, options = {}) {
  const root = element?.matches(".composer") ? element : element?.querySelector(".composer");
  if (!root || root === current?.root) return;
  current?.leave();
  current = new Composer(root, options);
}

/** Write a ``reply``, perhaps ``to`` one side, or a ``note``; without kind, the one that is open. */
export const focus = (kind, to) => current?.show(kind ?? current.open.kind, to);

/** The server drew anew who may read a reply. */
export const redrawn = () => current?.redrawn();

/** Who reads what is being written; empty of a note. */
export const reader = () => (current?.open.kind === "reply" ? current.to : "");

/** Press the button of the open text. */
export const send = () => current?.open.press();

/** Show what a colleague has begun to write. */
export async function showDraftOf(ref, person) {
  const dialog = current?.root.querySelector("[data-peek]");
  if (!dialog) return;
  const [title, text] = dialog.querySelectorAll("h2, p");
  let found = {};
  try {
    const { ok, told } = await hear(`/inbox/a/${ref}/draft/reply/of/${person}`);
    if (ok) found = told;
  } catch { /* as if there were none */ }
  const whose = found.author ? current.words("draftof", { name: found.author }) : current.words("nodraft");
  title.textContent = found.to ? `${whose}, ${found.to}` : whose;
  text.textContent = found.text ?? "";
  dialog.showModal();
}

// --- small things ------------------------------------------------------------------------

const newKey = () => crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint8Array(12)), (n) => n.toString(36)).join("");

// What a browser keeps until the server has it; private windows may refuse.
const kept = {
  get(key) {
    try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
  },
  set(key, value) {
    try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* nowhere to keep it */ }
  },
  drop(key) {
    try { localStorage.removeItem(key); } catch { /* it was not kept */ }
  },
};

// --- the composer ------------------------------------------------------------------------

class Composer {
  constructor(root, options) {
    this.root = root;
    this.options = options;
    this.ref = root.dataset.ref;
    this.person = root.dataset.person;
    this.ended = new AbortController();
    root.classList.add("has-script");
    // The choices are drawn anew with what happens: whoever began a text keeps the choice.
    this.to = this.chosen();
    this.sheets = [...root.querySelectorAll("[data-form]")].map((form) => new Sheet(this, form));
    this.picker = new Picker(this, root.querySelector("[data-picker]"));
    const on = { signal: this.ended.signal };
    for (const radio of root.querySelectorAll("[data-kind]")) {
      radio.addEventListener("change", () => this.open.area.focus(), on);
    }
    root.addEventListener("change", ({ target }) => {
      if (target.name === "to") this.choose(target.value);
    }, on);
    root.addEventListener("dragover", (event) => {
      if (event.dataTransfer.types.includes("Files")) event.preventDefault();
    }, on);
    root.addEventListener("drop", (event) => {
      if (!event.dataTransfer.files.length) return;
      event.preventDefault();
      this.open.attach(event.dataTransfer.files);
    }, on);
    document.addEventListener("visibilitychange", () => {
      for (const sheet of this.sheets) document.hidden ? sheet.flush() : sheet.pull();
    }, on);
    root.addEventListener("focusout", ({ target, relatedTarget }) => {
      const menu = target.closest("[data-menu]");
      if (menu && relatedTarget && !menu.contains(relatedTarget)) menu.open = false;
    }, on);
    addEventListener("pagehide", () => this.sheets.forEach((sheet) => sheet.flush()), on);
    for (const line of root.querySelectorAll("[data-hold]")) {
      const { hold, seconds, ref, reply, to } = line.dataset;
      line.remove();
      // What an action holds has its own message, unless the page is new.
      if (reply || !queue.composer) keepHeld(this, { id: Number(hold), seconds: Number(seconds), ref, to, is_reply: Boolean(reply) });
    }
    queue.begin(this);
  }

  get open() {
    const kind = this.root.querySelector("[data-kind]:checked").value;
    return this.sheets.find((sheet) => sheet.kind === kind);
  }

  /** Who reads the reply, as the page says it; empty while nobody was chosen. */
  chosen() {
    return this.root.querySelector("[name=to]:checked")?.value ?? "";
  }

  /** Say who the reply is meant for; whoever is not offered is nobody. */
  meant(to) {
    for (const radio of this.root.querySelectorAll("[name=to]")) radio.checked = radio.value === to;
    this.to = this.chosen();
  }

  /** Choose who reads the reply. */
  choose(to) {
    this.isPicked = true;
    if (this.to === to) return;
    this.meant(to);
    this.picker.items = null; // canned answers speak to their reader
    this.reply.changed();
  }

  /** The choices were drawn anew. */
  redrawn() {
    if (this.isPicked || this.reply.isBegun) this.meant(this.to);
    else this.to = this.chosen();
  }

  get reply() {
    return this.sheets.find((sheet) => sheet.kind === "reply");
  }

  words(name, facts = {}) {
    const key = `w${name[0].toUpperCase()}${name.slice(1)}`;
    return filled(this.root.dataset[key] ?? "", facts);
  }

  /** Words about what leaves, for whom it is: « Message à la station envoyé… ». */
  wordsTo(name, to, facts) {
    const own = to && to !== "client" ? this.words(`${name}${to[0].toUpperCase()}${to.slice(1)}`, facts) : "";
    return own || this.words(name, facts);
  }

  show(kind, to) {
    if (to && this.root.querySelector(`[name=to][value="${to}"]`)) this.choose(to);
    this.root.querySelector(`[data-kind][value="${kind}"]`).checked = true;
    this.open.area.focus();
  }

  seen(event, hold) {
    for (const { form } of this.sheets) {
      form.seen_event.value = Math.max(event, Number(form.seen_event.value));
      form.seen_hold.value = Math.max(hold, Number(form.seen_hold.value));
    }
  }

  leave() {
    this.sheets.forEach((sheet) => sheet.flush());
    this.ended.abort();
  }

  // A session that ended loses nothing: the draft stays, the door is one press away.
  signIn() {
    const back = encodeURIComponent(location.pathname + location.search);
    const link = make("a", { href: `/signin?next=${back}`, textContent: this.words("signin") });
    return [this.words("session"), " ", link];
  }
}

// --- one text, its draft and its files -----------------------------------------------------

class Sheet {
  constructor(composer, form) {
    this.composer = composer;
    this.form = form;
    this.kind = form.dataset.form;
    this.area = form.querySelector("textarea");
    this.list = form.querySelector("[data-files]");
    this.state = form.querySelector("[data-state]");
    this.files = [];
    this.wanted = null;
    this.url = `/inbox/a/${composer.ref}/draft/${this.kind}`;
    this.place = `azbot.draft.${composer.person}.${composer.ref}.${this.kind}`;
    const on = { signal: composer.ended.signal };
    for (const line of this.list.children) this.files.push(new Attachment(this, null, line));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send(event.submitter?.value || "");
    }, on);
    this.area.addEventListener("input", (event) => this.typed(event), on);
    this.area.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      this.press();
    }, on);
    this.area.addEventListener("paste", (event) => {
      const { files } = event.clipboardData;
      if (!files.length) return;
      event.preventDefault();
      this.attach(files);
    }, on);
    const input = form.querySelector("[data-pick]");
    input.addEventListener("change", () => {
      this.attach(input.files);
      input.value = "";
    }, on);
    form.querySelector("[data-canned]")?.addEventListener("click", () => composer.picker.show(), on);
    const local = kept.get(this.place);
    const isAhead = local && !local.isSaved;
    if (isAhead) this.fill(local);
    this.saved = isAhead ? null : this.content();
    if (isAhead) this.later();
    // This page may have been drawn before what was saved last.
    else if (local) this.pull();
    // One writes on at the end of a text that was begun.
    this.area.setSelectionRange(this.area.value.length, this.area.value.length);
  }

  press() {
    this.form.requestSubmit(this.form.querySelector("[data-send]"));
  }

  get stored() {
    return this.files.filter((file) => file.upload);
  }

  /** Whether something is written that has a reader. */
  get isBegun() {
    return Boolean(this.area.value.trim() || this.files.length);
  }

  content() {
    const to = this.kind === "reply" ? { to: this.composer.to } : {};
    return JSON.stringify({ text: this.area.value, files: this.stored.map((file) => file.upload), ...to });
  }

  // --- the draft

  typed(event) {
    this.why();
    this.changed();
    this.composer.options.onTyping?.();
    if (event.data === ";" && this.kind === "reply") {
      const at = this.area.selectionStart - 1;
      if (at === 0 || /\s/.test(this.area.value[at - 1])) this.composer.picker.show(at);
    }
  }

  changed() {
    this.keep();
    this.later();
  }

  // What is saved is kept, too, until a page was seen to show it.
  keep(isSaved = false) {
    const files = this.stored.map(({ upload, name, note }) => ({ upload, name, note: note.textContent }));
    kept.set(this.place, { text: this.area.value, files, to: this.kind === "reply" ? this.composer.to : "", isSaved });
  }

  later(after = SAVE_AFTER) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), after);
  }

  flush() {
    if (!this.timer) return;
    clearTimeout(this.timer);
    this.save();
  }

  save() {
    this.timer = null;
    const content = this.content();
    if (content === this.saved) return this.saving;
    this.saving = (this.saving ?? Promise.resolve()).then(() => this.put(content));
    return this.saving;
  }

  async put(content) {
    try {
      // A page that goes away may still finish a small request (Fetch: 64 KiB in flight).
      const keepalive = content.length < 15000;
      const { ok, status } = await hear(this.url, { method: "PUT", body: content, keepalive });
      if (status === 401) this.state.replaceChildren(...this.composer.signIn());
      if (!ok) return;
      this.saved = content;
      if (content === this.content()) this.keep(true);
      this.state.textContent = this.area.value ? this.composer.words("saved") : "";
    } catch {
      this.state.textContent = this.composer.words("local");
      if (!this.composer.ended.signal.aborted) this.later(AGAIN_AFTER);
    }
  }

  // The other device may have written on.
  async pull() {
    if (this.timer || this.busy || this.content() !== this.saved) return;
    try {
      const { ok, told } = await hear(this.url);
      if (!ok || this.content() !== this.saved) return;
      this.fill(told);
      kept.drop(this.place);
    } catch { /* the next look may find it */ }
  }

  fill({ text, files = [], to }) {
    // What was begun keeps its reader; of nothing there is none.
    if (this.kind === "reply" && to !== undefined && (text || files.length)) this.composer.meant(to);
    if (this.area.value !== text) this.area.value = text;
    for (const file of this.stored) file.drop(false);
    for (const file of files) this.files.push(Attachment.stored(this, file));
    this.saved = this.content();
  }

  insert(text, from = this.area.selectionStart, to = this.area.selectionEnd) {
    this.area.focus();
    this.area.setSelectionRange(from, to);
    // The old command keeps the browser's own undo; the new one does not.
    if (!document.execCommand("insertText", false, text)) {
      this.area.setRangeText(text, from, to, "end");
      this.changed();
    }
    this.point();
  }

  // Show the first variable that nobody has filled in.
  point() {
    const first = this.kind === "reply" && [...this.area.value.matchAll(VARIABLE)][0];
    if (first) this.area.setSelectionRange(first.index, first.index + first[0].length);
    return Boolean(first);
  }

  // --- files

  attach(files) {
    for (const file of files) this.files.push(new Attachment(this, file));
    this.pump();
  }

  pump() {
    const going = this.files.filter((file) => file.state === "going").length;
    const next = this.files.filter((file) => file.state === "waits");
    next.slice(0, AT_ONCE - going).forEach((file) => file.start());
  }

  settled() {
    this.pump();
    if (!this.wanted) return;
    if (this.files.some((file) => file.state === "failed")) {
      this.wanted = null;
      this.why(this.composer.words("broken"));
    } else if (this.files.every((file) => file.upload)) {
      const { then } = this.wanted;
      this.wanted = null;
      this.send(then);
    }
  }

  // --- sending

  why(...words) {
    const line = this.form.querySelector("[data-why]");
    line.replaceChildren(...words);
    line.hidden = !words.length;
  }

  async send(then) {
    if (this.busy) return;
    const { composer } = this;
    this.why();
    this.form.querySelector("[data-menu]")?.removeAttribute("open");
    const text = this.area.value.trim();
    if (!text && !this.files.length) return this.area.focus();
    if (this.kind === "reply" && !composer.to) {
      composer.root.querySelector("[name=to]")?.focus();
      return this.why(composer.words("whom"));
    }
    if (this.point()) {
      const names = [...new Set(text.match(VARIABLE))].join(", ");
      this.area.focus();
      return this.why(composer.words("variable", { names }));
    }
    if (this.files.some((file) => file.state === "failed")) return this.why(composer.words("broken"));
    if (this.files.some((file) => !file.upload)) {
      this.wanted = { then };
      return this.why(composer.words("waits"));
    }
    this.lock(true);
    clearTimeout(this.timer);
    this.timer = null;
    // The history beside it is live: what it shows was there to be read.
    composer.seen(Number(document.querySelector("[data-timeline]")?.dataset.seen ?? 0), 0);
    await this.saving;
    const { key, seen_event, seen_hold, next_url, by_mail } = this.form;
    const fields = [["key", key.value], ["text", this.area.value], ["then", then],
      ["by_mail", by_mail?.checked ? by_mail.value : ""],
      ["seen_event", seen_event.value], ["seen_hold", seen_hold.value], ["next_url", next_url.value],
      ...this.files.map((file) => ["file", file.upload])];
    const to = this.kind === "reply" ? composer.to : "";
    if (to) fields.push(["to", to], ["station", this.form.elements.station?.value ?? ""]);
    const letter = { url: this.form.action, fields, ref: composer.ref, kind: this.kind, then, to };
    try {
      const answer = await post(letter);
      answer.ok ? this.sent(answer.told, then, to) : this.stopped(answer, then);
    } catch {
      queue.add(letter);
      this.clear();
    }
    this.lock(false);
  }

  sent(told, then, to) {
    const { composer, kind } = this;
    this.clear();
    if (told.hold) keepHeld(composer, told.hold);
    else toast(kind === "note" ? composer.words("noted") : composer.wordsTo("sent", to), SHORT);
    composer.options.onSent?.(then === "next", { ref: composer.ref, kind, hold: told.hold });
  }

  clear() {
    this.area.value = "";
    this.list.replaceChildren();
    this.files = [];
    this.form.key.value = newKey();
    if (this.form.by_mail) this.form.by_mail.checked = false;
    if (this.kind === "reply") this.composer.isPicked = false;
    this.form.querySelector("[data-clash]")?.remove();
    this.saved = this.content();
    this.state.textContent = "";
    kept.drop(this.place);
  }

  lock(isBusy) {
    this.busy = isBusy;
    this.form.setAttribute("aria-busy", isBusy);
  }

  stopped({ status, told }, then) {
    if (told.code === "collision") return this.clash(told.facts, then);
    this.changed();
    if (status === 401) return this.why(...this.composer.signIn());
    const code = status >= 500 && told.request_id ? ` (${told.request_id})` : "";
    this.why(`${told.detail ?? this.composer.words("failed")}${code}`);
  }

  // Somebody wrote meanwhile: show it; the next press goes through.
  clash({ news, seen_event, seen_hold }, then) {
    const { composer } = this;
    composer.seen(seen_event, seen_hold);
    this.form.querySelector("[data-clash]")?.remove();
    const quotes = news.map((one) => make("blockquote", {},
      make("b", { textContent: one.author }), " ",
      make("small", { textContent: `${one.side} · ${one.is_held ? composer.words("soon") : one.when}` }),
      make("br"), one.text || composer.words("files")));
    const again = make("button", { className: "btn sm", type: "button", textContent: composer.words("reread") });
    const anyway = make("button", { className: "btn sm primary", value: then, textContent: composer.words("anyway") });
    const box = make("div", { className: "clash" },
      make("p", {}, make("b", { textContent: composer.words("news") })),
      ...quotes, make("p", { className: "row" }, again, " ", anyway));
    box.setAttribute("role", "alert");
    box.dataset.clash = "";
    again.addEventListener("click", () => {
      box.remove();
      composer.options.onReread ? composer.options.onReread() : location.reload();
    });
    this.form.prepend(box);
    again.focus();
    this.changed();
  }
}

class Attachment {
  constructor(sheet, file, line) {
    this.sheet = sheet;
    this.file = file;
    this.line = line ?? make("li");
    this.name = file?.name ?? line.querySelector(".name").textContent;
    this.note = line?.querySelector("small") ?? make("small");
    this.upload = line?.dataset.upload ?? "";
    this.state = line ? "done" : "waits";
    if (line) line.querySelector("[data-drop]").addEventListener("click", () => this.drop());
    else this.draw();
  }

  static stored(sheet, { upload, name, note }) {
    const made = new Attachment(sheet, { name });
    made.stored({ upload, note });
    return made;
  }

  draw() {
    const { composer } = this.sheet;
    const { name } = this;
    this.bar = make("progress", { max: 1, value: 0 });
    this.bar.setAttribute("aria-label", composer.words("uploading", { name }));
    const off = make("button", { type: "button", className: "off", textContent: "×" });
    off.setAttribute("aria-label", composer.words("remove", { name }));
    off.addEventListener("click", () => this.drop());
    this.retry = make("button", { type: "button", className: "btn sm link", hidden: true, textContent: composer.words("retry") });
    this.retry.addEventListener("click", () => {
      this.state = "waits";
      this.retry.hidden = true;
      this.sheet.why();
      this.sheet.pump();
    });
    this.line.append(make("span", { className: "name", textContent: name }), " ", this.bar, this.note, this.retry, off);
    this.sheet.list.append(this.line);
  }

  start() {
    const { composer } = this.sheet;
    if (this.file.size > Number(composer.root.dataset.largest)) return this.fail(composer.words("large"), false);
    this.state = "going";
    this.note.textContent = "";
    this.line.classList.remove("bad");
    this.bar.hidden = false;
    const request = (this.request = new XMLHttpRequest());
    request.open("POST", `/inbox/uploads?name=${encodeURIComponent(this.file.name)}`);
    request.setRequestHeader(HEADER, "data");
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.addEventListener("progress", (event) => (this.bar.value = event.loaded / (event.total || 1)));
    request.addEventListener("error", () => this.fail(composer.words("cut"), true));
    request.addEventListener("load", () => {
      let told = {};
      try { told = JSON.parse(request.responseText); } catch { /* not from us */ }
      if (request.status === 201) {
        this.stored(told);
        this.sheet.changed();
        this.sheet.settled();
      } else {
        const why = request.status === 415 ? composer.words("type") : told.detail;
        this.fail(why ?? composer.words("cut"), request.status >= 500 || request.status === 401);
      }
    });
    request.send(this.file);
  }

  stored({ upload, note }) {
    this.upload = upload;
    this.state = "done";
    this.bar.hidden = true;
    this.note.textContent = note;
  }

  fail(why, mayRetry) {
    this.state = "failed";
    this.bar.hidden = true;
    this.note.textContent = why;
    this.line.classList.add("bad");
    this.retry.hidden = !mayRetry;
    this.sheet.settled();
  }

  drop(isWanted = true) {
    this.request?.abort();
    this.line.remove();
    this.sheet.files = this.sheet.files.filter((file) => file !== this);
    if (!isWanted) return;
    this.sheet.why();
    this.sheet.changed();
    this.sheet.settled();
    this.sheet.area.focus();
  }
}

// --- canned answers ------------------------------------------------------------------------

class Picker {
  constructor(composer, dialog) {
    this.composer = composer;
    this.dialog = dialog;
    this.input = dialog.querySelector("input");
    this.list = dialog.querySelector("ul");
    this.input.addEventListener("input", () => this.draw());
    this.input.addEventListener("keydown", (event) => this.key(event));
    dialog.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.choose(this.found[[...this.list.children].indexOf(option)]);
      else if (event.target === dialog) dialog.close();
    });
    dialog.addEventListener("close", () => composer.open.area.focus());
  }

  // at: where the « ; » stands that opened it; it gives way to the answer.
  async show(at = -1) {
    this.at = at;
    this.input.value = "";
    this.dialog.showModal();
    this.draw();
    if (this.items) return;
    try {
      const { to } = this.composer;
      const { ok, told } = await hear(`/inbox/a/${this.composer.ref}/canned?to=${to}`);
      if (ok && to === this.composer.to) this.items = told.items;
    } catch { /* it says that nothing matches */ }
    this.draw();
  }

  draw() {
    const wanted = folded(this.input.value.trim());
    const rank = (item) => (folded(item.shortcut).startsWith(wanted) && item.shortcut ? 0 : folded(item.title).includes(wanted) ? 1 : folded(item.text).includes(wanted) ? 2 : 3);
    this.found = (this.items ?? []).filter((item) => rank(item) < 3);
    if (wanted) this.found.sort((a, b) => rank(a) - rank(b));
    this.list.replaceChildren(...this.found.map((item, place) => this.option(item, place)));
    if (this.items && !this.found.length) this.list.append(make("li", { className: "muted", textContent: this.composer.words("nothing") }));
    this.mark(0);
  }

  option(item, place) {
    const line = make("li", { id: `composer-canned-${place}` }, make("b", { textContent: item.title }));
    line.setAttribute("role", "option");
    if (item.shortcut) line.append(" ", make("kbd", { textContent: `;${item.shortcut}` }));
    line.append(make("span", { textContent: item.text }));
    if (item.missing.length) line.append(make("em", { textContent: this.composer.words("missing", { names: item.missing.join(", ") }) }));
    return line;
  }

  mark(place) {
    const options = this.list.querySelectorAll("[role=option]");
    this.place = options.length ? (place + options.length) % options.length : -1;
    options.forEach((option, each) => option.setAttribute("aria-selected", each === this.place));
    options[this.place]?.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", options[this.place]?.id ?? "");
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.mark(this.place + step);
    else if (event.key === "Enter") this.choose(this.found[this.place]);
    else return;
    event.preventDefault();
  }

  choose(item) {
    if (!item) return;
    this.dialog.close();
    const { open } = this.composer;
    this.at < 0 ? open.insert(item.text) : open.insert(item.text, this.at, this.at + 1);
  }
}

// --- what is held: it outlives the page it was written on ------------------------------------

const held = new Map();

const SHORT = { seconds: 6 };

function keepHeld(composer, hold) {
  if (!held.has(hold.id)) held.set(hold.id, new Held(composer, hold));
}

class Held {
  constructor(composer, { id, seconds, ref, to, is_reply }) {
    this.composer = composer;
    this.to = to;
    this.name = is_reply ? "held" : "leaves";
    this.id = id;
    this.ref = ref;
    this.due = performance.now() + seconds * 1000;
    this.count = make("span");
    this.count.setAttribute("aria-hidden", "true");
    const words = make("span", { className: "sr", textContent: this.words() });
    this.button = make("button", { type: "button", textContent: composer.words("undo") });
    this.button.addEventListener("click", () => this.undo());
    this.line = make("div", { className: "toast" }, words, this.count, this.button);
    this.line.dataset.held = id;
    show(this.line);
    this.withdraw = offer(() => this.undo());
    this.tick();
    this.timer = setInterval(() => this.tick(), 250);
  }

  left() {
    return Math.ceil((this.due - performance.now()) / 1000);
  }

  words() {
    return this.composer.wordsTo(this.name, this.to, { seconds: Math.max(this.left(), 0) });
  }

  tick() {
    const text = this.words();
    if (this.count.textContent !== text) this.count.textContent = text;
    if (this.left() > 0) return;
    clearInterval(this.timer);
    this.button.remove();
    this.withdraw();
    setTimeout(() => this.settle(), 1500);
  }

  // Its time has come: has it left?
  async settle() {
    try {
      const { ok, told } = await hear("/inbox/holds");
      const mine = ok && told.holds.find((hold) => hold.id === this.id);
      if (mine && !mine.why) return void setTimeout(() => this.settle(), 1000);
      this.end();
      if (!mine) return toast(this.name === "held" ? this.composer.wordsTo("sent", this.to) : this.composer.words("left"), SHORT);
      const link = make("a", { href: `/inbox/a/${this.ref}`, textContent: this.composer.words("elsewhere", { ref: this.ref }) });
      toast([link, ` ${mine.why}`], { ...SHORT, isBad: true });
    } catch {
      setTimeout(() => this.settle(), AGAIN_AFTER);
    }
  }

  async undo() {
    if (this.isAsked) return;
    this.isAsked = true;
    const sheet = current.ref === this.ref && current.sheets.find((each) => each.kind === "reply");
    try {
      if (sheet) {
        // The server puts what comes back before what was begun since.
        sheet.flush();
        await sheet.saving;
      }
      const { ok, told } = await hear(`/inbox/holds/${this.id}/undo`, { method: "POST" });
      this.end();
      if (!ok) return toast(this.composer.words("gone"), SHORT);
      const isText = this.name === "held";
      const link = make("a", { href: `/inbox/a/${told.ref}`, textContent: told.ref });
      toast([this.composer.words(isText ? "undone" : "untaken"), ...(sheet ? [] : [" ", link])], SHORT);
      if (!sheet || !isText) return;
      current.show("reply");
      sheet.fill(told.draft);
    } catch {
      this.isAsked = false;
      toast(this.composer.words("cut"), SHORT);
    }
  }

  end() {
    clearInterval(this.timer);
    this.line.remove();
    this.withdraw();
    held.delete(this.id);
    current?.options.onHandled?.();
  }
}

// --- what waits for the network ----------------------------------------------------------------

function post({ url, fields }) {
  return hear(url, { method: "POST", body: new URLSearchParams(fields) });
}

const queue = {
  composer: null,
  get place() { return `azbot.outbox.${this.composer.person}`; },
  get letters() { return kept.get(this.place) ?? []; },

  begin(composer) {
    if (!this.composer) {
      addEventListener("online", () => this.flush());
      setInterval(() => this.flush(), AGAIN_AFTER);
    }
    this.composer = composer;
    this.draw();
    this.flush();
  },

  add(letter) {
    kept.set(this.place, [...this.letters, letter]);
    this.draw();
  },

  remove({ fields }) {
    const [, key] = fields[0];
    kept.set(this.place, this.letters.filter((each) => each.fields[0][1] !== key));
    this.draw();
  },

  draw() {
    const box = this.composer.root.querySelector("[data-queue]");
    const { letters } = this;
    box.hidden = !letters.length;
    box.replaceChildren(...letters.map((letter) => {
      const back = make("button", { type: "button", className: "btn sm", textContent: this.composer.words("undo") });
      back.addEventListener("click", () => {
        this.remove(letter);
        this.giveBack(letter);
      });
      const text = letter.fields[1][1];
      return make("div", {}, make("b", { textContent: this.composer.words("offline") }), make("span", { textContent: text }), back);
    }));
  },

  async flush() {
    if (this.isBusy || !navigator.onLine) return;
    this.isBusy = true;
    try {
      for (const letter of this.letters) {
        const answer = await post(letter);
        if (answer.status === 401 || answer.status >= 500) break;
        this.remove(letter);
        if (!answer.ok) this.giveBack(letter)?.stopped(answer, letter.then);
        else if (answer.told.hold) keepHeld(this.composer, answer.told.hold);
        else toast(letter.kind === "note" ? this.composer.words("noted") : this.composer.wordsTo("sent", letter.to), SHORT);
      }
    } catch { /* still away */ }
    this.isBusy = false;
  },

  // Put a letter back where it was written; returns its sheet when it is on the page.
  giveBack({ ref, kind, fields, to }) {
    const text = fields[1][1];
    const sheet = this.composer.ref === ref && this.composer.sheets.find((each) => each.kind === kind);
    if (sheet) {
      if (to) this.composer.meant(to);
      sheet.area.value = [text, sheet.area.value].filter((each) => each.trim()).join("\n\n");
      sheet.changed();
      this.composer.show(kind);
      return sheet;
    }
    kept.set(`azbot.draft.${this.composer.person}.${ref}.${kind}`, { text, to });
    toast(make("a", { href: `/inbox/a/${ref}`, textContent: this.composer.words("elsewhere", { ref }) }), SHORT);
    return null;
  },
};
