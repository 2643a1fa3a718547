import { RandomStream } from "../generator/random-stream.ts";
import { q01 } from "./q01.ts";
import { q02 } from "./q02.ts";
import { q03 } from "./q03.ts";
import { q04 } from "./q04.ts";
import { q05 } from "./q05.ts";
import { q06 } from "./q06.ts";
import { q07 } from "./q07.ts";
import { q08 } from "./q08.ts";
import { q09 } from "./q09.ts";
import { q10 } from "./q10.ts";
import { q11 } from "./q11.ts";
import { q12 } from "./q12.ts";
import { q13 } from "./q13.ts";
import { q14 } from "./q14.ts";
import { q15 } from "./q15.ts";
import { q16 } from "./q16.ts";
import { q17 } from "./q17.ts";
import { q18 } from "./q18.ts";
import { q19 } from "./q19.ts";
import { q20 } from "./q20.ts";
import { q21 } from "./q21.ts";
import { q22 } from "./q22.ts";
import type { Query } from "./query.ts";

/** The 22 queries, in order. */
export const queries: readonly Query[] = [
  q01,
  q02,
  q03,
  q04,
  q05,
  q06,
  q07,
  q08,
  q09,
  q10,
  q11,
  q12,
  q13,
  q14,
  q15,
  q16,
  q17,
  q18,
  q19,
  q20,
  q21,
  q22,
];

/** @throws RangeError when there is no such query. */
export function queryOf(number: number): Query {
  const query = queries[number - 1];
  if (query === undefined) throw new RangeError(`The queries are numbered 1 to 22, but ${number} was asked for.`);
  return query;
}

/** The text of a query with the given substitution parameters. */
export function queryText(number: number, parameters: readonly string[]): string {
  return queryOf(number).sql(parameters);
}

/** The parameters for which the stored answers hold; the scale factor matters to query 11 alone. */
export function validationParameters(number: number, scaleFactor = 1): readonly string[] {
  return queryOf(number).validation(scaleFactor);
}

export const MAX_SEED = 2147483646;

/**
 * Draws a query's parameters from a seed as `qgen -r SEED` does, but for query 22: there the reference adds 10 to
 * the country codes twice, and most of them match no customer; ours are those of the specification.
 *
 * @throws RangeError when the seed is not a whole number from 1 to `MAX_SEED`.
 */
export function drawParameters(number: number, seed: number, scaleFactor: number): readonly string[] {
  if (!(Number.isInteger(seed) && seed >= 1 && seed <= MAX_SEED))
    throw new RangeError(`A seed is a whole number from 1 to ${MAX_SEED}, but it is ${seed}.`);
  return queryOf(number).draw({ stream: new RandomStream(seed, 1, number), scaleFactor });
}
