import { readFileSync } from "node:fs";
import { kernelsFile } from "../assets.ts";
import type { Kernels } from "./kernels.ts";

let compiled: WebAssembly.Module | undefined;

/** The kernels, compiled once per process; workers are sent the module. */
export const kernelsModule = (): WebAssembly.Module => {
  compiled ??= new WebAssembly.Module(readFileSync(kernelsFile));
  return compiled;
};

/** A thread's own instance, over the shared memory. Its exports are also what compiled pipelines import as `kernels`. */
export const instantiateKernels = (module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels => {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return exports as unknown as Kernels;
};
