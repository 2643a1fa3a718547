import { assert } from "@headcut/plan";
import { phraseOf } from "../phrases.ts";
import { EOF, isA, type Token, type TokenType } from "../token.ts";
import { type First, firstOf, mayBegin, type Part, type Repeated } from "./first-sets.ts";

/** A piece of the grammar: what it reads, as code that reads it. */
export interface Rule<Args extends readonly unknown[], Result> {
  readonly name: string;
  readonly body: (...args: Args) => Result;
}

/** The tokens are not of the grammar: at `token`, `expected` (a phrase; empty: nothing more) was to come. */
export class Mismatch extends Error {
  readonly token: Token;
  readonly expected: string;

  constructor(token: Token, expected: string) {
    super(`expected ${expected}`);
    this.token = token;
    this.expected = expected;
  }
}

interface Guarded<T> {
  /** Asked before the next token is looked at. */
  readonly gate?: () => boolean;
  readonly parse: () => T;
}

interface Several extends Guarded<unknown> {
  /** For the error when there is none of them; "an expression" by default. */
  readonly expected?: string;
}

interface Separated extends Several {
  readonly separator: TokenType;
}

type Alternatives<T> =
  | readonly Guarded<T>[]
  | { readonly alternatives: readonly Guarded<T>[]; readonly expected?: string };

interface Choice {
  readonly part: Part;
  /** Of each alternative, or of what may be absent or repeated; worked out when the choice is first made. */
  first: readonly First[] | undefined;
}

/** What is known of a rule once it has been recorded. */
interface Recorded {
  readonly parts: readonly Part[];
  /** By kind and number. */
  readonly choices: Map<number, Choice>;
}

const keyOf = (kind: "or" | Repeated, index: number): number => KEY_BASES[kind] + index;
const KEY_BASES = { or: 0, option: 100, many: 200, atLeastOne: 300 };

type AnyRule = Rule<never, unknown>;

const BEYOND: Token = { image: "", startOffset: Number.NaN, tokenType: EOF };
/** What rules get instead of tokens and of other rules' results while they are recorded. */
const NO_TOKEN: Token = { image: "recorded", startOffset: -1, tokenType: EOF };
const NO_RESULT = Object.freeze({});

/**
 * Recursive descent over tokens. A rule is a function that calls `consume`, `apply`, `option`, `many` and `or`; choices are made by the
 * next token and by gates. So that a choice knows which tokens may begin what, a rule is run once without
 * tokens before its first choice: it is recorded, every branch of it. Choices of one kind have numbers of their own within their rule.
 */
export abstract class Parser {
  /** The rule is run to learn what it is made of. */
  protected isRecording = false;
  private tokens: readonly Token[] = [];
  /** The last token that was consumed. */
  private last = -1;
  private current: AnyRule | undefined;
  private readonly recorded = new Map<AnyRule, Recorded>();
  private parts: Part[] = [];
  private choices: Recorded["choices"] = new Map();

  /** Reads all tokens by a rule. Throws Mismatch. */
  protected parseAll<Result>(rule: Rule<[], Result>, tokens: readonly Token[]): Result {
    this.tokens = tokens;
    this.last = -1;
    this.current = undefined;
    const result = this.apply(rule);
    const next = this.LA(1);
    if (next.tokenType !== EOF) throw new Mismatch(next, "");
    return result;
  }

  /** The `ahead`-th token from here: 1 is the next one, 0 the last one that was consumed. */
  protected LA(ahead: number): Token {
    return this.tokens[this.last + ahead] ?? BEYOND;
  }

  protected rule<Args extends readonly unknown[], Result>(
    name: string,
    body: (...args: Args) => Result,
  ): Rule<Args, Result> {
    return { name, body };
  }

  protected apply<Args extends readonly unknown[], Result>(rule: Rule<Args, Result>, ...args: Args): Result {
    if (this.isRecording) {
      this.parts.push({ kind: "rule", parts: () => this.recordedOf(rule as unknown as AnyRule).parts });
      return NO_RESULT as Result;
    }
    const outer = this.current;
    this.current = rule as unknown as AnyRule;
    const result = rule.body(...args);
    this.current = outer;
    return result;
  }

  /** `expected`: for the error, where the type's own name would say too little. */
  protected consume(type: TokenType, expected?: string): Token {
    if (this.isRecording) {
      this.parts.push({ kind: "token", type });
      return NO_TOKEN;
    }
    const token = this.LA(1);
    if (!isA(token, type)) throw new Mismatch(token, expected ?? phraseOf(type));
    this.last++;
    return token;
  }

  /** What only makes sense with tokens. */
  protected action(act: () => void): void {
    if (!this.isRecording) act();
  }

  protected option(index: number, part: Guarded<unknown> | (() => unknown)): void {
    const { gate, parse }: Guarded<unknown> = typeof part === "function" ? { parse: part } : part;
    if (this.isRecording) this.recordRepeated("option", index, parse);
    else if (this.mayEnter("option", index, gate)) parse();
  }

  protected many(index: number, part: Guarded<unknown> | (() => unknown)): void {
    const { gate, parse }: Guarded<unknown> = typeof part === "function" ? { parse: part } : part;
    if (this.isRecording) this.recordRepeated("many", index, parse);
    else this.repeat("many", index, gate, parse);
  }

  protected atLeastOne(index: number, { gate, parse, expected }: Several): void {
    if (this.isRecording) {
      this.recordRepeated("atLeastOne", index, parse);
      return;
    }
    this.mustEnter("atLeastOne", index, gate, expected);
    parse();
    this.repeat("atLeastOne", index, gate, parse);
  }

  protected manySeparated(index: number, part: Separated): void {
    if (this.isRecording) this.recordRepeated("many", index, part.parse);
    else if (this.mayEnter("many", index, part.gate)) this.separated(part);
  }

  protected atLeastOneSeparated(index: number, part: Separated): void {
    if (this.isRecording) {
      this.recordRepeated("atLeastOne", index, part.parse);
      return;
    }
    this.mustEnter("atLeastOne", index, part.gate, part.expected);
    this.separated(part);
  }

  /** The first alternative that the next token may begin and whose gate is open; one that may be empty is begun by any. */
  protected or<T>(index: number, of: Alternatives<T>): T {
    const {
      alternatives,
      expected,
    }: Exclude<Alternatives<T>, readonly unknown[]> = "alternatives" in of ? of : { alternatives: of };
    if (this.isRecording) {
      const parts = alternatives.map(({ parse }): Part => ({ kind: "sequence", parts: this.partsOf(parse) }));
      this.recordChoice(keyOf("or", index), { kind: "or", parts });
      return NO_RESULT as T;
    }
    const first = this.firstOfChoice(keyOf("or", index));
    const type = this.LA(1).tokenType;
    for (let i = 0; i < alternatives.length; i++) {
      if (!first[i]!.mayBeEmpty && !mayBegin(first[i]!, type)) continue;
      const { gate, parse } = alternatives[i]!;
      if (gate === undefined || gate()) return parse();
    }
    throw new Mismatch(this.LA(1), expected ?? "an expression");
  }

  // ---- choosing -----------------------------------------------------------------------------------------------------

  private mayEnter(kind: Repeated, index: number, gate: (() => boolean) | undefined): boolean {
    if (gate !== undefined && !gate()) return false;
    return mayBegin(this.firstOfChoice(keyOf(kind, index))[0]!, this.LA(1).tokenType);
  }

  private mustEnter(
    kind: Repeated,
    index: number,
    gate: (() => boolean) | undefined,
    expected = "an expression",
  ): void {
    if (!this.mayEnter(kind, index, gate)) throw new Mismatch(this.LA(1), expected);
  }

  private repeat(kind: Repeated, index: number, gate: (() => boolean) | undefined, parse: () => unknown): void {
    for (let before = -2; before !== this.last && this.mayEnter(kind, index, gate); ) {
      before = this.last;
      parse();
    }
  }

  private separated({ separator, parse }: Separated): void {
    parse();
    while (isA(this.LA(1), separator)) {
      this.last++;
      parse();
    }
  }

  private firstOfChoice(key: number): readonly First[] {
    assert(this.current !== undefined, "choices are made within rules");
    const choice = this.recordedOf(this.current).choices.get(key);
    assert(choice !== undefined, "a rule makes a choice that was not recorded");
    choice.first ??= (choice.part.kind === "or" ? choice.part.parts : [choice.part]).map(firstOf);
    return choice.first;
  }

  // ---- recording ----------------------------------------------------------------------------------------------------

  private recordedOf(rule: AnyRule): Recorded {
    const known = this.recorded.get(rule);
    if (known !== undefined) return known;
    const { choices: outer, isRecording } = this;
    const choices: Recorded["choices"] = new Map();
    this.choices = choices;
    this.isRecording = true;
    try {
      const recorded = { parts: this.partsOf(rule.body as () => unknown), choices };
      this.recorded.set(rule, recorded);
      return recorded;
    } finally {
      this.choices = outer;
      this.isRecording = isRecording;
    }
  }

  private partsOf(parse: () => unknown): readonly Part[] {
    const outer = this.parts;
    const inner: Part[] = [];
    this.parts = inner;
    try {
      parse();
      return inner;
    } finally {
      this.parts = outer;
    }
  }

  private recordRepeated(kind: Repeated, index: number, parse: () => unknown): void {
    this.recordChoice(keyOf(kind, index), { kind, parts: this.partsOf(parse) });
  }

  private recordChoice(key: number, part: Part): void {
    assert(!this.choices.has(key), "two choices of a rule have one number");
    this.choices.set(key, { part, first: undefined });
    this.parts.push(part);
  }
}
