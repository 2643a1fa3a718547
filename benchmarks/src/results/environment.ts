import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, totalmem } from "node:os";
import { duckdbVersion } from "../engines/duckdb-engine.ts";

/** Where and of what a result was measured. */
export interface Environment {
  /** With `+` when files were changed after it; "unknown" outside a repository. */
  readonly commit: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryBytes: number;
    readonly platform: string;
  };
  readonly versions: { readonly node: string; readonly duckdb: string };
}

export const readEnvironment = async (): Promise<Environment> => ({
  commit: commit(),
  machine: {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    platform: `${process.platform} ${process.arch}`,
  },
  versions: { node: process.version, duckdb: await duckdbVersion() },
});

const commit = (): string => {
  const git = (...args: string[]): string => execFileSync("git", args, { encoding: "utf8", stdio: "pipe" }).trim();
  try {
    const changed = git("status", "--porcelain", "--untracked-files=no") !== "";
    return `${git("rev-parse", "--short=12", "HEAD")}${changed ? "+" : ""}`;
  } catch {
    return "unknown";
  }
};
