import { FunctionName, K, Name } from "../keywords.ts";
import { blobValue, stringValue } from "../literals.ts";
import { isA, tokenRange } from "../tokenize.ts";
import {
  BlobLiteral,
  Dot,
  LBrace,
  LBracket,
  LParen,
  NumberLiteral,
  Parameter,
  RParen,
  StringLiteral,
} from "../tokens.ts";
import type * as tree from "../tree.ts";
import type { Rule } from "./base-grammar.ts";
import { CallGrammar } from "./call-grammar.ts";
import { plainCall } from "./expression-grammar.ts";

/** What operators work on: literals, columns, parentheses, CASE, CAST, subqueries. Calls are in `CallGrammar`. */
export abstract class PrimaryGrammar extends CallGrammar {
  protected readonly primary: Rule<[], tree.Expression> = this.RULE(
    "primary",
    (): tree.Expression =>
      this.OR({
        DEF: [
          { GATE: () => this.isPlainName(), ALT: () => this.SUBRULE(this.columnName) },
          { ALT: () => this.SUBRULE(this.literal) },
          { ALT: () => this.SUBRULE(this.parentheses) },
          { ALT: () => this.SUBRULE(this.caseExpression) },
          { ALT: () => this.SUBRULE(this.cast) },
          { GATE: () => this.follows(1, K.EXISTS, LParen), ALT: () => this.SUBRULE(this.exists) },
          { GATE: () => this.startsInterval(), ALT: () => this.SUBRULE(this.interval) },
          { GATE: () => this.startsTypedLiteral(), ALT: () => this.SUBRULE(this.typedLiteral) },
          { GATE: () => this.startsSpecialCall(), ALT: () => this.SUBRULE(this.specialCall) },
          { GATE: () => this.follows(1, FunctionName, LParen), ALT: () => this.SUBRULE(this.call) },
          { ALT: () => this.SUBRULE(this.unsupportedValue) },
        ],
        ERR_MSG: "an expression",
      }),
  );

  /** The commonest case: a name that begins neither a call nor a literal with a type. */
  private isPlainName(): boolean {
    if (!isA(this.LA(1), Name) || this.LA(2).tokenType === LParen) return false;
    return !this.startsTypedLiteral() && !this.startsInterval();
  }

  private readonly columnName: Rule<[], tree.ColumnName | tree.Call> = this.RULE(
    "columnName",
    (): tree.ColumnName | tree.Call => {
      const start = this.start();
      const parts = [this.name(0, "a column name")];
      this.MANY(() => {
        this.CONSUME(Dot);
        parts.push(this.label(1, "a column name"));
      });
      const range = this.since(start);
      this.ACTION(() => {
        if (parts.length > 1 && this.follows(1, LParen)) this.refuse("functions with a schema or of a value are");
      });
      const only = parts.length === 1 ? parts[0] : undefined;
      return only !== undefined && isMoment(only) ? plainCall(only, [], range) : { kind: "columnName", parts, range };
    },
  );

  private readonly parentheses: Rule<[], tree.Expression> = this.RULE("parentheses", (): tree.Expression => {
    const start = this.start();
    const isQuery = !this.RECORDING_PHASE && this.opensQuery(1);
    this.CONSUME(LParen);
    return this.OR([
      {
        GATE: () => isQuery,
        ALT: (): tree.ScalarQuery => {
          const query = this.SUBRULE(this.query);
          this.CONSUME1(RParen);
          return { kind: "scalarQuery", query, range: this.since(start) };
        },
      },
      {
        ALT: (): tree.Expression => {
          const items = this.SUBRULE(this.expressions);
          this.CONSUME2(RParen);
          return items.length === 1 ? items[0]! : { kind: "row", items, range: this.since(start) };
        },
      },
    ]);
  });

  private readonly literal: Rule<[], tree.Expression> = this.RULE(
    "literal",
    (): tree.Expression =>
      this.OR([
        { ALT: () => this.SUBRULE(this.number) },
        { ALT: () => this.SUBRULE(this.string) },
        {
          ALT: (): tree.Expression => {
            const token = this.CONSUME(Parameter);
            const name = token.image.slice(1);
            const parameter = name === "" ? this.nextParameter() : /^\d/.test(name) ? Number(name) : name.toLowerCase();
            return { kind: "parameter", name: parameter, range: tokenRange(token) };
          },
        },
        { ALT: () => ({ kind: "boolean", value: true, range: tokenRange(this.CONSUME(K.TRUE)) }) },
        { ALT: () => ({ kind: "boolean", value: false, range: tokenRange(this.CONSUME(K.FALSE)) }) },
        { ALT: () => ({ kind: "null", range: tokenRange(this.CONSUME(K.NULL)) }) },
        {
          ALT: (): tree.Expression => {
            const token = this.CONSUME(BlobLiteral);
            const value = this.RECORDING_PHASE ? new Uint8Array() : blobValue(token);
            return { kind: "blob", value, range: tokenRange(token) };
          },
        },
      ]),
  );

  protected readonly number: Rule<[], tree.NumberLiteral> = this.RULE("number", (): tree.NumberLiteral => {
    const token = this.CONSUME(NumberLiteral);
    const text = token.image.replaceAll("_", "");
    const form = /e/i.test(text) ? "float" : text.includes(".") ? "decimal" : "integer";
    return { kind: "number", form, text, range: tokenRange(token) };
  });

  protected readonly string: Rule<[], tree.StringLiteral> = this.RULE("string", (): tree.StringLiteral => {
    const token = this.CONSUME(StringLiteral);
    return { kind: "string", value: stringValue(token), range: tokenRange(token) };
  });

  // ---- literals with a type -----------------------------------------------------------------------------------------

  private startsTypedLiteral(): boolean {
    if (isA(this.LA(2), StringLiteral)) return true;
    const word = this.LA(1).image.toUpperCase();
    if (word === "DOUBLE") return this.follows(2, K.PRECISION, StringLiteral);
    if (word === "TIMESTAMP" || word === "TIME") return this.isOneOf(2, [K.WITH, K.WITHOUT]) && this.follows(3, K.TIME);
    if (word !== "DECIMAL" && word !== "NUMERIC") return false;
    return (
      this.follows(2, LParen) && (this.follows(4, RParen, StringLiteral) || this.follows(6, RParen, StringLiteral))
    );
  }

  private readonly typedLiteral: Rule<[], tree.TypedLiteral> = this.RULE("typedLiteral", (): tree.TypedLiteral => {
    const start = this.start();
    const type = this.SUBRULE(this.typeName);
    const { value } = this.SUBRULE(this.string);
    return { kind: "typedLiteral", type, value, range: this.since(start) };
  });

  private startsInterval(): boolean {
    if (this.LA(1).tokenType !== K.INTERVAL) return false;
    const next = this.LA(2);
    return next.tokenType === LParen || next.tokenType === NumberLiteral || isA(next, StringLiteral);
  }

  private readonly interval: Rule<[], tree.Expression> = this.RULE("interval", (): tree.Expression => {
    const start = this.start();
    const typeRange = tokenRange(this.CONSUME(K.INTERVAL));
    const value = this.OR<tree.Expression>([
      { ALT: () => this.SUBRULE(this.string) },
      { ALT: () => this.SUBRULE(this.number) },
      {
        ALT: () => {
          this.CONSUME(LParen);
          const inner = this.SUBRULE(this.expression);
          this.CONSUME(RParen);
          return inner;
        },
      },
    ]);
    let unit: tree.IntervalUnit | undefined;
    this.OPTION({
      GATE: () => intervalUnit(this.LA(1).image) !== undefined,
      DEF: () => {
        unit = intervalUnit(this.CONSUME(Name).image);
      },
    });
    this.ACTION(() => {
      if (this.LA(1).tokenType === K.TO) this.refuse("intervals that span units (YEAR TO MONTH) are");
    });
    const range = this.since(start);
    if (unit === undefined && value.kind !== "string") {
      if (value.kind === "number")
        this.reject("expected a unit after the interval's number", "for example INTERVAL 3 DAY");
      const type: tree.TypeName = { kind: "typeName", name: "INTERVAL", args: [], range: typeRange };
      return { kind: "cast", operand: value, type, try: false, range };
    }
    return { kind: "interval", value, unit, range };
  });

  // ---- CASE, CAST, EXISTS -------------------------------------------------------------------------------------------

  private readonly caseExpression: Rule<[], tree.Case> = this.RULE("caseExpression", (): tree.Case => {
    const start = this.start();
    const branches: tree.CaseBranch[] = [];
    let operand: tree.Expression | undefined;
    let otherwise: tree.Expression | undefined;
    this.CONSUME(K.CASE);
    this.OPTION(() => {
      operand = this.SUBRULE(this.expression);
    });
    this.AT_LEAST_ONE({
      DEF: () => {
        const branchStart = this.start();
        this.CONSUME(K.WHEN);
        const when = this.SUBRULE1(this.expression);
        this.CONSUME(K.THEN);
        const then = this.SUBRULE2(this.expression);
        branches.push({ kind: "caseBranch", when, then, range: this.since(branchStart) });
      },
      ERR_MSG: "WHEN",
    });
    this.OPTION1(() => {
      this.CONSUME(K.ELSE);
      otherwise = this.SUBRULE3(this.expression);
    });
    this.CONSUME(K.END);
    return { kind: "case", operand, branches, otherwise, range: this.since(start) };
  });

  private readonly cast: Rule<[], tree.Cast> = this.RULE("cast", (): tree.Cast => {
    const start = this.start();
    const word = this.oneOf(0, [K.CAST, K.TRY_CAST]);
    this.CONSUME(LParen);
    const operand = this.SUBRULE(this.expression);
    this.CONSUME(K.AS);
    const type = this.SUBRULE(this.typeName);
    this.CONSUME(RParen);
    return { kind: "cast", operand, type, try: word.tokenType === K.TRY_CAST, range: this.since(start) };
  });

  private readonly exists: Rule<[], tree.Exists> = this.RULE("exists", (): tree.Exists => {
    const start = this.start();
    this.CONSUME(K.EXISTS);
    this.CONSUME(LParen);
    const query = this.SUBRULE(this.query);
    this.CONSUME(RParen);
    return { kind: "exists", query, range: this.since(start) };
  });

  private readonly unsupportedValue: Rule<[], tree.Expression> = this.RULE(
    "unsupportedValue",
    (): tree.Expression =>
      this.OR([
        {
          ALT: () => {
            this.CONSUME(LBracket);
            return this.refuse("list values are");
          },
        },
        {
          ALT: () => {
            this.CONSUME(LBrace);
            return this.refuse("struct values are");
          },
        },
        {
          ALT: () => {
            this.CONSUME(K.ARRAY);
            return this.refuse("list values are");
          },
        },
      ]),
  );
}

const MOMENTS = new Set(["current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"]);

const isMoment = (name: tree.Identifier): boolean => !name.quoted && MOMENTS.has(name.name.toLowerCase());

const UNITS: readonly tree.IntervalUnit[] = [
  "microsecond",
  "millisecond",
  "second",
  "minute",
  "hour",
  "day",
  "week",
  "month",
  "quarter",
  "year",
  "decade",
  "century",
  "millennium",
];
const unitsByWord = new Map<string, tree.IntervalUnit>([
  ...UNITS.flatMap((unit): [string, tree.IntervalUnit][] => [
    [unit, unit],
    [`${unit}s`, unit],
  ]),
  ["centuries", "century"],
  ["millennia", "millennium"],
]);

const intervalUnit = (word: string): tree.IntervalUnit | undefined => unitsByWord.get(word.toLowerCase());
