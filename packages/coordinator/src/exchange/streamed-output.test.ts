import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { EncodedBatch } from "@headcut/executor";
import { int64, QueryError } from "@headcut/plan";
import { afterAll, describe, expect, it } from "vitest";
import { openOutputStore } from "./output-store.ts";
import { decodeRows } from "./row-messages.ts";
import { type StreamedOutput, streamedOutput, WINDOW_BYTES } from "./streamed-output.ts";

const folder = mkdtempSync(join(tmpdir(), "headcut-streamed-"));
const store = openOutputStore(folder, 2 ** 30);
afterAll(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const columns = [{ name: "n", type: int64, nullable: false }];
const ROWS = 1 << 17;
const BATCH_BYTES = 8 * ROWS;
const WINDOW_BATCHES = WINDOW_BYTES / BATCH_BYTES;

/** Its first value tells batches apart. */
const batchOf = (first: number): EncodedBatch => {
  const values = new BigInt64Array(ROWS);
  values[0] = BigInt(first);
  return {
    rowCount: ROWS,
    columns: [{ nullCount: 0, validity: undefined, offsets: undefined, values: new Uint8Array(values.buffer) }],
  };
};
const firstOf = ({ columns: [column] }: EncodedBatch): number => {
  const { buffer, byteOffset } = column!.values;
  return Number(new DataView(buffer, byteOffset).getBigInt64(0, true));
};

const open = () => {
  let full = 0;
  const output = streamedOutput(store.create(1, columns), columns, () => {
    full++;
  });
  return { output, timesFull: () => full };
};
/** Appends batch after batch; how many the output has taken so far. */
const write = (output: StreamedOutput, batches: number) => {
  let taken = 0;
  const done = (async () => {
    for (let i = 0; i < batches; i++) {
      await output.append(0, batchOf(i));
      taken++;
    }
    output.end();
  })();
  done.catch(() => undefined);
  return { done, taken: () => taken };
};
/** Until the writer waits, or has ended. */
const settle = async (writer: ReturnType<typeof write>): Promise<void> => {
  for (let before = -1; before !== writer.taken(); ) {
    before = writer.taken();
    await sleep(30);
  }
};
const readAll = async (output: StreamedOutput): Promise<number[]> => {
  const firsts: number[] = [];
  for await (const { batch } of output.rows(0)) firsts.push(firstOf(batch));
  return firsts;
};

describe("a streamed output", () => {
  it("that is small is as any other: it may be read again", async () => {
    const { output, timesFull } = open();
    await write(output, 3).done;
    expect(timesFull()).toBe(0);
    expect(await readAll(output)).toEqual([0, 1, 2]);
    expect(await readAll(output)).toEqual([0, 1, 2]);
    await output.drop();
  });

  it("makes its writer wait for its reader, and has all rows in their order", async () => {
    const { output, timesFull } = open();
    const batches = 4 * WINDOW_BATCHES;
    const writer = write(output, batches);
    await settle(writer);
    expect(timesFull()).toBe(1);
    expect(writer.taken()).toBeLessThanOrEqual(2 * WINDOW_BATCHES + 1);
    const rows = output.rows(0);
    const firsts: number[] = [];
    for (let i = 0; i < 2 * WINDOW_BATCHES; i++) firsts.push(firstOf((await rows.next()).value!.batch));
    await settle(writer);
    expect(writer.taken()).toBeGreaterThan(2 * WINDOW_BATCHES + 1);
    expect(writer.taken()).toBeLessThan(batches);
    for await (const { batch } of rows) firsts.push(firstOf(batch));
    expect(firsts).toEqual(Array.from({ length: batches }, (_, i) => i));
    expect(output.bytes()).toBe(batches * BATCH_BYTES);
    await output.drop();
  });

  it("sends the same as messages", async () => {
    const { output } = open();
    const batches = 2 * WINDOW_BATCHES + 3;
    const writer = write(output, batches);
    await settle(writer);
    const firsts: number[] = [];
    for await (const message of output.messages(0)) {
      if (message.body.length > 0) firsts.push(firstOf(decodeRows(message, columns)));
    }
    expect(firsts).toEqual(Array.from({ length: batches }, (_, i) => i));
    await output.drop();
  });

  it("never gives two readers a part each", async () => {
    const { output } = open();
    const writer = write(output, 3 * WINDOW_BATCHES);
    await settle(writer);
    const [one, other] = await Promise.allSettled([readAll(output), readAll(output)]);
    const results = [one, other].map(({ status }) => status);
    expect(results).toContain("rejected");
    for (const result of [one, other]) {
      if (result.status === "fulfilled") expect(result.value).toHaveLength(3 * WINDOW_BATCHES);
      else expect(result.reason).toMatchObject({ code: "io" });
    }
    await output.drop();
  });

  it("tells its reader what it failed with", async () => {
    const { output } = open();
    const writer = write(output, 2 * WINDOW_BATCHES + 5);
    await settle(writer);
    output.end(new QueryError("overflow", "a sum is too large"));
    await expect(readAll(output)).rejects.toMatchObject({ code: "overflow" });
    await output.drop();
  });

  it("stops its writer and its reader when it is dropped", async () => {
    const { output } = open();
    const writer = write(output, 4 * WINDOW_BATCHES);
    await settle(writer);
    const rows = output.rows(0);
    for (let i = 0; i < WINDOW_BATCHES; i++) await rows.next();
    await output.drop();
    await expect(writer.done).rejects.toMatchObject({ code: "io" });
    await expect(rows.next()).rejects.toMatchObject({ code: "io" });
  });
});
