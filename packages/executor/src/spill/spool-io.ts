import { ftruncateSync, readSync, writeSync } from "node:fs";
import { QueryError } from "@headcut/plan";
import { threadContext } from "../layout/context.ts";
import type { Heap } from "../memory/heap.ts";
import { heldMemory } from "../memory/held-memory.ts";
import { OperatorOutOfMemory } from "../run/error-record.ts";
import { diskError, type SpillFiles } from "./spill-folder.ts";
import { spoolState } from "./spool.ts";

/** Byte offsets in a block that is being filled, and in what is known of one on disk; kernels/pipelines/spill.ts. */
const block = { next: 4, strings: 8, end: 12, position: 24, header: 32 } as const;
export const blockEntry = { rows: 4, bytes: 8, position: 16 } as const;

/** u64, in the allocator's block (kernels/memory.ts): bytes on disk of all queries of the process. */
export const SPILLED_BYTES_ADDRESS = 0x40000 + 192;

/** Whole blocks between the shared memory and the files of one query. Addresses are absolute; QueryErrors "io", "out-of-memory". */
export interface SpoolIo {
  readonly spoolWrite: (
    context: number,
    operatorId: number,
    file: number,
    spool: number,
    writer: number,
    block: number,
  ) => void;
  readonly spoolFlush: (context: number, operatorId: number, file: number, spool: number, writer: number) => void;
  readonly spoolRead: (
    context: number,
    operatorId: number,
    file: number,
    spool: number,
    entry: number,
    to: number,
  ) => void;
  readonly spoolRelease: (context: number, operatorId: number, file: number, spool: number) => void;
}

export const createSpoolIo = ({ memory, kernels }: Heap, { descriptors, paths, limitBytes }: SpillFiles): SpoolIo => {
  const { u32, u64, bytes } = memory;

  /** Takes room on disk, of the process and of the file; the position in the file. */
  const take = (operatorId: number, spool: number, size: number): number => {
    const before = Atomics.add(u64, SPILLED_BYTES_ADDRESS >>> 3, BigInt(size));
    if (Number(before) + size > limitBytes) {
      Atomics.sub(u64, SPILLED_BYTES_ADDRESS >>> 3, BigInt(size));
      throw new OperatorOutOfMemory(operatorId, "disk");
    }
    return Number(Atomics.add(u64, (spool + spoolState.bytes) >>> 3, BigInt(size)));
  };

  const write = (operatorId: number, file: number, spool: number, at: number): void => {
    const word = at >>> 2;
    const first = at + block.header;
    const rowsEnd = u32[word + (block.next >>> 2)]!;
    const strings = u32[word + (block.strings >>> 2)]!;
    const end = u32[word + (block.end >>> 2)]!;
    const position = take(operatorId, spool, rowsEnd - first + end - strings);
    u64[(at + block.position) >>> 3] = BigInt(position);
    transfer(writeSync, "write", file, first, rowsEnd - first, position);
    transfer(writeSync, "write", file, strings, end - strings, position + rowsEnd - first);
  };

  const transfer = (
    move: (descriptor: number, buffer: Uint8Array, offset: number, length: number, position: number) => number,
    verb: string,
    file: number,
    address: number,
    length: number,
    position: number,
  ): void => {
    for (let done = 0; done < length; ) {
      let moved: number;
      try {
        moved = move(descriptors[file]!, bytes, address + done, length - done, position + done);
      } catch (error) {
        throw diskError(error, verb, paths[file]!);
      }
      if (moved === 0) throw new QueryError("io", `cannot ${verb} rows in ${paths[file]}: it is shorter than it was`);
      done += moved;
    }
  };

  const keepOf = (context: number): number => u32[(context + threadContext.keep) >>> 2]!;
  const written = (context: number, operatorId: number, writer: number, at: number): void => {
    if (kernels.spoolWritten(writer, at, keepOf(context)) !== 0) return;
    const query = u32[(context + threadContext.query) >>> 2]!;
    throw new OperatorOutOfMemory(operatorId, "memory", heldMemory(memory, query));
  };

  return {
    spoolWrite: (context, operatorId, file, spool, writer, at) => {
      write(operatorId, file, spool, at);
      written(context, operatorId, writer, at);
    },
    spoolFlush: (context, operatorId, file, spool, writer) => {
      for (;;) {
        const at = kernels.spoolPending(writer) >>> 0;
        if (at === 0) return;
        write(operatorId, file, spool, at);
        written(context, operatorId, writer, at);
      }
    },
    spoolRead: (_context, _operatorId, file, spool, entry, to) => {
      const size = u32[(entry + blockEntry.bytes) >>> 2]!;
      const position = Number(u64[(entry + blockEntry.position) >>> 3]!);
      transfer(readSync, "read", file, to, size, position);
      kernels.spoolLand(spool, to, u32[(entry + blockEntry.rows) >>> 2]!, to + size);
    },
    spoolRelease: (_context, _operatorId, file, spool) => {
      const word = (spool + spoolState.released) >>> 2;
      if (u32[word] !== 0) return;
      u32[word] = 1;
      ftruncateSync(descriptors[file]!, 0);
      Atomics.sub(u64, SPILLED_BYTES_ADDRESS >>> 3, u64[(spool + spoolState.bytes) >>> 3]!);
    },
  };
};
