import { type DataType, QueryError } from "@headcut/plan";
import type * as arrow from "apache-arrow";
import type { Heap } from "../memory/heap.ts";
import type { HostArena } from "../memory/host-arena.ts";

/** Where and how a piece of an Arrow column goes into memory. */
export interface ColumnImport {
  readonly heap: Heap;
  /** For errors. */
  readonly name: string;
  readonly type: DataType;
  /** Room for `count` values in the storage of `type`. */
  readonly values: number;
  /** Room for `count` bytes. */
  readonly valid: number;
  /** Rows of the Arrow column. */
  readonly first: number;
  readonly count: number;
  /** For what lives as long as the values: the bytes of strings. */
  readonly keep: HostArena;
  /** For what the import alone needs. */
  readonly staging: HostArena;
}

/** The values' own bytes of the rows to import, whatever typed array Arrow keeps them in; `width` bytes each. */
export const rawBytes = ({ first, count }: ColumnImport, data: arrow.Data, width: number): Uint8Array => {
  const { buffer, byteOffset } = data.values as Uint8Array;
  return new Uint8Array(buffer, byteOffset + first * width, count * width);
};

/** The same, copied to staging memory: its address. */
export const stageValues = (to: ColumnImport, data: arrow.Data, width: number): number => {
  const address = to.staging.allocate(to.count * width);
  to.heap.memory.bytes.set(rawBytes(to, data, width), address);
  return address;
};

/** `status`: of a kernel, 0 for failure. */
export const checkImport = (to: ColumnImport, status: number, problem: string): void => {
  if (status === 0) throw new QueryError("conversion", `column "${to.name}": ${problem}`);
};
