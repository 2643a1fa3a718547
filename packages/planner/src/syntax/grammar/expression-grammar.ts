import { K } from "../keywords.ts";
import { symbolHints } from "../phrases.ts";
import { binaryOp, PRECEDENCE, tokenPrecedence } from "../precedence.ts";
import type { Token } from "../token.ts";
import {
  ArithmeticOperator,
  Colon,
  Comma,
  CompareOperator,
  Dot,
  DoubleColon,
  LBracket,
  LikeOperator,
  LParen,
  Minus,
  Plus,
  RParen,
  UnknownOperator,
} from "../tokens.ts";
import type * as tree from "../tree.ts";
import type { Rule } from "./parser.ts";
import { TypeGrammar } from "./type-grammar.ts";

/** Operators, by precedence climbing: an operand, then every operator that binds at least as tightly as asked. */
export abstract class ExpressionGrammar extends TypeGrammar {
  protected abstract readonly primary: Rule<[], tree.Expression>;
  protected abstract readonly query: Rule<[], tree.Query>;
  /** Whether the `(` that is the `ahead`-th token opens a subquery. */
  protected abstract opensQuery(ahead: number): boolean;

  protected readonly expression: Rule<[loosest?: number], tree.Expression> = this.rule(
    "expression",
    (loosest: number = PRECEDENCE.or): tree.Expression => {
      const start = this.enter();
      let left = this.or(0, {
        alternatives: [
          { parse: () => this.apply(this.primary) },
          { parse: () => this.apply(this.signed) },
          { parse: () => this.apply(this.negation) },
        ],
        expected: "an expression",
      });
      // An AND or OR in parentheses is an operand of its own; only one that this loop made is extended.
      let run: tree.Logical | undefined;
      let unchained = 0;
      this.many(0, {
        gate: () => this.continues(loosest, unchained),
        parse: () => {
          const precedence = this.nextPrecedence();
          left = this.or(1, [
            { parse: () => this.apply(this.logical, start, left, left === run) },
            { parse: () => this.apply(this.comparison, start, left) },
            { parse: () => this.apply(this.arithmetic, start, left) },
            { parse: () => this.apply(this.isTest, start, left) },
            { parse: () => this.apply(this.rangeTest, start, left) },
            { parse: () => this.apply(this.postfix, start, left) },
          ]);
          run = left.kind === "logical" ? left : undefined;
          unchained = chains(left, precedence) ? 0 : precedence;
        },
      });
      this.leave();
      return left;
    },
  );

  // ---- prefixes -----------------------------------------------------------------------------------------------------

  private readonly negation: Rule<[], tree.Unary> = this.rule("negation", (): tree.Unary => {
    const start = this.start();
    this.consume(K.NOT);
    const operand = this.apply(this.expression, PRECEDENCE.not);
    return { kind: "unary", op: "not", operand, range: this.since(start) };
  });

  private readonly signed: Rule<[], tree.Unary> = this.rule("signed", (): tree.Unary => {
    const start = this.start();
    const sign = this.oneOf(0, [Minus, Plus]);
    const operand = this.apply(this.expression, PRECEDENCE.sign);
    return { kind: "unary", op: sign.image as "-" | "+", operand, range: this.since(start) };
  });

  // ---- which operator comes next ------------------------------------------------------------------------------------

  /** 0 when the next token does not continue an expression. */
  private nextPrecedence(): number {
    const type = this.LA(1).tokenType;
    if (type !== K.NOT) return tokenPrecedence.get(type) ?? 0;
    const next = this.LA(2).tokenType;
    if (next === K.NULL) return PRECEDENCE.is;
    return tokenPrecedence.get(next) === PRECEDENCE.range ? PRECEDENCE.range : 0;
  }

  private continues(loosest: number, unchained: number): boolean {
    const precedence = this.nextPrecedence();
    if (precedence === 0) return false;
    if (precedence === unchained) {
      this.reject("comparisons do not chain", "join them with AND, or put parentheses around the first");
    }
    return precedence >= loosest;
  }

  // ---- operators ----------------------------------------------------------------------------------------------------

  private readonly logical: Rule<[start: number, left: tree.Expression, extend: boolean], tree.Logical> = this.rule(
    "logical",
    (start: number, left: tree.Expression, extend: boolean): tree.Logical => {
      const op = this.oneOf(0, [K.AND, K.OR]);
      const isAnd = op.tokenType === K.AND;
      const right = this.apply(this.expression, isAnd ? PRECEDENCE.not : PRECEDENCE.and);
      const kind = isAnd ? "and" : "or";
      const range = this.since(start);
      if (!extend || left.kind !== "logical" || left.op !== kind) {
        return { kind: "logical", op: kind, operands: [left, right], range };
      }
      // Nobody else has seen `left` yet; copying its operands would make long runs quadratic.
      (left.operands as tree.Expression[]).push(right);
      return { kind: "logical", op: kind, operands: left.operands, range };
    },
  );

  private readonly arithmetic: Rule<[start: number, left: tree.Expression], tree.Binary> = this.rule(
    "arithmetic",
    (start: number, left: tree.Expression): tree.Binary => {
      const op = this.consume(ArithmeticOperator);
      const tighter = (tokenPrecedence.get(op.tokenType) ?? 0) + 1;
      const right = this.apply(this.expression, tighter);
      return { kind: "binary", op: binaryOp(op.image), left, right, range: this.since(start) };
    },
  );

  private readonly comparison: Rule<[start: number, left: tree.Expression], tree.Binary | tree.Quantified> = this.rule(
    "comparison",
    (start: number, left: tree.Expression): tree.Binary | tree.Quantified => {
      const op = binaryOp(this.consume(CompareOperator).image) as tree.CompareOp;
      return this.or<tree.Binary | tree.Quantified>(0, [
        {
          parse: (): tree.Quantified => {
            const word = this.apply(this.quantifier);
            if (this.follows(1, LParen) && !this.opensQuery(1)) {
              this.refuse(`${word.image.toUpperCase()} over a list is`, "write IN (…)");
            }
            this.consume(LParen);
            const query = this.apply(this.query);
            this.consume(RParen);
            const quantifier = word.tokenType === K.ALL ? "all" : "any";
            return { kind: "quantified", op, quantifier, operand: left, query, range: this.since(start) };
          },
        },
        {
          parse: (): tree.Binary => {
            const right = this.apply(this.expression, PRECEDENCE.range);
            return { kind: "binary", op, left, right, range: this.since(start) };
          },
        },
      ]);
    },
  );

  private readonly quantifier: Rule<[], Token> = this.rule("quantifier", () => this.oneOf(0, [K.ANY, K.SOME, K.ALL]));

  /** IS …, ISNULL, NOTNULL. */
  private readonly isTest: Rule<[start: number, operand: tree.Expression], tree.Is | tree.IsDistinct> = this.rule(
    "isTest",
    (start: number, operand: tree.Expression): tree.Is | tree.IsDistinct => {
      const is = (test: tree.Is["test"], negated: boolean): tree.Is => ({
        kind: "is",
        operand,
        test,
        negated,
        range: this.since(start),
      });
      return this.or(0, [
        {
          parse: () => {
            this.consume(K.ISNULL);
            return is("null", false);
          },
        },
        {
          parse: () => {
            this.consume(K.NOTNULL);
            return is("null", true);
          },
        },
        {
          parse: (): tree.Is | tree.IsDistinct => {
            this.consume(K.IS);
            const negated = this.flag(1, K.NOT);
            return this.or<tree.Is | tree.IsDistinct>(1, {
              alternatives: [
                {
                  parse: (): tree.IsDistinct => {
                    this.consume(K.DISTINCT);
                    this.consume(K.FROM);
                    const right = this.apply(this.expression, PRECEDENCE.compare);
                    return { kind: "isDistinct", left: operand, right, negated, range: this.since(start) };
                  },
                },
                {
                  parse: () => {
                    const word = this.oneOf(2, [K.NULL, K.TRUE, K.FALSE, K.UNKNOWN]);
                    return is(word.image.toLowerCase() as tree.Is["test"], negated);
                  },
                },
              ],
              expected: "NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM",
            });
          },
        },
      ]);
    },
  );

  /** [NOT] BETWEEN, IN, LIKE, ILIKE, and the operators that mean LIKE; NOT NULL. */
  private readonly rangeTest: Rule<[start: number, operand: tree.Expression], tree.Expression> = this.rule(
    "rangeTest",
    (start: number, operand: tree.Expression): tree.Expression => {
      const negated = this.flag(0, K.NOT);
      return this.or<tree.Expression>(0, [
        { parse: () => this.apply(this.between, start, operand, negated) },
        { parse: () => this.apply(this.inTest, start, operand, negated) },
        { parse: () => this.apply(this.like, start, operand, negated) },
        {
          // Only after NOT: a NULL alone does not continue an expression.
          parse: (): tree.Is => {
            this.consume(K.NULL);
            return { kind: "is", operand, test: "null", negated: true, range: this.since(start) };
          },
        },
        {
          parse: () => {
            this.consume(K.SIMILAR);
            return this.refuse("SIMILAR TO is", "use LIKE or regexp_matches");
          },
        },
        {
          parse: () => {
            this.consume(K.GLOB);
            return this.refuse("GLOB is", "use LIKE");
          },
        },
      ]);
    },
  );

  private readonly between: Rule<[start: number, operand: tree.Expression, negated: boolean], tree.Between> = this.rule(
    "between",
    (start: number, operand: tree.Expression, negated: boolean): tree.Between => {
      this.consume(K.BETWEEN);
      const symmetric = this.flag(0, K.SYMMETRIC);
      const low = this.apply(this.expression, PRECEDENCE.other);
      this.consume(K.AND);
      const high = this.apply(this.expression, PRECEDENCE.other);
      return { kind: "between", operand, low, high, symmetric, negated, range: this.since(start) };
    },
  );

  private readonly inTest: Rule<
    [start: number, operand: tree.Expression, negated: boolean],
    tree.InList | tree.InQuery
  > = this.rule("inTest", (start: number, operand: tree.Expression, negated: boolean): tree.InList | tree.InQuery => {
    this.consume(K.IN);
    const isQuery = !this.isRecording && this.opensQuery(1);
    this.consume(LParen);
    return this.or<tree.InList | tree.InQuery>(0, [
      {
        gate: () => isQuery,
        parse: (): tree.InQuery => {
          const query = this.apply(this.query);
          this.consume(RParen);
          return { kind: "inQuery", operand, query, negated, range: this.since(start) };
        },
      },
      {
        parse: (): tree.InList => {
          const list = this.apply(this.expressions);
          this.consume(RParen);
          return { kind: "inList", operand, list, negated, range: this.since(start) };
        },
      },
    ]);
  });

  private readonly like: Rule<[start: number, operand: tree.Expression, negated: boolean], tree.Like> = this.rule(
    "like",
    (start: number, operand: tree.Expression, not: boolean): tree.Like => {
      const op = this.oneOf(0, [K.LIKE, K.ILIKE, LikeOperator]);
      const isOperator = op.tokenType === LikeOperator;
      const tightest = isOperator ? PRECEDENCE.add : PRECEDENCE.other;
      const pattern = this.apply(this.expression, tightest);
      let escapedBy: tree.Expression | undefined;
      this.option(0, {
        gate: () => !isOperator,
        parse: () => {
          this.consume(K.ESCAPE);
          escapedBy = this.apply(this.expression, PRECEDENCE.other);
        },
      });
      const caseInsensitive = op.tokenType === K.ILIKE || op.image.endsWith("*");
      const negated = not || op.image.startsWith("!");
      return { kind: "like", operand, pattern, escape: escapedBy, caseInsensitive, negated, range: this.since(start) };
    },
  );

  /** `::type`, AT TIME ZONE, and what may follow a value in DuckDB but is not supported. */
  private readonly postfix: Rule<[start: number, operand: tree.Expression], tree.Expression> = this.rule(
    "postfix",
    (start: number, operand: tree.Expression): tree.Expression =>
      this.or<tree.Expression>(0, [
        {
          parse: (): tree.Cast => {
            this.consume(DoubleColon);
            const type = this.apply(this.typeName);
            return { kind: "cast", operand, type, try: false, range: this.since(start) };
          },
        },
        {
          parse: (): tree.Call => {
            const nameStart = this.start();
            this.consume(K.AT);
            this.consume(K.TIME);
            this.consume(K.ZONE);
            const name: tree.Identifier = {
              kind: "identifier",
              name: "timezone",
              quoted: false,
              range: this.since(nameStart),
            };
            const zone = this.apply(this.expression, PRECEDENCE.collate);
            return plainCall(name, [zone, operand], this.since(start));
          },
        },
        {
          parse: () => {
            this.consume(K.COLLATE);
            return this.refuse("COLLATE is");
          },
        },
        {
          parse: () => {
            this.consume(LBracket);
            return this.refuse("subscripts are");
          },
        },
        {
          parse: () => {
            this.consume(Dot);
            return this.refuse("field access and method calls are");
          },
        },
        {
          parse: () => {
            const op = this.consume(UnknownOperator).image;
            return this.refuse(`the operator ${op} is`, symbolHints[op]);
          },
        },
        {
          parse: () => {
            this.consume(Colon);
            return this.refuse("an alias before its expression is", "write it after: expression AS alias");
          },
        },
      ]),
  );

  protected readonly expressions: Rule<[], readonly tree.Expression[]> = this.rule("expressions", () => {
    const list: tree.Expression[] = [];
    this.atLeastOneSeparated(0, {
      separator: Comma,
      parse: () => list.push(this.apply(this.expression)),
      expected: "an expression",
    });
    return list;
  });
}

/** Comparisons and the like do not chain with their own kind; what ends in a parenthesis or a word does. */
const chains = (expression: tree.Expression, precedence: number): boolean => {
  if (precedence === PRECEDENCE.compare) return expression.kind === "quantified";
  return precedence === PRECEDENCE.other || !["like", "between", "isDistinct"].includes(expression.kind);
};

export const plainCall = (
  name: tree.Identifier,
  args: readonly tree.Expression[],
  range: tree.Call["range"],
): tree.Call => ({
  kind: "call",
  name,
  args,
  star: false,
  distinct: false,
  orderBy: [],
  withinGroup: [],
  filter: undefined,
  range,
});
