import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { QueryError } from "@headcut/plan";

/** What a served node tells the process that started it, over the channel between the two. */
export interface ReadyMessage {
  readonly kind: "ready";
  readonly nodeId: string;
  readonly address: string;
  readonly httpAddress: string | undefined;
}

/** A node in a process of its own, which ends with this one whatever happens. */
export interface ChildNode extends Omit<ReadyMessage, "kind"> {
  readonly pid: number;
  /** Resolves with the exit status, or the signal's name. */
  readonly ended: Promise<number | string>;
  signal(name: "SIGTERM" | "SIGKILL" | "SIGSTOP" | "SIGCONT"): void;
}

export interface ChildNodeOptions {
  readonly listen: string;
  readonly data: string;
  readonly join?: string;
  readonly cluster?: string;
  readonly threads?: number;
  /** As the command line writes it: `512MB`. */
  readonly memory?: string;
  readonly http?: string;
  /** Each line that the node logs; by default they are dropped. */
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Room for what a node hands on from query to query: with less, V8 collects the whole heap after every few megabytes of batches, on helper
 * threads that take the time of its queries.
 */
const V8_OPTIONS = ["--min-semi-space-size=32", "--max-semi-space-size=32"];

/** Starts `headcut serve`, and resolves when it is ready. Throws QueryError "io" with what it said last when it ends before. */
export const startChildNode = (options: ChildNodeOptions): Promise<ChildNode> => {
  const { listen, data, join, cluster, threads, memory, http, onLine, signal } = options;
  const flags: Readonly<Record<string, string | number | undefined>> = { join, cluster, threads, memory, http };
  const args = Object.entries(flags).flatMap(([key, value]) =>
    value === undefined ? [] : [`--${key}`, String(value)],
  );
  const child = spawn(
    process.execPath,
    [...V8_OPTIONS, process.argv[1]!, "serve", "--listen", listen, "--data", data, "--stop-with-parent", ...args],
    // A group of its own: Ctrl-C in the terminal goes to us, who end the nodes in good order.
    { stdio: ["ignore", "ignore", "pipe", "ipc"], detached: true },
  );
  const lastLines: string[] = [];
  createInterface({ input: child.stderr! }).on("line", (line) => {
    lastLines.push(line);
    if (lastLines.length > 5) lastLines.shift();
    onLine?.(line);
  });
  const ended = new Promise<number | string>((resolve) => {
    child.once("close", (code, name) => resolve(code ?? name ?? "unknown"));
  });
  const kill = (): void => {
    child.kill("SIGKILL");
  };
  signal?.addEventListener("abort", kill, { once: true });
  return new Promise((resolve, reject) => {
    child.once("error", (cause) => reject(new QueryError("io", `cannot start a node: ${cause.message}`, { cause })));
    child.once("message", (message) => {
      const { nodeId, address, httpAddress } = message as ReadyMessage;
      resolve({ nodeId, address, httpAddress, pid: child.pid!, ended, signal: (name) => void child.kill(name) });
    });
    ended.then((status) => {
      signal?.removeEventListener("abort", kill);
      reject(new QueryError("io", `the node on ${listen} ended with ${status}:\n${lastLines.join("\n")}`));
    });
  });
};

/** In the node: tells the parent that it is ready, and calls back when the parent is gone. */
export const reportToParent = (message: ReadyMessage, onParentGone: () => void): void => {
  process.once("disconnect", onParentGone);
  process.send?.(message);
  // The channel alone keeps no process alive.
  (process as ChildChannel).channel?.unref();
};

type ChildChannel = NodeJS.Process & { readonly channel?: Pick<ChildProcess, "unref"> };
