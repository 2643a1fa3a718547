import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The environment variable that tells a profiled process where the kernels with names lie. */
export const NAMED_KERNELS = "HEADCUT_NAMED_KERNELS";

/** The kernels as the engine loads them. */
export const builtKernels = fileURLToPath(new URL("kernels.wasm", import.meta.resolve("headcut")));

const sources = fileURLToPath(new URL("../../../packages/executor/kernels/index.ts", import.meta.url));

/** Names are a section at a module's end, so the module without them is how it begins. */
export const startsWith = (named: Uint8Array, built: Uint8Array): boolean =>
  Buffer.compare(named.subarray(0, built.length), built) === 0;

/**
 * The kernels compiled as the build compiles them, but with function names; kept until the build has made others. Returns
 * the file's path.
 */
export const compileNamedKernels = async (): Promise<string> => {
  const path = resolve(".data/profile/kernels.wasm");
  const isCurrent = (): boolean => startsWith(readFileSync(path), readFileSync(builtKernels));
  if (existsSync(path) && isCurrent()) return path;
  mkdirSync(dirname(path), { recursive: true });
  process.stderr.write("compiling the kernels with names …\n");
  const { main } = await import("assemblyscript/asc");
  const { error, stderr } = await main([
    sources,
    ...["--outFile", path, "--debug"],
    ...["-O3", "--noAssert", "--runtime", "stub"],
    ...[
      "--importMemory",
      "--sharedMemory",
      "--initialMemory",
      "16",
      "--maximumMemory",
      "65536",
      "--memoryBase",
      "65536",
    ],
    ...["--enable", "threads", "--enable", "simd", "--enable", "bulk-memory"],
  ]);
  if (error !== null) throw new Error(`the kernels cannot be compiled: ${stderr}`, { cause: error });
  if (!isCurrent()) process.stderr.write("the kernels have changed since the build: only exported ones are named\n");
  return path;
};
