import type { ValueType } from "../wasm/function-builder.ts";

type Signature = readonly [params: readonly ValueType[], results: readonly ValueType[]];

/** The kernels of kernels/pipelines as WebAssembly sees them. */
export const pipelineKernels = {
  // thread-states.ts
  threadStatesCreate: [["i32", "i32", "i32"], ["i32"]],
  // row-buffer.ts
  rowBufferGrow: [["i32", "i32", "i32"], ["i32"]],
  rowListCollect: [["i32", "i32", "i32", "i32", "i32", "i32"], ["i32"]],
  // join-table.ts
  joinTableCollect: [["i32", "i32", "i32", "i32", "i32", "i32"], ["i32"]],
  joinTableCreate: [["i32", "i32", "i32", "i32"], ["i32"]],
  joinTableInsert: [["i32", "i32", "i32", "i32", "i32", "i32", "i32"], []],
  // runtime-filter.ts
  runtimeFilterCreate: [["i32", "i32", "i32", "i32", "i32", "i32", "i32"], []],
  runtimeFilterInsert: [["i32", "i32", "i32", "i32", "i32", "i32", "i32"], []],
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
} as const satisfies Record<string, Signature>;

export type PipelineKernel = keyof typeof pipelineKernels;
