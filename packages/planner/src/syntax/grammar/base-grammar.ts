import { QueryError, type SourceRange } from "@headcut/plan";
import { K, Label, Name } from "../keywords.ts";
import { nameValue } from "../literals.ts";
import { isA, type Token, type TokenType } from "../token.ts";
import { tokenRange } from "../tokenize.ts";
import { Comma, Dot, LParen, RParen } from "../tokens.ts";
import type * as tree from "../tree.ts";
import { Parser, type Rule } from "./parser.ts";

/** How deep expressions, queries and tables may nest in each other: less than the call stack holds (240 to 900, by kind). */
export const MAX_NESTING = 200;

/**
 * What all rules share: places, names, refusals, nesting. The grammar is a chain of classes, one per topic, since rules
 * refer to each other across topics; `StatementGrammar` is the last. Rules build the tree while they read. Choices are made by one token
 * of lookahead, and by gates where one is not enough.
 */
export abstract class BaseGrammar extends Parser {
  /** `?` parameters met so far in this statement. */
  private parameterCount = 0;
  private nesting = 0;

  /** Call before each statement. */
  protected begin(): void {
    this.parameterCount = 0;
    this.nesting = 0;
  }

  protected nextParameter(): number {
    if (!this.isRecording) this.parameterCount += 1;
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
    if (!this.isRecording) this.nesting += 1;
    if (this.nesting > MAX_NESTING) throw tooDeep(tokenRange(this.LA(1)));
    return this.start();
  }

  protected leave(): void {
    if (!this.isRecording) this.nesting -= 1;
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

  private fail(code: "syntax" | "unsupported", sentence: string, at: Token, hint: string | undefined): never {
    // No token is wrong while there are none.
    if (this.isRecording) return undefined as never;
    throw new QueryError(code, sentence, { range: tokenRange(at), ...(hint === undefined ? {} : { hint }) });
  }

  // ---- names --------------------------------------------------------------------------------------------------------

  protected name(what: string): tree.Identifier {
    return identifier(this.consume(Name, what));
  }

  /** After AS or a dot any word is a name. */
  protected label(what: string): tree.Identifier {
    return identifier(this.consume(Label, what));
  }

  protected readonly qualifiedName: Rule<[what: string], tree.QualifiedName> = this.rule(
    "qualifiedName",
    (what: string): tree.QualifiedName => {
      const start = this.start();
      const parts = [this.name(what)];
      this.many(0, () => {
        this.consume(Dot);
        parts.push(this.label("a name"));
      });
      return { kind: "qualifiedName", parts, range: this.since(start) };
    },
  );

  /** `(a, b)` */
  protected readonly columnNames: Rule<[], readonly tree.Identifier[]> = this.rule("columnNames", () => {
    const names: tree.Identifier[] = [];
    this.consume(LParen);
    this.atLeastOneSeparated(0, {
      separator: Comma,
      parse: () => names.push(this.name("a column name")),
      expected: "a column name",
    });
    this.consume(RParen);
    return names;
  });

  /** `word` as an optional clause: whether it was there. `index`: among the rule's options. */
  protected flag(index: number, word: TokenType): boolean {
    let present = false;
    this.option(index, () => {
      this.consume(word);
      present = true;
    });
    return present;
  }

  /** One of these words or symbols; `index`: among the rule's choices. */
  protected oneOf(index: number, types: readonly TokenType[], what?: string): Token {
    let token!: Token;
    const alternatives = types.map((type) => ({
      parse: () => {
        token = this.consume(type);
      },
    }));
    this.or(index, what === undefined ? alternatives : { alternatives, expected: what });
    return token;
  }

  protected readonly ifNotExists: Rule<[], boolean> = this.rule("ifNotExists", () => {
    let present = false;
    this.option(0, {
      gate: () => this.follows(2, K.NOT),
      parse: () => {
        this.consume(K.IF);
        this.consume(K.NOT);
        this.consume(K.EXISTS);
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

export const identifier = (token: Token): tree.Identifier => ({
  kind: "identifier",
  name: nameValue(token.image),
  quoted: token.image.startsWith('"'),
  range: tokenRange(token),
});
