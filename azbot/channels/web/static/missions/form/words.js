/* What the page was given: the visit, and every word in the reader's language. */

export const page = JSON.parse(document.getElementById("visit").textContent);

const filled = (text, facts) => text.replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);

/** Return the words of a key, its {facts} filled in. */
export const say = (key, facts = {}) => filled(page.words[key] ?? key, facts);

/** Return the words for so many of something. */
export const count = (key, number, facts = {}) =>
  say(`${key}.${number > 1 ? "many" : "one"}`, { count: number, ...facts });

/** Return the sentence for a problem the phone sees by itself. */
export const complaint = (code, facts = {}) => filled(page.errors[code] ?? page.errors.mandatory, facts);

/** Return an hour as it is said: « 13 h 05 ». */
export const spoken = (clock) =>
  page.language === "fr" ? clock.replace(/^0/, "").replace(":", "\u00a0h\u00a0").replace(/\u00a000$/, "") : clock;
