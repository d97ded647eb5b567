// @ts-check
/** The one file that fetches: asks the endpoint that serves this site, and gets the files of the page's own search. */

/**
 * @typedef {{label: string, law: string, url: string, text: string}} Duty
 * @typedef {{slug: string, label: string, count: number, questions: string[], duties: Duty[]}} FocusArea
 * @typedef {{heading: string, text: string, nearest: [number, number], highlights: [number, number][]}} Passage
 * @typedef {{share: string, meaning: number, keywords: number, asked_as: string | null,
 *   synonyms: {wrote: string, matched: string}[], terms: string[]}} Why
 * @typedef {{start: number, end: number, answered: boolean}} Part
 * @typedef {{value: string, count: number}} Count
 * @typedef {{result: string, said_by: string, kind: string, reported_by: string, outcome_date: string, cost: string, later_reversed: boolean,
 *   did_not_work: boolean}} Evidence
 * @typedef {{id: string, kind: string, title: string, summary: string, organisation: string, url: string,
 *   focus_areas: string[], evidence: Evidence | null, score: number, close: boolean, part: number | null, passage: Passage, why: Why}} Hit
 * @typedef {{answered: boolean, probability: number, hits: Hit[], parts: Part[], focus_areas: FocusArea[],
 *   counts: {organisations: Count[], evidence: Count[]}, suggestion: {slug: string, label: string} | null,
 *   not_covered: string | null, named: {label: string, kind: string, pages: number, url: string}[], corrected: string | null, took_ms: number, index: {format: number, model: string, corpus: string}}} Answer
 * @typedef {{text: string, sources: string[], url: string | null}} Run
 * @typedef {{kind: "paragraph" | "heading" | "item" | "row", runs: Run[], number: number | null, cells: Run[][],
 *   header: boolean}} Block
 * @typedef {{label: string, before: string, after: string, when: string, kind: string, source: string}} PaperFigure
 * @typedef {{id: string, publisher: string, title: string, url: string, note: string}} PaperSource
 * @typedef {{slug: string, title: string, summary: string, facts: Record<string, string>,
 *   sections: {heading: string, blocks: Block[]}[], duties: Duty[], figures: PaperFigure[],
 *   sources: PaperSource[], markdown: string, header: string, row: string}} Paper
 * @typedef {{name: string, bytes: number, sha256: string}} FileEntry
 * @typedef {Record<"data" | "rows" | "header" | "weights", FileEntry>} Files
 */

/** The site's root, whatever folder it is served from. */
export const siteRoot = new URL("../../", import.meta.url);

const index = new URL("index/", import.meta.url);

/** The endpoint refused a problem for a reason that its writer can mend; the message says it. */
export class RefusedError extends Error {}

/** A file is not the one that the manifest names. */
export class MismatchError extends Error {}

/** @type {RequestInit} */
const PRIVATE = { credentials: "omit", referrerPolicy: "no-referrer" };

/**
 * Posts fields to the endpoint, so that they stand in no address and no server's log.
 * @param {string} path
 * @param {object} fields
 * @param {AbortSignal} [signal]
 */
const post = (path, fields, signal) => fetch(new URL(path, siteRoot), {
  ...PRIVATE,
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(fields),
  cache: "no-store",
  signal,
});

/**
 * Asks the endpoint.
 * @param {{q: string, limit: number, as_typed?: boolean}} request
 * @param {AbortSignal} signal
 * @returns {Promise<Answer>}
 * @throws {RefusedError} where the problem itself is at fault
 * @throws {Error} where the endpoint does not answer
 */
export async function askEndpoint(request, signal) {
  const response = await post("api/search", request, signal);
  const body = await response.json().catch(() => null);
  if (response.ok && body) return body;
  const refused = [400, 413, 422].includes(response.status) && body?.detail;
  throw refused ? new RefusedError(body.detail) : new Error(`The endpoint answered with ${response.status}.`);
}

/**
 * A case study as a paper; null where the site has none of that name.
 * @param {string} slug
 * @returns {Promise<Paper | null>}
 */
export async function fetchPaper(slug) {
  const response = await fetch(new URL(`case-studies/${slug}/${slug}.json`, siteRoot), { ...PRIVATE, cache: "no-cache" });
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`The site answered with ${response.status}.`);
  return response.json();
}

/**
 * Case studies as one Word document, which the endpoint makes.
 * @param {string[]} ids
 * @returns {Promise<ArrayBuffer>}
 */
export async function fetchWord(ids) {
  const response = await post("api/papers", { ids, format: "docx" });
  if (!response.ok) throw new Error(`The endpoint answered with ${response.status}.`);
  return response.arrayBuffer();
}

/**
 * Which files make up the page's search now; never from a cache, so that a new build is seen at once.
 * @returns {Promise<Files>}
 */
export async function fetchManifest() {
  const response = await fetch(new URL("manifest.json", index), { ...PRIVATE, cache: "no-cache" });
  if (!response.ok) throw new Error("The files of the search are not on this site.");
  return (await response.json()).files;
}

/**
 * A file of the page's search. Its name holds its hash, so a cached copy is as good as a new one; a copy that is not what the
 * manifest names is fetched once more, past the cache.
 * @param {FileEntry} entry
 * @param {(bytes: number) => void} onBytes told of each piece that comes
 * @returns {Promise<ArrayBuffer>}
 * @throws {MismatchError} where the file on the server is another one
 */
export async function fetchFile(entry, onBytes) {
  const cached = await download(entry, "force-cache", onBytes);
  if (await isFile(cached, entry)) return cached;
  onBytes(-cached.byteLength);
  const fresh = await download(entry, "reload", onBytes);
  if (await isFile(fresh, entry)) return fresh;
  throw new MismatchError(`${entry.name} is not the file that the manifest names.`);
}

/**
 * @param {FileEntry} entry
 * @param {RequestCache} cache
 * @param {(bytes: number) => void} onBytes
 */
async function download(entry, cache, onBytes) {
  const response = await fetch(new URL(entry.name, index), { ...PRIVATE, cache });
  if (!response.ok || !response.body) throw new MismatchError(`${entry.name} is not on this site.`);
  const pieces = [];
  const reader = response.body.getReader();
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    if (!value) continue;
    pieces.push(value);
    onBytes(value.byteLength);
  }
  return new Blob(pieces).arrayBuffer();
}

/**
 * Whether bytes are those of the manifest. Browsers reckon hashes only on safe connections (https, or this machine); on others
 * the length is compared here, and gzip's own checksum when the file is unpacked. A server that unpacked the file by itself
 * shows in the first bytes; there the checksum was its own affair.
 * @param {ArrayBuffer} bytes
 * @param {FileEntry} entry
 */
async function isFile(bytes, { bytes: expected, sha256 }) {
  if (bytes.byteLength !== expected) return false;
  if (!globalThis.crypto?.subtle) return true;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") === sha256;
}
