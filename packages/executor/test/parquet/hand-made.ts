import { writeFileSync } from "node:fs";

/**
 * Parquet files put together byte by byte, for what no writer at hand writes: rare encodings, old forms, lies.
 */
export type ThriftValue =
  | { readonly kind: "i32" | "i64"; readonly value: number | bigint }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "binary"; readonly value: Uint8Array }
  | { readonly kind: "list"; readonly element: 5 | 8 | 12; readonly items: readonly ThriftValue[] }
  | { readonly kind: "struct"; readonly fields: Fields };
export type Fields = Readonly<Record<number, ThriftValue | undefined>>;

export const i32 = (value: number): ThriftValue => ({ kind: "i32", value });
export const i64 = (value: number | bigint): ThriftValue => ({ kind: "i64", value });
export const bool = (value: boolean): ThriftValue => ({ kind: "bool", value });
export const text = (value: string): ThriftValue => ({ kind: "binary", value: new TextEncoder().encode(value) });
export const struct = (fields: Fields): ThriftValue => ({ kind: "struct", fields });
const list = (element: 5 | 8 | 12, items: readonly ThriftValue[]): ThriftValue => ({ kind: "list", element, items });

const varint = (value: bigint): number[] => {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
};
const zigzag = (value: number | bigint): number[] => {
  const wide = BigInt(value);
  return varint(wide >= 0n ? wide * 2n : -wide * 2n - 1n);
};

const encodeValue = (value: ThriftValue): number[] => {
  switch (value.kind) {
    case "i32":
    case "i64":
      return zigzag(value.value);
    case "bool":
      return [];
    case "binary":
      return [...varint(BigInt(value.value.length)), ...value.value];
    case "list": {
      const { element, items } = value;
      const head =
        items.length < 15 ? [(items.length << 4) | element] : [0xf0 | element, ...varint(BigInt(items.length))];
      return [...head, ...items.flatMap(encodeValue)];
    }
    case "struct":
      return encodeStruct(value.fields);
  }
};

const typeCode = (value: ThriftValue): number => {
  if (value.kind === "bool") return value.value ? 1 : 2;
  return { i32: 5, i64: 6, binary: 8, list: 9, struct: 12 }[value.kind];
};

export const encodeStruct = (fields: Fields): number[] => {
  const bytes: number[] = [];
  for (const [id, value] of Object.entries(fields)) {
    // The long form of a field's header, always.
    if (value !== undefined) bytes.push(typeCode(value), ...zigzag(Number(id)), ...encodeValue(value));
  }
  return [...bytes, 0];
};

export const PLAIN = 0;
export const RLE = 3;
export const BIT_PACKED = 4;
export const DELTA_BINARY_PACKED = 5;
export const DELTA_BYTE_ARRAY = 7;
export const RLE_DICTIONARY = 8;

export interface HandMadePage {
  readonly kind: "data" | "dataV2" | "dictionary";
  readonly values: number;
  readonly encoding?: number;
  readonly levelEncoding?: number;
  /** As they are stored. */
  readonly bytes: readonly number[];
  readonly uncompressedSize?: number;
  readonly compressedSize?: number;
  /** Version 2: bytes of definition levels. */
  readonly levelBytes?: number;
}

export interface HandMadeColumn {
  /** Of the schema element: 1 type, 2 type_length, 3 repetition, 6 converted type, 7 scale, 8 precision, 10 logical type. */
  readonly element: Fields;
  readonly codec?: number;
  readonly pages: readonly HandMadePage[];
  readonly chunk?: Fields;
}

const pageHeader = (page: HandMadePage): number[] => {
  const type = { data: 0, dictionary: 2, dataV2: 3 }[page.kind];
  const encoding = i32(page.encoding ?? PLAIN);
  const details: Record<HandMadePage["kind"], Fields> = {
    data: { 5: struct({ 1: i32(page.values), 2: encoding, 3: i32(page.levelEncoding ?? RLE), 4: i32(RLE) }) },
    dictionary: { 7: struct({ 1: i32(page.values), 2: encoding }) },
    dataV2: {
      8: struct({
        1: i32(page.values),
        2: i32(0),
        3: i32(page.values),
        4: encoding,
        5: i32(page.levelBytes ?? 0),
        6: i32(0),
      }),
    },
  };
  return encodeStruct({
    1: i32(type),
    2: i32(page.uncompressedSize ?? page.bytes.length),
    3: i32(page.compressedSize ?? page.bytes.length),
    ...details[page.kind],
  });
};

/** Writes a file of one row group, all of whose columns have `rows` rows. */
export const writeHandMade = (path: string, rows: number, columns: Readonly<Record<string, HandMadeColumn>>): void => {
  const bytes: number[] = [...Buffer.from("PAR1")];
  const chunks: ThriftValue[] = [];
  for (const [name, { element, codec = 0, pages, chunk = {} }] of Object.entries(columns)) {
    const start = bytes.length;
    let dataStart = start;
    let uncompressed = 0;
    for (const page of pages) {
      if (page.kind === "dictionary") dataStart = -1;
      else if (dataStart < 0) dataStart = bytes.length;
      const header = pageHeader(page);
      bytes.push(...header, ...page.bytes);
      uncompressed += header.length + (page.uncompressedSize ?? page.bytes.length);
    }
    const hasDictionary = pages[0]?.kind === "dictionary";
    chunks.push(
      struct({
        2: i64(0),
        3: struct({
          1: element[1],
          2: list(5, []),
          3: list(8, [text(name)]),
          4: i32(codec),
          5: i64(rows),
          6: i64(Math.min(uncompressed, 2 ** 31)),
          7: i64(bytes.length - start),
          9: i64(Math.max(dataStart, start)),
          11: hasDictionary ? i64(start) : undefined,
          ...chunk,
        }),
      }),
    );
  }
  const elements = Object.entries(columns).map(([name, { element }]) =>
    struct({ 3: i32(0), ...element, 4: text(name) }),
  );
  const footer = encodeStruct({
    1: i32(1),
    2: list(12, [struct({ 4: text("root"), 5: i32(elements.length) }), ...elements]),
    3: i64(rows),
    4: list(12, [struct({ 1: list(12, chunks), 2: i64(0), 3: i64(rows) })]),
  });
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  writeFileSync(path, Buffer.from([...bytes, ...footer, ...length, ...Buffer.from("PAR1")]));
};
