import { type DataType, MAX_DECIMAL64_PRECISION, unreachable } from "@headcut/plan";
import type { ValueType } from "../wasm/function-builder.ts";

/**
 * How values of a type lie in linear memory and in WebAssembly locals. `bytes` is the size of one value in a column
 * vector or a row; `locals` what it takes in a function.
 *
 * - bool: one byte, 0 or 1; one i32 local.
 * - int32: int8–int32, uint8, uint16, date; sign- or zero-extended to 32 bits.
 * - int64: uint32, int64, uint64 (as its bit pattern), time, timestamp, decimals of up to 18 digits.
 * - int128: decimals beyond 18 digits (two's complement); uuid (its bytes as a big-endian number, top bit flipped, so
 *   that signed order is byte order); interval (low: microseconds; high: days in the low, months in the high 32 bits).
 *   Low word first; locals [low, high].
 * - string: varchar, blob: a reference of 64 bits, address in the low and byte length in the high 32 bits. The bytes are
 *   somewhere in linear memory and live as long as the batch, arena or row that the reference is in.
 */
export type Storage = "bool" | "int32" | "int64" | "int128" | "float32" | "float64" | "string";

export interface StorageLayout {
  readonly bytes: 1 | 4 | 8 | 16;
  readonly locals: readonly ValueType[];
}

export const storageLayout: Record<Storage, StorageLayout> = {
  bool: { bytes: 1, locals: ["i32"] },
  int32: { bytes: 4, locals: ["i32"] },
  int64: { bytes: 8, locals: ["i64"] },
  int128: { bytes: 16, locals: ["i64", "i64"] },
  float32: { bytes: 4, locals: ["f32"] },
  float64: { bytes: 8, locals: ["f64"] },
  string: { bytes: 8, locals: ["i64"] },
};

export const storageOf = (type: DataType): Storage => {
  switch (type.kind) {
    case "null":
    case "boolean":
      return "bool";
    case "int8":
    case "int16":
    case "int32":
    case "uint8":
    case "uint16":
    case "date":
      return "int32";
    case "uint32":
    case "int64":
    case "uint64":
    case "time":
    case "timestamp":
      return "int64";
    case "decimal":
      return type.precision <= MAX_DECIMAL64_PRECISION ? "int64" : "int128";
    case "interval":
    case "uuid":
      return "int128";
    case "float":
      return "float32";
    case "double":
      return "float64";
    case "varchar":
    case "blob":
      return "string";
    default:
      return unreachable(type);
  }
};
