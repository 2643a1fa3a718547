const WIDTH = 30;
const MIN_INTERVAL_MS = 50;

/** A progress bar on standard error; silent when that is not a terminal. */
export class ProgressBar {
  readonly #label: string;
  #drawnAt = Number.NEGATIVE_INFINITY;

  constructor(label: string) {
    this.#label = label;
  }

  readonly update = (done: number, total: number): void => {
    const now = performance.now();
    if (!process.stderr.isTTY || (now - this.#drawnAt < MIN_INTERVAL_MS && done < total)) return;
    this.#drawnAt = now;
    const share = total === 0 ? 1 : done / total;
    const filled = Math.round(share * WIDTH);
    const bar = "█".repeat(filled) + "░".repeat(WIDTH - filled);
    process.stderr.write(`\r${this.#label} ${bar} ${String(Math.floor(share * 100)).padStart(3)} %`);
  };

  /** Removes the bar from the terminal. */
  clear(): void {
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  }
}
