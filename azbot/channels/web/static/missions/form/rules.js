/* Which questions exist and which need an answer: the rules of the form as data.

   The same as azbot/forms/rules.py and form.py; a test compares them. */

const has = (answers, key) => Object.hasOwn(answers, key);

const RULES = {
  always: () => true,
  never: () => false,
  is: (rule, answers) => has(answers, rule.field) && answers[rule.field] === rule.value,
  isnot: (rule, answers) => !RULES.is(rule, answers),
  isbefore: ({ first, second }, answers) =>
    typeof answers[first] === "string" && typeof answers[second] === "string" && answers[first] < answers[second],
  known: (rule, answers) => has(answers, rule.field),
  allof: (rule, answers) => rule.rules.every((each) => holds(each, answers)),
  unanswered: (rule, answers) => !rule.keys.some((key) => has(answers, key)),
};

/** Say whether a condition is met; an absent answer meets nothing. */
export function holds(rule, answers) {
  const known = RULES[rule.rule];
  if (!known) throw new Error(`unknown rule ${rule.rule}`);
  return known(rule, answers);
}

export const fields = (form) => form.sections.flatMap((section) => section.fields);

/** Return the answers that count: those of fields that are shown, in order. */
export function values(form, answers) {
  const found = {};
  for (const field of fields(form)) {
    if (holds(field.shown, found) && has(answers, field.key)) found[field.key] = answers[field.key];
  }
  return found;
}

/** Return the fields that exist for these answers. */
export function shown(form, answers) {
  const found = values(form, answers);
  return fields(form).filter((field) => holds(field.shown, found));
}

/** Return the shown fields that need an answer. */
export function required(form, answers) {
  const found = values(form, answers);
  return fields(form).filter((field) => holds(field.shown, found) && holds(field.mandatory, found));
}

/** Return the required fields without an answer. */
export function missing(form, answers) {
  const found = values(form, answers);
  return required(form, answers).filter((field) => !has(found, field.key));
}
