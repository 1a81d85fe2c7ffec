/* One visit as it stands on this phone: what the server told, and on top of it what was
   done here and is not sent yet.

   What is done becomes an order with an id of its own. Once tried, an order never
   changes: sent again after a lost answer it is the same order (ux.md X19). */

import { fields, missing, shown, values } from "./rules.js";
import { normal } from "./normal.js";

const SOON = 200;
/** Milliseconds until what was typed is on the disk. */

export const ROLES = ["installer", "client", "station"];

export class Visit extends EventTarget {
  #raw = {};
  #timer = 0;
  #number = 0;

  /**
   * @param {object} page   what the page was given
   * @param {object} store  see ``store.js``
   */
  constructor(page, store) {
    super();
    this.page = page;
    this.form = page.form;
    this.store = store;
    this.fields = new Map(fields(page.form).map((field) => [field.key, field]));
    this.wrong = {}; // what the server could not take: key → {raw, words}
    this.told = page.told;
    this.lost = "";
    const kept = store.get("visits", "visit");
    if (kept) {
      if (kept.told.version > this.told.version) this.told = kept.told;
      this.wrong = kept.wrong ?? {};
      this.refused = kept.refused ?? [];
    }
    this.refused ??= []; // orders nobody takes any more, kept to be downloaded
    this.orders = store.all("orders");
    this.#number = this.orders.at(-1)?.number ?? 0;
    this.#proposed = this.#proposals();
    this.#build();
  }

  #proposed = {};

  // -- reading -------------------------------------------------------------------------

  /** What stands in a field, as it was typed. */
  raw(key) {
    return this.#raw[key];
  }

  /** The answers that can be read, in normal form. */
  get answers() {
    const found = {};
    for (const [key, field] of this.fields) {
      const read = normal(field, this.#raw[key]);
      if (!read.isEmpty && !read.problem && !this.wrong[key]) found[key] = read.value;
    }
    return found;
  }

  /** Answers of the questions that are asked. */
  get values() {
    return values(this.form, this.answers);
  }

  get shown() {
    return new Set(shown(this.form, this.answers).map((field) => field.key));
  }

  /** Return what is wrong with a field: a code with facts, or words of the server. */
  trouble(key) {
    if (this.wrong[key]) return { ...this.wrong[key] };
    const { problem } = normal(this.fields.get(key), this.#raw[key]);
    if (problem) return problem;
    if (key === "time_out" && this.values.leaves_next_day === false) return { code: "time_out_before_in", facts: {}, place: "" };
    return null;
  }

  /** Return what still has to be done, in the order of the form (T13). */
  get missing() {
    const needed = new Set(missing(this.form, this.answers).map((field) => field.key));
    const seen = this.shown;
    const keys = [...this.fields.keys()].filter((key) => needed.has(key) || (seen.has(key) && this.trouble(key)));
    const roles = ROLES.filter((role) => !this.signature(role));
    return [...keys.map((key) => ({ key })), ...roles.map((role) => ({ role }))];
  }

  /** The signature of a role: given here, or told by the server. */
  signature(role) {
    let found = this.told.signatures.find((each) => each.role === role);
    for (const order of this.orders) {
      if (order.kind === "reopen") found = undefined;
      if (order.kind === "signature" && order.role === role) found ??= { role, ...order.body, at: order.at, isWaiting: true };
    }
    return found;
  }

  get signatures() {
    return ROLES.map((role) => this.signature(role)).filter(Boolean);
  }

  get isArrived() {
    return this.told.status === "underway" || this.orders.some((order) => order.kind === "arrival");
  }

  /** Finished here, maybe not sent yet. */
  get isEnding() {
    return this.orders.some((order) => order.kind === "finish");
  }

  get isOver() {
    return this.told.status === "finished";
  }

  /** Whether answers can be changed now. */
  get isOpen() {
    return this.isArrived && !this.isOver && !this.isEnding && !this.lost && !this.signatures.length;
  }

  /** How many things wait to be sent: fields, photos, signatures, the end. */
  get unsent() {
    const keys = new Set();
    let others = 0;
    for (const order of this.orders) {
      if (order.kind === "answers") Object.keys(order.body.changes).forEach((key) => keys.add(key));
      else others += 1;
    }
    return keys.size + others;
  }

  isPhotoWaiting(file) {
    return this.orders.some((order) => order.kind === "photo" && order.file === file);
  }

  // -- doing ---------------------------------------------------------------------------

  /**
   * Answer a question; null takes the answer back.
   *
   * @param {boolean} [isTyped]  more letters may follow: written soon, sent later
   */
  change(key, raw, isTyped = false) {
    if (!this.isOpen) return;
    delete this.wrong[key];
    const changes = { ...this.#proposed, [key]: raw };
    this.#proposed = {};
    Object.assign(this.#raw, changes);
    const last = this.orders.at(-1);
    let order = last;
    if (last?.kind === "answers" && !last.isTried) Object.assign(last.body.changes, changes);
    else order = this.#add({ kind: "answers", body: { changes } });
    clearTimeout(this.#timer);
    if (isTyped) this.#timer = setTimeout(() => this.keep(order), SOON);
    else this.keep(order);
    this.#say("change", { key, isTyped });
  }

  arrive(clock) {
    if (this.isArrived) return;
    this.#do({ kind: "arrival", body: {} });
    this.#proposed = this.#proposals(clock);
    Object.assign(this.#raw, this.#proposed);
    this.#say("change", {});
  }

  /** Add a photo; its octets are kept until they have arrived. */
  async addPhoto({ file, blob, point, at }) {
    if (this.orders.some((order) => order.kind === "photo" && order.file === file)) return;
    await this.store.put("photos", { id: file, blob, at });
    if (this.told.photos.some((photo) => photo.file === file)) return;
    this.#do({ kind: "photo", file, point });
  }

  removePhoto(file) {
    const order = this.orders.find((each) => each.kind === "photo" && each.file === file && !each.isTried);
    if (order) this.#done(order);
    this.#say("change", {});
  }

  sign(role, body, at) {
    const seen = {};
    for (const [key, field] of this.fields) {
      if (!field.is_automatic && this.#raw[key] !== undefined && this.#raw[key] !== null) seen[key] = this.#raw[key];
    }
    this.#do({ kind: "signature", role, at, body: { ...body, seen } });
  }

  /** « Modifier »: the signatures given here and told by the server fall (R138). */
  reopen() {
    this.#do({ kind: "reopen", body: {} });
  }

  finish() {
    this.#do({ kind: "finish", body: {} });
  }

  // -- what came back ------------------------------------------------------------------

  /** Note that an order is on its way: from now on it never changes. */
  tried(order) {
    if (order.isTried) return this.store.settled;
    order.isTried = true;
    return this.keep(order);
  }

  /** The server carried an order out. */
  sent(order, answer) {
    for (const [key, problem] of Object.entries(answer.problems ?? {})) {
      const isNewer = this.orders.some((each) => each !== order && each.kind === "answers" && key in each.body.changes);
      if (!isNewer) this.wrong[key] = { raw: order.body.changes[key], words: problem.words, place: problem.path.join(".") };
    }
    this.#done(order);
    this.hear(answer.told);
  }

  /** The server will never carry an order out. */
  refuse(order, words) {
    this.refused.push({ kind: order.kind, role: order.role, body: order.body, words });
    // What was done on top of a refused signature cannot stand either.
    const after = order.kind === "signature" ? this.orders.filter((each) => each.kind === "finish") : [];
    for (const each of [order, ...after]) this.#done(each);
    this.#build();
    this.#save();
    this.#say("refused", { words, kind: order.kind });
  }

  /** Take what the server tells, unless something newer is known. */
  hear(told) {
    if (told.version >= this.told.version) this.told = told;
    // Until the end the pictures stay here as well: they are seen without network.
    if (this.isOver) for (const { id } of this.store.all("photos")) this.store.drop("photos", id);
    this.#build();
    this.#save();
    this.#say("told", {});
  }

  /** Nothing can be sent any more: the mission is somebody else's. */
  lose(words) {
    this.lost = words;
    this.#say("told", {});
  }

  /** Write an order now; resolves when it is on the disk. */
  keep(order) {
    clearTimeout(this.#timer);
    return this.store.put("orders", order);
  }

  /** Write everything that is only in memory: the page may be gone in a moment. */
  flush() {
    const last = this.orders.at(-1);
    if (last?.kind === "answers" && !last.isTried) return this.keep(last);
    return this.store.settled;
  }

  // -- inside --------------------------------------------------------------------------

  #build() {
    this.#raw = { ...this.#proposed, ...this.told.answers };
    for (const [key, { raw }] of Object.entries(this.wrong)) this.#raw[key] = raw;
    for (const order of this.orders) {
      if (order.kind === "answers") Object.assign(this.#raw, order.body.changes);
    }
  }

  /** What may be taken as answered until somebody says otherwise (R95, R163). */
  #proposals(clock = this.told.arrived) {
    if (!this.isArrived || this.isOver) return {};
    const found = { ...this.page.proposed };
    if (clock) found.time_in = clock;
    const known = new Set([...Object.keys(this.told.answers), ...this.orders.flatMap((each) => Object.keys(each.body?.changes ?? {}))]);
    return Object.fromEntries(Object.entries(found).filter(([key]) => !known.has(key)));
  }

  #add(order) {
    this.#number += 1;
    const made = { id: crypto.randomUUID(), number: this.#number, isTried: false, ...order };
    this.orders.push(made);
    return made;
  }

  #do(order) {
    const kept = this.keep(this.#add(order));
    this.#say("change", {});
    return kept;
  }

  #done(order) {
    this.orders = this.orders.filter((each) => each !== order);
    this.store.drop("orders", order.id);
  }

  #save() {
    this.store.put("visits", { id: "visit", told: this.told, wrong: this.wrong, refused: this.refused });
  }

  #say(what, detail) {
    this.dispatchEvent(new CustomEvent(what, { detail }));
  }
}
