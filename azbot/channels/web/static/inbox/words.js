/* Everything visible comes from the server's catalogue, on the body of the page. */

const words = JSON.parse(document.body.dataset.words ?? "{}");

/** Return the words of a key, its {facts} filled in. */
export const say = (key, facts = {}) =>
  (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);
