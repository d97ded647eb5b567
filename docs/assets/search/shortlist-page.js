// @ts-check
/** The shortlist's own page: its address holds the list; here it is shown, compared, shared and taken away. */

import { fetchPaper, fetchWord } from "./client.js";
import { comparison, shortlistItems } from "./comparison.js";
import { copyButton } from "./copying.js";
import { asCsv, asMarkdown, fileName } from "./paper.js";
import { fragmentOf, keepInTab, keptInTab, listIn, MOST, MOST_COMPARED } from "./shortlist.js";
import { element, siteLink } from "./view.js";

/** @typedef {import("./client.js").Paper} Paper */
/** @typedef {import("./shortlist.js").Listed} Listed */

const MOST_NAMED = 5;
const WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/** @param {number} count */
const caseStudies = (count) => (count === 1 ? "1 case study" : `${count} case studies`);

/** What was in the tab before a link to another list was opened. @type {string[]} */
let before = [];
let shown = 0;

/** @param {HTMLElement} place @param {boolean} moveFocus */
async function show(place, moveFocus) {
  const turn = (shown += 1);
  const listed = listIn(location.hash) ?? { ids: [], compared: [], leftOut: 0, unfit: [] };
  place.setAttribute("aria-busy", "true");
  const answers = await Promise.all(listed.ids.map((id) => fetchPaper(id).catch(() => undefined)));
  if (turn !== shown) return;
  place.removeAttribute("aria-busy");
  const papersBySlug = new Map(answers.filter((paper) => !!paper).map((paper) => [paper.slug, paper]));
  const papers = [...papersBySlug.values()];
  const unknown = [...listed.unfit, ...listed.ids.filter((_, at) => answers[at] === null)];
  const unread = listed.ids.filter((_, at) => answers[at] === undefined);
  if (!unread.length) keepInTab(papers.map(({ slug }) => slug));
  const heading = element("h2", { tabindex: "-1" }, caseStudies(papers.length));
  const notes = notesOn(listed, unknown, unread);
  place.replaceChildren(heading, ...notes, ...(papers.length ? full(place, papers, listed) : empty()));
  if (moveFocus) heading.focus();
}

/** @param {Listed} listed @param {string[]} unknown @param {string[]} unread */
function notesOn(listed, unknown, unread) {
  const notes = [];
  if (listed.leftOut) notes.push(`A shortlist holds at most ${MOST} case studies. This address has ${listed.leftOut} more, which are left out.`);
  if (unknown.length) {
    const named = unknown.slice(0, MOST_NAMED).map((name) => `“${name.slice(0, 80)}”`).join(", ");
    const more = unknown.length > MOST_NAMED ? ` and ${unknown.length - MOST_NAMED} more` : "";
    notes.push(`The Casebook has no case study of the name ${named}${more}.`);
  }
  if (unread.length) notes.push(`${caseStudies(unread.length)} could not be fetched just now. Reload the page to try again.`);
  const made = notes.map((note) => element("p", { class: "note" }, note));
  const other = before.filter((id) => !listed.ids.includes(id));
  if (other.length) {
    const both = [...new Set([...before, ...listed.ids])].slice(0, MOST);
    made.push(element("p", { class: "note" }, `Before you opened this list, this tab had another: ${caseStudies(before.length)}. `,
      element("a", { href: fragmentOf(before) }, "Go back to it"), " or ", element("a", { href: fragmentOf(both) }, "put both together"), "."));
  }
  return made;
}

function empty() {
  return [element("p", {}, "Nothing is on your shortlist yet. ", siteLink("search/", "Search"), " or ", siteLink("case-studies/", "browse the case studies"),
    ", and choose “Add to shortlist” where one may help.")];
}

/** @param {HTMLElement} place @param {Paper[]} papers @param {Listed} listed */
function full(place, papers, listed) {
  const ids = papers.map(({ slug }) => slug);
  const chosen = listed.compared.length || ids.length > MOST_COMPARED ? listed.compared : ids;
  const items = shortlistItems(papers, chosen);
  const status = element("p", { role: "status", class: "note" });
  items.addEventListener("change", () => {
    /** @type {HTMLInputElement[]} */
    const checked = Array.from(items.querySelectorAll("[data-compare]:checked"));
    const compared = checked.map(({ value }) => value);
    if (compared.length <= MOST_COMPARED) return follow(fragmentOf(ids, compared));
    status.replaceChildren(`At most ${MOST_COMPARED} can be compared. Take one off first.`);
    return checked.filter(({ value }) => !chosen.includes(value)).forEach((box) => { box.checked = false; });
  });
  for (const button of items.querySelectorAll("[data-remove]")) {
    const gone = button.getAttribute("data-remove");
    button.addEventListener("click", () => follow(fragmentOf(ids.filter((id) => id !== gone), listed.compared.filter((id) => id !== gone)), true));
  }
  const compared = papers.filter(({ slug }) => chosen.includes(slug));
  const table = compared.length ? [element("h2", { id: "compared" }, "Side by side"),
    element("div", { class: "comparison-box", tabindex: "0", role: "group", "aria-labelledby": "compared" }, comparison(compared))] : [];
  return [takeAway(place, papers), items, status, ...table];
}

/** @param {HTMLElement} place @param {Paper[]} papers */
function takeAway(place, papers) {
  const said = element("span", { role: "status" });
  /** @param {string} label @param {string} ending @param {() => Promise<Blob> | Blob} make */
  const button = (label, ending, make) => {
    const made = element("button", { type: "button" }, label);
    made.addEventListener("click", async () => {
      said.replaceChildren("Making the file");
      try {
        save(await make(), fileName(ending, new Date()));
        said.replaceChildren("Saved among your downloads");
      } catch {
        said.replaceChildren("The file could not be made just now. The Markdown and CSV files need no server.");
      }
    });
    return made;
  };
  const word = place.getAttribute("data-endpoint") === "yes"
    ? [button("Word", "docx", async () => new Blob([await fetchWord(papers.map(({ slug }) => slug))], { type: WORD }))] : [];
  return element("div", { class: "copy take-away" }, copyButton("Copy a link to this shortlist", () => location.href),
    element("p", {}, "Download: ", ...word,
      button("Markdown", "md", () => new Blob([asMarkdown(papers)], { type: "text/markdown" })),
      button("CSV", "csv", () => new Blob([asCsv(papers)], { type: "text/csv" })), " ", said));
}

/** @param {Blob} file @param {string} name */
function save(file, name) {
  const url = URL.createObjectURL(file);
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

let focusNext = false;

/** Goes to another list of this page, so that the back button leads back. @param {string} fragment @param {boolean} [moveFocus] */
function follow(fragment, moveFocus = false) {
  focusNext = moveFocus;
  location.hash = fragment;
}

const place = document.querySelector("[data-shortlist-page]");
if (place instanceof HTMLElement) {
  const listed = listIn(location.hash), own = keptInTab();
  if (listed && own.some((id) => !listed.ids.includes(id))) before = own;
  if (!listed && own.length) history.replaceState(null, "", fragmentOf(own));
  window.addEventListener("hashchange", () => {
    if (location.hash && !listIn(location.hash)) return;  // a link within the page
    const focused = document.activeElement?.id;
    show(place, focusNext).then(() => (focused ? document.getElementById(focused)?.focus() : undefined));
    focusNext = false;
  });
  show(place, false);
}
