/* The service worker of stations: pages that were opened once open again without network.

   Before these lines stand PREFIX, the folder of the present files, and FILES. Files have
   addresses that change with their content and are kept as they are; of pages the network's
   are taken first. Pages are kept for one reader alone. */

const PAGES = "azbot-pages";
const READER = "Azbot-Reader";
const PATIENCE = 4_000; // milliseconds for a page, when one is kept
const GONE = new Set([401, 403, 404, 410]);
const files = (prefix) => `azbot-files ${prefix}`;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(files(PREFIX)).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(tidy().then(() => self.clients.claim()));
});

self.addEventListener("message", (event) => {
  const { keep, forget } = event.data ?? {};
  if (forget) event.waitUntil(caches.delete(PAGES));
  if (keep) event.waitUntil(Promise.allSettled(keep.map((path) => fetched(new Request(path, { headers: { Accept: "text/html" } })))));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith("/static/") || url.pathname.startsWith("/brand/")) event.respondWith(file(request));
  else if (request.mode === "navigate") event.respondWith(page(request));
});

/** Files: kept ones at once, else from the network and kept. */
async function file(request) {
  const kept = await caches.match(request, { ignoreVary: true });
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await (await caches.open(files(PREFIX))).put(request, answer.clone());
  return answer;
}

/** Pages: from the network, or as they were when it last answered. */
async function page(request) {
  const kept = await (await caches.open(PAGES)).match(request.url.split("#")[0], { ignoreVary: true });
  if (!kept) return fetched(request);
  try {
    const answer = await Promise.race([fetched(request), after(PATIENCE)]);
    // A server that cannot answer now is no reason to show less than is known.
    return answer && answer.status < 500 ? answer : kept;
  } catch {
    return kept;
  }
}

const after = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function fetched(request) {
  const answer = await fetch(request);
  const address = request.url.split("#")[0];
  const pages = await caches.open(PAGES);
  if (GONE.has(answer.status)) await dropBelow(pages, new URL(address).pathname);
  if (answer.ok && !answer.redirected && answer.headers.get("Content-Type")?.startsWith("text/html")) {
    await onlyOf(pages, answer.headers.get(READER));
    await pages.put(address, answer.clone());
  }
  return answer;
}

/** What ended for one page of a mission ended for all of them. */
async function dropBelow(pages, path) {
  const mission = path.split("/").slice(0, 3).join("/");
  for (const kept of await pages.keys()) {
    const at = new URL(kept.url).pathname;
    if (at === mission || at.startsWith(`${mission}/`)) await pages.delete(kept);
  }
}

/** Another reader: what was kept for the one before goes. */
async function onlyOf(pages, reader) {
  if (!reader) return;
  for (const kept of await pages.keys()) {
    const known = (await pages.match(kept, { ignoreVary: true }))?.headers.get(READER);
    if (known && known !== reader) await pages.delete(kept);
  }
}

/** Files of older versions go, unless a kept page still needs them. */
async function tidy() {
  const pages = await caches.open(PAGES);
  const needed = new Set([PREFIX]);
  for (const kept of await pages.keys()) {
    const text = await (await pages.match(kept, { ignoreVary: true }))?.text();
    for (const [prefix] of (text ?? "").matchAll(/\/static\/[0-9a-f]{12}/g)) needed.add(prefix);
  }
  for (const name of await caches.keys()) {
    const prefix = name.startsWith("azbot-files ") && name.slice("azbot-files ".length);
    if (prefix && !needed.has(prefix)) await caches.delete(name);
  }
}
