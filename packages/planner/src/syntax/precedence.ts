import { K } from "./keywords.ts";
import type { TokenType } from "./token.ts";
import {
  Colon,
  Concat,
  Divide,
  Dot,
  DoubleColon,
  Equal,
  Greater,
  GreaterEqual,
  IntegerDivide,
  LBracket,
  Less,
  LessEqual,
  LikeOperator,
  Minus,
  Modulo,
  NotEqual,
  Plus,
  Power,
  Star,
  UnknownOperator,
} from "./tokens.ts";
import type { BinaryOp } from "./tree.ts";

/**
 * How tightly operators bind, loosest first: PostgreSQL's table (§4.1.6) as DuckDB has it. All that are binary associate to the left,
 * but `is`, `compare` and `range` do not chain.
 */
export const PRECEDENCE = {
  or: 1,
  and: 2,
  not: 3,
  is: 4,
  compare: 5,
  /** BETWEEN, IN, LIKE, ILIKE. */
  range: 6,
  /** `||`, `~~`. */
  other: 7,
  add: 8,
  multiply: 9,
  power: 10,
  zone: 11,
  collate: 12,
  sign: 13,
  postfix: 14,
} as const;

const level = (precedence: number, ...types: readonly TokenType[]): [TokenType, number][] =>
  types.map((type) => [type, precedence]);

/** Of the tokens that continue an expression; NOT is told by what follows it. */
export const tokenPrecedence: ReadonlyMap<TokenType, number> = new Map([
  ...level(PRECEDENCE.or, K.OR),
  ...level(PRECEDENCE.and, K.AND),
  ...level(PRECEDENCE.is, K.IS, K.ISNULL, K.NOTNULL),
  ...level(PRECEDENCE.compare, Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual),
  ...level(PRECEDENCE.range, K.BETWEEN, K.IN, K.LIKE, K.ILIKE, K.GLOB, K.SIMILAR),
  ...level(PRECEDENCE.other, Concat, LikeOperator, UnknownOperator),
  ...level(PRECEDENCE.add, Plus, Minus),
  ...level(PRECEDENCE.multiply, Star, Divide, IntegerDivide, Modulo),
  ...level(PRECEDENCE.power, Power),
  ...level(PRECEDENCE.zone, K.AT),
  ...level(PRECEDENCE.collate, K.COLLATE),
  ...level(PRECEDENCE.postfix, DoubleColon, LBracket, Dot, Colon),
]);

const SPELLINGS: Readonly<Record<string, BinaryOp>> = { "==": "=", "!=": "<>", "**": "^" };

/** The operator as the tree names it: one spelling for each meaning. */
export const binaryOp = (image: string): BinaryOp => SPELLINGS[image] ?? (image as BinaryOp);

/** Of the tree's binary operators. */
export const opPrecedence = (op: BinaryOp): number => {
  switch (op) {
    case "=":
    case "<>":
    case "<":
    case "<=":
    case ">":
    case ">=":
      return PRECEDENCE.compare;
    case "||":
      return PRECEDENCE.other;
    case "+":
    case "-":
      return PRECEDENCE.add;
    case "*":
    case "/":
    case "//":
    case "%":
      return PRECEDENCE.multiply;
    case "^":
      return PRECEDENCE.power;
  }
};
