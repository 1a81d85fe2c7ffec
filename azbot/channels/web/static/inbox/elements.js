/* Elements and the little that several scripts draw in the same way. */

/** Make an element with properties and children. */
export function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

const TINTS = "abcde";

/** The colour of somebody's round picture: the same one everywhere, also on the server. */
export const tint = (person) => TINTS[person % TINTS.length];
