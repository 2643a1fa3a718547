// Compiles the AssemblyScript kernels to dist/kernels.wasm, when a source is newer than the last result.
import { existsSync, mkdirSync, readdirSync, renameSync, statSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const out = join(root, "dist/kernels.wasm");
const sources = readdirSync(join(root, "kernels"), { recursive: true }).map((name) => join(root, "kernels", name));
const newest = Math.ceil(
  Math.max(...[...sources, fileURLToPath(import.meta.url)].map((path) => statSync(path).mtimeMs)),
);

if (!existsSync(out) || Math.ceil(statSync(out).mtimeMs) < newest) {
  mkdirSync(dirname(out), { recursive: true });
  const partial = `${out}.${process.pid}`;
  const { error, stderr } = await asc.main([
    join(root, "kernels/index.ts"),
    ...["--outFile", partial],
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
  if (error !== null) {
    process.stderr.write(`${stderr}\n${error.message}\n`);
    process.exit(1);
  }
  // As old as the newest source it was made from: a source that changed meanwhile is newer.
  utimesSync(partial, newest / 1000, newest / 1000);
  renameSync(partial, out);
}
