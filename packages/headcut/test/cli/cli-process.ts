import { type ChildProcess, type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";

const bin = join(import.meta.dirname, "../../bin/headcut.js");

/** Runs the command line to its end. */
export const headcut = (
  args: readonly string[],
  input = "",
  env: Readonly<Record<string, string>> = {},
): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, [bin, ...args], { input, encoding: "utf8", env: { ...process.env, ...env } });

/** A running command line, and what it has written so far. */
export interface RunningHeadcut {
  readonly process: ChildProcess;
  output(): string;
  errors(): string;
  /** Resolves when the output contains the text. */
  until(text: string): Promise<void>;
  /** Resolves to the exit status, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

export const startHeadcut = (args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningHeadcut => {
  const child = spawn(process.execPath, [bin, ...args], { env: { ...process.env, ...env } });
  let [output, errors] = ["", ""];
  const waiting = new Set<() => void>();
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    for (const check of waiting) check();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
    for (const check of waiting) check();
  });
  return {
    process: child,
    output: () => output,
    errors: () => errors,
    until: (text) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!output.includes(text) && !errors.includes(text)) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    ended: new Promise((resolve) => child.on("close", (code, signal) => resolve(code ?? signal ?? "unknown"))),
  };
};
