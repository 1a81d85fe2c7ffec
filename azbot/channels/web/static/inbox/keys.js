/* The keyboard (ux.md 6.2): letters by what they produce, never in a text field (X6). */

const TYPED = "input, textarea, select, [contenteditable]";
const SECOND_WITHIN = 1200;

/**
 * @param {Record<string, () => void>} commands  by key: "j", "Shift+j", "g t", "?"
 * @param {object} options
 * @param {boolean} options.hasLetters  whether single letters act at all
 * @param {() => void} options.onPalette
 */
export function mount(commands, { hasLetters, onPalette }) {
  let first = "";
  let since = 0;
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      onPalette();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    const isTyping = event.target.closest?.(TYPED) || document.querySelector("dialog[open]");
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) {
      run(event, "Escape");
      return;
    }
    if (isTyping || !hasLetters) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const isSecond = first && event.timeStamp - since < SECOND_WITHIN;
    const whole = isSecond ? `${first} ${key}` : key;
    first = "";
    if (!isSecond && Object.keys(commands).some((name) => name.startsWith(`${key} `))) {
      first = key;
      since = event.timeStamp;
      return;
    }
    run(event, event.shiftKey && key !== "?" ? `Shift+${whole}` : whole);
  });

  function run(event, name) {
    const command = commands[name];
    if (!command) return;
    // Enter on a link or button is theirs.
    if (name === "Enter" && event.target.closest?.("a, button, summary")) return;
    event.preventDefault();
    command();
  }
}
