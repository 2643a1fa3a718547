import { QueryError } from "../query-error.ts";

/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Where in a message a decoder is: a chain from the inside out, so that it costs nothing until something is wrong. */
export interface Place {
  readonly parent: Place | undefined;
  readonly key: string | number;
}

export const within = (parent: Place | undefined, key: string | number): Place => ({ parent, key });

/** `plan.input.filters[2].op` */
export const printPlace = (place: Place | undefined): string => {
  const keys: (string | number)[] = [];
  for (let at = place; at !== undefined; at = at.parent) keys.push(at.key);
  return keys
    .reverse()
    .map((key, i) => (typeof key === "number" ? `[${key}]` : i === 0 ? key : `.${key}`))
    .join("");
};

/** The failure of every decoder: the message is damaged, or made by something that is not a node of ours. */
export const malformed = (place: Place | undefined, expected: string): QueryError => {
  const where = place === undefined ? "" : ` at ${printPlace(place)}`;
  return new QueryError("io", `a message from another node cannot be read:${where} expected ${expected}`);
};
