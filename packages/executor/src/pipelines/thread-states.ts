import { threadContext } from "../layout/context.ts";
import type { Local } from "../wasm/function-builder.ts";
import type { Code } from "./code.ts";
import type { PipelineBuilder } from "./pipeline-builder.ts";
import type { QueryBuilder } from "./query-builder.ts";

/**
 * What each thread keeps for one sink, across all pipelines and phases that feed and finish it: an array of zeroed
 * blocks, one per thread, 64-aligned so that no two threads share a cache line. Its address lies in the states block.
 */
export class ThreadStates {
  /** Offset in the states block of the array's address. */
  readonly offset: number;
  readonly stride: number;
  private readonly operatorId: number;
  private opened = false;

  constructor(query: QueryBuilder, operatorId: number, bytes: number) {
    this.offset = query.state(4);
    this.stride = (bytes + 63) & ~63;
    this.operatorId = operatorId;
  }

  /** Makes sure that the array exists before the pipeline's source is read. True the first time, in the sink's first pipeline. */
  open(pipeline: PipelineBuilder): boolean {
    if (this.opened) return false;
    this.opened = true;
    pipeline.before("once", "threads", (code) => {
      const { fn } = code;
      const address = fn.local("i32");
      fn.get(code.keep);
      fn.get(code.field(threadContext.threadCount));
      fn.i32(this.stride);
      code.kernel("threadStatesCreate");
      fn.tee(address);
      code.checkAllocated(this.operatorId);
      fn.get(code.states);
      fn.get(address);
      fn.mem("i32.store", this.offset);
    });
    return true;
  }

  /** Address of the array, loaded at the function's entry. */
  all(code: Code): Local {
    const states = code.states;
    return code.atEntry(`threads ${this.offset}`, () => {
      code.fn.get(states);
      code.fn.mem("i32.load", this.offset);
    });
  }

  /** Address of the running thread's block, computed at the function's entry. */
  own(code: Code): Local {
    const all = this.all(code);
    const index = code.field(threadContext.threadIndex);
    return code.atEntry(`thread ${this.offset}`, () => {
      code.fn.get(all);
      code.fn.get(index);
      code.fn.i32(this.stride);
      code.fn.op("i32.mul");
      code.fn.op("i32.add");
    });
  }
}
