import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SetData } from "../engines/engine.ts";
import { compileNamedKernels, NAMED_KERNELS } from "./named-kernels.ts";
import { type CpuProfile, type FunctionTime, type Span, selfTimes } from "./read-profile.ts";

export interface ProfileTask {
  readonly data: SetData;
  readonly sql: string;
  readonly threads: number;
  /** How long the query is repeated. */
  readonly seconds: number;
}

export interface QueryProfile {
  readonly runs: number;
  readonly medianMs: number;
  /** Over all threads and runs; the engine's start and the first run are left out. */
  readonly functions: readonly FunctionTime[];
}

/** What the profiled process tells when it has run. */
export interface ProfiledRuns {
  readonly runs: number;
  readonly medianMs: number;
  readonly span: Span;
}

const SAMPLE_INTERVAL_US = "250";

/** Profiles a query in a process of its own. With `folder`, the profiles of the threads are kept there. */
export const profileQuery = async (task: ProfileTask, folder?: string): Promise<QueryProfile> => {
  const profiles = folder ?? (await mkdtemp(join(tmpdir(), "headcut-profile-")));
  try {
    const preload = new URL("named-modules.js", import.meta.url).href;
    const child = fork(fileURLToPath(new URL("profile-child.js", import.meta.url)), {
      execArgv: [
        "--cpu-prof",
        `--cpu-prof-dir=${profiles}`,
        "--cpu-prof-interval",
        SAMPLE_INTERVAL_US,
        "--import",
        preload,
      ],
      env: { ...process.env, [NAMED_KERNELS]: await compileNamedKernels() },
      serialization: "advanced",
    });
    let measured: ProfiledRuns | undefined;
    child.once("message", (message) => {
      measured = message as ProfiledRuns;
    });
    child.send(task);
    const [code] = await once(child, "exit");
    if (measured === undefined) throw new Error(`the profiled process ended with code ${code}`);
    const names = (await readdir(profiles)).filter((name) => name.endsWith(".cpuprofile"));
    const texts = await Promise.all(names.map((name) => readFile(join(profiles, name), "utf8")));
    const { runs, medianMs, span } = measured;
    const parsed = texts.map((text) => JSON.parse(text) as CpuProfile);
    return { runs, medianMs, functions: selfTimes(parsed, span) };
  } finally {
    if (folder === undefined) await rm(profiles, { recursive: true, force: true });
  }
};
