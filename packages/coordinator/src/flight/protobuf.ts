import { QueryError } from "@headcut/plan";

/**
 * Protocol Buffers' wire format (https://protobuf.dev/programming-guides/encoding), as much of it as Flight's messages need:
 * fields of varints, doubles and bytes. Integers are JavaScript numbers.
 */
export type FieldValue = number | Uint8Array;

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;
const encoder = new TextEncoder();

/** Parts of a message; defaults (0, empty) are left out, as proto3 does. */
export const bytesField = (field: number, value: Uint8Array | undefined): Uint8Array[] =>
  value === undefined || value.length === 0 ? [] : bytesItem(field, value);

/** One of a repeated field, or of a message: there even when it is empty. */
export const bytesItem = (field: number, value: Uint8Array): Uint8Array[] => [
  Uint8Array.from([...varint(field * 8 + BYTES), ...varint(value.length)]),
  value,
];

export const textField = (field: number, value: string): Uint8Array[] => bytesField(field, encoder.encode(value));

export const integerField = (field: number, value: number): Uint8Array[] =>
  value === 0 ? [] : [Uint8Array.from([...varint(field * 8 + VARINT), ...varint(value)])];

export const doubleField = (field: number, value: number): Uint8Array[] => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return [Uint8Array.from(varint(field * 8 + FIXED64)), bytes];
};

export const message = (...fields: readonly (readonly Uint8Array[])[]): Uint8Array => Buffer.concat(fields.flat());

/** Negative ones have ten bytes, as 64-bit two's complements. */
export const varint = (value: number): number[] => {
  const negative = value < 0;
  const out: number[] = [];
  // -1 - value has the complement of its bits.
  let rest = negative ? -1 - value : value;
  while (rest >= 128 || (negative && out.length < 9)) {
    const low = rest % 128;
    out.push((negative ? 127 - low : low) | 128);
    rest = Math.floor(rest / 128);
  }
  out.push(negative ? 1 : rest);
  return out;
};

const malformed = (what: string): QueryError => new QueryError("io", `malformed Flight message: ${what}`);

/** Calls `visit` with each field in order; bytes are views. Throws QueryError "io" for what is no message. */
export const readFields = (bytes: Uint8Array, visit: (field: number, value: FieldValue) => void): void => {
  let position = 0;
  const readVarint = (): number => {
    let value = 0;
    let scale = 1;
    for (let length = 1; length <= 10; length++) {
      if (position >= bytes.length) throw malformed("a number is cut off");
      const byte = bytes[position++]!;
      // The tenth byte is the sign of a negative number: its other bits, exact or not, are all of that one's.
      if (length === 10) return byte === 0 ? value : negativeTail(bytes, position);
      value += (byte & 127) * scale;
      scale *= 128;
      if (byte < 128) return value;
    }
    throw malformed("a number is too long");
  };
  const take = (length: number): Uint8Array => {
    if (length > bytes.length - position) throw malformed(`${length} bytes where ${bytes.length - position} are left`);
    position += length;
    return bytes.subarray(position - length, position);
  };
  while (position < bytes.length) {
    const key = readVarint();
    const field = Math.floor(key / 8);
    if (field < 1 || field > 0x1fffffff) throw malformed(`field number ${field}`);
    switch (key % 8) {
      case VARINT:
        visit(field, readVarint());
        break;
      case FIXED64:
        visit(field, doubleAt(take(8)));
        break;
      case BYTES:
        visit(field, take(readVarint()));
        break;
      case FIXED32:
        take(4);
        break;
      default:
        throw malformed(`wire type ${key % 8}`);
    }
  }
};

/** The negative number whose ten bytes end before `end`. */
const negativeTail = (bytes: Uint8Array, end: number): number => {
  let complement = 0;
  for (let i = end - 2; i >= end - 10; i--) complement = complement * 128 + (127 - (bytes[i]! & 127));
  return -1 - complement;
};

const doubleAt = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0, true);

export const asBytes = (value: FieldValue): Uint8Array => {
  if (typeof value === "number") throw malformed("a number where bytes were expected");
  return value;
};

export const asNumber = (value: FieldValue): number => {
  if (typeof value !== "number") throw malformed("bytes where a number was expected");
  return value;
};

const decoder = new TextDecoder("utf-8", { fatal: true });

export const asText = (value: FieldValue): string => {
  try {
    return decoder.decode(asBytes(value));
  } catch {
    throw malformed("text that is no UTF-8");
  }
};
