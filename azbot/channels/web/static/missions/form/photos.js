/* Photos: reduced here, kept until they have arrived, named by their octets. */

import { el, icon } from "./dom.js";
import { readExif, withExif } from "./exif.js";
import { say } from "./words.js";

const SIDE = 1600; // pixels
const WEIGHT = 350 * 1024; // octets
const QUALITIES = [0.82, 0.72, 0.6, 0.5];
const POSITION = "azbot-position";

const nameOf = (item) => (typeof item === "string" ? item : item.file);
const captionOf = (item) => (typeof item === "string" ? "" : item.caption);

/**
 * Reduce pictures and add them to the visit.
 *
 * @returns {Promise<{files: string[], refused: number}>}  their names, in order
 */
export async function addPhotos(visit, list, point) {
  const files = [];
  let refused = 0;
  for (const given of list) {
    try {
      const photo = await reduced(given);
      await visit.addPhoto({ ...photo, point });
      files.push(photo.file);
    } catch {
      refused += 1; // no picture, or one this browser cannot read
    }
  }
  return { files, refused };
}

/** Upright, at most 1,600 pixels, with its hour and without its position. */
async function reduced(given) {
  const { at, gps } = readExif(await given.slice(0, 256 * 1024).arrayBuffer());
  const picture = await createImageBitmap(given, { imageOrientation: "from-image" });
  const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
  const canvas = el("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  let blob;
  for (const quality of QUALITIES) {
    blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
    if (blob.size <= WEIGHT) break;
  }
  const taken = at || stamp(new Date(given.lastModified));
  const made = withExif(await blob.arrayBuffer(), { at: taken, gps: sharesPosition() ? gps : null });
  return { file: await digest(made), blob: made, at: taken };
}

const stamp = (when) => {
  const two = (number) => String(number).padStart(2, "0");
  return `${when.getFullYear()}:${two(when.getMonth() + 1)}:${two(when.getDate())} ${two(when.getHours())}:${two(when.getMinutes())}:${two(when.getSeconds())}`;
};

async function digest(blob) {
  const octets = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join("");
}

export function sharesPosition() {
  try {
    return localStorage.getItem(POSITION) === "yes";
  } catch {
    return false;
  }
}

function sharePosition(isAgreed) {
  try {
    if (isAgreed) localStorage.setItem(POSITION, "yes");
    else localStorage.removeItem(POSITION);
  } catch {
    // Kept nowhere: then it stays as it was, without position.
  }
}

/**
 * Draw a row of photos and the tile that adds one.
 *
 * @param {object} of
 * @param {() => (string|object)[]} of.files  as the answer has them
 * @param {(files: (string|object)[]) => void} of.keep
 * @param {number|null} of.point
 * @param {string} of.label  of the question
 */
export function strip(visit, { files, keep, point, label, most = 10 }) {
  const row = el("div", { class: "pics" });
  const told = el("p", { class: "wrong", role: "status", hidden: true });
  const add = el("label", { class: "pic add" }, icon("plus"), picker(visit, async (list) => {
    const added = await addPhotos(visit, [...list].slice(0, Math.max(0, most - files().length)), point);
    const known = new Set(files().map(nameOf));
    const fresh = added.files.filter((file) => !known.has(file));
    told.hidden = !added.refused;
    told.textContent = added.refused ? say("photo_refused") : "";
    if (fresh.length) keep([...files(), ...fresh]);
  }, `${say("add_photo")} : ${label}`));
  let urls = [];

  const show = () => {
    const list = files();
    urls.forEach((url) => URL.revokeObjectURL(url));
    urls = [];
    row.replaceChildren(...list.map((item, place) => tile(item, place)), add);
    add.hidden = list.length >= most || !visit.isOpen;
  };

  function tile(item, place) {
    const file = nameOf(item);
    const number = visit.told.photos.find((photo) => photo.file === file)?.number;
    const source = sourceOf(visit, file, number, urls);
    const words = captionOf(item) || say("photo_number", { number: place + 1 });
    const isWaiting = visit.isPhotoWaiting(file);
    return el("button", { type: "button", class: "pic img", "aria-label": isWaiting ? `${words}, ${say("waiting")}` : words, onclick: () => open(place) },
      source ? el("img", { src: source, alt: "" }) : icon("cam"), isWaiting && el("em", { "aria-hidden": "true" }, say("waiting")));
  }

  function open(place) {
    const item = files()[place];
    const file = nameOf(item);
    const number = visit.told.photos.find((photo) => photo.file === file)?.number;
    const own = [];
    const source = sourceOf(visit, file, number, own);
    const caption = el("textarea", { id: "caption", rows: 2, maxlength: 200, oninput: () => write(caption.value, true), onchange: () => write(caption.value) });
    caption.value = captionOf(item);
    caption.disabled = !visit.isOpen;
    const position = el("input", { type: "checkbox", onchange: () => sharePosition(position.checked) });
    position.checked = sharesPosition();
    const write = (words) => keep(files().map((each, at) => (at === place ? (words.trim() ? { file, caption: words } : file) : each)));
    const sheet = el("dialog", { class: "sheet", "aria-label": say("photo_number", { number: place + 1 }), onclose: () => {
      own.forEach((url) => URL.revokeObjectURL(url));
      sheet.remove();
    } },
      source && el("img", { src: source, alt: caption.value }),
      el("label", { class: "label", for: "caption" }, say("caption")), caption,
      el("label", { class: "check" }, position, say("position")),
      el("div", { class: "two" },
        visit.isOpen && el("button", { type: "button", class: "btn danger", onclick: () => {
          visit.removePhoto(file);
          keep(files().filter((each) => nameOf(each) !== file));
          sheet.close();
        } }, say("remove_photo")),
        el("button", { type: "button", class: "btn primary", onclick: () => sheet.close() }, say("close"))));
    document.body.append(sheet);
    sheet.showModal();
  }

  return { element: el("div", {}, row, told), show };
}

/** The camera or the pictures of the phone; the form is on the disk before it opens. */
export function picker(visit, onChosen, label, isCamera = false) {
  const input = el("input", { type: "file", accept: "image/*", multiple: !isCamera, capture: isCamera && "environment", "aria-label": label,
    onclick: () => visit.flush(),
    onchange: async () => {
      const list = [...input.files];
      input.value = "";
      if (list.length) await onChosen(list);
    } });
  return input;
}

function sourceOf(visit, file, number, urls) {
  const kept = visit.store.get("photos", file);
  if (kept) {
    urls.push(URL.createObjectURL(kept.blob));
    return urls.at(-1);
  }
  return number ? `/missions/${visit.page.mission.ref}/documents/${number}/thumbnail` : "";
}
