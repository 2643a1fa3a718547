/** What is alive in a process after a full garbage collection. */
export interface HeapFigures {
  readonly heapBytes: number;
  readonly arrayBufferBytes: number;
  /** Timers, sockets, requests and the like that keep an event loop busy. */
  readonly resources: number;
}

/** Options of Node.js for a process that is to answer at this port of the loopback. */
export const probeOptions = (port: number): readonly string[] => [
  "--expose-gc",
  `--import=${new URL(`node-probe.js?port=${port}`, import.meta.url)}`,
];

/** Asks such a process. */
export const heapFigures = async (port: number): Promise<HeapFigures> =>
  (await (await fetch(`http://127.0.0.1:${port}`)).json()) as HeapFigures;
