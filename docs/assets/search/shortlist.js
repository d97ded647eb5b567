// @ts-check
/** The shortlist: an address holds it, and the tab keeps it until it is closed. No server is told of it. */

/**
 * @typedef {{ids: string[], compared: string[], leftOut: number, unfit: string[]}} Listed
 *   What a fragment lists: case studies in order, those to compare, how many were more than fit, and what can be no name.
 */

export const MOST = 30;
export const MOST_COMPARED = 4;
const NAME = "casebook-shortlist";
const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const LONGEST = 80;

/** @param {string | null} names with commas between */
const split = (names) => [...new Set((names ?? "").split(",").map((name) => name.trim()).filter(Boolean))];

/** @param {string} fragment of an address, with or without its # @returns {Listed | null} null where it lists nothing */
export function listIn(fragment) {
  const given = new URLSearchParams(fragment.replace(/^#/, ""));
  if (!given.has("s")) return null;
  const names = split(given.get("s"));
  const fit = names.filter((name) => name.length <= LONGEST && SLUG.test(name));
  const ids = fit.slice(0, MOST);
  const compared = split(given.get("compare")).filter((name) => ids.includes(name)).slice(0, MOST_COMPARED);
  return { ids, compared, leftOut: fit.length - ids.length, unfit: names.filter((name) => !fit.includes(name)) };
}

/** @param {string[]} ids @param {string[]} [compared] */
export function fragmentOf(ids, compared = []) {
  return `#s=${ids.join(",")}${compared.length ? `&compare=${compared.join(",")}` : ""}`;
}

/** What the tab keeps. @returns {string[]} */
export function keptInTab() {
  try {
    return listIn(`s=${sessionStorage.getItem(NAME) ?? ""}`)?.ids ?? [];
  } catch {
    return [];  // a browser that lets pages keep nothing
  }
}

/** @param {string[]} ids */
export function keepInTab(ids) {
  try {
    sessionStorage.setItem(NAME, ids.join(","));
  } catch {
    // The address alone holds the list then.
  }
}
