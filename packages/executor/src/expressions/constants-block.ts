import type { DataType, IntervalValue, Value } from "@headcut/plan";
import { assert } from "@headcut/plan";
import { storageLayout, storageOf } from "../layout/storage.ts";

/**
 * The constants of one compiled module, to be copied anywhere in linear memory (8-aligned). Each relocation is the
 * offset of a u32 in `bytes` that holds an offset into the block: whoever places the block adds its address to them.
 */
export interface ConstantsBlock {
  readonly bytes: Uint8Array;
  readonly relocations: readonly number[];
}

/** Bytes of a constant that do not fit its slot; `relocations` as in the block, relative to these bytes. */
interface Tail {
  readonly slot: number;
  readonly bytes: Uint8Array;
  /** What the slot gives as length. */
  readonly length: number;
  readonly relocations: readonly number[];
}

/**
 * Collects constants in the order the code asks for them. Slots come first and their offsets depend on the types
 * alone, so that modules which differ only in their constants are equal byte for byte; variable-length bytes follow.
 */
export class ConstantsBuilder {
  private slots = new Uint8Array(64);
  private used = 0;
  private readonly tails: Tail[] = [];

  /** Offset of a new slot that holds the value in the storage of its type; of a string, its reference. NULL is zeros. */
  constant(type: DataType, value: Value): number {
    const storage = storageOf(type);
    const slot = this.slot(storageLayout[storage].bytes);
    if (value === null) return slot;
    if (storage === "string") {
      const bytes = bytesOf(value);
      this.tails.push({ slot, bytes, length: bytes.length, relocations: [] });
    } else {
      writeConstant(type, value, new DataView(this.slots.buffer), slot);
    }
    return slot;
  }

  /** Offset of a new slot of 8 bytes: address of the bytes (8-aligned) elsewhere in the block, and `length`. */
  data(bytes: Uint8Array, relocations: readonly number[] = [], length = bytes.length): number {
    const slot = this.slot(8);
    this.tails.push({ slot, bytes, length, relocations });
    return slot;
  }

  finish(): ConstantsBlock {
    const starts: number[] = [];
    let end = this.used;
    for (const { bytes } of this.tails) {
      starts.push(end);
      end = (end + bytes.length + 7) & ~7;
    }
    const bytes = new Uint8Array(Math.max(end, 16));
    bytes.set(this.slots.subarray(0, this.used));
    const view = new DataView(bytes.buffer);
    const relocations: number[] = [];
    this.tails.forEach((tail, i) => {
      const start = starts[i]!;
      bytes.set(tail.bytes, start);
      view.setUint32(tail.slot, start, true);
      view.setUint32(tail.slot + 4, tail.length, true);
      relocations.push(tail.slot);
      for (const offset of tail.relocations) {
        view.setUint32(start + offset, view.getUint32(start + offset, true) + start, true);
        relocations.push(start + offset);
      }
    });
    return { bytes, relocations };
  }

  private slot(bytes: number): number {
    const start = this.used;
    this.used += Math.max(bytes, 8);
    while (this.used > this.slots.length) {
      const larger = new Uint8Array(this.slots.length * 2);
      larger.set(this.slots);
      this.slots = larger;
    }
    return start;
  }
}

const bytesOf = (value: Value): Uint8Array => {
  if (typeof value === "string") return new TextEncoder().encode(value);
  assert(value instanceof Uint8Array, "a string constant is text or bytes");
  return value;
};

/** The value of a type whose storage has a fixed size, as `storage.ts` lays it out. */
export const writeConstant = (type: DataType, value: Exclude<Value, null>, view: DataView, offset: number): void => {
  switch (storageOf(type)) {
    case "bool":
      view.setUint8(offset, value === true ? 1 : 0);
      return;
    case "int32":
      view.setInt32(offset, Number(value), true);
      return;
    case "int64":
      view.setBigInt64(offset, BigInt.asIntN(64, BigInt(value as bigint | number)), true);
      return;
    case "int128": {
      const wide = int128Of(type, value);
      view.setBigUint64(offset, BigInt.asUintN(64, wide), true);
      view.setBigInt64(offset + 8, BigInt.asIntN(64, wide >> 64n), true);
      return;
    }
    case "float32":
      view.setFloat32(offset, Number(value), true);
      return;
    case "float64":
      view.setFloat64(offset, Number(value), true);
      return;
    case "string":
      throw new Error("internal error: a string has no fixed size");
  }
};

const int128Of = (type: DataType, value: Exclude<Value, null>): bigint => {
  if (type.kind === "interval") {
    const { months, days, micros } = value as IntervalValue;
    const high = (BigInt(months) << 32n) | BigInt.asUintN(32, BigInt(days));
    return (high << 64n) | BigInt.asUintN(64, micros);
  }
  if (type.kind === "uuid") {
    let number = 0n;
    for (const byte of value as Uint8Array) number = (number << 8n) | BigInt(byte);
    return BigInt.asIntN(128, number ^ (1n << 127n));
  }
  return BigInt(value as bigint | number);
};
