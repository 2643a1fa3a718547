import { type TokenType, tokenTypes } from "../token.ts";

/** What may be absent, or come more than once. */
export type Repeated = "option" | "many" | "atLeastOne";

/** What a rule is made of, as far as it matters for what may begin it. */
export type Part =
  | { readonly kind: "token"; readonly type: TokenType }
  | { readonly kind: "rule"; readonly parts: () => readonly Part[] }
  | { readonly kind: "sequence" | "or" | Repeated; readonly parts: readonly Part[] };

/** The tokens that may begin a part, by their type's index; of one that may be absent or empty, all the same. */
export interface First {
  readonly starts: Uint8Array;
  readonly mayBeEmpty: boolean;
}

const known = new WeakMap<Part, First>();

/** Worked out once per part. */
export const firstOf = (part: Part): First => {
  let first = known.get(part);
  if (first === undefined) {
    first = findFirst(part);
    known.set(part, first);
  }
  return first;
};

const findFirst = (part: Part): First => {
  switch (part.kind) {
    case "token": {
      const starts = Uint8Array.from(tokenTypes(), (type) =>
        type === part.type || type.categories.has(part.type) ? 1 : 0,
      );
      return { starts, mayBeEmpty: false };
    }
    case "rule":
      return ofSequence(part.parts());
    case "or": {
      const alternatives = part.parts.map(firstOf);
      return { starts: union(alternatives), mayBeEmpty: alternatives.some(({ mayBeEmpty }) => mayBeEmpty) };
    }
    case "sequence":
    case "atLeastOne":
      return ofSequence(part.parts);
    case "option":
    case "many":
      return { ...ofSequence(part.parts), mayBeEmpty: true };
  }
};

const ofSequence = (parts: readonly Part[]): First => {
  const end = parts.findIndex((part) => !firstOf(part).mayBeEmpty);
  const beginning = end < 0 ? parts : parts.slice(0, end + 1);
  return { starts: union(beginning.map(firstOf)), mayBeEmpty: end < 0 };
};

const union = (sets: readonly First[]): Uint8Array => {
  const all = new Uint8Array(tokenTypes().length);
  for (const { starts } of sets) {
    for (let index = 0; index < all.length; index++) all[index]! |= starts[index]!;
  }
  return all;
};
