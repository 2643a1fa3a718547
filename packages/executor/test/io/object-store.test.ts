import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { QueryError } from "@headcut/plan";
import { afterAll, describe, expect, it } from "vitest";
import type { Piece } from "../../src/io/byte-source.ts";
import { createFiles } from "../../src/io/files.ts";
import { createMemoryStore, type MemoryStore, randomBytes } from "./memory-store.ts";

const folder = mkdtempSync(join(tmpdir(), "headcut-store-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const MIB = 1 << 20;
const SIZE = 9 * MIB + 12345;
const content = randomBytes(SIZE);
const PATH = "s3://b/k";
const signal = new AbortController().signal;

const pieces = (...ranges: readonly (readonly [number, number])[]): Piece[] =>
  ranges.map(([offset, length]) => ({ offset, target: new Uint8Array(length) }));
const expectContent = (wanted: readonly Piece[], of = content): void => {
  for (const { offset, target } of wanted) {
    expect(Buffer.compare(target, of.subarray(offset, offset + target.length))).toBe(0);
  }
};
let caches = 0;
const withObject = (cached: boolean): MemoryStore => {
  const cache = { directory: join(folder, String(caches++)), maxBytes: 64 * MIB };
  const memory = createMemoryStore(cached ? cache : undefined);
  memory.objects.set("b/k", { etag: "e", bytes: content });
  return memory;
};
const read = (memory: MemoryStore, wanted: readonly Piece[], options = {}): Promise<void> =>
  memory.store.read(PATH, wanted, { identity: "e", sizeBytes: SIZE, signal, fillCache: true, ...options });
const errorOf = (run: Promise<unknown>): Promise<unknown> =>
  run.then(
    () => undefined,
    (error: unknown) => error,
  );

describe.each([false, true])("reading an object (disk cache: %s)", (cached) => {
  it.each<[string, readonly (readonly [number, number])[]]>([
    ["one byte", [[12345, 1]]],
    ["all of it", [[0, SIZE]]],
    ["its end", [[SIZE - 8, 8]]],
    [
      "far and near pieces, in any order",
      [
        [5 * MIB, 1000],
        [0, 4],
        [5 * MIB + 5000, 70_000],
        [8 * MIB - 5, 10],
      ],
    ],
    [
      "pieces that overlap",
      [
        [1000, 5000],
        [3000, 100],
        [0, 9000],
      ],
    ],
    [
      "pieces at the edges of blocks",
      [
        [MIB - 1, 2],
        [2 * MIB, MIB],
        [4 * MIB - 1, 1],
      ],
    ],
    ["nothing", [[77, 0]]],
  ])("gives %s", async (_, ranges) => {
    const memory = withObject(cached);
    for (let again = 0; again < 2; again++) {
      const wanted = pieces(...ranges);
      await read(memory, wanted);
      expectContent(wanted);
    }
    await memory.store.close();
  });

  it("gives random pieces", async () => {
    const memory = withObject(cached);
    let state = 42;
    const below = (n: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state % n;
    };
    for (let i = 0; i < 30; i++) {
      const ranges = Array.from({ length: 1 + below(6) }, () => {
        const offset = below(SIZE);
        return [offset, Math.min(SIZE - offset, below(i % 3 === 0 ? 3 * MIB : 5000))] as const;
      });
      const wanted = pieces(...ranges);
      await read(memory, wanted);
      expectContent(wanted);
    }
    await memory.store.close();
  });

  it("gives another content to nobody", async () => {
    const memory = withObject(cached);
    memory.objects.set("b/k", { etag: "f", bytes: randomBytes(SIZE, 2) });
    const error = await errorOf(read(memory, pieces([0, 100], [5 * MIB, 100])));
    expect(error).toBeInstanceOf(QueryError);
    expect(error).toMatchObject({ code: "io", message: `${PATH} has changed since the query was planned` });
    await memory.store.close();
  });

  it("ends when it is aborted, and writes nothing afterwards", async () => {
    const memory = withObject(cached);
    let go = (): void => undefined;
    memory.before = () =>
      new Promise((resolve) => {
        go = resolve;
      });
    const controller = new AbortController();
    const wanted = pieces([0, 3 * MIB]);
    const run = errorOf(read(memory, wanted, { signal: controller.signal }));
    await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort(new QueryError("cancelled", "enough"));
    expect(await run).toMatchObject({ code: "cancelled" });
    memory.before = () => undefined;
    go();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(wanted[0]!.target.every((byte) => byte === 0)).toBe(true);
    const others = pieces([0, 3 * MIB]);
    await read(memory, others);
    expectContent(others);
    await memory.store.close();
  });
});

describe("requests", () => {
  it("are few: near pieces are joined, the end of the object comes as a whole and stays", async () => {
    const memory = withObject(false);
    await read(memory, pieces([1000, 10], [500_000, 10], [1_400_000, 10], [4 * MIB, 10]));
    expect(memory.asked).toEqual(["get k 1000-1400010", `get k ${4 * MIB}-${4 * MIB + 10}`]);
    memory.asked.length = 0;
    await read(memory, pieces([SIZE - 8, 8]));
    await read(memory, pieces([SIZE - 60_000, 50_000]));
    await read(memory, pieces([SIZE - 200_000, 10], [SIZE - 100_000, 10]));
    expect(memory.asked).toEqual([`get k ${SIZE - 256 * 1024}-${SIZE}`]);
    expect(memory.store.statistics()).toMatchObject({ requests: 3, failedRequests: 0 });
  });

  it("of many megabytes are split", async () => {
    const memory = withObject(false);
    await read(memory, pieces([0, SIZE]));
    expect(memory.asked).toHaveLength(2);
  });

  it("are whole blocks with a disk cache, each fetched once for all who want it at the time", async () => {
    const memory = withObject(true);
    memory.before = () => new Promise((resolve) => setTimeout(resolve, 10));
    await Promise.all([
      read(memory, pieces([100, 10])),
      read(memory, pieces([5000, 10])),
      read(memory, pieces([MIB + 3, 1])),
    ]);
    expect(memory.asked.toSorted()).toEqual([`get k 0-${MIB}`, `get k ${MIB}-${2 * MIB}`]);
    await memory.store.close();
  });

  it("of a split that another node should keep are not cached", async () => {
    const memory = withObject(true);
    for (let i = 0; i < 2; i++) await read(memory, pieces([100, 10]), { fillCache: false });
    expect(memory.asked).toEqual(["get k 100-110", "get k 100-110"]);
    await memory.store.close();
  });

  it("go on for who waits with one that is aborted", async () => {
    const memory = withObject(true);
    const gate: (() => void)[] = [];
    memory.before = () =>
      new Promise((resolve) => {
        gate.push(resolve);
      });
    const controller = new AbortController();
    const first = errorOf(read(memory, pieces([100, 10]), { signal: controller.signal }));
    await new Promise((resolve) => setTimeout(resolve, 20));
    const wanted = pieces([200, 10]);
    const second = read(memory, wanted);
    controller.abort(new QueryError("cancelled", "enough"));
    expect(await first).toMatchObject({ code: "cancelled" });
    memory.before = () => undefined;
    for (const open of gate) open();
    await second;
    expectContent(wanted);
    await memory.store.close();
  });
});

describe("files", () => {
  it("far away are refused by who has no store", async () => {
    expect(await errorOf(createFiles().look(PATH) as Promise<unknown>)).toMatchObject({ code: "unsupported" });
  });

  it("are opened as they were planned, or not at all", async () => {
    const memory = withObject(false);
    const files = createFiles(memory.store);
    const content = await files.look(PATH);
    expect(content).toEqual({ identity: "e", sizeBytes: SIZE });
    const file = files.open(PATH, content);
    memory.objects.set("b/k", { etag: "f", bytes: randomBytes(SIZE, 2) });
    await expect(file.readInto(new Uint8Array(10), 0, 10)).rejects.toThrow("has changed since the query was planned");
    await expect(files.readFar(PATH, "other", {}).readPieces!(pieces([0, 10]))).rejects.toThrow("has changed");
  });

  it("end what waits for bytes when they are closed, or nobody wants them any more", async () => {
    const memory = withObject(false);
    memory.before = () => new Promise(() => undefined);
    const files = createFiles(memory.store);
    let wanted = true;
    const checkWanted = (): void => {
      if (!wanted) throw new QueryError("timeout", "too late");
    };
    const looking = errorOf(files.look(PATH, checkWanted) as Promise<unknown>);
    const reader = files.readFar(PATH, "e", { checkWanted });
    const reading = errorOf(reader.readPieces!(pieces([0, 10])));
    const closing = errorOf(files.find("s3://b/*") as Promise<unknown>);
    await new Promise((resolve) => setTimeout(resolve, 30));
    wanted = false;
    expect(await looking).toMatchObject({ code: "timeout" });
    expect(await reading).toMatchObject({ code: "timeout" });
    await files.close();
    expect(await closing).toMatchObject({ code: "closed" });
  });
});
