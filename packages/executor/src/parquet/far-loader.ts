import { QueryError } from "@headcut/plan";
import type { PieceReader } from "../io/byte-source.ts";
import type { SharedMemory } from "../memory/shared-memory.ts";
import { type LoadedRanges, loadRanges } from "./chunk-loader.ts";
import type { ParquetMorsel } from "./scan-plan.ts";
import type { SlabPool } from "./slab-pool.ts";

/** Loads column chunks from files that are read by requests, those of the next morsel while the current one is worked on. */
export interface FarLoader {
  /** Begins to load columns of the morsel that will be next, if its file is far away and memory allows. */
  begin(morsel: ParquetMorsel, columns: readonly number[]): void;
  /** The columns of the morsel, in their order; slabs may hold more than them. Throws QueryError "io", "out-of-memory". */
  load(morsel: ParquetMorsel, columns: readonly number[]): Promise<LoadedRanges>;
  /** Stops what was begun, and gives back its memory once nothing writes to it. */
  drop(): Promise<void> | undefined;
}

/** Chunks on their way. */
interface Begun {
  readonly morsel: ParquetMorsel;
  readonly columns: readonly number[];
  readonly reader: PieceReader;
  /** Undefined: memory was short. */
  readonly loaded: Promise<LoadedRanges | undefined>;
}

export const createFarLoader = (
  open: (morsel: ParquetMorsel) => PieceReader,
  pool: SlabPool,
  memory: SharedMemory,
): FarLoader => {
  let begun: Begun | undefined;

  const openOnce = (morsel: ParquetMorsel): PieceReader => {
    const reader = open(morsel);
    let isOpen = true;
    const close = (): void => {
      if (isOpen) reader.close();
      isOpen = false;
    };
    return { ...reader, close };
  };
  /** What is wrong with a file is said when it is needed. */
  const tryOpen = (morsel: ParquetMorsel): PieceReader | undefined => {
    try {
      return openOnce(morsel);
    } catch {
      return undefined;
    }
  };
  const read = async (
    reader: PieceReader,
    { chunks }: ParquetMorsel,
    columns: readonly number[],
  ): Promise<LoadedRanges> => {
    const ranges = columns.map((column) => {
      const { fileOffset, length } = chunks[column]!;
      return { offset: fileOffset, length };
    });
    try {
      return await loadRanges(reader, ranges, pool, memory);
    } finally {
      reader.close();
    }
  };
  const drop = async ({ reader, loaded }: Begun): Promise<void> => {
    reader.close();
    const result = await loaded.catch(() => undefined);
    for (const slab of result?.slabs ?? []) pool.release(slab);
  };

  /** What is needed now goes before what was begun for later. */
  const readFirst = async (morsel: ParquetMorsel, columns: readonly number[]): Promise<LoadedRanges> => {
    const loaded = await read(openOnce(morsel), morsel, columns).catch(ignoreShortage);
    if (loaded !== undefined) return loaded;
    if (begun !== undefined) {
      const later = begun;
      begun = undefined;
      await drop(later);
    }
    return read(openOnce(morsel), morsel, columns);
  };

  return {
    begin: (morsel, columns) => {
      if (begun !== undefined) throw new Error("internal error: two morsels are read ahead");
      const reader = tryOpen(morsel);
      if (reader === undefined) return undefined;
      if (reader.isImmediate) return reader.close();
      const loaded = read(reader, morsel, columns).catch(ignoreShortage);
      // Whoever asks for it hears of it.
      loaded.catch(() => undefined);
      begun = { morsel, columns, reader, loaded };
    },

    load: async (morsel, columns) => {
      const early = begun;
      begun = undefined;
      if (early !== undefined && early.morsel !== morsel) {
        throw new Error("internal error: another morsel was read ahead");
      }
      const before = await early?.loaded;
      const addresses = new Map(
        before === undefined ? [] : early!.columns.map((column, i) => [column, before.addresses[i]!]),
      );
      const left = columns.filter((column) => !addresses.has(column));
      try {
        const rest = left.length === 0 ? undefined : await readFirst(morsel, left);
        left.forEach((column, i) => {
          addresses.set(column, rest!.addresses[i]!);
        });
        return {
          addresses: columns.map((column) => addresses.get(column)!),
          slabs: [...(before?.slabs ?? []), ...(rest?.slabs ?? [])],
          bytesRead: (before?.bytesRead ?? 0) + (rest?.bytesRead ?? 0),
        };
      } catch (error) {
        for (const slab of before?.slabs ?? []) pool.release(slab);
        throw error;
      }
    },

    drop: () => {
      const early = begun;
      begun = undefined;
      return early === undefined ? undefined : drop(early);
    },
  };
};

/** Reading ahead is worth no query's failure. */
const ignoreShortage = (error: unknown): undefined => {
  if (error instanceof QueryError && error.code === "out-of-memory") return undefined;
  throw error;
};
