import { type Command, InvalidArgumentError } from "commander";
import type { SecurityFiles } from "../node/read-security.ts";
import { securityOptions } from "./security-options.ts";

/** Options of every command that runs statements, on an engine of its own or on a cluster. */
export interface EngineCommandOptions extends SecurityFiles {
  /** Of a cluster. */
  readonly connect?: string;
  readonly data?: string;
  readonly threads?: number;
  /** Bytes, per statement. */
  readonly memoryLimit?: number;
  /** Bytes of all statements and in-memory tables together. */
  readonly memory?: number;
  /** Where rows are put that find no room in memory, and bytes that they may take there. */
  readonly tempDirectory?: string;
  readonly tempLimit?: number;
  /** Seconds, per statement. */
  readonly timeout?: number;
  readonly timing?: boolean;
}

/** Adds them to a command. */
export const engineOptions = (command: Command): Command =>
  securityOptions(command)
    .option("-c, --connect <url>", "ask a cluster, such as grpc://a:8815,b:8815, not an engine of its own")
    .option("-d, --data <dir>", "make every NAME.parquet and NAME/*.parquet in the folder a table")
    .option("-t, --threads <n>", "worker threads (default: one per core)", positiveInteger)
    .option("--memory <size>", "what all statements and in-memory tables may use together, as 512MB or 2GiB", byteSize)
    .option("--memory-limit <size>", "what a statement may use of it", byteSize)
    .option("--temp-directory <dir>", "where statements put rows that find no room in memory")
    .option("--temp-limit <size>", "what they may take there, 0 for nothing (default: all there is)", sizeOrNone)
    .option("--timeout <seconds>", "cancel a statement that runs longer", positiveNumber)
    .option("--timing", "print how long each statement took");

export const positiveInteger = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value <= 0) throw new InvalidArgumentError("Expected a positive whole number.");
  return value;
};

const positiveNumber = (text: string): number => {
  const value = Number(text);
  if (!(value > 0) || value === Number.POSITIVE_INFINITY) throw new InvalidArgumentError("Expected a positive number.");
  return value;
};

export const sizeOrNone = (text: string): number => (text.trim() === "0" ? 0 : byteSize(text));

const BYTE_UNITS: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["b", 1],
  ["kb", 1e3],
  ["mb", 1e6],
  ["gb", 1e9],
  ["kib", 2 ** 10],
  ["mib", 2 ** 20],
  ["tb", 1e12],
  ["gib", 2 ** 30],
  ["tib", 2 ** 40],
]);

/** "512MB", "2 GiB", "1000000" → bytes. */
export const byteSize = (text: string): number => {
  const match = /^\s*([\d.]+)\s*([a-z]*)\s*$/i.exec(text);
  const unit = BYTE_UNITS.get((match?.[2] ?? "?").toLowerCase());
  const value = Number(match?.[1]);
  if (unit === undefined || !(value > 0)) throw new InvalidArgumentError("Expected a size such as 512MB or 2GiB.");
  return Math.floor(value * unit);
};
