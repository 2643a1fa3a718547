import { readSync, writeSync } from "node:fs";
import { QueryError } from "@headcut/plan";
import type { SharedMemory } from "../memory/shared-memory.ts";
import { OperatorOutOfMemory } from "../run/error-record.ts";
import { diskError, type SpillFiles } from "./spill-folder.ts";

/** u64, in the allocator's block (kernels/memory.ts): bytes on disk of all queries of the process. */
export const SPILLED_BYTES_ADDRESS = 0x40000 + 192;

/** Bytes between the shared memory and a query's files, whole or not at all. Throws QueryError "io". */
export interface Transfer {
  readonly write: (file: number, address: number, length: number, position: number) => void;
  readonly read: (file: number, address: number, length: number, position: number) => void;
  /** Takes room on disk for the process's queries. Throws OperatorOutOfMemory. */
  readonly take: (operatorId: number, size: number) => void;
  readonly giveBack: (size: number) => void;
}

type Call = (descriptor: number, buffer: Uint8Array, offset: number, length: number, position: number) => number;

export const createTransfer = (
  { u64, bytes }: SharedMemory,
  { descriptors, paths, limitBytes }: SpillFiles,
): Transfer => {
  const spilled = SPILLED_BYTES_ADDRESS >>> 3;
  const move =
    (verb: "read" | "write", call: Call) =>
    (file: number, address: number, length: number, position: number): void => {
      for (let done = 0; done < length; ) {
        let moved: number;
        try {
          moved = call(descriptors[file]!, bytes, address + done, length - done, position + done);
        } catch (error) {
          throw diskError(error, verb, paths[file]!, Number(Atomics.load(u64, spilled)));
        }
        if (moved === 0) throw new QueryError("io", `cannot ${verb} rows in ${paths[file]}: it is shorter than it was`);
        done += moved;
      }
    };
  return {
    write: move("write", writeSync),
    read: move("read", readSync),
    take: (operatorId, size) => {
      const before = Atomics.add(u64, spilled, BigInt(size));
      if (Number(before) + size <= limitBytes) return;
      Atomics.sub(u64, spilled, BigInt(size));
      throw new OperatorOutOfMemory(operatorId, "disk");
    },
    giveBack: (size) => {
      Atomics.sub(u64, spilled, BigInt(size));
    },
  };
};
