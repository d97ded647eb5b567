// @ts-check
/** A shortlist's papers as files, and their names. The texts were made when the site was built. */

import { siteRoot } from "./client.js";

/** @typedef {import("./client.js").Paper} Paper */

const ROOT = "%CASEBOOK%";
const TITLE = "Shortlist from the High Needs Casebook";

/** A text with the site's address where papers leave it open. @param {string} text */
export const withAddress = (text) => text.replaceAll(ROOT, siteRoot.href);

/** The same as indexer.paper.forms.as_markdown gives. @param {Paper[]} papers */
export function asMarkdown(papers) {
  if (papers.length === 1) return withAddress(papers[0].markdown);
  return withAddress([`# ${TITLE}\n`, ...papers.map(({ markdown }) => markdown.replace(/^#/gm, "##"))].join("\n"));
}

/** The same as indexer.paper.forms.as_csv gives. @param {Paper[]} papers */
export function asCsv(papers) {
  return withAddress(["\ufeff", papers[0].header, ...papers.map(({ row }) => row)].join(""));
}

/** @param {string} ending @param {Date} today */
export const fileName = (ending, today) => `casebook-shortlist-${today.toISOString().slice(0, 10)}.${ending}`;
