import { ftruncateSync } from "node:fs";
import { QueryError } from "@headcut/plan";
import { threadContext } from "../layout/context.ts";
import type { Heap } from "../memory/heap.ts";
import { heldMemory } from "../memory/held-memory.ts";
import { OperatorOutOfMemory } from "../run/error-record.ts";
import type { SpillFiles } from "./spill-folder.ts";
import { spoolState } from "./spool.ts";
import { createTransfer } from "./transfer.ts";

/** Byte offsets in a block that is being filled, and in what is known of one on disk; kernels/pipelines/spill.ts. */
const block = { next: 4, strings: 8, end: 12, partition: 16, position: 24, header: 32 } as const;
export const blockEntry = { rows: 4, bytes: 8, checksum: 12, position: 16, size: 24 } as const;

/** In what a thread's writer knows, in a folder, and in a page's header; kernels/pipelines/spill.ts. */
const writerFields = { folders: 24, page: 28 } as const;
const folder = { position: 0, entries: 8, checksum: 12, size: 32 } as const;
const PAGE_HEADER = 24;
const TO_BE_FOLDED = 2;

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
  /** Brings what is known of the partition's blocks to the arena of the context. */
  readonly spoolUnfold: (context: number, operatorId: number, file: number, spool: number, partition: number) => void;
  readonly spoolRelease: (context: number, operatorId: number, file: number, spool: number) => void;
}

export const createSpoolIo = ({ memory, kernels }: Heap, files: SpillFiles): SpoolIo => {
  const { u32, u64 } = memory;
  const { descriptors, paths } = files;
  const transfer = createTransfer(memory, files);

  /** Takes room on disk, of the process and of the file; the position in the file. */
  const take = (operatorId: number, spool: number, size: number): number => {
    transfer.take(operatorId, size);
    return Number(Atomics.add(u64, (spool + spoolState.bytes) >>> 3, BigInt(size)));
  };

  /** Writes the block; its checksum. */
  const write = (operatorId: number, file: number, spool: number, at: number): number => {
    const word = at >>> 2;
    const first = at + block.header;
    const rowBytes = u32[word + (block.next >>> 2)]! - first;
    const strings = u32[word + (block.strings >>> 2)]!;
    const stringBytes = u32[word + (block.end >>> 2)]! - strings;
    const position = take(operatorId, spool, rowBytes + stringBytes);
    u64[(at + block.position) >>> 3] = BigInt(position);
    transfer.write(file, first, rowBytes, position);
    transfer.write(file, strings, stringBytes, position + rowBytes);
    return checksumOf(position, first, rowBytes, strings, stringBytes);
  };

  /** Of rows and their strings, and of where they are: other rows of the file are not right either. */
  const checksumOf = (position: number, rows: number, rowBytes: number, strings: number, stringBytes: number): number =>
    kernels.spoolChecksum(strings, stringBytes, kernels.spoolChecksum(rows, rowBytes, position % 2 ** 32)) >>> 0;

  const check = (file: number, position: number, size: number, expected: number, actual: number): void => {
    if (expected === actual) return;
    throw new QueryError(
      "io",
      `cannot read rows in ${paths[file]}: ${size} bytes at ${position} are not what was written there`,
      {
        hint: "the disk of spillDirectory is faulty, or something else wrote to the file",
      },
    );
  };

  const outOfMemory = (context: number, operatorId: number): OperatorOutOfMemory =>
    new OperatorOutOfMemory(operatorId, "memory", heldMemory(memory, u32[(context + threadContext.query) >>> 2]!));

  /** Writes the block, and where there are many of its partition, what is known of them. */
  const put = (context: number, operatorId: number, file: number, spool: number, writer: number, at: number): void => {
    const partition = u32[(at + block.partition) >>> 2]!;
    const checksum = write(operatorId, file, spool, at);
    const outcome = kernels.spoolWritten(writer, at, checksum, u32[(context + threadContext.keep) >>> 2]!);
    if (outcome === 0) throw outOfMemory(context, operatorId);
    if (outcome !== TO_BE_FOLDED) return;
    const word = (kernels.spoolFold(writer, partition) >>> 0) >>> 2;
    const page = u32[(writer + writerFields.page) >>> 2]!;
    const size = pageBytes(u32[word + (folder.entries >>> 2)]!);
    const position = take(operatorId, spool, size);
    transfer.write(file, page, size, position);
    u64[(word + (folder.position >>> 2)) >>> 1] = BigInt(position);
    u32[word + (folder.checksum >>> 2)] = checksumOf(position, page, size, 0, 0);
  };

  return {
    spoolWrite: put,
    spoolFlush: (context, operatorId, file, spool, writer) => {
      for (;;) {
        const at = kernels.spoolPending(writer) >>> 0;
        if (at === 0) return;
        put(context, operatorId, file, spool, writer, at);
      }
    },
    spoolRead: (_context, _operatorId, file, spool, entry, to) => {
      const word = entry >>> 2;
      const size = u32[word + (blockEntry.bytes >>> 2)]!;
      const rows = u32[word + (blockEntry.rows >>> 2)]!;
      const position = Number(u64[(entry + blockEntry.position) >>> 3]!);
      transfer.read(file, to, size, position);
      const rowBytes = rows * u32[(spool + spoolState.stride) >>> 2]!;
      const checksum = checksumOf(position, to, rowBytes, to + rowBytes, size - rowBytes);
      check(file, position, size, u32[word + (blockEntry.checksum >>> 2)]!, checksum);
      kernels.spoolLand(spool, to, rows, to + size);
    },
    spoolUnfold: (context, operatorId, file, spool, partition) => {
      kernels.spoolUnfold(spool, partition);
      const arena = u32[(context + threadContext.arena) >>> 2]!;
      const threads = u32[(context + threadContext.threadCount) >>> 2]!;
      const stride = u32[(spool + spoolState.writersStride) >>> 2]!;
      let writer = u32[(spool + spoolState.writers) >>> 2]!;
      for (let thread = 0; thread < threads; thread++, writer += stride) {
        const folders = u32[(writer + writerFields.folders) >>> 2]!;
        let from = folders + partition * folder.size;
        while (folders !== 0) {
          const entries = u32[(from + folder.entries) >>> 2]!;
          if (entries === 0) break;
          const size = pageBytes(entries);
          const position = Number(u64[(from + folder.position) >>> 3]!);
          const page = kernels.arenaAllocate(arena, size) >>> 0;
          if (page === 0) throw outOfMemory(context, operatorId);
          transfer.read(file, page, size, position);
          check(file, position, size, u32[(from + folder.checksum) >>> 2]!, checksumOf(position, page, size, 0, 0));
          kernels.spoolUnfoldPage(spool, partition, page, entries);
          // It begins with the same fields, of the page before it.
          from = page;
        }
      }
    },
    spoolRelease: (_context, _operatorId, file, spool) => {
      const word = (spool + spoolState.released) >>> 2;
      if (u32[word] !== 0) return;
      u32[word] = 1;
      ftruncateSync(descriptors[file]!, 0);
      transfer.giveBack(Number(u64[(spool + spoolState.bytes) >>> 3]!));
    },
  };
};

const pageBytes = (entries: number): number => PAGE_HEADER + entries * blockEntry.size;
