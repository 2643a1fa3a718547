import { type DataType, type IntegerKind, integerLayout, type Value } from "@headcut/plan";

/** A small seeded generator (mulberry32): numbers in [0, 1). */
export const random = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
};

/** Rows of random values: one in eight NULL, one in three an extreme or otherwise special value. */
export const randomRows = (types: readonly DataType[], count: number, seed: number): Value[][] => {
  const next = random(seed);
  return Array.from({ length: count }, () => types.map((type) => randomValue(type, next)));
};

const randomValue = (type: DataType, next: () => number): Value => {
  if (next() < 0.125) return null;
  const special = specials(type);
  if (next() < 0.33 && special.length > 0) return special[Math.floor(next() * special.length)]!;
  return ordinary(type, next);
};

const bits = (count: number, next: () => number): bigint => {
  let value = 0n;
  for (let i = 0; i < count; i += 16) value = (value << 16n) | BigInt(Math.floor(next() * 65536));
  return BigInt.asUintN(count, value);
};

/** Of any magnitude up to the limit, so that small and large operands meet. */
const scaled = (limit: bigint, next: () => number): bigint => {
  const width = limit.toString(2).length;
  const value = bits(Math.max(1, Math.ceil(next() * width)), next) % (limit + 1n);
  return next() < 0.5 ? -value : value;
};

const numberOrBig = (type: DataType, value: bigint): Value =>
  type.kind === "int64" || type.kind === "uint64" ? value : Number(value);

const WORDS = [
  "",
  "a",
  "A",
  "abc",
  "ABC",
  "special",
  "requests",
  "special requests",
  "äöü",
  "ÄÖÜ",
  "ß",
  "Straße",
  "日本語",
  "😀",
  "a😀b",
  "%",
  "_",
  "a%b",
  "a_b",
  "\\",
  "  x  ",
  "ΑΒΓ αβγ",
  "Привет",
  "ı",
  "İ",
  "e\u0301",
  "the quick brown fox jumps over the lazy dog",
  "ab",
  "aab",
  "aaab",
  "abab",
  "xyzzy",
];

const specials = (type: DataType): readonly Value[] => {
  switch (type.kind) {
    case "int8":
    case "int16":
    case "int32":
    case "int64":
    case "uint8":
    case "uint16":
    case "uint32":
    case "uint64": {
      const { bits: width, signed } = integerLayout(type.kind as IntegerKind);
      const top = signed ? 2n ** BigInt(width - 1) : 2n ** BigInt(width);
      const low = signed ? [-top, -top + 1n, -1n, -2n] : [];
      return [...low, 0n, 1n, 2n, 10n, top - 1n, top - 2n].map((value) => numberOrBig(type, value));
    }
    case "decimal": {
      const top = 10n ** BigInt(type.precision) - 1n;
      const half = 5n * 10n ** BigInt(Math.max(0, type.scale - 1));
      return [0n, 1n, -1n, top, -top, half, -half, half - 1n].filter((value) => value <= top && -value <= top);
    }
    case "float":
    case "double":
      return [
        0,
        -0,
        1,
        -1,
        0.5,
        -0.5,
        1.5,
        2.5,
        Number.NaN,
        Infinity,
        -Infinity,
        1e10,
        123456.789,
        0.1,

        1e-3,
      ]
        .map((value) => (type.kind === "float" ? Math.fround(value) : value))
        .concat(type.kind === "double" ? [Number.MAX_VALUE, Number.MIN_VALUE, 2 ** 63, 1e38] : [3.4028234663852886e38]);
    case "boolean":
      return [];
    case "date":
      return [0, -1, 1, 11016, 10956, -719162, 19782, 59, 365, 18321, 18262];
    case "time":
      return [0n, 86399999999n, 1n, 43200000000n];
    case "timestamp":
      return type.unit === "us"
        ? [0n, -1n, 1n, 951782400000000n, -62135596800000000n, 86399999999n]
        : [0n, 1n, -1n, 999n, -1001n];
    case "interval":
      return [
        { months: 0, days: 0, micros: 0n },
        { months: 1, days: 0, micros: 0n },
        { months: 0, days: 30, micros: 0n },
        { months: 0, days: 0, micros: 2592000000000n },
        { months: -1, days: 31, micros: -1n },
        { months: 12, days: -1, micros: 86400000000n },
      ];
    case "varchar":
      return WORDS;
    case "blob":
      return [new Uint8Array(0), new Uint8Array([0]), new Uint8Array([255, 0, 128])];
    case "uuid":
      return [new Uint8Array(16), new Uint8Array(16).fill(255)];
    case "null":
      return [null];
  }
};

const ordinary = (type: DataType, next: () => number): Value => {
  switch (type.kind) {
    case "int8":
    case "int16":
    case "int32":
    case "int64":
    case "uint8":
    case "uint16":
    case "uint32":
    case "uint64": {
      const { bits: width, signed } = integerLayout(type.kind as IntegerKind);
      const value = scaled(2n ** BigInt(signed ? width - 1 : width) - 1n, next);
      return numberOrBig(type, signed || value >= 0n ? value : -value);
    }
    case "decimal":
      return scaled(10n ** BigInt(type.precision) - 1n, next);
    case "float":
      return Math.fround((next() - 0.5) * 10 ** Math.floor(next() * 12));
    case "double":
      return (next() - 0.5) * 10 ** Math.floor(next() * 24 - 4);
    case "boolean":
      return next() < 0.5;
    case "date":
      return Math.floor((next() - 0.3) * 40000);
    case "time":
      return BigInt(Math.floor(next() * 86400000000));
    case "timestamp":
      return type.unit === "us"
        ? BigInt(Math.floor((next() - 0.3) * 4e15))
        : BigInt(Math.floor((next() - 0.3) * 4e15)) * 1000n + BigInt(Math.floor(next() * 1000));
    case "interval":
      return {
        months: Math.floor((next() - 0.5) * 50),
        days: Math.floor((next() - 0.5) * 100),
        micros: BigInt(Math.floor((next() - 0.5) * 4e11)),
      };
    case "varchar": {
      const count = Math.floor(next() * 4);
      return Array.from({ length: count }, () => WORDS[Math.floor(next() * WORDS.length)]!).join(
        next() < 0.5 ? "" : " ",
      );
    }
    case "blob":
      return new Uint8Array(Array.from({ length: Math.floor(next() * 20) }, () => Math.floor(next() * 256)));
    case "uuid":
      return new Uint8Array(Array.from({ length: 16 }, () => Math.floor(next() * 256)));
    case "null":
      return null;
  }
};
