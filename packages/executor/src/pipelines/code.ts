import type { ColumnId } from "@headcut/plan";
import type { CodeModule } from "../expressions/code-module.ts";
import { raiseCode } from "../expressions/raise-code.ts";
import type { ExpressionScope } from "../expressions/scope.ts";
import type { Value } from "../expressions/value.ts";
import { queryBlock, threadContext } from "../layout/context.ts";
import type { FunctionBuilder, Local, ValueType } from "../wasm/function-builder.ts";
import { type HostFunction, hostFunctions, type PipelineKernel, pipelineKernels } from "./kernel-signatures.ts";
import { kernelSlot } from "./kernel-table.ts";
import { operatorRaiseCode } from "./raise-code.ts";

/** What a compiled function of a pipeline needs at hand: where its code goes, and the blocks it may reach. */
export class Code {
  readonly fn: FunctionBuilder;
  readonly module: CodeModule;
  readonly context: Local;
  private readonly arenaField: number;
  private readonly fields = new Map<string, Local>();

  /** `arenaField`: which of the thread context's arenas is `arena`. */
  constructor(fn: FunctionBuilder, module: CodeModule, context: Local, arenaField: number = threadContext.arena) {
    this.arenaField = arenaField;
    this.fn = fn;
    this.module = module;
    this.context = context;
  }

  /** Address of the query's operator states. */
  get states(): Local {
    return this.field(threadContext.states);
  }

  /** Address of the pipeline's arena on this thread: unless the pipeline spills, it lives as long as the query. */
  get arena(): Local {
    return this.field(this.arenaField);
  }

  /** Address of the thread's arena for what lives as long as the query, also in a pipeline whose own arena does not. */
  get keep(): Local {
    return this.field(threadContext.keep);
  }

  /** Loads what entry code itself may need inside a branch, where it would come too late for the rest of the function. */
  prepare(): void {
    this.field(threadContext.states);
    this.field(threadContext.arena);
  }

  /** A u32 field of the thread context, loaded once at the function's entry. */
  field(offset: number): Local {
    return this.atEntry(`context ${offset}`, () => {
      this.fn.get(this.context);
      this.fn.mem("i32.load", offset);
    });
  }

  /** A local set once, at the function's entry, to the value that `emit` leaves on the stack; the same key gives the same local. */
  atEntry(key: string, emit: () => void, type: ValueType = "i32"): Local {
    let local = this.fields.get(key);
    if (local === undefined) {
      local = this.fn.local(type);
      const target = local;
      this.fields.set(key, target);
      this.fn.atEntry(() => {
        emit();
        this.fn.set(target);
      });
    }
    return local;
  }

  scope(operatorId: number, column: (id: ColumnId) => Value = noColumn): ExpressionScope {
    return { fn: this.fn, module: this.module, context: this.context, operatorId, column };
  }

  /** Calls a kernel of kernels/pipelines; its arguments are on the stack. */
  kernel(name: PipelineKernel): void {
    const [params, results] = pipelineKernels[name];
    this.fn.call(this.module.builder.tableFunction(kernelSlot(name), name, params, results));
  }

  /** Calls the host; its arguments are on the stack. */
  host(name: HostFunction): void {
    this.fn.call(this.module.builder.import("host", name, hostFunctions[name], []));
  }

  /** Raises out of memory if the i32 on the stack is 0. */
  checkAllocated(operatorId: number): void {
    this.fn.op("i32.eqz");
    this.fn.if(() => this.raise(raiseCode.outOfMemory, operatorId));
  }

  raise(code: number, detail: number): void {
    this.fn.i32(code);
    this.fn.i32(detail);
    this.fn.call(this.module.raise);
    this.fn.op("unreachable");
  }

  /** For loops that may run long within one batch. */
  checkCancelled(): void {
    this.fn.get(this.field(threadContext.query));
    this.fn.mem("i32.atomic.load", queryBlock.cancel);
    this.fn.if(() => this.raise(operatorRaiseCode.cancelled, 0));
  }
}

const noColumn = (id: ColumnId): Value => {
  throw new Error(`internal error: column ${id} is out of scope`);
};
