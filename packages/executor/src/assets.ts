/** Built files that code opens at run time. From sources and from built code alike; a bundle has its own (scripts/bundle.mjs). */
export const kernelsFile = new URL("../dist/kernels.wasm", import.meta.url);
/** The entry of worker threads: JavaScript, since a worker takes no other. */
export const workerFile = new URL("../dist/threads/worker.js", import.meta.url);
/** An ES module that is loaded as if it were none (arrow/load-arrow.ts). */
export const arrowFile = new URL("../dist/arrow/library.js", import.meta.url);
