// @ts-check
/** Unpacks the gzip files that the page is served, with the browser's own means. */

const GZIP = [0x1f, 0x8b];

/**
 * The bytes that a gzip file holds; bytes that are no gzip come back as they are, because some servers unpack by themselves.
 * @param {ArrayBuffer} served
 * @returns {Promise<ArrayBuffer>}
 * @throws {Error} where the file is cut short or damaged
 */
export async function decompress(served) {
  const [first, second] = new Uint8Array(served, 0, Math.min(2, served.byteLength));
  if (first !== GZIP[0] || second !== GZIP[1]) return served;
  try {
    return await new Response(new Blob([served]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  } catch {
    throw new Error("A file of the search is cut short or damaged.");
  }
}
