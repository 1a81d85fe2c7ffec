/* When and where a photo was taken, read from a JPEG and written into the reduced one.

   EXIF 2.32: a TIFF inside the APP1 segment. Only what is needed: the hour, and the
   position when it was agreed to. */

const HOUR = 0x9003;
const EXIF = 0x8769;
const GPS = 0x8825;
const ASCII = 2;
const LONG = 4;
const RATIONAL = 5;

/** Return ``{at, gps}``: ``"2026:03:25 13:02:11"`` and the four tags of a position. */
export function readExif(octets) {
  try {
    const view = new DataView(octets);
    const start = segment(view);
    return start ? tags(view, start) : {};
  } catch (error) {
    if (error instanceof RangeError) return {}; // cut short, or made up
    throw error;
  }
}

/** Where the TIFF of a JPEG begins, 0 when it has none. */
function segment(view) {
  if (view.getUint16(0) !== 0xffd8) return 0;
  for (let at = 2; view.getUint8(at) === 0xff && view.getUint8(at + 1) !== 0xda; at += 2 + view.getUint16(at + 2)) {
    if (view.getUint8(at + 1) === 0xe1 && view.getUint32(at + 4) === 0x45786966) return at + 10;
  }
  return 0;
}

function tags(view, start) {
  const little = view.getUint16(start) === 0x4949;
  const u16 = (at) => view.getUint16(start + at, little);
  const u32 = (at) => view.getUint32(start + at, little);
  const directory = (at) => {
    const found = new Map();
    for (let i = 0; i < Math.min(u16(at), 100); i += 1) {
      const entry = at + 2 + 12 * i;
      found.set(u16(entry), { count: u32(entry + 4), at: entry + 8 });
    }
    return found;
  };
  const text = ({ count, at }) => {
    const from = count > 4 ? u32(at) : at;
    return String.fromCharCode(...Array.from({ length: Math.min(count, 32) }, (_, i) => view.getUint8(start + from + i))).replace(/\0.*$/, "");
  };
  const rationals = ({ at }) => [0, 1, 2].map((i) => [u32(u32(at) + 8 * i), u32(u32(at) + 8 * i + 4)]);
  const root = directory(u32(4));
  const exif = root.has(EXIF) ? directory(u32(root.get(EXIF).at)) : new Map();
  const place = root.has(GPS) ? directory(u32(root.get(GPS).at)) : new Map();
  return {
    at: exif.has(HOUR) ? text(exif.get(HOUR)) : "",
    gps: [1, 2, 3, 4].every((tag) => place.has(tag))
      ? { latitude: [text(place.get(1)), rationals(place.get(2))], longitude: [text(place.get(3)), rationals(place.get(4))] }
      : null,
  };
}

/**
 * Return a JPEG with the hour in it, and a position when there is one to tell.
 *
 * @param {ArrayBuffer} jpeg  as a canvas makes it, without any EXIF
 */
export function withExif(jpeg, { at, gps }) {
  if (!at) return new Blob([jpeg], { type: "image/jpeg" });
  const tiff = written(at, gps);
  const head = new Uint8Array(10);
  const view = new DataView(head.buffer);
  view.setUint16(0, 0xffe1);
  view.setUint16(2, 8 + tiff.byteLength);
  view.setUint32(4, 0x45786966);
  return new Blob([jpeg.slice(0, 2), head, tiff, jpeg.slice(2)], { type: "image/jpeg" });
}

function written(at, gps) {
  const directories = [[[EXIF, LONG, 1, null]], [[HOUR, ASCII, 20, ascii(at, 20)]]];
  if (gps) {
    directories[0].push([GPS, LONG, 1, null]);
    directories.push([
      [1, ASCII, 2, ascii(gps.latitude[0], 2)], [2, RATIONAL, 3, ratios(gps.latitude[1])],
      [3, ASCII, 2, ascii(gps.longitude[0], 2)], [4, RATIONAL, 3, ratios(gps.longitude[1])],
    ]);
  }
  const size = (entries) => 6 + 12 * entries.length;
  const starts = [8];
  for (const entries of directories.slice(0, -1)) starts.push(starts.at(-1) + size(entries));
  let data = starts.at(-1) + size(directories.at(-1));
  const room = directories.flat().reduce((sum, [, , , value]) => sum + (value && value.length > 4 ? value.length : 0), data);
  const octets = new Uint8Array(room);
  const view = new DataView(octets.buffer);
  view.setUint32(0, 0x4d4d002a); // big-endian TIFF
  view.setUint32(4, 8);
  directories.forEach((entries, which) => {
    const start = starts[which];
    view.setUint16(start, entries.length);
    entries.forEach(([tag, type, count, value], i) => {
      const entry = start + 2 + 12 * i;
      view.setUint16(entry, tag);
      view.setUint16(entry + 2, type);
      view.setUint32(entry + 4, count);
      if (value === null) view.setUint32(entry + 8, starts[tag === EXIF ? 1 : 2]);
      else if (value.length <= 4) octets.set(value, entry + 8);
      else {
        view.setUint32(entry + 8, data);
        octets.set(value, data);
        data += value.length;
      }
    });
  });
  return octets.buffer;
}

function ascii(text, length) {
  const octets = new Uint8Array(length);
  for (let i = 0; i < Math.min(text.length, length - 1); i += 1) octets[i] = text.charCodeAt(i);
  return octets;
}

function ratios(pairs) {
  const view = new DataView(new ArrayBuffer(8 * pairs.length));
  pairs.flat().forEach((number, i) => view.setUint32(4 * i, number));
  return new Uint8Array(view.buffer);
}
