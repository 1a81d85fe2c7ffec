/* Sending: one order after the other, for as long as it takes.

   Whether there is a network is learnt by asking, never from the browser's flag: a phone
   in a basement says « online » to a router that leads nowhere. */

const PAUSES = [2, 4, 8, 15, 30, 60]; // seconds after so many failures
const PATIENCE = { photo: 90_000, other: 12_000 }; // milliseconds for one answer
const TYPING = 1_200;
const GONE = new Set([401, 403, 404, 410]);
const LATER = new Set([408, 425, 429]);

const PATHS = {
  arrival: () => "arrival",
  answers: () => "answers",
  signature: (order) => `signatures/${order.role}`,
  reopen: () => "signatures/remove",
  finish: () => "finish",
};

export class Sync extends EventTarget {
  #failures = 0;
  #timer = 0;
  #isBusy = false;
  #why = ""; // "", "offline" or "failed"

  /**
   * @param {string} url  of the visit's page
   * @param {import("./state.js").Visit} visit
   */
  constructor(url, visit) {
    super();
    this.url = url;
    this.visit = visit;
    visit.addEventListener("change", ({ detail }) => this.soon(detail.isTyped ? TYPING : 0));
    addEventListener("online", () => this.now());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.now());
  }

  /** One word for the header: ``saved``, ``sending``, ``offline`` or ``failed``. */
  get state() {
    if (this.visit.lost) return "failed";
    if (!this.visit.orders.length) return "saved";
    return this.#why || "sending";
  }

  /** Send at once, also before the pause after a failure is over. */
  now() {
    this.#failures = 0;
    this.soon(0);
  }

  /** Send a little later; while nothing gets through, no sooner than the pause says. */
  soon(wait) {
    const pause = this.#failures ? PAUSES[Math.min(this.#failures, PAUSES.length) - 1] * 1000 : 0;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#run(), Math.max(wait, pause));
    this.#say();
  }

  /** Ask where the visit stands; another phone may have filled it meanwhile. */
  async look() {
    try {
      const answer = await fetch(`${this.url}/state`, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE.other) });
      if (answer.ok) this.visit.hear((await answer.json()).told);
      else if (GONE.has(answer.status)) this.visit.lose((await words(answer)) || " ");
    } catch {
      if (this.visit.orders.length) this.#why = "offline";
    }
    this.#say();
  }

  async #run() {
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      await alone(this.url, () => this.#sendAll());
    } finally {
      this.#isBusy = false;
      this.#say();
    }
  }

  async #sendAll() {
    for (let order = next(this.visit.orders); order && !this.visit.lost; order = next(this.visit.orders)) {
      if (!(await this.#send(order))) {
        this.#failures += 1;
        this.soon(0);
        return;
      }
      this.#failures = 0;
      this.#why = "";
      this.#say();
    }
  }

  /** Send one order; whether the next one may follow. */
  async #send(order) {
    await this.visit.tried(order);
    let answer;
    try {
      answer = await this.#post(order);
    } catch {
      this.#why = "offline";
      return false;
    }
    if (answer.ok) {
      this.visit.sent(order, await answer.json());
      return true;
    }
    const said = await words(answer);
    if (GONE.has(answer.status)) {
      this.visit.lose(said || " ");
      return false;
    }
    if (answer.status >= 500 || LATER.has(answer.status)) {
      this.#why = "failed";
      return false;
    }
    if (answer.status === 409 && (await isLate(answer, order))) {
      this.#why = "failed";
      return false;
    }
    this.visit.refuse(order, said);
    return true;
  }

  #post(order) {
    const signal = AbortSignal.timeout(PATIENCE[order.kind] ?? PATIENCE.other);
    const headers = { Accept: "application/json" };
    if (order.kind === "photo") {
      const kept = this.visit.store.get("photos", order.file);
      const asked = new URLSearchParams({ id: order.id, point: order.point ?? "", name: `photo-${order.file.slice(0, 8)}.jpg` });
      return fetch(`${this.url}/photos?${asked}`, { method: "POST", headers: { ...headers, "Content-Type": "image/jpeg" }, body: kept?.blob, signal });
    }
    const path = `${this.url}/${PATHS[order.kind](order)}`;
    const body = JSON.stringify({ id: order.id, ...order.body });
    return fetch(path, { method: "POST", headers: { ...headers, "Content-Type": "application/json" }, body, signal });
  }

  #say() {
    this.dispatchEvent(new Event("state"));
  }
}

/** What is sent next: words before pictures, the end after everything. */
export function next(orders) {
  return (
    orders.find((order) => order.kind !== "photo" && order.kind !== "finish") ??
    orders.find((order) => order.kind === "photo") ??
    orders[0]
  );
}

/** Do something in one page of the browser at a time. */
function alone(name, work) {
  return navigator.locks ? navigator.locks.request(`azbot ${name}`, work) : work();
}

const read = new WeakMap();

function problem(answer) {
  if (!read.has(answer)) read.set(answer, answer.json().catch(() => ({})));
  return read.get(answer);
}

async function words(answer) {
  return (await problem(answer)).detail ?? "";
}

/** Whether a refusal is one of the moment: two phones wrote at once. */
async function isLate(answer, order) {
  return order.kind !== "signature" && (await problem(answer)).code === "conflict";
}
