/** Files that code opens at run time. From sources and from built code alike; a bundle has its own (scripts/bundle.mjs). */
export const answersFolder = new URL("../answers/", import.meta.url);
/** The entry of generator threads: JavaScript, since a worker takes no other. */
export const shardWorkerFile = new URL("../dist/output/shard-worker.js", import.meta.url);
