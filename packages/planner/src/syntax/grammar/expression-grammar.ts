import type { IToken } from "chevrotain";
import { K } from "../keywords.ts";
import { symbolHints } from "../phrases.ts";
import { binaryOp, PRECEDENCE, tokenPrecedence } from "../precedence.ts";
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
import type { Rule } from "./base-grammar.ts";
import { TypeGrammar } from "./type-grammar.ts";

/** Operators, by precedence climbing: an operand, then every operator that binds at least as tightly as asked. */
export abstract class ExpressionGrammar extends TypeGrammar {
  protected abstract readonly primary: Rule<[], tree.Expression>;
  protected abstract readonly query: Rule<[], tree.Query>;
  /** Whether the `(` that is the `ahead`-th token opens a subquery. */
  protected abstract opensQuery(ahead: number): boolean;

  protected readonly expression: Rule<[loosest?: number], tree.Expression> = this.RULE(
    "expression",
    (loosest: number = PRECEDENCE.or): tree.Expression => {
      const start = this.enter();
      let left = this.OR({
        DEF: [
          { ALT: () => this.SUBRULE(this.primary) },
          { ALT: () => this.SUBRULE(this.signed) },
          { ALT: () => this.SUBRULE(this.negation) },
        ],
        ERR_MSG: "an expression",
      });
      // An AND or OR in parentheses is an operand of its own; only one that this loop made is extended.
      let run: tree.Logical | undefined;
      let unchained = 0;
      this.MANY({
        GATE: () => this.continues(loosest, unchained),
        DEF: () => {
          const precedence = this.nextPrecedence();
          left = this.OR1([
            { ALT: () => this.SUBRULE(this.logical, { ARGS: [start, left, left === run] }) },
            { ALT: () => this.SUBRULE(this.comparison, { ARGS: [start, left] }) },
            { ALT: () => this.SUBRULE(this.arithmetic, { ARGS: [start, left] }) },
            { ALT: () => this.SUBRULE(this.isTest, { ARGS: [start, left] }) },
            { ALT: () => this.SUBRULE(this.rangeTest, { ARGS: [start, left] }) },
            { ALT: () => this.SUBRULE(this.postfix, { ARGS: [start, left] }) },
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

  private readonly negation: Rule<[], tree.Unary> = this.RULE("negation", (): tree.Unary => {
    const start = this.start();
    this.CONSUME(K.NOT);
    const operand = this.SUBRULE(this.expression, { ARGS: [PRECEDENCE.not] });
    return { kind: "unary", op: "not", operand, range: this.since(start) };
  });

  private readonly signed: Rule<[], tree.Unary> = this.RULE("signed", (): tree.Unary => {
    const start = this.start();
    const sign = this.oneOf(0, [Minus, Plus]);
    const operand = this.SUBRULE(this.expression, { ARGS: [PRECEDENCE.sign] });
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

  private readonly logical: Rule<[start: number, left: tree.Expression, extend: boolean], tree.Logical> = this.RULE(
    "logical",
    (start: number, left: tree.Expression, extend: boolean): tree.Logical => {
      const op = this.oneOf(0, [K.AND, K.OR]);
      const isAnd = op.tokenType === K.AND;
      const right = this.SUBRULE(this.expression, { ARGS: [isAnd ? PRECEDENCE.not : PRECEDENCE.and] });
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

  private readonly arithmetic: Rule<[start: number, left: tree.Expression], tree.Binary> = this.RULE(
    "arithmetic",
    (start: number, left: tree.Expression): tree.Binary => {
      const op = this.CONSUME(ArithmeticOperator);
      const tighter = (tokenPrecedence.get(op.tokenType) ?? 0) + 1;
      const right = this.SUBRULE(this.expression, { ARGS: [tighter] });
      return { kind: "binary", op: binaryOp(op.image), left, right, range: this.since(start) };
    },
  );

  private readonly comparison: Rule<[start: number, left: tree.Expression], tree.Binary | tree.Quantified> = this.RULE(
    "comparison",
    (start: number, left: tree.Expression): tree.Binary | tree.Quantified => {
      const op = binaryOp(this.CONSUME(CompareOperator).image) as tree.CompareOp;
      return this.OR([
        {
          ALT: (): tree.Quantified => {
            const word = this.SUBRULE(this.quantifier);
            if (this.follows(1, LParen) && !this.opensQuery(1)) {
              this.refuse(`${word.image.toUpperCase()} over a list is`, "write IN (…)");
            }
            this.CONSUME(LParen);
            const query = this.SUBRULE(this.query);
            this.CONSUME(RParen);
            const quantifier = word.tokenType === K.ALL ? "all" : "any";
            return { kind: "quantified", op, quantifier, operand: left, query, range: this.since(start) };
          },
        },
        {
          ALT: (): tree.Binary => {
            const right = this.SUBRULE(this.expression, { ARGS: [PRECEDENCE.range] });
            return { kind: "binary", op, left, right, range: this.since(start) };
          },
        },
      ]);
    },
  );

  private readonly quantifier: Rule<[], IToken> = this.RULE("quantifier", () => this.oneOf(0, [K.ANY, K.SOME, K.ALL]));

  /** IS …, ISNULL, NOTNULL. */
  private readonly isTest: Rule<[start: number, operand: tree.Expression], tree.Is | tree.IsDistinct> = this.RULE(
    "isTest",
    (start: number, operand: tree.Expression): tree.Is | tree.IsDistinct => {
      const is = (test: tree.Is["test"], negated: boolean): tree.Is => ({
        kind: "is",
        operand,
        test,
        negated,
        range: this.since(start),
      });
      return this.OR([
        {
          ALT: () => {
            this.CONSUME(K.ISNULL);
            return is("null", false);
          },
        },
        {
          ALT: () => {
            this.CONSUME(K.NOTNULL);
            return is("null", true);
          },
        },
        {
          ALT: (): tree.Is | tree.IsDistinct => {
            this.CONSUME(K.IS);
            const negated = this.flag(1, K.NOT);
            return this.OR1({
              DEF: [
                {
                  ALT: (): tree.IsDistinct => {
                    this.CONSUME(K.DISTINCT);
                    this.CONSUME(K.FROM);
                    const right = this.SUBRULE(this.expression, { ARGS: [PRECEDENCE.compare] });
                    return { kind: "isDistinct", left: operand, right, negated, range: this.since(start) };
                  },
                },
                {
                  ALT: () => {
                    const word = this.oneOf(2, [K.NULL, K.TRUE, K.FALSE, K.UNKNOWN]);
                    return is(word.image.toLowerCase() as tree.Is["test"], negated);
                  },
                },
              ],
              ERR_MSG: "NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM",
            });
          },
        },
      ]);
    },
  );

  /** [NOT] BETWEEN, IN, LIKE, ILIKE, and the operators that mean LIKE; NOT NULL. */
  private readonly rangeTest: Rule<[start: number, operand: tree.Expression], tree.Expression> = this.RULE(
    "rangeTest",
    (start: number, operand: tree.Expression): tree.Expression => {
      const negated = this.flag(0, K.NOT);
      return this.OR([
        { ALT: () => this.SUBRULE(this.between, { ARGS: [start, operand, negated] }) },
        { ALT: () => this.SUBRULE(this.inTest, { ARGS: [start, operand, negated] }) },
        { ALT: () => this.SUBRULE(this.like, { ARGS: [start, operand, negated] }) },
        {
          // Only after NOT: a NULL alone does not continue an expression.
          ALT: (): tree.Is => {
            this.CONSUME(K.NULL);
            return { kind: "is", operand, test: "null", negated: true, range: this.since(start) };
          },
        },
        {
          ALT: () => {
            this.CONSUME(K.SIMILAR);
            return this.refuse("SIMILAR TO is", "use LIKE or regexp_matches");
          },
        },
        {
          ALT: () => {
            this.CONSUME(K.GLOB);
            return this.refuse("GLOB is", "use LIKE");
          },
        },
      ]);
    },
  );

  private readonly between: Rule<[start: number, operand: tree.Expression, negated: boolean], tree.Between> = this.RULE(
    "between",
    (start: number, operand: tree.Expression, negated: boolean): tree.Between => {
      this.CONSUME(K.BETWEEN);
      const symmetric = this.flag(0, K.SYMMETRIC);
      const low = this.SUBRULE1(this.expression, { ARGS: [PRECEDENCE.other] });
      this.CONSUME(K.AND);
      const high = this.SUBRULE2(this.expression, { ARGS: [PRECEDENCE.other] });
      return { kind: "between", operand, low, high, symmetric, negated, range: this.since(start) };
    },
  );

  private readonly inTest: Rule<
    [start: number, operand: tree.Expression, negated: boolean],
    tree.InList | tree.InQuery
  > = this.RULE("inTest", (start: number, operand: tree.Expression, negated: boolean): tree.InList | tree.InQuery => {
    this.CONSUME(K.IN);
    const isQuery = !this.RECORDING_PHASE && this.opensQuery(1);
    this.CONSUME(LParen);
    return this.OR([
      {
        GATE: () => isQuery,
        ALT: (): tree.InQuery => {
          const query = this.SUBRULE(this.query);
          this.CONSUME1(RParen);
          return { kind: "inQuery", operand, query, negated, range: this.since(start) };
        },
      },
      {
        ALT: (): tree.InList => {
          const list = this.SUBRULE(this.expressions);
          this.CONSUME2(RParen);
          return { kind: "inList", operand, list, negated, range: this.since(start) };
        },
      },
    ]);
  });

  private readonly like: Rule<[start: number, operand: tree.Expression, negated: boolean], tree.Like> = this.RULE(
    "like",
    (start: number, operand: tree.Expression, not: boolean): tree.Like => {
      const op = this.oneOf(0, [K.LIKE, K.ILIKE, LikeOperator]);
      const isOperator = op.tokenType === LikeOperator;
      const tightest = isOperator ? PRECEDENCE.add : PRECEDENCE.other;
      const pattern = this.SUBRULE1(this.expression, { ARGS: [tightest] });
      let escapedBy: tree.Expression | undefined;
      this.OPTION({
        GATE: () => !isOperator,
        DEF: () => {
          this.CONSUME(K.ESCAPE);
          escapedBy = this.SUBRULE2(this.expression, { ARGS: [PRECEDENCE.other] });
        },
      });
      const caseInsensitive = op.tokenType === K.ILIKE || op.image.endsWith("*");
      const negated = not || op.image.startsWith("!");
      return { kind: "like", operand, pattern, escape: escapedBy, caseInsensitive, negated, range: this.since(start) };
    },
  );

  /** `::type`, AT TIME ZONE, and what may follow a value in DuckDB but is not supported. */
  private readonly postfix: Rule<[start: number, operand: tree.Expression], tree.Expression> = this.RULE(
    "postfix",
    (start: number, operand: tree.Expression): tree.Expression =>
      this.OR([
        {
          ALT: (): tree.Cast => {
            this.CONSUME(DoubleColon);
            const type = this.SUBRULE(this.typeName);
            return { kind: "cast", operand, type, try: false, range: this.since(start) };
          },
        },
        {
          ALT: (): tree.Call => {
            const nameStart = this.start();
            this.CONSUME(K.AT);
            this.CONSUME(K.TIME);
            this.CONSUME(K.ZONE);
            const name: tree.Identifier = {
              kind: "identifier",
              name: "timezone",
              quoted: false,
              range: this.since(nameStart),
            };
            const zone = this.SUBRULE(this.expression, { ARGS: [PRECEDENCE.collate] });
            return plainCall(name, [zone, operand], this.since(start));
          },
        },
        {
          ALT: () => {
            this.CONSUME(K.COLLATE);
            return this.refuse("COLLATE is");
          },
        },
        {
          ALT: () => {
            this.CONSUME(LBracket);
            return this.refuse("subscripts are");
          },
        },
        {
          ALT: () => {
            this.CONSUME(Dot);
            return this.refuse("field access and method calls are");
          },
        },
        {
          ALT: () => {
            const op = this.CONSUME(UnknownOperator).image;
            return this.refuse(`the operator ${op} is`, symbolHints[op]);
          },
        },
        {
          ALT: () => {
            this.CONSUME(Colon);
            return this.refuse("an alias before its expression is", "write it after: expression AS alias");
          },
        },
      ]),
  );

  protected readonly expressions: Rule<[], readonly tree.Expression[]> = this.RULE("expressions", () => {
    const list: tree.Expression[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: Comma,
      DEF: () => list.push(this.SUBRULE(this.expression)),
      ERR_MSG: "an expression",
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
