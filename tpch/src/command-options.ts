import { InvalidArgumentError } from "commander";
import type { Part } from "./output/shards.ts";

/** Reads a scale factor; whether the generator can make it is for `generate` to say. */
export function parseScaleFactor(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value > 0)) throw new InvalidArgumentError("It must be a number above 0.");
  return value;
}

export function parseCount(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("It must be a whole number above 0.");
  return Number(text);
}

/** Reads `i/n`. */
export function parsePart(text: string): Part {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const part = { index: Number(index), count: Number(count) };
  if (!(part.index >= 1 && part.index <= part.count))
    throw new InvalidArgumentError("It must be i/n with 1 ≤ i ≤ n, such as 2/8.");
  return part;
}

/** Reads a list of query numbers and ranges, such as `1,6,10-12`. */
export function parseQueries(text: string): number[] {
  const numbers = text.split(",").flatMap((piece) => {
    const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(piece.trim()) ?? [];
    const from = Number(first);
    const to = last === undefined ? from : Number(last);
    if (!(from >= 1 && to <= 22 && from <= to))
      throw new InvalidArgumentError("It must list queries from 1 to 22, such as 1,6,10-12.");
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
  return [...new Set(numbers)];
}
