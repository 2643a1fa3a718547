import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { threadContext } from "../layout/context.ts";
import { createHeap, type Heap } from "../memory/heap.ts";
import { createSpillFolder } from "./spill-folder.ts";
import { spoolState } from "./spool.ts";
import { createSpoolIo } from "./spool-io.ts";
import { SPILLED_BYTES_ADDRESS } from "./transfer.ts";

const folder = mkdtempSync(join(tmpdir(), "headcut-spool-io-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A block of 100 bytes of rows and as many of strings, the spool's state, and an entry for what is on disk. */
const blockAt = ({ memory, kernels }: Heap) => {
  const at = kernels.slabAllocate(0, 65536) >>> 0;
  memory.bytes.fill(0, at, at + 65536);
  const [spool, entry] = [at + 32768, at + 40960];
  for (const [offset, value] of [
    [4, at + 32 + 100],
    [8, at + 4000],
    [12, at + 4100],
  ] as const) {
    memory.view.setUint32(at + offset, value, true);
  }
  memory.view.setUint32(entry + 4, 1, true);
  memory.view.setUint32(entry + 8, 200, true);
  return { at, spool, entry };
};

describe("files of rows", () => {
  let heap: Heap;
  beforeAll(() => {
    heap = createHeap(16 << 20);
  });
  const spilled = (): number => Number(heap.memory.u64[SPILLED_BYTES_ADDRESS >>> 3]!);

  it.runIf(existsSync("/dev/full"))("say that the disk is full, and which file it was", () => {
    const descriptor = openSync("/dev/full", "r+");
    const io = createSpoolIo(heap, { descriptors: [descriptor], paths: ["/there/7"], limitBytes: 1e9 });
    const { at, spool } = blockAt(heap);
    expect(() => io.spoolWrite(0, 1, 0, spool, 0, at)).toThrow(
      expect.objectContaining({
        code: "io",
        message: expect.stringMatching(
          /^cannot write rows in \/there\/7: the disk is full, with \d+ KiB of queries' rows$/,
        ),
        hint: expect.stringContaining("spillDirectory"),
      }),
    );
    closeSync(descriptor);
  });

  it("say which one is shorter than what was written to it", () => {
    const path = join(folder, "short");
    writeFileSync(path, "x".repeat(150));
    const descriptor = openSync(path, "r");
    const io = createSpoolIo(heap, { descriptors: [descriptor], paths: [path], limitBytes: 1e9 });
    const { spool, entry } = blockAt(heap);
    expect(() => io.spoolRead(0, 1, 0, spool, entry, spool + 16384)).toThrow(
      expect.objectContaining({ code: "io", message: `cannot read rows in ${path}: it is shorter than it was` }),
    );
    closeSync(descriptor);
  });

  it("say which one has other bytes than were written to it", () => {
    const path = join(folder, "other");
    const descriptor = openSync(path, "w+");
    const io = createSpoolIo(heap, { descriptors: [descriptor], paths: [path], limitBytes: 1e9 });
    const { at, spool } = blockAt(heap);
    const { memory, kernels } = heap;
    memory.view.setUint32(spool + spoolState.stride, 100, true);
    // A writer of one partition, whose block this is; the entry comes from an arena.
    const [writer, context, arena] = [at + 20_000, at + 24_000, at + 25_000];
    kernels.arenaInitialize(arena, 0);
    memory.view.setUint32(context + threadContext.keep, arena, true);
    for (const [offset, address] of [
      [0, writer + 64],
      [4, writer + 68],
      [64, at],
    ] as const) {
      memory.view.setUint32(writer + offset, address, true);
    }
    memory.view.setUint32(writer + 12, 4100, true);
    memory.view.setUint32(at, 1, true);
    for (let i = 0; i < 100; i++) memory.bytes[at + 32 + i] = memory.bytes[at + 4000 + i] = i;
    io.spoolWrite(context, 1, 0, spool, writer, at);
    const entry = memory.view.getUint32(writer + 68, true);
    const to = at + 48_000;
    io.spoolRead(context, 1, 0, spool, entry, to);
    expect([...memory.bytes.subarray(to, to + 100)]).toEqual(Array.from({ length: 100 }, (_, i) => i));
    for (const position of [0, 99, 100, 199]) {
      writeSync(descriptor, Uint8Array.of(255), 0, 1, position);
      expect(() => io.spoolRead(context, 1, 0, spool, entry, to)).toThrow(
        expect.objectContaining({
          code: "io",
          message: `cannot read rows in ${path}: 200 bytes at 0 are not what was written there`,
        }),
      );
      writeSync(descriptor, Uint8Array.of(position % 100), 0, 1, position);
    }
    io.spoolRead(context, 1, 0, spool, entry, to);
    kernels.arenaFree(arena);
    closeSync(descriptor);
  });

  it("take no room that there is not", () => {
    const before = spilled();
    const io = createSpoolIo(heap, { descriptors: [0], paths: ["none"], limitBytes: before + 199 });
    const { at, spool } = blockAt(heap);
    expect(() => io.spoolWrite(0, 3, 0, spool, 0, at)).toThrow(
      expect.objectContaining({ operatorId: 3, wanted: "disk" }),
    );
    expect(spilled()).toBe(before);
  });
});

describe("folders of processes that have died", () => {
  it("are removed, also of one that had our number; those of the living and what is not ours stay", () => {
    const left = (name: string): string => {
      const path = join(folder, name);
      rmSync(path, { recursive: true, force: true });
      createSpillFolder(path, 1).close();
      return path;
    };
    const directory = join(folder, "spill");
    left("spill");
    const first = createSpillFolder(directory, 1e9);
    const files = first.open(2);
    expect(new Set(files.paths).size).toBe(2);
    // No process has so high a number.
    const dead = join(directory, "4194305-0-0-abc");
    const namesake = join(directory, `${process.pid}-0-0-abc`);
    const parents = join(directory, `${process.ppid}-0-0-abc`);
    // The number of a process that lives, but which started at another time.
    const reused = join(directory, `${process.ppid}-1-0-abc`);
    const foreign = join(directory, "photographs");
    for (const path of [dead, namesake, parents, reused, foreign]) {
      createSpillFolder(path, 1).open(0).close();
      writeFileSync(join(path, "0"), "rows");
    }
    const others = new Set(readdirSync(directory));
    const second = createSpillFolder(directory, 1e9);
    // Engines of one process share the directory, and each its own.
    expect(others.has(basename(dirname(files.paths[0]!)))).toBe(true);
    expect(existsSync(dirname(files.paths[0]!))).toBe(true);
    expect([dead, namesake, parents, foreign].map((path) => existsSync(path))).toEqual([false, false, true, true]);
    expect(existsSync(reused)).toBe(process.platform !== "linux");
    second.open(1).close();
    files.close();
    first.close();
    second.close();
    expect(existsSync(join(parents, "0"))).toBe(true);
  });
});
