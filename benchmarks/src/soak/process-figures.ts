import { readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";

/** What a process holds of the machine, from Linux's /proc. */
export interface ProcessFigures {
  readonly residentBytes: number;
  readonly threads: number;
  /** Sockets apart. */
  readonly files: number;
  readonly sockets: number;
}

export const processFigures = async (pid: number): Promise<ProcessFigures> => {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const number = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]);
  const folder = `/proc/${pid}/fd`;
  const targets = await Promise.all(
    (await readdir(folder)).map((name) => readlink(join(folder, name)).catch(() => undefined)),
  );
  const open = targets.filter((target) => target !== undefined);
  const sockets = open.filter((target) => target.startsWith("socket:")).length;
  return { residentBytes: number("VmRSS") * 1024, threads: number("Threads"), files: open.length - sockets, sockets };
};

/** Files that are in a folder or below it, none if it is missing. */
export const filesBelow = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []))
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
