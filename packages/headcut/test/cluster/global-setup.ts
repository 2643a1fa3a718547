import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startTestCluster } from "./test-cluster.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Where `connect` of ../target.ts connects to; absent: to an engine in the test's process. */
    readonly cluster: { readonly url: string; readonly scratch: string } | undefined;
  }
}

/** One cluster without tables for all test files of the project. Each has sessions of its own. */
export default async ({ provide }: TestProject): Promise<() => Promise<void>> => {
  const cluster = await startTestCluster();
  // In the data directory of the node that clients ask first: it reads no others for them.
  const scratch = join(cluster.nodes[0]!.data, ".scratch");
  mkdirSync(scratch);
  provide("cluster", { url: cluster.url, scratch });
  return cluster.stop;
};
