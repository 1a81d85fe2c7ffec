/* Lets the pages of a mission open without network (ux.md 8.2). */

/**
 * Start the worker and let it keep pages.
 *
 * @param {string[]} paths  of this origin, below /missions/
 */
export async function keepOffline(paths) {
  if (!("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register("/missions/sw.js", { scope: "/missions/" });
    const { active } = await navigator.serviceWorker.ready;
    active.postMessage({ keep: paths });
  } catch {
    // Private windows refuse workers: the page goes on while it is open.
  }
}

/** Throw every kept page away: whoever used this browser has signed out. */
export async function forgetPages() {
  const registration = await navigator.serviceWorker?.getRegistration("/missions/");
  registration?.active?.postMessage({ forget: true });
}
