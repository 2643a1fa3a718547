import type { RandomStream } from "./random-stream.ts";

const encoder = new TextEncoder();

/** A list of words with weights; a draw picks a word with a probability proportional to its weight. */
export interface Distribution {
  readonly words: readonly string[];
  /** The words as UTF-8. */
  readonly bytes: readonly Uint8Array[];
  /** The sum of the weights. */
  readonly totalWeight: number;
  /** For a draw of 1 … totalWeight, the index of its word. */
  readonly indexOfDraw: Uint8Array;
}

/** Builds a distribution from `[word, weight]` pairs; a bare word weighs 1. */
export function distribution(entries: readonly (string | readonly [string, number])[]): Distribution {
  const pairs = entries.map((entry) => (typeof entry === "string" ? ([entry, 1] as const) : entry));
  const totalWeight = pairs.reduce((sum, [, weight]) => sum + weight, 0);
  const indexOfDraw = new Uint8Array(totalWeight + 1);
  let draw = 1;
  pairs.forEach(([, weight], index) => {
    indexOfDraw.fill(index, draw, draw + weight);
    draw += weight;
  });
  const words = pairs.map(([word]) => word);
  return { words, bytes: words.map((word) => encoder.encode(word)), totalWeight, indexOfDraw };
}

/** Draws the index of a word. */
export function pick(from: Distribution, stream: RandomStream): number {
  return from.indexOfDraw[stream.between(1, from.totalWeight)]!;
}
