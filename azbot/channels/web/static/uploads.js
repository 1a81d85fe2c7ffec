// Files that are sent in pieces and survive a cut: the page's side of tus 1.0.0.
//
// createUploader() sends files and tells how they fare; mountUploads() draws that into a
// form and puts the handle of each file that arrived into it. Without this script the
// same form posts the files themselves.

const KIB = 1024;
const MIB = 1024 * KIB;
const LARGEST = 100_000_000;
const AT_ONCE = 3;
const HEAVY = 2_000_000;
const LONGEST_SIDE = 2560;
const FIRST_PIECE = 512 * KIB;
const LEAST_PIECE = 128 * KIB;
const MOST_PIECE = 4 * MIB;
const SECONDS_PER_PIECE = 3;
const PAUSES = [1, 2, 4, 8, 15, 30];
const SILENT_FOR = 20_000;
const JUDGED_WITHIN = 120_000;
const GIVES_UP_AFTER = 10 * 60_000;
const REMEMBERED_FOR = 23 * 3_600_000;
const KINDS = /^(image\/(jpeg|png|webp|gif|heic|heif)|video\/(mp4|quicktime|webm)|application\/pdf)$/;
const ENDINGS = /\.(jpe?g|jpe|jfif|png|webp|gif|heic|heif|mp4|m4v|mov|webm|pdf)$/i;
const TRY_AGAIN = new Set([0, 408, 423, 500, 502, 503, 504]);

const filled = (text, facts = {}) => text.replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);

/** What the server, or a look at the file, says against it. */
class Refusal extends Error {
  constructor(why, isFinal = true) {
    super(why);
    this.isFinal = isFinal;
  }
}

/** A line that broke, or a server that asks for a moment. */
class Cut extends Error {
  constructor(after = 0) {
    super("cut");
    this.after = after;
  }
}

/**
 * Make something that sends files.
 *
 * @param ref the assistance whose link the visitor holds; empty for who is signed in.
 * @param onChange called with a file whenever something of it changed.
 * @param onDone called with a file that is stored; its `handle` goes into a form.
 * @param words sentences by name; those of the page by default.
 * @param largest octets of one file.
 */
export function createUploader({
  ref = "",
  onChange = () => {},
  onDone = () => {},
  words = wordsOf(document.querySelector("[data-uploads]")),
  largest = LARGEST,
} = {}) {
  const files = [];
  const pace = new Pace();
  let count = 0;

  const next = () => {
    const going = files.filter((one) => one.state === "sending").length;
    const waiting = files.filter((one) => one.state === "waiting");
    for (const one of waiting.slice(0, AT_ONCE - going)) run(one);
  };

  const run = async (one) => {
    one.state = "sending";
    onChange(one);
    try {
      await one.send(pace);
      one.state = "done";
      one.sent = one.size;
    } catch (error) {
      if (one.stop.signal.aborted) return;
      one.state = error instanceof Refusal && error.isFinal ? "refused" : "failed";
      one.why = error instanceof Refusal ? error.message : words.cut;
    } finally {
      next();
    }
    onChange(one);
    if (one.state === "done") onDone(one);
  };

  const start = (one) => {
    one.stop = new AbortController();
    Object.assign(one, { state: "waiting", why: "", sent: 0, isPaused: false });
    one.why = against(one.file, largest, words);
    if (one.why) one.state = "refused";
    onChange(one);
    next();
  };

  const find = (id) => files.find((one) => one.id === id);

  return {
    files,

    /** How many files are not there yet. */
    get pending() {
      return files.filter((one) => one.state === "waiting" || one.state === "sending").length;
    },

    /** How many seconds they will take; 0 while nobody can say. */
    get remaining() {
      const going = files.filter((one) => one.state === "waiting" || one.state === "sending");
      return pace.seconds(going.reduce((sum, one) => sum + one.size - one.sent, 0));
    },

    /** Send files; one that is on its way, or arrived, is not sent twice. */
    add(list) {
      for (const file of list) {
        const isKnown = files.some((one) => one.isOf(file) && one.state !== "refused" && one.state !== "failed");
        if (isKnown) continue;
        const one = new Sending((count += 1), file, ref, onChange, words);
        files.push(one);
        start(one);
      }
    },

    /** Give a file up, whatever became of it. */
    cancel(id) {
      const one = find(id);
      if (!one) return;
      one.stop.abort();
      files.splice(files.indexOf(one), 1);
      one.end();
      next();
    },

    /** Begin again with a file that failed. */
    retry(id) {
      const one = find(id);
      if (one && (one.state === "failed" || one.state === "refused")) start(one);
    },

    /** Send a photo as it was taken, in the place of its lighter copy. */
    original(id) {
      const one = find(id);
      if (!one?.isLighter) return;
      one.stop.abort();
      one.end();
      one.keepsOriginal = true;
      start(one);
    },
  };
}

/** One file on its way. */
class Sending {
  constructor(id, file, ref, onChange, words) {
    Object.assign(this, { id, file, ref, words, changed: () => onChange(this) });
    Object.assign(this, { name: file.name, size: file.size, sent: 0, state: "waiting", why: "", handle: "" });
    this.stop = new AbortController();
    this.piece = FIRST_PIECE;
    this.isPaused = false;
    this.keepsOriginal = false;
    this.body = null;
    this.url = "";
  }

  isOf(file) {
    return this.file.name === file.name && this.file.size === file.size && this.file.lastModified === file.lastModified;
  }

  get isLighter() {
    return this.body !== null && this.body !== this.file;
  }

  async send(pace) {
    this.body = this.keepsOriginal ? this.file : await lighter(this.file);
    this.stop.signal.throwIfAborted();
    Object.assign(this, { name: this.body.name, size: this.body.size, handle: "" });
    this.url = remembered(this.mark());
    this.isSure = false;
    this.changed();
    let failures = 0;
    let begun = 0;
    let moved = Date.now();
    while (!this.handle) {
      try {
        if (!this.url) {
          if ((begun += 1) > 3) throw new Refusal(this.words.cut, false);
          await this.begin();
        } else if (!this.isSure) {
          await this.ask();
        } else {
          await this.append(pace);
          [failures, moved] = [0, Date.now()];
        }
        this.paused(false);
      } catch (error) {
        this.stop.signal.throwIfAborted();
        if (!(error instanceof Cut)) {
          forget(this.mark());
          throw error;
        }
        if (Date.now() - moved > GIVES_UP_AFTER) throw error;
        this.isSure = false;
        this.paused(true);
        await pause(failures, error.after, this.stop.signal);
        failures += 1;
      }
    }
  }

  async begin() {
    const said = [["filename", this.name], ["filetype", this.body.type]];
    if (this.ref) said.push(["ref", this.ref]);
    const answer = await this.call("POST", "/uploads", {
      "Upload-Length": this.size,
      "Upload-Metadata": said.map(([key, value]) => `${key} ${base64(value)}`).join(),
    });
    if (answer.status !== 201) throw this.problem(answer);
    this.url = answer.header("Location");
    this.isSure = true;
    this.offset = 0;
    remember(this.mark(), this.url);
  }

  async ask() {
    const answer = await this.call("HEAD", this.url);
    if (answer.status === 404 || answer.status === 410) return this.lost();
    if (answer.status !== 200) throw this.problem(answer);
    if (Number(answer.header("Upload-Length")) !== this.size) return this.lost();
    this.come(answer);
    this.isSure = true;
    // Whole, and still being looked at.
    if (this.offset === this.size && !this.handle) throw new Cut();
  }

  async append(pace) {
    const { offset } = this;
    const piece = this.body.slice(offset, offset + this.piece);
    const began = performance.now();
    let loaded = 0;
    const answer = await this.call(
      "PATCH",
      this.url,
      { "Upload-Offset": offset, "Content-Type": "application/offset+octet-stream" },
      piece,
      (octets) => {
        pace.note(octets - loaded);
        loaded = octets;
        this.sent = offset + octets;
        this.changed();
      },
    );
    if (answer.status === 404 || answer.status === 410) return this.lost();
    if (answer.status === 409) return void (this.isSure = false);
    if (answer.status !== 204) throw this.problem(answer);
    this.come(answer);
    const seconds = (performance.now() - began) / 1000;
    const wanted = (piece.size / Math.max(seconds, 0.1)) * SECONDS_PER_PIECE;
    this.piece = Math.round(Math.min(MOST_PIECE, 2 * this.piece, Math.max(LEAST_PIECE, wanted)));
  }

  /** Take over what the server says has come. */
  come(answer) {
    this.offset = Number(answer.header("Upload-Offset"));
    this.sent = this.offset;
    this.handle = answer.header("Upload-Handle") ?? "";
    this.changed();
  }

  lost() {
    forget(this.mark());
    this.url = "";
  }

  paused(is) {
    if (this.isPaused === is) return;
    this.isPaused = is;
    this.changed();
  }

  /** Take a file back that nobody wants any more. */
  end() {
    const { url } = this;
    Object.assign(this, { url: "", handle: "" });
    if (!url) return;
    forget(this.mark());
    call("DELETE", url, {}, null, () => {}, new AbortController().signal).catch(() => {});
  }

  call(method, url, headers = {}, body = null, onProgress = () => {}) {
    return call(method, url, headers, body, onProgress, this.stop.signal);
  }

  problem(answer) {
    if (TRY_AGAIN.has(answer.status)) return new Cut(Number(answer.header("Retry-After") ?? 0));
    const isFinal = answer.status !== 429 && answer.status !== 507;
    return new Refusal(answer.problem?.detail ?? this.words.cut, isFinal);
  }

  mark() {
    const { name, size, lastModified } = this.file;
    return hash([this.ref, name, size, lastModified, this.body?.size].join("|"));
  }
}

/** Measures how fast octets leave, over the last seconds. */
class Pace {
  constructor() {
    this.notes = [];
  }

  note(octets) {
    const now = performance.now();
    this.notes.push([now, octets]);
    while (now - this.notes[0][0] > 8000) this.notes.shift();
  }

  seconds(octets) {
    if (this.notes.length < 2) return 0;
    const took = (performance.now() - this.notes[0][0]) / 1000;
    const moved = this.notes.reduce((sum, [, each]) => sum + each, 0);
    return moved && took > 0.5 ? Math.ceil(octets / (moved / took)) : 0;
  }
}

// --- one request --------------------------------------------------------------------------

function call(method, url, headers, body, onProgress, signal) {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    // fetch() says nothing of how much of a body has left.
    const request = new XMLHttpRequest();
    let silence = 0;
    const within = (time) => {
      clearTimeout(silence);
      silence = setTimeout(() => request.abort(), time);
    };
    const abort = () => request.abort();
    const end = () => {
      clearTimeout(silence);
      signal.removeEventListener("abort", abort);
    };
    request.open(method, url);
    const language = document.documentElement.lang;
    const all = { "Tus-Resumable": "1.0.0", "Accept-Language": language || "fr", ...headers };
    for (const [name, value] of Object.entries(all)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => {
      within(SILENT_FOR);
      onProgress(event.loaded);
    };
    request.upload.onload = () => within(JUDGED_WITHIN);
    request.onload = () => {
      end();
      resolve({
        status: request.status,
        header: (name) => request.getResponseHeader(name),
        problem: readProblem(request),
      });
    };
    request.onerror = request.onabort = () => {
      end();
      reject(signal.aborted ? signal.reason : new Cut());
    };
    signal.addEventListener("abort", abort);
    within(body ? SILENT_FOR : JUDGED_WITHIN);
    request.send(body);
  });
}

function readProblem(request) {
  try {
    return JSON.parse(request.responseText);
  } catch {
    return null;
  }
}

/** Wait before the next try: longer each time, but not once the line is back. */
function pause(failures, after, signal) {
  const seconds = Math.max(after, PAUSES[Math.min(failures, PAUSES.length - 1)] * (0.5 + Math.random() / 2));
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener("online", end);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, seconds * 1000);
    addEventListener("online", end);
    signal.addEventListener("abort", end);
  });
}

// --- a look at a file before it leaves -----------------------------------------------------

/** Return what speaks against a file, in words; empty: nothing. */
function against(file, largest, words) {
  if (!file.size) return words.empty;
  if (!(ENDINGS.test(file.name) || (KINDS.test(file.type) && !/\.\w{1,8}$/.test(file.name)))) {
    const ending = /\.(\w{1,8})$/.exec(file.name)?.[1].toLowerCase() ?? file.type;
    return filled(words.kind, { kind: ending || "?" });
  }
  if (file.size > largest && !isReducible(file)) {
    return filled(words.large, { size: megabytes(file.size), largest: megabytes(largest) });
  }
  return "";
}

const isReducible = (file) => /^image\/(jpeg|png)$/.test(file.type) && file.size > HEAVY;

/** Return a photo small enough to leave a building site; anything else as it is. */
async function lighter(file) {
  if (!isReducible(file)) return file;
  try {
    const image = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_SIDE / Math.max(image.width, image.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(image.width * scale);
    canvas.height = Math.round(image.height * scale);
    const paper = canvas.getContext("2d");
    paper.fillStyle = "#fff";
    paper.fillRect(0, 0, canvas.width, canvas.height);
    paper.drawImage(image, 0, 0, canvas.width, canvas.height);
    image.close();
    const small = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.86));
    if (!small || small.size > 0.9 * file.size) return file;
    const name = `${file.name.replace(/\.\w{1,5}$/, "")}.jpg`;
    return new File([small], name, { type: "image/jpeg", lastModified: file.lastModified });
  } catch {
    // Too large for this phone, or not what it says: the server looks at it.
    return file;
  }
}

// --- what survives a reload ------------------------------------------------------------------

const SHELF = "azbot-upload-";

function remember(mark, url) {
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(SHELF) && !(JSON.parse(localStorage[key]).until > Date.now())) delete localStorage[key];
    }
    localStorage[SHELF + mark] = JSON.stringify({ url, until: Date.now() + REMEMBERED_FOR });
  } catch {
    // A browser that keeps nothing sends from the beginning after a reload.
  }
}

function remembered(mark) {
  try {
    const { url, until } = JSON.parse(localStorage[SHELF + mark]);
    return until > Date.now() ? url : "";
  } catch {
    return "";
  }
}

function forget(mark) {
  try {
    delete localStorage[SHELF + mark];
  } catch {
    // Nothing was kept.
  }
}

/** Names a file without telling anybody its name: 64 bits of FNV-1a. */
function hash(text) {
  let found = 0xcbf29ce484222325n;
  for (const octet of new TextEncoder().encode(text)) {
    found = BigInt.asUintN(64, (found ^ BigInt(octet)) * 0x100000001b3n);
  }
  return found.toString(36);
}

function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

// --- drawing ------------------------------------------------------------------------------------

const wordsOf = (element) => JSON.parse(element?.dataset.words ?? "{}");
const language = () => document.documentElement.lang || "fr";

function megabytes(octets) {
  const digits = octets < 10_000_000 ? 1 : 0;
  return (octets / 1_000_000).toLocaleString(language(), { maximumFractionDigits: digits });
}

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function icon(name) {
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawn.setAttribute("class", "i");
  drawn.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  drawn.append(use);
  return drawn;
}

const mounted = new WeakMap();

/**
 * Let a form send its files at once, with a line for each.
 *
 * @param root the element of the macro `uploads`; mounting it twice is fine.
 * @returns its uploader.
 */
export function mountUploads(root) {
  if (!mounted.has(root)) mounted.set(root, new Mounted(root));
  return mounted.get(root).uploader;
}

class Mounted {
  constructor(root) {
    this.root = root;
    this.words = wordsOf(root);
    this.list = root.querySelector("[data-list]");
    this.said = root.querySelector("[data-said]");
    this.left = root.querySelector("[data-left]");
    this.lines = new Map();
    this.uploader = createUploader({
      ref: root.dataset.ref ?? "",
      largest: Number(root.dataset.largest) || LARGEST,
      words: this.words,
      onChange: (one) => this.draw(one),
      onDone: (one) => this.done(one),
    });
    root.classList.add("live");
    for (const input of root.querySelectorAll("input[type=file]")) {
      input.addEventListener("change", () => {
        const chosen = [...input.files];
        // Posted with the form they would come a second time.
        input.value = "";
        this.uploader.add(chosen);
      });
    }
    this.takeDrops();
    this.form = root.closest("form");
    this.form?.addEventListener("submit", (event) => this.hold(event));
  }

  takeDrops() {
    const { root } = this;
    root.addEventListener("dragover", (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      root.classList.add("over");
    });
    root.addEventListener("dragleave", () => root.classList.remove("over"));
    root.addEventListener("drop", (event) => {
      root.classList.remove("over");
      if (!event.dataTransfer.files.length) return;
      event.preventDefault();
      this.uploader.add(event.dataTransfer.files);
    });
  }

  /** Keep a form back until its files are there; it is then sent by itself. */
  hold(event) {
    this.waits = null;
    if (!this.uploader.pending || this.root.hasAttribute("data-nowait")) return;
    event.preventDefault();
    this.waits = { by: event.submitter };
    this.tell();
  }

  draw(one) {
    const line = this.lines.get(one.id) ?? this.line(one);
    line.show(one);
    if (line.state !== one.state) {
      line.state = one.state;
      this.announce(one);
    }
    this.tell();
    this.settle();
  }

  line(one) {
    const line = new Line(one, this.words, {
      cancel: () => this.drop(one),
      retry: () => this.uploader.retry(one.id),
      original: () => this.uploader.original(one.id),
    });
    this.lines.set(one.id, line);
    this.list.hidden = false;
    this.list.append(line.element);
    return line;
  }

  drop(one) {
    const line = this.lines.get(one.id);
    const beside = line.element.nextElementSibling ?? line.element.previousElementSibling;
    this.lines.delete(one.id);
    line.end();
    this.uploader.cancel(one.id);
    this.say(filled(this.words.cancelled, { name: one.name }));
    this.list.hidden = !this.lines.size;
    (beside?.querySelector("button") ?? this.root.querySelector("input[type=file]"))?.focus();
    this.tell();
    this.settle();
  }

  done(one) {
    this.root.dispatchEvent(new CustomEvent("uploaded", { bubbles: true, detail: one }));
    if (this.root.hasAttribute("data-at-once")) this.waits ??= { by: null };
    this.settle();
  }

  /** Send the form that waited for its files, unless one of them needs a decision. */
  settle() {
    if (!this.waits || this.uploader.pending) return;
    const { by } = this.waits;
    this.waits = null;
    if (this.uploader.files.some((one) => one.state !== "done")) return;
    this.form?.requestSubmit(by);
  }

  announce(one) {
    const words = { sending: "sending", done: "arrived", failed: "stopped", refused: "stopped" }[one.state];
    if (words) this.say(filled(this.words[words], { name: one.name, why: one.why }));
  }

  say(text) {
    if (this.said) this.said.textContent = text;
  }

  tell() {
    if (!this.left) return;
    const { pending, remaining } = this.uploader;
    const key = pending === 1 ? "left_one" : "left_many";
    const time = remaining > 90 ? filled(this.words.minutes, { n: Math.ceil(remaining / 60) }) : filled(this.words.seconds, { n: remaining });
    const text = remaining ? filled(this.words[key], { n: pending, time }) : filled(this.words[`${key}_soon`], { n: pending });
    const shown = pending ? (this.waits ? `${text} ${this.words.then}` : text) : "";
    if (this.left.textContent !== shown) this.left.textContent = shown;
    this.left.hidden = !pending;
  }
}

/** The line of one file. */
class Line {
  constructor(one, words, { cancel, retry, original }) {
    this.words = words;
    this.name = make("span", { className: "name" });
    this.number = make("small", { className: "num" });
    this.bar = make("progress", { max: 100, value: 0 });
    this.note = make("p", { className: "note", hidden: true });
    this.again = make("button", { type: "button", className: "btn plain", textContent: words.retry, onclick: retry, hidden: true });
    this.full = make("button", { type: "button", className: "btn plain", textContent: words.original, onclick: original, hidden: true });
    this.close = make("button", { type: "button", className: "x", onclick: cancel }, icon("cross"));
    this.handle = make("input", { type: "hidden", name: "upload" });
    this.picture = make("span", { className: "fi" }, this.preview(one.file));
    const text = make("div", { className: "t" }, this.name, this.number);
    this.element = make("li", { className: "up" }, this.picture, text, this.bar, this.close, this.note, make("div", { className: "more" }, this.again, this.full));
  }

  preview(file) {
    if (!/^image\/(jpeg|png|webp|gif)$/.test(file.type)) return icon(file.type.startsWith("video/") ? "film" : "file");
    this.url = URL.createObjectURL(file);
    const image = make("img", { src: this.url, alt: "" });
    image.onerror = () => image.replaceWith(icon("file"));
    return image;
  }

  show(one) {
    const { words } = this;
    const percent = Math.floor((100 * one.sent) / Math.max(one.size, 1));
    this.element.dataset.state = one.state;
    this.name.textContent = one.name;
    this.name.title = one.name;
    this.bar.value = percent;
    this.bar.setAttribute("aria-label", filled(words.sending, { name: one.name }));
    this.bar.hidden = one.state !== "sending" && one.state !== "waiting";
    if (one.state === "done") this.number.replaceChildren(icon("check"), words.done);
    else this.number.textContent = { waiting: words.waiting, sending: `${percent}\u00a0%` }[one.state] ?? "";
    this.close.setAttribute("aria-label", filled(this.bar.hidden ? words.remove : words.cancel, { name: one.name }));
    this.say(one);
    this.again.hidden = one.state !== "failed";
    this.full.hidden = !one.isLighter || one.keepsOriginal || one.state === "refused";
    this.handle.value = one.handle;
    if (one.handle) this.element.append(this.handle);
    else this.handle.remove();
  }

  say(one) {
    const lighter = one.isLighter && { before: megabytes(one.file.size), after: megabytes(one.size) };
    const text = one.why || (one.isPaused ? this.words.paused : lighter ? filled(this.words.lighter, lighter) : "");
    if (this.note.textContent !== text) this.note.textContent = text;
    this.note.hidden = !text;
  }

  end() {
    if (this.url) URL.revokeObjectURL(this.url);
    this.element.remove();
  }
}
