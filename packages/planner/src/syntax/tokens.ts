import { Name } from "./keywords.ts";
import { type TokenType, tokenType } from "./token.ts";

// Letters are ASCII letters, the underscore and everything beyond ASCII but spaces and typographic quotes.
const LETTER =
  "A-Za-z_\\u00A1-\\u167F\\u1681-\\u1FFF\\u202A-\\u202E\\u2030-\\u205E\\u2060-\\u2FFF\\u3001-\\uFEFE\\uFF00-\\uFFFF";
const SPACE = /[ \t\r\n\f\v\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u3000\uFEFF]+/;

/** How a kind of token is found in a text. */
export interface Pattern {
  /** Undefined for what is skipped. */
  readonly type: TokenType | undefined;
  /** The ASCII characters it may begin with. */
  readonly starts: string;
  /** Whether it may begin with others. */
  readonly beyondAscii: boolean;
  /** The length of the token at an offset that begins with one of these; 0 when there is none. */
  readonly match: (text: string, offset: number) => number;
}

const pattern = (
  type: TokenType | undefined,
  starts: string,
  match: RegExp | Pattern["match"],
  beyondAscii = false,
): Pattern => ({ type, starts, beyondAscii, match: match instanceof RegExp ? matchOf(match) : match });

const matchOf = ({ source }: RegExp): Pattern["match"] => {
  const sticky = new RegExp(source, "y");
  return (text, offset) => {
    sticky.lastIndex = offset;
    return sticky.test(text) ? sticky.lastIndex - offset : 0;
  };
};

const DIGITS = "0123456789";
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";

export const Identifier = tokenType("Identifier", Name);
export const QuotedIdentifier = tokenType("QuotedIdentifier", Name);

/** Any spelling of a string. */
export const StringLiteral = tokenType("StringLiteral");
export const PlainString = tokenType("PlainString", StringLiteral);
export const EscapeString = tokenType("EscapeString", StringLiteral);
export const DollarString = tokenType("DollarString", StringLiteral);
export const BlobLiteral = tokenType("BlobLiteral");

export const NumberLiteral = tokenType("NumberLiteral");
/** `0x1F`, `0b01`, `0o7`: refused, since reading `0` with an alias would be a silent mistake. */
export const RadixNumber = tokenType("RadixNumber");
export const Parameter = tokenType("Parameter");

export const CompareOperator = tokenType("CompareOperator");
/** `+`, `-`, `*`, … and `||`: binary operators whose operands are single values. */
export const ArithmeticOperator = tokenType("ArithmeticOperator");
export const LikeOperator = tokenType("LikeOperator");
/** Operators no expression here has: lexed whole, so that the refusal can name them. */
export const UnknownOperator = tokenType("UnknownOperator");

export const Equal = tokenType("Equal", CompareOperator);
export const NotEqual = tokenType("NotEqual", CompareOperator);
export const LessEqual = tokenType("LessEqual", CompareOperator);
export const GreaterEqual = tokenType("GreaterEqual", CompareOperator);
export const Less = tokenType("Less", CompareOperator);
export const Greater = tokenType("Greater", CompareOperator);
export const Concat = tokenType("Concat", ArithmeticOperator);
export const Plus = tokenType("Plus", ArithmeticOperator);
export const Minus = tokenType("Minus", ArithmeticOperator);
export const Power = tokenType("Power", ArithmeticOperator);
export const Star = tokenType("Star", ArithmeticOperator);
export const IntegerDivide = tokenType("IntegerDivide", ArithmeticOperator);
export const Divide = tokenType("Divide", ArithmeticOperator);
export const Modulo = tokenType("Modulo", ArithmeticOperator);
export const DoubleColon = tokenType("DoubleColon");
export const Assign = tokenType("Assign");
export const Colon = tokenType("Colon");
export const Comma = tokenType("Comma");
export const Dot = tokenType("Dot");
export const Semicolon = tokenType("Semicolon");
export const LParen = tokenType("LParen");
export const RParen = tokenType("RParen");
export const LBracket = tokenType("LBracket");
export const RBracket = tokenType("RBracket");
export const LBrace = tokenType("LBrace");
export const RBrace = tokenType("RBrace");

// What is opened and never closed runs to the end of the text, so that the error can say what was opened where.
export const OpenComment = tokenType("OpenComment");
export const OpenString = tokenType("OpenString");
export const OpenIdentifier = tokenType("OpenIdentifier");
export const OpenDollarString = tokenType("OpenDollarString");

const nestedComment = (text: string, offset: number): number => {
  if (!text.startsWith("/*", offset)) return 0;
  const edge = /\/\*|\*\//g;
  edge.lastIndex = offset;
  let depth = 0;
  for (let match = edge.exec(text); match !== null; match = edge.exec(text)) {
    depth += match[0] === "/*" ? 1 : -1;
    if (depth === 0) return edge.lastIndex - offset;
  }
  return 0;
};

const dollarTag = /\$(?:[A-Za-z_\u0080-\uFFFF][A-Za-z_0-9\u0080-\uFFFF]*)?\$/y;
const dollarQuoted = (text: string, offset: number): number => {
  dollarTag.lastIndex = offset;
  const open = dollarTag.exec(text)?.[0];
  if (open === undefined) return 0;
  const close = text.indexOf(open, offset + open.length);
  return close < 0 ? 0 : close + open.length - offset;
};

const digits = "\\d+(?:_\\d+)*";
const number = new RegExp(`(?:${digits}(?:\\.(?:${digits})?)?|\\.${digits})(?:[eE][+-]?\\d+)?`);

const symbol = (type: TokenType, text: string): Pattern =>
  pattern(type, text[0]!, (from, offset) => (from.startsWith(text, offset) ? text.length : 0));

/** In the order they are tried. */
export const lexicon: readonly Pattern[] = [
  pattern(undefined, " \t\r\n\f\v", SPACE, true),
  pattern(undefined, "-", /--[^\n\r]*/),
  pattern(undefined, "/", nestedComment),
  pattern(OpenComment, "/", /\/\*[\s\S]*/),

  pattern(EscapeString, "eE", /[eE]'[^'\\]*(?:(?:''|\\[\s\S])[^'\\]*)*'/),
  pattern(BlobLiteral, "xX", /[xX]'[^']*'/),
  pattern(PlainString, "'", /'[^']*(?:''[^']*)*'/),
  pattern(DollarString, "$", dollarQuoted),
  pattern(OpenString, "'eExX", /[eExX]?'[\s\S]*/),
  pattern(OpenDollarString, "$", /\$(?:[A-Za-z_]\w*)?\$[\s\S]*/),

  pattern(QuotedIdentifier, '"', /"[^"]*(?:""[^"]*)*"/),
  pattern(OpenIdentifier, '"', /"[\s\S]*/),
  pattern(Identifier, LETTERS, new RegExp(`[${LETTER}][${LETTER}0-9$]*`), true),
  pattern(RadixNumber, "0", /0[xXbBoO][0-9A-Fa-f_]+/),
  pattern(NumberLiteral, `${DIGITS}.`, number),
  pattern(Parameter, "?$", /\?|\$(?:\d+|[A-Za-z_][A-Za-z_0-9]*)/),

  // Longer operators before their prefixes.
  pattern(LikeOperator, "!~", /!?~~\*?/),
  pattern(NotEqual, "<!", /<>|!=/),
  symbol(LessEqual, "<="),
  symbol(GreaterEqual, ">="),
  symbol(Concat, "||"),
  pattern(Power, "*^", /\*\*|\^/),
  symbol(IntegerDivide, "//"),
  symbol(DoubleColon, "::"),
  symbol(Assign, ":="),
  pattern(UnknownOperator, "-=<>&@^!~#|`", /->>?|=>|<<|>>|&&|@>|<@|\^@|!~\*?|~\*|[~!@#&|`]/),

  pattern(Equal, "=", /==?/),
  symbol(Less, "<"),
  symbol(Greater, ">"),
  symbol(Plus, "+"),
  symbol(Minus, "-"),
  symbol(Star, "*"),
  symbol(Divide, "/"),
  symbol(Modulo, "%"),
  symbol(Colon, ":"),
  symbol(Comma, ","),
  symbol(Dot, "."),
  symbol(Semicolon, ";"),
  symbol(LParen, "("),
  symbol(RParen, ")"),
  symbol(LBracket, "["),
  symbol(RBracket, "]"),
  symbol(LBrace, "{"),
  symbol(RBrace, "}"),
];
