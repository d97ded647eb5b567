// @ts-check
/** The one file that fetches: asks the endpoint that serves this site. */

/**
 * @typedef {{label: string, law: string, url: string, text: string}} Duty
 * @typedef {{slug: string, label: string, count: number, questions: string[], duties: Duty[]}} FocusArea
 * @typedef {{heading: string, text: string, nearest: [number, number], highlights: [number, number][]}} Passage
 * @typedef {{share: string, meaning: number, keywords: number, asked_as: string | null,
 *   synonyms: {wrote: string, matched: string}[], terms: string[]}} Why
 * @typedef {{start: number, end: number, answered: boolean}} Part
 * @typedef {{value: string, count: number}} Count
 * @typedef {{kind: string, reported_by: string, outcome_date: string, cost: string, later_reversed: boolean,
 *   did_not_work: boolean}} Evidence
 * @typedef {{id: string, kind: string, title: string, summary: string, organisation: string, url: string,
 *   focus_areas: string[], evidence: Evidence | null, score: number, part: number | null, passage: Passage, why: Why}} Hit
 * @typedef {{answered: boolean, hits: Hit[], parts: Part[], focus_areas: FocusArea[],
 *   counts: {organisations: Count[], evidence: Count[]}, suggestion: {slug: string, label: string} | null,
 *   not_covered: string | null}} Answer
 */

/** The site's root, whatever folder it is served from. */
export const siteRoot = new URL("../../", import.meta.url);

/**
 * Asks the endpoint, by POST, so that the problem stands in no address and no server's log.
 * @param {string} problem
 * @param {AbortSignal} signal
 * @returns {Promise<Answer>}
 * @throws {Error} with a sentence for the reader
 */
export async function ask(problem, signal) {
  const response = await fetch(new URL("api/search", siteRoot), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ q: problem }),
    cache: "no-store",
    credentials: "omit",
    referrerPolicy: "no-referrer",
    signal,
  });
  const body = await response.json().catch(() => null);
  if (response.ok && body) return body;
  throw new Error(body?.detail ?? "The search does not answer just now.");
}
