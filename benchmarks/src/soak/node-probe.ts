// Loaded by `--import` into a process that is measured: collects garbage and tells what is left, when it is asked.
import { createServer } from "node:http";
import { isMainThread } from "node:worker_threads";
import type { HeapFigures } from "./heap-figures.ts";

const answer = (): HeapFigures => {
  // Twice: what the first finds dead may have held other things.
  for (let times = 0; times < 2; times++) globalThis.gc!();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return {
    heapBytes: heapUsed,
    arrayBufferBytes: arrayBuffers,
    resources: process.getActiveResourcesInfo().length,
  };
};

if (isMainThread) {
  const server = createServer((_, response) => {
    response.setHeader("connection", "close");
    response.end(JSON.stringify(answer()));
  });
  server.listen(Number(new URL(import.meta.url).searchParams.get("port")), "127.0.0.1");
  server.unref();
}
