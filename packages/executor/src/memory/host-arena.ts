import { QueryError } from "@headcut/plan";
import { engineFull } from "./engine-full.ts";
import type { Heap } from "./heap.ts";

/** Memory that the host hands out piece by piece and gives back as a whole; charged to no query. */
export interface HostArena {
  /** 16-aligned, contents undefined. Throws QueryError "out-of-memory". */
  readonly allocate: (bytes: number) => number;
  /** Of the slabs it holds. */
  readonly bytes: () => number;
  readonly free: () => void;
}

const FIRST_SLAB_BYTES = 64 << 10;
const LARGEST_SLAB_BYTES = 1 << 20;

/** `purpose`, for the error: what the memory is for. */
export const createHostArena = ({ kernels }: Heap, purpose: string): HostArena => {
  const slabs: number[] = [];
  let [next, end, held] = [0, 0, 0];
  let slabBytes = FIRST_SLAB_BYTES;

  const slab = (bytes: number): number => {
    const address = bytes > 2 ** 31 ? 0 : kernels.slabAllocate(0, bytes) >>> 0;
    if (address === 0) {
      throw engineFull(new QueryError("out-of-memory", `the engine's memory is exhausted by ${purpose}`));
    }
    slabs.push(address);
    held += kernels.slabBytes(bytes) >>> 0;
    return address;
  };

  return {
    allocate: (bytes) => {
      const size = Math.max(16, (bytes + 15) & ~15);
      if (size > LARGEST_SLAB_BYTES / 4) return slab(size);
      if (size > end - next) {
        slabBytes = Math.min(LARGEST_SLAB_BYTES, Math.max(slabBytes, size));
        next = slab(slabBytes);
        end = next + (kernels.slabBytes(slabBytes) >>> 0);
        slabBytes *= 2;
      }
      const address = next;
      next += size;
      return address;
    },
    bytes: () => held,
    free: () => {
      for (const address of slabs) kernels.slabFree(0, address);
      slabs.length = 0;
      [next, end, held] = [0, 0, 0];
    },
  };
};
