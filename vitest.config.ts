import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Tests of what a connection does: run on an engine in the test's own process, and on a cluster of processes. */
const anyTarget = ["packages/headcut/test/{api,slt,differential}/**/*.test.ts"];

/** About the process the engine is in: its memory, its cache, its compiled plans. */
const engineOnly = ["limits-memory", "column-cache", "exact-medians", "plan-cache", "spilling"].map(
  (name) => `packages/headcut/test/api/${name}.test.ts`,
);

export default defineConfig({
  resolve: {
    // Tests see what the compiler built; the bundle is tested by the command line's tests and the packed tarball's.
    alias: { headcut: fileURLToPath(new URL("packages/headcut/dist/index.js", import.meta.url)) },
  },
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: "forks",
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: "embedded",
          include: [
            "packages/*/{src,test}/**/*.test.ts",
            "tpch/{src,test}/**/*.test.ts",
            "benchmarks/{src,test}/**/*.test.ts",
          ],
        },
      },
      {
        extends: true,
        test: {
          name: "cluster",
          include: anyTarget,
          exclude: engineOnly,
          globalSetup: "packages/headcut/test/cluster/global-setup.ts",
        },
      },
    ],
  },
});
