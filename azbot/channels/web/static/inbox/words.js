/* Everything visible comes from the server's catalogue, on the body of the page. */

const words = JSON.parse(document.body.dataset.words ?? "{}");

/** Return words with their {facts} filled in. */
export const filled = (text, facts = {}) => text.replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);

/** Return the words of a key, its {facts} filled in. */
export const say = (key, facts) => filled(words[key] ?? key, facts);

/** Return a text as it is compared: without accents, in small letters. */
export const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
