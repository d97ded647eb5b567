// @ts-check
/**
 * What every page of the site does: the form, its address and results; links to copy; buttons for the shortlist.
 *
 * Problem, filters and page number stand in the address's fragment, which no server ever sees. Where the site is served with its
 * endpoint, which shows in the form's method (search_api turns it into post), the endpoint answers; elsewhere, or where it
 * fails, the page answers by itself.
 */

import { Asking, faultOf, sendOnEnter } from "./asking.js";
import { RefusedError, siteRoot } from "./client.js";
import { copyButton } from "./copying.js";
import { fragmentOf, keepInTab, keptInTab, MOST } from "./shortlist.js";
import { cards, declined, element, FILTERS, filters, notes, pageLinks, passes, questions, shortlistButton, siteLink, uncovered } from "./view.js";

/** @typedef {import("./client.js").Answer} Answer */
/** @typedef {{problem: string, asTyped: boolean, chosen: Map<string, string[]>, page: number}} State what an address asks for */

const MOST_HITS = 50;
const HITS_A_PAGE = 10;
const NAME = document.title.split(" - ").at(-1) ?? "";

/** @param {string} name @returns {HTMLElement | null} */
const part = (name) => document.querySelector(`[data-search="${name}"]`);

/** What the address asks for: in the fragment, or, for old links, a problem after ?q=. @returns {State} */
function stateInAddress() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const problem = (fragment.get("q") ?? new URLSearchParams(location.search).get("q") ?? "").trim();
  const chosen = new Map(FILTERS.map(({ name }) => [name, [...new Set(fragment.getAll(name))]]));
  const page = Math.max(1, Number.parseInt(fragment.get("page") ?? "1", 10) || 1);
  return { problem, asTyped: fragment.has("as-typed"), chosen, page };
}

/** @param {State} state */
function addressOf({ problem, asTyped, chosen, page }) {
  const fragment = new URLSearchParams({ q: problem, ...(asTyped ? { "as-typed": "1" } : {}) });
  for (const [name, values] of chosen) for (const value of values) fragment.append(name, value);
  if (page > 1) fragment.set("page", String(page));
  return `#${fragment.toString().replaceAll("+", "%20")}`;
}

/** @param {string} problem @param {boolean} [asTyped] @returns {State} */
const fresh = (problem, asTyped = false) => ({ problem, asTyped, chosen: new Map(), page: 1 });

/** @param {string} message or "" */
function showError(message) {
  const summary = part("summary"), error = part("error"), box = document.querySelector("#problem");
  if (!summary || !error || !box) return;
  error.textContent = message;
  error.hidden = summary.hidden = !message;
  summary.replaceChildren(...(message ? [element("h2", {}, "There is a problem"), element("a", { href: "#problem" }, message)] : []));
  if (message) box.setAttribute("aria-invalid", "true");
  else box.removeAttribute("aria-invalid");
  if (message) summary.focus();
}

/** @param {number} loaded bytes @param {number} total */
function showProgress(loaded, total) {
  const place = part("progress");
  if (!place) return;
  const bar = place.querySelector("progress") ?? element("progress", { id: "loading" });
  if (!bar.parentNode) place.replaceChildren(element("label", { for: "loading" }, "Getting the search ready, once"), bar);
  bar.setAttribute("max", String(total));
  bar.setAttribute("value", String(Math.min(loaded, total)));
  place.hidden = loaded >= total;
}

let asking = new Asking(false, showProgress);

/** The answer kept, so that filters and pages need no new search. @type {{problem: string, asTyped: boolean, answer: Answer} | null} */
let kept = null;
let pending = new AbortController();

/** Takes away the last problem's results, also those still on their way. */
function clear() {
  pending.abort();
  kept = null;
  part("status")?.replaceChildren();
  part("results")?.replaceChildren();
  const examples = part("examples");
  if (examples) examples.hidden = false;
}

/** @param {State} state */
async function search(state) {
  const { problem, asTyped } = state;
  if (kept?.problem === problem && kept.asTyped === asTyped) return show(state, kept.answer);
  pending.abort();
  pending = new AbortController();
  const { signal } = pending;
  const fault = faultOf(problem);
  if (fault) return showFault(fault);
  part("status")?.replaceChildren("Searching…");
  part("results")?.replaceChildren();
  const examples = part("examples");
  if (examples) examples.hidden = true;
  try {
    const answer = await asking.answerTo({ q: problem, limit: MOST_HITS, as_typed: asTyped }, signal, (lexicalAnswer) => showByWords(lexicalAnswer, problem));
    if (signal.aborted) return undefined;
    kept = { problem, asTyped, answer };
    return show(stateInAddress(), answer);
  } catch (error) {
    if (signal.aborted) return undefined;
    return showFault(error instanceof RefusedError ? error.message : sentenceOf(error));
  }
}

/** @param {unknown} error */
function sentenceOf(error) {
  if (error instanceof TypeError || !(error instanceof Error)) return "The search cannot be reached just now.";
  return error.message;
}

/** @param {string} sentence */
function showFault(sentence) {
  const progress = part("progress");
  if (progress) progress.hidden = true;
  part("status")?.replaceChildren(sentence);
  const byWords = part("by-words");
  const note = element("p", { "data-search": "fault" }, `${sentence} You can `, siteLink("focus-areas/", "browse by focus area"), " instead.");
  if (byWords) byWords.replaceChildren(note, "What follows was found by its words alone.");
  else part("results")?.replaceChildren(note);
}

/**
 * Results by words, for as long as the model is on its way. They take no focus, because better ones follow.
 * @param {Answer} answer
 * @param {string} problem
 */
function showByWords(answer, problem) {
  const note = element("div", { "data-search": "by-words" }, element("p", {},
    "The part of the search that reads for meaning is on its way. Meanwhile, these pages share words with your problem:"));
  part("results")?.replaceChildren(note, cards(answer.hits.slice(0, HITS_A_PAGE), answer, problem, 1));
}

/**
 * @param {State} state
 * @param {Answer} answer
 */
function show(state, answer) {
  const results = part("results");
  if (!results) return;
  const hits = answer.hits.filter((hit) => passes(hit, state.chosen));
  const close = hits.filter((hit) => hit.close);
  const title = !answer.answered ? "Nothing here covers that" : countOf(close.length, answer.hits.filter((hit) => hit.close).length);
  const pages = Math.max(1, Math.ceil(close.length / HITS_A_PAGE));
  const page = Math.min(state.page, pages);
  const heading = element("h2", { tabindex: "-1", class: "results-heading" }, pages > 1 ? `${title}, page ${page} of ${pages}` : title);
  const asTyped = addressOf(fresh(state.problem, true));
  const view = answer.answered ? resultsView(state, answer, hits, { heading, page, pages }) : [heading, ...notes(answer, asTyped), declined(answer)];
  const focused = results.contains(document.activeElement) ? document.activeElement?.id : "";
  results.replaceChildren(...view);
  results.querySelectorAll("[data-shortlist]").forEach((place) => fillShortlist(place));
  part("status")?.replaceChildren(heading.textContent ?? "");
  document.title = `${heading.textContent} - ${NAME}`;
  const again = focused && document.getElementById(focused);
  (again || heading).focus();
}

/** @param {number} shown @param {number} total */
function countOf(shown, total) {
  const results = total === 1 ? "1 result" : `${total} results`;
  return shown === total ? results : `${shown} of ${results}`;
}

/**
 * @param {State} state
 * @param {Answer} answer
 * @param {Answer["hits"]} hits those that pass the filters
 * @param {{heading: HTMLElement, page: number, pages: number}} place
 */
function resultsView(state, answer, hits, { heading, page, pages }) {
  const first = (page - 1) * HITS_A_PAGE;
  const close = hits.filter((hit) => hit.close), others = hits.filter((hit) => !hit.close);
  const none = hits.length ? [] : [element("p", {}, "No result passes all of these filters.")];
  const lessClose = page < pages || !others.length ? [] : [element("details", { class: "less-close", ...(close.length ? {} : { open: "" }) },
    element("summary", {}, `Less close (${others.length})`), cards(others, answer, state.problem, close.length + 1))];
  const narrow = filters(answer, state.chosen);
  narrow.addEventListener("change", () => follow({ ...state, chosen: chosenIn(narrow), page: 1 }));
  narrow.querySelector("button")?.addEventListener("click", () => follow(fresh(state.problem, state.asTyped)));
  narrow.addEventListener("submit", (event) => event.preventDefault());
  return [element("div", { class: "results-layout" },
    element("div", { class: "results-main" }, heading, ...notes(answer, addressOf(fresh(state.problem, true))), ...uncovered(state.problem, answer.parts), ...none,
      cards(close.slice(first, first + HITS_A_PAGE), answer, state.problem, first + 1),
      ...lessClose,
      ...pageLinks(page, pages, (number) => addressOf({ ...state, page: number }))),
    element("div", { class: "results-side" }, narrow, questions(answer.focus_areas)))];
}

/** @param {HTMLElement} form */
function chosenIn(form) {
  /** @type {HTMLInputElement[]} */
  const checked = Array.from(form.querySelectorAll("input:checked"));
  return new Map(FILTERS.map(({ name }) => [name, checked.filter((box) => box.name === name).map((box) => box.value)]));
}

/** Goes to an address of this page, so that the back button leads back. @param {State} state */
function follow(state) {
  location.hash = addressOf(state);
}

/** Shows what the address asks for. @param {HTMLTextAreaElement} box */
function showAddress(box) {
  const state = stateInAddress();
  box.value = state.problem;
  showError("");
  if (state.problem) search(state);
  else clear();
}

/** @param {HTMLFormElement} form */
function start(form) {
  const box = form.querySelector("textarea");
  if (!box) return;
  asking = new Asking(form.method === "post", showProgress);
  box.addEventListener("focus", () => asking.prepare());
  box.addEventListener("keydown", sendOnEnter);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const problem = box.value.trim();
    const fault = faultOf(problem);
    showError(fault);
    if (fault) return;
    const address = addressOf(fresh(problem));
    if (!part("results")) location.assign(new URL(`search/${address}`, siteRoot));
    else if (address === location.hash) search(stateInAddress());
    else location.hash = address;
  });
  if (!part("results")) return;
  // A fragment without q is a link within the page, such as the one that skips to the content.
  window.addEventListener("hashchange", () => {
    if (!location.hash || new URLSearchParams(location.hash.slice(1)).has("q")) showAddress(box);
  });
  showAddress(box);
}

/** The theme puts wide tables into boxes that scroll sideways; a reader with a keyboard must be able to do so too. */
function makeTablesReachable() {
  for (const box of document.querySelectorAll(".md-typeset__scrollwrap")) {
    box.setAttribute("tabindex", "0");
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", "Table");
  }
}

/** The address of this page, without what was searched for. */
const ownAddress = () => location.href.replace(/[?#].*$/, "");

/** Pages with an address worth passing on say how; citations get their page's address. */
function addLinks() {
  const heading = document.querySelector("h1");
  const title = heading?.firstChild?.textContent?.trim() ?? NAME;
  if (/\/(case-studies|focus-areas|guidance)\/[^/]+\/$/.test(location.pathname)) {
    heading?.after(copyButton("Copy a link to this page", () => `${title}\n${ownAddress()}`));
  }
  for (const place of document.querySelectorAll("[data-own-address]")) place.replaceChildren(ownAddress());
}

/** The title of what a place for the shortlist's button belongs to. @param {Element} place */
const titleOf = (place) => (place.closest(".card")?.querySelector(".card-title") ?? document.querySelector("h1"))?.firstChild?.textContent ?? "";

/** Fills a place with its button. @param {Element} place @param {...(string | Node)} said what the button has just done */
function fillShortlist(place, ...said) {
  const id = place.getAttribute("data-shortlist") ?? "", list = keptInTab(), isOn = list.includes(id);
  const button = shortlistButton(titleOf(place), isOn);
  button.addEventListener("click", () => {
    const others = keptInTab().filter((other) => other !== id);
    if (!isOn && others.length >= MOST) return fillPlace(place, button, `A shortlist holds ${MOST} case studies. Take one off first: `, seeIt());
    keepInTab(isOn ? others : [...others, id]);
    fillShortlist(place, isOn ? "Removed. " : "Added. ");
    return place.querySelector("button")?.focus();
  });
  fillPlace(place, button, ...said, ...(isOn || said.length ? [seeIt()] : []));
}

/** @param {Element} place @param {HTMLElement} button @param {...(string | Node)} said */
const fillPlace = (place, button, ...said) => place.replaceChildren(button, " ", element("span", { role: "status" }, ...said));

const seeIt = () => siteLink(`shortlist/${fragmentOf(keptInTab())}`, `See your shortlist (${keptInTab().length})`);

/** The page that helps to make links. */
function startBuilder() {
  const place = document.querySelector("[data-link-builder]");
  if (!place) return;
  const box = element("input", { id: "builder-problem", type: "text", autocomplete: "off" });
  const shown = element("code", {}, new URL("search/", siteRoot).href);
  const address = () => `${new URL("search/", siteRoot).href}${addressOf(fresh(/** @type {HTMLInputElement} */ (box).value.trim()))}`;
  const frame = `<iframe src="${new URL("embed/", siteRoot).href}" title="Search the High Needs Casebook" width="320" height="640"></iframe>`;
  box.addEventListener("input", () => shown.replaceChildren(address()));
  place.replaceChildren(element("label", { for: "builder-problem" }, "Problem to fill in"), box, element("p", {}, shown),
    copyButton("Copy the link", address), copyButton("Copy the frame for the search box", () => frame));
}

/** Lists of links get a button that copies them: with their links for a text, a title and an address a line for a form. */
function addListCopies() {
  for (const list of document.querySelectorAll("[data-copy-list]")) {
    /** @type {HTMLAnchorElement[]} */
    const links = Array.from(list.querySelectorAll("a"));
    const text = () => links.map(({ textContent, href }) => `${textContent}\n${href}`).join("\n");
    const html = () => element("ul", {}, ...links.map(({ textContent, href }) => element("li", {}, element("a", { href }, textContent ?? "")))).outerHTML;
    list.after(copyButton(list.getAttribute("data-copy-list") ?? "", text, html));
  }
}

addLinks();
addListCopies();
document.querySelectorAll("[data-shortlist]").forEach((place) => fillShortlist(place));
startBuilder();
window.addEventListener("load", () => setTimeout(makeTablesReachable));
const form = part("form");
if (form instanceof HTMLFormElement) start(form);
