// Passkeys: the button at the door, the form in one's own account. Without them, or
// without script, everything else of both pages works.

const door = document.getElementById("passkey");
const form = document.getElementById("add-passkey");

const supported =
  typeof PublicKeyCredential === "function" &&
  typeof PublicKeyCredential.parseRequestOptionsFromJSON === "function";

/** Ask azbot; its own words become the message of the error. */
async function ask(address, body) {
  const answer = await fetch(address, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "Accept": "application/json",
      "Accept-Language": document.documentElement.lang,
    },
    body: JSON.stringify(body),
  });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(said.detail);
  return said;
}

class Refused extends Error {}

/** Run one ceremony behind one button, once at a time. */
async function run(place, button, ceremony) {
  const why = place.querySelector(".why[role=alert]");
  if (button.disabled) return;
  button.disabled = true;
  why.textContent = "";
  try {
    const { next } = await ceremony();
    location.assign(next);
  } catch (error) {
    // What the browser says of a closed dialogue is for nobody to read.
    why.textContent = (error instanceof Refused && error.message) || place.dataset.failed;
    button.disabled = false;
  }
}

async function enter() {
  const options = await ask("/signin/passkey/options", {});
  const credential = await navigator.credentials.get({
    publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
  });
  return ask("/signin/passkey", {
    credential: credential.toJSON(),
    next: door.dataset.next,
  });
}

async function add() {
  const fields = new FormData(form);
  const options = await ask("/account/passkeys/options", {
    password: fields.get("passkey-password"),
  });
  const credential = await navigator.credentials.create({
    publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
  });
  return ask("/account/passkeys", {
    credential: credential.toJSON(),
    name: fields.get("passkey-name"),
  });
}

if (supported && door) {
  const button = door.querySelector("button");
  button.addEventListener("click", () => run(door, button, enter));
  door.hidden = false;
}

if (supported && form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run(form, form.querySelector("button"), add);
  });
  document.getElementById("new-passkey").hidden = false;
  document.getElementById("no-passkeys").hidden = true;
}
