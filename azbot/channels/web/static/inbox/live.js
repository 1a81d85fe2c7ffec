/* The live link of the desk's pages: one connection for all tabs of a browser.
 *
 *   const live = connect({ url, presence, after, me });
 *   live.addEventListener("change", ({ detail }) => …);
 *   live.present.see("ASFR26000184");
 *
 * The tabs elect a leader by a Web Lock; it alone holds the EventSource and passes
 * everything on through a BroadcastChannel. When it goes, the lock goes to another
 * tab, which continues at the last mark it heard. Without locks each tab leads
 * itself. What the events say, and why it is done so: docs/live.md.
 */

const SHOWN_AFTER = 3000; // a shorter cut is nobody's business (ux.md 6.6)
const SILENT_FOR = 40000; // the server says something every 15 s
const OPENS_WITHIN = 10000; // on a kept connection that died, no answer comes either
const LOOK_EVERY = 5000;
const RETRY_AFTER = 500; // doubled each time,
const RETRY_AT_MOST = 4000; // so that a net that is back is used within 5 s (A3)
const RENEW_AFTER = 12000; // a presence lasts 45 s, a beat comes every 15 s
const TYPED_EVERY = 3000;
const TYPES_FOR = 8000;
const KEPT = 200; // messages a leader keeps for tabs that are being loaded

const EVENTS = [
  "hello", "beat", "bye", "change", "outbox", "ledger", "settings", "presence", "outage",
  "reset",
];

/**
 * Open the live link of this tab.
 *
 * @param {object} options
 * @param {string} options.url       of the stream: "/inbox/live"
 * @param {string} options.presence  where presence is said: "/inbox/presence"
 * @param {string} options.after     the mark the page was made at
 * @param {number} options.me        the person who is signed in
 * @returns {Live}
 */
export const connect = (options) => new Live(options);

/**
 * Tells what happens. Events "change", "outbox", "ledger", "settings", "presence",
 * "outage" and "reset" have in `detail` what the server says; "state" has `live.state`.
 */
export class Live extends EventTarget {
  /** What this tab says of itself. */
  present;

  #options;
  #name;
  #tab = crypto.randomUUID();
  #channel;
  #isJoined = false;
  #isLeader = false;
  #withdrawal;
  #release;
  #source;
  #openedAt = 0;
  #tries = 0;
  #retrying;
  #heardAt = 0;
  #mark;
  #wasMade;
  #told = new Set();
  #kept = [];
  #keptFrom;
  #places = {};
  #state = "connecting";
  #shown = "";
  #showing;

  constructor(options) {
    super();
    this.#options = options;
    // Somebody else may have signed in since another tab was loaded.
    this.#name = `azbot-live-${options.me}`;
    this.#mark = options.after;
    this.present = new Present(options.presence, this.#tab, (end) => this.#learn(end));
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = ({ data }) => this.#hear(data);
    addEventListener("online", () => this.retry());
    addEventListener("pagehide", () => this.close());
    addEventListener("pageshow", (event) => event.persisted && this.#join());
    document.addEventListener("visibilitychange", () => this.#look());
    setInterval(() => this.#look(), LOOK_EVERY);
    this.#join();
  }

  /**
   * How the link fares, as a reader should see it: "" at first, "live", "connecting"
   * and "offline" (both only after three seconds), "signed-out".
   */
  get state() {
    return this.#shown;
  }

  /** Whether this tab holds the connection. */
  get isLeader() {
    return this.#isLeader;
  }

  /** Who sees or writes to an assistance; of "": everybody who is there. */
  at(ref) {
    return this.#places[ref] ?? [];
  }

  /** The same without whoever is signed in here. */
  othersAt(ref) {
    return this.at(ref).filter(({ person }) => person !== this.#options.me);
  }

  /** Try again at once: after signing in again, say. */
  retry() {
    if (!this.#isLeader) this.#say({ type: "retry" });
    else if (this.#state !== "live" && !this.#isOpening()) this.#open();
  }

  /** Let go of everything; another tab takes over. */
  close() {
    this.present.gone();
    this.#isJoined = false;
    this.#withdrawal?.abort();
    this.#stepDown();
  }

  // --- who leads --------------------------------------------------------------------

  #join() {
    this.#isJoined = true;
    this.#heardAt = Date.now();
    this.#wasMade = reader(this.#mark);
    this.present.renew();
    if (!navigator.locks) {
      this.#lead();
      return;
    }
    this.#say({ type: "join", tab: this.#tab });
    this.#askForLock();
  }

  async #askForLock(steal = false) {
    this.#withdrawal?.abort();
    const withdrawal = (this.#withdrawal = new AbortController());
    const how = steal ? { steal } : { signal: withdrawal.signal };
    try {
      await navigator.locks.request(this.#name, how, () => this.#isJoined && this.#lead());
    } catch {
      // Withdrawn; or we had it, seemed to sleep, and another tab took it.
    }
    if (withdrawal !== this.#withdrawal) return;
    this.#stepDown();
    if (this.#isJoined) this.#askForLock();
  }

  #lead() {
    this.#isLeader = true;
    this.#kept = [];
    this.#keptFrom = this.#mark;
    this.#open();
    return new Promise((release) => {
      this.#release = release;
    });
  }

  #stepDown() {
    this.#isLeader = false;
    this.#disconnect();
    this.#release?.();
    this.#release = undefined;
  }

  // --- the connection ---------------------------------------------------------------

  #open() {
    this.#disconnect();
    this.#openedAt = Date.now();
    this.#heardAt = this.#openedAt - SILENT_FOR + OPENS_WITHIN;
    // Offline stays offline until an answer says otherwise.
    if (this.#state !== "offline") this.#become("connecting");
    const after = encodeURIComponent(this.#mark);
    const source = (this.#source = new EventSource(`${this.#options.url}?after=${after}`));
    for (const type of EVENTS) {
      source.addEventListener(type, ({ data, lastEventId }) =>
        this.#receive({ type, data: JSON.parse(data), mark: lastEventId }),
      );
    }
    // Never left to the browser: it would ask for the mark of the first time, and at
    // an answer that is no stream it would give up for good.
    source.onerror = () => this.#cut();
  }

  #disconnect() {
    clearTimeout(this.#retrying);
    this.#source?.close();
    this.#source = undefined;
  }

  #isOpening() {
    return this.#source !== undefined && Date.now() - this.#openedAt < SHOWN_AFTER;
  }

  #receive(message) {
    this.#heardAt = Date.now();
    if (message.type === "bye") {
      this.#reconnect(RETRY_AFTER * Math.random());
    } else if (message.type === "hello" && message.data.me !== this.#options.me) {
      this.#end();
    } else {
      this.#kept.push(message);
      while (this.#kept.length > KEPT) {
        this.#keptFrom = this.#kept.shift().mark || this.#keptFrom;
      }
      this.#say(message);
      this.#take(message);
    }
  }

  #cut() {
    const longest = Math.min(RETRY_AFTER * 2 ** this.#tries, RETRY_AT_MOST);
    this.#tries += 1;
    this.#reconnect(longest * (0.75 + Math.random() / 4));
    // A net that is lost, or a session? A request tells; navigator.onLine does not.
    this.present.renew();
  }

  #reconnect(pause) {
    this.#disconnect();
    if (this.#state !== "offline") this.#become("connecting");
    this.#retrying = setTimeout(() => this.#open(), pause);
  }

  #end() {
    this.#disconnect();
    this.#become("signed-out");
  }

  /** Learn from the end of a request of ours how things stand. */
  #learn(end) {
    if (end === "signed-out") {
      if (this.#isLeader) this.#end();
      else this.#become(end);
    } else if (this.#state === "signed-out") {
      if (end === "done") this.retry();
    } else if (this.#isLeader && this.#state !== "live") {
      this.#become(end === "done" ? "connecting" : "offline");
    }
  }

  // --- between the tabs -------------------------------------------------------------

  #say(message) {
    this.#channel.postMessage(message);
  }

  #hear(message) {
    if (message.type === "join" || message.type === "retry") {
      if (this.#isLeader) this.#answer(message);
    } else if (this.#isJoined && !this.#isLeader) {
      this.#heardAt = Date.now();
      if (message.type === "state") this.#become(message.state);
      else if (message.type !== "kept") this.#take(message);
      else if (message.tab === this.#tab) this.#catchUp(message);
    }
  }

  #answer({ type, tab }) {
    // A page that was just made has a session, although ours may have ended.
    this.retry();
    this.#say({ type: "state", state: this.#state });
    if (type === "join") {
      const [from, messages, places] = [this.#keptFrom, this.#kept, this.#places];
      this.#say({ type: "kept", tab, from, messages, places });
    }
  }

  /** Take what the leader was told while this page was being made. */
  #catchUp({ from, messages, places }) {
    if (parseInt(this.#mark, 10) < parseInt(from, 10)) this.#emit("reset", {});
    for (const message of messages) {
      if (message.type !== "presence") this.#take(message);
    }
    this.#take({ type: "presence", data: { whole: true, refs: places } });
  }

  // --- what this tab makes of it ----------------------------------------------------

  #take({ type, data, mark }) {
    if (mark) this.#mark = mark;
    if (type === "hello") {
      this.#tries = 0;
      this.#become("live");
    }
    if (type === "hello" || type === "beat") {
      this.present.renew(RENEW_AFTER);
      return;
    }
    if (type === "change" && !this.#isNew(data.event)) return;
    if (type === "presence") {
      this.#places = data.whole ? data.refs : { ...this.#places, ...data.refs };
    }
    this.#emit(type, data);
  }

  /** Whether an event was neither told to this tab nor part of the page as made. */
  #isNew(event) {
    if (this.#wasMade(event) || this.#told.has(event)) return false;
    this.#told.add(event);
    if (this.#told.size > 2 * KEPT) this.#told.delete(this.#told.values().next().value);
    return true;
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #become(state) {
    if (state === this.#state && state !== "live") {
      // Nothing new, but the first trouble of a page is shown in time, too.
      this.#showing ??= setTimeout(() => this.#show(), SHOWN_AFTER);
      return;
    }
    if (this.#isLeader && state !== this.#state) this.#say({ type: "state", state });
    this.#state = state;
    const isTrouble = state === "connecting" || state === "offline";
    const isShown = this.#shown === "connecting" || this.#shown === "offline";
    if (isTrouble && !isShown) this.#showing ??= setTimeout(() => this.#show(), SHOWN_AFTER);
    else this.#show();
  }

  #show() {
    clearTimeout(this.#showing);
    this.#showing = undefined;
    if (this.#shown === this.#state) return;
    this.#shown = this.#state;
    this.#emit("state", this.#shown);
  }

  /** Look after the link: a dead line, a leader that sleeps, a tab that came back. */
  #look() {
    if (!this.#isJoined) return;
    this.present.renew(RENEW_AFTER);
    if (this.#state === "signed-out") return;
    const isSilent = Date.now() - this.#heardAt > SILENT_FOR;
    if (isSilent) this.#heardAt = Date.now();
    if (this.#isLeader) {
      if (isSilent) this.#cut();
    } else if (!document.hidden) {
      // Browsers slow the timers of a leader in the background; ours run.
      if (this.#state !== "live") this.retry();
      if (isSilent && navigator.locks) this.#askForLock(true);
    }
  }
}

/** Says which assistance a tab shows, and when somebody writes there. */
class Present {
  #url;
  #tab;
  #onEnd;
  #ref = null;
  #typedAt = 0;
  #typed = "";
  #said = "";
  #saidAt = 0;
  #isWaiting = false;

  constructor(url, tab, onEnd) {
    this.#url = url;
    this.#tab = tab;
    this.#onEnd = onEnd;
  }

  /** This tab shows an assistance, and nobody writes there any more. */
  see(ref) {
    this.#typedAt = 0;
    this.#ref = ref;
    this.renew();
  }

  /**
   * Somebody typed a key in an answer to an assistance.
   * @param {string} ref
   * @param {string} [level]  ``types`` to the client, ``briefs`` to the station
   */
  type(ref, level = "types") {
    this.#ref = ref;
    if (level === this.#typed && Date.now() - this.#typedAt < TYPED_EVERY) return;
    this.#typedAt = Date.now();
    this.#typed = level;
    this.#send(ref, level);
  }

  /** This tab shows none any more. */
  leave() {
    this.see(null);
  }

  /**
   * Say again what is true.
   * @param {number} after  not if it was said within so many milliseconds
   */
  renew(after = 0) {
    const is = this.#now();
    if (after && is === this.#said && Date.now() - this.#saidAt < after) return;
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    queueMicrotask(() => {
      this.#isWaiting = false;
      // Whoever writes is not said to only see: the server lets that end by itself.
      if (Date.now() - this.#typedAt < TYPES_FOR && this.#now() === this.#said) return;
      const ref = document.hidden ? null : this.#ref;
      this.#send(ref, ref === null ? "here" : "sees");
    });
  }

  /** This tab closes. */
  gone() {
    this.#send(null, "gone");
  }

  /** What this tab shows; one in the background shows nothing. */
  #now() {
    return document.hidden ? "" : (this.#ref ?? "");
  }

  async #send(ref, level) {
    this.#said = this.#now();
    this.#saidAt = Date.now();
    let end = "offline";
    try {
      const { status } = await fetch(this.#url, {
        method: "POST",
        headers: { "Azbot-Part": "presence", "Content-Type": "application/json" },
        body: JSON.stringify({ tab: this.#tab, ref, level }),
        // Only for what leaves while the page goes: Chromium 156 was seen to send
        // earlier ones of the page again then, which undid the last.
        keepalive: level === "gone",
      });
      end = status === 401 ? "signed-out" : "done";
    } catch {
      // No answer: offline, as far as this request knows.
    }
    if (level !== "gone") this.#onEnd(end);
  }
}

/**
 * Return a function that says whether an event was seen by a mark: "8-1.45" has seen
 * the events up to 8 save 7 (azbot/channels/web/live/marks.py).
 */
function reader(mark) {
  const [last, ...back] = mark.split(".")[0].split("-").map(Number);
  return (event) => event <= last && !back.includes(last - event);
}
