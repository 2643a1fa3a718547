import type { IpcColumn } from "@headcut/coordinator";
import type { EncodedBatch } from "@headcut/executor";

/** A part of a table such as lineitem: keys, amounts, dates, flags, and comments of words. */
export const exchangeColumns: readonly IpcColumn[] = [
  { name: "key", type: { kind: "int64" }, nullable: false },
  { name: "price", type: { kind: "decimal", precision: 15, scale: 2 }, nullable: false },
  { name: "discount", type: { kind: "double" }, nullable: false },
  { name: "day", type: { kind: "date" }, nullable: false },
  { name: "flag", type: { kind: "varchar" }, nullable: false },
  { name: "comment", type: { kind: "varchar" }, nullable: false },
];

const ROWS = 16_384;
const WORDS =
  "the quick packages sleep furiously above regular deposits across final ideas among pending requests".split(" ");

/** About 1.5 MiB, always the same. */
export const exchangeBatch = (): EncodedBatch => {
  let state = 42;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const rows = Array.from({ length: ROWS }, (_, i) => i);
  const keys = Float64Array.from(rows).map((i) => i * 4 + random(4));
  const prices = new BigInt64Array(2 * ROWS);
  for (const i of rows) prices[2 * i] = BigInt(100_000 + random(10_000_000));
  const discounts = Float64Array.from(rows, () => random(11) / 100);
  const days = Int32Array.from(rows, () => 8_000 + random(2_500));
  const flags = rows.map(() => "ANR"[random(3)]!);
  const comments = rows.map(() => Array.from({ length: 2 + random(5) }, () => WORDS[random(WORDS.length)]).join(" "));
  return {
    rowCount: ROWS,
    columns: [
      fixed(BigInt64Array.from(keys, BigInt)),
      fixed(prices),
      fixed(discounts),
      fixed(days),
      texts(flags),
      texts(comments),
    ],
  };
};

type Column = EncodedBatch["columns"][number];

const fixed = ({ buffer }: { readonly buffer: ArrayBufferLike }): Column => ({
  nullCount: 0,
  validity: undefined,
  offsets: undefined,
  values: new Uint8Array(buffer),
});

const texts = (values: readonly string[]): Column => {
  const offsets = new Int32Array(values.length + 1);
  for (const [i, value] of values.entries()) offsets[i + 1] = offsets[i]! + value.length;
  return { nullCount: 0, validity: undefined, offsets, values: Buffer.from(values.join("")) };
};
