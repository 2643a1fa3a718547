import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EncodedBatch } from "@headcut/executor";
import { int32 } from "@headcut/plan";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openOutputStore, type StoredOutput } from "../../src/exchange/output-store.ts";
import { packRows, schemaMessage } from "../../src/exchange/row-messages.ts";
import { verifyChecksum } from "../../src/flight/checksum.ts";
import type { FlightData } from "../../src/flight/flight-data.ts";
import { flightDataBytes } from "../../src/flight/flight-data.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "headcut-outputs-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const columns = [{ name: "n", type: int32, nullable: false }];
const BATCH_BYTES = 4000;

const batch = (n: number, rowCount = BATCH_BYTES / 4): EncodedBatch => ({
  rowCount,
  columns: [
    {
      nullCount: 0,
      validity: undefined,
      offsets: undefined,
      values: new Uint8Array(Int32Array.from({ length: rowCount }, (_, i) => n + i * i).buffer),
    },
  ],
});
const packedBytes = (n: number): number => flightDataBytes(packRows(batch(n), columns));

const flat = ({ header, body, appMetadata }: FlightData): Buffer =>
  Buffer.concat([header, appMetadata ?? new Uint8Array(0), ...body]);

const all = async (messages: AsyncIterable<FlightData>): Promise<Buffer[]> => {
  const found: Buffer[] = [];
  for await (const one of messages) {
    verifyChecksum(one, "the store", true);
    found.push(flat(one));
  }
  return found;
};
const asMessages = (...numbers: number[]): Buffer[] =>
  [schemaMessage(columns), ...numbers.map((n) => packRows(batch(n), columns))].map(flat);
/** The first number of each part. */
const firsts = async (output: StoredOutput, partition: number): Promise<number[]> => {
  const found: number[] = [];
  for await (const rows of output.rows(partition)) {
    const { values } = rows.batch.columns[0]!;
    expect(rows.batch).toEqual(batch(new DataView(values.buffer, values.byteOffset).getInt32(0, true)));
    found.push(new DataView(values.buffer, values.byteOffset).getInt32(0, true));
  }
  return found;
};

const spilled = (): string[] => readdirSync(folder).flatMap((name) => readdirSync(join(folder, name)));

describe("outputs", () => {
  it("give every reader of a partition its rows in order, from memory and from disk, here and elsewhere", async () => {
    const store = openOutputStore(folder, 3 * BATCH_BYTES);
    const output = store.create(2, columns);
    const numbers = Array.from({ length: 10 }, (_, n) => n);
    for (const n of numbers) await output.append(n % 2, batch(n));
    const disk = numbers.slice(3).reduce((sum, n) => sum + packedBytes(n), 0);
    expect(store.bytes()).toEqual({ memory: 3 * BATCH_BYTES, disk });
    expect(output.bytes()).toBe(3 * BATCH_BYTES + disk);
    expect(spilled()).toHaveLength(1);
    const expected = [0, 1].map((partition) => numbers.filter((n) => n % 2 === partition));
    for (const _ of [1, 2]) {
      for (const p of [0, 1]) expect(await firsts(output, p)).toEqual(expected[p]);
      const readers = await Promise.all([0, 1, 0, 1, 0].map((partition) => all(output.messages(partition))));
      for (const [i, found] of readers.entries()) expect(found).toEqual(asMessages(...expected[i % 2]!));
      // Once sent, rows are kept as they were sent.
      const memory = [0, 1, 2].reduce((sum, n) => sum + packedBytes(n), 0);
      expect(store.bytes()).toEqual({ memory, disk });
    }
    await expect(all(output.messages(2))).rejects.toMatchObject({ code: "io" });
    await expect(firsts(output, 2)).rejects.toMatchObject({ code: "io" });
    await output.drop();
    await output.drop();
    expect(store.bytes()).toEqual({ memory: 0, disk: 0 });
    expect(spilled()).toEqual([]);
    store.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("share the bound of the process: memory that one gives back is another's", async () => {
    const store = openOutputStore(folder, BATCH_BYTES);
    const [first, second, third] = [store.create(1, columns), store.create(1, columns), store.create(1, columns)];
    await first.append(0, batch(1));
    await second.append(0, batch(2));
    expect(store.bytes()).toEqual({ memory: BATCH_BYTES, disk: packedBytes(2) });
    await first.drop();
    await third.append(0, batch(3));
    expect(store.bytes()).toEqual({ memory: BATCH_BYTES, disk: packedBytes(2) });
    expect(await all(second.messages(0))).toEqual(asMessages(2));
    expect(await all(third.messages(0))).toEqual(asMessages(3));
  });

  it("go in messages of at most 2 MiB, however large a batch is", async () => {
    const store = openOutputStore(folder, 64 << 20);
    const output = store.create(1, columns);
    await output.append(0, batch(5, 1_600_000));
    const sizes: number[] = [];
    let rows = 0;
    for await (const part of output.rows(0)) {
      sizes.push(part.bytes);
      rows += part.batch.rowCount;
    }
    expect(sizes).toHaveLength(4);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(2 << 20);
    expect(rows).toBe(1_600_000);
  });

  it("read nothing ahead, and do not seem to end when they are dropped", async () => {
    for (const maxBytes of [0, 1 << 20]) {
      const store = openOutputStore(folder, maxBytes);
      const output = store.create(1, columns);
      for (let n = 0; n < 5; n++) await output.append(0, batch(n));
      const [sent, own] = [output.messages(0), output.rows(0)];
      await sent.next();
      expect(flat((await sent.next()).value as FlightData)).toEqual(asMessages(0)[1]);
      await own.next();
      await output.drop();
      await expect(sent.next()).rejects.toMatchObject({ code: "io" });
      await expect(own.next()).rejects.toMatchObject({ code: "io" });
      await expect(output.append(0, batch(9))).rejects.toMatchObject({ code: "io" });
    }
  });

  it("fail their readers, not the process, when dropped in the middle of a read", async () => {
    const store = openOutputStore(folder, 0);
    const output = store.create(1, columns);
    for (let n = 0; n < 20; n++) await output.append(0, batch(n));
    const readers = Array.from({ length: 4 }, () => all(output.messages(0)));
    await new Promise(setImmediate);
    const dropping = output.drop();
    const ends = await Promise.allSettled(readers);
    await dropping;
    for (const end of ends) expect(end).toMatchObject({ status: "rejected", reason: { code: "io" } });
    expect(spilled()).toEqual([]);
  });

  it("say what the disk says", async () => {
    const store = openOutputStore(folder, 0);
    const output = store.create(1, columns);
    rmSync(folder, { recursive: true });
    await expect(output.append(0, batch(1))).rejects.toMatchObject({ code: "io", message: /spill file/ });
    await output.drop();
  });

  it("notice a spill file that changed", async () => {
    const store = openOutputStore(folder, 0);
    const output = store.create(1, columns);
    await output.append(0, batch(1));
    const [name] = readdirSync(folder);
    writeFileSync(join(folder, name!, spilled()[0]!), Buffer.alloc(2 * BATCH_BYTES, 7));
    await expect(all(output.messages(0))).rejects.toMatchObject({ code: "io" });
    await expect(firsts(output, 0)).rejects.toMatchObject({ code: "io" });
    await output.drop();
  });
});

describe("the spill directory", () => {
  it("is freed of what dead processes left, and of nothing else", () => {
    // No process has the largest id that a name can carry.
    const dead = join(folder, "outputs-2147483646-abc");
    const before = join(folder, `outputs-${process.pid}-restarted`);
    const alive = join(folder, `outputs-${process.ppid}-abc`);
    const foreign = join(folder, "notes");
    for (const path of [dead, before, alive, foreign]) {
      mkdirSync(path);
      writeFileSync(join(path, "0.spill"), "x");
    }
    const first = openOutputStore(folder, 0);
    expect([dead, before, alive, foreign].map(existsSync)).toEqual([false, false, true, true]);
    const own = readdirSync(folder);
    // Another worker of the same process.
    const second = openOutputStore(folder, 0);
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(own));
    first.close();
    second.close();
    expect(readdirSync(folder).sort()).toEqual(["notes", `outputs-${process.ppid}-abc`]);
  });
});
