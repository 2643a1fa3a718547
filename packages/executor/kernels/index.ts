// Every kernel the host or compiled pipelines may import. One export line per file.
export {
  arenaAllocate,
  arenaFree,
  arenaInitialize,
  arenaReset,
  heapFreeBytes,
  initializeHeap,
  slabAllocate,
  slabAllocateTrimmed,
  slabBytes,
  slabFree,
  chargeTo,
  slabFreeAll,
  slabFreeTrimmed,
  slabTrim,
} from "./memory";
export { cacheAllocate, cacheBytes, cacheDrop, cacheEvictions, cacheFree, cacheOpen, cacheTrim } from "./column-cache";
export * from "./strings";
export * from "./intervals";
export * from "./arrow";
export * from "./floats";
export { highWord, kernelFailure } from "./outcome";
export { decimalMultiply, decimalDivide, decimalRemainder, decimalDivideRounded, decimalDivideFloor } from "./int128";
export { decodeFailureAddress } from "./parquet/failure";
export { snappyDecompress } from "./parquet/snappy";
export * from "./parquet/lz4";
export { zstdDecompress, zstdWorkspaceBytes } from "./parquet/zstd";
export * from "./parquet/hybrid";
export * from "./parquet/plain";
export * from "./parquet/convert";
export * from "./parquet/gather";
export * from "./parquet/pack";
export * from "./parquet/delta";
export * from "./parquet/delta-strings";
export * from "./parquet/byte-stream-split";
export * from "./decimals";
export * from "./pipelines/thread-states";
export * from "./pipelines/row-buffer";
export * from "./pipelines/join-table";
export { runtimeFilterCreate, runtimeFilterInsert, runtimeFilterMayPass, runtimeFilterSelect } from "./pipelines/runtime-filter";
export * from "./pipelines/group-table";
export * from "./pipelines/sort";
export * from "./pipelines/spill";
export * from "./pipelines/spill-groups";
export * from "./pipelines/spill-join";
export * from "./pipelines/spill-sort";
export { stringContains, stringEndsWith, stringStartsWith } from "./search";
export * from "./like";
export * from "./lists";
export * from "./text-parts";
export * from "./text-edit";
export * from "./date-parts";
export * from "./format-numbers";
export * from "./format-temporal";
export { formatBlob, formatUuid, parseBlob, parseUuid } from "./format-bytes";
export { parseBoolean, parseDecimal, parseInteger } from "./parse-numbers";
export { parseDouble, parseSingle } from "./parse-double";
export { parseDate, parseTime, parseTimestamp } from "./parse-temporal";
export { parseInterval } from "./parse-interval";
export * from "./mathematics";
export * from "./date-units";
