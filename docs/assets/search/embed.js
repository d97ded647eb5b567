// @ts-check
/** The search in another page's frame: a box and a few results, which open on the Casebook itself. */

import { Asking, faultOf, sendOnEnter } from "./asking.js";
import { siteRoot } from "./client.js";
import { element, kindOf, toldOf } from "./view.js";

/** @typedef {import("./client.js").Answer} Answer */
/** @typedef {import("./client.js").Hit} Hit */

const MOST_HITS = 5;

/** @param {string} name */
const part = (name) => document.querySelector(`[data-search="${name}"]`);

/** A link that leaves the frame. @param {string} path from the site's root @param {string} text */
const away = (path, text) => element("a", { href: new URL(path.replace(/^\//, ""), siteRoot).href, target: "_blank", rel: "noopener" },
  text, element("span", { class: "away" }, " (opens in a new tab)"));

/** @param {Hit} hit */
function result(hit) {
  const about = hit.evidence ? `${hit.organisation} · ${toldOf(hit.evidence)}` : kindOf(hit);
  return element("li", {}, element("p", {}, away(hit.url, hit.title)), element("p", { class: "meta" }, about), element("p", {}, hit.summary));
}

/** @param {Answer} answer @param {string} problem */
function view(answer, problem) {
  const all = element("p", {}, away(`search/#q=${encodeURIComponent(problem)}`, "See all of it on the Casebook"));
  if (answer.answered) return [element("ol", {}, ...answer.hits.map(result)), all];
  const near = answer.suggestion ? [element("p", {}, "The nearest focus area, which is a suggestion and no answer: ",
    away(`focus-areas/${answer.suggestion.slug}/`, answer.suggestion.label), ".")] : [];
  return [...near, element("p", {}, away("focus-areas/", "Browse by focus area"))];
}

/** @param {string} title @param {...Node} content */
function show(title, ...content) {
  const heading = element("h2", { tabindex: "-1" }, title);
  part("results")?.replaceChildren(heading, ...content);
  part("status")?.replaceChildren();
  heading.focus();
}

/** @param {HTMLFormElement} form */
function start(form) {
  const box = form.querySelector("textarea"), error = part("error"), status = part("status");
  if (!box || !(error instanceof HTMLElement) || !status) return;
  const asking = new Asking(form.method === "post", (loaded, total) => {
    status.replaceChildren(loaded < total ? `Getting the search ready: ${Math.round((100 * loaded) / total)} %` : "");
  });
  let pending = new AbortController();
  box.addEventListener("focus", () => asking.prepare());
  box.addEventListener("keydown", sendOnEnter);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const problem = box.value.trim(), fault = faultOf(problem);
    error.textContent = fault;
    error.hidden = !fault;
    if (fault) return box.focus();
    pending.abort();
    const { signal } = (pending = new AbortController());
    status.replaceChildren("Searching");
    try {
      const answer = await asking.answerTo({ q: problem, limit: MOST_HITS }, signal, () => {});
      if (!signal.aborted) show(answer.answered ? "What others did" : "Nothing here covers that", ...view(answer, problem));
    } catch (failure) {
      if (!signal.aborted) show(failure instanceof Error ? failure.message : "The search failed.", element("p", {}, away("focus-areas/", "Browse by focus area")));
    }
  });
}

const form = part("form");
if (form instanceof HTMLFormElement) start(form);
