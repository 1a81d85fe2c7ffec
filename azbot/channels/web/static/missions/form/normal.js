/* What somebody typed, as far as the phone can read it alone. The server reads it again
   and has the last word; here it decides what is shown, missing or wrong meanwhile. */

const OTHER = "other:";

export const isOther = (value) => typeof value === "string" && value.startsWith(OTHER);
export const otherWords = (value) => (isOther(value) ? value.slice(OTHER.length) : "");
export const asOther = (words) => OTHER + words;

const EMPTY = { isEmpty: true };
const wrong = (code, facts = {}, place = "") => ({ problem: { code, facts, place } });
const line = (raw) => String(raw ?? "").replace(/\s+/g, " ").trim();

const KINDS = {
  yes_no: (raw) => (typeof raw === "boolean" ? { value: raw } : EMPTY),
  choice: (raw) => (!raw || (isOther(raw) && !otherWords(raw).trim()) ? EMPTY : { value: raw }),
  multiple_choice(raw) {
    const chosen = (raw ?? []).filter((each) => !isOther(each) || otherWords(each).trim());
    return chosen.length ? { value: chosen } : EMPTY;
  },
  check_point(raw) {
    if (!raw?.answer) return EMPTY;
    return raw.answer === "no" && !line(raw.remark) ? wrong("remark_missing", {}, "remark") : { value: raw };
  },
  files: (raw) => (raw?.length ? { value: raw } : EMPTY),
  repeated(raw, field) {
    const blocks = raw ?? [];
    if (!blocks.length) return EMPTY;
    for (const [place, block] of blocks.entries()) {
      for (const part of field.parts) {
        const found = normal(part, block[part.key]);
        if (found.problem) return wrong(found.problem.code, found.problem.facts, `${place}.${part.key}`);
        if (found.isEmpty && part.is_mandatory) return wrong("empty", {}, `${place}.${part.key}`);
      }
    }
    return { value: blocks };
  },
  time_of_day(raw) {
    const text = line(raw).toLowerCase();
    if (!text) return EMPTY;
    const found = /^(\d{1,2}) ?(?:[h:.] ?)?([0-5]\d)?$/.exec(text);
    if (!found || Number(found[1]) > 23) return wrong("time_invalid");
    return { value: `${found[1].padStart(2, "0")}:${found[2] ?? "00"}` };
  },
  distance(raw, field) {
    const text = line(raw).replace(/ ?km\.?$/i, "").replace(",", ".");
    if (!text) return EMPTY;
    if (/\d ?[a-z]/i.test(text)) return wrong("distance_unit");
    if (!/^\d{1,9}(\.\d+)?$/.test(text)) return wrong("not_number");
    if (Number(text) > field.limits.highest) return wrong("out_of_bounds", { lowest: 0, highest: field.limits.highest });
    return { value: text };
  },
  integer(raw, field) {
    const text = line(raw);
    if (!text) return EMPTY;
    const { lowest, highest } = field.limits;
    if (!/^\d{1,9}$/.test(text)) return wrong("not_integer");
    return Number(text) < lowest || Number(text) > highest ? wrong("out_of_bounds", { lowest, highest }) : { value: Number(text) };
  },
  mac(raw) {
    const text = line(raw);
    if (!text) return EMPTY;
    const digits = text.replace(/^mac\s*[:=]?\s*/i, "").replace(/[^0-9a-z]/gi, "").toUpperCase();
    if (/^[0-9A-F]{12}$/.test(digits)) return { value: digits.match(/../g).join(":") };
    return { value: text, warning: { code: "mac_unusual", facts: { given: text } } };
  },
  serial_number(raw) {
    const text = line(raw);
    if (!text) return EMPTY;
    return /^[\p{L}\p{N}_./#:+ ()-]*$/u.test(text) && /[\p{L}\p{N}]/u.test(text) ? { value: text } : wrong("serial_invalid");
  },
};

/** Return ``{value, warning?}``, ``{problem}`` or ``{isEmpty}`` for what was answered. */
export function normal(field, raw) {
  if (raw === null || raw === undefined) return EMPTY;
  const read = KINDS[field.kind];
  if (read) return read(raw, field);
  const text = String(raw).trim();
  return text ? { value: text } : EMPTY;
}

/** Return an instant as a clock on the site's wall shows it: ``2026-03-25T13:00``. */
export function atSite(instant, zone) {
  if (!/Z$/.test(instant ?? "")) return instant ?? "";
  const parts = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" });
  return parts.format(new Date(instant)).replace(" ", "T");
}

/** Return the hour at the site now: ``13:05``. */
export const clockAt = (zone, now = new Date()) =>
  new Intl.DateTimeFormat("sv-SE", { timeZone: zone, timeStyle: "short" }).format(now);
