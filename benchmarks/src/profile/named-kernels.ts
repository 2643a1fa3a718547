import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The environment variable that tells a profiled process where the kernels with names lie. */
export const NAMED_KERNELS = "HEADCUT_NAMED_KERNELS";

const executor = fileURLToPath(new URL("../../../packages/executor", import.meta.url));

/** The kernels as the engine loads them. */
export const builtKernels = resolve(executor, "dist/kernels.wasm");

/**
 * The kernels compiled as the build compiles them, but with function names. They are kept until the build makes new ones.
 * Returns the file's path.
 */
export const compileNamedKernels = async (): Promise<string> => {
  const path = resolve(".data/profile/kernels.wasm");
  if (existsSync(path) && statSync(path).mtimeMs > statSync(builtKernels).mtimeMs) return path;
  mkdirSync(dirname(path), { recursive: true });
  process.stderr.write("compiling the kernels with names …\n");
  const { main } = await import("assemblyscript/asc");
  const { error, stderr } = await main([
    resolve(executor, "kernels/index.ts"),
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
  return path;
};
