// @ts-check
/** The search in the page itself: gets its files when it is first wanted, and hands problems to the worker. */

import { fetchFile, fetchManifest, MismatchError } from "./client.js";

/** @typedef {import("./client.js").Answer} Answer */
/** @typedef {{q: string, limit: number, as_typed?: boolean}} Request */

const INCOMPLETE = "The search's files on this site do not belong together; perhaps it is being brought up to date just now. Try again in some minutes.";

export class LocalSearch {
  /** @param {(loaded: number, total: number) => void} onProgress told, in bytes, how far the download is */
  constructor(onProgress) {
    this.onProgress = onProgress;
    /** @type {{lexical: Promise<void>, dense: Promise<void>} | null} */
    this.loading = null;
    /** @type {Map<number, {resolve: (result: any) => void, reject: (error: Error) => void}>} */
    this.pending = new Map();
    this.count = 0;
    /** @type {Worker | undefined} */
    this.worker = undefined;
  }

  /** Starts the download, once. What fails can be tried again. */
  prepare() {
    if (this.loading) return this.loading;
    const worker = this.start();
    const files = fetchManifest();
    const lexical = this.loadTwice(files, (entries) => this.load(worker, "open", entries, ["data"]));
    const dense = lexical.then(() => this.loadTwice(files, (entries) => this.load(worker, "addDense", entries, ["header", "rows", "weights"])));
    dense.catch(() => {
      this.loading = null;
    });
    lexical.catch(() => {});
    this.loading = { lexical, dense };
    return this.loading;
  }

  /**
   * The answer; before it, where the model is still on its way, one by words alone.
   * @param {Request} request
   * @param {(answer: Answer) => void} onLexicalAnswer
   * @returns {Promise<Answer>}
   */
  async search(request, onLexicalAnswer) {
    const { lexical, dense } = this.prepare();
    await lexical;
    let isDenseReady = false;
    const denseReady = dense.then(() => {
      isDenseReady = true;
    });
    denseReady.catch(() => {});
    await Promise.race([denseReady.catch(() => {}), new Promise((soon) => setTimeout(soon, 0))]);
    if (!isDenseReady) onLexicalAnswer(await this.ask("lexicalSearch", { request }));
    await denseReady;
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
    const worker = this.worker ??= new Worker(new URL("worker.js", import.meta.url), { type: "module" });
    worker.onmessage = ({ data: { id, result, error } }) => {
      const { resolve, reject } = this.pending.get(id) ?? {};
      this.pending.delete(id);
      if (error) reject?.(new Error(error));
      else resolve?.(result);
    };
    worker.onerror = () => {
      for (const { reject } of this.pending.values()) reject(new Error("This browser cannot run the search in the page."));
      this.pending.clear();
    };
    return worker;
  }

  /**
   * @param {string} task
   * @param {object} payload
   * @param {Transferable[]} [transferred]
   * @returns {Promise<any>}
   */
  ask(task, payload, transferred = []) {
    const id = ++this.count;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      this.worker?.postMessage({ id, task, ...payload }, transferred);
    });
  }
}
