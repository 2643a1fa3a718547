import type { Column, Expression, ScanColumn, Table } from "@headcut/plan";

/**
 * What the pipeline compiler hands to the runtime: plain data, structured-cloneable. `docs/executor.md` says what the
 * functions named here take and return.
 */
export interface CompiledQuery {
  /** In execution order: whatever a pipeline depends on comes before it. */
  readonly pipelines: readonly CompiledPipeline[];
  /** Size of the block at `threadContext.states`, zeroed before the first pipeline and shared by all of them. */
  readonly statesBytes: number;
  /** Length of the array at `threadContext.rowCounts`: operatorIds of the plan are below it. */
  readonly operatorCount: number;
  /** The last of these are no operators of the plan, but parts of others: of these. */
  readonly hidden: readonly number[];
  /** The columns of the buffer at `threadContext.results` (layout/result-buffer.ts), in order. */
  readonly result: readonly Column[];
  /** Arenas that each thread needs beside its usual one. */
  readonly arenas: number;
  /** Files that the query needs to put rows on disk, in the order of their numbers. */
  readonly spools: readonly CompiledSpool[];
}

export interface CompiledSpool {
  /** Whose rows they are. */
  readonly operatorId: number;
  /** Offset in the states block of what is known of the file (spill/spool.ts). */
  readonly state: number;
}

export interface CompiledPipeline {
  /** For errors and EXPLAIN ANALYZE: `scan lineitem → join → aggregate`. */
  readonly name: string;
  /** The plan's operators that run in it, source first. */
  readonly operatorIds: readonly number[];
  readonly wasm: Uint8Array;
  /** Sentences that `host.raise` names by their index. */
  readonly messages: readonly string[];
  /** Bytes from `threadContext.local` on. */
  readonly threadLocalBytes: number;
  /** Copied to a 16-aligned block, whose address is `threadContext.constants`. */
  readonly constants: {
    readonly bytes: Uint8Array;
    /** Offsets of u32 in `bytes` to which the block's address is added. */
    readonly relocations: readonly number[];
  };
  readonly source: PipelineSource;
  /** Which arena `threadContext.arena` is: 0 for the thread's usual one, or one of `arenas`. */
  readonly arena: number;
  /**
   * The pipeline may run out of memory and be tried again with less work: instead of failing the query, it sets the u32 at this offset in the
   * states block to 1, and the rest of its phases is left out.
   */
  readonly attempt?: number;
  /** Each runs to its end on all threads before the next one starts. */
  readonly phases: readonly Phase[];
}

export type PipelineSource =
  /** Batches of a table: entry i of a batch is `columns[i]`. */
  | {
      readonly kind: "scan";
      readonly operatorId: number;
      readonly table: Table;
      readonly columns: readonly ScanColumn[];
      /** Indexes of the columns that `process` reads; the others are there for the filters alone. */
      readonly outputColumns: readonly number[];
      /** Conjuncts over the columns' ids, for pruning row groups and pages. `filters` check them again row by row. */
      readonly predicates: readonly Expression[];
      /** The predicates, those of one column taken together, then those at run time; applied in order, each to the rows that passed those before it. */
      readonly filters: readonly ScanFilter[];
    }
  /**
   * Batches of sorted runs that come as a stream, each of a run that needs rows: they become rows of the run's block. Entry i of a batch is `columns[i]`;
   * 16 bytes before it, a u32 has the address of the run's cursor (spill/merge-blocks.ts).
   */
  | {
      readonly kind: "runs";
      readonly operatorId: number;
      readonly table: Table;
      readonly columns: readonly ScanColumn[];
      /** Offset in the states block of { number of runs, address of their cursors }: the first is there before the query begins. */
      readonly state: number;
    }
  /** The segments of a row list (row-list.ts), whose head is at this offset in the states block. */
  | { readonly kind: "rows"; readonly listOffset: number }
  /** One call of `process` with batch 0, selection 0, count 1. */
  | { readonly kind: "none" }
  /** Numbers from 0 on: `batch` is a block's number, `count` how many of the block's `SERIES_BLOCK_ROWS` numbers there are. */
  | { readonly kind: "series"; readonly count: number }
  /** Blocks of a spool: `batch` is the address of the first row, behind a u32 that says how many rows come before it, 16 bytes before. */
  | {
      readonly kind: "spool";
      readonly operatorId: number;
      readonly file: number;
      /** Offset in the states block of the spool's state. */
      readonly state: number;
      /** Offset there of { array of blocks, their number } (kernels/pipelines/spill.ts, `spoolList`). */
      readonly list: number;
    };

export interface ScanFilter {
  /** Exported by the pipeline's module. */
  readonly function: string;
  /** Indexes of the columns it reads. */
  readonly columns: readonly number[];
  /** It may raise an error for some value (a cast, a division): only rows that passed the filters before it may be shown to it. */
  readonly mayFail: boolean;
  /** It only drops rows that a join would drop: it may be left out. */
  readonly runtime?: {
    /** Offset in the states block of what it knows (`runtimeFilter`), complete before the source is read. */
    readonly state: number;
    /** Whether the column's values compare as signed integers of the column's storage, as `min` and `range` there do. */
    readonly hasBounds: boolean;
  };
}

/** `function` is exported by the pipeline's module. */
export type Phase =
  /** One call (task 0), on one thread's context. */
  | { readonly kind: "once"; readonly function: string; readonly loop?: Loop }
  /** One call (task 0) on each thread's context. */
  | { readonly kind: "perThread"; readonly function: string }
  /** `process` for each batch of the source; `ordered`: on one thread, morsels in order. */
  | { readonly kind: "source"; readonly function: string; readonly ordered?: boolean }
  /** Calls for tasks 0 … n-1, n a u32 at `countOffset` in the states block that an earlier phase left there. */
  | {
      readonly kind: "tasks";
      readonly function: string;
      readonly countOffset: number;
      /** So few of them one thread does sooner by itself than it wakes another. */
      readonly few: number;
    };

/** After the phase, all goes on with the first phase of pipeline `first` as long as the u32 at `more` of the states block is not 0. */
export interface Loop {
  readonly first: number;
  readonly more: number;
}
