// @ts-check
/** The one file that fetches: asks the endpoint that serves this site. */

/**
 * @typedef {{slug: string, label: string, count: number, questions: string[]}} FocusArea
 * @typedef {{heading: string, text: string, highlights: [number, number][]}} Passage
 * @typedef {{meaning: number, keywords: number, terms: string[]}} Why
 * @typedef {{kind: string, reported_by: string, outcome_date: string, cost: string, later_reversed: boolean,
 *   did_not_work: boolean}} Evidence
 * @typedef {{id: string, kind: string, title: string, summary: string, organisation: string, url: string,
 *   focus_areas: string[], evidence: Evidence | null, score: number, passage: Passage, why: Why}} Hit
 * @typedef {{answered: boolean, hits: Hit[], focus_areas: FocusArea[]}} Answer
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
