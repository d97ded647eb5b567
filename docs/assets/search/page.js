// @ts-check
/** The one file that touches the page: reads the form and the address, and shows the answer as text, never as HTML. */

import { ask, siteRoot } from "./client.js";

/** @typedef {import("./client.js").Answer} Answer */
/** @typedef {import("./client.js").Hit} Hit */
/** @typedef {import("./client.js").FocusArea} FocusArea */
/** @typedef {import("./client.js").Part} Part */
/** @typedef {import("./client.js").Count} Count */

/** @param {string} name @returns {HTMLElement | null} */
const part = (name) => document.querySelector(`[data-search="${name}"]`);

/**
 * An element with text or children.
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children
 */
function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** The problem in the address: in the fragment, which no server sees, or in ?q= for old links. */
function problemInAddress() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  return (fragment.get("q") ?? new URLSearchParams(location.search).get("q") ?? "").trim();
}

/** @param {string} problem */
const addressOf = (problem) => `#${new URLSearchParams({ q: problem }).toString().replaceAll("+", "%20")}`;

/**
 * A stretch of a text with its matched words marked.
 * @param {string[]} characters of the whole text (code points)
 * @param {number} from
 * @param {number} to
 * @param {[number, number][]} highlights
 */
function stretch(characters, from, to, highlights) {
  /** @type {(Node | string)[]} */
  const nodes = [];
  let at = from;
  for (const [start, end] of highlights.filter(([start, end]) => start >= from && end <= to)) {
    nodes.push(characters.slice(at, start).join(""), element("mark", {}, characters.slice(start, end).join("")));
    at = end;
  }
  return [...nodes, characters.slice(at, to).join("")];
}

/**
 * The passage's text: the sentence nearest in meaning underlined, matched words marked.
 * @param {Hit["passage"]} passage
 */
function markedText({ text, nearest: [start, end], highlights }) {
  const characters = Array.from(text);
  return element("blockquote", {}, ...stretch(characters, 0, start, highlights),
    element("span", { class: "nearest" }, ...stretch(characters, start, end, highlights)),
    ...stretch(characters, end, characters.length, highlights));
}

/** @param {Hit["why"]} why */
function whyInWords(why) {
  const words = why.terms.length ? `Shared words: ${why.terms.join(", ")}.` : "No shared words.";
  const synonyms = why.synonyms.map(({ wrote, matched }) => ` You wrote ${wrote}; matched: ${matched}.`).join("");
  const asked = why.asked_as ? ` A problem that this page speaks to, in our words: “${why.asked_as}”.` : "";
  return `Why it matched: ${why.share}. ${words}${synonyms}${asked}`;
}

const LONGEST_QUOTE = 120;

/**
 * A part of a long problem, cut to a line or two.
 * @param {string} problem
 * @param {Part} part
 */
function quoted(problem, { start, end }) {
  const characters = Array.from(problem).slice(start, end);
  return `“${characters.slice(0, LONGEST_QUOTE).join("")}${characters.length > LONGEST_QUOTE ? "…" : ""}”`;
}

/** The marks and words for how strong the evidence is, as the case studies' own cards have them. */
const STRENGTH = new Map([
  ["reported-outcome", ["●●●", "Reported outcome"]],
  ["projection", ["●●○", "Projection"]],
  ["plan-only", ["●○○", "Plan only"]],
]);

/** @param {NonNullable<Hit["evidence"]>} evidence */
function weighed(evidence) {
  const [marks, words] = STRENGTH.get(evidence.kind) ?? ["", evidence.kind];
  const reporter = evidence.reported_by === "independent" ? "reported independently" : "self-reported";
  const line = element("p", { class: "card-meta" }, element("span", { "aria-hidden": "true" }, marks),
    ` ${words}, ${reporter} · outcome dated: ${evidence.outcome_date} · cost: ${evidence.cost}`);
  if (evidence.later_reversed) line.append(" · ", element("strong", {}, "later reversed"));
  if (evidence.did_not_work) line.append(" · ", element("strong", {}, "did not work as hoped"));
  return line;
}

/** @param {Hit} hit @param {Map<string, string>} labels @param {string} part of a long problem that it speaks to, or "" */
function card(hit, labels, part) {
  const target = new URL(hit.url.replace(/^\//, ""), siteRoot).href;
  const areas = hit.focus_areas.map((slug) => labels.get(slug) ?? slug).join("; ");
  const kind = hit.kind === "guidance" ? "Guidance (restated)" : `Case study, ${hit.organisation}`;
  return element("li", { class: "card" },
    element("h3", { class: "card-title" }, element("a", { href: target }, hit.title)),
    element("p", { class: "card-meta" }, `${kind} · ${areas}`),
    element("p", {}, hit.summary),
    ...(part ? [element("p", { class: "card-meta" }, `Speaks to: ${part}`)] : []),
    ...(hit.evidence ? [weighed(hit.evidence)] : []),
    element("p", { class: "card-meta" }, `From “${hit.passage.heading}”; the sentence nearest to your problem is underlined:`),
    markedText(hit.passage),
    element("p", { class: "card-meta" }, whyInWords(hit.why)));
}

/** @param {FocusArea[]} areas */
function questions(areas) {
  const list = areas.slice(0, 3).flatMap((area) => [
    element("h3", {}, element("a", { href: new URL(`focus-areas/${area.slug}/`, siteRoot).href }, area.label)),
    element("ul", {}, ...area.questions.map((question) => element("li", {}, question))),
  ]);
  return element("aside", { class: "questions", "aria-labelledby": "questions-heading" },
    element("h2", { id: "questions-heading" }, "Questions to ask in your own area"), ...list,
    ...areas.slice(0, 1).flatMap(law));
}

/**
 * The duties in law of a focus area.
 * @param {FocusArea} area
 */
function law(area) {
  return [element("h2", {}, `The law that limits ideas: ${area.label}`), element("ul", {}, ...area.duties.map((duty) =>
    element("li", {}, element("strong", {}, `${duty.label}. `), `${duty.text} `,
      element("a", { href: duty.url, rel: "noreferrer" }, duty.law))))];
}

/** @param {Answer} answer */
function counted({ counts, focus_areas: areas }) {
  /** @param {Count[]} found */
  const line = (found) => found.map(({ value, count }) => `${STRENGTH.get(value)?.[1] ?? value} (${count})`).join(", ");
  const lines = [["Focus areas", areas.map(({ label, count }) => `${label} (${count})`).join(", ")],
    ["Whose", line(counts.organisations)], ["Evidence", line(counts.evidence)]];
  return element("details", { class: "counts" }, element("summary", {}, "What these results are"),
    ...lines.filter(([, text]) => text).map(([name, text]) => element("p", { class: "card-meta" }, `${name}: ${text}`)));
}

/** @param {Answer} answer */
function declined(answer) {
  const topic = answer.not_covered ? `This looks like ${answer.not_covered}, which the Casebook does not cover. ` : "";
  const near = answer.suggestion ? [element("p", {}, "The nearest focus area, which is a suggestion and no answer: ",
    element("a", { href: new URL(`focus-areas/${answer.suggestion.slug}/`, siteRoot).href }, answer.suggestion.label), ".")] : [];
  return element("div", {},
    element("h2", { tabindex: "-1" }, "Nothing here covers that"),
    element("p", {}, `${topic}No case study and no part of the guidance is likely to be worth your time for this problem.`),
    ...near,
    element("p", {}, "You could put it in other words, say more about what goes wrong and for whom, or ",
      element("a", { href: new URL("focus-areas/", siteRoot).href }, "browse by focus area"), "."));
}

/**
 * The parts of a long problem that nothing covers.
 * @param {string} problem
 * @param {Part[]} parts
 */
function uncovered(problem, parts) {
  const left = parts.filter((part) => !part.answered);
  if (!left.length) return [];
  return [element("details", { class: "counts" }, element("summary", {}, `Nothing here covers ${left.length} of the ${parts.length} parts of your text`),
    element("ul", {}, ...left.map((part) => element("li", {}, quoted(problem, part)))))];
}

/**
 * @param {Answer} answer
 * @param {string} problem
 */
function shown(answer, problem) {
  if (!answer.answered) return declined(answer);
  const labels = new Map(answer.focus_areas.map((area) => [area.slug, area.label]));
  /** @param {Hit} hit */
  const partOf = (hit) => (hit.part === null ? "" : quoted(problem, answer.parts[hit.part]));
  const count = answer.hits.length === 1 ? "1 result" : `${answer.hits.length} results`;
  return element("div", { class: "results-layout" },
    element("div", {}, element("h2", { tabindex: "-1" }, count), counted(answer), ...uncovered(problem, answer.parts),
      element("ul", { class: "cards" }, ...answer.hits.map((hit) => card(hit, labels, partOf(hit))))),
    questions(answer.focus_areas));
}

/** @param {string} message */
function showError(message) {
  const error = part("error");
  const input = document.querySelector("#problem");
  if (!error || !(input instanceof HTMLInputElement)) return;
  error.textContent = message;
  error.hidden = !message;
  if (message) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
  if (message) input.focus();
}

let pending = new AbortController();

/** Takes away the last problem's results, also those still on their way. */
function clear() {
  pending.abort();
  part("status")?.replaceChildren();
  part("results")?.replaceChildren();
}

/** @param {string} problem */
async function search(problem) {
  const status = part("status");
  const results = part("results");
  if (!status || !results) return;
  pending.abort();
  pending = new AbortController();
  const { signal } = pending;
  status.textContent = "Searching…";
  try {
    const view = shown(await ask(problem, signal), problem);
    results.replaceChildren(view);
    const heading = view.querySelector("h2");
    status.textContent = heading?.textContent ?? "";
    heading?.focus();
  } catch (error) {
    if (signal.aborted) return;
    const reason = error instanceof TypeError ? "The search does not answer just now." : String(error.message ?? error);
    status.textContent = reason;
    results.replaceChildren(element("p", {}, `${reason} You can `,
      element("a", { href: new URL("focus-areas/", siteRoot).href }, "browse by focus area"), " instead."));
  }
}

/** @param {HTMLFormElement} form */
function start(form) {
  const input = form.querySelector("input");
  if (!input) return;
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const problem = input.value.trim();
    showError(problem ? "" : "Enter a problem, in a few words or a sentence.");
    if (!problem) return;
    if (!part("results")) location.assign(new URL(`search/${addressOf(problem)}`, siteRoot));
    else if (addressOf(problem) === location.hash) search(problem);
    else location.hash = addressOf(problem);
  });
  const follow = () => {
    const problem = problemInAddress();
    input.value = problem;
    if (problem) search(problem);
    else clear();
  };
  if (part("results")) {
    // A fragment without q is a link within the page, such as the one that skips to the content.
    window.addEventListener("hashchange", () => {
      if (!location.hash || new URLSearchParams(location.hash.slice(1)).has("q")) follow();
    });
    follow();
  }
}

const form = part("form");
if (form instanceof HTMLFormElement) start(form);
