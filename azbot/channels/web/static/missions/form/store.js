/* What the phone keeps: written at once, read again after the browser was killed.

   Everything is in memory as well, so that a phone that refuses to keep anything can
   still send it (ux.md T17). */

const NAME = "azbot-visits";
const VERSION = 1;
const TABLES = ["visits", "orders", "photos"];

/**
 * Open what is kept of one visit.
 *
 * @param {string} visit     names the visit and its reader
 * @param {() => void} onRefused  called once when the phone keeps nothing
 */
export async function openStore(visit, onRefused) {
  const store = new Store(visit, onRefused);
  await store.load();
  return store;
}

class Store {
  #database = null;
  #memory = new Map();
  #last = Promise.resolve();

  constructor(visit, onRefused) {
    this.visit = visit;
    this.isKept = true;
    this.onRefused = onRefused;
    for (const table of TABLES) this.#memory.set(table, new Map());
  }

  async load() {
    try {
      this.#database = await opened();
      for (const table of TABLES) {
        const rows = await answered(this.#database.transaction(table).objectStore(table).index("visit").getAll(this.visit));
        for (const row of rows) this.#memory.get(table).set(row.id, row);
      }
    } catch {
      this.#refuse();
    }
  }

  /** Every row of a table, in the order of its numbers. */
  all(table) {
    return [...this.#memory.get(table).values()].sort((one, other) => (one.number ?? 0) - (other.number ?? 0));
  }

  get(table, id) {
    return this.#memory.get(table).get(id);
  }

  /** Keep a row; resolves when it would survive the browser. */
  put(table, row) {
    const kept = { ...row, visit: this.visit };
    this.#memory.get(table).set(row.id, kept);
    return this.#write(table, (rows) => rows.put(kept));
  }

  drop(table, id) {
    this.#memory.get(table).delete(id);
    return this.#write(table, (rows) => rows.delete([this.visit, id]));
  }

  /** Resolves when everything that was given is on the disk. */
  get settled() {
    return this.#last;
  }

  #write(table, work) {
    if (!this.isKept) return Promise.resolve();
    this.#last = new Promise((resolve) => {
      try {
        // « Strict »: on the disk, not on its way there, when it says so.
        const writing = this.#database.transaction(table, "readwrite", { durability: "strict" });
        writing.oncomplete = () => resolve();
        writing.onabort = () => (this.#refuse(), resolve());
        work(writing.objectStore(table));
      } catch {
        this.#refuse();
        resolve();
      }
    });
    return this.#last;
  }

  #refuse() {
    if (!this.isKept) return;
    this.isKept = false;
    this.onRefused();
  }
}

function opened() {
  const asked = indexedDB.open(NAME, VERSION);
  asked.onupgradeneeded = () => {
    for (const table of TABLES) {
      asked.result.createObjectStore(table, { keyPath: ["visit", "id"] }).createIndex("visit", "visit");
    }
  };
  return answered(asked);
}

function answered(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("blocked"));
  });
}
