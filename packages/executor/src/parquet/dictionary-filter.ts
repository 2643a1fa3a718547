import { COLUMN_ENTRY_BYTES, columnEntry } from "../layout/batch.ts";
import { storageLayout, storageOf } from "../layout/storage.ts";
import type { SharedMemory } from "../memory/shared-memory.ts";
import type { ColumnSource } from "./column-source.ts";
import type { Dictionary } from "./dictionary.ts";
import type { ParquetKernels } from "./kernels.ts";
import type { ScanBuffers } from "./scan-buffers.ts";
import type { ScanFilter } from "./scan-filter.ts";
import type { Slab, SlabPool } from "./slab-pool.ts";

/** A filter over one column, which it evaluates once per dictionary value instead of once per row. */
export interface DictionaryFilter {
  /** Rows of `selection` (0: all `count`) that pass, written to `target`; the column's batch must be codes. */
  apply(source: ColumnSource, dictionary: Dictionary, selection: number, count: number, target: number): number;
  /** Whether no value of the dictionary passes, nor NULL if there may be one. */
  passesNone(source: ColumnSource, dictionary: Dictionary, mayBeNull: boolean): boolean;
}

interface Environment {
  readonly memory: SharedMemory;
  readonly kernels: ParquetKernels;
  readonly pool: SlabPool;
  readonly buffers: ScanBuffers;
}

export const createDictionaryFilter = (filter: ScanFilter, environment: Environment): DictionaryFilter => {
  const { memory, kernels, pool, buffers } = environment;
  const entry = buffers.dictionaryBatch + filter.columns[0]! * COLUMN_ENTRY_BYTES;
  let passes: Slab | undefined;
  let passing = 0;
  let dictionaryId = 0;
  let nullPasses: boolean | undefined;

  /** Runs the filter over `count` values as if they were a batch. */
  const run = (values: number, valid: number, count: number): number => {
    memory.bytes.fill(0, entry, entry + COLUMN_ENTRY_BYTES);
    memory.view.setUint32(entry + columnEntry.values, values, true);
    memory.view.setUint32(entry + columnEntry.valid, valid, true);
    return filter.run(buffers.dictionaryBatch, 0, count, buffers.ranges);
  };

  const evaluate = (source: ColumnSource, { address, count, id }: Dictionary): Slab => {
    if (passes !== undefined && dictionaryId === id) return passes;
    if (passes === undefined || passes.bytes < count) {
      if (passes !== undefined) pool.release(passes);
      passes = undefined;
      passes = pool.acquire(count);
    }
    const { bytes } = storageLayout[storageOf(source.column.type)];
    memory.bytes.fill(0, passes.address, passes.address + Math.max(1, count));
    passing = 0;
    for (let first = 0; first < count; first += buffers.rows) {
      const passed = run(address + first * bytes, 0, Math.min(buffers.rows, count - first));
      kernels.markRows(buffers.ranges, passed, passes.address + first);
      passing += passed;
    }
    dictionaryId = id;
    return passes;
  };

  const doesNullPass = (): boolean => {
    nullPasses ??= run(buffers.nullValues, buffers.nullValid, 1) === 1;
    return nullPasses;
  };

  return {
    passesNone(source, dictionary, mayBeNull) {
      evaluate(source, dictionary);
      return passing === 0 && !(mayBeNull && doesNullPass());
    },

    apply(source, dictionary, selection, count, target) {
      const valid = source.validAddress;
      const { address } = evaluate(source, dictionary);
      const nulls = valid !== 0 && doesNullPass();
      if (passing === 0 && !nulls) return 0;
      const width = source.packedCodesWidth;
      const select =
        width === 1 ? kernels.selectByCodes1 : width === 2 ? kernels.selectByCodes2 : kernels.selectByCodes;
      return select(source.packedCodes, valid, address, nulls ? 1 : 0, selection, count, target) >>> 0;
    },
  };
};
