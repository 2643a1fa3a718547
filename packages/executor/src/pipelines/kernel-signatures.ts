import type { ValueType } from "../wasm/function-builder.ts";

type Signature = readonly [params: readonly ValueType[], results: readonly ValueType[]];

/** The kernels of kernels/pipelines as WebAssembly sees them. */
export const pipelineKernels = {
  // memory.ts
  arenaFree: [["i32"], []],
  // thread-states.ts
  threadStatesCreate: [["i32", "i32", "i32"], ["i32"]],
  // row-buffer.ts
  rowBufferGrow: [["i32", "i32", "i32"], ["i32"]],
  rowListCollect: [["i32", "i32", "i32", "i32", "i32", "i32"], ["i32"]],
  // join-table.ts
  joinTableCollect: [["i32", "i32", "i32", "i32", "i32", "i32"], ["i32"]],
  joinTableCreate: [["i32", "i32", "i32", "i32"], ["i32"]],
  joinLeadersCreate: [["i32", "i32"], ["i32"]],
  joinTableInsert: [["i32", "i32", "i32", "i32", "i32", "i32", "i32"], []],
  // runtime-filter.ts
  runtimeFilterCreate: [["i32", "i32", "i32", "i32", "i32", "i32", "i32"], []],
  runtimeFilterInsert: [["i32", "i32", "i32", "i32", "i32", "i32", "i32"], []],
  runtimeFilterSelect: [["i32", "i32", "i32", "i32", "i32", "i32"], ["i32"]],
  // group-table.ts
  groupTableGrow: [["i32", "i32", "i32", "i32", "i32"], ["i32"]],
  groupTablesClose: [["i32", "i32", "i32", "i32", "i32", "i32", "i32"], ["i32"]],
  groupSliceClose: [["i32", "i32"], []],
  codeGroupsForget: [["i32", "i32", "i32"], ["i32"]],
  groupTablePartition: [["i32", "i32", "i32", "i32"], ["i32"]],
  groupPartitionOpen: [["i32", "i32", "i32", "i32", "i32", "i32"], ["i32"]],
  groupPartitionsPublish: [["i32", "i32"], ["i32"]],
  // sort.ts
  stringPrefix: [["i64"], ["i64"]],
  stringPrefixAt: [["i64", "i32"], ["i64"]],
  stringsCommon: [["i32", "i32", "i32", "i32"], ["i32"]],
  sortRunCreate: [["i32", "i32", "i32"], ["i32"]],
  topNCreate: [["i32", "i32", "i32"], ["i32"]],
  sortSplit: [["i32", "i32", "i32", "i32", "i32"], ["i32"]],
  sortPublish: [["i32", "i32", "i32", "i32"], ["i32"]],
  joinStrings: [["i32", "i32", "i32", "i64", "i32"], ["i64"]],
  // spill.ts
  spoolOpen: [["i32", "i32", "i32", "i32"], ["i32"]],
  spoolClose: [["i32", "i32"], []],
  spoolAppend: [["i32", "i32", "i32", "i32", "i32"], ["i32"]],
  spoolCollect: [["i32", "i32", "i32", "i32", "i32", "i32"], ["i32"]],
  spoolList: [["i32", "i32", "i32", "i32"], ["i32"]],
  // spill-groups.ts
  spillGroupsNext: [["i32", "i32", "i32"], ["i32"]],
  // spill-join.ts
  spillJoinNext: [["i32", "i32", "i32", "i32", "i32", "i32", "i32"], ["i32"]],
  spillJoinTake: [["i32", "i32", "i32", "i32", "i32"], ["i32"]],
  // spill-sort.ts
  spillRunOpen: [["i32", "i32", "i32", "i32"], ["i32"]],
  spillRunClose: [["i32", "i32"], []],
  spillRunFull: [["i32", "i32", "i32"], ["i32"]],
  spillRunFill: [["i32", "i32"], ["i32"]],
  spillRunWritten: [["i32", "i32", "i32", "i32"], ["i32"]],
  spillMergeOpen: [["i32", "i32", "i32", "i32", "i32"], ["i32"]],
  spillMergeRoom: [["i32", "i32"], ["i32"]],
  spillCursorNext: [["i32", "i32", "i32"], ["i32"]],
  spillMergeSome: [["i32", "i32"], ["i32"]],
  spillMergeMore: [["i32"], ["i32"]],
  spillMergeJoined: [["i32", "i32"], []],
  mergeOpen: [["i32", "i32", "i32", "i32"], ["i32"]],
  spillMergePublish: [["i32", "i32", "i32", "i64"], []],
} as const satisfies Record<string, Signature>;

export type PipelineKernel = keyof typeof pipelineKernels;

/** What compiled code asks of the host about rows on disk (spill/spool-io.ts); `host.raise` and `host.emit` are imported where they are called. */
export const hostFunctions = {
  // context, operatorId, file, spool, then: writer, block
  spoolWrite: ["i32", "i32", "i32", "i32", "i32", "i32"],
  // writer
  spoolFlush: ["i32", "i32", "i32", "i32", "i32"],
  // entry, address
  spoolRead: ["i32", "i32", "i32", "i32", "i32", "i32"],
  // partition
  spoolUnfold: ["i32", "i32", "i32", "i32", "i32"],
  spoolRelease: ["i32", "i32", "i32", "i32"],
} as const satisfies Record<string, readonly ValueType[]>;

export type HostFunction = keyof typeof hostFunctions;
