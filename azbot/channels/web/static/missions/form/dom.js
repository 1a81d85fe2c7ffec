/* Elements in one call. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element. Functions become listeners, true an empty attribute; what is false,
 * null or undefined is left out, among the children too.
 */
export function el(tag, given = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === false || value === null || value === undefined) continue;
    if (typeof value === "function") made.addEventListener(name.slice(2), value);
    else if (name === "class") made.className = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** Make a picture of the sprite; it says nothing by itself. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "i");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** Draw the strokes of a signature: thousandths of the height of its pad. */
export function ink(strokes, aspect, label) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${aspect} 1000`);
  svg.setAttribute("class", "ink");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  for (const points of strokes) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", curve(points));
    svg.append(path);
  }
  return svg;
}

/** Return the path of a stroke: a curve through the middles of its points. */
export function curve(points) {
  const [[x, y], ...rest] = points;
  if (!rest.length) return `M${x} ${y}h.1`;
  let path = `M${x} ${y}`;
  for (let i = 0; i < rest.length - 1; i += 1) {
    const [here, next] = [rest[i], rest[i + 1]];
    path += `Q${here[0]} ${here[1]} ${(here[0] + next[0]) / 2} ${(here[1] + next[1]) / 2}`;
  }
  const [lastX, lastY] = rest[rest.length - 1];
  return `${path}L${lastX} ${lastY}`;
}
