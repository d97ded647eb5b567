// @ts-check
/** Makes the elements of the shortlist's page. It looks at nothing on the page. */

import { withAddress } from "./paper.js";
import { element, siteLink } from "./view.js";

/** @typedef {import("./client.js").Paper} Paper */
/** @typedef {Paper["sections"][number]["blocks"][number]} Block */
/** @typedef {import("./client.js").Run} Run */

/** @param {Paper} paper @param {string[]} ids of sources */
const numbersOf = (paper, ids) => ids.map((id) => paper.sources.findIndex((source) => source.id === id) + 1).join(", ");

/** @param {Paper} paper @param {Run[]} runs @returns {(Node | string)[]} */
const inlines = (paper, runs) => runs.flatMap(({ text, sources, url }) => [
  url ? element("a", { href: withAddress(url), rel: "noreferrer" }, text) : text,
  ...(sources.length ? [element("sup", {}, numbersOf(paper, sources))] : []),
]);

/** The elements that a block stands in, outermost first: blocks of the same one that follow each other share it. @param {Block} block */
const around = (block) => ({ item: block.number === null ? "ul" : "ol", row: "table", heading: "", paragraph: "" })[block.kind];

/** @param {Paper} paper @param {Block} block */
function told(paper, block) {
  if (block.kind === "row") {
    return element("tr", {}, ...block.cells.map((cell) => element(block.header ? "th" : "td", {}, ...inlines(paper, cell))));
  }
  const words = inlines(paper, block.runs);
  if (block.kind === "heading") return element("p", {}, element("strong", {}, ...words));
  return element(block.kind === "item" ? "li" : "p", {}, ...words);
}

/** @param {Paper} paper @param {string} heading */
function section(paper, heading) {
  const blocks = paper.sections.find((each) => each.heading === heading)?.blocks ?? [];
  /** @type {HTMLElement[]} */
  const nodes = [];
  for (const block of blocks) {
    const outer = around(block);
    const last = nodes.at(-1);
    if (!outer) nodes.push(told(paper, block));
    else if (last?.tagName === outer.toUpperCase()) last.append(told(paper, block));
    else nodes.push(element(outer, outer === "ol" ? { start: String(block.number) } : {}, told(paper, block)));
  }
  return nodes;
}

/** @param {Paper} paper */
function law(paper) {
  const duties = paper.duties.map(({ label, law: where, url }) =>
    element("li", {}, `${label}: `, element("a", { href: url, rel: "noreferrer" }, where)));
  return [...section(paper, "The law"), element("ul", {}, ...duties)];
}

/** @param {Paper} paper */
function figures(paper) {
  if (!paper.figures.length) return [element("p", {}, "None.")];
  return [element("ul", {}, ...paper.figures.map((figure) => {
    const values = figure.before === "–" ? figure.after : `${figure.before} to ${figure.after}`;
    return element("li", {}, `${figure.label}: ${values} (${figure.kind}; ${figure.when === "not stated" ? "date not stated" : figure.when})`, element("sup", {}, numbersOf(paper, [figure.source])));
  }))];
}

/** @param {Paper} paper */
const sources = (paper) => [element("ol", {}, ...paper.sources.map(({ publisher, title, url }) =>
  element("li", {}, `${publisher}, `, element("a", { href: url, rel: "noreferrer" }, title))))];

/** @type {[string, (paper: Paper) => Node[]][]} */
const ROWS = [
  ["The problem", (paper) => section(paper, "The problem")],
  ["What they did", (paper) => section(paper, "What they did")],
  ["What changed", (paper) => section(paper, "What changed")],
  ["Figures", figures],
  ["Result", (paper) => [element("p", {}, `${paper.facts.Result}. Outcome dated: ${paper.facts["Outcome dated"]}.`)]],
  ["Cost", (paper) => [element("p", {}, paper.facts.Cost)]],
  ["Caveats and what happened later", (paper) => section(paper, "Caveats and what happened later")],
  ["The law", law],
  ["Sources", sources],
];

/** Case studies side by side; on a narrow screen each cell says of which it is. @param {Paper[]} papers */
export function comparison(papers) {
  const heads = papers.map((paper) => element("th", { scope: "col", role: "columnheader" },
    siteLink(`case-studies/${paper.slug}/`, paper.title), element("span", { class: "who" }, paper.facts.Who)));
  const rows = ROWS.map(([name, cell]) => element("tr", { role: "row" }, element("th", { scope: "row", role: "rowheader" }, name),
    ...papers.map((paper) => element("td", { role: "cell" },
      element("p", { class: "of", "aria-hidden": "true" }, `${paper.facts.Who}: ${paper.title}`), ...cell(paper)))));
  return element("table", { class: "comparison", role: "table" },
    element("caption", {}, "The case studies side by side. Small numbers lead to the sources in the last row."),
    element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, element("td", { role: "cell" }), ...heads)),
    element("tbody", { role: "rowgroup" }, ...rows));
}

/**
 * The shortlist's case studies, each with a box to compare it and a button to take it off.
 * @param {Paper[]} papers
 * @param {string[]} compared
 */
export function shortlistItems(papers, compared) {
  return element("ol", { class: "cards" }, ...papers.map((paper) => {
    const box = element("input", { type: "checkbox", id: `compare-${paper.slug}`, value: paper.slug, "data-compare": "", "aria-label": `Compare: ${paper.title}` });
    if (compared.includes(paper.slug)) box.setAttribute("checked", "");
    return element("li", { class: "card" },
      element("h3", { class: "card-title" }, siteLink(`case-studies/${paper.slug}/`, paper.title)),
      element("p", { class: "card-meta" }, `${paper.facts.Who} · ${paper.facts.Result} · outcome dated: ${paper.facts["Outcome dated"]} · cost: ${paper.facts.Cost}`),
      element("p", {}, paper.summary),
      element("div", { class: "filter" }, box, element("label", { for: `compare-${paper.slug}` }, "Compare")),
      element("p", { class: "shortlist" }, element("button", { type: "button", "data-remove": paper.slug, "aria-label": `Remove: ${paper.title}` }, "Remove"), " ",
      siteLink(`case-studies/${paper.slug}/${paper.slug}.docx`, "Word document of this one")));
  }));
}
