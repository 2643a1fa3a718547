import { createToken, Lexer, type TokenType } from "chevrotain";
import { FunctionName, keywordTypes, Label, Name } from "./keywords.ts";

// Letters are ASCII letters, the underscore and everything beyond ASCII but spaces and typographic quotes.
const LETTER =
  "A-Za-z_\\u00A1-\\u167F\\u1681-\\u1FFF\\u202A-\\u202E\\u2030-\\u205E\\u2060-\\u2FFF\\u3001-\\uFEFE\\uFF00-\\uFFFF";
const SPACE = /[ \t\r\n\f\v\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u3000\uFEFF]+/;

export const Identifier = createToken({
  name: "Identifier",
  pattern: new RegExp(`[${LETTER}][${LETTER}0-9$]*`),
  categories: [Name],
});
export const QuotedIdentifier = createToken({
  name: "QuotedIdentifier",
  pattern: /"[^"]*(?:""[^"]*)*"/,
  categories: [Name],
});

/** Any spelling of a string. */
export const StringLiteral = createToken({ name: "StringLiteral", pattern: Lexer.NA });
export const PlainString = createToken({
  name: "PlainString",
  pattern: /'[^']*(?:''[^']*)*'/,
  categories: [StringLiteral],
});
export const EscapeString = createToken({
  name: "EscapeString",
  pattern: /[eE]'[^'\\]*(?:(?:''|\\[\s\S])[^'\\]*)*'/,
  categories: [StringLiteral],
});
const dollarQuoted = (text: string, offset: number): [string] | null => {
  const tag = /\$(?:[A-Za-z_\u0080-\uFFFF][A-Za-z_0-9\u0080-\uFFFF]*)?\$/y;
  tag.lastIndex = offset;
  const open = tag.exec(text)?.[0];
  if (open === undefined) return null;
  const close = text.indexOf(open, offset + open.length);
  return close < 0 ? null : [text.slice(offset, close + open.length)];
};
export const DollarString = createToken({
  name: "DollarString",
  pattern: { exec: dollarQuoted },
  start_chars_hint: ["$"],
  line_breaks: true,
  categories: [StringLiteral],
});
export const BlobLiteral = createToken({ name: "BlobLiteral", pattern: /[xX]'[^']*'/ });

const DIGITS = "\\d+(?:_\\d+)*";
export const NumberLiteral = createToken({
  name: "NumberLiteral",
  pattern: new RegExp(`(?:${DIGITS}(?:\\.(?:${DIGITS})?)?|\\.${DIGITS})(?:[eE][+-]?\\d+)?`),
});
/** `0x1F`, `0b01`, `0o7`: refused, since reading `0` with an alias would be a silent mistake. */
export const RadixNumber = createToken({ name: "RadixNumber", pattern: /0[xXbBoO][0-9A-Fa-f_]+/ });
export const Parameter = createToken({ name: "Parameter", pattern: /\?|\$(?:\d+|[A-Za-z_][A-Za-z_0-9]*)/ });

export const CompareOperator = createToken({ name: "CompareOperator", pattern: Lexer.NA });
/** `+`, `-`, `*`, … and `||`: binary operators whose operands are single values. */
export const ArithmeticOperator = createToken({ name: "ArithmeticOperator", pattern: Lexer.NA });
export const LikeOperator = createToken({ name: "LikeOperator", pattern: /!?~~\*?/ });
/** Operators no expression here has: lexed whole, so that the refusal can name them. */
export const UnknownOperator = createToken({
  name: "UnknownOperator",
  pattern: /->>?|=>|<<|>>|&&|@>|<@|\^@|!~\*?|~\*|[~!@#&|`]/,
});

const symbol = (name: string, pattern: string | RegExp, category?: TokenType): TokenType =>
  createToken({ name, pattern, ...(category === undefined ? {} : { categories: [category] }) });

export const Equal = symbol("Equal", /==?/, CompareOperator);
export const NotEqual = symbol("NotEqual", /<>|!=/, CompareOperator);
export const LessEqual = symbol("LessEqual", "<=", CompareOperator);
export const GreaterEqual = symbol("GreaterEqual", ">=", CompareOperator);
export const Less = symbol("Less", "<", CompareOperator);
export const Greater = symbol("Greater", ">", CompareOperator);
export const Concat = symbol("Concat", "||", ArithmeticOperator);
export const Plus = symbol("Plus", "+", ArithmeticOperator);
export const Minus = symbol("Minus", "-", ArithmeticOperator);
export const Power = symbol("Power", /\*\*|\^/, ArithmeticOperator);
export const Star = symbol("Star", "*", ArithmeticOperator);
export const IntegerDivide = symbol("IntegerDivide", "//", ArithmeticOperator);
export const Divide = symbol("Divide", "/", ArithmeticOperator);
export const Modulo = symbol("Modulo", "%", ArithmeticOperator);
export const DoubleColon = symbol("DoubleColon", "::");
export const Assign = symbol("Assign", ":=");
export const Colon = symbol("Colon", ":");
export const Comma = symbol("Comma", ",");
export const Dot = symbol("Dot", ".");
export const Semicolon = symbol("Semicolon", ";");
export const LParen = symbol("LParen", "(");
export const RParen = symbol("RParen", ")");
export const LBracket = symbol("LBracket", "[");
export const RBracket = symbol("RBracket", "]");
export const LBrace = symbol("LBrace", "{");
export const RBrace = symbol("RBrace", "}");

const Space = createToken({ name: "Space", pattern: SPACE, group: Lexer.SKIPPED, line_breaks: true });
const LineComment = createToken({ name: "LineComment", pattern: /--[^\n\r]*/, group: Lexer.SKIPPED });
const nestedComment = (text: string, offset: number): [string] | null => {
  if (!text.startsWith("/*", offset)) return null;
  const edge = /\/\*|\*\//g;
  edge.lastIndex = offset;
  let depth = 0;
  for (let match = edge.exec(text); match !== null; match = edge.exec(text)) {
    depth += match[0] === "/*" ? 1 : -1;
    if (depth === 0) return [text.slice(offset, edge.lastIndex)];
  }
  return null;
};
const BlockComment = createToken({
  name: "BlockComment",
  pattern: { exec: nestedComment },
  start_chars_hint: ["/"],
  line_breaks: true,
  group: Lexer.SKIPPED,
});

// What is opened and never closed runs to the end of the text, so that the error can say what was opened where.
export const OpenComment = createToken({ name: "OpenComment", pattern: /\/\*[\s\S]*/, line_breaks: true });
export const OpenString = createToken({ name: "OpenString", pattern: /[eExX]?'[\s\S]*/, line_breaks: true });
export const OpenIdentifier = createToken({ name: "OpenIdentifier", pattern: /"[\s\S]*/, line_breaks: true });
export const OpenDollarString = createToken({
  name: "OpenDollarString",
  pattern: /\$(?:[A-Za-z_]\w*)?\$[\s\S]*/,
  line_breaks: true,
});

/** In the order they are tried. */
export const lexicon: TokenType[] = [
  ...[Space, LineComment, BlockComment, OpenComment],
  ...[EscapeString, BlobLiteral, PlainString, DollarString, OpenString, OpenDollarString],
  ...[QuotedIdentifier, OpenIdentifier, Identifier, RadixNumber, NumberLiteral, Parameter],
  // Longer operators before their prefixes.
  ...[LikeOperator, NotEqual, LessEqual, GreaterEqual],
  ...[Concat, Power, IntegerDivide, DoubleColon, Assign, UnknownOperator],
  ...[Equal, Less, Greater, Plus, Minus, Star, Divide, Modulo, Colon, Comma, Dot, Semicolon],
  ...[LParen, RParen, LBracket, RBracket, LBrace, RBrace],
];

/** Everything the parser may meet. */
export const vocabulary: TokenType[] = [
  ...[Label, FunctionName, Name, StringLiteral, CompareOperator, ArithmeticOperator],
  ...lexicon,
  ...keywordTypes.values(),
];
