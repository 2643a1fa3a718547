import type { ColumnId } from "@headcut/plan";
import { raiseCode } from "../expressions/raise-code.ts";
import { threadContext } from "../layout/context.ts";
import type { Code } from "../pipelines/code.ts";
import { countedLoop, endlessLoop, pushElement } from "../pipelines/loops.ts";
import { materializedRow } from "../pipelines/materialized.ts";
import type { PipelineBuilder } from "../pipelines/pipeline-builder.ts";
import type { QueryBuilder } from "../pipelines/query-builder.ts";
import type { Row } from "../pipelines/row.ts";
import type { Field, RowLayout } from "../pipelines/row-layout.ts";
import { ThreadStates } from "../pipelines/thread-states.ts";
import type { Local } from "../wasm/function-builder.ts";

/** Byte offsets in the spool's shared state; kernels/pipelines/spill.ts and spill/spool-io.ts know them too. */
export const spoolState = {
  /** u64, atomic: bytes written, which is where the next block goes. */
  bytes: 0,
  /** Address of the partitions' records. */
  records: 8,
  /** u32: 1 once the file was given back to the system. */
  released: 12,
  /** u64: rows of all partitions, once all are written. */
  rows: 16,
  stride: 24,
  /** Address of the first thread's writer, and bytes from each to the next. */
  writers: 28,
  writersStride: 32,
  /** Number of string fields, then for each: offset, offset of its null byte or -1. */
  strings: 36,
} as const;

/** What a source reads: { array of blocks, their number }; kernels/pipelines/spill.ts, `spoolList`. */
export const SPOOL_LIST_BYTES = 8;

const WRITER_SLAB = 8;
const WRITER_BYTES = 32;

/** Partitions by hash. More make smaller ones of the same rows, of fewer rows in each block. */
export const PARTITIONS = 64;

/** Rows of one layout in a file, by partition. */
export interface Spool {
  readonly operatorId: number;
  readonly file: number;
  /** Offset in the states block. */
  readonly state: number;
  readonly layout: RowLayout;
  readonly partitions: number;
  /** Of how many of its blocks the query's memory would hold, at least. */
  readonly shares: number;
  /** A thread's writer, and behind it the row that is being written. */
  readonly threads: ThreadStates;
}

export const planSpool = (
  query: QueryBuilder,
  operatorId: number,
  layout: RowLayout,
  partitions: number,
  shares: number,
): Spool => {
  const state = query.state(spoolState.strings + 4 + 8 * stringFields(layout).length);
  const file = query.spools.length;
  query.spools.push({ operatorId, state });
  const threads = new ThreadStates(query, operatorId, WRITER_BYTES + layout.stride);
  return { operatorId, file, state, layout, partitions, shares, threads };
};

const stringFields = ({ fields }: RowLayout): Field[] => fields.filter(({ storage }) => storage === "string");

/** Leaves the state's address. */
export const pushSpool = ({ fn, states }: Code, { state }: Spool): void => {
  fn.get(states);
  fn.i32(state);
  fn.op("i32.add");
};

/** Before the pipeline writes rows: says what they look like, and gives each thread its blocks. */
export const openSpool = (pipeline: PipelineBuilder, spool: Spool): void => {
  spool.threads.open(pipeline);
  pipeline.before("once", "spool", (code) => describeRows(code, spool));
  const { code } = pipeline;
  const own = spool.threads.own(code);
  const { keep } = code;
  code.field(threadContext.threadCount);
  code.fn.atEntry(() => openWriter(code, spool, own, keep));
};

export const describeRows = (code: Code, { state, layout }: Spool): void => {
  const { fn, states } = code;
  const store = (offset: number, value: number): void => {
    fn.get(states);
    fn.i32(value);
    fn.mem("i32.store", state + offset);
  };
  const strings = stringFields(layout);
  store(spoolState.stride, layout.stride);
  store(spoolState.strings, strings.length);
  strings.forEach(({ offset, nullOffset = -1 }, i) => {
    store(spoolState.strings + 4 + 8 * i, offset);
    store(spoolState.strings + 8 + 8 * i, nullOffset);
  });
};

/** Gives the thread its blocks, unless it has them. */
export const openWriter = (code: Code, spool: Spool, own: Local, keep: Local): void => {
  const { fn } = code;
  fn.get(own);
  fn.mem("i32.load", WRITER_SLAB);
  fn.op("i32.eqz");
  fn.if(() => {
    fn.get(own);
    fn.i32(spool.partitions);
    fn.i32(spool.shares);
    fn.get(code.field(threadContext.threadCount));
    fn.op("i32.mul");
    fn.get(keep);
    code.kernel("spoolOpen");
    code.checkAllocated(spool.operatorId);
  });
};

/** Where the row to be written is put together; its strings need no copy. */
export const spooledRow = (code: Code, { threads }: Spool): Local => {
  const own = threads.own(code);
  return code.atEntry(`spooled row ${threads.offset}`, () => {
    code.fn.get(own);
    code.fn.i32(WRITER_BYTES);
    code.fn.op("i32.add");
  });
};

/** Writes the row at `row` to the partition. */
export const emitSpool = (code: Code, spool: Spool, partition: Local, row: Local): void => {
  const { fn } = code;
  const full = fn.local("i32");
  const own = spool.threads.own(code);
  const { keep } = code;
  endlessLoop(fn, (done) => {
    fn.get(own);
    pushSpool(code, spool);
    fn.get(partition);
    fn.get(row);
    fn.get(keep);
    code.kernel("spoolAppend");
    fn.tee(full);
    fn.op("i32.eqz");
    fn.brIf(done);
    fn.get(full);
    fn.i32(1);
    fn.op("i32.eq");
    fn.if(() => code.raise(raiseCode.outOfMemory, spool.operatorId));
    pushCall(code, spool);
    fn.get(own);
    fn.get(full);
    code.host("spoolWrite");
  });
};

/** Context, operator, file, and the spool's address: how every call of the host about a spool begins. */
const pushCall = (code: Code, spool: Spool): void => {
  const { fn } = code;
  fn.get(code.context);
  fn.i32(spool.operatorId);
  fn.i32(spool.file);
  pushSpool(code, spool);
};

/** Writes what the thread's blocks hold. */
export const emitWriteAll = (code: Code, spool: Spool): void => {
  const own = spool.threads.own(code);
  pushCall(code, spool);
  code.fn.get(own);
  code.host("spoolFlush");
};

/** Writes what the thread's blocks hold, and gives them back. */
export const emitFlush = (code: Code, spool: Spool): void => {
  const { fn } = code;
  emitWriteAll(code, spool);
  fn.get(spool.threads.own(code));
  fn.get(code.keep);
  code.kernel("spoolClose");
};

/** Joins what the threads have written. In a once phase, when all have. */
export const emitCollect = (code: Code, spool: Spool): void => {
  const { fn } = code;
  pushSpool(code, spool);
  fn.get(spool.threads.all(code));
  fn.i32(spool.threads.stride);
  fn.get(code.field(threadContext.threadCount));
  fn.i32(spool.partitions);
  fn.get(code.keep);
  code.kernel("spoolCollect");
  code.checkAllocated(spool.operatorId);
};

/** The phases after which all rows are on disk and known by partition. */
export const closeSpool = (query: QueryBuilder, spool: Spool): void => {
  query.last.after("perThread", "flush", (code) => emitFlush(code, spool));
  query.last.after("once", "collect", (code) => {
    describeRows(code, spool);
    emitCollect(code, spool);
  });
};

/** Gives the file's space back to the system. In a once phase. */
export const emitRelease = (code: Code, spool: Spool): void => {
  pushCall(code, spool);
  code.host("spoolRelease");
};

/** Brings to memory what is known of the partition's blocks: `push` leaves its number plus one, 0 for none. In a once phase of a turn, in whose arena it is. */
export const emitUnfold = (code: Code, spool: Spool, push: () => void): void => {
  const { fn } = code;
  const partition = fn.local("i32");
  push();
  fn.tee(partition);
  fn.if(() => {
    pushCall(code, spool);
    fn.get(partition);
    fn.i32(1);
    fn.op("i32.sub");
    code.host("spoolUnfold");
  });
};

/** Reads the block of the entry to an address, where there is room for all its bytes. */
export const emitRead = (code: Code, spool: Spool, entry: Local, to: Local): void => {
  pushCall(code, spool);
  code.fn.get(entry);
  code.fn.get(to);
  code.host("spoolRead");
};

/** Leaves the partition of a hash (i32). Tables use the hash itself: one partition's rows still have all sorts of bits in it. */
export const pushPartition = ({ fn }: Code, hash: Local): void => {
  pushRemixed(fn, hash);
  fn.i32(32 - Math.log2(PARTITIONS));
  fn.op("i32.shr_u");
};

/** Leaves further bits of the hash, the lowest 16 of which are independent of the partition. */
export const pushSubHash = ({ fn }: Code, hash: Local): void => {
  pushRemixed(fn, hash);
  fn.i32(10);
  fn.op("i32.shr_u");
};

const pushRemixed = (fn: Code["fn"], hash: Local): void => {
  fn.get(hash);
  fn.i32(0x9e3779b1 | 0);
  fn.op("i32.mul");
};

/**
 * A pipeline over the blocks at `list` of the states block; they are listed before its source is read. `emit` takes the address of
 * a row, whose strings last as long as the batch, and the number of rows of the partition before it.
 */
export const openSpoolSource = (
  query: QueryBuilder,
  { operatorId, file, state, layout }: Spool,
  list: number,
  emit: (pipeline: PipelineBuilder, row: Local, pushNumber: () => void) => void,
): PipelineBuilder => {
  const pipeline = query.open({ kind: "spool", operatorId, file, state, list });
  const { fn } = pipeline.code;
  const { batch, count } = pipeline.params;
  pipeline.process(() => {
    const row = fn.local("i32");
    countedLoop(fn, count, (index) => {
      pushElement(fn, batch, index, layout.stride);
      fn.set(row);
      emit(pipeline, row, () => {
        fn.get(batch);
        fn.i32(SOURCE_HEADER_BYTES);
        fn.op("i32.sub");
        fn.mem("i32.load");
        fn.get(index);
        fn.op("i32.add");
      });
    });
  });
  return pipeline;
};

/** Before a block's first row, where a source has read it: the number of rows before it. */
export const SOURCE_HEADER_BYTES = 16;

/** Columns of a row whose strings do not outlive the batch. */
export const passingRow = (code: Code, fields: ReadonlyMap<ColumnId, Field>, row: Local): Row =>
  materializedRow(code, fields, row, false);

/** A pipeline without rows, for phases that belong to none. What they allocate is in `arena`. */
export const openBare = (query: QueryBuilder, operatorId: number, label: string, arena = 0): PipelineBuilder => {
  const pipeline = query.open({ kind: "none" });
  pipeline.enter(operatorId, label);
  pipeline.useArena(arena);
  pipeline.withoutSource();
  pipeline.process(() => undefined);
  return pipeline;
};

/** In a phase for each thread of a pipeline with an arena of its own. */
export const freeArena = (code: Code): void => {
  code.fn.get(code.arena);
  code.kernel("arenaFree");
};
