// Loaded before anything else in a process that is profiled: gives the functions of WebAssembly modules names, which
// the modules themselves do not carry, so that a profile can be read.
import { readFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
import { nameExports } from "./name-section.ts";
import { builtKernels, NAMED_KERNELS, startsWith } from "./named-kernels.ts";

/** When the sources have changed since the build, only the exports have names. */
const nameKernels = (built: Uint8Array): Uint8Array => {
  const path = process.env[NAMED_KERNELS];
  const withNames = path === undefined ? new Uint8Array() : readFileSync(path);
  return startsWith(withNames, built) ? withNames : nameExports(built, (name) => `kernel ${name}`);
};

// Workers are sent compiled modules, so the main thread is where names are given.
if (isMainThread) {
  const kernels = readFileSync(builtKernels);
  let pipelines = 0;
  const named = (bytes: Uint8Array): Uint8Array => {
    if (Buffer.compare(bytes, kernels) === 0) return nameKernels(bytes);
    pipelines++;
    return nameExports(bytes, (name) => `pipeline ${pipelines} ${name}`);
  };
  WebAssembly.Module = new Proxy(WebAssembly.Module, {
    construct: (target, [bytes]) => new target(named(bytes as Uint8Array)),
  });
}
