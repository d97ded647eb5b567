// @ts-check
/** Makes elements of answers, always as text and never as HTML. It looks at nothing on the page. */

import { siteRoot } from "./client.js";

/** @typedef {import("./client.js").Answer} Answer */
/** @typedef {import("./client.js").Hit} Hit */
/** @typedef {import("./client.js").FocusArea} FocusArea */
/** @typedef {import("./client.js").Part} Part */

/**
 * An element with text or children.
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children
 */
export function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** A link to a page of this site. @param {string} path from the site's root @param {string} text */
export const siteLink = (path, text) => element("a", { href: new URL(path.replace(/^\//, ""), siteRoot).href }, text);

/** What came of it, as the case studies' own cards have it. */
const RESULTS = new Map([
  ["improved", "Improved"], ["mixed", "Mixed"], ["no-change", "No change"], ["got-worse", "Got worse"], ["did-not-last", "Did not last"],
  ["too-early", "Too early to tell"], ["projection", "Not yet known: a projection"], ["plan-only", "Not yet known: a plan"], ["not-known", "Not known"],
]);
/** The results of which somebody says that they are so. */
const KNOWN = new Set(["improved", "mixed", "no-change", "got-worse", "did-not-last"]);
const SAID_BY = new Map([
  ["council", "the council says so"], ["independent", "an inspector or other independent says so"], ["press", "the press says so"],
]);
const KINDS = new Map([
  ["case-study", "Case studies"], ["guidance", "Guidance (restated)"], ["duty", "The law (restated)"], ["change", "What has changed since 2021"], ["also-seen", "Also seen, in one sentence"],
]);

/** What a hit is, in words. @param {Hit} hit */
export const kindOf = (hit) => (hit.kind === "case-study" ? `Case study, ${hit.organisation}` : KINDS.get(hit.kind) ?? hit.kind);

/**
 * What results can be narrowed by: the name in the address, its heading, what a hit has of it, and how that is called.
 * @type {{name: string, heading: string, of: (hit: Hit) => string[], label: (value: string, answer: Answer) => string}[]}
 */
export const FILTERS = [
  {
    name: "area", heading: "Focus area", of: (hit) => hit.focus_areas,
    label: (slug, answer) => answer.focus_areas.find((area) => area.slug === slug)?.label ?? slug,
  },
  {
    name: "evidence", heading: "Result", of: (hit) => (hit.evidence ? [hit.evidence.result] : []),
    label: (result) => RESULTS.get(result) ?? result,
  },
  { name: "kind", heading: "What it is", of: (hit) => [hit.kind], label: (kind) => KINDS.get(kind) ?? kind },
];

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

/** What came of it and who says so, in words. @param {NonNullable<Hit["evidence"]>} evidence */
export const toldOf = ({ result, said_by }) => [RESULTS.get(result) ?? result, saidBy(result, said_by)].filter(Boolean).join(", ");

/** Who says so, where what came of it is known. @param {string} result @param {string} by */
const saidBy = (result, by) => (KNOWN.has(result) ? SAID_BY.get(by) ?? by : "");

/** @param {NonNullable<Hit["evidence"]>} evidence */
function weighed({ result, said_by, outcome_date, cost }) {
  const stated = [outcome_date === "not stated" ? "" : outcome_date, cost === "not stated" ? "" : `cost: ${cost}`].filter(Boolean);
  return element("p", { class: "card-meta" }, element("span", { class: `tag tag--${result}` }, RESULTS.get(result) ?? result),
    " ", [saidBy(result, said_by), ...stated].filter(Boolean).join(" · "));
}

/** @param {Hit} hit @param {Answer} answer @param {string} part of a long problem that it speaks to, or "" */
function card(hit, answer, part) {
  const [areas] = FILTERS;
  const [start, end] = hit.passage.nearest;
  const underlined = end > start ? "; the sentence nearest to your problem is underlined" : "";
  return element("li", { class: "card" },
    element("h3", { class: "card-title" }, siteLink(hit.url, hit.title)),
    element("p", { class: "card-meta" }, [kindOf(hit), hit.focus_areas.map((slug) => areas.label(slug, answer)).join("; ")].filter(Boolean).join(" · ")),
    element("p", {}, hit.summary),
    ...(part ? [element("p", { class: "card-meta" }, `Speaks to: ${part}`)] : []),
    ...(hit.evidence ? [weighed(hit.evidence)] : []),
    element("p", { class: "card-meta" }, `From “${hit.passage.heading}”${underlined}:`),
    markedText(hit.passage),
    element("p", { class: "card-meta" }, whyInWords(hit.why)),
    ...(hit.kind === "case-study" ? [element("p", { class: "shortlist", "data-shortlist": hit.id })] : []));
}

/** @param {Hit[]} hits @param {Answer} answer @param {string} problem @param {number} first the number of the first one */
export function cards(hits, answer, problem, first) {
  /** @param {Hit} hit */
  const partOf = (hit) => (hit.part === null ? "" : quoted(problem, answer.parts[hit.part]));
  return element("ol", { class: "cards", start: String(first) }, ...hits.map((hit) => card(hit, answer, partOf(hit))));
}

/** The button that puts a case study on the shortlist or takes it off. @param {string} title @param {boolean} isOn */
export function shortlistButton(title, isOn) {
  const label = isOn ? "Remove from shortlist" : "Add to shortlist";
  return element("button", { type: "button", "aria-label": `${label}: ${title}` }, label);
}

/** @param {FocusArea[]} areas */
export function questions(areas) {
  const list = areas.slice(0, 3).flatMap((area) => [
    element("h3", {}, siteLink(`focus-areas/${area.slug}/`, area.label)),
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

/**
 * What is said above the results: how the problem was spelt anew, and what is here under the names in it.
 * @param {Answer} answer
 * @param {string} asTyped the address that searches for the words as typed
 */
export function notes({ corrected, named }, asTyped) {
  const spelt = corrected === null ? [] : [element("p", {}, "Showing results for ", element("strong", {}, corrected), ". ",
    element("a", { href: asTyped }, "Search for the words as typed"), ".")];
  return [...spelt, ...named.map(({ label, kind, pages, url }) => {
    if (kind === "guidance-case-study") return pages ? null : element("p", {}, `There is no “${label}”: the guidance has twelve.`);
    if (kind !== "council") return null;
    if (!pages) return element("p", {}, `The Casebook holds nothing from ${label}.`);
    return element("p", {}, siteLink(url, `All that is here from ${label}`), ".");
  }).filter((note) => note !== null)];
}

/** @param {Answer} answer */
export function declined(answer) {
  const topic = answer.not_covered ? `This looks like ${answer.not_covered}, which the Casebook does not cover. ` : "";
  const near = answer.suggestion ? [element("p", {}, "The nearest focus area, which is a suggestion and no answer: ",
    siteLink(`focus-areas/${answer.suggestion.slug}/`, answer.suggestion.label), ".")] : [];
  return element("div", {},
    element("p", {}, `${topic}No case study and no part of the guidance is likely to be worth your time for this problem.`),
    ...near,
    element("p", {}, "You could put it in other words, say more about what goes wrong and for whom, or ",
      siteLink("focus-areas/", "browse by focus area"), "."));
}

/**
 * The parts of a long problem that nothing covers.
 * @param {string} problem
 * @param {Part[]} parts
 */
export function uncovered(problem, parts) {
  const left = parts.filter((part) => !part.answered);
  if (!left.length) return [];
  return [element("details", { class: "uncovered" },
    element("summary", {}, `Nothing here covers ${left.length} of the ${parts.length} parts of your text`),
    element("ul", {}, ...left.map((part) => element("li", {}, quoted(problem, part)))))];
}

/**
 * Whether a hit passes the filters chosen, those of one name left out.
 * @param {Hit} hit
 * @param {Map<string, string[]>} chosen
 * @param {string} [except]
 */
export function passes(hit, chosen, except = "") {
  return FILTERS.every(({ name, of }) => {
    const wanted = chosen.get(name) ?? [];
    return name === except || !wanted.length || of(hit).some((value) => wanted.includes(value));
  });
}

/**
 * The filters with their counts, each of the hits in the first list that would be shown with it, the other filters as they are.
 * @param {Answer} answer
 * @param {Map<string, string[]>} chosen
 */
export function filters(answer, chosen) {
  const groups = FILTERS.map((filter) => group(filter, answer, chosen)).filter((made) => made !== null);
  const clear = element("button", { type: "button", "data-search": "clear" }, "Show all");
  if (!FILTERS.some(({ name }) => chosen.get(name)?.length)) clear.hidden = true;
  return element("form", { class: "filters", "data-search": "filters", "aria-labelledby": "filters-heading" },
    element("h2", { id: "filters-heading" }, "Narrow the results"), ...groups, clear);
}

/**
 * @param {FILTERS[number]} filter
 * @param {Answer} answer
 * @param {Map<string, string[]>} chosen
 */
function group({ name, heading, of, label }, answer, chosen) {
  const close = answer.hits.filter((hit) => hit.close);
  const values = new Set([...close.flatMap(of), ...(chosen.get(name) ?? [])]);
  if (values.size < 2 && !chosen.get(name)?.length) return null;
  const boxes = [...values].map((value) => {
    const count = close.filter((hit) => passes(hit, chosen, name) && of(hit).includes(value)).length;
    const id = `filter-${name}-${value}`;
    const box = element("input", { type: "checkbox", id, name, value });
    if (chosen.get(name)?.includes(value)) box.setAttribute("checked", "");
    return element("div", { class: "filter" }, box, element("label", { for: id }, `${label(value, answer)} (${count})`));
  });
  return element("fieldset", {}, element("legend", {}, heading), ...boxes);
}

/**
 * Links to the pages of a result list.
 * @param {number} page from 1
 * @param {number} pages
 * @param {(page: number) => string} addressOf
 */
export function pageLinks(page, pages, addressOf) {
  if (pages < 2) return [];
  const links = Array.from({ length: pages }, (_, at) => at + 1).map((number) =>
    element("li", {}, element("a", {
      href: addressOf(number), "aria-label": `Page ${number}`, ...(number === page ? { "aria-current": "page" } : {}),
    }, String(number))));
  const before = page > 1 ? [element("li", {}, element("a", { href: addressOf(page - 1), rel: "prev" }, "Previous page"))] : [];
  const after = page < pages ? [element("li", {}, element("a", { href: addressOf(page + 1), rel: "next" }, "Next page"))] : [];
  return [element("nav", { class: "page-links", "aria-label": "Pages of results" }, element("ul", {}, ...before, ...links, ...after))];
}
