import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type * as Arrow from "apache-arrow";
import { arrowFile } from "../assets.ts";

export type ArrowLibrary = typeof Arrow;

let library: ArrowLibrary | undefined;

/**
 * apache-arrow, the copy that our callers import, loaded when something is first asked of it: that takes longer than all else a first
 * query does. Synchronous, since some of what is made with it is handed out so. Throws where Node cannot load ES modules
 * so (see `prepareArrow`), and while the caller's own `import("apache-arrow")` is under way.
 */
export const arrowLibrary = (): ArrowLibrary => {
  library ??= requireArrow();
  return library;
};

const requireArrow = (): ArrowLibrary => {
  try {
    return createRequire(import.meta.url)(fileURLToPath(arrowFile)) as ArrowLibrary;
  } catch (cause) {
    throw new Error(
      "apache-arrow cannot be loaded at once; a program that imports it itself awaits that import before it asks for Arrow objects",
      { cause },
    );
  }
};

/** The same for those who can wait: it never throws for reasons of its own. */
export const loadArrow = async (): Promise<ArrowLibrary> => {
  try {
    return arrowLibrary();
  } catch {
    library ??= await import("apache-arrow");
    return library;
  }
};

/** Loads it ahead of `arrowLibrary`, but only where that could not: Node before 22.12, or told not to. */
export const prepareArrow = async (): Promise<void> => {
  if (process.features.require_module !== true) await loadArrow();
};
