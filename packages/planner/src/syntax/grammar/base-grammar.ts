import { QueryError, type SourceRange } from "@headcut/plan";
import { EmbeddedActionsParser, type IToken, type ParserMethod, type TokenType } from "chevrotain";
import { K, Label, Name } from "../keywords.ts";
import { nameValue } from "../literals.ts";
import { phrases } from "../phrases.ts";
import { isA, tokenRange } from "../tokenize.ts";
import { Comma, Dot, LParen, RParen, vocabulary } from "../tokens.ts";
import type * as tree from "../tree.ts";
import { firstSets } from "./first-sets.ts";

export type Rule<Args extends unknown[], Result> = ParserMethod<Args, Result>;

/** How deep expressions, queries and tables may nest in each other: less than the call stack holds (240 to 900, by kind). */
export const MAX_NESTING = 200;

/**
 * What all rules share: places, names, refusals, nesting. The grammar is a chain of classes, one per topic, since chevrotain's
 * rules are methods of one parser; `StatementGrammar` is the last. Actions run while parsing and build the tree directly. Choices are
 * made by one token of lookahead, and by `GATE`s where one is not enough.
 */
export abstract class BaseGrammar extends EmbeddedActionsParser {
  /** `?` parameters met so far in this statement. */
  private parameterCount = 0;
  private nesting = 0;

  constructor() {
    super(vocabulary, {
      maxLookahead: 1,
      skipValidations: true,
      lookaheadStrategy: firstSets(vocabulary),
      errorMessageProvider: phrases,
    });
  }

  /** Call before each statement. */
  begin(tokens: IToken[]): void {
    this.input = tokens;
    this.parameterCount = 0;
    this.nesting = 0;
  }

  protected nextParameter(): number {
    this.parameterCount += 1;
    return this.parameterCount;
  }

  // ---- places -------------------------------------------------------------------------------------------------------

  /** The offset at which the next token starts. */
  protected start(): number {
    return this.LA(1).startOffset;
  }

  /** From `start` to the end of the last token. */
  protected since(start: number): SourceRange {
    return { start, end: tokenRange(this.LA(0)).end };
  }

  /** As `start`, one level deeper; every `enter` has its `leave`. */
  protected enter(): number {
    this.nesting += 1;
    if (this.nesting > MAX_NESTING && !this.RECORDING_PHASE) throw tooDeep(tokenRange(this.LA(1)));
    return this.start();
  }

  protected leave(): void {
    this.nesting -= 1;
  }

  // ---- looking ahead ------------------------------------------------------------------------------------------------

  /** Whether the tokens from the `ahead`-th on (1 is the next) have these types or categories. */
  protected follows(ahead: number, ...types: readonly TokenType[]): boolean {
    return types.every((type, index) => isA(this.LA(ahead + index), type));
  }

  /** Whether the token is one of these. */
  protected isOneOf(ahead: number, types: readonly TokenType[]): boolean {
    return types.includes(this.LA(ahead).tokenType);
  }

  /** Whether the `ahead`-th token is this word, unquoted, keyword or not. */
  protected isWord(ahead: number, word: string): boolean {
    return this.LA(ahead).image.toUpperCase() === word;
  }

  // ---- refusals -----------------------------------------------------------------------------------------------------

  /** Known SQL that is not supported, `WITH RECURSIVE is`: says so, at the last token. */
  protected refuse(what: string, hint?: string): never {
    return this.fail("unsupported", `${what} not supported`, this.LA(0), hint);
  }

  /** As `refuse`, at the next token. */
  protected refuseNext(what: string, hint?: string): never {
    return this.fail("unsupported", `${what} not supported`, this.LA(1), hint);
  }

  /** A mistake the grammar recognises, at the next token. */
  protected reject(sentence: string, hint?: string): never {
    return this.fail("syntax", sentence, this.LA(1), hint);
  }

  private fail(code: "syntax" | "unsupported", sentence: string, at: IToken, hint: string | undefined): never {
    // Chevrotain calls every rule once to learn the grammar, without tokens.
    if (this.RECORDING_PHASE) return undefined as never;
    throw new QueryError(code, sentence, { range: tokenRange(at), ...(hint === undefined ? {} : { hint }) });
  }

  // ---- names --------------------------------------------------------------------------------------------------------

  /** A name; `index` tells it from the rule's other names. */
  protected name(index: number, what: string): tree.Identifier {
    return identifier(this.consume(index, Name, { ERR_MSG: what }));
  }

  /** After AS or a dot any word is a name. */
  protected label(index: number, what: string): tree.Identifier {
    return identifier(this.consume(index, Label, { ERR_MSG: what }));
  }

  protected readonly qualifiedName: Rule<[what: string], tree.QualifiedName> = this.RULE(
    "qualifiedName",
    (what: string): tree.QualifiedName => {
      const start = this.start();
      const parts = [this.name(0, what)];
      this.MANY(() => {
        this.CONSUME(Dot);
        parts.push(this.label(1, "a name"));
      });
      return { kind: "qualifiedName", parts, range: this.since(start) };
    },
  );

  /** `(a, b)` */
  protected readonly columnNames: Rule<[], readonly tree.Identifier[]> = this.RULE("columnNames", () => {
    const names: tree.Identifier[] = [];
    this.CONSUME(LParen);
    this.AT_LEAST_ONE_SEP({
      SEP: Comma,
      DEF: () => names.push(this.name(0, "a column name")),
      ERR_MSG: "a column name",
    });
    this.CONSUME(RParen);
    return names;
  });

  /** `word` as an optional clause: whether it was there. */
  protected flag(index: number, word: TokenType): boolean {
    let present = false;
    this.option(index, () => {
      this.consume(index, word);
      present = true;
    });
    return present;
  }

  /** One of these words or symbols; `index` tells it from the rule's other choices. */
  protected oneOf(index: number, types: readonly TokenType[], what?: string): IToken {
    let token!: IToken;
    const DEF = types.map((type) => ({
      ALT: () => {
        token = this.consume(index, type);
      },
    }));
    this.or(index, what === undefined ? DEF : { DEF, ERR_MSG: what });
    return token;
  }

  protected readonly ifNotExists: Rule<[], boolean> = this.RULE("ifNotExists", () => {
    let present = false;
    this.OPTION({
      GATE: () => this.follows(2, K.NOT),
      DEF: () => {
        this.CONSUME(K.IF);
        this.CONSUME(K.NOT);
        this.CONSUME(K.EXISTS);
        present = true;
      },
    });
    return present;
  });
}

export const tooDeep = (range: SourceRange): QueryError =>
  new QueryError("syntax", `the statement is nested more than ${MAX_NESTING} levels deep here`, {
    range,
    hint: "split it, for example with WITH",
  });

export const identifier = (token: IToken): tree.Identifier => ({
  kind: "identifier",
  name: nameValue(token.image),
  quoted: token.image.startsWith('"'),
  range: tokenRange(token),
});
