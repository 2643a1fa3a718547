import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Folders of workers of this process: a process id alone does not tell them from what an earlier process of that id left. */
const ours = new Set<string>();

const NAME = /^outputs-(\d+)-[0-9a-z]+$/;

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not ours to signal, but there.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};

/** A folder of this process for its own spill files; what dead processes left beside it is removed. */
export const openSpillDirectory = (parent: string): { readonly path: string; remove(): void } => {
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    const pid = Number(NAME.exec(name)?.[1]);
    if (Number.isNaN(pid) || ours.has(join(parent, name)) || (pid !== process.pid && isAlive(pid))) continue;
    rmSync(join(parent, name), { recursive: true, force: true });
  }
  const path = join(parent, `outputs-${process.pid}-${Math.random().toString(36).slice(2, 10)}`);
  mkdirSync(path);
  ours.add(path);
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true });
      ours.delete(path);
    },
  };
};
