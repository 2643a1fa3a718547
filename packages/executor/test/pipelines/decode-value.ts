import type { DataType, Value } from "@headcut/plan";
import { storageOf } from "../../src/layout/storage.ts";

/** The value at `at`, as `Value` says for its type. */
export const decodeValue = (type: DataType, view: DataView, at: number): Value => {
  switch (storageOf(type)) {
    case "bool":
      return view.getUint8(at) === 1;
    case "int32":
      return view.getInt32(at, true);
    case "int64":
      return type.kind === "uint64"
        ? view.getBigUint64(at, true)
        : type.kind === "uint32"
          ? Number(view.getBigInt64(at, true))
          : view.getBigInt64(at, true);
    case "float32":
      return view.getFloat32(at, true);
    case "float64":
      return view.getFloat64(at, true);
    case "int128": {
      const [low, high] = [view.getBigUint64(at, true), view.getBigInt64(at + 8, true)];
      if (type.kind === "interval") {
        const days = Number(BigInt.asIntN(32, high));
        return { months: Number(high >> 32n), days, micros: BigInt.asIntN(64, low) };
      }
      return (high << 64n) | low;
    }
    case "string": {
      const [address, length] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
      const bytes = new Uint8Array(view.buffer, address, length).slice();
      return type.kind === "varchar" ? new TextDecoder().decode(bytes) : bytes;
    }
  }
};
