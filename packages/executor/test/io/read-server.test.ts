import type { MessagePort } from "node:worker_threads";
import { QueryError } from "@headcut/plan";
import { afterAll, describe, expect, it } from "vitest";
import { createFiles } from "../../src/io/files.ts";
import type { SharedMemory } from "../../src/memory/shared-memory.ts";
import { viewsOf } from "../../src/memory/shared-memory.ts";
import { createFarReader } from "../../src/threads/far-reader.ts";
import { createReadServer } from "../../src/threads/read-server.ts";
import { createMemoryStore, randomBytes } from "./memory-store.ts";

const SIZE = 3_000_000;
const content = randomBytes(SIZE);
const ports: MessagePort[] = [];
afterAll(() => {
  for (const port of ports) port.close();
});

/** A worker's end and the main thread's of one line, in one thread. */
const openLine = () => {
  const memory: SharedMemory = viewsOf(new WebAssembly.Memory({ initial: 100, maximum: 100, shared: true }));
  const far = createMemoryStore();
  far.objects.set("b/k", { etag: "e", bytes: content });
  const server = createReadServer(createFiles(far.store), memory);
  const openFar = createFarReader(memory, (port) => {
    ports.push(port);
    server.serve(port);
  });
  const target = (address: number, length: number): Uint8Array => memory.bytes.subarray(address, address + length);
  return { memory, far, server, openFar, target };
};
const errorOf = (run: Promise<unknown>): Promise<unknown> =>
  run.then(
    () => undefined,
    (error: unknown) => error,
  );
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("a worker's reads", () => {
  it("are made by the main thread, straight into the shared memory", async () => {
    const { memory, openFar, target } = openLine();
    const reader = openFar("s3://b/k", "e", { queryId: 1 });
    expect(reader.isImmediate).toBe(false);
    const pieces = [
      { offset: 0, target: target(70_000, 4) },
      { offset: 2_000_000, target: target(1_000_000, 500_000) },
    ];
    await Promise.all([reader.readPieces!(pieces), reader.readInto(target(200_000, 999), 12_345, 333)]);
    for (const { offset, target: read } of pieces) {
      expect(Buffer.compare(read, content.subarray(offset, offset + read.length))).toBe(0);
    }
    expect(Buffer.compare(target(200_000, 333), content.subarray(12_345, 12_678))).toBe(0);
    expect(memory.bytes[200_333]).toBe(0);
  });

  it("fail as they would on the main thread", async () => {
    const { openFar, target } = openLine();
    const reader = openFar("s3://b/k", "another", { queryId: 1 });
    const error = await errorOf(reader.readPieces!([{ offset: 0, target: target(70_000, 4) }]));
    expect(error).toBeInstanceOf(QueryError);
    expect(error).toMatchObject({ code: "io", message: "s3://b/k has changed since the query was planned" });
    expect((error as QueryError).hint).toBe("Run the query again.");
  });

  it.each<
    [string, (line: ReturnType<typeof openLine>, reader: ReturnType<ReturnType<typeof openLine>["openFar"]>) => void]
  >([
    ["the query is stopped", () => undefined],
    ["the reader is closed", (_, reader) => reader.close()],
    ["the worker that asked has died", ({ server }) => server.stop(1)],
  ])("end when %s, and nothing is written afterwards", async (what, stop) => {
    const line = openLine();
    const { far, openFar, target } = line;
    const waiting: (() => void)[] = [];
    far.before = () =>
      new Promise((resolve) => {
        waiting.push(resolve);
      });
    let wanted = true;
    const checkWanted = (): void => {
      if (!wanted) throw new QueryError("cancelled", "the query was cancelled");
    };
    const reader = openFar("s3://b/k", "e", { queryId: 1, checkWanted });
    const other = openFar("s3://b/k", "e", { queryId: 2 });
    const run = errorOf(reader.readPieces!([{ offset: 1000, target: target(70_000, 1000) }]));
    const going = other.readPieces!([{ offset: 1000, target: target(90_000, 1000) }]);
    await pause(50);
    if (what === "the query is stopped") wanted = false;
    else stop(line, reader);
    expect(await run).toBeInstanceOf(QueryError);
    far.before = () => undefined;
    for (const go of waiting) go();
    await going;
    expect(target(70_000, 1000).every((byte) => byte === 0)).toBe(true);
    expect(Buffer.compare(target(90_000, 1000), content.subarray(1000, 2000))).toBe(0);
  });

  it("of memory that is not shared are our own bug", async () => {
    const { openFar } = openLine();
    const reader = openFar("s3://b/k", "e", { queryId: 1 });
    const error = await errorOf(reader.readPieces!([{ offset: 0, target: new Uint8Array(4) }]));
    expect(String(error)).toContain("internal error");
  });
});
