/* Signing on glass. Strokes are kept in thousandths of the height the pad had when the
   first one was drawn, so that turning the phone changes how they are shown, never what
   they are (ux.md T7). */

import { curve } from "./dom.js";

const SHORTEST = 40; // pixels (T9)

export class Pad {
  #strokes = [];
  #length = 0;
  #aspect = 0;
  #drawing = null;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    canvas.addEventListener("pointerdown", (event) => this.#begin(event));
    canvas.addEventListener("pointermove", (event) => this.#go(event));
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, (event) => this.#end(event));
    // Some browsers scroll under a drawing finger in spite of « touch-action: none ».
    canvas.addEventListener("touchmove", (event) => event.preventDefault(), { passive: false });
    this.watch = new ResizeObserver(() => this.draw());
    this.watch.observe(canvas);
  }

  get strokes() {
    return this.#strokes;
  }

  /** Width of the pad for a height of a thousand. */
  get aspect() {
    return this.#aspect || 2000;
  }

  get isEmpty() {
    return !this.#strokes.length;
  }

  /** Whether what is drawn may be a signature: a dot or a dash is none. */
  get isLongEnough() {
    return this.#length >= SHORTEST;
  }

  clear() {
    this.#strokes = [];
    this.#length = 0;
    this.#aspect = 0;
    this.draw();
  }

  stop() {
    this.watch.disconnect();
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!width || !height) return;
    const sharp = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(width * sharp);
    this.canvas.height = Math.round(height * sharp);
    const pen = this.canvas.getContext("2d");
    const { scale, left, top } = this.#frame();
    pen.setTransform(scale * sharp, 0, 0, scale * sharp, left * sharp, top * sharp);
    pen.strokeStyle = getComputedStyle(this.canvas).color;
    pen.lineWidth = 2.6 / scale;
    pen.lineCap = pen.lineJoin = "round";
    for (const points of this.#strokes) pen.stroke(new Path2D(curve(points)));
  }

  /** How the drawing lies in the pad as it is now: whole, in the middle. */
  #frame() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const aspect = this.#aspect || (1000 * width) / height;
    const scale = Math.min(width / aspect, height / 1000);
    return { scale, left: (width - aspect * scale) / 2, top: (height - 1000 * scale) / 2 };
  }

  #point({ clientX, clientY }) {
    const box = this.canvas.getBoundingClientRect();
    const { scale, left, top } = this.#frame();
    return [Math.round((clientX - box.left - left) / scale), Math.round((clientY - box.top - top) / scale)];
  }

  #begin(event) {
    if (this.#drawing !== null || event.button > 0) return;
    event.preventDefault();
    this.#drawing = event.pointerId;
    try {
      this.canvas.setPointerCapture(event.pointerId);
    } catch {
      // The pointer is up again already.
    }
    if (!this.#aspect) this.#aspect = Math.round((1000 * this.canvas.clientWidth) / this.canvas.clientHeight);
    this.#strokes.push([this.#point(event)]);
    this.draw();
  }

  #go(event) {
    if (event.pointerId !== this.#drawing) return;
    event.preventDefault();
    const points = this.#strokes.at(-1);
    const { scale } = this.#frame();
    for (const each of event.getCoalescedEvents?.().length ? event.getCoalescedEvents() : [event]) {
      const here = this.#point(each);
      const last = points.at(-1);
      const step = Math.hypot(here[0] - last[0], here[1] - last[1]);
      if (step * scale < 1.5 || points.length >= 5000) continue;
      points.push(here);
      this.#length += step * scale;
    }
    this.draw();
  }

  #end(event) {
    if (event.pointerId === this.#drawing) this.#drawing = null;
  }
}
