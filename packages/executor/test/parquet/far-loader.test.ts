import { QueryError } from "@headcut/plan";
import { describe, expect, it } from "vitest";
import type { Piece, PieceReader } from "../../src/io/byte-source.ts";
import type { SharedMemory } from "../../src/memory/shared-memory.ts";
import { createFarLoader } from "../../src/parquet/far-loader.ts";
import type { ParquetMorsel } from "../../src/parquet/scan-plan.ts";
import type { Slab, SlabPool } from "../../src/parquet/slab-pool.ts";

const FILE = Uint8Array.from({ length: 10_000 }, (_, i) => (i * 7) % 251);

/** A morsel whose column i is at 100 i of the part of the file that is its own. */
const morselOf = (number: number, columns = 4): ParquetMorsel => ({
  file: 0,
  rowGroup: number,
  rowCount: 10,
  chunks: Array.from({ length: columns }, (_, i) => ({
    codec: "UNCOMPRESSED",
    fileOffset: number * 1000 + i * 100,
    length: 50,
    uncompressedLength: 50,
    onlyDictionaryPages: false,
  })),
});

const open = (slabs = 100) => {
  const memory = { bytes: new Uint8Array(100_000) } as SharedMemory;
  const free = Array.from({ length: slabs }, (_, i) => i * 64);
  const used = new Set<number>();
  const pool: SlabPool = {
    acquire: (bytes) => {
      const address = free.pop();
      if (address === undefined) throw new QueryError("out-of-memory", "no slab left");
      used.add(address);
      return { address, bytes };
    },
    release: ({ address }: Slab) => {
      expect(used.delete(address)).toBe(true);
      free.push(address);
    },
    close: () => undefined,
  };
  /** Ranges asked for; each read waits until it is let go. */
  const reads: { readonly pieces: readonly Piece[]; go(error?: Error): void }[] = [];
  let readers = 0;
  const reader = (isImmediate: boolean) => (): PieceReader => {
    readers++;
    let end = (_: Error): void => undefined;
    return {
      isImmediate,
      readInto: () => undefined,
      readPieces: (pieces) =>
        new Promise<void>((resolve, reject) => {
          end = reject;
          reads.push({
            pieces,
            go: (error) => {
              if (error !== undefined) return reject(error);
              for (const { offset, target } of pieces) target.set(FILE.subarray(offset, offset + target.length));
              resolve();
            },
          });
        }),
      close: () => {
        readers--;
        end(new QueryError("closed", "closed"));
      },
    };
  };
  const loader = createFarLoader(reader(false), pool, memory);
  const local = createFarLoader(reader(true), pool, memory);
  const expectColumn = (morsel: ParquetMorsel, column: number, address: number): void => {
    const { fileOffset, length } = morsel.chunks[column]!;
    expect([...memory.bytes.subarray(address, address + length)]).toEqual([
      ...FILE.subarray(fileOffset, fileOffset + length),
    ]);
  };
  return { loader, local, pool, reads, used, expectColumn, readers: () => readers };
};
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

describe("loading from far away", () => {
  it("gives the columns in their order, in one read", async () => {
    const { loader, reads, used, expectColumn, readers } = open();
    const morsel = morselOf(1);
    const loading = loader.load(morsel, [2, 0]);
    await turn();
    reads[0]!.go();
    const { addresses, slabs, bytesRead } = await loading;
    expectColumn(morsel, 2, addresses[0]!);
    expectColumn(morsel, 0, addresses[1]!);
    expect([reads.length, slabs.length, bytesRead, used.size, readers()]).toEqual([1, 2, 100, 2, 0]);
  });

  it("takes what was begun, and reads only what was not", async () => {
    const { loader, reads, expectColumn, readers } = open();
    const morsel = morselOf(2);
    loader.begin(morsel, [0, 1, 3]);
    reads[0]!.go();
    const loading = loader.load(morsel, [3, 2]);
    await turn();
    expect(reads[1]!.pieces.map(({ offset }) => offset)).toEqual([2200]);
    reads[1]!.go();
    const { addresses, slabs } = await loading;
    expectColumn(morsel, 3, addresses[0]!);
    expectColumn(morsel, 2, addresses[1]!);
    expect([slabs.length, readers()]).toEqual([4, 0]);
    const nothing = await loader.load(morselOf(3), []);
    expect(nothing).toEqual({ addresses: [], slabs: [], bytesRead: 0 });
  });

  it("says when it is asked what went wrong before, and keeps nothing", async () => {
    const { loader, reads, used, readers } = open();
    const morsel = morselOf(1);
    loader.begin(morsel, [0, 1]);
    reads[0]!.go(new QueryError("io", "the line is dead"));
    await turn();
    await expect(loader.load(morsel, [0, 1])).rejects.toThrow("the line is dead");
    expect([used.size, readers()]).toEqual([0, 0]);
  });

  it("keeps nothing when only the rest cannot be read", async () => {
    const { loader, reads, used } = open();
    const morsel = morselOf(1);
    loader.begin(morsel, [0]);
    reads[0]!.go();
    const loading = loader.load(morsel, [0, 1]);
    await turn();
    reads[1]!.go(new QueryError("io", "the line is dead"));
    await expect(loading).rejects.toThrow("the line is dead");
    expect(used.size).toBe(0);
  });

  it("drops what was begun, once nothing writes to it", async () => {
    const { loader, used, readers } = open();
    loader.begin(morselOf(1), [0, 1]);
    expect(used.size).toBe(2);
    const dropped = loader.drop();
    expect(dropped).toBeInstanceOf(Promise);
    await dropped;
    expect([used.size, readers()]).toEqual([0, 0]);
    expect(loader.drop()).toBeUndefined();
  });

  it("reads nothing ahead for which memory is short", async () => {
    const { loader, pool, reads, used } = open(3);
    const held = pool.acquire(1);
    const morsel = morselOf(1);
    loader.begin(morsel, [0, 1, 2]);
    await turn();
    expect([reads.length, used.size]).toEqual([0, 1]);
    pool.release(held);
    const loading = loader.load(morsel, [0, 1, 2]);
    await turn();
    reads[0]!.go();
    expect((await loading).slabs).toHaveLength(3);
  });

  it("gives up what is read ahead for what is needed now", async () => {
    const { loader, reads, used } = open(3);
    const [now, later] = [morselOf(1), morselOf(2)];
    const loading = loader.load(now, [0, 1]);
    loader.begin(later, [0, 1]);
    await turn();
    await turn();
    reads.at(-1)!.go();
    expect((await loading).slabs).toHaveLength(2);
    expect(used.size).toBe(2);
    await expect(loader.load(later, [0, 1])).rejects.toMatchObject({ code: "out-of-memory" });
  });

  it("leaves files that are near to the scan", async () => {
    const { local, reads, readers } = open();
    local.begin(morselOf(1), [0]);
    expect([reads.length, readers()]).toEqual([0, 0]);
  });
});
