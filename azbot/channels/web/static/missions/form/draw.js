/* Questions as controls, one for each kind of the form definition.

   Each is made once. ``show`` puts in what the visit says now, and leaves alone what has
   the focus: nobody's letters change under their fingers. */

import { el, icon } from "./dom.js";
import { asOther, atSite, isOther, normal, otherWords } from "./normal.js";
import { strip } from "./photos.js";
import { scanButton } from "./scan.js";
import { complaint, say } from "./words.js";

const LONG_LIST = 7;
const UNITS = { distance: "km" };

/**
 * Draw a question.
 *
 * @returns {{element: HTMLElement, show: () => void}}
 */
export function question(visit, field, moveOn) {
  const id = `f-${field.key}`;
  const why = el("p", { class: "wrong", id: `${id}-why`, hidden: true });
  const note = field.hint ? el("small", { id: `${id}-hint` }, field.hint) : null;
  const context = {
    id,
    field,
    label: field.label,
    describedby: [note && note.id, why.id].filter(Boolean).join(" "),
    get: () => visit.raw(field.key),
    set: (raw, isTyped) => visit.change(field.key, raw, isTyped),
    visit,
    moveOn,
  };
  const control = (KINDS[field.kind] ?? text)(context);
  const isGroup = control.isGroup ?? false;
  const title = isGroup ? el("legend", {}, field.label) : el("label", { for: id, class: "label" }, field.label);
  const parts = [title, isGroup && field.kind === "check_point" ? null : note, control.element, why];
  const element = el("div", { class: `q ${field.kind}`, "data-key": field.key, hidden: true }, isGroup ? el("fieldset", { "aria-describedby": why.id }, parts) : parts);
  const show = () => {
    control.show();
    const trouble = visit.trouble(field.key);
    const warning = !trouble && normal(field, visit.raw(field.key)).warning;
    const said = trouble ?? warning;
    why.hidden = !said || (trouble && element.contains(document.activeElement) && !visit.wrong[field.key]);
    why.className = trouble ? "wrong" : "doubt";
    why.textContent = said ? (said.words ?? complaint(said.code, said.facts)) : "";
    element.classList.toggle("bad", Boolean(trouble) && !why.hidden);
    for (const each of element.querySelectorAll("[data-control]")) each.toggleAttribute("aria-invalid", Boolean(trouble) && !why.hidden);
  };
  element.addEventListener("focusout", () => setTimeout(show));
  return { element, show };
}

// -- kinds ----------------------------------------------------------------------------

const KINDS = {
  yes_no: yesNo,
  choice: (context) => (context.field.options.length > LONG_LIST ? select(context) : pills(context)),
  multiple_choice: (context) => pills(context, true),
  check_point: checkPoint,
  long_text: (context) => text(context, "textarea"),
  files: photos,
  repeated,
  moment,
};

const LETTERS = { mac: "characters", serial_number: "characters" };

/** What is typed, and the button beside it. */
function text(context, tag = "input") {
  const { field, id, get, set, describedby } = context;
  const input = el(tag, {
    id,
    "data-control": true,
    "aria-describedby": describedby,
    type: tag === "input" && "text",
    inputmode: field.inputmode !== "text" && field.inputmode,
    autocapitalize: LETTERS[field.kind] ?? false,
    autocomplete: "off",
    spellcheck: field.kind in LETTERS ? "false" : null,
    maxlength: field.limits.longest ?? false,
    enterkeyhint: tag === "input" && "next",
    rows: tag === "textarea" && "3",
    oninput: () => set(input.value, true),
    onchange: () => {
      const { value } = normal(field, input.value);
      set(value === undefined ? input.value : String(value));
      input.value = context.get() ?? "";
    },
  });
  const unit = UNITS[field.kind];
  const scan = field.kind in LETTERS && scanButton((found) => (set(found), (input.value = found)), context.label);
  const box = unit || scan ? el("div", { class: "row" }, input, unit && el("span", { class: "unit" }, unit), scan) : input;
  return { element: box, show: () => document.activeElement !== input && (input.value = get() ?? "") };
}

function moment(context) {
  const { id, get, set, describedby, visit } = context;
  const input = el("input", { id, "data-control": true, type: "datetime-local", "aria-describedby": describedby, onchange: () => set(input.value || null) });
  const show = () => document.activeElement !== input && (input.value = atSite(get() ?? "", visit.page.mission.zone));
  return { element: input, show };
}

/** Large answers, one touch each. */
function answers(context, choices, read, write) {
  const name = context.id;
  const inputs = choices.map(([value, words, tint, picture], place) => {
    const input = el("input", { type: "radio", name, value, id: place ? null : name, "data-control": true, onclick: (event) => write(value, event) });
    return { value, input, element: el("label", { class: tint }, input, picture && icon(picture), words) };
  });
  const element = el("div", { class: `tri n${choices.length}` }, inputs.map((each) => each.element));
  const show = () => inputs.forEach(({ value, input }) => (input.checked = value === read()));
  return { element, show, isGroup: true };
}

function yesNo(context) {
  const { field, get, set } = context;
  const no = field.key === "has_webserver" ? say("no_webserver") : say("no");
  // « Aucun » is one touch; taking it back is another.
  if (field.key === "no_material") {
    const input = el("input", { type: "checkbox", id: context.id, "data-control": true, onchange: () => set(input.checked || null) });
    return { element: el("label", { class: "check big" }, input, say("none")), show: () => (input.checked = get() === true), isGroup: true };
  }
  const choices = [["yes", say("yes"), "y", "check"], ["no", no, "s", null]];
  const read = () => ({ true: "yes", false: "no" })[String(get())];
  return answers(context, choices, read, (value) => set(value === "yes"));
}

function checkPoint(context) {
  const { field, get, set, visit } = context;
  const point = visit.points.indexOf(field.key) + 1;
  const remark = el("textarea", {
    id: `${context.id}-remark`,
    rows: 2,
    maxlength: field.limits.longest,
    "aria-describedby": `${context.id}-why`,
    oninput: () => set({ ...get(), remark: remark.value }, true),
    onchange: () => set({ ...get(), remark: remark.value }),
  });
  const pictures = strip(visit, {
    files: () => get()?.photos ?? [],
    keep: (photos) => set({ answer: "no", remark: "", ...get(), photos }),
    point,
    label: field.label,
  });
  const more = el("div", { class: "why" }, el("label", { for: remark.id }, say("to_correct")), remark, pictures.element);
  const choices = [["yes", say("yes"), "y", "check"], ["no", say("no"), "o", "cross"], ["not_applicable", say("not_applicable"), "s", null]];
  const three = answers(context, choices, () => get()?.answer, (value, event) => {
    const { remark: said = "", photos } = get() ?? {};
    set({ answer: value, remark: said, ...(photos?.length ? { photos } : {}) });
    if (value === "no") {
      more.hidden = false;
      remark.focus();
    }
    // A finger goes on to the next point; a keyboard walks over the answers.
    else if (event.detail > 0) context.moveOn(field.key);
  });
  const show = () => {
    three.show();
    more.hidden = get()?.answer !== "no";
    if (document.activeElement !== remark) remark.value = get()?.remark ?? "";
    pictures.show();
  };
  return { element: el("div", {}, three.element, more), show, isGroup: true };
}

/** A list that opens, and the words for what is not in it. */
function select(context) {
  const { field, id, get, set, describedby } = context;
  const other = otherField(context);
  const list = el("select", { id, "data-control": true, "aria-describedby": describedby, onchange: () => {
    set(list.value === "other" ? asOther("") : list.value || null);
    other.show();
    if (list.value === "other") other.input.focus();
  } });
  list.append(el("option", { value: "" }, say("choose")), ...field.options.map((each) => el("option", { value: each.key }, each.label)));
  if (takesOther(field)) list.append(el("option", { value: "other" }, say("other")));
  const show = () => {
    const value = get() ?? "";
    if (value && !isOther(value) && !field.options.some((each) => each.key === value)) list.append(el("option", { value }, value));
    list.value = isOther(value) ? "other" : value;
    other.show();
  };
  return { element: el("div", {}, list, other.element), show };
}

const takesOther = (field) => field.takes_other || field.limits.has_other;

function otherField({ id, get, set }, read = () => get(), write = set) {
  const input = el("input", { id: `${id}-other`, type: "text", maxlength: 120, "aria-label": say("other"), autocomplete: "off",
    oninput: () => write(asOther(input.value), true),
    onchange: () => write(asOther(input.value)) });
  const element = el("div", { class: "other" }, input);
  const show = () => {
    element.hidden = !isOther(read());
    if (document.activeElement !== input) input.value = otherWords(read());
  };
  return { element, input, show };
}

/** Short lists: everything to be seen at once. */
function pills(context, isMany = false) {
  const { field, id, get, set } = context;
  const chosen = () => (isMany ? (get() ?? []) : [get()].filter(Boolean));
  const listed = () => chosen().filter((each) => !isOther(each));
  const theOther = () => chosen().find(isOther);
  const keep = (values, isTyped) => set(isMany ? (values.length ? values : null) : (values.at(-1) ?? null), isTyped);
  const other = otherField(context, theOther, (value, isTyped) => keep([...(isMany ? listed() : []), value], isTyped));
  const options = takesOther(field) ? [...field.options, { key: "other", label: say("other") }] : field.options;
  const inputs = options.map(({ key, label }, place) => {
    const input = el("input", { type: isMany ? "checkbox" : "radio", name: id, id: place ? null : id, "data-control": true, onchange: () => {
      const value = key === "other" ? asOther("") : key;
      const rest = isMany ? chosen().filter((each) => (key === "other" ? !isOther(each) : each !== key)) : [];
      keep(input.checked ? [...rest, value] : rest);
      other.show();
      if (key === "other" && input.checked) other.input.focus();
    } });
    return { key, input, element: el("label", {}, input, icon("check"), el("span", {}, label)) };
  });
  const show = () => {
    for (const { key, input } of inputs) input.checked = key === "other" ? theOther() !== undefined : chosen().includes(key);
    other.show();
  };
  return { element: el("div", {}, el("div", { class: "pills" }, inputs.map((each) => each.element)), other.element), show, isGroup: true };
}

function photos(context) {
  const { field, get, set, visit } = context;
  const pictures = strip(visit, { files: () => get() ?? [], keep: (list) => set(list.length ? list : null), point: null, label: field.label, most: field.limits.most });
  return { ...pictures, isGroup: true };
}

/** Blocks that may be filled several times. */
function repeated(context) {
  const { field, id, get, set, visit } = context;
  const list = el("div", { class: "blocks" });
  const add = el("button", { type: "button", class: "btn more", id, onclick: () => {
    set([...blocks(), {}]);
    draw();
    list.lastElementChild.querySelector("input, select, textarea")?.focus();
  } }, icon("plus"), say(`add_${field.key}`));
  const blocks = () => get() ?? [];
  let drawn = [];
  let inside = [];

  function draw() {
    const needed = field.key === "production_units" && !blocks().length ? [{}] : blocks();
    if (needed.length === drawn.length) return;
    inside = [];
    drawn = needed.map((_, place) => block(place));
    list.replaceChildren(...drawn);
    inside.forEach((each) => each());
  }

  function block(place) {
    const write = (key, raw, isTyped) => {
      const copy = blocks().length ? blocks().map((each) => ({ ...each })) : [{}];
      if (raw === null || raw === "") delete copy[place][key];
      else copy[place][key] = raw;
      set(copy, isTyped);
    };
    const parts = field.parts.map((part) => {
      const own = `${id}-${place}-${part.key}`;
      const inner = {
        id: own,
        field: part,
        label: part.label,
        describedby: `${id}-why`,
        get: () => blocks()[place]?.[part.key],
        set: (raw, isTyped) => write(part.key, raw, isTyped),
        visit,
      };
      const control = (KINDS[part.kind] ?? text)(inner);
      inside.push(control.show);
      const title = part.label;
      return control.isGroup
        ? el("fieldset", { class: "part" }, el("legend", {}, title), control.element)
        : el("div", { class: "part" }, el("label", { for: own, class: "label" }, title), control.element);
    });
    const drop = el("button", { type: "button", class: "btn plain", onclick: () => {
      set(blocks().filter((_, each) => each !== place).length ? blocks().filter((_, each) => each !== place) : null);
      drawn = [];
      draw();
      add.focus();
    } }, say("remove"));
    const number = el("h3", {}, say(`one_of_${field.key}`, { number: place + 1 }));
    return el("div", { class: "block" }, el("div", { class: "head" }, number, place || field.key !== "production_units" ? drop : null), parts);
  }

  const show = () => {
    draw();
    inside.forEach((each) => each());
  };
  return { element: el("div", {}, list, add), show, isGroup: true };
}

