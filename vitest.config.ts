import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: {
    // Tests see what the compiler built; the bundle is tested by the command line's tests and the packed tarball's.
    alias: { headcut: fileURLToPath(new URL("packages/headcut/dist/index.js", import.meta.url)) },
  },
  test: {
    include: [
      "packages/*/{src,test}/**/*.test.ts",
      "tpch/{src,test}/**/*.test.ts",
      "benchmarks/{src,test}/**/*.test.ts",
    ],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: "forks",
    maxWorkers: 2,
  },
});
