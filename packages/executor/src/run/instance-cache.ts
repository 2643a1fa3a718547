import { assert } from "@headcut/plan";
import type { Heap } from "../memory/heap.ts";
import { kernelTable } from "../pipelines/kernel-table.ts";
import type { SpoolIo } from "../spill/spool-io.ts";

export type CompiledFunction = (...args: number[]) => number;

/** A module instantiated on this thread. */
export interface PipelineInstance {
  /** The exported function; an internal error when there is none. */
  readonly function: (name: string) => CompiledFunction;
}

/** What the host functions that compiled code calls do for the task at hand. */
export interface HostCalls {
  /** Never returns: throws. */
  readonly raise: (code: number, detail: number) => never;
  readonly emit: (context: number) => void;
  readonly spool: SpoolIo | undefined;
}

export interface InstanceCache {
  readonly get: (moduleId: number, module: WebAssembly.Module) => PipelineInstance;
  /** Whom the instances' imports call: one task runs at a time. */
  readonly serve: (calls: HostCalls) => void;
}

/** Modules are small; this many instances take a few MB. */
const MAX_INSTANCES = 256;

/** Instances of compiled pipelines over one thread's kernels, least recently used dropped first. */
export const createInstanceCache = ({ memory, kernels }: Heap, limit = MAX_INSTANCES): InstanceCache => {
  const instances = new Map<number, PipelineInstance>();
  let calls: HostCalls | undefined;
  const serving = (): HostCalls => {
    assert(calls !== undefined, "compiled code runs outside of a task");
    return calls;
  };
  const imports = {
    env: { memory: memory.memory, table: kernelTable(kernels) },
    kernels: kernels as unknown as Record<string, unknown>,
    host: {
      raise: (code: number, detail: number): never => serving().raise(code, detail >>> 0),
      emit: (context: number): void => serving().emit(context >>> 0),
      ...spoolImports(() => {
        const { spool } = serving();
        assert(spool !== undefined, "rows go to disk in a query that has no files");
        return spool;
      }),
    },
  };
  return {
    get: (moduleId, module) => {
      let instance = instances.get(moduleId);
      if (instance === undefined) {
        instance = instantiate(module, imports);
        if (instances.size >= limit) instances.delete(instances.keys().next().value!);
      } else {
        instances.delete(moduleId);
      }
      instances.set(moduleId, instance);
      return instance;
    },
    serve: (to) => {
      calls = to;
    },
  };
};

/** Addresses come from compiled code as signed numbers. */
const spoolImports = (spool: () => SpoolIo): SpoolIo => ({
  spoolWrite: (context, operatorId, file, at, writer, block) =>
    spool().spoolWrite(context >>> 0, operatorId, file, at >>> 0, writer >>> 0, block >>> 0),
  spoolFlush: (context, operatorId, file, at, writer) =>
    spool().spoolFlush(context >>> 0, operatorId, file, at >>> 0, writer >>> 0),
  spoolRead: (context, operatorId, file, at, entry, to) =>
    spool().spoolRead(context >>> 0, operatorId, file, at >>> 0, entry >>> 0, to >>> 0),
  spoolUnfold: (context, operatorId, file, at, partition) =>
    spool().spoolUnfold(context >>> 0, operatorId, file, at >>> 0, partition),
  spoolRelease: (context, operatorId, file, at) => spool().spoolRelease(context >>> 0, operatorId, file, at >>> 0),
});

const instantiate = (
  module: WebAssembly.Module,
  imports: Record<string, Record<string, unknown>>,
): PipelineInstance => {
  const { exports } = new WebAssembly.Instance(module, imports);
  return {
    function: (name) => {
      const found = exports[name];
      assert(typeof found === "function", `a compiled pipeline exports no function ${name}`);
      return found as CompiledFunction;
    },
  };
};
