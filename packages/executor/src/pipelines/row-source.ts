import type { Local } from "../wasm/function-builder.ts";
import { countedLoop, pushElement } from "./loops.ts";
import type { PipelineBuilder } from "./pipeline-builder.ts";
import type { QueryBuilder } from "./query-builder.ts";

/**
 * A pipeline over the rows of the list at `listOffset` of the states block (row-list.ts). `emit` takes the address of one row;
 * `stride` is what lies between rows in segments without a selection.
 */
export const openRowSource = (
  query: QueryBuilder,
  listOffset: number,
  stride: number,
  emit: (pipeline: PipelineBuilder, row: Local) => void,
): void => {
  const pipeline = query.open({ kind: "rows", listOffset });
  const { fn } = pipeline.code;
  const { batch, selection, count } = pipeline.params;
  pipeline.process(() => {
    const row = fn.local("i32");
    countedLoop(fn, count, (index) => {
      fn.get(selection);
      fn.if(
        () => {
          pushElement(fn, selection, index, 4);
          fn.mem("i32.load");
        },
        () => pushElement(fn, batch, index, stride),
        "i32",
      );
      fn.set(row);
      emit(pipeline, row);
    });
  });
};
