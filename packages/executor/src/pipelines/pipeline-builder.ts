import { CodeModule } from "../expressions/code-module.ts";
import { threadContext } from "../layout/context.ts";
import type { Label, Local } from "../wasm/function-builder.ts";
import { ModuleBuilder } from "../wasm/module-builder.ts";
import { Code } from "./code.ts";
import type { CompiledPipeline, Phase, PipelineSource } from "./compiled-pipeline.ts";

/** Parameters of `process`, in order. */
export interface ProcessParams {
  readonly batch: Local;
  readonly selection: Local;
  readonly count: Local;
}

interface Repetition {
  readonly kind: "repeat";
  readonly function: string;
  readonly first: PipelineBuilder;
  readonly more: number;
}

/** One pipeline under construction: its module, the code of `process`, and the phases before and after it. */
export class PipelineBuilder {
  readonly module = new CodeModule(new ModuleBuilder());
  /** Where the operators' code for one row goes. */
  readonly code: Code;
  readonly params: ProcessParams;
  private readonly source: PipelineSource;
  private ordered = false;
  private arena = 0;
  private hasSource = true;
  private attempt: number | undefined;
  private readonly labels: string[] = [];
  private readonly operatorIds: number[] = [];
  private readonly opening: Phase[] = [];
  private prelude: PipelineBuilder = this;
  private readonly closing: (Phase | Repetition)[] = [];
  private readonly counters = new Map<number, Local>();
  private readonly flushes: (() => void)[] = [];
  private lastCounter: Local | undefined;
  private functionCount = 0;
  private readonly stopped: Local;
  private exit: Label | undefined;

  constructor(source: PipelineSource) {
    this.source = source;
    const fn = this.module.builder.exportFunction("process", ["i32", "i32", "i32", "i32"], ["i32"]);
    const [context, batch, selection, count] = fn.params;
    this.code = new Code(fn, this.module, context!);
    this.params = { batch: batch!, selection: selection!, count: count! };
    this.code.prepare();
    this.stopped = fn.local("i32");
  }

  /** Rows must be taken in the source's order. */
  keepOrder(): void {
    this.ordered = true;
  }

  /** What the pipeline's functions allocate is in this arena (`QueryBuilder.arena`). */
  useArena(arena: number): void {
    this.arena = arena;
  }

  /** The pipeline is phases alone; its source is not read. */
  withoutSource(): void {
    this.hasSource = false;
  }

  /** Out of memory is no error here: it sets the u32 at the offset in the states block. */
  mayFail(attempt: number): void {
    this.attempt = attempt;
  }

  /** Notes that the operator runs in this pipeline; source first. */
  enter(operatorId: number, label: string): void {
    this.operatorIds.push(operatorId);
    this.labels.push(label);
  }

  /** The body of `process`: `emit` makes the loop over the rows, in which all operators' code is nested. */
  process(emit: () => void): void {
    const { fn } = this.code;
    fn.block((exit) => {
      this.exit = exit;
      emit();
    });
    for (const flush of this.flushes) flush();
    for (const [operatorId, counter] of this.counters) {
      const counts = this.code.field(threadContext.rowCounts);
      fn.get(counts);
      fn.get(counts);
      fn.mem("i64.load", 8 * operatorId);
      fn.get(counter);
      fn.op("i64.add");
      fn.mem("i64.store", 8 * operatorId);
    }
    fn.get(this.stopped);
  }

  /** Code for the end of `process`, where state kept in locals goes back to memory. */
  atExit(emit: () => void): void {
    this.flushes.push(emit);
  }

  /** Leaves `process` and tells the host that no more input is needed. */
  stop(): void {
    const { fn } = this.code;
    fn.i32(1);
    fn.set(this.stopped);
    fn.br(this.exit!);
  }

  /** Counts the current row as one that leaves the operator; with `rows`, that many. */
  countRow(operatorId: number, rows?: Local): void {
    const { fn } = this.code;
    const counter = fn.local("i64");
    this.counters.set(operatorId, counter);
    this.lastCounter = counter;
    fn.get(counter);
    if (rows === undefined) {
      fn.i64(1);
    } else {
      fn.get(rows);
      fn.op("i64.extend_i32_u");
    }
    fn.op("i64.add");
    fn.set(counter);
  }

  /** For an operator that passes on every row it gets. */
  countAllRows(operatorId: number): void {
    this.counters.set(operatorId, this.lastCounter!);
  }

  /** A phase before the source. */
  before(kind: "once" | "perThread", name: string, emit: (code: Code, task: Local) => void): void {
    const { prelude } = this;
    prelude.opening.push({ kind, function: prelude.phaseFunction(name, emit) });
  }

  /** The pipeline is repeated, and what is to be done once before its source is done in `prelude`, which is not. */
  startAfter(prelude: PipelineBuilder): void {
    this.prelude = prelude;
  }

  /** A phase after the source, and after those added before it. */
  after(kind: "once" | "perThread", name: string, emit: (code: Code, task: Local) => void): void {
    this.closing.push({ kind, function: this.phaseFunction(name, emit) });
  }

  /** A phase after which the query goes back to an earlier pipeline, as long as there is more. */
  repeat(first: PipelineBuilder, more: number, name: string, emit: (code: Code) => void): void {
    this.closing.push({ kind: "repeat", function: this.phaseFunction(name, emit), first, more });
  }

  /**
   * After the source: a call for each task; `countOffset` is where the states block says how many. `few`: so many of them are less work than to
   * wake a thread.
   */
  tasks(countOffset: number, name: string, emit: (code: Code, task: Local) => void, few = 1): void {
    this.closing.push({ kind: "tasks", function: this.phaseFunction(name, emit), countOffset, few });
  }

  /** An exported function that no phase calls, such as a scan filter. */
  exported(name: string, params: number): { readonly code: Code; readonly name: string } {
    const unique = `${name}${this.functionCount++}`;
    const fn = this.module.builder.exportFunction(unique, Array(params).fill("i32"), ["i32"]);
    return { code: new Code(fn, this.module, fn.params[params - 1]!), name: unique };
  }

  /** `indexOf`: a pipeline's number in the query. */
  finish(indexOf: (pipeline: PipelineBuilder) => number): CompiledPipeline {
    return {
      name: this.labels.join(" → "),
      operatorIds: this.operatorIds,
      wasm: this.module.builder.finish(),
      messages: this.module.messages,
      threadLocalBytes: 0,
      constants: this.module.constants,
      source: this.source,
      arena: this.arena,
      ...(this.attempt === undefined ? {} : { attempt: this.attempt }),
      phases: [
        ...this.opening,
        ...(this.hasSource
          ? [{ kind: "source" as const, function: "process", ...(this.ordered ? { ordered: true } : {}) }]
          : []),
        ...this.closing.map((phase): Phase => {
          if (phase.kind !== "repeat") return phase;
          const { first, more } = phase;
          return { kind: "once", function: phase.function, loop: { first: indexOf(first), more } };
        }),
      ],
    };
  }

  private phaseFunction(name: string, emit: (code: Code, task: Local) => void): string {
    const unique = `${name}${this.functionCount++}`;
    const fn = this.module.builder.exportFunction(unique, ["i32", "i32"], []);
    emit(new Code(fn, this.module, fn.params[0]!), fn.params[1]!);
    return unique;
  }
}
