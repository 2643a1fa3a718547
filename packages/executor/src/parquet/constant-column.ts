import { storageOf } from "../layout/storage.ts";
import type { SharedMemory } from "../memory/shared-memory.ts";
import type { ColumnSource } from "./column-source.ts";
import { type Dictionary, nextDictionaryId } from "./dictionary.ts";
import type { ConstantColumn } from "./scan-plan.ts";
import type { Slab, SlabPool } from "./slab-pool.ts";

/** Room for one value of any storage. */
const VALUE_BYTES = 16;

export interface ConstantEnvironment {
  readonly memory: SharedMemory;
  readonly pool: SlabPool;
  /** Zeros, four bytes for each row of a batch: all rows have the dictionary's first value. */
  readonly zeros: number;
}

/** A column of which a file has one value: a dictionary of that value, and no chunk. It lives as long as the scan is at such files. */
export class ConstantSource implements ColumnSource {
  readonly column: ConstantColumn;
  readonly isAllCodes = true;
  readonly packedCodesWidth = 4;
  readonly validAddress = 0;
  readonly packedCodes: number;
  readonly codesAddress: number;
  readonly codes: Dictionary;
  readonly #pool: SlabPool;
  #slab: Slab | undefined;

  constructor(column: ConstantColumn, { memory, pool, zeros }: ConstantEnvironment) {
    const { value } = column;
    const text = typeof value === "string" ? Buffer.from(value) : undefined;
    this.#pool = pool;
    this.#slab = pool.acquire(VALUE_BYTES + (text?.length ?? 0));
    const { address } = this.#slab;
    if (text !== undefined) memory.bytes.set(text, address + VALUE_BYTES);
    write(memory, address, column, text?.length ?? 0);
    this.column = column;
    this.codes = { address, count: 1, id: nextDictionaryId() };
    this.packedCodes = zeros;
    this.codesAddress = zeros;
  }

  /** Asked for by nobody: the batch is codes. */
  get valuesAddress(): number {
    return this.codes.address;
  }

  beginBatch(): void {}

  skip(): void {}

  read(): void {}

  fill(): void {}

  peekDictionary(): Dictionary {
    return this.codes;
  }

  /** The next morsel may be of the same file. */
  endChunk(): void {}

  /** Nothing refers to the value any more. */
  release(): void {
    if (this.#slab !== undefined) this.#pool.release(this.#slab);
    this.#slab = undefined;
  }
}

const write = ({ view }: SharedMemory, address: number, { type, value }: ConstantColumn, textBytes: number): void => {
  const storage = storageOf(type);
  switch (storage) {
    case "int32":
      view.setInt32(address, Number(value), true);
      return;
    case "int64":
      view.setBigInt64(address, BigInt(value as number | bigint), true);
      return;
    case "string":
      view.setUint32(address, address + VALUE_BYTES, true);
      view.setUint32(address + 4, textBytes, true);
      return;
    default:
      throw new Error(`internal error: a path's column of ${storage}`);
  }
};
