import { deltaBytes, dictionaryBytes } from "./encoding-sizes.ts";
import type { NumberSample } from "./number-sample.ts";

/** How a column of numbers is written. */
export interface NumberEncoding {
  /** As codes into a dictionary, as long as that has room. */
  readonly dictionary: boolean;
  /** Without a dictionary, and behind one that is full: as packed differences, or as they are. */
  readonly otherwise: "delta" | "plain";
}

/** A dictionary may take so much of what differences take: filters look at each of its values once, and groups are found by code … */
const MOST_OF_DELTA = 1.25;
/** … and so much of what plain values take, which are read without looking anything up. */
const MOST_OF_PLAIN = 0.75;

/**
 * The encoding in which such numbers take the fewest bytes, or nearly, before they are compressed. Numbers without order in all 64
 * bits stay as they are; keys, prices, days and times are mostly differences, unless there are few of them.
 */
export const chooseEncoding = ({ values, bytes, isInteger }: NumberSample): NumberEncoding => {
  const plain = values.length * bytes;
  const delta = isInteger ? deltaBytes(values, bytes) : Number.POSITIVE_INFINITY;
  const limit = Math.min(plain * MOST_OF_PLAIN, delta * MOST_OF_DELTA);
  return {
    dictionary: dictionaryBytes(values, bytes, limit) <= limit,
    otherwise: delta < plain ? "delta" : "plain",
  };
};
