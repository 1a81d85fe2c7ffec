/* Ctrl+K: assistances and commands by their words; every line shows its key. */

import { make } from "./elements.js";
import { ask } from "./parts.js";
import { folded } from "./words.js";

const dialog = document.getElementById("palette");
const field = document.getElementById("palette-q");
const list = document.getElementById("palette-list");
const WAIT = 120;

/**
 * @param {object} options
 * @param {(name: string) => void} options.run    a command of the sheet
 * @param {(url: string) => void} options.open    an assistance
 * @param {string} options.suggest                address that finds assistances
 */
export function mount({ run, open, suggest }) {
  const commands = [...dialog.querySelector("[data-commands]").content.children];
  let asking;
  let chosen = 0;

  const options = () => [...list.children];

  function draw(found) {
    const wanted = folded(field.value.trim());
    const fitting = commands.filter((one) => folded(one.textContent).includes(wanted));
    list.replaceChildren(...found, ...fitting.slice(0, wanted ? 8 : 20).map((one) => one.cloneNode(true)));
    options().forEach((one, place) => (one.id = `palette-${place}`));
    choose(0);
  }

  function choose(place) {
    const all = options();
    chosen = all.length ? (place + all.length) % all.length : 0;
    all.forEach((one, at) => one.setAttribute("aria-selected", String(at === chosen)));
    field.setAttribute("aria-activedescendant", all.length ? all[chosen].id : "");
    all[chosen]?.scrollIntoView({ block: "nearest" });
  }

  function take(one) {
    dialog.close();
    if (!one) return;
    if (one.dataset.run) run(one.dataset.run);
    else if (one.dataset.ref) open(one.dataset.href);
    else location.assign(one.dataset.href);
  }

  async function look() {
    asking?.abort();
    const wanted = field.value.trim();
    if (wanted.length < 2) return draw([]);
    asking = new AbortController();
    try {
      const { items } = await ask(`${suggest}?q=${encodeURIComponent(wanted)}`, { signal: asking.signal });
      draw(items.map(line));
    } catch (error) {
      if (error.name !== "AbortError") draw([]);
    }
  }

  let waiting;
  field.addEventListener("input", () => {
    draw([]);
    clearTimeout(waiting);
    waiting = setTimeout(look, WAIT);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen - 1);
    else if (event.key === "Enter") take(options()[chosen]);
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", (event) => take(event.target.closest("[role=option]")));

  return () => {
    field.value = "";
    draw([]);
    dialog.showModal();
    field.focus();
  };
}

function line({ ref, title, note, href }) {
  const one = make("li", { role: "option" },
    make("span", {}, title, " ", make("small", {}, note ?? "")),
    make("small", { className: "mono" }, ref));
  Object.assign(one.dataset, { ref, href });
  return one;
}
