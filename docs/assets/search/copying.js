// @ts-check
/** A button that copies a text. It looks at nothing on the page. */

import { element } from "./view.js";

/**
 * Copies a text, with its links where there is HTML of it; where the browser does not let pages copy (plain http), it shows
 * the text, chosen, to be copied by hand.
 * @param {string} text
 * @param {string} html
 * @param {HTMLElement} place
 */
async function copy(text, html, place) {
  try {
    if (html) await navigator.clipboard.write([new ClipboardItem({ "text/plain": text, "text/html": html })]);
    else await navigator.clipboard.writeText(text);
    place.replaceChildren("Copied");
  } catch {
    const box = element("textarea", { readonly: "", rows: "3", "aria-label": "Copy this" }, text);
    place.replaceChildren(box);
    /** @type {HTMLTextAreaElement} */ (box).select();
  }
}

/**
 * A button, and the place where it says what it did.
 * @param {string} label
 * @param {() => string} text
 * @param {() => string} [html] the same with its links, for programs that take them
 */
export function copyButton(label, text, html = () => "") {
  const said = element("span", { role: "status" });
  const button = element("button", { type: "button" }, label);
  button.addEventListener("click", () => copy(text(), html(), said));
  return element("p", { class: "copy" }, button, " ", said);
}
