import { type Distribution, distribution, pick } from "../generator/distribution.ts";
import type { RandomStream } from "../generator/random-stream.ts";
import { nations } from "../generator/word-lists.ts";

export const nationNames: Distribution = distribution(nations.map(([name]) => name));

/** Draws a word. */
export function word(from: Distribution, stream: RandomStream): string {
  return from.words[pick(from, stream)]!;
}

/** Draws two different words. */
export function twoWords(from: Distribution, stream: RandomStream): [string, string] {
  const first = pick(from, stream);
  let second = pick(from, stream);
  while (second === first) second = pick(from, stream);
  return [from.words[first]!, from.words[second]!];
}

/** Draws the first of January of 1993 to 1997. */
export function newYear(stream: RandomStream): string {
  return `19${stream.between(93, 97)}-01-01`;
}

/** Draws the first of a month, `low` to `high` months after January 1993. */
export function firstOfMonth(low: number, high: number, stream: RandomStream): string {
  const months = stream.between(low, high);
  return `${1993 + Math.floor(months / 12)}-${String((months % 12) + 1).padStart(2, "0")}-01`;
}

/** Draws a brand. */
export function brand(stream: RandomStream): string {
  const manufacturer = stream.between(1, 5);
  return `Brand#${manufacturer}${stream.between(1, 5)}`;
}

/** Draws `count` different values from a list: the first ones of a shuffle, all of whose draws are made. */
export function shuffled(values: readonly number[], count: number, stream: RandomStream): string[] {
  const order = [...values];
  for (let i = 0; i < order.length; i++) {
    const chosen = stream.between(i, order.length - 1);
    [order[i], order[chosen]] = [order[chosen]!, order[i]!];
  }
  return order.slice(0, count).map(String);
}
