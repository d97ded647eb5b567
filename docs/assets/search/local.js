// @ts-check
/** The search in the page itself: gets its files when it is first wanted, and hands problems to the worker. */

import { fetchFile, fetchManifest, MismatchError } from "./client.js";

/** @typedef {import("./client.js").Answer} Answer */
/** @typedef {{q: string, limit: number}} Request */

const INCOMPLETE = "The search's files on this site do not belong together; perhaps it is being brought up to date just now. Try again in some minutes.";

export class LocalSearch {
  /** @param {(loaded: number, total: number) => void} onProgress told, in bytes, how far the download is */
  constructor(onProgress) {
    this.onProgress = onProgress;
    /** @type {{words: Promise<void>, meaning: Promise<void>} | null} */
    this.loading = null;
    /** @type {Map<number, {resolve: (done: any) => void, reject: (error: Error) => void}>} */
    this.waiting = new Map();
    this.count = 0;
  }

  /** Starts the download, once. What fails can be tried again. */
  prepare() {
    if (this.loading) return this.loading;
    const worker = this.start();
    const files = fetchManifest();
    const words = this.loadTwice(files, (entries) => this.load(worker, "open", entries, ["data"]));
    const meaning = words.then(() => this.loadTwice(files, (entries) => this.load(worker, "addMeaning", entries, ["header", "rows", "weights"])));
    meaning.catch(() => {
      this.loading = null;
    });
    words.catch(() => {});
    this.loading = { words, meaning };
    return this.loading;
  }

  /**
   * The answer; before it, where the model is still on its way, one by words alone.
   * @param {Request} request
   * @param {(answer: Answer) => void} onWords
   * @returns {Promise<Answer>}
   */
  async search(request, onWords) {
    const { words, meaning } = this.prepare();
    await words;
    let here = false;
    const arrived = meaning.then(() => {
      here = true;
    });
    arrived.catch(() => {});
    await Promise.race([arrived.catch(() => {}), new Promise((soon) => setTimeout(soon, 0))]);
    if (!here) onWords(await this.ask("searchByWords", { request }));
    await arrived;
    return this.ask("search", { request });
  }

  /**
   * A second try with a fresh manifest, for a site that was rebuilt since the first one was fetched.
   * @param {Promise<import("./client.js").Files>} files
   * @param {(entries: import("./client.js").Files) => Promise<void>} load
   */
  async loadTwice(files, load) {
    try {
      await load(await files);
    } catch (error) {
      if (!(error instanceof MismatchError)) throw error;
      await load(await fetchManifest()).catch((again) => {
        throw again instanceof MismatchError ? new Error(INCOMPLETE) : again;
      });
    }
  }

  /**
   * @param {Worker} worker
   * @param {string} task
   * @param {import("./client.js").Files} entries
   * @param {(keyof import("./client.js").Files)[]} parts
   */
  async load(worker, task, entries, parts) {
    const total = Object.values(entries).reduce((sum, { bytes }) => sum + bytes, 0);
    let loaded = task === "open" ? 0 : entries.data.bytes;
    /** @param {number} bytes */
    const onBytes = (bytes) => this.onProgress((loaded += bytes), total);
    const files = await Promise.all(parts.map(async (part) => /** @type {const} */ ([part, await fetchFile(entries[part], onBytes)])));
    await this.ask(task, Object.fromEntries(files), files.map(([, bytes]) => bytes));
  }

  start() {
    this.worker ??= new Worker(new URL("worker.js", import.meta.url), { type: "module" });
    this.worker.onmessage = ({ data: { id, done, fault } }) => {
      const { resolve, reject } = this.waiting.get(id) ?? {};
      this.waiting.delete(id);
      if (fault) reject?.(new Error(fault));
      else resolve?.(done);
    };
    this.worker.onerror = () => {
      for (const { reject } of this.waiting.values()) reject(new Error("This browser cannot run the search in the page."));
      this.waiting.clear();
    };
    return this.worker;
  }

  /**
   * @param {string} task
   * @param {object} given
   * @param {Transferable[]} [transferred]
   * @returns {Promise<any>}
   */
  ask(task, given, transferred = []) {
    const id = ++this.count;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker?.postMessage({ id, task, ...given }, transferred);
    });
  }
}
