import { membersOf, type TokenType, tokenTypeCount } from "../token.ts";

/** What may be absent, or come more than once. */
export type Repeated = "option" | "many" | "atLeastOne";

/** What a rule is made of, as far as it matters for what may begin it. */
export type Part =
  | { readonly kind: "token"; readonly type: TokenType }
  | { readonly kind: "rule"; readonly parts: () => readonly Part[] }
  | { readonly kind: "sequence" | "or" | Repeated; readonly parts: readonly Part[] };

/** The tokens that may begin a part; of one that may be absent or empty, all the same. */
export interface First {
  /** One bit per token type, by its index. */
  readonly starts: Uint32Array;
  readonly mayBeEmpty: boolean;
}

export const mayBegin = ({ starts }: First, { index }: TokenType): boolean =>
  ((starts[index >>> 5]! >>> (index & 31)) & 1) === 1;

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
    case "token":
      return { starts: ofToken(part.type), mayBeEmpty: false };
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

const ofToken = (type: TokenType): Uint32Array => {
  let starts = ofTokens.get(type);
  if (starts === undefined) {
    starts = none();
    for (const { index } of membersOf(type)) starts[index >>> 5]! |= 1 << (index & 31);
    ofTokens.set(type, starts);
  }
  return starts;
};

const ofTokens = new Map<TokenType, Uint32Array>();

const union = (sets: readonly First[]): Uint32Array => {
  if (sets.length === 1) return sets[0]!.starts;
  const all = none();
  for (const { starts } of sets) {
    for (let word = 0; word < all.length; word++) all[word]! |= starts[word]!;
  }
  return all;
};

const none = (): Uint32Array => new Uint32Array((tokenTypeCount() + 31) >>> 5);
