import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { Interface } from "node:readline";

export const HISTORY_LINES = 1000;

/** `~/.headcut/history`, or the file that HEADCUT_HISTORY names. */
const historyFile = (): string => process.env.HEADCUT_HISTORY ?? join(homedir(), ".headcut", "history");

/** Newest first, as readline wants it; a missing file is an empty history. A file that has grown long is cut. */
export const readHistory = async (): Promise<string[]> => {
  const lines = (await readFile(historyFile(), "utf8").catch(() => "")).split("\n").filter(Boolean);
  if (lines.length > 2 * HISTORY_LINES) {
    const kept = `${lines.slice(-HISTORY_LINES).join("\n")}\n`;
    await writeFile(historyFile(), kept, { mode: 0o600 }).catch(() => undefined);
  }
  return lines.slice(-HISTORY_LINES).reverse();
};

/** Notes complete inputs, each as one line, in the file and in what the arrow keys bring back. */
export const createHistory = (lines: Interface): { readonly add: (input: string) => Promise<void> } => {
  // Readline's own list, newest first; the documentation of the event allows to change it.
  let entries: string[] = [];
  lines.on("history", (history: string[]) => {
    entries = history;
  });
  return {
    add: async (input) => {
      const text = input.trim();
      const inputLines = text.split("\n");
      // Lines that a comment ends cannot be joined; then they stay apart.
      const joined = text.includes("--") ? inputLines : [inputLines.map((line) => line.trim()).join(" ")];
      if (inputLines.length > 1 && joined.length === 1 && entries.length >= inputLines.length) {
        entries.splice(0, inputLines.length, ...joined);
      }
      try {
        await mkdir(dirname(historyFile()), { recursive: true });
        await appendFile(historyFile(), `${joined.join("\n")}\n`, { mode: 0o600 });
      } catch {
        // A convenience: a read-only home must not break the shell.
      }
    },
  };
};
