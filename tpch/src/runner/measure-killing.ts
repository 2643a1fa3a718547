import { createHash } from "node:crypto";
import type { EngineAnswer, EngineNodes } from "./engine.ts";

/** A run during which a node was killed. */
export interface KilledRun {
  /** Counted from 1. */
  readonly node: number;
  readonly afterMs: number;
  readonly elapsedMs: number;
  readonly answer: EngineAnswer;
}

/** Numbers from 0 up to 1, the same ones for a seed. */
export function randomFractions(seed: number): () => number {
  let drawn = 0;
  return () => {
    drawn++;
    const digest = createHash("sha256").update(`${seed} ${drawn}`).digest();
    return digest.readUInt32LE(0) / 2 ** 32;
  };
}

/** A query may be done before its moment has come: the next try is earlier, at last right at its start. */
const SHORTEST_MS = 1;

/**
 * Runs a query that takes about `usualMs`, and kills a node at a random moment of it; the node is running again when this resolves, or rejects with what
 * the query failed with. Any node may be hit, also the one that was asked.
 */
export async function measureKilling(
  query: () => Promise<EngineAnswer>,
  nodes: EngineNodes,
  usualMs: number,
  random: () => number,
): Promise<KilledRun> {
  const node = Math.floor(random() * nodes.count);
  let span = usualMs;
  for (;;) {
    const afterMs = span < SHORTEST_MS ? 0 : random() * span;
    const start = performance.now();
    let kill: Promise<void> | undefined;
    const timer = setTimeout(() => {
      kill = nodes.kill(node);
    }, afterMs);
    try {
      const answer = await query();
      const elapsedMs = performance.now() - start;
      if (kill !== undefined) return { node: node + 1, afterMs, elapsedMs, answer };
    } finally {
      clearTimeout(timer);
      if (kill !== undefined) {
        await kill;
        await nodes.restart(node);
      }
    }
    span /= 2;
  }
}
