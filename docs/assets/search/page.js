// @ts-check
/**
 * The one file that reads and changes the page: form, address, results.
 *
 * Problem, filters and page number stand in the address's fragment, which no server ever sees. Where the site is served with its
 * endpoint, which shows in the form's method (search_api turns it into post), the endpoint answers; elsewhere, or where it
 * fails, the page answers by itself.
 */

import { askEndpoint, RefusedError, siteRoot } from "./client.js";
import { LocalSearch } from "./local.js";
import { cards, declined, element, FILTERS, filters, pageLinks, passes, questions, siteLink, uncovered } from "./view.js";

/** @typedef {import("./client.js").Answer} Answer */
/** @typedef {{problem: string, chosen: Map<string, string[]>, page: number}} State what an address asks for */

const MOST_HITS = 50;
const HITS_A_PAGE = 10;
const MOST_CHARACTERS = 20_000;
const MOST_WORDS = 2_000;
const NAME = document.title.split(" - ").at(-1) ?? "";

/** @param {string} name @returns {HTMLElement | null} */
const part = (name) => document.querySelector(`[data-search="${name}"]`);

/** What the address asks for: in the fragment, or, for old links, a problem after ?q=. @returns {State} */
function stateInAddress() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const problem = (fragment.get("q") ?? new URLSearchParams(location.search).get("q") ?? "").trim();
  const chosen = new Map(FILTERS.map(({ name }) => [name, [...new Set(fragment.getAll(name))]]));
  const page = Math.max(1, Number.parseInt(fragment.get("page") ?? "1", 10) || 1);
  return { problem, chosen, page };
}

/** @param {State} state */
function addressOf({ problem, chosen, page }) {
  const fragment = new URLSearchParams({ q: problem });
  for (const [name, values] of chosen) for (const value of values) fragment.append(name, value);
  if (page > 1) fragment.set("page", String(page));
  return `#${fragment.toString().replaceAll("+", "%20")}`;
}

/** @param {string} problem @returns {State} */
const fresh = (problem) => ({ problem, chosen: new Map(), page: 1 });

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

/** What is wrong with a problem as typed, in a sentence, or "". @param {string} problem */
function faultOf(problem) {
  const characters = Array.from(problem).length, words = problem.split(/\s+/u).length;
  if (!problem) return "Enter a problem, in a few words or a sentence.";
  if (characters > MOST_CHARACTERS) {
    return `Your text has ${characters.toLocaleString("en-GB")} characters; at most ${MOST_CHARACTERS.toLocaleString("en-GB")} can be searched for. Shorten it.`;
  }
  if (words > MOST_WORDS) return `Your text has ${words.toLocaleString("en-GB")} words; at most ${MOST_WORDS.toLocaleString("en-GB")} can be searched for. Shorten it.`;
  return "";
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

const local = new LocalSearch(showProgress);
let hasEndpoint = false;

/** The answer kept, so that filters and pages need no new search. @type {{problem: string, answer: Answer} | null} */
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

/**
 * The answer to a problem, by the endpoint where there is one.
 * @param {string} problem
 * @param {AbortSignal} signal
 * @returns {Promise<Answer>}
 */
async function answerTo(problem, signal) {
  const request = { q: problem, limit: MOST_HITS };
  if (hasEndpoint) {
    try {
      return await askEndpoint(request, signal);
    } catch (error) {
      if (signal.aborted || error instanceof RefusedError) throw error;
    }
  }
  return local.search(request, (answer) => {
    if (!signal.aborted) showByWords(answer, problem);
  });
}

/** @param {State} state */
async function search(state) {
  const { problem } = state;
  if (kept?.problem === problem) return show(state, kept.answer);
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
    const answer = await answerTo(problem, signal);
    if (signal.aborted) return undefined;
    kept = { problem, answer };
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
  const title = !answer.answered ? "Nothing here covers that" : countOf(hits.length, answer.hits.length);
  const pages = Math.max(1, Math.ceil(hits.length / HITS_A_PAGE));
  const page = Math.min(state.page, pages);
  const heading = element("h2", { tabindex: "-1", class: "results-heading" }, pages > 1 ? `${title}, page ${page} of ${pages}` : title);
  const view = answer.answered ? resultsView(state, answer, hits, { heading, page, pages }) : [heading, declined(answer)];
  const focused = results.contains(document.activeElement) ? document.activeElement?.id : "";
  results.replaceChildren(...view);
  part("status")?.replaceChildren(heading.textContent ?? "");
  document.title = `${heading.textContent} - ${NAME}`;
  const again = focused && document.getElementById(focused);
  (again || heading).focus();
}

/** @param {number} shown @param {number} found */
function countOf(shown, found) {
  const results = found === 1 ? "1 result" : `${found} results`;
  return shown === found ? results : `${shown} of ${results}`;
}

/**
 * @param {State} state
 * @param {Answer} answer
 * @param {Answer["hits"]} hits those that pass the filters
 * @param {{heading: HTMLElement, page: number, pages: number}} place
 */
function resultsView(state, answer, hits, { heading, page, pages }) {
  const first = (page - 1) * HITS_A_PAGE;
  const none = hits.length ? [] : [element("p", {}, "No result passes all of these filters.")];
  const narrow = filters(answer, state.chosen);
  narrow.addEventListener("change", () => follow({ ...state, chosen: chosenIn(narrow), page: 1 }));
  narrow.querySelector("button")?.addEventListener("click", () => follow(fresh(state.problem)));
  narrow.addEventListener("submit", (event) => event.preventDefault());
  return [element("div", { class: "results-layout" },
    element("div", { class: "results-main" }, heading, ...uncovered(state.problem, answer.parts), ...none,
      cards(hits.slice(first, first + HITS_A_PAGE), answer, state.problem, first + 1),
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
  hasEndpoint = form.method === "post";
  box.addEventListener("focus", () => !hasEndpoint && local.prepare());
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
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

window.addEventListener("load", () => setTimeout(makeTablesReachable));
const form = part("form");
if (form instanceof HTMLFormElement) start(form);
