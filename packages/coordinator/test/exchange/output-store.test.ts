import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openOutputStore } from "../../src/exchange/output-store.ts";
import { withChecksum } from "../../src/flight/checksum.ts";
import type { FlightData } from "../../src/flight/flight-data.ts";
import { flightDataBytes } from "../../src/flight/flight-data.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "headcut-outputs-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const message = (n: number, bytes: number): FlightData =>
  withChecksum({
    header: Uint8Array.of(n, 1, 2),
    body: [new Uint8Array(bytes).fill(n), new Uint8Array(0), new Uint8Array(5).fill(n + 1)],
  });
const schema = message(200, 3);

const flat = ({ header, body, appMetadata }: FlightData): Buffer =>
  Buffer.concat([header, appMetadata ?? new Uint8Array(0), ...body]);

const all = async (messages: AsyncIterable<FlightData>): Promise<Buffer[]> => {
  const found: Buffer[] = [];
  for await (const one of messages) found.push(flat(one));
  return found;
};

const spilled = (): string[] => readdirSync(folder).flatMap((name) => readdirSync(join(folder, name)));

describe("outputs", () => {
  it("give every reader of a partition the schema and its messages in order, from memory and from disk", async () => {
    const one = flightDataBytes(message(0, 1000));
    const store = openOutputStore(folder, 3 * one);
    const output = store.create(2, schema);
    const messages = Array.from({ length: 10 }, (_, n) => message(n, 1000));
    for (const [n, each] of messages.entries()) await output.append(n % 2, each);
    expect(store.bytes()).toEqual({ memory: 3 * one, disk: 7 * one });
    expect(output.bytes()).toBe(10 * one);
    expect(spilled()).toHaveLength(1);
    const expected = (partition: number) => [schema, ...messages.filter((_, n) => n % 2 === partition)].map(flat);
    const readers = await Promise.all([0, 1, 0, 1, 0].map((partition) => all(output.read(partition))));
    for (const [i, found] of readers.entries()) expect(found).toEqual(expected(i % 2));
    await expect(all(output.read(2))).rejects.toMatchObject({ code: "io" });
    await output.drop();
    await output.drop();
    expect(store.bytes()).toEqual({ memory: 0, disk: 0 });
    expect(spilled()).toEqual([]);
    store.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("share the bound of the process: memory that one gives back is another's", async () => {
    const one = flightDataBytes(message(0, 100));
    const store = openOutputStore(folder, one);
    const [first, second, third] = [store.create(1, schema), store.create(1, schema), store.create(1, schema)];
    await first.append(0, message(1, 100));
    await second.append(0, message(2, 100));
    expect(store.bytes()).toEqual({ memory: one, disk: one });
    await first.drop();
    await third.append(0, message(3, 100));
    expect(store.bytes()).toEqual({ memory: one, disk: one });
    expect(await all(second.read(0))).toEqual([schema, message(2, 100)].map(flat));
    expect(await all(third.read(0))).toEqual([schema, message(3, 100)].map(flat));
  });

  it("read nothing ahead", async () => {
    const store = openOutputStore(folder, 0);
    const output = store.create(1, schema);
    for (let n = 0; n < 5; n++) await output.append(0, message(n, 100));
    const reader = output.read(0);
    await reader.next();
    expect(flat((await reader.next()).value as FlightData)).toEqual(flat(message(0, 100)));
    await output.drop();
    await expect(reader.next()).rejects.toMatchObject({ code: "io" });
  });

  it("fail their readers, not the process, when dropped in the middle of a read", async () => {
    const store = openOutputStore(folder, 0);
    const output = store.create(1, schema);
    for (let n = 0; n < 20; n++) await output.append(0, message(n, 100_000));
    const readers = Array.from({ length: 4 }, () => all(output.read(0)));
    await new Promise(setImmediate);
    const dropping = output.drop();
    const ends = await Promise.allSettled(readers);
    await dropping;
    for (const end of ends) expect(end).toMatchObject({ status: "rejected", reason: { code: "io" } });
    expect(spilled()).toEqual([]);
  });

  it("say what the disk says", async () => {
    const store = openOutputStore(folder, 0);
    const output = store.create(1, schema);
    rmSync(folder, { recursive: true });
    await expect(output.append(0, message(1, 10))).rejects.toMatchObject({ code: "io", message: /spill file/ });
    await output.drop();
  });

  it("notice a spill file that changed", async () => {
    const store = openOutputStore(folder, 0);
    const output = store.create(1, schema);
    await output.append(0, message(1, 1000));
    const [name] = readdirSync(folder);
    writeFileSync(join(folder, name!, spilled()[0]!), Buffer.alloc(2000, 7));
    await expect(all(output.read(0))).rejects.toMatchObject({ code: "io" });
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
