import { performance } from "node:perf_hooks";

const BAR_CELLS = 30;
/** A query shorter than this shows no bar. */
const QUIET_MS = 400;

/** A progress callback that draws a bar when the stream is a terminal, and wipes it at the end. */
export const withProgress = (stream: NodeJS.WriteStream): ((fraction: number) => void) => {
  if (!stream.isTTY) return () => {};
  const start = performance.now();
  let drawn = -1;
  return (fraction) => {
    const cells = Math.min(BAR_CELLS, Math.floor(fraction * BAR_CELLS));
    if (fraction >= 1) {
      if (drawn >= 0) stream.write("\r\x1b[K");
      drawn = -1;
    } else if (cells !== drawn && performance.now() - start > QUIET_MS) {
      drawn = cells;
      stream.write(`\r${"█".repeat(cells)}${"░".repeat(BAR_CELLS - cells)} ${Math.floor(fraction * 100)}%`);
    }
  };
};
