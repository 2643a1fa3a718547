/** What happens to a node in the middle of a query. */
export type FaultKind =
  /** SIGKILL: the process is gone, and is started again. */
  | "kill"
  /** SIGSTOP: the process is there and says nothing, then goes on. */
  | "stop"
  /** Its cable is pulled, and plugged in again. */
  | "cut";

export const faultKinds: readonly FaultKind[] = ["kill", "stop", "cut"];

export interface Fault {
  readonly kind: FaultKind;
  /** Counted from 0. */
  readonly node: number;
  /** After the query's start. */
  readonly afterMs: number;
  /** Until it is over; a process that was killed is started again then. */
  readonly lastsMs: number;
}

const SHORTEST_MS = 200;
/** Longer than silence may last before a node counts as lost (5 s), so that both sides of that are seen. */
const LONGEST_MS = 10_000;

/** A fault at a moment of a query that takes about `usualMs`. */
export const drawFault = (
  random: () => number,
  kinds: readonly FaultKind[],
  nodes: number,
  usualMs: number,
): Fault => ({
  kind: kinds[Math.floor(random() * kinds.length)]!,
  node: Math.floor(random() * nodes),
  afterMs: random() * usualMs,
  lastsMs: SHORTEST_MS + random() * (LONGEST_MS - SHORTEST_MS),
});
