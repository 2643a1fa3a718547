import { FunctionName, K, Name } from "../keywords.ts";
import { blobValue, stringValue } from "../literals.ts";
import { isA } from "../token.ts";
import { tokenRange } from "../tokenize.ts";
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
import { CallGrammar } from "./call-grammar.ts";
import { plainCall } from "./expression-grammar.ts";
import type { Rule } from "./parser.ts";

/** What operators work on: literals, columns, parentheses, CASE, CAST, subqueries. Calls are in `CallGrammar`. */
export abstract class PrimaryGrammar extends CallGrammar {
  protected readonly primary: Rule<[], tree.Expression> = this.rule(
    "primary",
    (): tree.Expression =>
      this.or(0, {
        alternatives: [
          { gate: () => this.isPlainName(), parse: () => this.apply(this.columnName) },
          { parse: () => this.apply(this.literal) },
          { parse: () => this.apply(this.parentheses) },
          { parse: () => this.apply(this.caseExpression) },
          { parse: () => this.apply(this.cast) },
          { gate: () => this.follows(1, K.EXISTS, LParen), parse: () => this.apply(this.exists) },
          { gate: () => this.startsInterval(), parse: () => this.apply(this.interval) },
          { gate: () => this.startsTypedLiteral(), parse: () => this.apply(this.typedLiteral) },
          { gate: () => this.startsSpecialCall(), parse: () => this.apply(this.specialCall) },
          { gate: () => this.follows(1, FunctionName, LParen), parse: () => this.apply(this.call) },
          { parse: () => this.apply(this.unsupportedValue) },
        ],
        expected: "an expression",
      }),
  );

  /** The commonest case: a name that begins neither a call nor a literal with a type. */
  private isPlainName(): boolean {
    if (!isA(this.LA(1), Name) || this.LA(2).tokenType === LParen) return false;
    return !this.startsTypedLiteral() && !this.startsInterval();
  }

  private readonly columnName: Rule<[], tree.ColumnName | tree.Call> = this.rule(
    "columnName",
    (): tree.ColumnName | tree.Call => {
      const start = this.start();
      const parts = [this.name("a column name")];
      this.many(0, () => {
        this.consume(Dot);
        parts.push(this.label("a column name"));
      });
      const range = this.since(start);
      this.action(() => {
        if (parts.length > 1 && this.follows(1, LParen)) this.refuse("functions with a schema or of a value are");
      });
      const only = parts.length === 1 ? parts[0] : undefined;
      return only !== undefined && isMoment(only) ? plainCall(only, [], range) : { kind: "columnName", parts, range };
    },
  );

  private readonly parentheses: Rule<[], tree.Expression> = this.rule("parentheses", (): tree.Expression => {
    const start = this.start();
    const isQuery = !this.isRecording && this.opensQuery(1);
    this.consume(LParen);
    return this.or(0, [
      {
        gate: () => isQuery,
        parse: (): tree.ScalarQuery => {
          const query = this.apply(this.query);
          this.consume(RParen);
          return { kind: "scalarQuery", query, range: this.since(start) };
        },
      },
      {
        parse: (): tree.Expression => {
          const items = this.apply(this.expressions);
          this.consume(RParen);
          return items.length === 1 ? items[0]! : { kind: "row", items, range: this.since(start) };
        },
      },
    ]);
  });

  private readonly literal: Rule<[], tree.Expression> = this.rule(
    "literal",
    (): tree.Expression =>
      this.or(0, [
        { parse: () => this.apply(this.number) },
        { parse: () => this.apply(this.string) },
        {
          parse: (): tree.Expression => {
            const token = this.consume(Parameter);
            const name = token.image.slice(1);
            const parameter = name === "" ? this.nextParameter() : /^\d/.test(name) ? Number(name) : name.toLowerCase();
            return { kind: "parameter", name: parameter, range: tokenRange(token) };
          },
        },
        { parse: () => ({ kind: "boolean", value: true, range: tokenRange(this.consume(K.TRUE)) }) },
        { parse: () => ({ kind: "boolean", value: false, range: tokenRange(this.consume(K.FALSE)) }) },
        { parse: () => ({ kind: "null", range: tokenRange(this.consume(K.NULL)) }) },
        {
          parse: (): tree.Expression => {
            const token = this.consume(BlobLiteral);
            const value = this.isRecording ? new Uint8Array() : blobValue(token);
            return { kind: "blob", value, range: tokenRange(token) };
          },
        },
      ]),
  );

  protected readonly number: Rule<[], tree.NumberLiteral> = this.rule("number", (): tree.NumberLiteral => {
    const token = this.consume(NumberLiteral);
    const text = token.image.replaceAll("_", "");
    const form = /e/i.test(text) ? "float" : text.includes(".") ? "decimal" : "integer";
    return { kind: "number", form, text, range: tokenRange(token) };
  });

  protected readonly string: Rule<[], tree.StringLiteral> = this.rule("string", (): tree.StringLiteral => {
    const token = this.consume(StringLiteral);
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

  private readonly typedLiteral: Rule<[], tree.TypedLiteral> = this.rule("typedLiteral", (): tree.TypedLiteral => {
    const start = this.start();
    const type = this.apply(this.typeName);
    const { value } = this.apply(this.string);
    return { kind: "typedLiteral", type, value, range: this.since(start) };
  });

  private startsInterval(): boolean {
    if (this.LA(1).tokenType !== K.INTERVAL) return false;
    const next = this.LA(2);
    return next.tokenType === LParen || next.tokenType === NumberLiteral || isA(next, StringLiteral);
  }

  private readonly interval: Rule<[], tree.Expression> = this.rule("interval", (): tree.Expression => {
    const start = this.start();
    const typeRange = tokenRange(this.consume(K.INTERVAL));
    const value = this.or<tree.Expression>(0, [
      { parse: () => this.apply(this.string) },
      { parse: () => this.apply(this.number) },
      {
        parse: () => {
          this.consume(LParen);
          const inner = this.apply(this.expression);
          this.consume(RParen);
          return inner;
        },
      },
    ]);
    let unit: tree.IntervalUnit | undefined;
    this.option(0, {
      gate: () => intervalUnit(this.LA(1).image) !== undefined,
      parse: () => {
        unit = intervalUnit(this.consume(Name).image);
      },
    });
    this.action(() => {
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

  private readonly caseExpression: Rule<[], tree.Case> = this.rule("caseExpression", (): tree.Case => {
    const start = this.start();
    const branches: tree.CaseBranch[] = [];
    let operand: tree.Expression | undefined;
    let otherwise: tree.Expression | undefined;
    this.consume(K.CASE);
    this.option(0, () => {
      operand = this.apply(this.expression);
    });
    this.atLeastOne(0, {
      parse: () => {
        const branchStart = this.start();
        this.consume(K.WHEN);
        const when = this.apply(this.expression);
        this.consume(K.THEN);
        const then = this.apply(this.expression);
        branches.push({ kind: "caseBranch", when, then, range: this.since(branchStart) });
      },
      expected: "WHEN",
    });
    this.option(1, () => {
      this.consume(K.ELSE);
      otherwise = this.apply(this.expression);
    });
    this.consume(K.END);
    return { kind: "case", operand, branches, otherwise, range: this.since(start) };
  });

  private readonly cast: Rule<[], tree.Cast> = this.rule("cast", (): tree.Cast => {
    const start = this.start();
    const word = this.oneOf(0, [K.CAST, K.TRY_CAST]);
    this.consume(LParen);
    const operand = this.apply(this.expression);
    this.consume(K.AS);
    const type = this.apply(this.typeName);
    this.consume(RParen);
    return { kind: "cast", operand, type, try: word.tokenType === K.TRY_CAST, range: this.since(start) };
  });

  private readonly exists: Rule<[], tree.Exists> = this.rule("exists", (): tree.Exists => {
    const start = this.start();
    this.consume(K.EXISTS);
    this.consume(LParen);
    const query = this.apply(this.query);
    this.consume(RParen);
    return { kind: "exists", query, range: this.since(start) };
  });

  private readonly unsupportedValue: Rule<[], tree.Expression> = this.rule(
    "unsupportedValue",
    (): tree.Expression =>
      this.or(0, [
        {
          parse: () => {
            this.consume(LBracket);
            return this.refuse("list values are");
          },
        },
        {
          parse: () => {
            this.consume(LBrace);
            return this.refuse("struct values are");
          },
        },
        {
          parse: () => {
            this.consume(K.ARRAY);
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
