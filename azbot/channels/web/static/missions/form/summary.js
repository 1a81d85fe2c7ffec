/* One line below each title: what the section says so far. */

import { isOther, otherWords } from "./normal.js";
import { count, page, say, spoken } from "./words.js";

/**
 * Return the line of a section.
 *
 * @param {string} key   of the section
 * @param {number} left  how much of it is missing
 */
export function summaryOf(visit, key, left) {
  const { values } = visit;
  const said = (LINES[key]?.(visit, values) ?? []).filter(Boolean).join(" · ");
  return said || (left ? count("to_fill", left) : say("nothing_to_fill"));
}

const LINES = {
  appointment: () => [page.mission.when, page.mission.street],
  action: (_, { distance_km: far, time_in: come, time_out: gone }) => [
    far !== undefined && `${far.replace(".", page.language === "en" ? "." : ",")}\u00a0km`, come && say("came", { time: spoken(come) }), gone && say("went", { time: spoken(gone) }),
  ],
  installation: (visit, values) => [
    values.webserver_mac ? `Webserver ${values.webserver_mac}` : values.has_webserver === false && say("no_webserver"),
    values.emitters && values.emitters.map((each) => label(visit.fields.get("emitters"), each)).join(", ").toLowerCase(),
  ],
  production: (visit, { production_units: units = [] }) => units.map((unit) => unitOf(visit, unit)).filter(Boolean),
  checklist: (visit, values) => [say("points_of", { number: visit.points.filter((point) => point in values).length, of: visit.points.length })],
  material: (_, values) => [
    values.no_material ? say("no_material") : values.material?.length ? count("parts", values.material.length) : say("none_yet"), values.photos && count("photos", values.photos.length),
  ],
  conclusion: (visit, { solved }) => [
    solved === undefined ? null : say(solved ? "is_solved" : "is_not_solved"), say("signatures_of", { number: visit.signatures.length, of: 3 }),
  ],
};

function unitOf(visit, unit) {
  const parts = visit.fields.get("production_units").parts;
  return ["maker", "model"].map((key) => unit[key] && label(parts.find((part) => part.key === key), unit[key])).filter(Boolean).join(", ");
}

const label = (field, value) => (isOther(value) ? otherWords(value) : (field.options.find((each) => each.key === value)?.label ?? value));
