import type { PipelineBuilder } from "../pipelines/pipeline-builder.ts";
import type { QueryBuilder } from "../pipelines/query-builder.ts";
import { freeArena, openBare } from "./spool.ts";

/** Pipelines that are repeated as long as a u32 of the states block is not 0. */
export interface SpillLoop {
  /** A pipeline of phases alone, which allocate in the loop's arena. */
  readonly phases: (label: string) => PipelineBuilder;
  /** Makes the pipeline the loop's next one, before anything is emitted to it. */
  readonly add: (pipeline: PipelineBuilder) => void;
  /** `more`: offset of the word. What is opened or added afterwards comes after the loop. */
  readonly close: (more: number) => void;
}

/** `lasting`: what turns allocate in the loop's arena is kept for the next ones. */
export const openLoop = (query: QueryBuilder, operatorId: number, arena: number, lasting = false): SpillLoop => {
  // What the sinks above do before their first row, they do once and not in every turn.
  const prelude = openBare(query, operatorId, "spill");
  let first: PipelineBuilder | undefined;
  const add = (pipeline: PipelineBuilder): void => {
    pipeline.startAfter(prelude);
    first ??= pipeline;
  };
  return {
    add,
    phases: (label) => {
      const pipeline = openBare(query, operatorId, label, arena);
      add(pipeline);
      return pipeline;
    },
    close: (more) => {
      const last = openBare(query, operatorId, "spill", arena);
      if (!lasting) last.after("perThread", "free", freeArena);
      last.repeat(first!, more, "again", () => undefined);
      if (lasting) last.after("perThread", "free", freeArena);
      query.keepTogether(prelude, openBare(query, operatorId, "spill"));
    },
  };
};
