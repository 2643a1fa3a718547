import { performance } from "node:perf_hooks";

const BAR_CELLS = 30;
/** A query shorter than this shows no bar. */
const QUIET_MS = 400;

/** A bar on a terminal. `clear` wipes it, before anything else is written there; the next `report` draws it again. */
export interface ProgressBar {
  report(fraction: number): void;
  clear(): void;
}

/** On anything but a terminal it draws nothing. */
export const createProgressBar = (terminal: NodeJS.WriteStream): ProgressBar => {
  if (!terminal.isTTY) return { report: () => undefined, clear: () => undefined };
  const start = performance.now();
  let drawn = -1;
  const clear = (): void => {
    if (drawn >= 0) terminal.write("\r\x1b[K");
    drawn = -1;
  };
  return {
    clear,
    report: (fraction) => {
      if (fraction >= 1) return clear();
      const percent = Math.floor(fraction * 100);
      if (percent === drawn || performance.now() - start < QUIET_MS) return;
      drawn = percent;
      const cells = Math.floor(fraction * BAR_CELLS);
      terminal.write(`\r${"█".repeat(cells)}${"░".repeat(BAR_CELLS - cells)} ${percent}%`);
    },
  };
};
