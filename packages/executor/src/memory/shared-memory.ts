import { QueryError } from "@headcut/plan";

/** WebAssembly's page, and the smallest slab. */
export const PAGE_BYTES = 65536;
/** One page short of 4 GiB, so that the end of memory is still a 32-bit address. */
export const MAX_MEMORY_BYTES = 65535 * PAGE_BYTES;
/** Below lie the kernels' constants and the allocator's own block. */
const HEAP_START_BYTES = 0x100000;
const MIN_MEMORY_BYTES = HEAP_START_BYTES + 16 * PAGE_BYTES;

/** The process's memory as a thread of the host sees it: the views span all of it and never go stale. */
export interface SharedMemory {
  readonly memory: WebAssembly.Memory;
  readonly bytes: Uint8Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly f64: Float64Array;
  readonly i64: BigInt64Array;
  readonly u64: BigUint64Array;
  readonly view: DataView;
}

export const viewsOf = (memory: WebAssembly.Memory): SharedMemory => {
  const { buffer } = memory;
  return {
    memory,
    bytes: new Uint8Array(buffer),
    i32: new Int32Array(buffer),
    u32: new Uint32Array(buffer),
    f64: new Float64Array(buffer),
    i64: new BigInt64Array(buffer),
    u64: new BigUint64Array(buffer),
    view: new DataView(buffer),
  };
};

/**
 * Reserves address space for at most `limitBytes` of heap; pages cost when they are first touched. Where the system
 * refuses (address-space limit, strict overcommit), half of it is tried, and so on. The heap is not initialized yet.
 */
export const createSharedMemory = (limitBytes = MAX_MEMORY_BYTES): SharedMemory => {
  let pages = Math.floor(
    Math.min(Math.max(limitBytes + HEAP_START_BYTES, MIN_MEMORY_BYTES), MAX_MEMORY_BYTES) / PAGE_BYTES,
  );
  for (;;) {
    try {
      return viewsOf(new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }));
    } catch (error) {
      if (pages * PAGE_BYTES <= MIN_MEMORY_BYTES) {
        throw new QueryError("out-of-memory", "the system refuses the memory that the engine needs", {
          hint: "an engine needs about 10 GiB of address space (see `ulimit -v`), of which it uses as little as its queries need",
          cause: error,
        });
      }
      pages = Math.max(MIN_MEMORY_BYTES / PAGE_BYTES, Math.floor(pages / 2));
    }
  }
};
